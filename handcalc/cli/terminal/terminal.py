"""Text on a terminal, in a pipe or in a file: its width, its colours, its characters."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from handcalc.cli.report import CommandError, ReportedError

from . import streams
from .visible import encodable, obeyed_by_no_terminal

if TYPE_CHECKING:
    from rich.console import RenderableType
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
            from .console import print_blocks

            print_blocks(renderables, self.width)
        if failures:
            sentence = f"Standard output cannot be written: {failures[0]}."
            raise CommandError(ReportedError("unwritable_output", sentence))

    def complain(self, *renderables: RenderableType) -> None:
        """Print to standard error, as far as that can be written."""
        with streams.guarded(sys.stderr):
            from .console import print_blocks

            print_blocks(renderables, self.width, to_stderr=True)

    def bar(self, doing: str, *, time_left: bool = False) -> tuple[Progress, TaskID]:
        """A bar on standard error that has begun, and its one task; stopped, it leaves no trace.

        ``time_left`` is guessed from how fast it went so far.
        """
        from .console import started_bar

        return started_bar(self.plain(doing), self.width, time_left=time_left)

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
