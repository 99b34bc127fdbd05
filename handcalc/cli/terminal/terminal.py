"""Text on a terminal, in a pipe or in a file: its width, its colours, its characters."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from handcalc.cli.report import CommandError, ReportedError

from . import streams
from .visible import encodable, obeyed_by_no_terminal

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.progress import Progress, TaskID

    from handcalc.views.notation import PlainNotation


_WIDTH = 80


class Terminal:
    """Where text goes: answers to standard output, problems and warnings to standard error.

    Nothing heavy is imported before something is shown.
    """

    @property
    def width(self) -> int:
        """COLUMNS, else the terminal's own width, else 80."""
        return shutil.get_terminal_size((_WIDTH, 24)).columns

    @property
    def is_interactive(self) -> bool:
        """Whether there is a person to ask."""
        return streams.is_interactive()

    @property
    def notation(self) -> PlainNotation:
        """Unicode where the output can show it, else ASCII."""
        from handcalc.views.notation import ASCII, UNICODE

        both = (streams.encoding(sys.stdout), streams.encoding(sys.stderr))
        return UNICODE if all(name.lower().startswith("utf") for name in both) else ASCII

    def plain(self, text: str) -> str:
        """The text with stand-ins for what the output cannot show, or would act on."""
        return encodable(obeyed_by_no_terminal(text), streams.encoding(sys.stdout))

    def show(self, *renderables: RenderableType) -> None:
        """Print to standard output; refuses where that cannot be written, as on a full disk."""
        with streams.guarded(sys.stdout) as failures:
            console = _console(self.width, to_stderr=False)
            _print(console, renderables)
        if failures:
            sentence = f"Standard output cannot be written: {failures[0]}."
            raise CommandError(ReportedError("unwritable_output", sentence))

    def complain(self, *renderables: RenderableType) -> None:
        """Print to standard error, as far as that can be written."""
        with streams.guarded(sys.stderr):
            console = _console(self.width, to_stderr=True)
            _print(console, renderables)

    def bar(self, doing: str, *, time_left: bool = False) -> tuple[Progress, TaskID]:
        """A bar on standard error that has begun, and its one task; stopped, it leaves no trace.

        ``time_left`` is guessed from how fast it went so far.
        """
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        columns: list[ProgressColumn] = [TextColumn("{task.description}"), BarColumn()]
        columns.append(MofNCompleteColumn())
        if time_left:
            columns += [TimeRemainingColumn(compact=True), TextColumn("left")]
        console = _console(self.width, to_stderr=True)
        bar = Progress(*columns, console=console, transient=True)
        task = bar.add_task(self.plain(doing), total=None)
        bar.start()
        return bar, task

    def ask(self, prompt: str, given: str = "") -> str | None:
        """One line that the person types, or None where they leave with Ctrl-D (Ctrl-Z).

        What is ``given`` stands in the line already, to be changed; where Python cannot do that, it
        is shown above it.
        """
        with _editing_lines(given) as can_be_given:
            if given and not can_be_given:
                self.show(self.plain(f"(What came with it: {given})"))
            try:
                return input(prompt)
            except EOFError:
                self.show("")
                return None

    def has_input(self, seconds: float) -> bool:
        """Whether more was typed or pasted, or is so within so many seconds."""
        return streams.has_input(seconds)


def _console(width: int, *, to_stderr: bool) -> Console:
    """A rich console that reads no markup, guesses no colours, and leaves a closed pipe to us.

    All that is shown comes through its ``render``: there the terminal is kept from acting on texts
    of others. Colours are no part of a text yet, and the cursor is moved by what is marked for it.
    """
    from rich.console import Console
    from rich.segment import Segment

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
    from rich.text import Text

    if isinstance(text, str):
        return obeyed_by_no_terminal(text)
    if not isinstance(text, Text) or obeyed_by_no_terminal(text.plain) == text.plain:
        return text
    found = text.blank_copy()
    for i, character in enumerate(text.plain):
        found.append(obeyed_by_no_terminal(character), text.get_style_at_offset(console, i))
    return found


def _print(console: Console, renderables: Iterable[RenderableType]) -> None:
    from rich.console import Group

    # as one group: rich joins texts that stand side by side, and then wraps a command with them
    console.print(Group(*(_trimmed(each, console) for each in renderables)), crop=False)


def _trimmed(renderable: RenderableType, console: Console) -> RenderableType:
    """Text broken into lines, without the blanks at which it was broken; a command stays whole."""
    from rich.console import Group
    from rich.text import Text

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


@contextmanager
def _editing_lines(given: str) -> Iterator[bool]:
    """Arrow keys and history where Python has them, and then a line that is not empty at first."""
    try:
        import readline
    except ImportError:
        yield False
        return
    readline.set_startup_hook(partial(readline.insert_text, given) if given else None)
    try:
        yield True
    finally:
        readline.set_startup_hook(None)
