"""How a refusal is shown: what went wrong, where, and what to type instead."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.cli.report import ReportedError
from handcalc.views.layout import to_type

from .terminal import Terminal

_TO_TYPE = ("handcalc ", "pip ")


def problem_page(problem: ReportedError, terminal: Terminal) -> RenderableType:
    """The message, the line at fault with its caret, and what to type instead."""
    text = Text()
    if problem.where:
        text.append(terminal.plain(f"{problem.where} could not be read"), "bold")
        text.append(_place(problem) + ".\n")
    text.append(terminal.plain(problem.message))
    if problem.caret:
        text.append("\n\n" + _pointed(problem.caret, terminal))
        text.append("\n" if problem.suggestion else "")
    return Group(text, *_instead(terminal.plain(problem.suggestion or "")))


def _instead(suggestion: str) -> Iterator[Text]:
    """What to type: one line goes on behind its lead; more than one start below it, indented."""
    lead = "Try:" if suggestion.startswith(_TO_TYPE) else "Type instead:"
    lines = suggestion.strip().splitlines()
    if len(lines) == 1:
        yield to_type(lines[0], f"{lead} ", "bold")
    elif lines:
        yield Text(f"{lead}\n")
        yield from (to_type(line, "  ", "bold") for line in lines)


def _place(problem: ReportedError) -> str:
    if problem.row is None or problem.column is None:
        return ""
    return f", row {problem.row}, character {problem.column}"


def _pointed(caret: str, terminal: Terminal) -> str:
    """The line and its caret, indented; stand-ins and wide letters move the caret along."""
    line, below = caret.split("\n")
    before = terminal.plain(line[: len(below) - 1])
    return f"  {terminal.plain(line)}\n  {' ' * cell_len(before)}^"
