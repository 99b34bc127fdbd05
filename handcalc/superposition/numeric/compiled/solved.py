"""From arrays of models to losses and slopes."""

from __future__ import annotations

import numpy as np

from handcalc.superposition.numeric.compiled.lanes import LANES
from handcalc.superposition.numeric.compiled.models import Eight, Models, solve
from handcalc.superposition.numeric.compiled.rows import Floats, rows_of
from handcalc.superposition.numeric.compiled.work import KEPT, PASSED, PASSED_FIRST, Work
from handcalc.superposition.numeric.posed import Posed, posed


def try_out() -> None:
    """Work one small model out, so that the loops are compiled or read."""
    W = np.ones((1, 1, 1))
    solved(posed(W, W[0], None, 0, 1, "relu", gradient=True), gradient=True)


def solved(posed: Posed, *, gradient: bool) -> tuple[Floats, Floats, Floats]:
    """L (models,), and with the gradient ∂L/∂W (models, n, m) and ∂L/∂b (models, n).

    Without it the last two are of no use.
    """
    count, n, m = posed.W.shape
    rows = rows_of(posed.distribution, n)
    slots = 1 + (PASSED_FIRST if gradient else PASSED)

    def lanes(size: int) -> Floats:
        return np.empty((size, LANES))

    work = Work(
        rows=rows,
        table=lanes(rows.digits.shape[0] * slots),
        slots=slots,
        form=lanes(n + 1),
        sums=lanes(2 * (n + 1)),
        weights=lanes(rows.patterns.size),
        found=lanes(n + 1 + KEPT),
        total=lanes(n + 1 + KEPT),
        parts=1 / np.maximum(np.arange(n + 3.0), 1),
    )
    blocks = posed.off.shape[1]
    sizes = (n * m, n, blocks, blocks, n, 1, n * m, n, n * n)
    models = Models(
        W=_plain(posed.W),
        b=_plain(posed.b),
        off=_plain(posed.off),
        on=_plain(posed.on),
        importance=_plain(posed.importance),
        clipped=posed.activation == "relu",
        loss=np.empty(count),
        by_W=np.empty((count, n, m)),
        by_b=np.empty((count, n)),
    )
    solve(models, Eight(*map(lanes, sizes)), work)
    return models.loss, models.by_W, models.by_b


def _plain(values: Floats) -> Floats:
    """Row by row in memory and writable, as the loops are compiled for."""
    return np.require(values, np.float64, ["C", "W", "O"])
