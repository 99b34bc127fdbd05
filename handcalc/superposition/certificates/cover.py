"""A cover of all embeddings: a tree of boxes of W, and what is known of each leaf.

This module says what the codes mean, for whoever makes a cover and for whoever checks it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Whole: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

BOUNDED, ELSEWHERE, FAR = 0, 1, 2
"""A leaf whose loss is bounded; one that has an equal elsewhere; one with too long a row."""
HALVED = 16
"""HALVED + k: the box is halved along the k-th free entry; the lower half comes first."""

GRAIN = 2.0**-20
"""The ends of boxes and regions, and the biases of tangents, are multiples of this."""
STEPS = 256
"""Where a bound touches is given in so many parts of each side, from its lower end."""
DEEPEST = 17
"""So often each side is halved at most; it is a multiple of 1/8 at first."""


@dataclass(frozen=True, slots=True, eq=False)
class Cover:
    """The tree in preorder, and for each bounded leaf where the bound touches and what it is.

    ``codes`` (nodes,); ``touches`` (leaves, free) in parts of a side; ``biases`` (leaves, n) in
    grains; ``cuts`` (leaves,), where no piece of a bias is wider than 2⁻ᵏ; and ``margins``
    (leaves,), by how much the loss there stays above that of the model, or below it, where < 0.
    """

    codes: np.ndarray[Any, np.dtype[np.uint8]]
    touches: np.ndarray[Any, np.dtype[np.uint8]]
    biases: np.ndarray[Any, np.dtype[np.int32]]
    cuts: np.ndarray[Any, np.dtype[np.int8]]
    margins: np.ndarray[Any, np.dtype[np.float32]]

    @property
    def boxes(self) -> int:
        """How many boxes were looked at, halved ones and leaves."""
        return len(self.codes)


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """A box of W and b around a copy of the model, where the loss is strictly convex.

    ``low`` and ``high`` (n, m), equal where the entry is fixed; ``biases`` (n, 2).
    """

    low: Floats
    high: Floats
    biases: Floats


def whole_box(features: int, hidden: int, side: float) -> tuple[Floats, Floats]:
    """The box that a cover begins with: all W of rows up to ``side``, turned.

    >>> low, high = whole_box(2, 1, 2.0)
    >>> low.tolist(), high.tolist()
    ([[0.0], [-2.0]], [[2.0], [2.0]])
    """
    low, high = np.zeros((features, hidden)), np.zeros((features, hidden))
    for i in range(features):
        for k in range(min(i + 1, hidden)):
            low[i, k], high[i, k] = (0.0 if k == i else -side), side
    return low, high


def regions_of(regions: Sequence[Region], low: Floats, high: Floats) -> Whole:
    """The number of the last region that each of many boxes of W lies in, or −1.

    >>> regions = [Region(np.array([[0.5]]), np.array([[1.5]]), np.array([[0.0, 1.0]]))]
    >>> regions_of(regions, np.array([[[0.5]], [[0.75]]]), np.array([[[1.0]], [[1.75]]])).tolist()
    [0, -1]
    """
    found = np.full(len(low), -1)
    for number, region in enumerate(regions):
        found[(low >= region.low).all((1, 2)) & (high <= region.high).all((1, 2))] = number
    return found


def region_biases(regions: Sequence[Region], features: int) -> Floats:
    """The ends of all biases in each region, (regions, n, 2); a row of 0 where there is none."""
    return np.array([each.biases for each in regions] or [np.zeros((features, 2))])


def bias_widths(low: Floats, high: Floats) -> Floats:
    """How wide the finest pieces of a bias are: the greatest power of 2 up to half a box's side.

    >>> bias_widths(np.array([[[0.0]]]), np.array([[[0.75]]])).tolist()
    [0.25]
    """
    widths: Floats = 2.0 ** np.floor(np.log2((high - low).max((1, 2)) / 2))
    return widths


def halves(low: Floats, high: Floats, place: tuple[Any, ...]) -> tuple[Floats, Floats]:
    """A box halved along an entry, or many: where lower halves end, and where upper ones begin.

    >>> lower, upper = halves(np.zeros((2, 1)), np.ones((2, 1)), (1, 0))
    >>> lower.tolist(), upper.tolist()
    ([[1.0], [0.5]], [[0.0], [0.5]])
    """
    upper, lower = low.copy(), high.copy()
    upper[place] = lower[place] = (low[place] + high[place]) / 2
    return lower, upper


def lengths(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The least and greatest |Wᵢ|² of boxes (…, n, m): (…, n) each, exact.

    >>> [each.tolist() for each in lengths(np.array([[-1.0, 2.0]]), np.array([[3.0, 3.0]]))]
    [[4.0], [18.0]]
    """
    below, above = low * low, high * high
    least = np.where((low < 0) & (high > 0), 0.0, np.minimum(below, above))
    return least.sum(-1), np.maximum(below, above).sum(-1)


def walk(
    cover: Cover, low: Floats, high: Floats, entries: list[tuple[int, int]]
) -> Iterator[tuple[int, int, Floats, Floats]]:
    """All leaves of a tree: the code, which bounded leaf it is or −1, and its box.

    Errors: ``ValueError`` where the codes are no tree.
    """
    stack, leaf = [(low, high)], 0
    for code in cover.codes.tolist():
        if not stack:
            raise ValueError("there is more than one tree")
        low, high = stack.pop()
        if code >= HALVED:
            lower, upper = halves(low, high, entries[code - HALVED])
            stack += [(upper, high), (low, lower)]
            continue
        bounded = code == BOUNDED
        yield code, leaf if bounded else -1, low, high
        leaf += bounded
    if stack or leaf != len(cover.margins):
        raise ValueError("a part of the tree is missing")
