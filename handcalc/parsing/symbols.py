"""The separate door for inputs: cells that are numbers or one of the symbols x1 … xn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sympy

from handcalc.parsing.characters import SUBSCRIPTS
from handcalc.parsing.names import SYMBOL
from handcalc.parsing.reading import numbers
from handcalc.parsing.refusal import RefusalError, quoted
from handcalc.parsing.table import Cell

__all__ = ["values_or_symbols"]

_LOWERED: Final = str.maketrans(SUBSCRIPTS, "0123456789")


def values_or_symbols(cells: Sequence[Cell], features: int | None) -> tuple[sympy.Expr, ...]:
    """The values of cells in which x1, x_1, x_{1} and x₁ are symbols, up to x of ``features``.

    Errors: ``RefusalError`` with code ``unknown_name`` for x0 and past the last feature.

    >>> from handcalc.parsing.reading import table
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
        raise RefusalError(
            "unknown_name",
            f"Features are numbered from 1{f' to {features}' if features else ''}, "
            f"so there is no {quoted(cell.tokens[0].text)}.",
            cell.start,
        )
    return sympy.Symbol(f"x{number}")
