"""Saddle points and dead outputs at which a descent stops, and how the search goes on from them.

Where a feature is dropped and the biases are the best ones, its row has no slope, whether or not it
is better kept: among independent features overlaps then count to second order only. So no descent
begins with a row of zeros; short rows are stirred first. And an output that is negative for every
input is dead: its loss has no slope. It is woken with a short row and the bias pᵢ/2, the best one
without a row. That lowers its own loss; what it does to the others decides whether it is kept.

An output without weight, Iᵢ = 0 or pᵢ = 0, may be anything, so there are endless minima of one
loss. Dropping the feature picks one of them. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from handcalc.superposition.best.bfgs import Bits, Floats, Integers, Reached, minimise
from handcalc.superposition.best.objective import BatchObjective

_SHORT = 1e-2  # what a row is stirred to, about; one of a tenth of it is stirred
_WAKES = 3  # so often a model is woken, at most


def minima_below(
    objective: BatchObjective, which: Integers, X: Floats, on_done: Callable[[int], None]
) -> Reached:
    """Where descents of the problems ``which`` lead from starts X of shape (starts, d)."""
    reached = _descended(objective, which, X, on_done)
    rows = np.arange(which.size)
    for _ in range(_WAKES):
        idle = _idle(objective, reached.X[rows], which[rows])
        some = idle.any(axis=1)
        rows = rows[some]
        if not rows.size:
            break
        without = _dropped(objective, reached.X[rows], which[rows], idle[some])
        woken = _descended(objective, which[rows], without, _unheard)
        rows = reached.lowered(rows, woken)
    return reached


def _descended(
    objective: BatchObjective, which: Integers, X: Floats, on_done: Callable[[int], None]
) -> Reached:
    def value(X: Floats, rows: Integers) -> tuple[Floats, Floats]:
        return objective.losses_and_gradients(X, which[rows])

    return minimise(value, _stirred(objective, X, which), on_done)


def _idle(objective: BatchObjective, X: Floats, which: Integers) -> Bits:
    """Which outputs are dead, or without weight and not dropped; of shape (models, n)."""
    W, b = objective.parts(X, which)
    sets = [[features for features, _ in block] for block in objective.distribution.supports]
    highest = highest_outputs(W @ np.swapaxes(W, 1, 2), b, sets)
    weightless, kept = objective.weight[which] == 0, np.any(W != 0, axis=2)
    idle: Bits = np.where(weightless, kept, highest <= 0)
    return idle


def highest_outputs(G: Floats, b: Floats, sets: Sequence[Sequence[Sequence[int]]]) -> Floats:
    """The largest zᵢ over all inputs, bᵢ + Σ over blocks of max over A of Σ_{j∈A} max(Gᵢⱼ, 0).

    ``G`` has shape (…, n, n) and ``b`` (…, n); ``sets`` holds the sets A of each block, of which
    one is active at a time. Features that raise zᵢ are then 1, all others 0.

    >>> highest_outputs(np.asarray([[1.0, -1.0], [-1.0, 1.0]]), np.zeros(2), [[(0,)], [(1,)]])
    array([1., 1.])
    """
    rising = np.maximum(G, 0)
    highest = b.copy()
    for block in sets:
        highest += np.max([np.sum(rising[..., list(A)], axis=-1) for A in block], axis=0)
    return highest


def _dropped(objective: BatchObjective, X: Floats, which: Integers, outputs: Bits) -> Floats:
    """The models without the rows of some outputs, whose biases are the best ones, pᵢ/2."""
    W, b = objective.parts(X, which)
    W = np.where(outputs[:, :, None], 0, W)
    return objective.joined(W, np.where(outputs, objective.probability[which] / 2, b), which)


def _stirred(objective: BatchObjective, X: Floats, which: Integers) -> Floats:
    """The models with their shortest rows replaced by random ones, always the same, still short."""
    W, b = objective.parts(X, which)
    rows = np.random.default_rng(1).normal(size=W.shape[1:]) * _SHORT
    short = np.sum(W * W, axis=2) < (_SHORT / 10) ** 2
    replaced = short & (objective.weight[which] > 0)
    return objective.joined(np.where(replaced[:, :, None], rows, W), b, which)


def _unheard(count: int) -> None:
    """What is woken has been counted before."""
