"""Numbers that may only count: the line of column names, or the index, that a data frame wrote."""

from __future__ import annotations

import re
from typing import Final

from handcalc.parsing.refusal import UnreadableError
from handcalc.parsing.table import Cell, Table

_WHOLE: Final = re.compile(r"[0-9]+\.0*")
_LONG: Final = re.compile(r"[0-9]*\.[0-9]{3,}(?:[eE].*)?")


def check_counting(table: Table) -> None:
    """Refuse a first line 0, 1, 2 … above decimals alone, and such a column beside them.

    A person types whole numbers in one way; where 0 and 1 count above 0.0 and 1.0, a program wrote
    the one as names and the other as numbers. Errors: ``UnreadableError`` with code
    ``ambiguous_header``.

    >>> from handcalc.parsing.parse import table
    >>> check_counting(table("0 1; 1.0 0.0"))
    """
    rows = table.rows
    if len(rows) > 1 and all(_is_first_in_quotes(row) for row in rows):
        raise _index(rows[0][0])
    if len(rows) < 2 or not all(_begins_line(row) for row in rows[1:]):
        return
    is_written = all(map(_is_bare, rows))
    if all(cell.in_quotes for cell in rows[0]) and not any(
        cell.in_quotes for row in rows[1:] for cell in row
    ):
        raise _header(rows[0])
    if _counts(rows[0], 0) and all(_is_decimal(cell) for row in rows[1:] for cell in row):
        body = [cell.tokens[-1].text for row in rows[1:] for cell in row]
        written = any(map(_WHOLE.fullmatch, body)) or all(map(_LONG.fullmatch, body))
        if written or is_written or len(rows[0]) > 2:
            raise _header(rows[0])
    index = [row[0] for row in rows if row]
    if (len(rows) < 3 and not is_written) or len(index) < len(rows) or min(map(len, rows)) < 2:
        return
    is_index = _counts(index, 0) or _counts(index, 1)
    if is_index and all(_is_decimal(cell) for row in rows for cell in row[1:]):
        raise _index(index[0])


def _begins_line(row: tuple[Cell, ...]) -> bool:
    return bool(row) and row[0].tokens[0].gap == "\n"


def _is_bare(row: tuple[Cell, ...]) -> bool:
    """Whether a comma without a blank, or a tab, parts two cells or more, as programs write."""
    return len(row) > 1 and all(cell.tokens[0].gap in {"", "\t"} for cell in row[1:])


def _is_first_in_quotes(row: tuple[Cell, ...]) -> bool:
    return len(row) > 1 and row[0].in_quotes and not any(cell.in_quotes for cell in row[1:])


def _counts(cells: tuple[Cell, ...] | list[Cell], first: int) -> bool:
    texts = [token.text for cell in cells for token in cell.tokens]
    return texts == [str(first + i) for i in range(len(cells))]


def _is_decimal(cell: Cell) -> bool:
    *signs, number = cell.tokens
    is_number = number.kind == "NUMBER" and not number.text.isdigit()
    return is_number and [token.kind for token in signs] in ([], ["MINUS"])


def _index(first: Cell) -> UnreadableError:
    return UnreadableError(
        "ambiguous_header",
        "The first column may be the index of a data frame; leave it out, or type 1.0 for 1 if it "
        "is a column of numbers.",
        first.start,
    )


def _header(row: tuple[Cell, ...]) -> UnreadableError:
    shown = " ".join(cell.tokens[0].text for cell in row[:4]) + (" …" if len(row) > 4 else "")
    return UnreadableError(
        "ambiguous_header",
        f"The first line, {shown}, may be the column names of a data frame; leave it out, or type "
        "it with decimal points, as 0.0 1.0, if it is a row of numbers.",
        row[0].start,
    )
