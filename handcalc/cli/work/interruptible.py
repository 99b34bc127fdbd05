"""What is said of long work that was stopped: how far it came, what is kept, how to go on."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from typing import Any

from handcalc.cli.failures import exit_of
from handcalc.cli.report import CommandError, ReportedError, Session
from handcalc.cli.typed_text import Given
from handcalc.processes.signals import StopSignal
from handcalc.wording import option_words

GOES_ON = "the same command goes on from there"
LOST = "nothing of it is kept"


def interruption(
    session: Session,
    stop: KeyboardInterrupt,
    done: str,
    kept: str = GOES_ON,
    again: str | None = None,
) -> CommandError:
    """The refusal for work that a signal stopped; ``again`` is the command that goes on."""
    what = "Interrupted"
    if isinstance(stop, StopSignal) and stop.number != signal.SIGINT:
        what = f"Stopped by {stop.name}"
    elif not session.json and sys.stderr.isatty():
        session.terminal.complain("")  # below the ^C of the terminal
    problem = ReportedError("interrupted", f"{what}: {done}; {kept}.", suggestion=again)
    return CommandError(problem, exit_of(stop))


def command_again(
    start: str, asked: Mapping[str, Any], usual: Mapping[str, Any] | None = None
) -> str:
    """The command that goes on from where this one stopped: the same, without ``--fresh``.

    What is ``usual`` is not said.

    >>> asked = {"small": True, "restarts": 4, "device": "auto", "fresh": True}
    >>> command_again("handcalc train by-hand", asked, {"device": "auto"})
    'handcalc train by-hand --small --restarts 4'
    """
    words = [start]
    for name, value in asked.items():
        option = f"--{name.replace('_', '-')}"
        if value is None or value is False or name == "fresh" or value == (usual or {}).get(name):
            continue
        text = value.where.partition("=")[2] or value.text if isinstance(value, Given) else value
        words.append(option if value is True else option_words(option, str(text)))
    return " ".join(words)


def cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
