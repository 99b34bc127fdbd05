"""The textbook's candidates: each feature dropped, alone, or half of an antipodal pair.

Features that are represented have length 1 and bias 0; a dropped one has its best bias p/2. The
last feature has importance r, all others 1; all are met with density p = 1 − S.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import TypeAlias

import sympy

from handcalc.superposition.loss.problem import variance
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases.regimes import REGIMES, Regime

Border: TypeAlias = "tuple[tuple[sympy.Rational, sympy.Rational], ...]"
"""A line of points (r, p)."""

_ONE = sympy.Integer(1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An embedding by which features are dropped and which are antipodal pairs, all from 1.

    Of n ``features`` those that are in neither have a dimension of their own.
    """

    features: int
    dropped: tuple[int, ...]
    pairs: tuple[tuple[int, int], ...]

    @property
    def fate(self) -> Regime:
        """What becomes of the last feature."""
        if self.features in self.dropped:
            return "not represented"
        paired = any(self.features in pair for pair in self.pairs)
        return "superposition" if paired else "dedicated dimension"

    @property
    def sentence(self) -> str:
        """The candidate in words.

        >>> Candidate(3, (), ((1, 2),)).sentence
        'Features 1 and 2 are an antipodal pair.'
        """
        parts = [f"features {i} and {j} are an antipodal pair" for i, j in self.pairs]
        parts += [f"feature {i} is dropped" for i in self.dropped]
        said = "; ".join(parts)
        return f"{said[:1].upper()}{said[1:]}."

    def model(self, density: sympy.Rational) -> ToyModel:
        """The model itself, in n − dropped − pairs dimensions."""
        taken = {j for _, j in self.pairs} | set(self.dropped)
        places = [i for i in range(1, self.features + 1) if i not in taken]
        rows = {i: [int(i == place) for place in places] for i in places}
        rows |= {j: [-cell for cell in rows[i]] for i, j in self.pairs}
        rows |= {i: [0] * len(places) for i in self.dropped}
        order = range(1, self.features + 1)
        b = [density / 2 if i in self.dropped else 0 for i in order]
        return ToyModel([rows[i] for i in order], b)

    def loss(self, importance: sympy.Rational, density: sympy.Rational) -> sympy.Rational:
        """L = v(p) Σ_dropped Iᵢ + p²/6 Σ_paired Iᵢ with v(p) = p/3 − p²/4, Iₙ = r and others 1.

        Source: derived here; for two and three features Elhage et al. 2022, "Superposition as a
        Phase Change".

        >>> half = sympy.Rational(1, 2)
        >>> Candidate(2, (), ((1, 2),)).loss(_ONE, half), Candidate(2, (2,), ()).loss(_ONE, half)
        (1/12, 5/48)
        """
        dropped, paired = self.weights(importance)
        return dropped * variance(density) + paired * density**2 / 6

    def weights(self, importance: sympy.Rational) -> tuple[sympy.Rational, sympy.Rational]:
        """The importances of the features that are dropped, in all, and of those in pairs."""
        last = self.features
        paired = [i for pair in self.pairs for i in pair]
        first, second = (
            sympy.Add(*(importance if i == last else _ONE for i in group))
            for group in (self.dropped, paired)
        )
        return first, second


def textbook_candidates(features: int, hidden: int) -> tuple[Candidate, ...]:
    """All candidates that fill the hidden dimensions, up to exchanging features but the last.

    Each pair and each dropped feature saves a dimension, so there are n − m of them in all. Those
    with the last feature in superposition come first, then those with it alone, then the others.

    >>> [candidate.sentence for candidate in textbook_candidates(2, 1)]
    ['Features 1 and 2 are an antipodal pair.', 'Feature 1 is dropped.', 'Feature 2 is dropped.']
    """
    saved = features - hidden
    found: dict[object, Candidate] = {}
    dropped = (some for k in range(saved + 1) for some in combinations(range(1, features + 1), k))
    everyone = (
        Candidate(features, some, pairs)
        for some in dropped
        for pairs in _pairings(sorted({*range(1, features + 1)} - {*some}), saved - len(some))
    )
    for candidate in everyone:
        kind = (candidate.fate, len(candidate.pairs))
        found.setdefault(kind, candidate)
    return tuple(sorted(found.values(), key=lambda each: -REGIMES.index(each.fate)))


def cheapest(
    known: Sequence[Candidate], importance: sympy.Rational, density: sympy.Rational
) -> Candidate:
    """The candidate with the least loss, and of several the first.

    >>> cheapest(textbook_candidates(3, 2), sympy.Rational(1, 2), sympy.Rational(1, 4)).sentence
    'Features 1 and 3 are an antipodal pair.'
    """
    return min(known, key=lambda candidate: candidate.loss(importance, density))


def candidates_crossing(
    first: Candidate, second: Candidate, importance: sympy.Rational
) -> sympy.Rational | None:
    """The density p > 0 at which two candidates cost the same, or None where there is none.

    L/p is linear in p: with d and c for how much more importance the first drops and pairs,
    p = 4d/(3d − 2c).

    >>> pair, alone, dropped = textbook_candidates(2, 1)
    >>> candidates_crossing(dropped, pair, sympy.Rational(1, 2))  # 4r/(2 + 5r)
    4/9
    """
    (d, c), (e, f) = first.weights(importance), second.weights(importance)
    more_dropped, more_paired = d - e, c - f
    slope = 3 * more_dropped - 2 * more_paired
    if slope == 0 or more_dropped == 0:
        return None
    p = 4 * more_dropped / slope
    return p if p > 0 else None


def borders(
    known: Sequence[Candidate],
    importances: Sequence[sympy.Rational],
    densities: Sequence[sympy.Rational],
) -> tuple[Border, ...]:
    """The lines of points (r, p) on which the last feature's fate changes among candidates.

    Points are worked out at each of the ``importances``, and at each of the ``densities`` for the
    line r = 1, where the last feature changes places with another; only p up to the largest density
    count. Both ascend.
    """
    pairs = [pair for pair in combinations(known, 2) if pair[0].fate != pair[1].fate]
    lines = [
        run
        for pair in pairs
        for run in _runs([_level(known, pair, r, densities[-1]) for r in importances])
    ]
    if known and importances[0] < 1 < importances[-1]:
        lines += _runs([_upright(known, p) for p in densities])
    return tuple(lines)


def _pairings(rest: Sequence[int], count: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """All sets of ``count`` pairs of features, each feature in at most one."""
    for pairs in combinations(combinations(rest, 2), count):
        if len({i for pair in pairs for i in pair}) == 2 * count:
            yield pairs


def _level(
    known: Sequence[Candidate],
    pair: tuple[Candidate, Candidate],
    r: sympy.Rational,
    largest: sympy.Rational,
) -> tuple[sympy.Rational, sympy.Rational] | None:
    """The point at one r where two candidates cost the same and no other costs less."""
    p = candidates_crossing(*pair, r)
    if p is None or p > largest or cheapest(known, r, p).loss(r, p) < pair[0].loss(r, p):
        return None
    return r, p


def _upright(
    known: Sequence[Candidate], p: sympy.Rational
) -> tuple[sympy.Rational, sympy.Rational] | None:
    """The point r = 1 at one p, if the best change there.

    Losses are linear in r: of those that are best at 1, the steepest is best just before, and the
    flattest just after.
    """
    # At r = 1 features are alike, so that several candidates lose the same just there.
    least = cheapest(known, _ONE, p).loss(_ONE, p)
    best = [candidate for candidate in known if candidate.loss(_ONE, p) == least]
    slopes = {each: each.loss(2 * _ONE, p) - least for each in reversed(best)}
    before, after = max(best, key=lambda each: slopes[each]), min(best, key=lambda e: slopes[e])
    return (_ONE, p) if before.fate != after.fate else None


def _runs(
    points: Sequence[tuple[sympy.Rational, sympy.Rational] | None],
) -> list[Border]:
    """The points that follow one another without a gap, two at least."""
    gaps = [-1, *(k for k, point in enumerate(points) if point is None), len(points)]
    runs = (points[a + 1 : b] for a, b in pairwise(gaps))
    return [tuple(point for point in run if point) for run in runs if len(run) > 1]
