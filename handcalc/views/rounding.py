"""Exact numbers with many digits, cut to decimals that a page has room for."""

from __future__ import annotations

import sympy

from handcalc.numbers.decimals import is_exact, rounded, to_places, trimmed
from handcalc.numbers.exact import to_text
from handcalc.views.notation import PlainNotation

_SHORT = 10**6
_MOST_DIGITS = 200  # more than any fraction needs that ends


class RoundedNotation(PlainNotation):
    """One line of text as in ``PlainNotation``, with so many places behind every decimal's point.

    >>> RoundedNotation(PlainNotation(unicode=False), 4).number(sympy.Rational(-12345678, 10**7))
    '-1.2346'
    """

    def __init__(self, notation: PlainNotation, places: int) -> None:
        super().__init__(unicode=notation.unicode)
        self.places = (places,)

    def number(self, value: sympy.Expr) -> str:
        """1/4 or 0.968968404523."""
        if is_short(value):
            return self.exactly(value)
        return f"{to_places(value, self.places[0]):zf}".replace("-", self.minus)


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
    nearest = rounded(value, _MOST_DIGITS)
    return f"{trimmed(nearest):f}" if is_exact(nearest, value) else to_text(value)
