"""From rows of cells to what was asked for: one number, a list of them, or a matrix."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from handcalc.parsing.formats.headers import check_counting
from handcalc.parsing.refusal import UnreadableError, quoted
from handcalc.parsing.table import Cell, Table


def as_one(table: Table) -> Cell:
    """The only cell. Errors: ``UnreadableError`` with code ``wrong_shape``."""
    cells = table.cells
    if len(cells) > 1:
        raise UnreadableError(
            "wrong_shape", f"One number is asked for, not {len(cells)}.", cells[1].start
        )
    return cells[0]


def as_list(table: Table, length: int | None) -> list[Cell]:
    """The cells of a row or a column: ``length`` of them, or one that stands for all.

    Errors: ``UnreadableError`` with code ``ragged`` or ``wrong_shape``.
    """
    cells = table.cells
    if table.wrapping == "lines" and _is_wrapped_list(table, length):
        return cells
    _check_even(table)
    check_counting(table)
    if len(table.rows) > 1 and len(table.rows[0]) > 1:
        raise UnreadableError(
            "wrong_shape",
            f"A list of numbers is asked for, not a matrix ({_size(table)}); "
            "type the numbers in one row.",
            table.rows[1][0].start,
        )
    if length is not None and len(cells) not in (1, length):
        raise UnreadableError(
            "wrong_shape",
            f"Type {length} numbers, or one for all of them, not {len(cells)}."
            if length > 1
            else f"Type one number, not {len(cells)}.",
            cells[min(length, len(cells) - 1)].start,
        )
    return cells


def as_matrix(table: Table, rows: int | None, columns: int | None) -> Table:
    """The table, if its rows are of one length and as many as asked for, where that is given.

    Errors: ``UnreadableError`` with code ``ragged``, ``transposed`` or ``wrong_shape``.
    """
    _check_transposed(table)
    _check_even(table)
    check_counting(table)
    found = len(table.rows), len(table.rows[0])
    if rows in (None, found[0]) and columns in (None, found[1]):
        if table.wrapping == "commas" and None in (rows, columns):
            raise UnreadableError(
                "ambiguous",
                "A line ends with a comma inside brackets, so it is unclear whether the row ends "
                "too; type a semicolon there, or brackets around every row.",
                table.start,
            )
        return table
    asked = f"{rows or found[0]} × {columns or found[1]}"
    start = table.cells[0].start
    if (columns, rows) == found:
        raise UnreadableError(
            "transposed",
            f"The matrix must have {rows} rows of {columns} ({asked}), not {_size(table)}; "
            "this looks transposed.",
            start,
            transposed(table),
        )
    raise UnreadableError(
        "wrong_shape", f"The matrix must be {asked} (rows × columns), not {_size(table)}.", start
    )


def _check_transposed(table: Table) -> None:
    """Refuse a matrix whose name says that it stands transposed."""
    mark = table.transposed
    if mark is None:
        return
    if mark.is_sure:
        raise UnreadableError(
            "transposed",
            f"{quoted(mark.name)} names the transposed matrix; type the matrix itself, with a row "
            "for each feature.",
            mark.start,
            transposed(table) if len({len(row) for row in table.rows}) == 1 else None,
        )
    raise UnreadableError(
        "ambiguous_name",
        f"{quoted(mark.name)} may name a transposed matrix or another one; type the matrix itself "
        "without that name, with a row for each feature.",
        mark.start,
    )


def transposed(table: Table) -> str:
    """The text of the transposed matrix, a row at a time.

    >>> from handcalc.parsing.parse import table
    >>> transposed(table("[1, 0, 1 - 1]"))
    '1; 0; 1-1'
    """
    return "; ".join(
        " ".join(_spelt(cell) for cell in column) for column in zip(*table.rows, strict=True)
    )


def _spelt(cell: Cell) -> str:
    """A cell without the blanks that it can do without."""
    pieces = [cell.tokens[0].text]
    for before, token in pairwise(cell.tokens):
        clash = before.text[-1].isalpha() and token.text[0].isalnum()
        pieces += (" ", token.text) if clash else (token.text,)
    return "".join(pieces)


def _check_even(table: Table) -> None:
    lengths = [len(row) for row in table.rows]
    if len(set(lengths)) == 1:
        return
    common = Counter(lengths).most_common(1)[0][0]
    odd = next(index for index, length in enumerate(lengths) if length != common)
    row = table.rows[odd]
    raise UnreadableError(
        "ragged",
        f"Every row must have as many numbers as the others; row {odd + 1} has {lengths[odd]}, "
        f"and row {lengths.index(common) + 1} has {common}.",
        row[min(common, len(row) - 1)].start if row else table.start,
    )


def _is_wrapped_list(table: Table, length: int | None) -> bool:
    """Whether the lines are one long list, broken as numpy breaks it."""
    if length is not None:
        return len(table.cells) == length
    *others, last = (len(row) for row in table.rows)
    return len(set(others)) == 1 and last < others[0]


def _size(table: Table) -> str:
    return f"{len(table.rows)} × {len(table.rows[0])}"
