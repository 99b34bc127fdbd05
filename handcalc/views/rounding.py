"""Which numbers a page shows as they are, and to how many digits it rounds the others."""

from __future__ import annotations

from decimal import Decimal

import sympy

from handcalc.numbers.decimals import is_exact, rounded, to_places, trimmed
from handcalc.numbers.exact import to_text

DIGITS = 6
"""Of a rounded number in a formula or a sentence."""
PLACES = (6, 4, 3)
"""Behind the points of a matrix: as many as the page has room for."""
SMALLEST, LARGEST = -5, 11
"""The powers of ten at which a decimal begins that is written without e-notation."""

# 102/121 says more than 0.842975, and 993/1250 less than 0.7944: a fraction is shown as it is up
# to so large numbers, unless its bottom is long too and a decimal of six places says the same.
_LONG_WHOLE, _LONG, _LONG_BOTTOM = 10**12, 10**6, 10**3
_LONG_TEXT = 48  # characters of a sum of roots


def reads_at_a_glance(value: sympy.Expr) -> bool:
    """Whether a number is best shown as it is: short, and no fraction that a decimal says shorter.

    >>> [reads_at_a_glance(sympy.Rational(text)) for text in ("102/121", "0.7944", "1/1234567")]
    [True, False, False]
    """
    if isinstance(value, sympy.Integer):
        return bool(abs(value.p) < _LONG_WHOLE)
    if isinstance(value, sympy.Rational):
        ends_soon = value.q > _LONG_BOTTOM and _LONG % value.q == 0
        return bool(max(abs(value.p), value.q) <= _LONG and not ends_soon)
    parts = value.atoms(sympy.Rational)
    return all(max(abs(part.p), part.q) <= _LONG for part in parts) and (
        len(to_text(value)) <= _LONG_TEXT
    )


def in_column(value: sympy.Expr, places: int) -> Decimal:
    """To so many places, or to fewer digits where too little would be left of a small number.

    >>> in_column(sympy.Rational(2, 3), 4), in_column(sympy.Rational(1, 30000), 4)
    (Decimal('0.6667'), Decimal('0.000033'))
    """
    shown = to_places(value, places)
    if shown.adjusted() > LARGEST:
        return rounded(value, DIGITS)
    too_small = 10 if places >= PLACES[0] else 1  # in units of the last place
    if abs(shown.scaleb(places)) >= too_small or is_exact(shown, value):
        return shown
    return rounded(value, max(places // 2, 1))


# --------------------------------------------------------------------------------------------------
# Numbers with many digits, cut to decimals that a page has room for.


_SHORT = 10**6
MOST_DIGITS = 200  # more than any fraction needs that ends


def is_short(value: sympy.Expr) -> bool:
    """Whether a number is a fraction that is read at a glance.

    >>> is_short(sympy.Rational(6561, 10000)), is_short(sympy.Rational(1234567, 10**7))
    (True, False)
    """
    return isinstance(value, sympy.Rational) and max(abs(value.p), value.q) <= _SHORT


def significant(value: sympy.Expr, digits: int) -> str:
    """A number to so many digits, or as it is where it is short.

    >>> significant(sympy.Rational(1, 3 * 10**6), 5), significant(sympy.Rational(1, 3), 5)
    ('3.3333e-7', '1/3')
    """
    if is_short(value):
        return to_text(value)
    nearest = rounded(value, digits)
    return f"{trimmed(nearest) if is_exact(nearest, value) else nearest:g}"


def written_out(value: sympy.Expr) -> str:
    """A number exactly: as a decimal where it is no short fraction and its decimals end.

    >>> written_out(sympy.Rational(-12345678, 10**7)), written_out(sympy.Rational(1, 3))
    ('-1.2345678', '1/3')
    """
    if is_short(value) or not isinstance(value, sympy.Rational):
        return to_text(value)
    nearest = rounded(value, MOST_DIGITS)
    return f"{trimmed(nearest):f}" if is_exact(nearest, value) else to_text(value)


def own_sign(value: sympy.Expr, equals: str) -> str:
    """The sign of one of numbers that stand together: a whole one is there as it is.

    >>> own_sign(sympy.Integer(0), "≈"), own_sign(sympy.Rational(1, 3), "≈")
    ('=', '≈')
    """
    return "=" if value.is_Integer and reads_at_a_glance(value) else equals
