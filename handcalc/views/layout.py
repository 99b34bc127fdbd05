"""Blocks on a terminal that fit its width: paragraphs, chains of equations, tables, commands."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import compress
from textwrap import wrap

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

INDENT = 3
READABLE = 100  # columns: longer lines of prose lose the eye
# ``textwrap`` does not break here: such spaces hold formulas together until they are shown
NO_BREAK = "\u00a0"
_OPERATOR = re.compile(r"(?<=\S) ([=≈+−×-]) (?=\S)")
_SHORT = re.compile(r"\([^()]{1,16}\)")
_DECIMAL = re.compile(r"[−-]?\d+(\.\d+)?")
_PATH = re.compile(r"(?<!\S)(?:~|\.{0,2}|[A-Za-z]:)[/\\]\S+")
_TUPLE = re.compile(r"\([^()a-zA-Z]*\)")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph behind an indent, wrapped with formulas kept whole and no blanks at line ends.

    ``lead`` is its first word, in a style.
    """

    text: str
    indent: int = 0
    lead: str = ""
    style: str = ""

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        width = max(min(options.max_width, READABLE) - self.indent, 20)
        margin = " " * self.indent
        text = _glue(f"{self.lead}{self.text}")
        lines = wrap(
            text, width, break_on_hyphens=False, break_long_words=not has_long_path(text, width)
        )
        for number, line in enumerate(lines):
            shown = Text(margin + line.replace(NO_BREAK, " "))
            if has_long_path(line, width):
                shown.no_wrap, shown.overflow = True, "ignore"
            if number == 0 and self.lead:
                shown.stylize(self.style, self.indent, self.indent + len(self.lead))
            yield shown


@dataclass(frozen=True, slots=True)
class Chain:
    """name = form = form = value: on one line where it fits, else broken before equals signs.

    ``signs`` are those before the forms, where one of them is not =.
    """

    links: tuple[str, ...]
    indent: int = 0
    signs: tuple[str, ...] = ()

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        target, *forms = self.links
        width, hanging = max(options.max_width - self.indent, 20), " " * cell_len(target)
        signs = self.signs or ("=",) * len(forms)
        first, *rest = (f" {sign} {form}" for sign, form in zip(signs, forms, strict=True))
        lines = [target + first]
        for form in rest:
            if cell_len(lines[-1]) + cell_len(form) <= width:
                lines[-1] += form
            else:
                lines.append(hanging + form)
        for line in lines:
            parts = [line]
            if cell_len(line) > width:  # what is in short brackets, such as (1 − S), holds together
                held = _SHORT.sub(lambda match: match[0].replace(" ", NO_BREAK), line)
                parts = wrap(held, width, subsequent_indent=f"{hanging}   ")
            for part in parts:
                yield Text(" " * self.indent + part.replace(NO_BREAK, " "))


@dataclass(frozen=True, slots=True)
class CellList:
    """name = (cell, cell, …), broken between cells where it is too wide for one line.

    ``sign`` may be "", for name (cell, cell, …); ``style`` is that of the name.
    """

    name: str
    cells: tuple[str, ...]
    sign: str = "="
    indent: int = 0
    style: str = ""

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        lead = f"{self.name} {self.sign} (" if self.sign else f"{self.name} ("
        whole = [part.replace(" ", NO_BREAK) for part in (lead, *self.cells)]
        line = f"{whole[0]}{', '.join(whole[1:])})"
        width, hanging = max(options.max_width - self.indent, 20), " " * len(lead)
        for number, part in enumerate(wrap(line, width, subsequent_indent=hanging)):
            shown = Text(" " * self.indent + part.replace(NO_BREAK, " "))
            if number == 0:
                shown.stylize(self.style, self.indent, self.indent + len(self.name))
            yield shown


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines that stand as they are where they all fit, and something narrower where they do not."""

    lines: tuple[Text, ...]
    narrower: RenderableType

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        if all(line.cell_len <= options.max_width for line in self.lines):
            yield from self.lines
        else:
            yield self.narrower


@dataclass(frozen=True, slots=True)
class Sized:
    """What is made for the width that there is."""

    made: Callable[[int], RenderableType]

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        yield self.made(options.max_width)


def aligned(texts: Sequence[str]) -> list[str]:
    """Cells of one column, to the right, with the points of decimals below each other.

    >>> aligned(["0.5", "12.25", "3", "1/3"])
    [' 0.5 ', '12.25', ' 3   ', '  1/3']
    """
    parts = [text.partition(".") if _DECIMAL.fullmatch(text) else None for text in texts]
    before = max((cell_len(part[0]) for part in parts if part), default=0)
    behind = max((len(part[1] + part[2]) for part in parts if part), default=0)
    shown = [
        part[0].rjust(before) + (part[1] + part[2]).ljust(behind) if part else text
        for text, part in zip(texts, parts, strict=True)
    ]
    width = max(map(cell_len, shown), default=0)
    return [" " * (width - cell_len(text)) + text for text in shown]


def spaced(*parts: RenderableType) -> Group:
    """The parts with an empty line between."""
    each_after_a_line = [piece for part in parts for piece in (Text(), part)]
    return Group(*each_after_a_line[1:])


def has_long_path(text: str, width: int) -> bool:
    """Whether a path in it is longer than a line: it is to be copied, so it stays whole.

    >>> has_long_path("Wrote /home/ada/a.svg.", 12), has_long_path("Wrote /home/ada/a.svg.", 80)
    (True, False)
    """
    return any(len(each) > width for each in _PATH.findall(text))


def to_type(command: str, lead: str = "", style: str = "") -> Text:
    """A command to be copied, behind what leads to it: one line, however long it is.

    A terminal breaks such a line by itself, and knows when it is copied that it is one; a line end
    of ours would make two commands of it. It is to be printed with ``crop=False``.

    >>> to_type("handcalc hint 1", "Stuck? Type: ").plain
    'Stuck? Type: handcalc hint 1'
    """
    return Text(lead, no_wrap=True, overflow="ignore").append(command, style)


def _glue(text: str) -> str:
    r"""Formulas such as z = Wh + b and vectors such as (1, 1/2) hold together.

    >>> _glue("so z = (1, 1/2) here").split(" ")
    ['so', 'z\xa0=\xa0(1,\xa01/2)', 'here']
    """
    whole = _TUPLE.sub(lambda match: match[0].replace(" ", NO_BREAK), text)
    return _OPERATOR.sub(rf"{NO_BREAK}\1{NO_BREAK}", whole)


# --------------------------------------------------------------------------------------------------
# A table without a frame, for a page of any width.


_GAP = 2
_LEAST = 20


def fitting(
    rows: Sequence[Sequence[str]], width: int, less: Sequence[str]
) -> Sequence[Sequence[str]]:
    """The rows, heads first, without empty columns, nor as many of ``less`` as it takes to fit.

    >>> fitting([["n", "loss", "shape"], ["1", "0.25", "pair"]], 11, ["shape"])
    [['n', 'loss'], ['1', '0.25']]
    """
    full = [any(column[1:]) for column in zip(*rows, strict=True)]
    rows = [list(compress(row, full)) for row in rows]
    for head in less:
        if sum(_wide(column) + _GAP for column in zip(*rows, strict=True)) - _GAP <= width:
            break
        kept = [other != head for other in rows[0]]
        rows = [list(compress(row, kept)) for row in rows]
    return rows


def columns(rows: Sequence[Sequence[str]], width: int, longest: int | None = None) -> str:
    """Rows whose cells stand below each other; the last column wraps, and no line ends in blanks.

    Where it is wider than the room that is left, and that is little, it stands below the others.
    A first cell of more than ``longest`` columns stands above the rest of its row.

    >>> print(columns([["1", "new", "A title"], ["12", "solved", "Another"]], 80))
    1   new     A title
    12  solved  Another
    >>> print(columns([["one", "90 cells"], ["a-long-name", "3 cells"]], 80, longest=4))
    one   90 cells
    a-long-name
          3 cells
    """
    *before, widest = map(_wide, zip(*rows, strict=True))
    if before and longest is not None:
        before[0] = min(before[0], longest)
    widths = [each + _GAP for each in before]
    indent = sum(widths)
    is_narrow = indent > _GAP * 4 and width - indent < min(widest, _LEAST)
    lines = []
    for *cells, last in rows:
        if cells and cell_len(cells[0]) > before[0]:
            lines.append(cells[0])
            cells[0] = ""
        pairs = zip(cells, widths, strict=True)
        start = "".join(cell + " " * (each - cell_len(cell)) for cell, each in pairs)
        if is_narrow:
            below = wrap(last, width - INDENT, break_on_hyphens=False, break_long_words=False)
            lines += [start, *(" " * INDENT + part for part in below)]
            continue
        room = max(width - indent, _LEAST)
        parts = wrap(last, room, break_on_hyphens=False, break_long_words=False) or [""]
        lines += [start + parts[0], *(" " * indent + part for part in parts[1:])]
    return "\n".join(line.rstrip() for line in lines)


def _wide(column: Sequence[str]) -> int:
    return max(map(cell_len, column))
