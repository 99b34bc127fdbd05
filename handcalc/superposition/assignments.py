"""Assignments of {0, 1, *} to features, in order of the number of stars, as index arrays.

A star is a feature that is uniform on [0, 1]; the others are fixed at 0 or 1. Fixing one star leads
from an assignment to two on the level below. On the level of d stars the rows stand in the order of
their sets of stars, and within one set in the order of what is fixed, the first feature the most
significant; so the sets that hold feature 0 come first, and "all others 0" is the first row of a set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb
from types import ModuleType
from typing import Any, TypeAlias

__all__ = ["Array", "Level", "levels", "own_first", "rows"]

Array: TypeAlias = Any
"""An array of any library that keeps to the Python array API."""


@dataclass(frozen=True, slots=True)
class Level:
    """The assignments with ``stars`` stars to n features, of which ``own`` sets hold feature 0.

    ``off[r]`` and ``on[r]``, of length (sets · fixed), are the rows on the level below with star r
    fixed at 0 and at 1. ``features``, of length (stars · sets), names the stars. ``holding``, of
    length (n · sets that hold one feature), finds each feature in ``features``. ``patterns``, of
    length (sets · n), are the sets as bit masks, read by each output in its own order.
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


def own_first(n: int) -> list[list[int]]:
    """For each output the order in which it reads the features: its own one first.

    >>> own_first(3)
    [[0, 1, 2], [1, 0, 2], [2, 0, 1]]
    """
    return [[i, *(j for j in range(n) if j != i)] for i in range(n)]


def rows(n: int, depth: int) -> int:
    """Σ_{d ≤ depth} C(n, d)·2^(n−d): the number of assignments with at most ``depth`` stars.

    >>> rows(5, 5) == 3**5
    True
    """
    return sum(comb(n, d) << (n - d) for d in range(depth + 1))


@lru_cache(maxsize=32)
def levels(n: int, depth: int, xp: ModuleType, device: object) -> tuple[Level, ...]:
    """The levels of 0 to ``depth`` stars over n features, as arrays of ``xp`` on ``device``."""
    return tuple(_level(n, d, xp, device) for d in range(depth + 1))


def _level(n: int, d: int, xp: ModuleType, device: object) -> Level:
    def array(numbers: Iterator[int]) -> Array:
        return xp.asarray(list(numbers), dtype=xp.int64, device=device)

    sets = list(combinations(range(n), d))
    order = own_first(n)
    named = [stars[r] for r in range(d) for stars in sets]
    places = ([at for at, j in enumerate(named) if j == feature] for feature in range(n))
    return Level(
        stars=d,
        sets=len(sets),
        own=comb(n - 1, d - 1) if d else 0,
        fixed=1 << (n - d),
        off=tuple(array(_below(n, sets, r, 0)) for r in range(d)),
        on=tuple(array(_below(n, sets, r, 1)) for r in range(d)),
        features=array(iter(named)),
        holding=array(at for found in places for at in found),
        patterns=array(sum(1 << order[i][j] for j in stars) for stars in sets for i in range(n)),
    )


def _below(n: int, sets: list[tuple[int, ...]], r: int, value: int) -> Iterator[int]:
    """The row on the level below of each assignment, with its star r fixed at ``value``."""
    place = {stars: at for at, stars in enumerate(combinations(range(n), len(sets[0]) - 1))}
    fixed = n - len(sets[0])
    for stars in sets:
        start = place[stars[:r] + stars[r + 1 :]] << (fixed + 1)
        behind = fixed - (stars[r] - r)  # the fixed features after star r
        for bits in range(1 << fixed):
            high, low = bits >> behind, bits & ((1 << behind) - 1)
            yield start + (((high << 1) + value) << behind) + low
