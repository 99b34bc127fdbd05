"""The doors: text in, exact numbers or an ``InputError`` out."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import sympy

from handcalc.errors import InputError
from handcalc.parsing.mending import comma_in_number, mended, with_points, without_european
from handcalc.parsing.reading import numbers, shaped, table
from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.shapes import as_list, as_matrix, as_one
from handcalc.parsing.symbols import values_or_symbols
from handcalc.parsing.whole_models import Part

__all__ = ["parse_input", "parse_matrix", "parse_scalar", "parse_vector"]

_T = TypeVar("_T")
_MAYBE_COMMAS = frozenset({"wrong_shape", "ambiguous"})
_MAYBE_EUROPEAN = frozenset({"wrong_shape", "transposed", "ragged"})


def parse_scalar(text: str) -> sympy.Expr:
    r"""The exact number that a text writes.

    Errors: ``InputError`` with the place in the text, and what to type instead where there is a
    remedy.

    >>> parse_scalar("√2/2"), parse_scalar(r"\frac{1}{2}"), parse_scalar("0.5")
    (sqrt(2)/2, 1/2, 1/2)
    """
    return _read(text, lambda text: numbers([shaped(table(text, alone=True), as_one)])[0])


def parse_vector(text: str, length: int | None = None) -> tuple[sympy.Expr, ...]:
    """The numbers of a row or a column; ``length`` of them if given, or one that stands for all.

    Errors: ``InputError`` as for ``parse_scalar``, and for a wrong number of numbers.

    >>> parse_vector("0 1/2 1/2", length=3), parse_vector("1/3", length=3)
    ((0, 1/2, 1/2), (1/3,))
    """
    shape = partial(as_list, length=length)
    return _read(text, lambda text: tuple(numbers(shaped(table(text, part="b"), shape))), part="b")


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
        found = shaped(table(text, part="W"), partial(as_matrix, rows=rows, columns=columns))
        values = iter(numbers(found.cells))
        return tuple(tuple(next(values) for _ in row) for row in found.rows)

    return _read(text, read, any_columns=columns is None, part="W")


def parse_input(text: str, features: int | None = None) -> tuple[sympy.Expr, ...]:
    """The numbers and symbols x1 … xn of an input; ``features`` of them, or one for all.

    A symbol stands alone in its place: x1, x_1, x₁. Errors: as for ``parse_vector``.

    >>> parse_input("x1 0 x3", features=3)
    (x1, 0, x3)
    """

    def read(text: str) -> tuple[sympy.Expr, ...]:
        cells = shaped(table(text), partial(as_list, length=features), symbols=True)
        return values_or_symbols(cells, features)

    return _read(text, read)


def _read(
    text: object,
    read: Callable[[str], _T],
    *,
    any_columns: bool = False,
    part: Part | None = None,
) -> _T:
    if not isinstance(text, str):
        raise _no_text(text)
    try:
        return read(text)
    except RefusalError as refusal:
        may_be_decimal = refusal.code in _MAYBE_COMMAS or (
            refusal.code == "ragged" and not any_columns
        )
        raise _error(text, read, refusal, may_be_decimal, part) from None


def _error(
    text: str,
    read: Callable[[str], object],
    refusal: RefusalError,
    may_be_decimal: bool,
    part: Part | None,
) -> InputError:
    """The refusal as its reader sees it, with a suggestion that this door has read to the end.

    ``may_be_decimal``: if the text can be read with points for commas, then that is what is meant;
    as it is where semicolons stand in every line, and it can be read as such a table.
    """

    def is_read(candidate: str) -> bool:
        try:
            read(candidate)
        except RefusalError:
            return False
        return True

    points = with_points(text) if may_be_decimal else text
    european = without_european(text) if refusal.code in _MAYBE_EUROPEAN else text
    if any(candidate != text and is_read(candidate) for candidate in (points, european)):
        refusal = comma_in_number(text)
    row, column = _place(text, refusal.start)
    return InputError(
        refusal.code,
        refusal.message,
        text=text,
        row=row,
        column=column,
        suggestion=next(filter(is_read, mended(refusal, text, part)), None),
    )


def _no_text(value: object) -> InputError:
    came = "None" if value is None else f"something of type {type(value).__name__}"
    remedy = "decode it" if isinstance(value, bytes | bytearray) else "put it in quotation marks"
    return InputError(
        "text_expected",
        f'A text is asked for, such as "1/2" or "1 0; 0 1", not {came}; {remedy}.',
    )


def _place(text: str, start: int | None) -> tuple[int, int] | tuple[None, None]:
    """The line and the character of a place, counted from 1."""
    if start is None:
        return None, None
    before = f"{text[:start]}|".splitlines()
    return len(before), len(before[-1])
