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
from flint import arb, ctx, fmpq

from handcalc.errors import InputError
from handcalc.numbers.exact import to_fraction, to_rational
from handcalc.superposition.closed_forms.balls import ball, certified, rounded, sign
from handcalc.superposition.closed_forms.family_optimum import Composition
from handcalc.superposition.closed_forms.regular import (
    TOO_WIDE,
    RegularValues,
    best_point,
    bits_for,
    sparsity_below_one,
)
from handcalc.superposition.loss.problem import variance
from handcalc.wording import brief, joined

_GRID = [
    Fraction(1, 1024),
    *(Fraction(i, 16) for i in range(1, 16)),
    *(1 - Fraction(1, 2**j) for j in range(5, 11)),
]
_BITS = 64
_ALIKE = "Two losses could not be told apart."


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

    def interval(self, tolerance: Fraction) -> tuple[Fraction, Fraction]:
        """Fractions, at most ``tolerance`` apart, at which the two are proved to be lo and hi."""
        bits = _BITS + 2 * (tolerance.denominator // tolerance.numerator).bit_length()
        lo, hi = map(to_fraction, (self.lo, self.hi))
        return _narrowed(lambda S: _gap(self.first, self.second, S, bits), (lo, hi), tolerance)

    def digits(self, n: int) -> CrossingValues:
        """S to n digits, all proved, and the losses and parts there to as many.

        All is worked out at once for every S of a ball that holds the one asked for.

        >>> triangle, pair = Composition(k_gons=(3,)), Composition(pairs=1, dedicated=1)
        >>> found = crossing(triangle, pair).digits(15)
        >>> found.sparsity, found.loss, found.parts[2].length
        (0.478162340928575, 0.0818277742439342, 0.954838542684798)
        """

        def attempt() -> CrossingValues:
            lo, hi = self.interval(Fraction(1, 1 << ctx.prec))
            S = _ball(lo).union(_ball(hi))
            parts, (loss, _) = _at_their_best((self.first, self.second), S)
            told = {k: part.each(lambda each: rounded(each, n)) for k, part in parts.items()}
            return CrossingValues(rounded(S, n), rounded(loss, n), told)

        return certified(attempt, bits_for(n), TOO_WIDE)


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
    if first.features != second.features:
        raise InputError(
            "size",
            f"Two families of the same features are compared, not of {first.features} and "
            f"{second.features}.",
        )
    if first.regular == second.regular and first.dropped == second.dropped:
        raise InputError("crossing", f"The two families are the same: {first.sentence}.")
    grid = _GRID if between is None else [_fraction(sparsity_below_one(S)) for S in between]
    gaps = [(S, _gap(first, second, S)) for S in grid]
    changes = [(a, b) for a, b in pairwise(gaps) if a[1] * b[1] < 0]
    if len(changes) != 1:
        raise _not_one([(a[0], b[0]) for a, b in changes], first, second)
    ends = changes[0]
    if ends[0][1] > 0:
        first, second = second, first
    return FamilyCrossing(first, second, *(to_rational(S) for S, _ in ends))


def _at_their_best(
    families: Sequence[Composition], sparsity: sympy.Expr | arb
) -> tuple[dict[int, RegularValues], list[arb]]:
    """Balls around what is best for pairs and k-gons, by k, and around each family's loss."""
    p = 1 - (sparsity if isinstance(sparsity, arb) else ball(sparsity))
    parts, losses = {}, []
    for k in sorted({k for family in families for k in family.regular}):
        point = best_point(k, sparsity)
        parts[k] = RegularValues.of(k, (point.beta, point.B, point.C, p, arb(1)), arb.sqrt)
    for family in families:
        regular = sum((n * parts[k].total for k, n in family.regular.items()), arb(0))
        losses.append(regular + family.dropped * variance(p))
    return parts, losses


def family_loss(family: Composition, sparsity: object, digits: int) -> sympy.Float:
    """The loss of a family at its best, to so many digits, all proved; S is below 1.

    Errors: ``sparsity``. Source: derived here.

    >>> family_loss(Composition(pairs=1, dropped=1), "1/2", 12)
    0.180449113656
    """
    S = sparsity_below_one(sparsity)

    def attempt() -> sympy.Float:
        _, (loss,) = _at_their_best((family,), S)
        return rounded(loss, digits)

    return certified(attempt, bits_for(digits), TOO_WIDE)


def loses_less(first: Composition, second: Composition, sparsity: sympy.Expr) -> bool:
    """Whether the first family loses less than the second, each at its best; it is proved.

    >>> triangle, pair = Composition(k_gons=(3,)), Composition(pairs=1, dedicated=1)
    >>> loses_less(triangle, pair, sympy.Rational(2, 5))
    True
    """

    def attempt() -> bool:
        _, (here, there) = _at_their_best((first, second), sparsity)
        return sign(here - there) < 0

    return certified(attempt, _BITS, _ALIKE)


def _gap(first: Composition, second: Composition, S: Fraction, bits: int = _BITS) -> Fraction:
    """About L_first − L_second; its sign is proved."""

    def attempt() -> Fraction:
        _, (here, there) = _at_their_best((first, second), to_rational(S))
        sign(here - there)
        middle = (here - there).mid().fmpq()
        return Fraction(int(middle.p), int(middle.q))

    return certified(attempt, bits, _ALIKE)


def _narrowed(
    gap: Callable[[Fraction], Fraction], interval: tuple[Fraction, Fraction], tolerance: Fraction
) -> tuple[Fraction, Fraction]:
    """A smaller interval around the change of sign: the secant's zero, and its neighbourhood."""
    # The secant's zero is off by about the square of the width, so a neighbourhood of that size
    # should hold the change of sign. Both of its ends are tried, on a grid of dyadic fractions, to
    # keep numbers short; where they do not halve the interval at least, it is bisected.
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


def _ball(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _fraction(value: sympy.Expr) -> Fraction:
    if not isinstance(value, sympy.Rational):
        raise InputError(
            "sparsity", f"The sparsities to look between are fractions, not {brief(value)}."
        )
    return to_fraction(value)
