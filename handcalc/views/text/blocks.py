"""What every page is made of: headings, models, matrices, tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import sympy
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from handcalc.inputs.arguments import Matrix, Vector
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.layout import INDENT, CellList, Fitted, Paragraph, Sized, aligned
from handcalc.views.notation import PlainNotation
from handcalc.views.palette import terminal_colour

BOLD = "bold"
MOST_LINES = 60  # of a matrix or a table; of more, the first and the last are shown
HEAD, TAIL = 12, 3
ROUNDED = "Decimals are rounded; --json and the result in Python have every number exactly."
_LINES_A_ROW = 2  # of a matrix that is told row by row
_MARGIN = 16
_NARROWEST = 4  # characters of a column, with the gap before it


def heading(text: str, notation: PlainNotation) -> RenderableType:
    """A heading, told by its line below as well as by its weight."""
    line = "─" if notation.unicode else "-"
    below = Sized(lambda width: Text(line * min(len(text), width), "dim"))
    return Group(Text(text, BOLD), below)


def model(
    shown: ToyModel,
    notation: PlainNotation,
    cells: tuple[Sequence[Sequence[str]], Sequence[str]] | None = None,
) -> RenderableType:
    """W with a feature to each row, b, and the activation.

    ``cells`` are texts for the numbers of W and of b, where these are to stand in another way.
    """
    if cells is None:
        W: RenderableType = matrix(shown.W, notation, "W")
        bias = vector(shown.b, notation, "b")
    else:
        W = _Matrix(cells[0], lambda _, rows: (rows, "="), notation, "W")
        bias = CellList("b", tuple(cells[1]))
    output, kind = ("ReLU(z)", "ReLU") if shown.activation == "relu" else ("z", "linear")
    hat = "x\u0302" if notation.unicode else "xhat"
    activation = f"{hat} = {output}   ({kind} model)"
    return Group(W, bias, Text(activation))


def matrix(rows: Matrix, notation: PlainNotation, name: str) -> RenderableType:
    """A matrix in brackets, its rows labelled with their features.

    Its decimals have as many places as the page has room for. Where it has no room at all, it is
    given row by row, or cut to its first and last rows and columns.
    """

    def texts(
        places: int, shown: Sequence[Sequence[sympy.Expr]]
    ) -> tuple[Sequence[Sequence[str]], str]:
        cells = notation.cells([cell for row in shown for cell in row], places)
        width = len(shown[0])
        return [cells.texts[i : i + width] for i in range(0, len(cells.texts), width)], cells.equals

    return _Matrix(rows, texts, notation, name)


def vector(values: Vector, notation: PlainNotation, name: str) -> RenderableType:
    """name = (1, 1/2, …), cut to its first and last cells where there are very many."""
    shown = notation.cells(values)
    texts = list(shown.texts)
    if len(texts) > MOST_LINES:
        texts = [*texts[:HEAD], notation.ellipsis, *texts[-TAIL:]]
    return CellList(name, tuple(texts), notation.words(shown.equals))


_Cell = TypeVar("_Cell")


@dataclass(frozen=True, slots=True)
class _Matrix(Generic[_Cell]):
    """Cells, and how their texts are made for a number of decimal places, as there is room."""

    rows: Sequence[Sequence[_Cell]]
    texts: Callable[[int, Sequence[Sequence[_Cell]]], tuple[Sequence[Sequence[str]], str]]
    notation: PlainNotation
    name: str

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        # What is given up for width, in this order: places behind the point, brackets (the matrix
        # is then told row by row), columns in the middle.
        width, columns = options.max_width, len(self.rows[0])
        if columns <= width // _NARROWEST:
            for places in self.notation.places:
                lines = self._lines(places, columns)
                if max(line.cell_len for line in lines) <= width:
                    yield from [*lines, *self._left_out(columns)]
                    return
            if len(self.rows) <= MOST_LINES:
                told = self._row_by_row()
                longest = max(len(", ".join(row.cells)) for row in told)
                if longest <= _LINES_A_ROW * (width - _MARGIN):
                    yield Text(f"{self.name}, row by row:")
                    yield from told
                    return
        kept = min(columns, width // _NARROWEST)
        lines = self._lines(self._middle, kept)
        while kept > 2 and max(line.cell_len for line in lines) > width:
            kept -= 1
            lines = self._lines(self._middle, kept)
        yield from [*lines, *self._left_out(kept)]

    @property
    def _middle(self) -> int:
        """Not as many places as there can be, not as few."""
        return self.notation.places[len(self.notation.places) // 2]

    def _row_by_row(self) -> list[CellList]:
        rows, equals = self.texts(self._middle, self.rows)
        sign = "" if equals == "=" else self.notation.words(equals)
        return [
            CellList(f"feature {i}", tuple(row), sign, INDENT, terminal_colour(i))
            for i, row in enumerate(rows, 1)
        ]

    def _lines(self, places: int, kept: int) -> list[Text]:
        """The bracketed rows, with only ``kept`` columns: the first ones and the last."""
        numbers, cut = shown_lines(len(self.rows)), kept < len(self.rows[0])
        rows = [self.rows[i] for i in numbers]
        rows = [[*row[: kept - 1], row[-1]] for row in rows] if cut else rows
        texts, equals = self.texts(places, rows)
        columns = [aligned(column) for column in zip(*texts, strict=True)]
        if cut:
            columns.insert(kept - 1, [self.notation.ellipsis] * len(rows))
        shown = [list(row) for row in zip(*columns, strict=True)]
        labels = [Text(f"   feature {i + 1}", terminal_colour(i + 1)) for i in numbers]
        if len(numbers) < len(self.rows):
            dots = self.notation.words("⋮")
            shown.insert(HEAD, [dots.rjust(len(column[0])) for column in columns])
            labels.insert(HEAD, Text())
        middle = (len(shown) - 1) // 2
        opening = f"{self.name} {self.notation.words(equals)} "
        lines = []
        for i, (row, label) in enumerate(zip(shown, labels, strict=True)):
            left, right = brackets(i, len(shown), self.notation)
            lead = opening if i == middle else " " * len(opening)
            lines.append(Text(f"{lead}{left} {'   '.join(row)} {right}") + label)
        return lines

    def _left_out(self, kept: int) -> Iterator[RenderableType]:
        rows, columns = len(self.rows), len(self.rows[0])
        if rows > MOST_LINES or kept < columns:
            yield Paragraph(
                f"{self.name} has {rows} rows and {columns} columns: the first ones and the last "
                "are shown, --json has all."
            )


def table(
    columns: Sequence[tuple[str, Sequence[str]]], *, by_feature: bool = True
) -> RenderableType:
    """Columns under their heads or, where they are too wide, a paragraph a row.

    ``by_feature`` gives row i the colour of feature i. Of very many rows the first and the last
    are shown.
    """
    heads = [head for head, _ in columns]
    numbers = shown_lines(len(columns[0][1]))
    shown = [aligned([cells[i] for i in numbers]) for _, cells in columns]
    widths = [max(len(h), *map(len, cells)) for h, cells in zip(heads, shown, strict=True)]
    lines = [Text("  ".join(h.rjust(w) for h, w in zip(heads, widths, strict=True)), "dim")]
    told: list[RenderableType] = []
    for i, row in zip(numbers, zip(*shown, strict=True), strict=True):
        if i and i - 1 not in numbers:
            lines.append(Text(f"... {i - HEAD} rows are left out here; --json has all.", "dim"))
            told.append(Paragraph(f"... {i - HEAD} rows are left out here; --json has all."))
        colour = terminal_colour(i + 1) if by_feature else ""
        padded = "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True))
        lines.append(Text(padded, colour))
        named = zip(heads[1:], row[1:], strict=True)
        said = (f"{head} {cell.strip()}" for head, cell in named if cell.strip() != ".")
        told.append(Paragraph(f": {'; '.join(said)}", 0, f"{heads[0]} {row[0].strip()}", colour))
    return Fitted(tuple(lines), Group(*told))


def inside(values: Sequence[sympy.Expr], notation: PlainNotation) -> str:
    """A vector in brackets, with the sign that stands before it: = or ≈."""
    sign = "≈" if any(notation.rounds(v) for v in values if not v.free_symbols) else "="
    texts = list(map(notation.multiple, values))
    if len(texts) > MOST_LINES:
        texts = [*texts[:HEAD], notation.ellipsis, *texts[-TAIL:]]
    return f"{notation.words(sign)} ({', '.join(texts)})"


def shown_lines(count: int) -> list[int]:
    """Which of so many lines are shown, from 0: all, or the first and the last."""
    if count <= MOST_LINES:
        return list(range(count))
    return [*range(HEAD), *range(count - TAIL, count)]


def brackets(i: int, rows: int, notation: PlainNotation) -> tuple[str, str]:
    """What stands at the two ends of row i of a matrix."""
    if not notation.unicode or rows == 1:
        return "[", "]"
    return ("⎡", "⎤") if i == 0 else ("⎣", "⎦") if i == rows - 1 else ("⎢", "⎥")
