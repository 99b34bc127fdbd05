"""The list of a course in the terminal: its parts, each exercise with its state, in columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from exercises.course_list import Listed, by_part
from handcalc.views import text as views
from handcalc.views.layout import Paragraph, spaced, to_type
from handcalc.views.notation import PlainNotation

_GAP = 2
_BETWEEN = " " * _GAP
_LEAST = 20
_STATES = {"solved": "green", "tried": "dark_orange"}


def listing_text(
    listed: Sequence[Listed], notation: PlainNotation, carried: str = ""
) -> RenderableType:
    """The course, each exercise with its position, state, title and id."""
    rows = ((one.position, one.state, notation.words(one.title), one.id) for one in listed)
    heads = {
        there[0].position: notation.words(part)
        for part, there in by_part(listed).items()
        if part is not None
    }
    return spaced(
        views.heading("Exercises", notation),
        _Listing(tuple(rows), heads),
        to_type(f"handcalc exercise 1{carried}", "To see or answer one: "),
    )


@dataclass(frozen=True, slots=True)
class _Listing:
    """A course in columns: position, state, title, id; a long title wraps inside its own.

    Where the terminal is too narrow for that, the id stands below the title. ``heads`` are the
    titles of parts, by the position at which each begins.
    """

    rows: tuple[tuple[int, str, str, str], ...]
    heads: Mapping[int, str]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        _, states, _, ids = zip(*self.rows, strict=True)
        wide = max(map(len, states))
        before = 3 + _GAP + wide + _GAP  # a position has up to three figures
        beside = options.max_width - _GAP - max(map(len, ids))
        is_narrow = beside - before < _LEAST
        room = options.update_width(options.max_width if is_narrow else beside)
        titles = [[*paragraph_lines(row[2], before, console, room)] for row in self.rows]
        column = max(line.cell_len for title in titles for line in title)
        for (position, state, _, slug), (first, *rest) in zip(self.rows, titles, strict=True):
            yield from self._head(position)
            style = _STATES.get(state, "dim")
            start = Text.assemble(f"{position:>3}{_BETWEEN}", (state.ljust(wide), style), _BETWEEN)
            start += first[before:]
            if is_narrow:
                indent = min(before, options.max_width - len(slug))
                yield from (start, *rest, Text(" " * indent + slug, "dim"))
            else:
                apart = " " * (column - first.cell_len) + _BETWEEN
                yield from (start + Text(f"{apart}{slug}", "dim"), *rest)

    def _head(self, position: int) -> Iterator[RenderableType]:
        """The title of the part that begins here, apart from the part before."""
        if position in self.heads:
            yield from [""] if position > 1 else []
            yield from (Text(self.heads[position], "bold"), "")


def paragraph_lines(
    text: str, indent: int, console: Console, options: ConsoleOptions
) -> Iterator[Text]:
    """The lines of a paragraph, each behind its indent."""
    for line in Paragraph(text, indent).__rich_console__(console, options):
        if isinstance(line, Text):
            yield line
