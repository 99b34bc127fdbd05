"""Patterns of active features: which there are, as index arrays, and how probable each is.

Moments are worked over assignments of {0, 1, *} to features, by the number of stars. A star is a
feature that is uniform on [0, 1]; the others are fixed at 0 or 1. Fixing one star leads from an
assignment to two on the level below. On the level of d stars the rows stand in the order of their
sets of stars, and for one set in the order of what is fixed, the first feature the most
significant. So the sets that hold feature 0 come first, and "all others 0" is a set's first row.
Each output reads the features in an order of its own, in which it is feature 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import TypeAlias

from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.numeric.arrays import Array, Arrays, fitted

_Stars: TypeAlias = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """The assignments with ``stars`` stars: ``sets`` sets of stars, ``fixed`` rows for each.

    The first ``own`` sets hold feature 0. ``off[r]`` and ``on[r]``, of length (sets · fixed), are
    the rows of the level below with star r fixed at 0 and at 1. ``features``, of length
    (stars · sets), names the stars; ``holding``, of length (n · sets that hold a given feature),
    finds each feature's places in it. ``patterns``, of length (sets · n), are the sets as bit
    masks of the model's features, as each of the n outputs reads them.
    """

    stars: int
    sets: int
    own: int
    fixed: int
    off: tuple[Array, ...]
    on: tuple[Array, ...]
    features: Array
    holding: Array
    patterns: Array


@dataclass(frozen=True, slots=True)
class AssignmentLevels:
    """The levels, and how a flattened (n, n) matrix is read: by place and output, and back."""

    levels: tuple[Level, ...]
    read: Array
    back: Array


@lru_cache(maxsize=32)
def plan(n: int, depth: int, arrays: Arrays) -> AssignmentLevels:
    """The levels of 0 to ``depth`` stars over n features.

    >>> import numpy
    >>> [level.sets * level.fixed for level in plan(3, 3, Arrays.of(numpy.ones(1))).levels]
    [8, 12, 6, 1]
    """
    orders = own_first(n)
    return AssignmentLevels(
        levels=tuple(_level(n, d, arrays) for d in range(depth + 1)),
        read=arrays.integers([i * n + orders[i][place] for place in range(n) for i in range(n)]),
        back=arrays.integers([orders[i].index(j) * n + i for i in range(n) for j in range(n)]),
    )


def own_first(n: int) -> list[list[int]]:
    """For each output the order in which it reads the features: its own one first.

    >>> own_first(3)
    [[0, 1, 2], [1, 0, 2], [2, 0, 1]]
    """
    return [[i, *(j for j in range(n) if j != i)] for i in range(n)]


def row_count(n: int, depth: int) -> int:
    """Σ_{d ≤ depth} C(n, d)·2^(n−d): how many assignments have at most ``depth`` stars.

    >>> row_count(5, 5) == 3**5
    True
    """
    return sum(comb(n, d) << (n - d) for d in range(depth + 1))


def _level(n: int, d: int, arrays: Arrays) -> Level:
    sets = list(combinations(range(n), d))
    named = [stars[r] for r in range(d) for stars in sets]
    return Level(
        stars=d,
        sets=len(sets),
        own=comb(n - 1, d - 1) if d else 0,
        fixed=1 << (n - d),
        off=tuple(arrays.integers(list(_rows(n, sets, r, 0))) for r in range(d)),
        on=tuple(arrays.integers(list(_rows(n, sets, r, 1))) for r in range(d)),
        features=arrays.integers(named),
        holding=arrays.integers([at for j in range(n) for at, k in enumerate(named) if j == k]),
        patterns=arrays.integers(
            [sum(1 << order[j] for j in stars) for stars in sets for order in own_first(n)]
        ),
    )


def _rows(n: int, sets: list[_Stars], r: int, value: int) -> Iterator[int]:
    """The row of the level below that each assignment leads to, its star r fixed at ``value``."""
    # An assignment's row is its set's place among the sets, then a binary number with a digit for
    # each fixed feature. Fixing star r takes r out of the set, and puts one more digit in, behind
    # those of the fixed features before r.
    fixed = n - len(sets[0])
    below = {stars: place for place, stars in enumerate(combinations(range(n), len(sets[0]) - 1))}
    for stars in sets:
        start = below[stars[:r] + stars[r + 1 :]] << (fixed + 1)
        behind = fixed - (stars[r] - r)  # how many fixed features come after star r
        for bits in range(1 << fixed):
            high, low = bits >> behind, bits & ((1 << behind) - 1)
            yield start + (((high << 1) + value) << behind) + low


# --------------------------------------------------------------------------------------------------
# How probable each pattern is: P(A) for all 2ⁿ sets A of active features.


@dataclass(frozen=True, slots=True)
class FloatBlock:
    """A block in floating point: P(off) and P(on), None where S is a symbol.

    ``chances`` are those of each support given that the block is on; ``patterns`` are the bit
    masks of nothing and then of each support, ``features`` that of all its features.
    """

    off: float | None
    on: float | None
    chances: tuple[float, ...]
    patterns: tuple[int, ...]
    features: int


def most_active(distribution: Distribution, n: int) -> int:
    """The largest number of features that can be active together.

    >>> from handcalc.superposition.loss.distribution import OneActive
    >>> most_active(OneActive(4), 4)
    1
    """
    return sum(
        max(p.bit_count() for p in block.patterns) for block in float_blocks(distribution, n)
    )


def block_chances(
    arrays: Arrays, distribution: Distribution, n: int, models: int, sparsity: object = None
) -> tuple[Array, Array]:
    """P(off) and P(on) of each block, both of shape (models, blocks).

    ``sparsity`` takes the place of a symbol S and fits that shape; for independent features the
    blocks are the features. Errors: ``sparsity``, ``wrong_shape``.

    >>> import numpy
    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> off, on = block_chances(Arrays.of(numpy.ones(1)), SparseUniform(), 2, 1, 0.25)
    >>> off.tolist(), on.tolist()
    ([[0.25, 0.25]], [[0.75, 0.75]])
    """
    blocks = float_blocks(distribution, n)
    shape = models, len(blocks)
    known = [(block.off, block.on) for block in blocks]
    if sparsity is None:
        numbers = [(off, on) for off, on in known if off is not None and on is not None]
        if len(numbers) < len(blocks):
            raise InputError(
                "sparsity",
                "The distribution leaves S open: give it a sparsity, or type sparsity=… here.",
            )
        off, on = (arrays.floats(side)[None, :] for side in zip(*numbers, strict=True))
        return arrays.xp.broadcast_to(off, shape), arrays.xp.broadcast_to(on, shape)
    if any(off is not None for off, _ in known):
        raise InputError(
            "sparsity",
            "The distribution has a sparsity of its own, so sparsity=… must be left out; "
            "for one each model leave S open, as in SparseUniform().",
        )
    chosen = fitted(arrays, "sparsity", sparsity, shape)
    if not bool(arrays.xp.all((chosen >= 0) & (chosen <= 1))):
        raise InputError("sparsity", "Each sparsity is a probability, from 0 to 1.")
    return chosen, 1 - chosen


def pattern_weights(
    arrays: Arrays, distribution: Distribution, n: int, chances: tuple[Array, Array]
) -> Array:
    """P(A), of shape (models, 2ⁿ), by P(off) and P(on) of each block, of shape (models, blocks).

    Feature i is active in pattern A if bit i of A is set.

    >>> import numpy
    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> arrays, quarters = Arrays.of(numpy.ones(1)), numpy.asarray([[0.25, 0.25]])
    >>> pattern_weights(arrays, SparseUniform(), 2, (quarters, 1 - quarters)).tolist()
    [[0.0625, 0.1875, 0.1875, 0.5625]]
    """
    # A pattern is drawn if in every block just its part of the pattern is drawn, and blocks are
    # independent: so P(A) is a product over blocks of the one outcome that agrees with A there,
    # which a product with a matrix of zeros and ones picks for all A and all models at once.
    off, on = chances
    total = arrays.xp.ones_like(off[:, :1])
    for k, (block, matches) in enumerate(
        zip(float_blocks(distribution, n), _matches(distribution, n, arrays), strict=True)
    ):
        supports = on[:, k : k + 1] * arrays.floats(block.chances)[None, :]
        outcomes = arrays.xp.concat([off[:, k : k + 1], supports], axis=1)  # (models, outcomes)
        total = total * (outcomes @ matches)  # (models, 2ⁿ)
    return total


@lru_cache(maxsize=128)
def float_blocks(distribution: Distribution, n: int) -> tuple[FloatBlock, ...]:
    """The blocks of a distribution of n features, which are drawn independently."""
    return tuple(
        FloatBlock(
            off=None if block.sparsity is None else to_float(block.sparsity),
            on=None if block.sparsity is None else to_float(1 - block.sparsity),
            chances=tuple(to_float(chance) for _, chance in block.supports),
            patterns=(0, *(sum(1 << j for j in support) for support, _ in block.supports)),
            features=sum(1 << j for j in {j for support, _ in block.supports for j in support}),
        )
        for block in distribution.blocks(n)
    )


@lru_cache(maxsize=32)
def _matches(distribution: Distribution, n: int, arrays: Arrays) -> tuple[Array, ...]:
    """For each block, of shape (outcomes, 2ⁿ): 1 where a pattern agrees with an outcome, else 0."""
    return tuple(
        arrays.floats(
            [[float(A & block.features == p) for A in range(1 << n)] for p in block.patterns]
        )
        for block in float_blocks(distribution, n)
    )
