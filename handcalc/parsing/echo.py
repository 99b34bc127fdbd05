"""Only numbers that can be typed again are taken: what is echoed reads back to the same value."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple

import sympy

from handcalc.numbers.exact import to_text
from handcalc.parsing.limits import MAX_CELL_TOKENS, MAX_DIGITS
from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.table import Cell
from handcalc.parsing.tokens import tokenise

__all__ = ["Exact", "irrational", "rational"]

_SHORT: Final = 10**MAX_DIGITS


class Exact(NamedTuple):
    """An exact number, and a text that reads back to it."""

    value: sympy.Expr
    echo: str


def rational(value: Fraction) -> Exact:
    """A fraction, which has at most 1,000 digits above and below, zeros at the end aside.

    >>> rational(Fraction(1, 2))
    Exact(value=1/2, echo='1/2')
    """
    for whole in (abs(value.numerator), value.denominator):
        if whole >= _SHORT and len(str(whole).rstrip("0")) > MAX_DIGITS:
            raise RefusalError(
                "too_large",
                f"Written out, this number has more than {MAX_DIGITS:,} digits; "
                "use smaller numbers.",
            )
    return Exact(sympy.Rational(value.numerator, value.denominator), str(value))


def irrational(value: sympy.Expr) -> Exact:
    """A sum of roots and cosines, which is no longer, written out, than a cell may be.

    >>> irrational(1 + sympy.sqrt(2))
    Exact(value=1 + sqrt(2), echo='1 + sqrt(2)')
    """
    if _has_many_parts(value):
        raise _too_long("too_complicated")
    echo = to_text(value)
    try:
        Cell(tuple(tokenise(echo)))
    except RefusalError as refusal:
        is_digits = refusal.code == "too_many_digits"
        raise _too_long("too_large" if is_digits else "too_complicated") from None
    return Exact(value, echo)


def _has_many_parts(value: sympy.Expr) -> bool:
    """Whether there are more numbers in it than a cell has tokens; no more are counted."""
    parts, left = 0, [value]
    while left and parts <= MAX_CELL_TOKENS:
        part = left.pop()
        parts += not part.args
        left += part.args
    return parts > MAX_CELL_TOKENS


def _too_long(code: str) -> RefusalError:
    return RefusalError(
        code,
        "Written out as a sum of roots, this number is too long to be typed again; "
        "use simpler numbers.",
    )
