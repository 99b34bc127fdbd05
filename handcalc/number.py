"""Exact numbers from Python and sympy values: the one way in, and decisions about them.

An exact number is a sympy number made of fractions, square roots (nested too) and cosines and
sines of fractions of π, in one written form: a sum of fractions times roots and cosines. Its sign,
and whether two are equal, is always decided, within a number field of degree 64.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TypeAlias

import sympy
from sympy.printing.str import StrPrinter

from handcalc.errors import InputError
from handcalc.field import Element, Field, Sign

__all__ = ["ExactLike", "elements", "equal", "exact", "sign", "to_float", "to_text"]

ExactLike: TypeAlias = "int | Fraction | sympy.Expr"


def exact(value: object) -> sympy.Expr:
    """The exact number that an int, a Fraction or a sympy number is, in canonical form.

    Errors: ``InputError`` with code ``float``, ``boolean``, ``text`` or ``not_exact``, and the fix
    in the sentence; ``too_complicated`` past a field of degree 64.

    >>> from fractions import Fraction
    >>> exact(Fraction(2, 4)), exact(1 / (1 + sympy.sqrt(2)))
    (1/2, -1 + sqrt(2))
    """
    if isinstance(value, sympy.Rational):
        return value
    if isinstance(value, sympy.Expr) and not isinstance(value, sympy.Float):
        return _canonical(value)
    if isinstance(value, bool | sympy.logic.boolalg.BooleanAtom):
        raise InputError(
            "boolean", f"A number is asked for, not {value}; type {int(bool(value))} instead."
        )
    if isinstance(value, int):
        return sympy.Integer(value)
    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    raise _not_exact(value)


def elements(*values: sympy.Expr) -> tuple[Field, tuple[Element, ...]]:
    """One field that holds all the given exact numbers, and the numbers in it.

    >>> field, (a, b) = elements(sympy.sqrt(2), sympy.sqrt(8))
    >>> b / a == 2
    True
    """
    field = Field.of(*values)
    return field, tuple(field.from_sympy(value) for value in values)


def sign(value: ExactLike) -> Sign:
    """−1, 0 or 1: the sign of an exact number, always decided.

    >>> sign(sympy.sqrt(2) + sympy.sqrt(3) - sympy.sqrt(5 + 2 * sympy.sqrt(6)))
    0
    """
    _, (element,) = elements(_expression(value))
    return element.sign()


def equal(a: ExactLike, b: ExactLike) -> bool:
    """Whether two exact numbers are the same number, always decided.

    >>> equal(sympy.cos(sympy.pi / 5), (1 + sympy.sqrt(5)) / 4)
    True
    """
    first, second = _expression(a), _expression(b)
    if first == second:
        return True
    _, (x, y) = elements(first, second)
    return x == y


def to_float(value: ExactLike) -> float:
    """The float nearest to an exact number, correctly rounded.

    >>> to_float(sympy.sqrt(2)) == 2**0.5
    True
    """
    _, (element,) = elements(_expression(value))
    return element.to_float()


def to_text(value: sympy.Expr) -> str:
    """ASCII text that the reader reads back to the same number.

    >>> to_text(sympy.sqrt(3) / 2), to_text(sympy.sqrt(sympy.sqrt(2)))
    ('sqrt(3)/2', 'sqrt(sqrt(2))')
    """
    return str(_Text().doprint(value))


def join_text(values: Iterable[sympy.Expr]) -> str:
    """A row of numbers as the reader reads it back: cells without spaces, one space between.

    >>> join_text((sympy.Integer(1), 1 + sympy.sqrt(5)))
    '1 1+sqrt(5)'
    """
    return " ".join(to_text(value).replace(" ", "") for value in values)


class _Text(StrPrinter):  # type: ignore[misc]  # sympy's printers are not typed
    """sympy's own text, with every root written by sqrt."""

    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:  # noqa: N802
        exponent = expr.exp
        if isinstance(exponent, sympy.Rational) and int(exponent.q) > 2:
            return f"sqrt({self.doprint(expr.base ** (2 * exponent))})"
        return str(super()._print_Pow(expr, rational))


def _expression(value: ExactLike) -> sympy.Expr:
    return value if isinstance(value, sympy.Expr) else exact(value)


def _canonical(value: sympy.Expr) -> sympy.Expr:
    _, (element,) = elements(value)
    return element.to_sympy()


def _not_exact(value: object) -> InputError:
    if isinstance(value, float | sympy.Float):
        near = Fraction(float(value)).limit_denominator(1000) if abs(value) < 1e9 else None
        return InputError(
            "float",
            f"A float such as {value!r} is only near a number; type a text such as "
            f'"{near if near is not None else "1/2"}", or a Fraction. '
            "For trained weights there is ToyModel.from_floats.",
        )
    if isinstance(value, str):
        return InputError(
            "text", f'Text is read by parse_scalar: type parse_scalar("{value[:40]}").'
        )
    return InputError(
        "not_exact",
        f"An exact number is an int, a Fraction or a sympy number, not a {type(value).__name__}.",
    )
