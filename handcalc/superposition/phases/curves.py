"""The minima that are best somewhere, along all of S: also where something else is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

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
    >>> from handcalc.superposition.search import search
    >>> line = Line(2, 1, (sympy.Integer(1),) * 2)
    >>> half = line.spot(Fraction(1, 2), search([line.at(Fraction(1, 2))])[0].minima[0])
    >>> (curve,) = curves(line, [[half]], [Fraction(k, 4) for k in range(4)])
    >>> [str(spot.sparsity) for spot in curve.spots]  # equal lengths: not a minimum when dense
    ['1/2', '3/4']
    """
    down = _followed(line, [stretch[0] for stretch in stretches], sorted(sparsities)[::-1], -1)
    up = _followed(line, [stretch[-1] for stretch in stretches], sorted(sparsities), 1)
    return tuple(
        Curve(stretch[0].shape, (*reversed(low), *stretch, *high))
        for low, stretch, high in zip(down, stretches, up, strict=True)
    )


def _followed(
    line: Line, starts: Sequence[Spot], sparsities: Sequence[Fraction], way: Literal[-1, 1]
) -> list[list[Spot]]:
    """What each start becomes one way, sparsity by sparsity; all of them side by side."""
    trails: list[list[Spot]] = [[start] for start in starts]
    alive = set(range(len(trails)))
    for sparsity in sparsities:
        due = [k for k in sorted(alive) if way * (sparsity - trails[k][-1].sparsity) > 0]
        reached = line.followed([trails[k][-1] for k in due], [sparsity] * len(due))
        for k, spot in zip(due, reached, strict=True):
            if spot.shape.key == starts[k].shape.key:
                trails[k].append(spot)
            else:
                alive.remove(k)
    return [trail[1:] for trail in trails]
