"""Rows of cells of tokens, and the shape that is asked for: one number, a list, or a matrix.

Numbers that may only count, as the names and the index of a data frame do, are refused here too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple, TypeAlias

from handcalc.parsing.limits import MAX_CELL_CHARACTERS, MAX_CELL_TOKENS
from handcalc.parsing.refusal import UnreadableError, quoted
from handcalc.parsing.tokens import Token


class TransposedName(NamedTuple):
    """The name of a matrix that stands transposed, as Wᵀ, or may, as W′ (``is_sure``)."""

    name: str
    start: int
    is_sure: bool


Wrapping: TypeAlias = Literal["none", "lines", "commas"]


@dataclass(frozen=True, slots=True)
class Cell:
    """The tokens of one number: at most 120 of them, in 200 characters.

    Errors: ``UnreadableError`` with code ``cell_too_long`` or ``too_many_tokens``.
    """

    tokens: tuple[Token, ...]
    in_quotes: bool = False

    def __post_init__(self) -> None:
        size = self.end - self.start
        if size > MAX_CELL_CHARACTERS:
            raise UnreadableError(
                "cell_too_long",
                f"One number takes at most {MAX_CELL_CHARACTERS} characters, not {size:,}.",
                self.start,
            )
        if len(self.tokens) > MAX_CELL_TOKENS:
            raise UnreadableError(
                "too_many_tokens",
                f"One number is written with at most {MAX_CELL_TOKENS} numbers, signs and "
                f"brackets, not {len(self.tokens)}.",
                self.start,
            )

    @property
    def start(self) -> int:
        """The place of the first character."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """The place behind the last character."""
        return self.tokens[-1].end

    @property
    def spelling(self) -> tuple[str, ...]:
        """What is written in it, whatever the blanks."""
        return tuple(token.text for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, which may still differ in length; ``start`` is where they begin.

    ``wrapping`` tells of line ends inside one pair of brackets: nothing but "lines" makes the
    rows, or a row goes on behind "commas".
    """

    rows: tuple[tuple[Cell, ...], ...]
    start: int
    wrapping: Wrapping = "none"
    transposed: TransposedName | None = None

    @property
    def cells(self) -> list[Cell]:
        """All cells in reading order."""
        return [cell for row in self.rows for cell in row]


Item: TypeAlias = Cell | Table


def beside(blocks: Sequence[Table]) -> Table:
    """The blocks of columns of one table, put side by side.

    Errors: ``UnreadableError`` with code ``ragged`` where they have not as many rows.
    """
    if len({len(block.rows) for block in blocks}) > 1:
        raise UnreadableError(
            "ragged",
            "The blocks of columns have not as many rows each; type the matrix in one block.",
            blocks[-1].start,
        )
    if len(blocks) == 1:
        return blocks[0]
    rows = zip(*(block.rows for block in blocks), strict=True)
    return Table(tuple(sum(parts, ()) for parts in rows), blocks[0].start)


# --------------------------------------------------------------------------------------------------
# The shape that is asked for.


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
    # numpy breaks a long list into lines of one length, the last one shorter: no ragged matrix
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
    # a square one cannot be told from its transpose, and is taken as it stands
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
        " ".join(_without_blanks(cell) for cell in column)
        for column in zip(*table.rows, strict=True)
    )


def _without_blanks(cell: Cell) -> str:
    """The text of a cell without the blanks that it can do without: ``sqrt 2`` keeps its one."""
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


# --------------------------------------------------------------------------------------------------
# Numbers that may only count: the line of column names, or the index, that a data frame wrote.

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
    # only a program's lines can have names above them, not rows set apart by semicolons
    if len(rows) < 2 or not all(row and row[0].tokens[0].gap == "\n" for row in rows[1:]):
        return
    is_written = all(map(_is_bare, rows))
    if all(cell.in_quotes for cell in rows[0]) and not any(
        cell.in_quotes for row in rows[1:] for cell in row
    ):
        raise _header(rows[0])
    # nobody types 0 1 above 1.0 0.0 as numbers: floats as a program prints them, long ones, or
    # three columns and more, are sure signs; 0 1 above 0.5 0.25 may still be a person's row
    if _counts(rows[0], 0) and all(_is_decimal(cell) for row in rows[1:] for cell in row):
        body = [cell.tokens[-1].text for row in rows[1:] for cell in row]
        written = any(map(_WHOLE.fullmatch, body)) or all(map(_LONG.fullmatch, body))
        if written or is_written or len(rows[0]) > 2:
            raise _header(rows[0])
    # an index counts from 0 or from 1; two rows by hand may begin with 1 and 2 all the same
    index = [row[0] for row in rows if row]
    if (len(rows) < 3 and not is_written) or len(index) < len(rows) or min(map(len, rows)) < 2:
        return
    is_index = _counts(index, 0) or _counts(index, 1)
    if is_index and all(_is_decimal(cell) for row in rows for cell in row[1:]):
        raise _index(index[0])


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
