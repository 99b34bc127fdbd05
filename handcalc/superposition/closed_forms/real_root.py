"""Real algebraic numbers: an irreducible polynomial over ℤ, and an interval with one root."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import count
from math import ceil, floor, isqrt

import sympy

from handcalc.errors import EngineError
from handcalc.numbers.exact import to_text
from handcalc.numbers.field import Element, Field
from handcalc.superposition.closed_forms.piecewise import Ground, Number, PolynomialPiece
from handcalc.superposition.closed_forms.stationary import (
    Interval,
    Polynomial,
    narrowed,
    near,
    sign_variations,
    stationarity_polynomial,
    value,
)
from handcalc.superposition.loss.distribution import S


@dataclass(frozen=True, slots=True)
class RealRoot:
    """The one root of ``polynomial`` from ``lo`` to ``hi``, strictly between the two.

    ``polynomial`` is irreducible over ℤ, its leading coefficient positive; ``lo`` and ``hi`` are
    decimal fractions, where it has different signs.
    """

    polynomial: sympy.Poly
    lo: sympy.Rational
    hi: sympy.Rational

    @classmethod
    def among(cls, polynomial: sympy.Poly, root_of: Polynomial, within: Interval) -> RealRoot:
        """The root of ``root_of`` within an interval, known to be one of a polynomial over ℚ too.

        ``lo`` and ``hi`` lie within that interval, have two decimals and two digits or more.

        >>> x, one = sympy.Symbol("x"), Field().rational(1)
        >>> both = sympy.Poly((x**2 - 2) * (x**2 - 3), x)
        >>> RealRoot.among(both, (-3 * one, 0 * one, one), (Fraction(1), Fraction(2)))
        RealRoot(polynomial=Poly(x**2 - 3, x, domain='ZZ'), lo=173/100, hi=87/50)
        """
        _, factors = polynomial.factor_list()
        candidates = [factor.clear_denoms(convert=True)[1].primitive()[1] for factor, _ in factors]
        interval = within
        for decimals in count(2):  # different factors have no root in common, so this ends
            unit = Fraction(1, 10**decimals)
            interval = narrowed(root_of, interval, unit / 10)
            lo, hi = unit * (ceil(interval[0] / unit) - 1), unit * (floor(interval[1] / unit) + 1)
            is_narrow = within[0] <= lo and hi <= within[1] and hi - lo <= abs(lo) / 10
            counts = [_root_count(factor, lo, hi) for factor in candidates]
            if sum(counts) == 1 and (is_narrow or interval[0] == interval[1]):
                break
        factor = candidates[counts.index(1)]
        ends = (sympy.Rational(end.numerator, end.denominator) for end in (lo, hi))
        return cls(factor if factor.LC() > 0 else -factor, next(ends), next(ends))

    @property
    def exact(self) -> sympy.Expr | None:
        """The root as a fraction or with a square root, None where its degree is over 2."""
        if self.polynomial.degree() > 2:
            return None
        if self.polynomial.degree() == 1:
            a, b = self.polynomial.all_coeffs()
            return sympy.Rational(-b, a)
        a, b, c = self.polynomial.all_coeffs()
        root = sympy.sqrt(b**2 - 4 * a * c)
        larger = self.polynomial.eval(self.hi) > 0
        return sympy.expand((-b + (root if larger else -root)) / (2 * a))

    @property
    def sentence(self) -> str:
        """What the root is, in words that may follow "is".

        >>> x = sympy.Symbol("x")
        >>> RealRoot(sympy.Poly(x**3 - 2), sympy.Rational("1.25"), sympy.Rational("1.26")).sentence
        'the root of a polynomial of degree 3 between 1.25 and 1.26'
        """
        if self.exact is not None:
            return to_text(self.exact)
        lo, hi = (Decimal(int(end.p)) / int(end.q) for end in (self.lo, self.hi))
        degree = self.polynomial.degree()
        return f"the root of a polynomial of degree {degree} between {lo:f} and {hi:f}"

    def interval(self, tolerance: Fraction) -> Interval:
        """Fractions below and above the root, at most ``tolerance`` apart; equal if it is one.

        >>> x = sympy.Symbol("x")
        >>> root = RealRoot(sympy.Poly(x**3 - 2), sympy.Integer(1), sympy.Integer(2))
        >>> lo, hi = root.interval(Fraction(1, 10**50))
        >>> lo**3 < 2 < hi**3, hi - lo <= Fraction(1, 10**50)
        (True, True)
        """
        if self.polynomial.degree() == 1:
            return (_fraction(self.exact),) * 2
        ends = _fraction(self.lo), _fraction(self.hi)
        return narrowed(_elements(self.polynomial), ends, tolerance)


def _root_count(polynomial: sympy.Poly, lo: Fraction, hi: Fraction) -> int:
    """How many roots lie between two fractions that are none, where that is 0 or 1; else more."""
    parts = _elements(polynomial)
    if not (value(parts, lo) and value(parts, hi)):
        return len(parts)
    return sign_variations(parts, parts[0] * 0 + lo, parts[0] * 0 + hi)


def _elements(polynomial: sympy.Poly) -> Polynomial:
    field = Field()
    return tuple(field.rational(int(part)) for part in reversed(polynomial.all_coeffs()))


def _fraction(number: sympy.Rational) -> Fraction:
    return Fraction(int(number.p), int(number.q))


# --------------------------------------------------------------------------------------------------
# From the polynomial over a number field that decides β to one over ℚ with the same root.


beta = sympy.Symbol("beta")
_C = sympy.Symbol("c")


def written(coefficients: Iterable[Number], c: sympy.Expr = _C) -> sympy.Expr:
    """A polynomial in β as a sum, from its coefficients in c and S and a value for c.

    >>> from handcalc.superposition.closed_forms.piecewise import pieces
    >>> written(pieces(2)[-1].C)
    -S**2/2 + S/3 + beta**2 + 1/6
    """
    powers, terms = [sympy.Integer(1)], []
    for n, part in enumerate(coefficients):
        for (i, j), coefficient in part.terms():
            while len(powers) <= i:
                powers.append(sympy.expand(powers[-1] * c))
            scale = sympy.Rational(int(coefficient.numerator), int(coefficient.denominator))
            rest = scale * S**j * beta**n
            terms += [rest * summand for summand in sympy.Add.make_args(powers[i])]
    return sympy.Add(*terms)


def over_the_rationals(k: int, piece: PolynomialPiece, sparsity: sympy.Expr) -> sympy.Poly:
    """A polynomial in β over ℚ with all roots of P at a given S: the product of conjugates.

    >>> from handcalc.superposition.closed_forms.piecewise import pieces
    >>> over_the_rationals(2, pieces(2)[-1], sympy.Rational(1, 2)).all_roots()
    [1/2]
    """
    P = sympy.Poly(written(stationarity_polynomial(piece.B, piece.C)), beta, _C, S)
    if isinstance(sparsity, sympy.Rational):
        P = P.eval(S, sparsity)
    else:
        P = _without(P, S, sympy.minimal_polynomial(sparsity, S))
    return sympy.Poly(_without(P, _C, Ground.of(k).modulus.as_expr()).as_expr(), beta)


def _without(P: sympy.Poly, symbol: sympy.Symbol, minimal: sympy.Expr) -> sympy.Poly:
    """The product of P over all roots of a minimal polynomial, put for a symbol."""
    return sympy.Poly(sympy.resultant(P, sympy.Poly(minimal, symbol), symbol))


# --------------------------------------------------------------------------------------------------
# Digits that are proved: of numbers known only to lie between two others.


_MAX_DOUBLINGS = 12


def proved(enclosures: Callable[[Fraction], Sequence[Interval]], n: int) -> tuple[sympy.Float, ...]:
    """Numbers to n digits, given intervals around them for any tolerance of what they come from.

    The tolerance is lowered until both ends of every interval are the same when rounded.

    >>> proved(lambda tolerance: [(1 / (3 + tolerance), 1 / (3 - tolerance))], 20)
    (0.33333333333333333333,)
    """
    guard = 5
    for _ in range(_MAX_DOUBLINGS):
        intervals = enclosures(Fraction(1, 10 ** (n + guard)))
        found = [(_rounded(lo, n), _rounded(hi, n)) for lo, hi in intervals]
        if all(lo == hi for lo, hi in found):
            return tuple(lo for lo, _ in found)
        guard *= 2
    raise EngineError("closed_form", "A number was not known well enough to be rounded.")


def around(lo: Element, hi: Element, tolerance: Fraction) -> Interval:
    """Fractions below lo and above hi, by at most twice ``tolerance``."""
    if lo.is_rational and hi.is_rational:
        return lo.to_fraction(), hi.to_fraction()
    return near(lo, tolerance) - tolerance, near(hi, tolerance) + tolerance


def root_around(interval: Interval, tolerance: Fraction) -> Interval:
    """Fractions around the square roots of the numbers ≥ 0 in an interval.

    >>> lo, hi = root_around((Fraction(2), Fraction(2)), Fraction(1, 1000))
    >>> lo**2 < 2 < hi**2, hi - lo <= Fraction(1, 1000)
    (True, True)
    """
    scale = 2 * (1 + tolerance.denominator // tolerance.numerator)
    lo, hi = (end * scale**2 for end in interval)
    return Fraction(isqrt(floor(lo)), scale), Fraction(isqrt(floor(hi)) + 1, scale)


def products(a: Interval, b: Interval) -> Interval:
    """Around all products of numbers from two intervals."""
    found = [x * y for x in a for y in b]
    return min(found), max(found)


def _rounded(value: Fraction, n: int) -> sympy.Float:
    return sympy.Float(sympy.Rational(value.numerator, value.denominator), n)
