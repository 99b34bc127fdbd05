"""A grade with the arrows of its answer, where both fit the screen together."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.segment import Segment

from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.notation import PlainNotation
from handcalc.views.text import drawing, small_drawing

_GAP = 2
_NARROWEST = 50  # columns of text beside a drawing

Lines = list[list[Segment]]


@dataclass(frozen=True, slots=True)
class Screenful:
    """A page below the drawing of a model, or beside a small one, or alone where neither fits.

    ``height`` is the number of lines that there is room for.
    """

    page: RenderableType
    model: ToyModel
    notation: PlainNotation
    height: int

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        whole = Group(drawing(self.model, self.notation), "", self.page)
        lines = _lines(whole, console, options)
        if len(lines) > self.height:
            lines = self._beside(console, options)
        if not lines or len(lines) > self.height:
            lines = _lines(self.page, console, options)
        for line in lines:
            yield from line
            yield Segment.line()

    def _beside(self, console: Console, options: ConsoleOptions) -> Lines:
        """The page with a small drawing to its right; nothing where it would lose a letter."""
        arrows = small_drawing(self.model, self.notation)
        wide = max(line.cell_len for line in arrows)
        room = min(options.max_width, 100) - wide - _GAP
        if room < _NARROWEST:
            return []
        left = _lines(self.page, console, options.update_width(room))
        if _letters(left) != _letters(_lines(self.page, console, options)):
            return []
        # the heading and the answer stand above, the drawing beside what is said of them
        right = _lines(Group(*arrows), console, options)
        start = max(0, min(2, len(left) - len(right)))
        right = [[]] * start + right
        lines = []
        for number in range(max(len(left), len(right))):
            line = left[number] if number < len(left) else []
            behind = right[number] if number < len(right) else []
            gap = room + _GAP - Segment.get_line_length(line)
            lines.append([*line, Segment(" " * gap), *behind] if behind else line)
        return lines


def _lines(page: RenderableType, console: Console, options: ConsoleOptions) -> Lines:
    return [*Segment.split_lines(console.render(page, options))]


def _letters(lines: Lines) -> str:
    text = "".join(segment.text for line in lines for segment in line)
    return "".join(text.replace("─", "").split())
