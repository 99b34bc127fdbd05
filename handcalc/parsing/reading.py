"""A text read in order: bounds, look-alikes, tokens, layout, cells, and then its field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

import sympy

from handcalc.parsing.bullets import unbulleted
from handcalc.parsing.calls import without_calls
from handcalc.parsing.cells import check_contents, different, values
from handcalc.parsing.characters import check_thousands, plain
from handcalc.parsing.echo import Exact, irrational, rational
from handcalc.parsing.field_values import FieldValues
from handcalc.parsing.layout import laid_out
from handcalc.parsing.limits import MAX_CHARACTERS
from handcalc.parsing.mending import check_european
from handcalc.parsing.printed import blocks
from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.surroundings import Bare, without_surroundings
from handcalc.parsing.table import Cell, Table, beside
from handcalc.parsing.tokens import tokenise
from handcalc.parsing.trees import Number
from handcalc.parsing.whole_models import Part, part_of_model
from handcalc.parsing.work import Work
from handcalc.parsing.wrapping import unquoted, unwrapped

__all__ = ["numbers", "shaped", "table"]

_T = TypeVar("_T")


def table(text: str, *, alone: bool = False, part: Part | None = None) -> Table:
    """The rows of cells of a text; ``alone`` where one number is asked for.

    ``part`` is what is taken of a whole model: its W or its b.

    >>> [len(row) for row in table("1 0; 0 1; 0 0").rows]
    [2, 2, 2]
    """
    if len(text) > MAX_CHARACTERS:
        raise RefusalError(
            "too_long", f"A text has at most {MAX_CHARACTERS:,} characters, not {len(text):,}."
        )
    text = unquoted(text)
    text = part_of_model(text, part) if part else text
    check_thousands(text)
    characters = plain(text)
    bare = unbulleted(unwrapped(characters))
    check_european(bare)
    found = blocks(text, bare)
    if found is None:
        return _laid_out(bare, alone)
    return beside([_laid_out(block, alone) for block in found])


def _laid_out(text: str, alone: bool) -> Table:
    return _named(without_surroundings(without_calls(tokenise(text))), alone)


def _named(bare: Bare, alone: bool) -> Table:
    return replace(laid_out(bare.tokens, alone=alone), transposed=bare.transposed)


def shaped(found: Table, shape: Callable[[Table], _T], *, symbols: bool = False) -> _T:
    """The table in the shape asked for; what is no number in it is refused before its shape.

    ``symbols``: whether x1, x2 … may stand in its cells.

    >>> shaped(table("1 0"), lambda table: len(table.cells))
    2
    """
    try:
        return shape(found)
    except RefusalError:
        check_contents(found.cells, symbols=symbols)
        raise


def numbers(cells: Sequence[Cell]) -> list[sympy.Expr]:
    """The exact numbers of cells, in one number field; cells spelt alike are read once.

    Errors: ``RefusalError`` with the code of the first cell at fault.

    >>> numbers(table("√2/2 1½").cells)
    [sqrt(2)/2, 3/2]
    """
    spellings = [cell.spelling for cell in cells]
    firsts = different(cells)
    found = _in_one_field(list(firsts.values()), Work())
    known = dict(zip(firsts, found, strict=True))
    return [known[spelling].value for spelling in spellings]


def _in_one_field(cells: Sequence[Cell], work: Work, *, is_echo: bool = False) -> list[Exact]:
    found = values(cells, work)
    field = FieldValues((value for value in found if not isinstance(value, Fraction)), work)
    exact = [_exact(value, field, cell) for value, cell in zip(found, cells, strict=True)]
    if not (is_echo or field.is_simple):
        _check_echo([number.echo for number in exact if not number.value.is_Rational], work)
    return exact


def _exact(value: Number, field: FieldValues, cell: Cell) -> Exact:
    try:
        return rational(value) if isinstance(value, Fraction) else irrational(field.number(value))
    except RefusalError as refusal:
        raise refusal.at(cell.start) from None


def _check_echo(echoes: Iterable[str], work: Work) -> None:
    """Read the echo too: written out, roots in roots may ask for a larger field than before."""
    try:
        _in_one_field([Cell(tuple(tokenise(echo))) for echo in echoes], work, is_echo=True)
    except RefusalError as refusal:
        raise RefusalError("too_complicated", refusal.message) from None
