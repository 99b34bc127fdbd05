"""One list in the making: how cells become rows, and what may be missing between separators."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from handcalc.parsing.brackets import BracketPair
from handcalc.parsing.refusal import UnreadableError, quoted
from handcalc.parsing.table import Cell, Item, Table, Wrapping
from handcalc.parsing.tokens import Token, ends_value, starts_item, starts_value
from handcalc.parsing.values import check_contents

# --------------------------------------------------------------------------------------------------
# What a gap between two tokens means: one cell goes on, or the next begins, or it is unclear.


Style: TypeAlias = Literal["blanks", "commas", "ands", "alone"]
_Meaning: TypeAlias = Literal["joined", "apart", "begun by a sign", "sign in blanks"]
_SIGNS: Final = frozenset({"PLUS", "MINUS"})


def style_of(pair: BracketPair, *, latex: bool, alone: bool) -> Style:
    """How the cells in a bracket are set apart: by commas, by &, or by blanks.

    ``latex`` is true inside an environment, where blanks mean nothing; ``alone`` where one number
    is asked for, so that blanks have nothing to separate.
    """
    if "COMMA" in pair.separators:
        return "commas"
    if "AND" in pair.separators or latex:
        return "ands"
    return "alone" if alone and "BREAK" not in pair.separators else "blanks"


def begins_cell(style: Style, before: Token, token: Token, after: Token | None) -> bool:
    """Whether ``token`` begins a new cell, where ``before`` belongs to one already.

    Errors: ``UnreadableError`` with code ``ambiguous_minus``, ``ambiguous``, ``missing``
    or ``row_end``.

    >>> from handcalc.parsing.tokens import tokenise
    >>> one, minus, two = tokenise("1 -2")
    >>> begins_cell("blanks", one, minus, two)
    True
    """
    if token.gap in {"\\", "quad", "\n"} and ends_value(before) and starts_item(token):
        _check_row_end(style, token, after)
    meaning = _meaning(before, token, after)
    if meaning == "joined" or (style == "ands" and meaning != "begun by a sign"):
        return False
    if style == "blanks" and meaning != "sign in blanks":
        if token.gap == " " and _is_thousands(before, token):
            raise UnreadableError(
                "ambiguous",
                "A blank may part thousands or two numbers here; type 1000 for a thousand.",
                token.start,
            )
        if token.gap == "\t\t":
            raise UnreadableError(
                "missing", "Between two tabs a number is missing; type 0 if it is 0.", token.start
            )
        return True
    if meaning == "apart":
        return style != "alone" and _refuse_blank(token)
    if style == "blanks" or meaning == "begun by a sign":
        raise _unclear_sign(token)
    return False


def _meaning(before: Token, token: Token, after: Token | None) -> _Meaning:
    if not ends_value(before):
        return "joined"
    if token.kind in _SIGNS and after is not None:
        if after.gap:
            return "sign in blanks"
        return "begun by a sign" if token.gap and starts_item(after) else "joined"
    return "apart" if token.gap and starts_value(token) else "joined"


def _check_row_end(style: Style, token: Token, after: Token | None) -> None:
    r"""Refuse a gap at which a row of LaTeX may have ended: its \\ may be lost on the way."""
    between_signs = token.kind in _SIGNS and after is not None and after.gap != ""
    harmless = (
        style == "alone"
        or (token.gap == "quad" and (style == "blanks" or between_signs))
        or (token.gap == "\n" and style != "ands")
    )
    if not harmless:
        raise UnreadableError(
            "row_end",
            r"A row may end here, and its \\ may have lost a backslash on the way; type \\ where a "
            "row ends, and & between two numbers of a row.",
            token.start,
        )


def _is_thousands(before: Token, token: Token) -> bool:
    """Whether it is 1 000: as a number by itself, nobody writes 000."""
    is_group = len(token.text) == 3 and token.text.isdigit() and token.text.startswith("0")
    return is_group and before.text.isdigit() and len(before.text) <= 3


def _refuse_blank(token: Token) -> bool:
    raise UnreadableError(
        "ambiguous",
        "Commas separate the numbers here, so a blank between two of them is unclear; "
        "type one more comma, a semicolon between rows, or an operator such as *.",
        token.start,
    )


def _unclear_sign(token: Token) -> UnreadableError:
    if token.kind == "PLUS":
        return UnreadableError(
            "ambiguous",
            "With blanks around it, + may add or begin the next number; "
            'type "1+1" for one number, "1, 1" for two.',
            token.start,
        )
    return UnreadableError(
        "ambiguous_minus",
        "With blanks around it, - may subtract or begin the next number; "
        'type "1-1" for one number, "1, -1" for two.',
        token.start,
    )


RowEnd: TypeAlias = Literal["semicolon", "line end"]
Mark: TypeAlias = Literal["semicolon", "line end", "goes on"]


@dataclass(slots=True)
class OpenList:
    """A list that is being read: the rows so far, the row and the cell in the making.

    ``on_lines``: a line end ends a row; ``owed``: the last separator, if no item has followed;
    ``is_complete``: the last item is a list or stands in quotes, and nothing can be added to it;
    ``ended_by``: the kind of the last row's end, a semicolon or a line end; ``marks``: what was
    seen of ends of rows and lines that could be read in two ways; ``in_brackets``: it stands in
    square brackets, in which one list is one row.
    """

    pair: BracketPair
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

        Errors: ``UnreadableError`` with code ``ragged`` where numbers and lists are mixed, and
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
            raise UnreadableError(
                "ragged",
                "Either all entries are numbers or all are lists; here both stand side by side.",
                cells[0].start,
            )
        return self._joined([item for item in items if isinstance(item, Table)])

    def _of_cells(self) -> Table:
        rows = tuple(tuple(i for i in row if isinstance(i, Cell)) for row in self.rows)
        if self.marks >= {"semicolon", "line end"} and all(len(row) == 1 for row in rows):
            raise UnreadableError(
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
                raise UnreadableError(
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


def _missing(token: Token, side: str) -> UnreadableError:
    return UnreadableError(
        "missing",
        f"A number is missing {side} {quoted(token.text)}; type 0 if it is 0.",
        token.start,
    )
