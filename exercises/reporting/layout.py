"""Paragraphs on a terminal: wrapped at the width, formulas kept whole, no blanks at line ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from textwrap import wrap

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

__all__ = ["INDENT", "Paragraph", "spaced"]

INDENT = 3
_NO_BREAK = "\u00a0"
_OPERATOR = re.compile(r"(?<=\S) ([=+−×-]) (?=\S)")
_TUPLE = re.compile(r"\([^()a-zA-Z]*\)")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text of one paragraph behind an indent; ``lead`` is its first word, in a style."""

    text: str
    indent: int = 0
    lead: str = ""
    style: str = ""

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        width = max(options.max_width - self.indent, 20)
        margin = " " * self.indent
        lines = wrap(_glued(f"{self.lead}{self.text}"), width, break_on_hyphens=False)
        for number, line in enumerate(lines):
            shown = Text(margin + line.replace(_NO_BREAK, " "))
            if number == 0 and self.lead:
                shown.stylize(self.style, self.indent, self.indent + len(self.lead))
            yield shown


def spaced(*parts: RenderableType) -> Group:
    """The parts with an empty line between."""
    each_after_a_line = [piece for part in parts for piece in (Text(), part)]
    return Group(*each_after_a_line[1:])


def _glued(text: str) -> str:
    r"""Formulas such as z = Wh + b and vectors such as (1, 1/2) hold together.

    >>> _glued("so z = (1, 1/2) here").split(" ")
    ['so', 'z\xa0=\xa0(1,\xa01/2)', 'here']
    """
    whole = _TUPLE.sub(lambda match: match[0].replace(" ", _NO_BREAK), text)
    return _OPERATOR.sub(rf"{_NO_BREAK}\1{_NO_BREAK}", whole)
