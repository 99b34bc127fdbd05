"""Steps of Adam on samples in one compiled loop: draw, down, up, back, and on to the next."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from torchsim.training.fused.compiled import Doubles, Floats, Words, compiled, inlined
from torchsim.training.fused.inputs import Inputs, draw, fill
from torchsim.training.fused.products import add_outer, errors, multiply
from torchsim.training.fused.sparse import MANY, Active, Padded, add_outer_of_active, descend, find


class Weights(NamedTuple):
    """All instances of a group: (models, restarts, n, m + 1), W with b as a last column."""

    values: Floats
    first: Floats  # Adam's moments
    second: Floats
    total: Doubles  # (models, restarts), losses since the last record
    sound: NDArray[np.int64]  # (models, restarts), steps that stayed finite


class GroupTask(NamedTuple):
    """What is asked of the models of a group, the same in every step."""

    inputs: Inputs
    batch: int
    importance: Floats  # (models, n)
    floor: Floats  # (models,), 0, or −∞ where no ReLU cuts
    sparse: NDArray[np.bool_]  # (models,), whether few features are active


class Share(NamedTuple):
    """What one thread works on: some models of one seed, at one restart, and its own memory.

    The numbers are drawn once for all of the models.
    """

    models: NDArray[np.int64]
    restart: int  # its place in ``Weights``
    key: Words  # (2,), seed and restart
    numbers: Words  # (rows, count)
    x: Floats  # (n, count)
    z: Floats  # (n, count), later the errors
    h: Floats  # (m, count)
    back: Floats  # (m, count), WᵀD
    down: Floats  # (m, n), Wᵀ
    bias: Floats  # (n,)
    nothing: Floats  # (m,), zeros
    active: Active  # where x is not 0, and where the errors are not
    passed: Active
    padded: Padded
    slopes: Floats  # (models of this share, n, m + 1)
    losses: Doubles  # (models of this share,)


@compiled
def advance(weights: Weights, task: GroupTask, share: Share, step: int, lengths: Floats) -> None:
    """Take steps ``step``, counted from 0, and following, of these lengths, for one share."""
    size = share.x.shape[1]
    for t in range(lengths.shape[0]):
        share.slopes[:] = 0
        share.losses[:] = 0
        for first in range(0, task.batch, size):
            count = min(size, task.batch - first)
            draw(share.numbers, task.inputs.rows, first, count, step + t, share.key)
            for place in range(share.models.size):
                _work(weights, task, share, place, count)
        for place in range(share.models.size):
            _move(weights, task, share, place, lengths[t])


@inlined
def _work(weights: Weights, task: GroupTask, share: Share, place: int, count: int) -> None:
    """Add to a model's loss and slopes what the samples in hand bring; the slopes are of L/n."""
    a = share.models[place]
    W, slopes = weights.values[a, share.restart], share.slopes[place]
    n, m = share.bias.size, share.nothing.size
    for i in range(n):
        share.bias[i] = W[i, m]
        for j in range(m):
            share.down[j, i] = share.padded.rows[i, j] = W[i, j]
    fill(share.x, task.inputs, a, share.numbers, count)
    _look(share.x, share.active, task.sparse[a], count)
    _down(share.h, share.x, share.active, share, count)
    multiply(share.z, W, share.h, share.bias, count)
    real = W.dtype.type
    for i in range(n):
        weight = task.importance[a, i]
        scale = weight * real(2 / (task.batch * n))
        squares, slope = errors(share.z, i, share.x, task.floor[a], scale, count)
        share.losses[place] += weight * squares
        slopes[i, m] += slope
    _look(share.z, share.passed, task.sparse[a], count)
    _down(share.back, share.z, share.passed, share, count)
    _add_outer(slopes, share.z, share.h, share.passed, share, count)
    _add_outer(slopes, share.x, share.back, share.active, share, count)


@inlined
def _look(x: Floats, active: Active, sparse: bool, count: int) -> None:
    """Find what is not 0, where that can be little."""
    if sparse:
        find(x, count, active)
    else:
        active.ends[0] = MANY


@inlined
def _down(out: Floats, x: Floats, active: Active, share: Share, count: int) -> None:
    """out = Wᵀx, in the way that costs less."""
    if active.ends[0] == MANY:
        multiply(out, share.down, x, share.nothing, count)
    else:
        descend(out, active, share.padded, count)


@inlined
def _add_outer(
    out: Floats, x: Floats, columns: Floats, active: Active, share: Share, count: int
) -> None:
    """Add x · columnsᵀ to ``out``, in the way that costs less."""
    if active.ends[0] == MANY:
        add_outer(out, x, columns, count)
    else:
        add_outer_of_active(out, active, columns, share.padded, count)


@inlined
def _move(weights: Weights, task: GroupTask, share: Share, place: int, length: Floats) -> None:
    """Adam's step of one instance, as ``torch.optim`` takes it, and its loss."""
    a, r = share.models[place], share.restart
    real = weights.values.dtype.type
    shrunk, far, spread = length[0], length[1], length[2]
    new, kept, fresh, tiny = real(1 - 0.9), real(0.999), real(1 - 0.999), real(1e-8)
    squares = real(0)
    for i in range(weights.values.shape[2]):
        for j in range(weights.values.shape[3]):
            slope = share.slopes[place, i, j]
            first = weights.first[a, r, i, j]
            first += new * (slope - first)
            second = kept * weights.second[a, r, i, j] + fresh * slope * slope
            move = far * (first / (np.sqrt(second) / spread + tiny))
            weights.first[a, r, i, j], weights.second[a, r, i, j] = first, second
            weights.values[a, r, i, j] = weights.values[a, r, i, j] * shrunk - move
            squares += second
    weights.total[a, r] += share.losses[place] / task.batch
    if np.isfinite(weights.total[a, r] + squares):
        weights.sound[a, r] += 1
