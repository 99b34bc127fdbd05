"""Exact numbers from Python and sympy values: the one way in, and decisions about them.

An exact number is a sympy number made of fractions, square roots (nested too) and cosines and
sines of fractions of π, written as a sum of fractions times roots and cosines. Its sign, and
whether two are equal, is always decided, within a number field of degree 64.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TypeAlias

import sympy
from flint import fmpz
from sympy.printing.str import StrPrinter

from handcalc.errors import InputError
from handcalc.numbers.field import Element, Field
from handcalc.numbers.tower import Sign
from handcalc.wording import brief

_EFFORT = 2_000_000
_MANY_BITS = 10_000  # well below Python's limit on the digits of an int's text

ExactLike: TypeAlias = "int | Fraction | sympy.Expr"


def exact(value: object) -> sympy.Expr:
    """The exact number that an int, a Fraction or a sympy number is, tidied.

    Fractions and sums of square roots come out in one form, so that == compares them, but for a
    square factor whose primes are all over 2¹⁵; cosines and nested roots can be written in several
    ways, and ``equal`` compares them. Errors: ``InputError`` with
    code ``float``, ``boolean``, ``text`` or ``not_exact``, and the fix in the sentence;
    ``too_complicated`` past a field of degree 64, or where the roots take too much work.

    >>> from fractions import Fraction
    >>> exact(Fraction(2, 4)), exact(1 / (1 + sympy.sqrt(2)))
    (1/2, -1 + sqrt(2))
    """
    if isinstance(value, sympy.Expr) and not value.has(sympy.Float):
        return _canonical(value)
    if isinstance(value, bool | sympy.logic.boolalg.BooleanAtom):
        raise InputError(
            "boolean", f"A number is asked for, not {value}; type {int(bool(value))} instead."
        )
    if isinstance(value, int | Fraction):
        return _canonical(sympy.Rational(value.numerator, value.denominator))
    raise _not_exact(value)


def to_fraction(value: sympy.Rational) -> Fraction:
    """The Fraction that a fraction of sympy's is.

    >>> to_fraction(sympy.Rational(-3, 4))
    Fraction(-3, 4)
    """
    return Fraction(int(value.p), int(value.q))


def to_rational(value: Fraction) -> sympy.Rational:
    """The fraction of sympy's that a Fraction is.

    >>> to_rational(Fraction(-3, 4))
    -3/4
    """
    return sympy.Rational(value.numerator, value.denominator)


def elements(*values: sympy.Expr) -> tuple[Field, tuple[Element, ...]]:
    """One field that holds all the given exact numbers, and the numbers in it.

    >>> field, (a, b) = elements(sympy.sqrt(2), sympy.sqrt(8))
    >>> b / a == 2
    True
    """
    field = Field.of(*values)
    known = {value: field.from_sympy(value) for value in dict.fromkeys(values)}
    return field, tuple(known[value] for value in values)


def product(
    A: Sequence[Sequence[sympy.Expr]], B: Sequence[Sequence[sympy.Expr]]
) -> tuple[tuple[sympy.Expr, ...], ...]:
    """The product of two matrices, each entry tidied as ``exact`` does.

    >>> product([[1, 2], [0, 1]], [[1, 0], [sympy.Rational(1, 2), 1]])
    ((2, 2), (1/2, 1))
    """
    columns = tuple(zip(*B, strict=True))
    return tuple(
        tuple(exact(sympy.Add(*map(operator.mul, row, column))) for column in columns) for row in A
    )


def sign(value: ExactLike) -> Sign:
    """−1, 0 or 1: the sign of an exact number, always decided.

    >>> sign(sympy.sqrt(2) + sympy.sqrt(3) - sympy.sqrt(5 + 2 * sympy.sqrt(6)))
    0
    """
    value = _expression(value)
    if isinstance(value, sympy.Rational):  # most numbers are, and need no field
        return 1 if value.p > 0 else -1 if value.p < 0 else 0
    _, (element,) = elements(value)
    return element.sign()


def equal(a: ExactLike, b: ExactLike) -> bool:
    """Whether two exact numbers are the same number, always decided.

    >>> equal(sympy.cos(sympy.pi / 5), (1 + sympy.sqrt(5)) / 4)
    True
    """
    first, second = _expression(a), _expression(b)
    if first == second:
        return True
    if to_float(first) != to_float(second):
        return False
    _, (x, y) = elements(first, second)
    return x == y


def in_unit_interval(value: ExactLike) -> bool:
    """Whether 0 ≤ value ≤ 1.

    >>> in_unit_interval(sympy.sqrt(2) / 2), in_unit_interval(sympy.sqrt(2))
    (True, False)
    """
    value = _expression(value)
    return sign(value) >= 0 and sign(1 - value) >= 0


def to_float(value: ExactLike) -> float:
    """The float nearest to an exact number, correctly rounded; infinite past the largest float.

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
    if isinstance(value, sympy.Rational):  # most numbers are, and sympy's printer takes its time
        return _rational_text(value)
    return str(_Text().doprint(value))


def integer_text(value: int) -> str:
    """The digits of a whole number, however many: str() of an int stops at 4300.

    >>> len(integer_text(10**5000))
    5001
    """
    return str(value) if value.bit_length() < _MANY_BITS else str(fmpz(value))


def join_text(values: Iterable[sympy.Expr]) -> str:
    """A row of numbers as the reader reads it back: cells without spaces, one space between.

    >>> join_text((sympy.Integer(1), 1 + sympy.sqrt(5)))
    '1 1+sqrt(5)'
    """
    return " ".join(to_text(value).replace(" ", "") for value in values)


def listed_text(values: Iterable[sympy.Expr]) -> str:
    """Numbers or symbols in brackets, as a repr has them: (x1, 1/2).

    >>> listed_text((sympy.Symbol("x1"), sympy.Rational(1, 2)))
    '(x1, 1/2)'
    """
    return f"({', '.join(map(to_text, values))})"


def ordered_terms(value: sympy.Expr) -> list[sympy.Expr]:
    """The terms of a sum as they are read: the fraction first, then sympy's own order.

    >>> ordered_terms(2 * sympy.sqrt(2) + 3)
    [3, 2*sqrt(2)]
    """
    return sorted(value.as_ordered_terms(), key=lambda term: not isinstance(term, sympy.Rational))


class _Text(StrPrinter):  # type: ignore[misc]  # sympy's printers are not typed
    """sympy's own text, with the fraction first, every root written by sqrt, and all digits."""

    def _print_Rational(self, expr: sympy.Rational) -> str:  # noqa: N802  # the name that sympy looks for
        return _rational_text(expr)

    _print_Integer = _print_Rational  # noqa: N815  # the name that sympy looks for

    def _print_Mul(self, expr: sympy.Mul) -> str:  # noqa: N802  # the name that sympy looks for
        factor, root = expr.args[0], expr.args[-1]
        plain = len(expr.args) == 2 and isinstance(factor, sympy.Rational)  # p/q·√d
        if not (plain and isinstance(root, sympy.Pow) and root.exp == sympy.S.Half):
            return str(super()._print_Mul(expr))
        top, bottom, shown = int(factor.p), int(factor.q), self._print(root)
        start = "" if abs(top) == 1 else f"{integer_text(abs(top))}*"
        end = f"/{integer_text(bottom)}" if bottom > 1 else ""
        return f"{'-' if top < 0 else ''}{start}{shown}{end}"

    def _as_ordered_terms(self, expr: sympy.Expr, order: str | None = None) -> list[sympy.Expr]:
        return super()._as_ordered_terms(expr, order) if expr.free_symbols else ordered_terms(expr)

    def _print_Pow(self, expr: sympy.Pow, rational: bool = False) -> str:  # noqa: N802  # the name that sympy looks for
        exponent = expr.exp
        if isinstance(exponent, sympy.Rational) and int(exponent.q) > 2:
            return f"sqrt({self.doprint(expr.base ** (2 * exponent))})"
        return str(super()._print_Pow(expr, rational))


def _rational_text(value: sympy.Rational) -> str:
    top, bottom = integer_text(int(value.p)), int(value.q)
    return top if bottom == 1 else f"{top}/{integer_text(bottom)}"


def _expression(value: ExactLike) -> sympy.Expr:
    return value if isinstance(value, sympy.Expr) else exact(value)


def _canonical(value: sympy.Expr) -> sympy.Expr:
    """The number tidied until tidying changes nothing: a smaller field can write it shorter."""
    if isinstance(value, sympy.Rational):
        return value
    once = _tidy(value)
    return once if once in (value, _tidy(once)) else _tidy(once)


def _tidy(value: sympy.Expr) -> sympy.Expr:
    return Field.of(value, effort=_EFFORT).from_sympy(value).to_sympy()


def _not_exact(value: object) -> InputError:
    if isinstance(value, float | sympy.Expr):
        remedy = "a Fraction or a text"
        if isinstance(value, float) and 1e-3 <= abs(value) < 1e9:
            near = Fraction(value).limit_denominator(1000)
            if abs(near - Fraction(value)) < 1e-9:  # as one would write it
                remedy = f'Fraction("{near}")'
        return InputError(
            "float",
            f"A float such as {brief(value)} is only near a number; give {remedy} instead. "
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
