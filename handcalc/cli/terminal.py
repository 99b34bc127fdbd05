"""Where text comes from and goes: the standard streams made safe, what is printed, a bar.

Nothing heavy is imported before something is shown.
"""

from __future__ import annotations

import errno
import os
import select
import shutil
import signal
import stat
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TextIO

from handcalc.processes.signals import STOPPING

from .report import CommandError, ReportedError
from .visible import HANDLER, encodable, obeyed_by_no_terminal, register

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.progress import Progress, TaskID

    from handcalc.views.notation import PlainNotation

    from .report import Session

NOTHING_YET = "nothing was done yet"
_WIDTH, _HEIGHT = 80, 24  # columns and lines, where the terminal does not say
_MOST_LINES = 500  # of the history of answers
_PATIENCE = 1.0  # seconds before a bar is drawn


class Terminal:
    """Where text goes: answers to standard output, problems and warnings to standard error."""

    @property
    def width(self) -> int:
        """COLUMNS, else the terminal's own width, else 80."""
        return shutil.get_terminal_size((_WIDTH, _HEIGHT)).columns

    @property
    def is_interactive(self) -> bool:
        """Whether there is a person to ask."""
        return is_interactive()

    @property
    def notation(self) -> PlainNotation:
        """Unicode where the output can show it, else ASCII."""
        from handcalc.views.notation import ASCII, UNICODE

        both = (encoding(sys.stdout), encoding(sys.stderr))
        return UNICODE if all(name.lower().startswith("utf") for name in both) else ASCII

    def plain(self, text: str) -> str:
        """The text with stand-ins for what the output cannot show, or would act on."""
        return encodable(obeyed_by_no_terminal(text), encoding(sys.stdout))

    def show(self, *renderables: RenderableType) -> None:
        """Print to standard output; refuses where that cannot be written, as on a full disk."""
        with guarded(sys.stdout) as failures:
            from .console import print_blocks

            print_blocks(renderables, self.width)
        if failures:
            raise CommandError(unwritable_output(failures[0]))

    def complain(self, *renderables: RenderableType) -> None:
        """Print to standard error, as far as that can be written."""
        with guarded(sys.stderr):
            from .console import print_blocks

            print_blocks(renderables, self.width, to_stderr=True)

    def bar(self, doing: str, *, time_left: bool = False) -> tuple[Progress, TaskID]:
        """A bar on standard error that has begun, and its one task; stopped, it leaves no trace.

        ``time_left`` is guessed from how fast it went so far.
        """
        from .console import started_bar

        return started_bar(self.plain(doing), self.width, time_left=time_left)

    @property
    def height(self) -> int:
        """LINES, else the terminal's own height, else 24."""
        return shutil.get_terminal_size((_WIDTH, _HEIGHT)).lines

    @property
    def can_edit(self) -> bool:
        """Whether a line can have a text in it before anything is typed."""
        return readline() is not None

    def ask(self, prompt: str, given: str = "", lead: str = "What came with it") -> str | None:
        """One line that the person types, or None where they leave with Ctrl-D (Ctrl-Z).

        What is ``given`` stands in the line already, to be changed; where that cannot be, it is
        shown above it, behind what it is, and Enter takes it.
        """
        if given and not self.can_edit:
            self.show(self.plain(f"({lead}: {given})"))
        with _editing_lines(given):
            try:
                line = input(prompt)
            except EOFError:
                self.show("")
                return None
        return given if given and not line.strip() and not self.can_edit else line

    def has_input(self, seconds: float) -> bool:
        """Whether more was typed or pasted, or is so within so many seconds."""
        return has_input(seconds)


def readline() -> ModuleType | None:
    """What edits lines, where Python has it and the terminal can move its cursor."""
    if os.environ.get("TERM") == "dumb":
        return None
    try:
        import readline as editor
    except ImportError:
        return None
    return editor


@contextmanager
def _editing_lines(given: str) -> Iterator[None]:
    """Arrow keys and history where there is such a thing, and a line that is not empty at first."""
    editor = readline()
    if editor is None:
        yield
        return
    editor.set_startup_hook(partial(editor.insert_text, given) if given else None)
    try:
        yield
    finally:
        editor.set_startup_hook(None)


@contextmanager
def line_history(file: Path | None) -> Iterator[Callable[[str], None]]:
    """Lines of before, for the arrow keys: call it with each line that is to be among them.

    They are kept in a file that nobody else reads; with None, only as long as the block lasts.
    """
    editor = readline()
    if editor is None:
        yield lambda _: None
        return
    editor.set_auto_history(False)  # "h" and "y" are no answers
    editor.clear_history()
    editor.set_history_length(_MOST_LINES)
    if file is not None:
        with suppress(OSError, UnicodeError):
            editor.read_history_file(file)
    try:
        yield editor.add_history
    finally:
        if file is not None and editor.get_current_history_length():
            with suppress(OSError):
                file.parent.mkdir(parents=True, exist_ok=True)
                os.close(os.open(file, os.O_WRONLY | os.O_CREAT, 0o600))
                file.chmod(0o600)
                editor.write_history_file(file)
        editor.set_auto_history(True)


class ProgressBar:
    """A progress bar that appears after one second, on standard error where somebody looks.

    Call it with (done, total), in a ``with`` block, whose end wipes the bar away; what was done is
    known afterwards, too.
    """

    def __init__(self, session: Session, doing: str, *, time_left: bool = False) -> None:
        self._session, self._time_left = session, time_left
        self._is_seen = not session.json and sys.stderr.isatty()
        self._drawn: tuple[Progress, TaskID] | None = None
        self._counts: tuple[int, int] | None = None
        self.begin(doing)

    def begin(self, doing: str) -> None:
        """Begin a stage of the work, with a bar of its own."""
        self._stop()
        self._doing, self._start = doing, time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """So much is done, of so much that is to be done by what is known so far."""
        self._counts = done, total
        if self._is_seen and self._drawn is None and time.monotonic() - self._start >= _PATIENCE:
            self._drawn = self._session.terminal.bar(self._doing, time_left=self._time_left)
        if self._drawn is not None:
            bar, task = self._drawn
            bar.update(task, completed=done, total=total)

    def say(self, doing: str) -> None:
        """Have the bar say something else, in the same stage."""
        self._doing = doing
        if self._drawn is not None:
            bar, task = self._drawn
            bar.update(task, description=self._session.terminal.plain(doing))

    def so_far(self, sentence: str) -> str:
        """How far the work is; ``{}`` in the sentence stands for "3 of 8"."""
        if self._counts is None:
            return NOTHING_YET
        done, total = self._counts
        return sentence.format(f"{done:,} of {total:,}")

    def __enter__(self) -> ProgressBar:
        """Nothing is drawn yet."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Wipe the bar away."""
        self._stop()

    def _stop(self) -> None:
        if self._drawn is not None:
            self._drawn[0].stop()
        self._drawn = None


# --------------------------------------------------------------------------------------------------
# Standard streams made safe: closed ones, narrow encodings, readers who go away.


def prepare_streams() -> None:
    """Let nothing raise: stand-ins for what cannot be encoded, and nowhere for a closed stream."""
    register()
    sys.stdin = sys.stdin or _nowhere("r")
    sys.stdout = sys.stdout or _nowhere("w")
    sys.stderr = sys.stderr or _nowhere("w")
    for stream, errors in (
        (sys.stdin, "surrogateescape"),
        (sys.stdout, HANDLER),
        (sys.stderr, HANDLER),
    ):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)


def _nowhere(mode: Literal["r", "w"]) -> TextIO:
    """What takes the place of a stream that was closed before Python started."""
    return Path(os.devnull).open(mode, encoding="utf-8")


def encoding(stream: TextIO) -> str:
    """The stream's encoding; UTF-8 where it has none, as a stream of text in memory."""
    return getattr(stream, "encoding", None) or "utf-8"


def is_interactive() -> bool:
    """Whether a person sits at both ends, so that questions may be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def has_input(seconds: float) -> bool:
    """Whether a person has typed or pasted something that is not read yet, or does so in time."""
    if not sys.stdin.isatty():
        return False
    if sys.platform == "win32":
        import msvcrt  # select takes sockets alone there, so the keyboard is asked again and again

        until = time.monotonic() + seconds
        while not msvcrt.kbhit():
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True
    return bool(select.select([sys.stdin], [], [], seconds)[0])


def waits_in_pipe() -> bool:
    """Whether something came through a pipe, or stands in a file, on standard input.

    It is looked at and not taken: where a shell reads its own commands from there, as in a cell
    that begins with ``%%bash``, they are still to be read.
    """
    try:
        descriptor = sys.stdin.fileno()
        status = os.fstat(descriptor)
    except (OSError, ValueError, AttributeError):  # closed, or a stream of text in memory
        return False
    if stat.S_ISREG(status.st_mode):
        return status.st_size > os.lseek(descriptor, 0, os.SEEK_CUR)
    if not stat.S_ISFIFO(status.st_mode) or sys.platform == "win32":
        return False
    import fcntl
    import termios

    waiting = bytearray(struct.calcsize("i"))
    with suppress(OSError):
        fcntl.ioctl(descriptor, termios.FIONREAD, waiting)
    return any(waiting)


def unwritable_output(why: str) -> ReportedError:
    """What is said where standard output cannot be written, and nothing of it was."""
    return ReportedError("unwritable_output", f"Standard output cannot be written: {why}.")


@contextmanager
def guarded(stream: TextIO) -> Iterator[list[str]]:
    """Write in the block; why it failed, if it did, is in the list afterwards.

    A reader who has gone (``handcalc … | head``) is no failure; Windows says EINVAL then. Either
    way nothing more is written, and Python's own last flush has nothing to complain about.
    """
    failures: list[str] = []
    try:
        yield failures
        stream.flush()
    except OSError as error:
        # what is buffered still goes somewhere when Python flushes at its end: to nowhere
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        reader_has_gone = isinstance(error, BrokenPipeError) or error.errno == errno.EINVAL
        if not reader_has_gone:
            failures.append(error.strerror or str(error))


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let Ctrl-C and its like wait: half a JSON object helps nobody."""
    before = {}
    with suppress(ValueError):  # outside the main thread, where nothing interrupts
        before = {number: signal.signal(number, signal.SIG_IGN) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
