"""What is said to those who wait: that loops are compiled, and about how long it takes."""

from __future__ import annotations

from collections.abc import Callable
from threading import Timer

from handcalc.cli.report import Session

LONG = 20.0  # seconds
COMPILING = 1.5  # seconds; reading what is compiled takes less


def compile_aloud(session: Session, work: Callable[[], float], loops: str) -> None:
    """Have loops compiled by ``work``, which tells how long it took; where that is long, say so."""

    def say(text: str) -> None:
        session.terminal.complain(session.terminal.plain(text), "")

    # the thread waits and not the compiler, which Ctrl-C could not stop in one
    waiting = Timer(COMPILING, say, [f"Compiling the {loops}, once on this machine …"])
    waiting.start()
    try:
        seconds = work()
    finally:
        waiting.cancel()
        waiting.join()
    if seconds > COMPILING:
        say(f"Compiled in {duration(seconds).removeprefix('about ')}.")


def duration(seconds: float) -> str:
    """About how long, in words.

    >>> duration(3.2), duration(47), duration(200), duration(9000)
    ('about 3 seconds', 'about 45 seconds', 'about 3 minutes', 'about 2.5 hours')
    """
    if seconds < 1.5:
        return "about a second"
    if seconds < 10:
        return f"about {seconds:.0f} seconds"
    if seconds < 90:
        return f"about {5 * round(seconds / 5)} seconds"
    if seconds < 5400:
        return f"about {max(seconds / 60, 2):.0f} minutes"
    return f"about {seconds / 3600:.1f} hours"
