"""What is said of long work that was stopped: how far it came, what is kept, how to go on."""

from __future__ import annotations

import signal
import sys

from handcalc.processes.signals import StopSignal

from .explain import exit_of
from .report import Problem, RefusalError, Session

__all__ = ["interrupted"]


def interrupted(
    session: Session, stop: KeyboardInterrupt, done: str, kept: str, again: str | None
) -> RefusalError:
    """The refusal for work that a signal stopped; ``again`` is the command that goes on."""
    what = "Interrupted"
    if isinstance(stop, StopSignal) and stop.number != signal.SIGINT:
        what = f"Stopped by {stop.name}"
    elif not session.json and sys.stderr.isatty():
        session.terminal.complain("")  # below the ^C of the terminal
    problem = Problem("interrupted", f"{what}: {done}; {kept}.", suggestion=again)
    return RefusalError(problem, exit_of(stop))
