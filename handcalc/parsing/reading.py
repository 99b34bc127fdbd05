"""A text read in order: bounds, look-alikes, tokens, layout, cells, and then its field."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy

from handcalc.parsing.cells import values
from handcalc.parsing.characters import plain
from handcalc.parsing.echo import check_fraction, check_irrational
from handcalc.parsing.field_values import FieldValues
from handcalc.parsing.layout import laid_out
from handcalc.parsing.limits import MAX_CHARACTERS
from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.surroundings import without_surroundings
from handcalc.parsing.table import Cell, Table
from handcalc.parsing.tokens import tokenise
from handcalc.parsing.trees import Number

__all__ = ["numbers", "table"]


def table(text: str, *, alone: bool = False) -> Table:
    """The rows of cells of a text; ``alone`` where one number is asked for.

    >>> [len(row) for row in table("1 0; 0 1; 0 0").rows]
    [2, 2, 2]
    """
    if len(text) > MAX_CHARACTERS:
        raise RefusalError(
            "too_long", f"A text has at most {MAX_CHARACTERS:,} characters, not {len(text):,}."
        )
    return laid_out(without_surroundings(tokenise(plain(text))), alone=alone)


def numbers(cells: Sequence[Cell]) -> list[sympy.Expr]:
    """The exact numbers of cells, in one number field; cells spelt alike are read once.

    Errors: ``RefusalError`` with the code of the first cell at fault.

    >>> numbers(table("√2/2 1½").cells)
    [sqrt(2)/2, 3/2]
    """
    spellings = [tuple(token.text for token in cell.tokens) for cell in cells]
    firsts: dict[tuple[str, ...], Cell] = {}
    for spelling, cell in zip(spellings, cells, strict=True):
        firsts.setdefault(spelling, cell)
    found = values(firsts.values())
    field = FieldValues(value for value in found if not isinstance(value, Fraction))
    known = {
        spelling: _exact(value, field, firsts[spelling])
        for spelling, value in zip(firsts, found, strict=True)
    }
    return [known[spelling] for spelling in spellings]


def _exact(value: Number, field: FieldValues, cell: Cell) -> sympy.Expr:
    try:
        if isinstance(value, Fraction):
            check_fraction(value)
            return sympy.Rational(value.numerator, value.denominator)
        irrational = field.number(value)
        check_irrational(irrational)
        return irrational
    except RefusalError as refusal:
        raise refusal.at(cell.start) from None
