"""The problems along S, all else being fixed, and minima that are followed from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import hypot

import numpy as np

from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_float
from handcalc.superposition.best.minima import Minimum, merged, same_loss
from handcalc.superposition.best.multistart import descend
from handcalc.superposition.best.polish import Polished
from handcalc.superposition.loss.problem import Problem, variance
from handcalc.superposition.phases.shape import Shape, posed, shape_of

_NUDGES, _NUDGE = 4, 1e-5  # in each entry of W, where a minimum is followed


@dataclass(frozen=True, slots=True)
class MinimumAt:
    """A minimum at one sparsity, in its usual pose, and its shape."""

    sparsity: Fraction
    minimum: Minimum
    shape: Shape

    @property
    def loss(self) -> float:
        """The loss at the minimum."""
        return self.minimum.loss

    @property
    def lengths(self) -> tuple[float, ...]:
        """The lengths of the rows of W."""
        return tuple(hypot(*row) for row in self.minimum.W)

    def apart(self, other: MinimumAt) -> float:
        """The largest difference in a length or a bias: what a rotation leaves alone."""
        mine, theirs = ((*spot.lengths, *spot.minimum.b) for spot in (self, other))
        return max(abs(x - y) for x, y in zip(mine, theirs, strict=True))


@dataclass(frozen=True, slots=True)
class SparsityPath:
    """n features in m dimensions with fixed importances; only S, one for all features, is open."""

    features: int
    hidden: int
    importance: Vector

    def at(self, sparsity: Fraction) -> Problem:
        """The problem at one sparsity."""
        return Problem.of(self.features, self.hidden, sparsity=sparsity, importance=self.importance)

    def spot(self, sparsity: Fraction, minimum: Minimum) -> MinimumAt:
        """A minimum with its shape, posed."""
        problem = self.at(sparsity)
        minimum = posed(minimum, problem)
        return MinimumAt(sparsity, minimum, shape_of(minimum, problem))

    def polished_spot(self, sparsity: Fraction, found: Polished) -> MinimumAt:
        """A polished minimum, in floating point again."""
        W = tuple(tuple(map(float, row)) for row in found.model.W)
        b = tuple(map(float, found.model.b))
        return self.spot(sparsity, Minimum(float(found.loss), W, b, found.slope, 0))

    def followed(
        self, spots: Sequence[MinimumAt], sparsities: Sequence[Fraction]
    ) -> list[MinimumAt]:
        """Where a descent from each spot leads at a sparsity nearby, in one batch.

        A minimum can be a saddle at the next sparsity, so descents start from a few places very
        near to it, and the lowest end is taken.

        >>> import sympy
        >>> from handcalc.superposition.best.multistart import search
        >>> line = SparsityPath(2, 1, (sympy.Integer(1),) * 2)
        >>> half = line.spot(Fraction(1, 2), search([line.at(Fraction(1, 2))])[0].minima[0])
        >>> [(spot.shape.name, round(spot.loss, 10)) for spot in line.followed(
        ...     [half, half], [Fraction(1, 2), Fraction(21, 40)])]
        [('antipodal (equal lengths)', 0.076282447), ('antipodal (equal lengths)', 0.0698359882)]
        """
        if not spots:
            return []
        problems = [self.at(s) for s in sparsities]
        W = np.asarray([spot.minimum.W for spot in spots])
        b = np.asarray([spot.minimum.b for spot in spots])
        nudges = np.random.default_rng(0).normal(scale=_NUDGE, size=(_NUDGES, 1, *W.shape[1:]))
        starts = (W + nudges).reshape(-1, *W.shape[1:])  # (nudges · spots, n, m)
        reached = descend(problems * _NUDGES, starts, np.tile(b, (_NUDGES, 1)))
        groups = (reached[k :: len(spots)] for k in range(len(spots)))
        lowest = [min(group, key=lambda minimum: minimum.loss) for group in groups]
        return [self.spot(s, minimum) for s, minimum in zip(sparsities, lowest, strict=True)]

    def unit(self, sparsity: Fraction) -> float:
        """The loss of dropping every feature: what losses are measured by."""
        return sum(map(to_float, self.importance)) * float(variance(1 - sparsity))

    def same_loss(self, first: MinimumAt, second: MinimumAt) -> bool:
        """Whether the losses of two spots at one sparsity differ by rounding only."""
        return same_loss(first.loss, second.loss, self.unit(first.sparsity))

    def same(self, first: MinimumAt, second: MinimumAt) -> bool:
        """Whether two spots at one sparsity are the same minimum, up to symmetry."""
        alike, unit = self.at(first.sparsity).alike, self.unit(first.sparsity)
        return len(merged((first.minimum, second.minimum), alike, unit)) == 1


def rounded(value: Fraction, decimals: int) -> Fraction:
    """The nearest number with so many decimals.

    >>> rounded(Fraction(2, 3), 2)
    Fraction(67, 100)
    """
    return Fraction(round(value * 10**decimals), 10**decimals)
