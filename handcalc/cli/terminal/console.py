"""What rich does for us: blocks printed, and a bar. No terminal acts on what others wrote."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.segment import Segment
from rich.text import Text

from .visible import obeyed_by_no_terminal

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn, TaskID


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
    lines = text.wrap(console, console.width)
    for line in lines:
        line.rstrip()
    return Text("\n").join(lines)
