"""The inputs of one step, drawn as ``torchsim.sampling`` draws them: the same, bit for bit.

Samples stand in another order, lane by lane of Philox's blocks: a step's sums do not ask for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import int32, uint32, uint64
from numpy.typing import NDArray

from torchsim.sampling import DrawnFeature
from torchsim.sampling.philox import INCREMENTS, MULTIPLIERS, ROUNDS, WORDS
from torchsim.training.fused.compiled import Floats, Words, compiled, inlined

_FIRST, _SECOND = map(np.uint32, MULTIPLIERS)
_MORE, _OTHER = map(np.uint32, INCREMENTS)


class Inputs(NamedTuple):
    """How the features of some models of one kind are drawn.

    A feature's number r makes x = (r − threshold + 1/2)/parts, 0 below the threshold. Where some
    are drawn together it is also 0 unless the number of row ``source`` is in one of its intervals,
    which begin at ``low`` and are ``width`` + 1 long.
    """

    rows: Words  # (rows,), the i of Philox's counter
    thresholds: Words  # (models, n), 2³² − T
    parts: Floats  # (models, n), T
    source: NDArray[np.int64]  # (n,), rows that features depend on
    intervals: NDArray[np.int64]  # (models, n), how many; −1 where a feature's own number is all
    low: Words  # (models, n, most)
    width: Words  # (models, n, most)

    @classmethod
    def of(cls, drawn: Sequence[Sequence[DrawnFeature]], dtype: np.dtype[np.floating]) -> Inputs:
        """From how each feature of each model is drawn."""
        n = len(drawn[0])
        rows = sorted({*range(n), *(feature.source for feature in drawn[0])})
        parts = np.array([[feature.parts for feature in each] for each in drawn], np.int64)
        most = max(len(feature.intervals) for each in drawn for feature in each)
        intervals = np.full(parts.shape, -1)
        low, width = np.zeros((2, *parts.shape, most), np.uint32)
        for a, each in enumerate(drawn):
            for i, feature in enumerate(each):
                if feature.source == i:
                    continue
                some = [pair for pair in feature.intervals if pair[0] < pair[1]]
                intervals[a, i] = len(some)
                for j, (first, end) in enumerate(some):
                    low[a, i, j], width[a, i, j] = first, end - 1 - first
        return cls(
            rows=np.array(rows, np.uint32),
            thresholds=(WORDS - parts.clip(min=1)).astype(np.uint32),
            parts=parts.astype(dtype),
            source=np.array([rows.index(feature.source) for feature in drawn[0]]),
            intervals=intervals,
            low=low,
            width=width,
        )


@compiled
def draw(r: Words, rows: Words, first: int, count: int, step: int, key: Words) -> None:
    """Write into ``r`` (rows, …) the numbers of samples ``first`` … ``first + count − 1``.

    ``first`` is a multiple of 4, ``key`` seed and restart. Philox4x32-10, as in
    ``torchsim.sampling.philox``.
    """
    blocks, seed, restart = (count + 3) // 4, key[0], key[1]
    for j in range(rows.size):
        row = rows[j]  # here, as no loop is vectorised that could write over what it reads
        for q in range(blocks):
            c0, c1, c2, c3 = uint32(first // 4 + q), uint32(step), row, uint32(0)
            k0, k1 = seed, restart
            for _ in range(ROUNDS):
                p0, p1 = uint64(_FIRST) * uint64(c0), uint64(_SECOND) * uint64(c2)
                c0, c1 = uint32(p1 >> uint64(32)) ^ c1 ^ k0, uint32(p1)
                c2, c3 = uint32(p0 >> uint64(32)) ^ c3 ^ k1, uint32(p0)
                k0, k1 = uint32(k0 + _MORE), uint32(k1 + _OTHER)
            r[j, q], r[j, blocks + q], r[j, 2 * blocks + q], r[j, 3 * blocks + q] = c0, c1, c2, c3
    if count % 4:  # the last block has samples that nobody asked for
        _close_up(r, rows.size, blocks, count % 4)


@compiled
def _close_up(r: Words, rows: int, blocks: int, lanes: int) -> None:
    """Leave out the last number of all lanes but the first ``lanes``."""
    for j in range(rows):
        place = lanes * blocks
        for lane in range(lanes, 4):
            for q in range(blocks - 1):
                r[j, place] = r[j, lane * blocks + q]
                place += 1


@inlined
def fill(x: Floats, inputs: Inputs, model: int, r: Words, count: int) -> None:
    """Write into ``x`` (n, …) a model's inputs from the numbers in ``r``."""
    for i in range(x.shape[0]):
        if inputs.parts[model, i] == 0:
            for k in range(count):
                x[i, k] = 0
            continue
        _values(x, r, i, inputs.thresholds[model, i], inputs.parts[model, i], count)
        if inputs.intervals[model, i] >= 0:
            _choose(x, inputs, model, i, r, count)


@compiled
def _values(
    x: Floats, r: Words, i: int, threshold: np.uint32, parts: np.floating, count: int
) -> None:
    """x = (r − threshold + 1/2)/T, and 0 below the threshold."""
    inverse, none = x.dtype.type(1) / parts, x.dtype.type(0)
    for k in range(count):
        value = quotient(uint32(r[i, k] - threshold), parts, inverse)
        x[i, k] = value if r[i, k] >= threshold else none


@compiled
def quotient(d: np.uint32, parts: np.floating, inverse: np.floating) -> np.floating:
    """(d + 1/2)/T, sum and quotient rounded once; ``inverse`` is 1/T.

    Both halves of a word and 1/2 are exact in float32, so their sum is rounded once. The quotient
    by way of 1/T, mended by what is left over, is the one that IEEE 754 asks for; source: Markstein
    1990, "Computation of elementary functions on the IBM RISC System/6000 processor", theorem 8.3.
    """
    real = type(parts)
    high, low = int32(uint32(d >> uint32(16))), int32(uint32(d & uint32(0xFFFF)))
    above = real(high) * real(65536) + (real(low) + real(0.5))
    found = above * inverse
    return found + (above - found * parts) * inverse


@compiled
def _choose(x: Floats, inputs: Inputs, model: int, i: int, r: Words, count: int) -> None:
    """Put x_i to 0 wherever the number it depends on is in none of its intervals."""
    for k in range(count):
        if not is_chosen(inputs, model, i, r, k):
            x[i, k] = 0


@compiled
def is_chosen(inputs: Inputs, model: int, i: int, r: Words, k: int) -> bool:
    """Whether the number that x_i depends on in sample k is in one of its intervals."""
    row = inputs.source[i]
    active = False
    for j in range(inputs.intervals[model, i]):
        active |= uint32(r[row, k] - inputs.low[model, i, j]) <= inputs.width[model, i, j]
    return active
