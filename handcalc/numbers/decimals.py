"""Exact numbers as decimals: always the nearest, worked out with whole numbers, never with floats.

Halfway between two decimals, the one whose last digit is even is taken.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import sympy

from handcalc.errors import EngineError
from handcalc.numbers.exact import elements, integer_text, to_text

_LONG = 20  # characters


def rounded(value: sympy.Expr, digits: int) -> Decimal:
    """The decimal of so many significant digits that is nearest to an exact number.

    >>> rounded(sympy.Rational(2, 3), 4), rounded(sympy.sqrt(2) / 10**6, 3)
    (Decimal('0.6667'), Decimal('0.00000141'))
    """
    return _nearest(value, lambda top, bottom: _significant(top, bottom, digits))


def to_places(value: sympy.Expr, places: int) -> Decimal:
    """The decimal with so many digits behind its point that is nearest to an exact number.

    >>> to_places(sympy.Rational(1, 8), 2), to_places(-sympy.sqrt(3), 4)
    (Decimal('0.12'), Decimal('-1.7321'))
    """
    return _nearest(value, lambda top, bottom: _scaled(top, bottom, -places))


def to_decimals(value: Fraction, places: int) -> Fraction:
    """The fraction with so many decimals that is nearest to another.

    >>> to_decimals(Fraction(2, 3), 2)
    Fraction(67, 100)
    """
    scale: int = 10**places
    return Fraction(round(value * scale), scale)


def short_text(value: sympy.Expr) -> str:
    """A number for a sentence: exactly, or about its decimal where it is long.

    >>> short_text(sympy.Rational(-1, 10)), short_text(sympy.Rational(1, 3**40))
    ('-1/10', 'about 8.22526e-20')
    """
    exactly = to_text(value)
    return exactly if len(exactly) <= _LONG else f"about {rounded(value, 6):g}"


def is_exact(decimal: Decimal, value: sympy.Expr) -> bool:
    """Whether a decimal is the number itself.

    >>> is_exact(Decimal("0.125"), sympy.Rational(1, 8)), is_exact(Decimal(1), sympy.sqrt(2))
    (True, False)
    """
    return isinstance(value, sympy.Rational) and decimal.as_integer_ratio() == (value.p, value.q)


def trimmed(decimal: Decimal) -> Decimal:
    """The same without zeros at its end; ``Decimal.normalize`` would round it to 28 digits.

    >>> trimmed(Decimal("0.2500")), trimmed(Decimal("-1200"))
    (Decimal('0.25'), Decimal('-1.2E+3'))
    """
    if not decimal:
        return Decimal(0)
    sign, digits, exponent = decimal.as_tuple()
    kept = "".join(map(str, digits)).rstrip("0")
    return Decimal((sign, tuple(map(int, kept)), int(exponent) + len(digits) - len(kept)))


def _nearest(value: sympy.Expr, rounding: Callable[[int, int], Decimal]) -> Decimal:
    """What a number is rounded to: bounds below and above it, once both are rounded alike.

    What is no fraction never lies halfway, so that its bounds come to one side in the end.
    """
    if isinstance(value, sympy.Rational):
        return rounding(int(value.p), int(value.q))
    _, (element,) = elements(value)
    for bounds in element.bounds():
        low, high = (rounding(bound.numerator, bound.denominator) for bound in bounds)
        if low == high:
            return low
    raise EngineError("decimals", "The decimal nearest to a number was not found.")


def _significant(top: int, bottom: int, digits: int) -> Decimal:
    if not top:
        return Decimal(0)
    # the number's bits, times log₁₀ 2, guess the exponent; a guess too low leaves too many digits
    exponent = (abs(top).bit_length() - bottom.bit_length()) * 30103 // 100000 - 1 - digits
    while _units(abs(top), bottom, exponent) >= 10**digits:
        exponent += 1
    return _scaled(top, bottom, exponent)


def _scaled(top: int, bottom: int, exponent: int) -> Decimal:
    digits = tuple(map(int, integer_text(_units(abs(top), bottom, exponent))))
    return Decimal((int(top < 0), digits, exponent))


def _units(top: int, bottom: int, exponent: int) -> int:
    """How many times 10^exponent goes into top/bottom ≥ 0, to the nearest whole number."""
    if exponent < 0:
        top *= 10**-exponent
    else:
        bottom *= 10**exponent
    whole, rest = divmod(top, bottom)
    return whole + (2 * rest > bottom or (2 * rest == bottom and whole % 2 == 1))


def no_minus_zero(value: Decimal) -> Decimal:
    """The value, 0 for -0; the format "z" does the same, but browsers' Python lacks what it needs.

    >>> no_minus_zero(Decimal("-0.00")), no_minus_zero(Decimal("-1.50"))
    (Decimal('0.00'), Decimal('-1.50'))
    """
    return value if value else value.copy_abs()
