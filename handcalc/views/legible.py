"""Which numbers a page shows as they are, and to how many digits it rounds the others."""

from __future__ import annotations

from decimal import Decimal

import sympy

from handcalc.numbers.decimals import is_exact, rounded, to_places
from handcalc.numbers.exact import to_text

DIGITS = 6
"""Of a rounded number in a formula or a sentence."""
PLACES = (6, 4, 3)
"""Behind the points of a matrix: as many as the page has room for."""
SMALLEST, LARGEST = -5, 11
"""The powers of ten at which a decimal begins that is written without e-notation."""

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
