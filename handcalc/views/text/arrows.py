"""Arrows drawn with characters: braille dots, eight to a cell, or ASCII where those are missing."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot

from rich.text import Text

from handcalc.superposition.model.geometry import Arrow
from handcalc.views.notation import PlainNotation
from handcalc.views.palette import terminal_colour

_COLUMNS, _ROWS = 37, 17
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
    for (x, y), features in _labels(arrows).items():
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
            self._dot(x * step / 120, y * step / 120, colour)

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

    def _dot(self, x: float, y: float, colour: str) -> None:
        across, down = self._position(x, y)
        self._mark(int(across), int(down), colour)

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


def _labels(arrows: Sequence[Arrow]) -> dict[tuple[float, float], list[int]]:
    ends: dict[tuple[float, float], list[int]] = {}
    for arrow in arrows:
        ends.setdefault((round(arrow.x, 9), round(arrow.y, 9)), []).append(arrow.feature)
    return ends
