"""Where along S the best minimum may change: pairs of sparsities to look between.

The shape can differ; or the shape is the same and yet one minimum does not lead to the other; or
both lead to the other because each ceases to be a minimum on the way: then lengths or biases move
far in a small step, however small the step is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from handcalc.superposition.phases.line import Line, Spot

__all__ = ["seams"]

_FAR = 0.05  # a length or bias that moves by more from one sparsity to the next is looked into
_HALVINGS = 5  # … in steps that are made shorter so often

_Pair: TypeAlias = tuple[Spot, Spot]


def seams(line: Line, spots: Sequence[Spot]) -> list[_Pair]:
    """The neighbours between which the best minimum may change, ascending in S.

    ``spots`` are the best minima at ascending sparsities; where these are far apart, more are
    looked at in between.
    """
    found: list[_Pair] = []
    pairs = list(pairwise(spots))
    for _ in range(_HALVINGS):
        found += [pair for pair in pairs if not _are_alike(pair)]
        pairs = _unsettled(line, [pair for pair in pairs if _are_alike(pair)])
        pairs = _halved(line, pairs)
    found += [pair for pair in pairs if not _are_alike(pair)]
    found += _unsettled(line, [pair for pair in pairs if _are_alike(pair)])
    return sorted(found, key=lambda pair: pair[0].sparsity)


def _are_alike(pair: _Pair) -> bool:
    return pair[0].shape.key == pair[1].shape.key


def _unsettled(line: Line, pairs: list[_Pair]) -> list[_Pair]:
    """The pairs of one shape that are far apart, or do not both lead to each other."""
    onwards = line.followed([left for left, _ in pairs], [right.sparsity for _, right in pairs])
    back = line.followed([right for _, right in pairs], [left.sparsity for left, _ in pairs])
    return [
        pair
        for pair, up, down in zip(pairs, onwards, back, strict=True)
        if pair[0].apart(pair[1]) > _FAR
        or not (line.same(up, pair[1]) and line.same(down, pair[0]))
    ]


def _halved(line: Line, pairs: list[_Pair]) -> list[_Pair]:
    """Each pair as two, with the lower of its minima at the sparsity in the middle."""
    middles = [(left.sparsity + right.sparsity) / 2 for left, right in pairs]
    onwards = line.followed([left for left, _ in pairs], middles)
    back = line.followed([right for _, right in pairs], middles)
    lower = [min(two, key=lambda spot: spot.loss) for two in zip(onwards, back, strict=True)]
    return [
        half
        for (left, right), middle in zip(pairs, lower, strict=True)
        for half in ((left, middle), (middle, right))
    ]
