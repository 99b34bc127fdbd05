"""Where the loss of a pair or a regular k-gon is least: every stationary β, and the best.

With B(β) and C(β) as in ``clipped_powers``, a feature loses A − 2qB + q²C, least at q = B/C (where
C > 0, B > 0 too), and then L(β) = A − B²/C. It has the derivative −B·P/C² with

    P = 2B′C − BC′,

so the best β is a root of P, a polynomial between kinks. L is continuously differentiable, it is A
below the first kink, and above the last kink, where nothing is clipped, P is linear and L rises
from its root to the loss of a dropped feature. So the best of all roots of P, piece by piece, is
the best of all: nothing is left to a search. Derived here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf, isfinite
from typing import TypeAlias

import sympy

from handcalc.errors import EngineError
from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element
from handcalc.superposition.closed_forms.piecewise import (
    Number,
    PolynomialPiece,
    element_at,
    pieces,
    powers,
)

# --------------------------------------------------------------------------------------------------
# Real roots of polynomials over a real field, isolated and narrowed down by exact signs.
#
# A polynomial is the tuple of its coefficients, the constant first. Intervals are open at both
# ends.


Polynomial: TypeAlias = "tuple[Element, ...]"
Interval: TypeAlias = "tuple[Fraction, Fraction]"
"""Two fractions around a number; the number itself, twice, where it is a fraction."""

_MAX_HALVINGS = 2048


def value(polynomial: Sequence[Element], x: Element | Fraction) -> Element:
    """P(x), by Horner's rule.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> value((one, one, one), Fraction(1, 2))
    Element(7/4)
    """
    total = polynomial[-1]
    for coefficient in reversed(polynomial[:-1]):
        total = total * x + coefficient
    return total


def derivative(polynomial: Polynomial) -> Polynomial:
    """P′, at least one coefficient long."""
    return tuple(c * i for i, c in enumerate(polynomial))[1:] or (polynomial[0] * 0,)


def product(a: Polynomial, b: Polynomial) -> Polynomial:
    """P·Q."""
    total = [a[0] * 0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            total[i + j] = total[i + j] + x * y
    return tuple(total)


def sign_variations(polynomial: Polynomial, lo: Element, hi: Element | None) -> int:
    """How often the signs change in (1 + t)^d·P((lo + hi·t)/(1 + t)), or P(lo + t) with no ``hi``.

    By Descartes' rule that is the number of roots between lo and hi, counted as often as they are
    roots, or more by an even number: 0 and 1 are exact.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> sign_variations((-2 * one, 0 * one, one), one, 2 * one)  # x² − 2 between 1 and 2
    1
    """
    shifted = _shifted(polynomial, lo)
    if hi is not None:
        width, scale = hi - lo, lo * 0 + 1
        stretched = []
        for coefficient in shifted:
            stretched.append(coefficient * scale)
            scale = scale * width
        shifted = _shifted(tuple(reversed(stretched)), lo * 0 + 1)
    signs = [sign for coefficient in shifted if (sign := coefficient.sign())]
    return sum(a != b for a, b in pairwise(signs))


def isolated(polynomial: Polynomial, lo: Element, hi: Element) -> Iterator[Interval]:
    """An interval with fractions as its ends for every root between lo and hi.

    There the polynomial has one simple root, and different signs at the ends; a root that is a
    fraction can come as itself, twice. Errors: ``EngineError`` where a root is multiple.
    """
    waiting = [(lo, hi, 0)]
    while waiting:
        lo, hi, depth = waiting.pop()
        variations = sign_variations(polynomial, lo, hi)
        if variations == 0:
            continue
        if variations == 1 and _is_bracket(polynomial, lo, hi):
            yield lo.to_fraction(), hi.to_fraction()
            continue
        if depth == _MAX_HALVINGS:
            raise EngineError("closed_form", "A multiple root of a polynomial was met.")
        middle = _between(lo, hi)
        if not value(polynomial, middle):
            yield middle, middle
        inner = lo * 0 + middle
        waiting += [(inner, hi, depth + 1), (lo, inner, depth + 1)]


def narrowed(polynomial: Polynomial, interval: Interval, tolerance: Fraction) -> Interval:
    """The interval around a root, as ``isolated`` gives it, at most ``tolerance`` wide.

    Newton's step is taken in floating point; that the root lies near its end is told by exact
    signs, and the interval is halved where it does not.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> square = (-2 * one, 0 * one, one)
    >>> lo, hi = narrowed(square, (Fraction(1), Fraction(2)), Fraction(1, 10**40))
    >>> lo**2 < 2 < hi**2, hi - lo <= Fraction(1, 10**40)
    (True, True)
    """
    slope, (lo, hi) = derivative(polynomial), interval
    rising = value(polynomial, hi).sign() if lo < hi else 0
    while hi - lo > tolerance:
        for x in _trials(polynomial, slope, lo, hi):
            if lo < x < hi:
                side = value(polynomial, x).sign() * rising
                if side == 0:
                    return x, x
                lo, hi = (lo, x) if side > 0 else (x, hi)
    return lo, hi


def near(number: Element, tolerance: Fraction) -> Fraction:
    """A fraction no further than ``tolerance`` from a number: its floats summed, largest first.

    >>> from handcalc.numbers.field import Field
    >>> field = Field()
    >>> root = near(field.sqrt(field.rational(2)), Fraction(1, 10**30))
    >>> abs(root**2 - 2) < Fraction(3, 10**30)
    True
    """
    total, scale = Fraction(0), 1
    while True:
        rest = Fraction(((number - total) * scale).to_float()) / scale
        total += rest  # rest is correctly rounded, so what is left is 2⁻⁵³ of it, or underflows
        if max(abs(rest), Fraction(1, scale << 1000)) < tolerance:
            return total
        scale <<= 50


def _trials(
    polynomial: Polynomial, slope: Polynomial, lo: Fraction, hi: Fraction
) -> Iterable[Fraction]:
    """The middle, and the ends of a much smaller interval around Newton's step from it."""
    width, middle = hi - lo, (lo + hi) / 2
    yield middle
    steepness = value(slope, middle)
    step = (value(polynomial, middle) / steepness).to_float() if steepness else inf
    if not isfinite(step):
        return
    reach = _rounded_up(width * max(min(width, Fraction(1, 4)), Fraction(1, 2**45)))
    goal = round((middle - Fraction(step)) / reach) * reach
    yield goal - 2 * reach
    yield goal + 2 * reach


def _rounded_up(width: Fraction) -> Fraction:
    """A power of 2, at least ``width`` and less than four times that."""
    exponent = width.numerator.bit_length() - width.denominator.bit_length() + 1
    return Fraction(2) ** exponent


def _is_bracket(polynomial: Polynomial, lo: Element, hi: Element) -> bool:
    if not (lo.is_rational and hi.is_rational):
        return False
    return value(polynomial, lo).sign() * value(polynomial, hi).sign() < 0


def _between(lo: Element, hi: Element) -> Fraction:
    """A fraction between two numbers, near their middle."""
    if lo.is_rational and hi.is_rational:
        return (lo.to_fraction() + hi.to_fraction()) / 2
    return near((lo + hi) / 2, near((hi - lo) / 4, Fraction(1, 2**20)) / 2)


def _shifted(polynomial: Polynomial, step: Element) -> Polynomial:
    """P(x + step), by repeated synthetic division."""
    found = list(polynomial)
    for start in range(len(found) - 1):
        for i in range(len(found) - 2, start - 1, -1):
            found[i] = found[i] + found[i + 1] * step
    return tuple(found)


_FINEST = Fraction(1, 10**400)


@dataclass(frozen=True, slots=True)
class PieceAtSparsity:
    """B and C as polynomials for lo ≤ β ≤ hi, at a given S; ``hi`` is None above the last kink."""

    index: int
    lo: Element
    hi: Element | None
    B: Polynomial
    C: Polynomial


@dataclass(frozen=True, slots=True)
class StationaryPoint:
    """A β where the loss is stationary: a root of the cell's P in an interval."""

    cell: PieceAtSparsity
    P: Polynomial
    interval: Interval

    def narrowed(self, tolerance: Fraction) -> StationaryPoint:
        """The same β, known to ``tolerance``."""
        return StationaryPoint(self.cell, self.P, narrowed(self.P, self.interval, tolerance))

    def gain(self) -> tuple[Element, Element]:
        """B²/C, by how much the loss is below A, from below and from above; B and C rise with β."""
        lo, hi = self.interval
        B, C = ([value(p, x) for x in (lo, hi)] for p in (self.cell.B, self.cell.C))
        return B[0] * B[0] / C[1], B[1] * B[1] / C[0]


def stationarity_polynomial(B: Polynomial, C: Polynomial) -> Polynomial:
    """P = 2B′C − BC′, which has the sign of −dL/dβ.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> stationarity_polynomial((one, one), (one, 0 * one, one))  # B = 1 + β, C = 1 + β²
    (Element(2), Element(-2), Element(0))
    """
    rise, fall = product(derivative(B), C), product(B, derivative(C))
    size, zero = max(len(rise), len(fall)), B[0] * 0
    both = ((*part, *[zero] * (size - len(part))) for part in (rise, fall))
    return tuple(up * 2 - down for up, down in zip(*both, strict=True))


def cells(k: int, sparsity: sympy.Expr) -> list[PieceAtSparsity]:
    """All cells at a given S, with numbers of one field."""
    _, (c, s) = elements(2 * sympy.cos(2 * sympy.pi / k), sparsity)
    in_c, in_s = powers(c, k), powers(s, k)

    def number(part: Number) -> Element:
        return element_at(part, in_c, in_s)

    def cell(index: int, piece: PolynomialPiece) -> PieceAtSparsity:
        hi = None if piece.hi is None else number(piece.hi)
        B, C = (tuple(map(number, parts)) for parts in (piece.B, piece.C))
        return PieceAtSparsity(index, number(piece.lo), hi, B, C)

    return [cell(index, piece) for index, piece in enumerate(pieces(k))]


def stationary_places(k: int, sparsity: sympy.Expr) -> Iterator[StationaryPoint]:
    """Every β above the first kink where the loss is stationary, cell by cell.

    >>> [place.interval for place in stationary_places(2, sympy.Rational(0))]
    [(Fraction(1, 1), Fraction(1, 1))]
    """
    for cell in cells(k, sparsity):
        P = stationarity_polynomial(cell.B, cell.C)
        if cell.index and not value(P, cell.lo):
            kink = near(cell.lo, _FINEST)
            if cell.lo != kink:
                raise EngineError("closed_form", "A best β lies on a kink that is not a fraction.")
            yield StationaryPoint(cell, P, (kink, kink))
        hi = _beyond(P, cell.lo) if cell.hi is None else cell.hi
        yield from (StationaryPoint(cell, P, interval) for interval in isolated(P, cell.lo, hi))


def best_place(k: int, sparsity: sympy.Expr) -> StationaryPoint:
    """The β with the least loss of all.

    Errors: ``EngineError`` where two losses agree to 400 digits.

    >>> best_place(2, sympy.Rational(1, 2)).narrowed(Fraction(1, 100)).interval
    (Fraction(105, 1024), Fraction(27, 256))
    """
    places, tolerance = list(stationary_places(k, sparsity)), Fraction(1, 2**20)
    while len(places) > 1:
        places = [place.narrowed(tolerance) for place in places]
        gains = [place.gain() for place in places]
        surest = gains[0][0]
        for low, _ in gains:
            surest = low if (low - surest).sign() > 0 else surest
        kept = zip(places, gains, strict=True)
        places = [place for place, (_, high) in kept if (high - surest).sign() >= 0]
        if tolerance < _FINEST:
            raise EngineError("closed_form", "Two stationary losses could not be told apart.")
        tolerance = tolerance**2
    return places[0]


def _beyond(polynomial: Polynomial, lo: Element) -> Element:
    """A number above all roots that are above ``lo``."""
    reach = lo * 0 + 1
    while sign_variations(polynomial, lo + reach, None):
        reach = reach * 2
    return lo + reach
