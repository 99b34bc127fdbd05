"""Only numbers that can be typed again are taken: what is echoed reads back to the same value."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

import sympy

from handcalc.number import to_text
from handcalc.parsing.limits import MAX_DIGITS
from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.table import Cell
from handcalc.parsing.tokens import tokenise

__all__ = ["check_fraction", "check_irrational"]

_SHORT: Final = 10**MAX_DIGITS


def check_fraction(value: Fraction) -> None:
    """Refuse a fraction with over 40 digits above or below, zeros at the end aside.

    >>> check_fraction(Fraction(1, 10**41))
    """
    for whole in (abs(value.numerator), value.denominator):
        if whole >= _SHORT and len(str(whole).rstrip("0")) > MAX_DIGITS:
            raise RefusalError(
                "too_large",
                f"Written out, this number has more than {MAX_DIGITS} digits; use smaller numbers.",
            )


def check_irrational(value: sympy.Expr) -> None:
    """Refuse a number that is longer, written out, than a cell may be."""
    try:
        Cell(tuple(tokenise(to_text(value))))
    except RefusalError as refusal:
        code = "too_large" if refusal.code == "too_many_digits" else "too_complicated"
        raise RefusalError(
            code,
            "Written out as a sum of roots, this number is too long to be typed again; "
            "use simpler numbers.",
        ) from None
