"""Long work on the command line: what is kept between runs, several processes, Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Generic, TypeVar

from handcalc.cli.failures import exit_of, of_input
from handcalc.cli.report import CommandError, ReportedError, Session
from handcalc.cli.terminal import ProgressBar
from handcalc.cli.typed_text import Given
from handcalc.errors import InputError
from handcalc.processes.jobs import Processes
from handcalc.processes.signals import StopSignal
from handcalc.storage.files import state_folder
from handcalc.storage.store import LineStore
from handcalc.wording import option_words

# --------------------------------------------------------------------------------------------------
# What is said of long work that was stopped: how far it came, what is kept, how to go on.


GOES_ON = "the same command goes on from there"
LOST = "nothing of it is kept"


def interrupted(
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


# --------------------------------------------------------------------------------------------------
# Surveys of many points: several processes, and a file that keeps what is found.


Found = TypeVar("Found")

_DOING = {
    "searched": "Searching",
    "compared": "Comparing",
    "changes": "Looking for changes",
    "polished": "Polishing",
}
_DONE = {
    "searched": "{} points are searched",
    "compared": "all points are searched, {} compared with their neighbours",
    "changes": "all points are searched, {} stretches looked through for changes",
    "polished": "all points are searched, {} polished",
}


@dataclass(frozen=True, slots=True)
class KeptWork:
    """What is kept in the state folder under a name, how many processes, and how to go on.

    ``again`` is the command that goes on from where this one stopped.
    """

    name: str
    again: str
    workers: int | None
    fresh: bool
    no_state: bool

    @property
    def path(self) -> Path | None:
        """The file, or None where nothing is kept."""
        return None if self.no_state else state_folder() / "phases" / f"{self.name}.jsonl"


@dataclass(frozen=True, slots=True)
class Survey(Generic[Found]):
    """What was found, how long this run took, how many points were kept before, what went wrong."""

    found: Found
    seconds: float
    kept: int
    warnings: tuple[str, ...]


def surveyed(session: Session, keeping: KeptWork, work: Callable[..., Found]) -> Survey[Found]:
    """The survey that ``work(store=…, executor=…, on_progress=…)`` makes.

    On Ctrl-C it is refused, with what is done and how to go on.
    """
    start, stage, before = monotonic(), "", 0
    bar = ProgressBar(session, "")
    warnings: list[str] = []

    def on_progress(now: str, done: int, total: int) -> None:
        nonlocal stage, before
        if now != stage:
            before = before if stage else done  # the first word of all is on what was kept
            stage = now
            bar.begin(_DOING[stage])
        bar(done, total)

    with _opened(keeping, warnings) as store:
        try:
            with bar, _processes(keeping) as executor:
                found = work(store=store, executor=executor, on_progress=on_progress)
        except KeyboardInterrupt as stop:
            kept, trouble = GOES_ON, " ".join(filter(None, [*warnings, store.trouble]))
            if keeping.no_state:
                kept = LOST
            elif trouble:
                kept = f"not all of it is kept. {trouble.rstrip('.')}"
            again = None if keeping.no_state else keeping.again
            done = bar.so_far(_DONE.get(stage, ""))
            raise interrupted(session, stop, done, kept, again) from None
    if store.trouble is not None:
        warnings.append(store.trouble)
    return Survey(found, monotonic() - start, before, tuple(warnings))


@contextmanager
def _opened(keeping: KeptWork, warnings: list[str]) -> Iterator[LineStore]:
    """The store; where none can be kept, one in memory and a warning."""
    with ExitStack() as stack:
        try:
            store = stack.enter_context(LineStore(keeping.path, fresh=keeping.fresh))
        except InputError as error:
            if error.code != "unwritable_state":
                raise CommandError(of_input(error)) from error
            warnings.append(error.message)
            store = LineStore()
        yield store


def _processes(keeping: KeptWork) -> AbstractContextManager[Processes | Any]:
    """As many processes as were asked for, or as there are cores; None for a single one."""
    count = keeping.workers or cores()
    return nullcontext() if count == 1 else Processes(count)
