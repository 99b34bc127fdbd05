"""The best minimum at each sparsity of a grid, with every point helped by its neighbours.

A search can miss the best minimum at one sparsity and find it at the next. So from each point's
best, descents lead to both neighbours, again and again, until none of them finds anything lower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from handcalc.superposition.best.minima import Found
from handcalc.superposition.best.multistart import search
from handcalc.superposition.phases.line import Line, Spot

__all__ = ["Best", "Seek", "best_along", "best_at", "grid"]

_NEAR_ONE = (Fraction(99, 100), Fraction(999, 1000))


@dataclass(frozen=True, slots=True)
class Seek:
    """How a search is made: with so many restarts, or as many as it wants, from a seed."""

    restarts: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Best:
    """The best minimum known at one sparsity, and how many random restarts reached its loss.

    ``agreed`` is 0 where only a descent from a neighbour led there.
    """

    spot: Spot
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


def best_at(line: Line, sparsities: Sequence[Fraction], seek: Seek) -> list[Best]:
    """The best that a search finds at each sparsity."""
    found = search([line.at(s) for s in sparsities], seek.restarts, seek.seed)
    return [_best(line, s, one) for s, one in zip(sparsities, found, strict=True)]


def best_along(line: Line, found: Sequence[Best]) -> list[Best]:
    """The same after descents from neighbour to neighbour, until nothing improves.

    At S = 0 some embeddings that differ have one loss, as an arrow may be turned round there
    (``flips``); of them the one is taken that goes on to the next point.
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
                best[j] = Best(spot, best[j].restarts, 0)
                changed.add(j)
            elif tied and spot.sparsity == 0:
                best[j] = replace(best[j], spot=spot)
    return best


def _best(line: Line, sparsity: Fraction, found: Found) -> Best:
    return Best(line.spot(sparsity, found.minima[0]), found.restarts, found.agreed)
