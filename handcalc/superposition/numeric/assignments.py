"""Assignments of {0, 1, *} to features, by the number of stars, as index arrays.

A star is a feature that is uniform on [0, 1]; the others are fixed at 0 or 1. Fixing one star leads
from an assignment to two on the level below. On the level of d stars the rows stand in the order of
their sets of stars, and for one set in the order of what is fixed, the first feature the most
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

from handcalc.superposition.numeric.arrays import Array, Arrays

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
    fixed = n - len(sets[0])
    below = {stars: place for place, stars in enumerate(combinations(range(n), len(sets[0]) - 1))}
    for stars in sets:
        start = below[stars[:r] + stars[r + 1 :]] << (fixed + 1)
        behind = fixed - (stars[r] - r)  # how many fixed features come after star r
        for bits in range(1 << fixed):
            high, low = bits >> behind, bits & ((1 << behind) - 1)
            yield start + (((high << 1) + value) << behind) + low
