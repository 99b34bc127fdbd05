"""Rows of cells: what the brackets, separators, gaps and line ends of a text mean.

One pass over the tokens with a stack of open lists. The stack is as deep as the brackets, which
are bounded, and every token is looked at once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from handcalc.parsing.brackets import (
    COLUMNS,
    OPENERS,
    SEPARATORS,
    BracketPair,
    BracketPairs,
    Style,
    begins_cell,
    environment,
    pair_brackets,
    style_of,
)
from handcalc.parsing.refusal import UnreadableError, decimal_comma, quoted
from handcalc.parsing.table import Cell, Item, Table, Wrapping
from handcalc.parsing.tokens import Token, starts_item
from handcalc.parsing.values import check_contents

_MATRICES: Final = frozenset(
    {
        *("matrix", "bmatrix", "pmatrix", "Bmatrix", "array", "tabular"),
        *("smallmatrix", "psmallmatrix", "bsmallmatrix"),
        *("NiceMatrix", "pNiceMatrix", "bNiceMatrix"),
    }
)
_KEYWORDS: Final = frozenset(
    {"dtype", "device", "requires_grad", "grad_fn", "copy", "order", "ndmin", "shape"}
)


def lay_out(tokens: list[Token], *, alone: bool = False) -> Table:
    """The rows of cells that the tokens make; ``alone`` where one number is asked for.

    Errors: those of brackets, gaps and separators, ``quoted`` and ``empty``.

    >>> from handcalc.parsing.tokens import tokenise
    >>> table = lay_out(tokenise("[[1, 0], [0, 2√3]]"))
    >>> [[len(cell.tokens) for cell in row] for row in table.rows]
    [[1, 1], [1, 3]]
    """
    return _Layout(tokens, pair_brackets(tokens), alone).table()


class _Layout:
    """The walk over the tokens; ``stack`` holds the lists that are open."""

    def __init__(self, tokens: list[Token], brackets: BracketPairs, alone: bool) -> None:
        self.tokens = tokens
        self.pairs = brackets.pairs
        self.alone = alone
        self.stack: list[OpenList] = []
        self._push(brackets.outside, on_lines=True)

    def table(self) -> Table:
        index = 0
        while index < len(self.tokens):
            index = self._step(index)
        item = self.stack[0].end()
        cells = item.cells
        if not cells:
            raise UnreadableError("empty", 'There is no number here; type one, such as "1/2".')
        in_list = any(pair.role == "list" for pair in self.pairs.values())
        if len(cells) == 1 and cells[0].in_quotes and not in_list:
            raise _quotes(self.tokens[0])
        return item

    def _step(self, index: int) -> int:
        """Take in the token at ``index``; the index of the token to go on with."""
        # a line end is no token: it is seen in the gap before the first token of the next line
        token, top = self.tokens[index], self.stack[-1]
        if token.gap == "\n" and top.on_lines:
            top.end_line()
        if index == top.pair.closing:
            return self._close(index)
        if token.kind in SEPARATORS:
            return self._separate(index)
        self._begin(index)
        if token.kind == "QUOTE":
            return self._quote(index)
        if token.kind in OPENERS:
            return self._open(index)
        behind = self.pairs.get(index + 1)
        is_wrapper = behind is not None and behind.role == "wrapper" and not top.cell
        if not is_wrapper:  # the ``array`` of ``array(…)`` says nothing about the numbers
            top.cell.append(token)
        return index + 1

    def _separate(self, index: int) -> int:
        token, top = self.tokens[index], self.stack[-1]
        if top.pair.role == "wrapper":
            return self._rest_of_call(index)
        if token.kind == "BREAK":
            top.end_row(token)
            return index + 1
        if _is_inside_number(self.tokens, index):
            raise decimal_comma(token.start)
        if token.kind == "COMMA" and index > 0 and "AND" in top.pair.separators:
            self._check_comma(index)
        top.separate(token)
        return index + 1

    def _check_comma(self, index: int) -> None:
        """Refuse a comma inside a cell, where & parts the cells; at the end of a row it may be."""
        around = self.tokens[index - 1 : index + 2]
        after = around[-1]
        if index + 1 == len(self.tokens) or after.gap == "\n":
            return
        if after.kind in {"BREAK", "END", "END_LIST"}:
            return
        if [token.kind for token in around] == ["NUMBER", "COMMA", "NUMBER"] and not after.gap:
            raise decimal_comma(self.tokens[index].start)
        raise UnreadableError(
            "unexpected",
            "& separates the numbers here, so a comma between two of them is unclear; type & "
            "there too, or a point for a decimal.",
            self.tokens[index].start,
        )

    def _rest_of_call(self, index: int) -> int:
        """``dtype=…`` and the like say nothing about the numbers."""
        closing = self.stack[-1].pair.closing
        name, equals = self.tokens[index + 1], self.tokens[min(index + 2, closing)]
        is_type = name.kind == "NAME" and index + 2 == closing  # array([[1, 0]], np.float32)
        is_keyword = name.text in _KEYWORDS and equals.kind == "EQUALS"
        if index + 1 < closing and not (is_type or is_keyword):
            raise UnreadableError(
                "unexpected",
                "A call such as array(…) is read with one list in it: array([[1, 0], [0, 1]]).",
                name.start,
            )
        return closing

    def _begin(self, index: int) -> None:
        """End the cell in the making if the token begins the next one."""
        token, top = self.tokens[index], self.stack[-1]
        if top.cell:
            after = self.tokens[index + 1] if index + 1 < len(self.tokens) else None
            if begins_cell(top.style, top.cell[-1], token, after):
                top.end_cell()
        elif top.is_complete and not (token.kind in OPENERS or (token.gap and starts_item(token))):
            raise _beside_list(token)

    def _open(self, index: int) -> int:
        token, top, pair = self.tokens[index], self.stack[-1], self.pairs[index]
        if pair.role == "group":
            top.cell += self.tokens[index : pair.closing + 1]
            return pair.closing + 1
        if top.cell:
            raise _beside_list(token)
        if token.kind == "BEGIN" and environment(token.text).removesuffix("*") not in _MATRICES:
            raise UnreadableError(
                "unexpected",
                f"A matrix stands in bmatrix, pmatrix or array, not in {quoted(token.text)}.",
                token.start,
            )
        # line ends mean rows in [1 0⏎0 1] and ([1 0⏎0 1]); in [[1 0⏎2 3]] numpy broke a long row
        is_first = token.text == "[" and index > 0 and top.pair.opening == index - 1
        in_brackets = is_first and self.tokens[index - 1].text == "["
        on_lines = top.on_lines and top.pair.lists == 1 and token.kind != "BEGIN"
        self._push(pair, on_lines=on_lines and not in_brackets)
        return index + 1

    def _close(self, index: int) -> int:
        done = self.stack.pop()
        table = done.end()
        # the calls in [np.float64(0.5), np.float64(1.0)] and [tensor(1.), tensor(0.)] are numbers
        is_number = done.pair.role == "wrapper" and done.pair.lists == 0 and len(table.cells) == 1
        inner = self.pairs.get(done.pair.opening + 1)
        is_flat = inner is not None and inner.lists == 0 and "COMMA" in inner.separators
        before = self.tokens[done.pair.opening - 1].text
        is_sympy = done.pair.role == "wrapper" and before in COLUMNS
        if is_flat and is_sympy and len(table.rows) == 1:  # Matrix([1, 2]) is a column there
            table = replace(table, rows=tuple((cell,) for cell in table.cells))
        self.stack[-1].add(table.cells[0] if is_number else table)
        return index + 1

    def _push(self, pair: BracketPair, *, on_lines: bool) -> None:
        opening = self.tokens[pair.opening] if pair.opening >= 0 else None
        latex = opening is not None and opening.kind == "BEGIN"
        style = style_of(pair, latex=latex, alone=self.alone)
        made = OpenList(pair, style, on_lines, opening.start if opening else 0)
        made.in_brackets = opening is not None and opening.text == "["
        self.stack.append(made)

    def _quote(self, index: int) -> int:
        """What stands in quotes is one cell, whatever gaps are in it."""
        token, top = self.tokens[index], self.stack[-1]
        end = index + 1
        while end < len(self.tokens) and self.tokens[end].text != token.text:
            end += 1
        content = tuple(self.tokens[index + 1 : end])
        if top.cell or end == len(self.tokens):
            raise _quotes(token)
        if not content:
            raise UnreadableError(
                "missing", "A number is missing in the quotes; type 0 if it is 0.", token.start
            )
        for inner in content:
            if inner.kind in SEPARATORS:
                raise decimal_comma(inner.start) if inner.kind == "COMMA" else _quotes(token)
        top.add(Cell(content, in_quotes=True))
        return end + 1


def _is_inside_number(tokens: list[Token], index: int) -> bool:
    """Whether a comma stands as in 0,05, 1,000, -0,5 or 0,(3), where it parts no two numbers."""
    # 1,5 may be two numbers; 05 and 000 behind a comma, and -0 before one, are none by themselves
    around = [token.kind for token in tokens[index - 1 : index + 4]]
    if around[:2] != ["NUMBER", "COMMA"] or len(around) < 3:
        return False
    before, comma, after = tokens[index - 1 : index + 2]
    if comma.gap or after.gap or "." in before.text:
        return False
    if around[2:] == ["OPEN", "NUMBER", "CLOSE"] and tokens[index + 1].text == "(":
        return True
    is_minus_zero = before.text == "0" and index > 1 and tokens[index - 2].kind == "MINUS"
    return after.kind == "NUMBER" and (is_minus_zero or re.match("0[0-9]", after.text) is not None)


def _quotes(token: Token) -> UnreadableError:
    return UnreadableError(
        "quoted",
        "Numbers stand without quotation marks; only the cells of a list may have them.",
        token.start,
    )


def _beside_list(token: Token) -> UnreadableError:
    if token.kind == "POINT":
        return UnreadableError(
            "attribute", "Attributes such as .T are not read; type the numbers out.", token.start
        )
    if token.kind == "COLON":
        return UnreadableError(
            "unexpected",
            'A list may have one name, as in W = [1, 0] or {"W": [1, 0]}; here names stand inside, '
            "so type the list behind one of them alone.",
            token.start,
        )
    return UnreadableError(
        "unexpected",
        f"Nothing is calculated with a whole list, so {quoted(token.text)} cannot stand beside "
        "it; type the numbers out.",
        token.start,
    )


# --------------------------------------------------------------------------------------------------
# One list in the making: how cells become rows, and what may be missing between separators.


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
        wrapping: Wrapping = "lines"
        if self.pair.opening < 0 or self.pair.separators & {"AND", "BREAK"}:
            wrapping = "none"
        elif "COMMA" in self.pair.separators:
            wrapping = "commas" if "goes on" in self.marks else "none"
        return Table(rows, self.start, wrapping)

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
