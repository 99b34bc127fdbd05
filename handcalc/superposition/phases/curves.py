"""The minima that are best somewhere, along all of S: also where something else is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from handcalc.superposition.phases.line import Line, Spot
from handcalc.superposition.phases.shape import Shape

__all__ = ["Curve", "curves"]


@dataclass(frozen=True, slots=True)
class Curve:
    """One minimum along S, as far as it is a minimum of its shape; ``spots`` ascend in S."""

    shape: Shape
    spots: tuple[Spot, ...]


def curves(
    line: Line, stretches: Sequence[Sequence[Spot]], sparsities: Sequence[Fraction]
) -> tuple[Curve, ...]:
    """Each stretch's minimum, followed to lower and to higher sparsities until it is gone.

    A stretch is what is known of it, ascending in S.

    >>> import sympy
    >>> from handcalc.superposition.best.multistart import search
    >>> line = Line(2, 1, (sympy.Integer(1),) * 2)
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
    line: Line,
    starts: Sequence[Spot],
    sparsities: Sequence[Fraction],
    best: Mapping[Fraction, tuple[int, Spot]],
) -> list[list[Spot]]:
    """What each start becomes one way, sparsity by sparsity; all of them side by side.

    One is gone where its shape changes, or where it has become the best of another stretch.
    """
    way = 1 if sparsities[-1] > sparsities[0] else -1
    trails: list[list[Spot]] = [[start] for start in starts]
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
