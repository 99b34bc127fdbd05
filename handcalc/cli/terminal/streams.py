"""Standard streams made safe: closed ones, narrow encodings, readers who go away."""

from __future__ import annotations

import errno
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from typing import Literal, TextIO

from handcalc.processes.signals import STOPPING

from .visible import HANDLER, register


def prepare() -> None:
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
        import msvcrt

        until = time.monotonic() + seconds
        while not msvcrt.kbhit():
            if time.monotonic() > until:
                return False
            time.sleep(0.01)
        return True
    return bool(select.select([sys.stdin], [], [], seconds)[0])


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
