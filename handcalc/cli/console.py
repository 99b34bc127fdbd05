"""What rich draws: blocks of text, a bar, a refusal, a help page.

No terminal acts on what others wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.segment import Segment
from rich.text import Text

from handcalc.views.layout import READABLE, Paragraph, has_long_path, spaced, to_type

from .report import Report, ReportedError, Session
from .visible import obeyed_by_no_terminal

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, TaskID

    from .terminal import Terminal

_TO_TYPE = ("handcalc ", "pip ")
_COLUMNS = re.compile(r"\S {2,}\S")
_NARROW = 72  # columns, below which the tables of a help page break words


def print_blocks(blocks: Iterable[RenderableType], width: int, *, to_stderr: bool = False) -> None:
    """Print the blocks below each other."""
    console = _console(width, to_stderr=to_stderr)
    # as one group: rich joins texts that stand side by side, and then wraps a command with them
    console.print(Group(*(_trimmed(each, console) for each in blocks)), crop=False)


def started_bar(doing: str, width: int, *, time_left: bool) -> tuple[Progress, TaskID]:
    """A bar on standard error that has begun, and its one task; stopped, it leaves no trace."""
    from rich.progress import (  # for long work alone
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()]
    columns.append(MofNCompleteColumn())
    if time_left:
        columns += [TimeRemainingColumn(compact=True), TextColumn("left")]
    bar = Progress(*columns, console=_console(width, to_stderr=True), transient=True)
    task = bar.add_task(doing, total=None)
    bar.start()
    return bar, task


def _console(width: int, *, to_stderr: bool) -> Console:
    """A rich console that reads no markup, guesses no colours, and leaves a closed pipe to us.

    All that is shown comes through its ``render``: there the terminal is kept from acting on texts
    of others. Colours are no part of a text yet, and the cursor is moved by what is marked for it.
    """

    class Plain(Console):
        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterable[Segment]:
            shown = _harmless(renderable, self)  # before it is broken into lines
            for text, style, moves in super().render(shown, options):
                yield Segment(text if moves else obeyed_by_no_terminal(text), style, moves)

        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    looks: dict[str, Any] = {"markup": False, "highlight": False, "emoji": False}
    return Plain(width=width, stderr=to_stderr, force_jupyter=False, **looks)


def _harmless(text: RenderableType, console: Console) -> RenderableType:
    """A text on which no terminal acts, in the styles that it has; what is no text as it is."""
    if isinstance(text, str):
        return obeyed_by_no_terminal(text)
    if not isinstance(text, Text) or obeyed_by_no_terminal(text.plain) == text.plain:
        return text
    found = text.blank_copy()
    for i, character in enumerate(text.plain):
        found.append(obeyed_by_no_terminal(character), text.get_style_at_offset(console, i))
    return found


def _trimmed(renderable: RenderableType, console: Console) -> RenderableType:
    """Text broken into lines, without the blanks at which it was broken; a command stays whole."""
    if isinstance(renderable, Group):
        return Group(*(_trimmed(each, console) for each in renderable.renderables))
    shown = _harmless(renderable, console)
    text = Text(shown) if isinstance(shown, str) else shown
    if not isinstance(text, Text) or text.no_wrap:
        return text
    lines: list[Text] = []
    is_whole = False  # whether a path is longer than a line: a line end within would spoil it
    for part in text.split("\n", allow_blank=True):
        # a line with columns in it takes the room that there is
        width = console.width if _COLUMNS.search(part.plain) else min(console.width, READABLE)
        is_long = has_long_path(part.plain, width)
        lines += part.wrap(console, width, overflow="ignore" if is_long else None) or [part]
        is_whole = is_whole or is_long
    for line in lines:
        line.rstrip()
    between = Text("\n", no_wrap=True, overflow="ignore") if is_whole else Text("\n")
    return between.join(lines)


# --------------------------------------------------------------------------------------------------
# Pages: a refusal, and the help of a command.


def problem_page(problem: ReportedError, terminal: Terminal) -> RenderableType:
    """What went wrong, the line at fault with its caret, and what to type instead."""
    text = Text()
    if problem.where:
        text.append(terminal.plain(f"{problem.where} could not be read"), "bold")
        if problem.row is not None and problem.column is not None:
            text.append(f", row {problem.row}, character {problem.column}")
        text.append(".\n")
    text.append(terminal.plain(problem.message))
    if problem.caret:
        line, below = problem.caret.split("\n")
        # stand-ins and wide letters before the caret move it along
        before = cell_len(terminal.plain(line[: len(below) - 1]))
        text.append(f"\n\n  {terminal.plain(line)}\n  {' ' * before}^")
        text.append("\n" if problem.suggestion else "")
    suggestion = terminal.plain(problem.suggestion or "")
    lead = "Try:" if suggestion.startswith(_TO_TYPE) else "Type instead:"
    lines = suggestion.strip().splitlines()
    if len(lines) == 1:
        return Group(text, to_type(lines[0], f"{lead} ", "bold"))
    following = [Text(f"{lead}\n"), *(to_type(line, "  ", "bold") for line in lines)]
    return Group(text, *(following if lines else ()))


def help_report(ctx: click.Context) -> Report:
    """The page of the command that is being called: an answer like any other, also as JSON.

    The example stands apart from the page: it is to be copied.
    """
    page, example = _help_page(ctx), ctx.command.epilog or ""

    def shown(terminal: Terminal) -> RenderableType:
        is_narrow = terminal.width < _NARROW
        return Group(
            _narrow_page(ctx) if is_narrow else Text.from_ansi(page), to_type(example, " ")
        )

    return Report(data=lambda: {"help": f"{page}\n {example}".rstrip()}, text=shown)


def _narrow_page(ctx: click.Context) -> RenderableType:
    """The same without tables: each option, or command, above what it does."""
    command = ctx.command
    paragraphs = (command.help or "").replace("\b", "").split("\n\n")
    parts: list[RenderableType] = [
        Paragraph(f"Usage: {' '.join([ctx.command_path, *command.collect_usage_pieces(ctx)])}", 1),
        *(Paragraph(" ".join(each.split()), 1) for each in paragraphs),
    ]
    if isinstance(command, click.Group):
        below = command.commands.items()
        listed = [Group(Text(f"   {n}"), Paragraph(c.get_short_help_str(200), 6)) for n, c in below]
        parts.append(Group(Text(" Commands"), *listed))
    records = [
        (f"{names} (required)" if getattr(each, "required", False) else names, about)
        for each in command.params
        if isinstance(each, click.Option) and (found := each.get_help_record(ctx)) is not None
        for names, about in [found]
    ]
    options = [
        # names of several values may be broken between them
        Group(
            Paragraph(names.replace("|", " | "), 3),
            Paragraph(re.sub(r"\s*\[(required|x?[<>].*|default.*)\]", "", about), 6),
        )
        for names, about in records
    ]
    return spaced(*parts, Group(Text(" Options"), *options), "")


def _help_page(ctx: click.Context) -> str:
    """The page as rich-click draws it, as wide as the terminal; JSON has no colour."""
    from rich_click import RichCommand, RichContext, RichGroup  # for help alone: answers stay quick

    session: Session = ctx.find_root().obj
    program: Any = ctx.find_root().command
    panels = [
        {"name": name, "commands": [command.name for command in listed]}
        for name, listed in program.panels.items()
    ]
    looks: dict[str, Any] = {
        "command_groups": {"handcalc": panels},
        "commands_before_options": True,
        "width": min(session.terminal.width, READABLE),
    }
    if session.json:
        looks |= {"color_system": None, "force_terminal": False}
    command = ctx.command
    twin: type[RichCommand] = RichCommand
    same: dict[str, Any] = {"name": command.name, "params": command.params, "help": command.help}
    if isinstance(command, click.Group):
        twin = RichGroup
        same |= {
            "commands": command.commands,
            "invoke_without_command": command.invoke_without_command,
        }
    drawn = twin(add_help_option=False, **same)
    with RichContext(
        drawn, info_name=ctx.info_name, parent=ctx.parent, rich_help_config=looks
    ) as rich_context:
        return drawn.get_help(rich_context)
