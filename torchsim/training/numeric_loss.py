"""The numeric loss put to work: shared out to threads on the CPU, or whole on a CUDA device."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from handcalc.superposition.best.bfgs import Floats
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric import expected_losses_and_gradients
from handcalc.superposition.numeric.assignments import row_count
from handcalc.superposition.numeric.pattern_weights import most_active
from torchsim.specification import Device

THREADS = 2
_TOGETHER = {"cpu": 3 << 15, "cuda": 1 << 24}  # rows of the tables that are worked on together
_FEW = 8  # so few models are not shared out


@dataclass(frozen=True, slots=True, eq=False)
class NumericLoss:
    """``expected_losses_and_gradients`` for one activation, with NumPy's arrays in and out.

    How models are shared out to the threads of ``pool`` depends on their number alone, so the
    result is the same, bit for bit, however many threads there are.
    """

    activation: Activation
    device: Device
    pool: Executor

    def __call__(
        self,
        W: Floats,
        b: Floats,
        distribution: Distribution,
        *,
        sparsity: Floats,
        importance: Floats,
    ) -> tuple[Floats, Floats, Floats]:
        """L (models,), ∂L/∂W (models, n, m) and ∂L/∂b (models, n).

        >>> from concurrent.futures import ThreadPoolExecutor
        >>> from handcalc.superposition.loss.distribution import SparseUniform
        >>> W, b, one = np.ones((50, 1, 1)), np.zeros((50, 1)), np.ones((50, 1))
        >>> with ThreadPoolExecutor(THREADS) as pool:
        ...     L, by_W, by_b = NumericLoss("relu", "cpu", pool)(
        ...         W, b, SparseUniform(), sparsity=one / 2, importance=one
        ...     )
        >>> L.shape, float(np.max(np.abs(L))) < 1e-15  # x̂ = x
        ((50,), True)
        """
        count = W.shape[0]
        together = max(1, _TOGETHER[self.device] // rows(distribution, W.shape[1]))

        def work(part: slice) -> tuple[Floats, ...]:
            given = (self._placed(values[part]) for values in (W, b, sparsity, importance))
            places = dict(zip(("W", "b", "sparsity", "importance"), given, strict=True))
            found = expected_losses_and_gradients(
                distribution=distribution,
                activation=self.activation,
                at_once=together,
                **places,
            )
            return tuple(map(_returned, found))

        size = count if self.device == "cuda" else min(together, max(_FEW, -(-count // THREADS)))
        parts = [slice(first, first + size) for first in range(0, count, size)]
        if len(parts) == 1:
            L, by_W, by_b = work(parts[0])
        else:
            found = zip(*self.pool.map(work, parts), strict=True)
            L, by_W, by_b = map(np.concatenate, found)
        return L, by_W, by_b

    def _placed(self, values: Floats) -> Floats | Tensor:
        return values if self.device == "cpu" else torch.from_numpy(values).to(self.device)


def _returned(values: Floats | Tensor) -> Floats:
    return values.cpu().numpy() if isinstance(values, Tensor) else values


def rows(distribution: Distribution, n: int) -> int:
    """How many rows the tables of all n outputs of a model have.

    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> rows(SparseUniform(), 5) == 5 * 3**5
    True
    """
    return n * row_count(n, most_active(distribution, n))


def hold_on_to_memory() -> None:
    """Have the C library keep what is freed, for the next temporary array.

    Once a block so large has been freed, glibc no longer gives smaller ones back to the system, to
    get them again cleared: that took a third of the time. Elsewhere nothing changes.
    """
    np.empty((32 << 20) - (1 << 14), np.uint8)
