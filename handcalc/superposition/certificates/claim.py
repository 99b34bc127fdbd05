"""What a certificate is about: a problem, at one S or along an interval, in corner cases.

Along an interval of S the weight pᵏSⁿ⁻ᵏ of each pattern is a polynomial of degree n. In Bernstein's
form it is a mixture, with weights ≥ 0, of n + 1 corner cases: in case a, any a of the features have
the upper S, and the others the lower one. The loss of an embedding is linear in the weights, so one
that is above a model's by some margin in all corner cases is so at every S between.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import comb

import sympy

from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import OneActive, SparseUniform
from handcalc.superposition.loss.problem import Problem
from handcalc.wording import brief

MOST_FEATURES, MOST_TOGETHER, MOST_FREE = 6, 3, 7
"""Features, features that are on together, and entries of W that the symmetry leaves free."""


@dataclass(frozen=True, slots=True)
class CornerCase:
    """How likely each set of features (from 0) is to be on together, and what errors weigh."""

    patterns: tuple[tuple[tuple[int, ...], Fraction], ...]
    importance: tuple[Fraction, ...]

    def probability(self, feature: int) -> Fraction:
        """P(xᵢ ≠ 0) of a feature, from 0.

        >>> patterns = ((), Fraction(1, 3)), ((0,), Fraction(2, 3))
        >>> CornerCase(patterns, (Fraction(1),)).probability(0)
        Fraction(2, 3)
        """
        return sum((q for on, q in self.patterns if feature in on), Fraction(0))


@dataclass(frozen=True, slots=True)
class CertifiedClaim:
    """A problem, at the S that it has or along ``interval``, S from one end to the other.

    ``order`` has the features from 0 in the order of the rows of boxes: the most important first,
    as the first rows are turned onto axes. Errors: ``size``, ``irrational``.
    """

    problem: Problem
    interval: tuple[Fraction, Fraction] | None = None

    def __post_init__(self) -> None:
        n, m = self.problem.features, self.problem.hidden
        for number in (*self.problem.sparsities, *self.problem.importance):
            to_fraction(number)
        together = max(len(pattern.active) for pattern in self.problem.distribution.patterns(n))
        if self.interval is not None:
            together = n
            _check_interval(self.problem, *self.interval)
        free = n * m - m * (m - 1) // 2
        for found, most, what in (
            (n, MOST_FEATURES, "features"),
            (together, MOST_TOGETHER, "features that are on together"),
            (free, MOST_FREE, "free entries of W"),
        ):
            if found > most:
                raise InputError(
                    "size",
                    f"A proof takes up to {most} {what}; here there are {found}. Without one, the "
                    "best is searched for.",
                )

    @property
    def order(self) -> tuple[int, ...]:
        """The features, from 0, by how much they matter."""
        told = zip(self.problem.importance, self.problem.probability, strict=True)
        weighed = [-to_fraction(weight * p) for weight, p in told]
        return tuple(sorted(range(self.problem.features), key=weighed.__getitem__))

    @property
    def alike(self) -> tuple[bool, ...]:
        """Whether a row of boxes may change places with the row before, at the same loss."""
        drawn = self.problem.distribution
        whole = isinstance(drawn, SparseUniform | OneActive)
        kinds = [self.problem.alike[feature] for feature in self.order]
        return (False, *(whole and kinds[i] == kinds[i - 1] for i in range(1, len(kinds))))

    @property
    def cases(self) -> tuple[CornerCase, ...]:
        """The corner cases, features in the order of rows; one where there is one S.

        >>> claim = CertifiedClaim(Problem.of(2, 1, "1/2"), (Fraction(1, 4), Fraction(1, 2)))
        >>> [str(case.probability(0)) for case in claim.cases]
        ['3/4', '5/8', '1/2']
        """
        n = self.problem.features
        weights = tuple(to_fraction(self.problem.importance[feature]) for feature in self.order)
        if self.interval is None:
            rows = {feature: row for row, feature in enumerate(self.order)}
            patterns = tuple(
                (tuple(sorted(rows[i - 1] for i in each.active)), to_fraction(each.probability))
                for each in self.problem.distribution.patterns(n)
                if each.probability != 0
            )
            return (CornerCase(patterns, weights),)
        low, high = self.interval
        return tuple(
            CornerCase(
                tuple(
                    (on, _mixed(n, len(on), a, low, high))
                    for k in range(n + 1)
                    for on in combinations(range(n), k)
                ),
                weights,
            )
            for a in range(n + 1)
        )


def _check_interval(problem: Problem, low: Fraction, high: Fraction) -> None:
    """That one S, that of all features, can go from one end to the other. Errors: ``interval``."""
    if not isinstance(problem.distribution, SparseUniform) or len(set(problem.sparsities)) > 1:
        raise InputError("interval", "Along an interval all features have one S, and no sets.")
    if not 0 <= low <= high <= 1:
        raise InputError("interval", "S goes up from one number in [0, 1] to another.")
    if not low <= to_fraction(problem.sparsities[0]) <= high:
        message = f"The problem's S, {problem.sparsities[0]}, lies between {low} and {high}."
        raise InputError("interval", message)


def _mixed(n: int, on: int, a: int, low: Fraction, high: Fraction) -> Fraction:
    """How likely some ``on`` features are alone on, where any a of n have the upper S."""
    total = Fraction(0)
    for upper in range(max(0, a - (n - on)), min(a, on) + 1):  # of those on, with the upper S
        share = Fraction(comb(on, upper) * comb(n - on, a - upper), comb(n, a))
        off = high ** (a - upper) * low ** (n - on - (a - upper))
        total += share * (1 - high) ** upper * (1 - low) ** (on - upper) * off
    return total


def to_fraction(number: sympy.Expr) -> Fraction:
    """A rational number as a fraction. Errors: ``irrational``.

    >>> to_fraction(sympy.Rational(1, 3))
    Fraction(1, 3)
    """
    if not number.is_Rational:
        raise InputError("irrational", f"A proof takes S and I as fractions, not {brief(number)}.")
    return Fraction(int(number.p), int(number.q))


def free_entries(features: int, hidden: int) -> list[tuple[int, int]]:
    """The entries of W, by row and column from 0, that are left when the rows are turned.

    The first row is turned onto the first axis, the second into the plane of the first two, and so
    on; the last entry of each of these rows is then ≥ 0.

    >>> free_entries(3, 2)
    [(0, 0), (1, 0), (1, 1), (2, 0), (2, 1)]
    """
    return [(i, k) for i in range(features) for k in range(min(i + 1, hidden))]
