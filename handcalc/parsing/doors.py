"""The doors: text in, exact numbers or an ``InputError`` out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import sympy

from handcalc.errors import InputError
from handcalc.parsing.mending import comma_in_number, mended, with_points
from handcalc.parsing.reading import numbers, table
from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.shapes import as_list, as_matrix, as_one
from handcalc.parsing.symbols import values_or_symbols

__all__ = ["parse_input", "parse_matrix", "parse_scalar", "parse_vector"]

_T = TypeVar("_T")
_MAYBE_COMMAS = frozenset({"wrong_shape", "ambiguous"})


def parse_scalar(text: str) -> sympy.Expr:
    r"""The exact number that a text writes.

    Errors: ``InputError`` with the place in the text, and what to type instead where there is a
    remedy.

    >>> parse_scalar("√2/2"), parse_scalar(r"\frac{1}{2}"), parse_scalar("0.5")
    (sqrt(2)/2, 1/2, 1/2)
    """
    return _read(text, lambda text: numbers([as_one(table(text, alone=True))])[0])


def parse_vector(text: str, length: int | None = None) -> tuple[sympy.Expr, ...]:
    """The numbers of a row or a column; ``length`` of them if given, or one that stands for all.

    Errors: ``InputError`` as for ``parse_scalar``, and for a wrong number of numbers.

    >>> parse_vector("0 1/2 1/2", length=3), parse_vector("1/3", length=3)
    ((0, 1/2, 1/2), (1/3,))
    """
    return _read(text, lambda text: tuple(numbers(as_list(table(text), length))))


def parse_matrix(
    text: str, rows: int | None = None, columns: int | None = None
) -> tuple[tuple[sympy.Expr, ...], ...]:
    """The rows of a matrix: ``rows`` × ``columns``, where they are given.

    Errors: ``InputError`` as for ``parse_scalar``, and for rows of different lengths or a wrong
    shape; with the transposed text as suggestion where that has the right one.

    >>> parse_matrix("1 0; 0 1; 0 -1", rows=3, columns=2)
    ((1, 0), (0, 1), (0, -1))
    """

    def read(text: str) -> tuple[tuple[sympy.Expr, ...], ...]:
        found = as_matrix(table(text), rows, columns)
        values = iter(numbers(found.cells))
        return tuple(tuple(next(values) for _ in row) for row in found.rows)

    return _read(text, read, any_columns=columns is None)


def parse_input(text: str, features: int | None = None) -> tuple[sympy.Expr, ...]:
    """The numbers and symbols x1 … xn of an input; ``features`` of them, or one for all.

    A symbol stands alone in its place: x1, x_1, x₁. Errors: as for ``parse_vector``.

    >>> parse_input("x1 0 x3", features=3)
    (x1, 0, x3)
    """
    return _read(text, lambda text: values_or_symbols(as_list(table(text), features), features))


def _read(text: str, read: Callable[[str], _T], *, any_columns: bool = False) -> _T:
    try:
        return read(text)
    except RefusalError as refusal:
        may_be_decimal = refusal.code in _MAYBE_COMMAS or (
            refusal.code == "ragged" and not any_columns
        )
        raise _error(text, read, refusal, may_be_decimal) from None


def _error(
    text: str, read: Callable[[str], object], refusal: RefusalError, may_be_decimal: bool
) -> InputError:
    """The refusal as its reader sees it, with a suggestion that this door has read to the end.

    ``may_be_decimal``: if the text can be read with points for commas, then that is what is meant.
    """

    def is_read(candidate: str) -> bool:
        try:
            read(candidate)
        except RefusalError:
            return False
        return True

    if may_be_decimal and with_points(text) != text and is_read(with_points(text)):
        refusal = comma_in_number(text)
    row, column = _place(text, refusal.start)
    return InputError(
        refusal.code,
        refusal.message,
        text=text,
        row=row,
        column=column,
        suggestion=next(filter(is_read, mended(refusal, text)), None),
    )


def _place(text: str, start: int | None) -> tuple[int, int] | tuple[None, None]:
    """The line and the character of a place, counted from 1."""
    if start is None:
        return None, None
    before = f"{text[:start]}|".splitlines()
    return len(before), len(before[-1])
