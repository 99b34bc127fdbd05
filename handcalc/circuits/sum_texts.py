"""Sums of exponentials as text: coefficient times base^(exponent), term by term."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sympy

from handcalc.numbers.exact import to_text

_ZERO = sympy.Integer(0)


def sum_text(terms: Sequence[tuple[Any, Any]], base: str) -> str:
    """Pairs of exponent and coefficient, sympy's numbers or what has a ``to_text``, as a sum.

    >>> half = sympy.Rational(1, 2)
    >>> sum_text([(_ZERO, -half), (half, sympy.Integer(2))], "e")
    '-1/2 + 2*e^(1/2)'
    """
    text = ""
    for exponent, coefficient in terms:
        power = ""
        if exponent != _ZERO:
            raised = value_text(exponent)
            raised = raised if raised.isdigit() else f"({raised})"
            power = _bracketed(base) if raised == "1" else f"{_bracketed(base)}^{raised}"
        number = value_text(coefficient)
        joint = "" if not text else " + "
        if number.startswith("-") and not _is_compound(number):
            number, joint = number[1:], " - " if text else "-"
        number = _bracketed(number) if power else number
        text += joint + (number if not power else power if number == "1" else f"{number}*{power}")
    return text or "0"


def _is_compound(text: str) -> bool:
    return any(mark in text[1:] for mark in "+-")


def _bracketed(text: str) -> str:
    return f"({text})" if _is_compound(text) or "/" in text else text


def value_text(value: Any) -> str:
    """A number of sympy's, or a sum, without blanks in a number."""
    return to_text(value).replace(" ", "") if isinstance(value, sympy.Expr) else value.to_text()


def sum_expression(terms: Sequence[tuple[Any, Any]], base: sympy.Expr) -> sympy.Expr:
    """The same as sympy writes it.

    >>> sum_expression([(sympy.Rational(1, 2), sympy.Integer(3))], sympy.E)
    3*exp(1/2)
    """
    each = [tuple(map(_as_sympy, term)) for term in terms]
    return sympy.Add(*(coefficient * base**exponent for exponent, coefficient in each))


def _as_sympy(value: Any) -> sympy.Expr:
    return value if isinstance(value, sympy.Expr) else value.to_sympy()
