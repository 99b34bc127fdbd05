"""One list in the making: how cells become rows, and what may be missing between separators."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from handcalc.parsing.brackets import Pair
from handcalc.parsing.cells import check_contents
from handcalc.parsing.gaps import Style
from handcalc.parsing.refusal import RefusalError, quoted
from handcalc.parsing.table import Cell, Item, Table, Wrapping
from handcalc.parsing.tokens import Token

__all__ = ["OpenList"]

RowEnd: TypeAlias = Literal["semicolon", "line end"]
Mark: TypeAlias = Literal["semicolon", "line end", "goes on"]


@dataclass(slots=True)
class OpenList:
    """A list that is being read: the rows so far, the row and the cell in the making.

    ``on_lines``: a line end ends a row; ``owed``: the separator that waits for an item;
    ``is_complete``: the last item is a list or stands in quotes, and nothing can be added to it;
    ``ended_by``: the kind of the last row's end, a semicolon or a line end; ``marks``: what was
    seen of ends of rows and lines that could be read in two ways; ``in_brackets``: it stands in
    square brackets, in which one list is one row.
    """

    pair: Pair
    style: Style
    on_lines: bool
    start: int
    rows: list[list[Item]] = field(default_factory=list)
    row: list[Item] = field(default_factory=list)
    cell: list[Token] = field(default_factory=list)
    owed: Token | None = None
    is_complete: bool = False
    ended_by: RowEnd | None = None
    marks: set[Mark] = field(default_factory=set)
    in_brackets: bool = False

    def add(self, item: Item, *, is_complete: bool = True) -> None:
        """Put a finished item into the row."""
        if not self.row and self.ended_by is not None:
            self.marks.add(self.ended_by)
        self.row.append(item)
        self.owed, self.is_complete = None, is_complete

    def end_cell(self) -> None:
        """Finish the cell in the making, if there is one."""
        if self.cell:
            cell = Cell(tuple(self.cell))
            self.cell = []
            self.add(cell, is_complete=False)

    def separate(self, token: Token) -> None:
        """A comma or &: an item stands before it, and another must follow."""
        self.end_cell()
        if self.owed is not None or not self.row:
            raise _missing(token, "before")
        self.owed, self.is_complete = token, False

    def end_row(self, token: Token) -> None:
        r"""A semicolon or \\; next to a line end the two are one."""
        self.end_cell()
        self._refuse_owed_by_and()
        if not self.row and self.ended_by != "line end":
            raise _missing(token, "before")
        self._close_row("semicolon")

    def end_line(self) -> None:
        """A line end; a row goes on after &, and inside brackets after a comma."""
        self.end_cell()
        if self.owed is not None and (self.owed.kind == "AND" or self.pair.opening >= 0):
            self.marks.add("goes on")
        else:
            self._close_row("line end")

    def end(self) -> Table:
        """The whole list as a table.

        Errors: ``RefusalError`` with code ``ragged`` where numbers and lists are mixed, and
        ``wrong_shape`` where lists lie three deep.
        """
        self.end_cell()
        self._refuse_owed_by_and()
        self._close_row("line end")
        items = [item for row in self.rows for item in row]
        cells = [item for item in items if isinstance(item, Cell)]
        if len(cells) == len(items):
            return self._of_cells()
        if cells:
            check_contents(cells, symbols=True)
            raise RefusalError(
                "ragged",
                "Either all entries are numbers or all are lists; here both stand side by side.",
                cells[0].start,
            )
        return self._joined([item for item in items if isinstance(item, Table)])

    def _of_cells(self) -> Table:
        rows = tuple(tuple(i for i in row if isinstance(i, Cell)) for row in self.rows)
        if self.marks >= {"semicolon", "line end"} and all(len(row) == 1 for row in rows):
            raise RefusalError(
                "ambiguous",
                "Both semicolons and line ends separate rows here, and no row has two numbers; "
                "within a row type blanks or commas.",
                rows[1][0].start,
            )
        return Table(rows, self.start, self._wrapping())

    def _wrapping(self) -> Wrapping:
        if self.pair.opening < 0 or self.pair.separators & {"AND", "BREAK"}:
            return "none"
        if "COMMA" in self.pair.separators:
            return "commas" if "goes on" in self.marks else "none"
        return "lines"

    def _joined(self, tables: list[Table]) -> Table:
        """One list is itself; of several, each is a row. A line of mere brackets is none."""
        if self.pair.opening < 0 and not self.pair.separators - {"GAP"}:
            tables = [table for table in tables if table.rows] or tables
        if len(tables) == 1:
            return replace(tables[0], wrapping="none") if self.in_brackets else tables[0]
        for table in tables:
            if len(table.rows) > 1:
                raise RefusalError(
                    "wrong_shape",
                    "A matrix is a list of rows; here rows lie three lists deep.",
                    table.start,
                )
        return Table(tuple(table.rows[0] if table.rows else () for table in tables), self.start)

    def _close_row(self, end: RowEnd) -> None:
        if self.row:
            self.rows.append(self.row)
        if self.rows:
            self.ended_by = end
        self.row, self.owed, self.is_complete = [], None, False

    def _refuse_owed_by_and(self) -> None:
        """A comma may end a row, as in (1,); an & may not."""
        if self.owed is not None and self.owed.kind == "AND":
            raise _missing(self.owed, "behind")


def _missing(token: Token, side: str) -> RefusalError:
    return RefusalError(
        "missing",
        f"A number is missing {side} {quoted(token.text)}; type 0 if it is 0.",
        token.start,
    )
