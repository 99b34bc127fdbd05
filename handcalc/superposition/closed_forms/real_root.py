"""Real algebraic numbers: an irreducible polynomial over ℤ, and an interval with one root."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import count
from math import ceil, floor

import sympy

from handcalc.numbers.exact import to_text
from handcalc.numbers.field import Field
from handcalc.superposition.closed_forms.roots import (
    Interval,
    Polynomial,
    narrowed,
    sign_variations,
    value,
)

__all__ = ["RealRoot"]


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
