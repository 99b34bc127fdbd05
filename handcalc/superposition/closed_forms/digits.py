"""Digits that are proved: of numbers known only to lie between two others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import floor, isqrt

import sympy

from handcalc.errors import EngineError
from handcalc.numbers.field import Element
from handcalc.superposition.closed_forms.roots import Interval, near

__all__ = ["around", "products", "proved", "root_around"]

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
