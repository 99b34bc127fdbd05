"""Parsing: text in, exact numbers or an ``InputError`` out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Final, TypeVar

import sympy

from handcalc.errors import InputError
from handcalc.parsing.characters import SUBSCRIPTS, check_thousands, plain
from handcalc.parsing.formats.printed import Part, blocks, part_of_model
from handcalc.parsing.formats.wrapping import strip_bullets, unquote, unwrap
from handcalc.parsing.labels import without_calls, without_surroundings
from handcalc.parsing.layout import lay_out
from handcalc.parsing.limits import MAX_CHARACTERS, WorkBudget
from handcalc.parsing.messages import SYMBOL
from handcalc.parsing.refusal import UnreadableError, quoted
from handcalc.parsing.suggestions import (
    check_european,
    comma_in_number,
    suggest,
    with_points,
    without_european,
)
from handcalc.parsing.table import Cell, Table, as_list, as_matrix, as_one, beside
from handcalc.parsing.tokens import tokenise
from handcalc.parsing.values import (
    Exact,
    FieldValues,
    check_contents,
    different,
    irrational,
    rational,
    values,
)

_T = TypeVar("_T")
_MAYBE_COMMAS = frozenset({"wrong_shape", "ambiguous"})
_MAYBE_EUROPEAN = frozenset({"wrong_shape", "transposed", "ragged"})


def parse_scalar(text: str) -> sympy.Expr:
    r"""The exact number that a text writes.

    Args:
        text: Fractions, decimals, square roots, cos and sin of rational multiples of π, and sums,
            products, quotients and powers of them, in plain text, Unicode or LaTeX.

    Returns:
        A real algebraic number of sympy's.

    Raises:
        InputError: With the place in the text, and what to type instead where there is a remedy.

    Examples:
        >>> parse_scalar("√2/2"), parse_scalar(r"\frac{1}{2}"), parse_scalar("0.5")
        (sqrt(2)/2, 1/2, 1/2)
    """
    return _read(text, lambda text: numbers([take_shape(table(text, alone=True), as_one)])[0])


def parse_vector(text: str, length: int | None = None) -> tuple[sympy.Expr, ...]:
    """The numbers of a row or a column.

    Args:
        text: The numbers, with blanks, commas or line ends between them.
        length: How many there must be, where that is known; a single one then stands for all.

    Returns:
        The exact numbers that were typed.

    Raises:
        InputError: As for ``parse_scalar``, and for a wrong number of numbers.

    Examples:
        >>> parse_vector("0 1/2 1/2", length=3), parse_vector("1/3", length=3)
        ((0, 1/2, 1/2), (1/3,))
    """
    shape = partial(as_list, length=length)
    return _read(
        text, lambda text: tuple(numbers(take_shape(table(text, part="b"), shape))), part="b"
    )


def parse_matrix(
    text: str, rows: int | None = None, columns: int | None = None
) -> tuple[tuple[sympy.Expr, ...], ...]:
    """The rows of a matrix.

    Args:
        text: Rows behind each other, with ``;`` or line ends between them, or as programs print
            them.
        rows: How many rows there must be, where that is known.
        columns: How many columns.

    Returns:
        A tuple of rows, each a tuple of exact numbers.

    Raises:
        InputError: As for ``parse_scalar``, and for rows of different lengths or a wrong shape;
            with the transposed text as suggestion where that has the right one.

    Examples:
        >>> parse_matrix("1 0; 0 1; 0 -1", rows=3, columns=2)
        ((1, 0), (0, 1), (0, -1))
    """

    def read(text: str) -> tuple[tuple[sympy.Expr, ...], ...]:
        found = take_shape(table(text, part="W"), partial(as_matrix, rows=rows, columns=columns))
        values = iter(numbers(found.cells))
        return tuple(tuple(next(values) for _ in row) for row in found.rows)

    return _read(text, read, any_columns=columns is None, part="W")


def parse_input(text: str, features: int | None = None) -> tuple[sympy.Expr, ...]:
    """The numbers and symbols x1 … xn of an input.

    Args:
        text: Numbers, and symbols that stand alone in their place: x1, x_1, x₁.
        features: n, where it is known; a single value then stands for all.

    Returns:
        One number or symbol for each that was typed.

    Raises:
        InputError: As for ``parse_vector``, and ``unknown_name`` for a symbol past xn.

    Examples:
        >>> parse_input("x1 0 x3", features=3)
        (x1, 0, x3)
    """

    def read(text: str) -> tuple[sympy.Expr, ...]:
        cells = take_shape(table(text), partial(as_list, length=features), symbols=True)
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
        came = "None" if text is None else f"something of type {type(text).__name__}"
        is_bytes = isinstance(text, bytes | bytearray)
        raise InputError(
            "text_expected",
            f'A text is asked for, such as "1/2" or "1 0; 0 1", not {came}; '
            f"{'decode it' if is_bytes else 'put it in quotation marks'}.",
        )
    try:
        return read(text)
    except UnreadableError as refusal:
        may_be_decimal = refusal.code in _MAYBE_COMMAS or (
            refusal.code == "ragged" and not any_columns
        )
        raise _error(text, read, refusal, may_be_decimal, part) from None


def _error(
    text: str,
    read: Callable[[str], object],
    refusal: UnreadableError,
    may_be_decimal: bool,
    part: Part | None,
) -> InputError:
    """The refusal as its reader sees it, with a suggestion that this parser has read to the end.

    ``may_be_decimal``: if the text can be read with points for commas, then that is what is meant;
    as it is where semicolons stand in every line, and it can be read as such a table.
    """

    def is_read(candidate: str) -> bool:
        try:
            read(candidate)
        except UnreadableError:
            return False
        return True

    points = with_points(text) if may_be_decimal else text
    european = without_european(text) if refusal.code in _MAYBE_EUROPEAN else text
    if any(candidate != text and is_read(candidate) for candidate in (points, european)):
        refusal = comma_in_number(text)
    row = column = None
    if refusal.start is not None:  # counted from 1, with a character that stands for the place
        before = f"{text[: refusal.start]}|".splitlines()
        row, column = len(before), len(before[-1])
    return InputError(
        refusal.code,
        refusal.message,
        text=text,
        row=row,
        column=column,
        suggestion=next(filter(is_read, suggest(refusal, text, part)), None),
    )


# --------------------------------------------------------------------------------------------------
# A text read in order: bounds, look-alikes, tokens, layout, cells, and then its field.


def table(text: str, *, alone: bool = False, part: Part | None = None) -> Table:
    """The rows of cells of a text; ``alone`` where one number is asked for.

    ``part`` is what is taken of a whole model: its W or its b.

    >>> [len(row) for row in table("1 0; 0 1; 0 0").rows]
    [2, 2, 2]
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(
            "too_long", f"A text has at most {MAX_CHARACTERS:,} characters, not {len(text):,}."
        )
    text = unquote(text)
    text = part_of_model(text, part) if part else text
    check_thousands(text)
    characters = plain(text)
    bare = strip_bullets(unwrap(characters))
    check_european(bare)
    return beside([_lay_out(block, alone) for block in blocks(text, bare) or [bare]])


def _lay_out(text: str, alone: bool) -> Table:
    bare = without_surroundings(without_calls(tokenise(text)))
    return replace(lay_out(bare.tokens, alone=alone), transposed=bare.transposed)


def take_shape(found: Table, shape: Callable[[Table], _T], *, symbols: bool = False) -> _T:
    """The table in the shape asked for; what is no number in it is refused before its shape.

    ``symbols``: whether x1, x2 … may stand in its cells.

    >>> take_shape(table("1 0"), lambda table: len(table.cells))
    2
    """
    try:
        return shape(found)
    except UnreadableError:
        check_contents(found.cells, symbols=symbols)
        raise


def numbers(cells: Sequence[Cell]) -> list[sympy.Expr]:
    """The exact numbers of cells, in one number field; cells spelt alike are read once.

    Errors: ``UnreadableError`` with the code of the first cell at fault.

    >>> numbers(table("√2/2 1½").cells)
    [sqrt(2)/2, 3/2]
    """
    spellings = [cell.spelling for cell in cells]
    firsts = different(cells)
    found = _in_one_field(list(firsts.values()), WorkBudget())
    known = dict(zip(firsts, found, strict=True))
    return [known[spelling].value for spelling in spellings]


def _in_one_field(cells: Sequence[Cell], work: WorkBudget, *, is_echo: bool = False) -> list[Exact]:
    """The numbers of cells, which are read once more as they will be echoed."""
    found = values(cells, work)
    field = FieldValues((value for value in found if not isinstance(value, Fraction)), work)
    exact: list[Exact] = []
    for value, cell in zip(found, cells, strict=True):
        try:
            if isinstance(value, Fraction):
                exact.append(rational(value))
            else:
                exact.append(irrational(field.number(value)))
        except UnreadableError as refusal:
            raise refusal.at(cell.start) from None
    if is_echo or field.is_simple:
        return exact
    # written out, roots in roots may ask for a larger field than before, which a reader of the
    # echo would be refused
    echoes = [number.echo for number in exact if not number.value.is_Rational]
    try:
        _in_one_field([Cell(tuple(tokenise(echo))) for echo in echoes], work, is_echo=True)
    except UnreadableError as refusal:
        raise UnreadableError("too_complicated", refusal.message) from None
    return exact


# --------------------------------------------------------------------------------------------------
# How a number was written: a decimal may have been rounded, and 3/4 was not.


def typed_decimals(
    text: str, shape: tuple[int, int] | int | None = None
) -> tuple[Decimal | None, ...]:
    """The decimal that each number of a text is written as, in reading order, else None.

    ``shape`` is that of a matrix, the length of a list, or None for a list of any length. There are
    none for a text that cannot be read in this shape.

    >>> typed_decimals("-.50 1/2 1 0.5*2"), typed_decimals("0.5 0.7", 3)
    ((Decimal('-0.50'), None, None, None), ())
    """
    as_asked: Callable[[Table], Table | list[Cell]] = partial(
        as_list, length=None if isinstance(shape, tuple) else shape
    )
    if isinstance(shape, tuple):
        as_asked = partial(as_matrix, rows=shape[0], columns=shape[1])
    try:
        found = take_shape(table(text, part="W" if isinstance(shape, tuple) else "b"), as_asked)
    except UnreadableError:
        return ()
    return tuple(map(_decimal, found.cells if isinstance(found, Table) else found))


def _decimal(cell: Cell) -> Decimal | None:
    kinds = [token.kind for token in cell.tokens]
    if kinds not in (["NUMBER"], ["MINUS", "NUMBER"], ["PLUS", "NUMBER"]):
        return None
    decimal = Decimal("".join(cell.spelling).replace("*^", "e"))
    return decimal if int(decimal.as_tuple().exponent) < 0 else None


# --------------------------------------------------------------------------------------------------
# Inputs are parsed apart: cells that are numbers or one of the symbols x1 … xn.


_LOWERED: Final = str.maketrans(SUBSCRIPTS, "0123456789")


def values_or_symbols(cells: Sequence[Cell], features: int | None) -> tuple[sympy.Expr, ...]:
    """The values of cells in which x1, x_1, x_{1} and x₁ are symbols, up to x of ``features``.

    Errors: ``UnreadableError`` with code ``unknown_name`` for x0 and past the last feature.

    >>> from handcalc.parsing.parse import table
    >>> values_or_symbols(table("x1 1/2 x_3").cells, 3)
    (x1, 1/2, x3)
    """
    symbols = [_symbol(cell, features) for cell in cells]
    values = iter(numbers([c for c, symbol in zip(cells, symbols, strict=True) if symbol is None]))
    return tuple(next(values) if symbol is None else symbol for symbol in symbols)


def _symbol(cell: Cell, features: int | None) -> sympy.Symbol | None:
    found = SYMBOL.fullmatch(cell.tokens[0].text)
    if found is None or len(cell.tokens) > 1:
        return None
    number = int(found[1].translate(_LOWERED))
    if number == 0 or (features is not None and number > features):
        raise UnreadableError(
            "unknown_name",
            f"Features are numbered from 1{f' to {features}' if features else ''}, "
            f"so there is no {quoted(cell.tokens[0].text)}.",
            cell.start,
        )
    return sympy.Symbol(f"x{number}")
