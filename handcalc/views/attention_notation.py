"""What attention adds to expressions: rows, powers, fractions and named functions."""

from __future__ import annotations

from decimal import Decimal
from math import isfinite
from typing import Protocol

import sympy

from handcalc.derivation import (
    About,
    Applied,
    Exponential,
    Expression,
    Name,
    Number,
    Ratio,
    RowVector,
)


class Writes(Protocol):
    """What is needed of a notation here."""

    typeset: bool
    minus: str

    def expression(self, expression: Expression) -> str:
        """Any expression."""

    def bracketed(self, text: str) -> str:
        """The text in brackets."""

    def decimal(self, nearest: Decimal, value: sympy.Expr) -> str:
        """A decimal as it is read."""


def attention_text(
    shown: Exponential | Ratio | RowVector | Applied | About, notation: Writes
) -> str:
    """One of the expressions that only attention has."""
    match shown:
        case About(value):
            return about_text(value, notation)
        case RowVector(entries):
            return notation.bracketed(", ".join(map(notation.expression, entries)))
        case Applied(function, argument):
            inside = notation.expression(argument)
            name = rf"\operatorname{{{function}}}" if notation.typeset else function
            is_row = isinstance(argument, RowVector)
            return name + (inside if is_row else notation.bracketed(inside))
        case Exponential(base, exponent):
            return _power(base, notation.expression(exponent), notation)
        case Ratio(top, bottom):
            above, below = notation.expression(top), notation.expression(bottom)
            if notation.typeset:
                return rf"\frac{{{above}}}{{{below}}}"
            return f"{_factor(top, above, notation)}/{_factor(bottom, below, notation)}"


def about_text(value: float, notation: Writes) -> str:
    """Six digits of a float, which stands for a number near it.

    >>> from handcalc.views.notation import ASCII
    >>> about_text(0.5, ASCII), about_text(-1e-7 / 3, ASCII)
    ('0.500000', '-3.33333e-8')
    """
    if not isfinite(value):
        return f"{notation.minus if value < 0 else ''}{_INFINITE[notation.typeset]}"
    # apart from the float itself, so that no digit is taken for all there is
    near = sympy.Rational(value) + sympy.Rational(1, 3 * 10**400)
    return notation.decimal(Decimal(f"{value:.5e}"), near)


_INFINITE = {True: r"\infty", False: "inf"}


def _power(base: Expression, exponent: str, notation: Writes) -> str:
    """2^3, 2^(1/2), (3/2)^2."""
    below = notation.expression(base)
    whole = isinstance(base, Name) or (isinstance(base, Number) and base.value.is_Integer)
    below = below if whole else notation.bracketed(below)
    if notation.typeset:
        return f"{below}^{{{exponent}}}"
    return f"{below}^{exponent if exponent.isalnum() else notation.bracketed(exponent)}"


def _factor(part: Expression, text: str, notation: Writes) -> str:
    """A part of a fraction on one line, in brackets unless it is one thing."""
    alone = isinstance(part, Name | RowVector | Exponential) or text.isalnum()
    return text if alone else notation.bracketed(text)
