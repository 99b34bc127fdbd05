"""What every page is made of: headings, models, matrices, tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.superposition.toy_model import Matrix, ToyModel
from handcalc.views.layout import INDENT, Fitted, Listed, Paragraph
from handcalc.views.palette import terminal_colour
from handcalc.views.plain import PlainNotation

__all__ = ["BOLD", "heading", "inside", "matrix", "model", "table"]

BOLD = "bold"


def heading(text: str, notation: PlainNotation) -> RenderableType:
    """A heading, told by its line below as well as by its weight."""
    line = ("─" if notation.unicode else "-") * len(text)
    return Group(Text(text, BOLD), Text(line, "dim"))


def model(
    shown: ToyModel,
    notation: PlainNotation,
    cells: tuple[Sequence[Sequence[str]], Sequence[str]] | None = None,
) -> RenderableType:
    """W with a feature to each row, b, and the activation.

    ``cells`` are texts for the numbers of W and of b, where these are to stand in another way.
    """
    W, b = cells or (
        [[notation.number(cell) for cell in row] for row in shown.W],
        [notation.number(value) for value in shown.b],
    )
    bias = Listed("b", tuple(b))
    output, kind = ("ReLU(z)", "ReLU") if shown.activation == "relu" else ("z", "linear")
    hat = "x\u0302" if notation.unicode else "xhat"
    activation = f"{hat} = {output}   ({kind} model)"
    return Group(_matrix_of(W, notation, "W"), bias, Text(activation))


def matrix(rows: Matrix, notation: PlainNotation, name: str) -> RenderableType:
    """A matrix in brackets, its rows labelled with their features."""
    return _matrix_of([[notation.number(cell) for cell in row] for row in rows], notation, name)


def _matrix_of(
    cells: Sequence[Sequence[str]], notation: PlainNotation, name: str
) -> RenderableType:
    rows = len(cells)
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    middle = (rows - 1) // 2
    lines = []
    for i, row in enumerate(cells):
        left, right = _brackets(i, rows, notation)
        lead = f"{name} = " if i == middle else " " * (len(name) + 3)
        padded = "   ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        label = Text(f"   feature {i + 1}", terminal_colour(i + 1))
        lines.append(Text(f"{lead}{left} {padded} {right}") + label)
    rows_told = (
        Paragraph(f" ({', '.join(row)})", INDENT, f"feature {i}", terminal_colour(i))
        for i, row in enumerate(cells, 1)
    )
    return Fitted(tuple(lines), Group(Text(f"{name}, row by row:"), *rows_told))


def table(
    columns: Sequence[tuple[str, Sequence[str]]], *, by_feature: bool = True
) -> RenderableType:
    """Columns under their heads or, where they are too wide, a paragraph a row.

    ``by_feature`` gives row i the colour of feature i.
    """
    heads = [head for head, _ in columns]
    rows = list(zip(*(cells for _, cells in columns), strict=True))
    widths = [max(len(head), *map(len, cells)) for head, cells in columns]
    lines = [Text("  ".join(h.rjust(w) for h, w in zip(heads, widths, strict=True)), "dim")]
    told = []
    for i, row in enumerate(rows, 1):
        colour = terminal_colour(i) if by_feature else ""
        padded = "  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True))
        lines.append(Text(padded, colour))
        named = zip(heads[1:], row[1:], strict=True)
        said = (f"{head} {cell}" for head, cell in named if cell != ".")
        told.append(Paragraph(f": {'; '.join(said)}", 0, f"{heads[0]} {row[0]}", colour))
    return Fitted(tuple(lines), Group(*told))


def inside(values: Iterable[sympy.Expr], notation: PlainNotation) -> str:
    """A vector in brackets."""
    return f"({', '.join(map(notation.multiple, values))})"


def _brackets(i: int, rows: int, notation: PlainNotation) -> tuple[str, str]:
    if not notation.unicode or rows == 1:
        return "[", "]"
    return ("⎡", "⎤") if i == 0 else ("⎣", "⎦") if i == rows - 1 else ("⎢", "⎥")
