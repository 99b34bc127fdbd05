"""Named embeddings as arrays: the textbook's shapes for any n and m, and the walk of 3 → 2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from math import cos, sin, tau
from typing import TypeAlias

import numpy as np

from handcalc.number import to_float
from handcalc.superposition.embeddings import embeddings
from torchsim.by_hand.objective import Floats

__all__ = ["Shape", "shapes"]

_Rows: TypeAlias = "list[list[float]]"
_NAMES = {3: "triangle", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A named embedding: ``rows`` (n, m) and ``bias`` (n,).

    ``orders`` (ways, n) are the different ways to give its rows to features: feature i gets row
    ``orders[w, i]``. Ways that differ by a turn of the hidden space are there once.
    """

    name: str
    rows: Floats
    bias: Floats
    orders: np.ndarray


def shapes(features: int, hidden: int) -> tuple[Shape, ...]:
    """The named embeddings of n features in m dimensions, unit lengths and b = 0.

    ``orthogonal``: as many features as there is room for have a dimension each, the others are
    dropped. ``antipodal``: one antipodal pair or more, the other dimensions each with a feature,
    the others dropped. ``triangle``, ``pentagon`` and so on: one regular k-gon, the same of the
    others. For 3 → 2 they are those of the by-hand walk, with its b, in its order; "relu", which
    has the W and b of "antipodal", goes by that name.

    >>> [shape.name for shape in shapes(3, 2)]
    ['orthogonal', 'interfering', 'antipodal', 'one-example', 'bias-corrected', 'triangle']
    >>> [shape.name for shape in shapes(5, 2)]
    ['orthogonal', 'antipodal', 'antipodal', 'triangle', 'pentagon']
    """
    if (features, hidden) == (3, 2):
        return tuple(_walk())
    return tuple(_textbook(features, hidden))


def _walk() -> Iterator[Shape]:
    orders = np.asarray(list(permutations(range(3))))
    for found in embeddings():
        if found.name != "relu":
            rows = np.asarray([[to_float(cell) for cell in row] for row in found.model.W])
            bias = np.asarray([to_float(cell) for cell in found.model.b])
            yield Shape(found.name, rows, bias, orders)


def _textbook(n: int, m: int) -> Iterator[Shape]:
    yield _shape("orthogonal", n, m, [])
    for pairs in range(1, min(m, n // 2) + 1):
        yield _shape("antipodal", n, m, [2] * pairs)
    for k, name in _NAMES.items():
        if k <= n and m >= 2:
            yield _shape(name, n, m, [k])


def _shape(name: str, n: int, m: int, groups: Sequence[int]) -> Shape:
    """A shape of regular groups, pairs or one k-gon, and of as many dedicated features as fit."""
    taken, used = sum(groups), sum(1 if k == 2 else 2 for k in groups)
    dedicated = min(m - used, n - taken)
    rows = np.zeros((n, m))
    first = axis = 0
    for k in [*groups, *[1] * dedicated]:
        width = 2 if k > 2 else 1
        rows[first : first + k, axis : axis + width] = _corners(k)
        first, axis = first + k, axis + width
    orders = []
    for members in _members(tuple(range(n)), [*groups, *[1] * dedicated]):
        order = [0] * n
        rest = (i for i in range(n) if i not in members)
        for row, i in enumerate((*members, *rest)):
            order[i] = row
        orders.append(order)
    return Shape(name, rows, np.zeros(n), np.asarray(orders))


def _corners(k: int) -> _Rows:
    """The unit vectors of k features: a dedicated one, a pair, or the corners of a k-gon."""
    if k <= 2:
        return [[1.0], [-1.0]][:k]
    return [[cos(tau * i / k), sin(tau * i / k)] for i in range(k)]


def _members(
    features: tuple[int, ...], groups: Sequence[int], after: int = -1
) -> Iterator[tuple[int, ...]]:
    """The ways to fill groups with features: members of the first, then those of the next.

    Groups of one size that follow one another are filled in ascending order of their least members,
    the first of them from ``after`` on.
    """
    if not groups:
        yield ()
        return
    k, *others = groups
    for chosen in combinations(features, k):
        if chosen[0] < after:
            continue
        rest = tuple(i for i in features if i not in chosen)
        alike = bool(others) and others[0] == k
        for members in _members(rest, others, chosen[0] if alike else -1):
            yield from ((*around, *members) for around in _arounds(chosen))


def _arounds(chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The ways to stand in a circle, up to turning and reflecting it."""
    first, *others = chosen
    for order in permutations(others):
        if len(order) < 2 or order[0] < order[-1]:
            yield (first, *order)
