"""The problems along S, all else being fixed, and minima that are followed from one to the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import hypot
from typing import TypeAlias

import numpy as np

from handcalc.inputs.arguments import Vector
from handcalc.superposition.best.canonical_form import ordered
from handcalc.superposition.best.minima import Minimum, merged, same_loss
from handcalc.superposition.best.multistart import descend
from handcalc.superposition.best.polish import Polished
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.families import Family, Part, family

_NUDGES, _NUDGE = 4, 1e-5  # in each entry of W, where a minimum is followed
_NEAR = 1e-5  # entries of a minimum found in floating point are good to so much


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

    def same_loss(self, first: MinimumAt, second: MinimumAt) -> bool:
        """Whether the losses of two spots at one sparsity differ by rounding only."""
        return same_loss(first.loss, second.loss, self.at(first.sparsity).loss_of_dropping)

    def same(self, first: MinimumAt, second: MinimumAt) -> bool:
        """Whether two spots at one sparsity are the same minimum, up to symmetry."""
        problem, minima = self.at(first.sparsity), (first.minimum, second.minimum)
        return len(merged(minima, problem.alike, problem.loss_of_dropping)) == 1


# --------------------------------------------------------------------------------------------------
# The shape of a minimum: its family, and which of its features come out alike.
#
# Within one family the best embedding can still change: the two arrows of an antipodal pair are
# equally long where features are sparse, and not where they are dense. So a shape also says which
# features, of those that a part shares and that are drawn and weighed alike, have the same length
# and bias.

Key: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A family, and in ``lengths`` a few words on which features of its parts are alike, or "".

    ``key`` is the same for the same shape, whatever the numbers of the features that are alike;
    ``free`` counts the lengths that the shape leaves open, and ``dropped`` the dropped features.
    """

    family: Family
    lengths: str
    key: Key
    free: int
    dropped: int

    @property
    def name(self) -> str:
        """The family's name, with the words on lengths in brackets."""
        return f"{self.family.name} ({self.lengths})" if self.lengths else self.family.name


def shape_of(minimum: Minimum, problem: Problem) -> Shape:
    """The shape of a minimum, to 1e-5 in angles, lengths and biases.

    >>> from handcalc.superposition.best.minima import Minimum
    >>> pair = Minimum(0.1, ((0.9,), (-0.4,)), (0.2, 0.5), 0.0, 1)
    >>> shape_of(pair, Problem.of(2, 1, sparsity="1/5")).name
    'antipodal (two lengths)'
    """
    found = family(minimum.W, _NEAR)
    parts = [(part, _groups(part, minimum, problem)) for part in found.parts]
    key = sorted(
        (part.kind, part.rank, sorted((problem.alike[g[0]], len(g)) for g in groups))
        for part, groups in parts
    )
    return Shape(
        family=found,
        lengths=_lengths(parts, problem),
        key=tuple(map(str, key)),
        free=sum(len(groups) for part, groups in parts if part.rank),
        dropped=sum(len(part.features) for part, _ in parts if not part.rank),
    )


def posed(minimum: Minimum, problem: Problem) -> Minimum:
    """The same minimum with the features that are alike in their usual order; see ``ordered``.

    >>> from handcalc.superposition.best.minima import Minimum
    >>> found = Minimum(0.1, ((0.0, -1.0), (0.0, 1.0), (1.0, 0.0)), (0.25, 0.25, 0.0), 0.0, 1)
    >>> posed(found, Problem.of(3, 2, sparsity="1/2")).b
    (0.0, 0.25, 0.25)
    """
    lengths = [hypot(*row) for row in minimum.W]
    order = ordered(family(minimum.W, _NEAR), problem, lengths)
    return replace(
        minimum, W=tuple(minimum.W[i] for i in order), b=tuple(minimum.b[i] for i in order)
    )


def _groups(part: Part, minimum: Minimum, problem: Problem) -> list[list[int]]:
    """The features (from 0) of a part, those with the same length and bias together."""
    groups: list[list[int]] = []

    def same(i: int, j: int) -> bool:
        lengths = abs(hypot(*minimum.W[i]) - hypot(*minimum.W[j]))
        near = max(lengths, abs(minimum.b[i] - minimum.b[j])) <= _NEAR
        return near and problem.alike[i] == problem.alike[j]

    for i in (feature - 1 for feature in part.features):
        group = next((g for g in groups if part.kind == "dropped" or same(g[0], i)), None)
        if group is None:
            groups.append([i])
        else:
            group.append(i)
    return groups


def _lengths(parts: Sequence[tuple[Part, list[list[int]]]], problem: Problem) -> str:
    """What is to be said of the lengths of features that could be equal."""
    said = []
    for part, groups in parts:
        kinds = Counter(problem.alike[i - 1] for i in part.features)
        if part.kind in ("dropped", "dedicated") or max(kinds.values()) == 1:
            continue
        if len(groups) == len(kinds):
            said.append("equal lengths" if len(kinds) == 1 else "equal lengths where alike")
        elif len(groups) == len(part.features):
            said.append("two lengths" if len(groups) == 2 else "no two lengths equal")
        else:
            sizes = sorted(map(len, groups), reverse=True)
            said.append(f"equal lengths: {' + '.join(map(str, sizes))}")
    return ", ".join(dict.fromkeys(said))
