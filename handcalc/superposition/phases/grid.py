"""The best minimum at each sparsity of a grid, with every point helped by its neighbours.

A search can miss the best minimum at one sparsity and find it at the next. So from each point's
best, descents lead to both neighbours, again and again, until none of them finds anything lower.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TypeAlias

from handcalc.superposition.best.multistart import search
from handcalc.superposition.phases.sparsity_path import MinimumAt, Shape, SparsityPath

_NEAR_ONE = (Fraction(99, 100), Fraction(999, 1000))


@dataclass(frozen=True, slots=True)
class Seek:
    """How a search is made: with so many restarts, or as many as it wants, from a seed."""

    restarts: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class BestAt:
    """The best minimum known at one sparsity, and how many random restarts reached its loss.

    ``agreed`` is 0 where only a descent from a neighbour led there.
    """

    spot: MinimumAt
    restarts: int
    agreed: int


def grid(points: int) -> tuple[Fraction, ...]:
    """``points`` sparsities from 0 at equal distances, with two near 1 in place of 1 itself.

    At S = 1 nothing is ever active, and every model with biases of at most 0 loses nothing.

    >>> [str(s) for s in grid(5)]
    ['0', '1/4', '1/2', '3/4', '99/100', '999/1000']
    """
    even = [Fraction(i, points - 1) for i in range(points - 1)]
    return (*even, *(s for s in _NEAR_ONE if s > even[-1]))


def best_at(line: SparsityPath, sparsities: Sequence[Fraction], seek: Seek) -> list[BestAt]:
    """The best that a search finds at each sparsity."""
    found = search([line.at(s) for s in sparsities], seek.restarts, seek.seed)
    return [
        BestAt(line.spot(s, one.minima[0]), one.restarts, one.agreed)
        for s, one in zip(sparsities, found, strict=True)
    ]


def best_along(line: SparsityPath, found: Sequence[BestAt]) -> list[BestAt]:
    """The same after descents from neighbour to neighbour, until nothing improves.

    At S = 0 some embeddings that differ have one loss, as an arrow may be turned round there
    (``reflectable_sets``); of them the one is taken that goes on to the next point.
    """
    best = list(found)
    changed = set(range(len(best)))
    while changed:
        pairs = [(i, j) for i in sorted(changed) for j in (i - 1, i + 1) if 0 <= j < len(best)]
        starts = [best[i].spot for i, _ in pairs]
        reached = line.followed(starts, [best[j].spot.sparsity for _, j in pairs])
        changed = set()
        for (_, j), spot in zip(pairs, reached, strict=True):
            tied = line.same_loss(spot, best[j].spot)
            if spot.loss < best[j].spot.loss and not tied:
                best[j] = BestAt(spot, best[j].restarts, 0)
                changed.add(j)
            elif tied and spot.sparsity == 0:
                best[j] = replace(best[j], spot=spot)
    return best


# --------------------------------------------------------------------------------------------------
# The minima that are best somewhere, along all of S: also where something else is better.


@dataclass(frozen=True, slots=True)
class Curve:
    """One minimum along S, as far as it is a minimum of its shape; ``spots`` ascend in S."""

    shape: Shape
    spots: tuple[MinimumAt, ...]


def curves(
    line: SparsityPath, stretches: Sequence[Sequence[MinimumAt]], sparsities: Sequence[Fraction]
) -> tuple[Curve, ...]:
    """Each stretch's minimum, followed to lower and to higher sparsities until it is gone.

    A stretch is what is known of it, ascending in S.

    >>> import sympy
    >>> from handcalc.superposition.best.multistart import search
    >>> line = SparsityPath(2, 1, (sympy.Integer(1),) * 2)
    >>> half = line.spot(Fraction(1, 2), search([line.at(Fraction(1, 2))])[0].minima[0])
    >>> (curve,) = curves(line, [[half]], [Fraction(k, 4) for k in range(4)])
    >>> [str(spot.sparsity) for spot in curve.spots]  # equal lengths: not a minimum when dense
    ['1/2', '3/4']
    """
    best = {spot.sparsity: (k, spot) for k, each in enumerate(stretches) for spot in each}
    down = _followed(line, [each[0] for each in stretches], sorted(sparsities)[::-1], best)
    up = _followed(line, [each[-1] for each in stretches], sorted(sparsities), best)
    return tuple(
        Curve(stretch[0].shape, (*reversed(low), *stretch, *high))
        for low, stretch, high in zip(down, stretches, up, strict=True)
    )


def _followed(
    line: SparsityPath,
    starts: Sequence[MinimumAt],
    sparsities: Sequence[Fraction],
    best: Mapping[Fraction, tuple[int, MinimumAt]],
) -> list[list[MinimumAt]]:
    """What each start becomes one way, sparsity by sparsity; all of them side by side.

    One is gone where its shape changes, or where it has become the best of another stretch.
    """
    way = 1 if sparsities[-1] > sparsities[0] else -1
    trails: list[list[MinimumAt]] = [[start] for start in starts]
    alive = set(range(len(trails)))
    for sparsity in sparsities:
        due = [k for k in sorted(alive) if way * (sparsity - trails[k][-1].sparsity) > 0]
        reached = line.followed([trails[k][-1] for k in due], [sparsity] * len(due))
        for k, spot in zip(due, reached, strict=True):
            owner, winner = best.get(sparsity, (k, spot))
            if spot.shape.key != starts[k].shape.key or (owner != k and line.same(spot, winner)):
                alive.remove(k)
            else:
                trails[k].append(spot)
    return [trail[1:] for trail in trails]


# --------------------------------------------------------------------------------------------------
# Where along S the best minimum may change: pairs of sparsities to look between.
#
# The shape can differ; or the shape is the same and yet one minimum does not lead to the other; or
# both lead to the other because each ceases to be a minimum on the way: then lengths or biases
# move far in a small step, however small the step is made.


_FAR = 0.05  # a length or bias that moves by more from one sparsity to the next is looked into
_HALVINGS = 5  # … in steps that are made shorter so often

_Pair: TypeAlias = tuple[MinimumAt, MinimumAt]


def intervals_to_search(line: SparsityPath, spots: Sequence[MinimumAt]) -> list[_Pair]:
    """The neighbours between which the best minimum may change, ascending in S.

    ``spots`` are the best minima at ascending sparsities; where these are far apart, more are
    looked at in between.
    """
    # Pairs of one shape that lead to each other may still hide a change, so those whose lengths are
    # far apart are halved: where a minimum only moves fast, its halves come near to each other, and
    # the pair is settled. Where it jumps, no half does, and the last of them is looked into.
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


def _unsettled(line: SparsityPath, pairs: list[_Pair]) -> list[_Pair]:
    """The pairs of one shape that are far apart, or do not both lead to each other."""
    onwards = line.followed([left for left, _ in pairs], [right.sparsity for _, right in pairs])
    back = line.followed([right for _, right in pairs], [left.sparsity for left, _ in pairs])
    return [
        pair
        for pair, up, down in zip(pairs, onwards, back, strict=True)
        if pair[0].apart(pair[1]) > _FAR
        or not (line.same(up, pair[1]) and line.same(down, pair[0]))
    ]


def _halved(line: SparsityPath, pairs: list[_Pair]) -> list[_Pair]:
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
