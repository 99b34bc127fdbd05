"""The shape of an embedding: its arrows, what its features keep and share, the named ones."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.inputs.arguments import Vector
from handcalc.superposition.model.embeddings import Embedding
from handcalc.superposition.model.forward_pass import forward as worked
from handcalc.superposition.model.geometry import Arrow, Geometry, described
from handcalc.superposition.model.geometry import arrows as plane_arrows
from handcalc.superposition.model.same_model import Sameness
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.layout import INDENT, Paragraph
from handcalc.views.notation import PlainNotation
from handcalc.views.palette import terminal_colour
from handcalc.views.text.blocks import BOLD, ROUNDED, heading, inside, matrix, table
from handcalc.views.text.steps import claims, derivation, forward


def geometry(result: Geometry, notation: PlainNotation) -> RenderableType:
    """The Gram matrix, and for each feature its length, interference and dimensionality."""
    measures = [
        ("length", notation.cells(result.norms)),
        ("interference", notation.cells(result.interference)),
        ("dimensionality", notation.cells(result.dimensionality)),
    ]
    columns = [("feature", tuple(str(i) for i in range(1, result.model.n + 1)))]
    columns += [(name, cells.texts) for name, cells in measures]
    exactly = notation.equals(*result.gram[0], result.capacity) == "=" and all(
        cells.equals == "=" for _, cells in measures
    )
    gram = "G = W Wᵀ" if notation.unicode else "G = W W^T"
    return Group(
        matrix(result.model.W, notation, "W"),
        Text(),
        heading(f"Gram matrix {gram}: what features keep (diagonal) and share", notation),
        matrix(result.gram, notation, "G"),
        Text(),
        heading("Each feature", notation),
        table(columns),
        Text(),
        Paragraph(
            f"Capacity, the sum of the dimensionalities: {notation.told(result.capacity)} "
            f"of at most {min(result.model.n, result.model.m)}."
        ),
        *([] if exactly else [Paragraph(ROUNDED)]),
    )


def embedding(shown: Embedding, notation: PlainNotation, x: Vector | None = None) -> RenderableType:
    """A page on a named embedding: story, arrows, steps for symbols and for an example, balance."""
    example = shown.example if x is None else x
    found = shown.findings
    return Group(
        heading(f"{shown.name}: {shown.title}", notation),
        Text(),
        Paragraph(notation.words(shown.story)),
        Text(),
        arrows(shown.model, notation),
        Text(),
        heading("For any input", notation),
        Text(),
        forward(worked(shown.model), notation),
        Text(),
        heading("For an example", notation),
        Text(),
        Text(f"x {inside(example, notation)}"),
        Text(),
        derivation(worked(shown.model, example).derivation, notation),
        heading("What is gained", notation),
        claims(found.gained, notation),
        Text(),
        heading("What is lost", notation),
        claims(found.lost, notation),
        Text(),
        Paragraph(f"Source: {shown.source}."),
    )


def embeddings(shown: Sequence[Embedding], notation: PlainNotation) -> RenderableType:
    """The named embeddings, a line each."""
    width = max(len(one.name) for one in shown)
    lines = [
        Text.assemble(" " * INDENT, (one.name.ljust(width + 2), BOLD), one.title) for one in shown
    ]
    return Group(heading("The named embeddings", notation), *lines)


def sameness(shown: Sameness, notation: PlainNotation) -> RenderableType:
    """Whether two models are the same, and how one comes from the other."""
    return Paragraph(notation.words(shown.sentence))


def arrows(model: ToyModel, notation: PlainNotation) -> RenderableType:
    """The arrows of a plane embedding, and the drawing in words."""
    drawn = plane_arrows(model)
    if not drawn:
        return Text(f"The arrows lie in {model.m} dimensions and are not drawn.")
    return Group(
        drawing(drawn, notation),
        Text(),
        Paragraph(notation.words(notation.claim(described(model)))),
    )


# --------------------------------------------------------------------------------------------------
# Arrows drawn with characters: braille dots, eight to a cell, or ASCII where those are missing.


_COLUMNS, _ROWS = 37, 17
# Unicode's braille patterns begin at U+2800, and each of the eight dots of a cell, 2 across and 4
# down, has a bit: dots that fall into one cell are added up by "or".
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def drawing(arrows: Sequence[Arrow], notation: PlainNotation) -> Text:
    """The arrows from the origin, labelled with their features' numbers, in their colours.

    The scale fits the longest arrow; axes are dotted. Arrows with one end share their label.
    """
    reach = max([hypot(arrow.x, arrow.y) for arrow in arrows] + [1e-9])
    canvas = _Canvas(notation.unicode)
    canvas.axes()
    for arrow in arrows:
        canvas.line(arrow.x / reach, arrow.y / reach, terminal_colour(arrow.feature))
    ends: dict[tuple[float, float], list[int]] = {}
    for arrow in arrows:
        ends.setdefault((round(arrow.x, 9), round(arrow.y, 9)), []).append(arrow.feature)
    for (x, y), features in ends.items():
        canvas.label(x / reach, y / reach, features)
    return canvas.text()


class _Canvas:
    """Cells of 2 × 4 dots in braille, of one dot in ASCII; coordinates run from −1 to 1."""

    def __init__(self, braille: bool) -> None:
        self.braille = braille
        self.dots: dict[tuple[int, int], int] = {}
        self.cells: dict[tuple[int, int], tuple[str, str]] = {}
        self.colours: dict[tuple[int, int], str] = {}

    def axes(self) -> None:
        """Dotted lines along both axes."""
        for column in range(3, _COLUMNS - 3):
            self._mark(2 * column, _ROWS * 2, "dim")
        for row in range(1, _ROWS - 1):
            self._mark(_COLUMNS, 4 * row + 2, "dim")

    def line(self, x: float, y: float, colour: str) -> None:
        """A line from the origin to (x, y)."""
        for step in range(1, 121):
            across, down = self._position(x * step / 120, y * step / 120)
            self._mark(int(across), int(down), colour)

    def label(self, x: float, y: float, features: Sequence[int]) -> None:
        """The features' numbers just past (x, y)."""
        length = hypot(x, y)
        past = (1 + 0.13 / length) if length else 0.0
        column, row = self._cell(x * past, y * past) if length else self._cell(-0.12, -0.12)
        text = ",".join(map(str, features))
        column = min(max(column - (len(text) - 1 if x < 0 else 0), 0), _COLUMNS - len(text))
        for offset, character in enumerate(text):
            colour = terminal_colour(features[0])
            self.cells[column + offset, row] = (character, f"bold {colour}")

    def text(self) -> Text:
        """The canvas as coloured text."""
        text = Text(no_wrap=True)
        for row in range(_ROWS):
            for column in range(_COLUMNS):
                character, style = self._shown(column, row)
                text.append(character, style)
            text.append("\n" if row < _ROWS - 1 else "")
        return text

    def _shown(self, column: int, row: int) -> tuple[str, str]:
        here = column, row
        if here in self.cells:
            return self.cells[here]
        if here not in self.dots:
            return " ", ""
        colour = self.colours[here]
        if self.braille:
            return chr(0x2800 + self.dots[here]), colour
        return ("." if colour == "dim" else "*"), colour

    def _mark(self, across: int, down: int, colour: str) -> None:
        cell = across // 2, down // 4
        self.dots[cell] = self.dots.get(cell, 0) | _BRAILLE[down % 4][across % 2]
        self.colours[cell] = colour

    def _cell(self, x: float, y: float) -> tuple[int, int]:
        across, down = self._position(x, y)
        return int(across // 2), int(down // 4)

    def _position(self, x: float, y: float) -> tuple[float, float]:
        """The dot at (x, y), with room left at the border for labels."""
        middle_across, middle_down = _COLUMNS, _ROWS * 2
        radius = min(middle_across, middle_down) * 0.84
        return middle_across + x * radius, middle_down - y * radius
