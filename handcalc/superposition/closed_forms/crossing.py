"""The sparsity at which two families of equally important features lose the same.

Within a family every part is at its best (``best_regular``), so both losses are known to any number
of digits at a given S, and the sign of their difference is proved. The families lose the same at
the S that solves, with the β of each kind of part,

    P₁(β₁, S) = 0,    P₂(β₂, S) = 0,    …,    L_first = L_second.

It is found between two S at which the difference has different signs. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import sympy

from handcalc.errors import EngineError, InputError
from handcalc.superposition.closed_forms.family_optimum import Composition
from handcalc.superposition.closed_forms.real_root import proved
from handcalc.superposition.closed_forms.regular import (
    RegularParts,
    RegularValues,
    sparsity_below_one,
)
from handcalc.superposition.closed_forms.stationary import Interval, StationaryPoint, best_place
from handcalc.wording import brief, joined

_GRID = [
    Fraction(1, 1024),
    *(Fraction(i, 16) for i in range(1, 16)),
    *(1 - Fraction(1, 2**j) for j in range(5, 11)),
]
_FIRST, _FINEST = Fraction(1, 2**40), Fraction(1, 2**4000)


@dataclass(frozen=True, slots=True)
class CrossingValues:
    """S and the loss where two families lose the same, and their pairs and k-gons there, by k."""

    sparsity: sympy.Float
    loss: sympy.Float
    parts: Mapping[int, RegularValues]


@dataclass(frozen=True, slots=True)
class FamilyCrossing:
    """Two families that lose the same at an S between ``lo`` and ``hi``, which are fractions.

    At ``lo`` the first loses less, at ``hi`` the second: both are proved.
    """

    first: Composition
    second: Composition
    lo: sympy.Rational
    hi: sympy.Rational

    def interval(self, tolerance: Fraction) -> Interval:
        """Fractions, at most ``tolerance`` apart, at which the two are proved to be lo and hi."""
        lo, hi = (Fraction(int(end.p), int(end.q)) for end in (self.lo, self.hi))
        return _narrowed(lambda S: _gap(self.first, self.second, S), (lo, hi), tolerance)

    def digits(self, n: int) -> CrossingValues:
        """S to n digits, all proved, and the losses and parts there to as many.

        >>> triangle, pair = Composition(k_gons=(3,)), Composition(pairs=1, dedicated=1)
        >>> found = crossing(triangle, pair).digits(15)
        >>> found.sparsity, found.loss, found.parts[2].length
        (0.478162340928575, 0.0818277742439342, 0.954838542684798)
        """
        kinds = sorted({*self.first.regular, *self.second.regular})

        def enclosures(tolerance: Fraction) -> Sequence[Interval]:
            ends = self.interval(tolerance)
            told = []
            for spot in (_Spot.at(S, kinds) for S in ends):
                parts = [spot.part(k, tolerance) for k in kinds]
                told.append(
                    [spot.loss(self.first, tolerance), *(each for p in parts for each in p)]
                )
            return [ends, *(_hull(a, b) for a, b in zip(*told, strict=True))]

        sparsity, loss, *others = proved(enclosures, n)
        size = len(others) // len(kinds)
        rows = (others[i : i + size] for i in range(0, len(others), size))
        parts = {k: RegularValues(*row) for k, row in zip(kinds, rows, strict=True)}
        return CrossingValues(sparsity, loss, parts)


def crossing(
    first: Composition, second: Composition, between: tuple[object, object] | None = None
) -> FamilyCrossing:
    """The sparsity at which two families of features with importance 1 lose the same.

    ``between`` names two sparsities, below 1, at which one and the other loses less; without it, 22
    sparsities from 1/1024 to 1023/1024 are tried. Errors: ``size`` where the families have
    different numbers of features; ``crossing`` where none or several such sparsities are seen.

    Source: derived here.

    >>> found = crossing(Composition(k_gons=(3,)), Composition(pairs=1, dedicated=1))
    >>> found.first.sentence, found.lo, found.hi
    ('1 3-gon', 7/16, 1/2)
    """
    _check_alike(first, second)
    grid = _GRID if between is None else [_fraction(sparsity_below_one(S)) for S in between]
    gaps = [(S, _gap(first, second, S)) for S in grid]
    changes = [(a, b) for a, b in pairwise(gaps) if a[1] * b[1] < 0]
    if len(changes) != 1:
        raise _not_one([(a[0], b[0]) for a, b in changes], first, second)
    ends = changes[0]
    if ends[0][1] > 0:
        first, second = second, first
    return FamilyCrossing(first, second, *(_rational(S) for S, _ in ends))


@dataclass(frozen=True, slots=True)
class _Spot:
    """The best places of parts with k features, for some k, at one S."""

    p: Fraction
    places: Mapping[int, StationaryPoint]

    @classmethod
    def at(cls, S: Fraction, kinds: Sequence[int]) -> _Spot:
        return cls(1 - S, {k: best_place(k, _rational(S)) for k in kinds})

    def part(self, k: int, tolerance: Fraction) -> list[Interval]:
        """Intervals around what ``RegularValues`` holds."""
        place = self.places[k].narrowed(tolerance)
        one = place.cell.lo * 0 + 1
        parts = RegularParts(k, place.cell.B, place.cell.C, one * self.p, one)
        return parts.around(place.interval, tolerance)

    def loss(self, family: Composition, tolerance: Fraction) -> Interval:
        """Fractions around a family's loss."""
        low = high = family.dropped * (self.p / 3 - self.p**2 / 4)
        for k, count in family.regular.items():
            total = self.part(k, tolerance)[-1]
            low, high = low + count * total[0], high + count * total[1]
        return low, high


def _gap(first: Composition, second: Composition, S: Fraction) -> Fraction:
    """About L_first − L_second; its sign is proved."""
    spot, tolerance = _Spot.at(S, [*first.regular, *second.regular]), _FIRST
    while tolerance > _FINEST:
        a, b = spot.loss(first, tolerance), spot.loss(second, tolerance)
        low, high = a[0] - b[1], a[1] - b[0]
        if low > 0 or high < 0:
            return (low + high) / 2
        tolerance = tolerance**2
    raise EngineError("closed_form", "Two losses could not be told apart.")


def _narrowed(
    gap: Callable[[Fraction], Fraction], interval: Interval, tolerance: Fraction
) -> Interval:
    """A smaller interval around the change of sign: the secant's zero, and its neighbourhood."""
    (lo, hi), known = interval, {S: gap(S) for S in interval}
    while hi - lo > tolerance:
        width = hi - lo
        zero = lo + width * known[lo] / (known[lo] - known[hi])
        reach = Fraction(1, 1 << int(1 / (width * min(width, Fraction(1, 8)))).bit_length())
        for S in (*((round(zero / reach) + side) * reach for side in (-1, 1)), lo + width / 2):
            if lo < S < hi and hi - lo > width / 2:
                known[S] = gap(S)
                lo, hi = (S, hi) if known[S] * known[lo] > 0 else (lo, S)
    return lo, hi


def _hull(a: Interval, b: Interval) -> Interval:
    return min(a[0], b[0]), max(a[1], b[1])


def _check_alike(first: Composition, second: Composition) -> None:
    if first.features != second.features:
        raise InputError(
            "size",
            f"Two families of the same features are compared, not of {first.features} and "
            f"{second.features}.",
        )
    if first.regular == second.regular and first.dropped == second.dropped:
        raise InputError("crossing", f"The two families are the same: {first.sentence}.")


def _not_one(
    changes: Sequence[tuple[Fraction, Fraction]], first: Composition, second: Composition
) -> InputError:
    if changes:
        places = joined([f"{lo} and {hi}" for lo, hi in changes], "or")
        return InputError(
            "crossing",
            f"There is more than one sparsity at which they lose the same: tell between which two "
            f"to look, {places}.",
        )
    return InputError(
        "crossing",
        f"No sparsity was seen at which these lose the same: {first.sentence}; {second.sentence}.",
    )


def _rational(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def _fraction(value: sympy.Expr) -> Fraction:
    if not isinstance(value, sympy.Rational):
        raise InputError(
            "sparsity", f"The sparsities to look between are fractions, not {brief(value)}."
        )
    return Fraction(int(value.p), int(value.q))
