"""From arrays of models to losses and slopes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from handcalc.processes.cores import cores
from handcalc.superposition.numeric.compiled.lanes import LANES
from handcalc.superposition.numeric.compiled.models import (
    Eight,
    Models,
    begin_eight,
    end_eight,
    solve,
    solve_outputs,
)
from handcalc.superposition.numeric.compiled.rows import AssignmentRows, Floats, rows_of
from handcalc.superposition.numeric.compiled.work import KEPT, PASSED, PASSED_FIRST, Work
from handcalc.superposition.numeric.posed import Posed, posed

_SHARED = 3**9  # rows from which threads share the outputs out: those of 9 independent features


def try_out() -> None:
    """Work one small model out, so that the loops are compiled or read."""
    W = np.ones((1, 1, 1))
    solved(posed(W, W[0], None, 0, 1, "relu", gradient=True), gradient=True)


def solved(posed: Posed, *, gradient: bool) -> tuple[Floats, Floats, Floats]:
    """L (models,), and with the gradient ∂L/∂W (models, n, m) and ∂L/∂b (models, n).

    Without it the last two are of no use.
    """
    count, n, m = posed.W.shape
    blocks = posed.off.shape[1]
    rows = rows_of(posed.distribution, n)
    slots = 1 + (PASSED_FIRST if gradient else PASSED)
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
    eight = Eight(*map(_lanes, (n * m, n, blocks, blocks, n, n, n * m, n, n * n)))
    if rows.digits.shape[0] < _SHARED:
        solve(models, eight, _work(rows, n, slots))
    else:
        _share_out(models, eight, [_work(rows, n, slots) for _ in range(min(n, cores()))])
    return models.loss, models.by_W, models.by_b


def _share_out(models: Models, eight: Eight, works: Sequence[Work]) -> None:
    """As ``solve``, to the same bits, the outputs of each eight models shared out to threads."""
    slopes, parts = works[0].slots > PASSED_FIRST, len(works)
    with ThreadPoolExecutor(parts) as pool:

        def work(part: int) -> None:
            solve_outputs(models, eight, works[part], part, parts)

        for first in range(0, models.b.shape[0], LANES):
            begin_eight(models, eight, first)
            list(pool.map(work, range(parts)))
            end_eight(models, eight, first, slopes)


def _work(rows: AssignmentRows, n: int, slots: int) -> Work:
    """Room for one output."""
    return Work(
        rows=rows,
        table=_lanes(rows.digits.shape[0] * slots),
        slots=slots,
        form=_lanes(n + 1),
        sums=_lanes(2 * (n + 1)),
        weights=_lanes(rows.patterns.size),
        found=_lanes(n + 1 + KEPT),
        total=_lanes(n + 1 + KEPT),
        parts=1 / np.maximum(np.arange(n + 3.0), 1),
    )


def _lanes(size: int) -> Floats:
    return np.empty((size, LANES))


def _plain(values: Floats) -> Floats:
    """Row by row in memory and writable, as the loops are compiled for."""
    return np.require(values, np.float64, ["C", "W", "O"])
