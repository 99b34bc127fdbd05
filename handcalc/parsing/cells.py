"""From the tokens of a cell to its value: plain literals at once, all else by the grammar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import TypeVar

from handcalc.parsing.arithmetic import Beyond, Number, Turn, literal_value
from handcalc.parsing.budget import WorkBudget
from handcalc.parsing.limits import MAX_TOKENS, TOKEN_WORK
from handcalc.parsing.messages import SYMBOL, check_neighbours, pi_outside
from handcalc.parsing.refusal import UnreadableError
from handcalc.parsing.table import Cell
from handcalc.parsing.tokens import Token

_T = TypeVar("_T")


def values(cells: Iterable[Cell], work: WorkBudget) -> list[Number]:
    """The values of cells: fractions, and trees of roots and cosines.

    Errors: ``UnreadableError`` with a code of the grammar, of a bound or of the arithmetic, for the
    first cell at fault; ``too_many_tokens`` past those of one text.

    >>> from handcalc.parsing.tokens import tokenise
    >>> values([Cell(tuple(tokenise("1/2 + 3/4")))], WorkBudget())
    [Fraction(5, 4)]
    """
    cells = list(cells)
    literals = [_at(cell, _literal) for cell in cells]
    _pay_for([c for c, value in zip(cells, literals, strict=True) if value is None], work)
    return [
        _at(cell, _calculated) if value is None else value
        for cell, value in zip(cells, literals, strict=True)
    ]


def check_contents(cells: Iterable[Cell], *, symbols: bool) -> None:
    """Refuse the first cell that holds no number, nor x1, x2 … where ``symbols`` is true.

    >>> from handcalc.parsing.tokens import tokenise
    >>> check_contents([Cell(tuple(tokenise("x1")))], symbols=True)
    """
    found = (cell for cell in different(cells).values() if not (symbols and _is_symbol(cell)))
    values(found, WorkBudget())


def different(cells: Iterable[Cell]) -> dict[tuple[str, ...], Cell]:
    """The first cell of every spelling."""
    firsts: dict[tuple[str, ...], Cell] = {}
    for cell in cells:
        firsts.setdefault(cell.spelling, cell)
    return firsts


def _is_symbol(cell: Cell) -> bool:
    return len(cell.tokens) == 1 and SYMBOL.fullmatch(cell.tokens[0].text) is not None


def _at(cell: Cell, read: Callable[[Sequence[Token]], _T]) -> _T:
    """What is read from the tokens of a cell; a refusal without a place is about its beginning."""
    try:
        return read(cell.tokens)
    except UnreadableError as refusal:
        raise refusal.at(cell.start) from None


def _pay_for(cells: Sequence[Cell], work: WorkBudget) -> None:
    left = MAX_TOKENS
    for cell in cells:
        left -= len(cell.tokens)
        if left < 0:
            raise UnreadableError(
                "too_many_tokens",
                f"The calculations in one text have at most {MAX_TOKENS:,} numbers, signs and "
                "brackets in all; type some of the values instead.",
                cell.start,
            )
        work.spend(TOKEN_WORK * len(cell.tokens), cell.start)


def _literal(tokens: Sequence[Token]) -> Fraction | None:
    """A literal, or a quotient of two, perhaps behind a minus: most cells, at a tenth of the time.

    ``None`` for all other cells, and for those that the grammar will refuse.
    """
    negative = tokens[0].kind == "MINUS"
    unsigned = tokens[1:] if negative else tokens
    value = None
    match [token.kind for token in unsigned[:4]]:
        case ["NUMBER" | "FRACTION"]:
            value = _one_literal(unsigned[0])
        case ["NUMBER", "OVER", "NUMBER"]:
            bottom = _one_literal(unsigned[2])
            value = _one_literal(unsigned[0]) / bottom if bottom else None
    return -value if negative and value is not None else value


def _one_literal(token: Token) -> Fraction:
    return literal_value(token.kind, token.text, token.start)


def _calculated(tokens: Sequence[Token]) -> Number:
    from handcalc.parsing.grammar import parsed  # lark is loaded for what is no plain number

    check_neighbours(tokens)
    value = parsed(tokens)
    if isinstance(value, Turn | Beyond):
        raise pi_outside(tokens)
    return value
