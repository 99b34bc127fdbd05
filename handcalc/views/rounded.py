"""Exact numbers with many digits, cut to decimals that a page has room for."""

from __future__ import annotations

from decimal import Context, Decimal, Inexact

import sympy

from handcalc.number import to_float, to_text
from handcalc.views.plain import PlainNotation

__all__ = ["RoundedNotation", "decimal", "is_short", "significant", "written_out"]

_SHORT = 10**6
_EXACTLY = Context(prec=200)  # more than any fraction needs that ends


class RoundedNotation(PlainNotation):
    """One line of text as in ``PlainNotation``, with decimals for numbers that are not short.

    >>> RoundedNotation(PlainNotation(unicode=False), 4).number(sympy.Rational(-12345678, 10**7))
    '-1.2346'
    """

    def __init__(self, notation: PlainNotation, places: int) -> None:
        super().__init__(unicode=notation.unicode)
        self.places = places

    def number(self, value: sympy.Expr) -> str:
        """1/4 or 0.968968404523."""
        if is_short(value):
            return super().number(value)
        return f"{decimal(value):z.{self.places}f}".replace("-", self.minus)


def is_short(value: sympy.Expr) -> bool:
    """Whether a number is a fraction that is read at a glance.

    >>> is_short(sympy.Rational(6561, 10000)), is_short(sympy.Rational(1234567, 10**7))
    (True, False)
    """
    return isinstance(value, sympy.Rational) and max(abs(value.p), value.q) <= _SHORT


def decimal(value: sympy.Expr) -> Decimal:
    """A fraction as a decimal, exactly if it ends within 200 digits; a root to 17 digits.

    >>> decimal(sympy.Rational(1, 8)), decimal(sympy.sqrt(2)) - Decimal(2) ** Decimal("0.5") < 1e-16
    (Decimal('0.125'), True)
    """
    if isinstance(value, sympy.Rational):
        return _EXACTLY.divide(Decimal(int(value.p)), Decimal(int(value.q)))
    return Decimal(repr(to_float(value)))


def significant(value: sympy.Expr, digits: int) -> str:
    """A number to so many digits, or as it is where it is short.

    >>> significant(sympy.Rational(1, 3 * 10**6), 5), significant(sympy.Rational(1, 3), 5)
    ('3.3333e-7', '1/3')
    """
    return str(value) if is_short(value) else f"{decimal(value):.{digits}g}"


def written_out(value: sympy.Expr) -> str:
    """A number exactly: as a decimal where it is no short fraction and its decimals end.

    >>> written_out(sympy.Rational(-12345678, 10**7)), written_out(sympy.Rational(1, 3))
    ('-1.2345678', '1/3')
    """
    if is_short(value) or not isinstance(value, sympy.Rational):
        return to_text(value)
    exactly = Context(prec=_EXACTLY.prec, traps=[Inexact])
    try:
        return f"{exactly.divide(Decimal(int(value.p)), Decimal(int(value.q))):f}"
    except Inexact:
        return to_text(value)
