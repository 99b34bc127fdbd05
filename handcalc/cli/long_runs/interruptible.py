"""Long work on the command line: what is kept between runs, several processes, Ctrl-C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from handcalc.cli.failures import exit_of, of_input
from handcalc.cli.report import CommandError, ReportedError, Session
from handcalc.cli.terminal.progress_bar import show_progress
from handcalc.errors import InputError
from handcalc.processes.signals import StopSignal
from handcalc.storage.state import state_folder

if TYPE_CHECKING:
    from handcalc.processes.jobs import Processes
    from handcalc.storage.store import LineStore


# --------------------------------------------------------------------------------------------------
# What is said of long work that was stopped: how far it came, what is kept, how to go on.


def interrupted(
    session: Session, stop: KeyboardInterrupt, done: str, kept: str, again: str | None
) -> CommandError:
    """The refusal for work that a signal stopped; ``again`` is the command that goes on."""
    what = "Interrupted"
    if isinstance(stop, StopSignal) and stop.number != signal.SIGINT:
        what = f"Stopped by {stop.name}"
    elif not session.json and sys.stderr.isatty():
        session.terminal.complain("")  # below the ^C of the terminal
    problem = ReportedError("interrupted", f"{what}: {done}; {kept}.", suggestion=again)
    return CommandError(problem, exit_of(stop))


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
    start, watch = monotonic(), _Watch(session)
    warnings: list[str] = []
    with _opened(keeping, warnings) as store:
        try:
            with watch.stack, _processes(keeping) as executor:
                found = work(store=store, executor=executor, on_progress=watch.tell)
        except KeyboardInterrupt as stop:
            trouble = " ".join([*warnings, *([store.trouble] if store.trouble else [])])
            raise _interrupted(session, keeping, watch, stop, trouble) from None
    if store.trouble is not None:
        warnings.append(store.trouble)
    return Survey(found, monotonic() - start, watch.kept, tuple(warnings))


@dataclass(slots=True)
class _Watch:
    """What is done so far, and a bar for each stage of the work where somebody looks."""

    session: Session
    stack: ExitStack = field(default_factory=ExitStack)
    stage: str = ""
    done: int = 0
    total: int = 0
    kept: int = 0
    show: Callable[[int, int], None] | None = None

    def tell(self, stage: str, done: int, total: int) -> None:
        """So many points are done in a stage; the first word of all is on what was kept."""
        if stage != self.stage:
            self.stack.close()
            self.kept = self.kept if self.stage else done
            self.show = self.stack.enter_context(show_progress(self.session, _DOING[stage]))
        self.stage, self.done, self.total = stage, done, total
        if self.show is not None:
            self.show(done, total)

    @property
    def sentence(self) -> str:
        """How far the work is."""
        if not self.stage:
            return "nothing was done yet"
        return _DONE[self.stage].format(f"{self.done:,} of {self.total:,}")


def _interrupted(
    session: Session, keeping: KeptWork, watch: _Watch, stop: KeyboardInterrupt, trouble: str
) -> CommandError:
    kept, again = "the same command goes on from there", keeping.again
    if keeping.no_state:
        return interrupted(session, stop, watch.sentence, "nothing of it is kept", None)
    if trouble:
        kept = f"not all of it is kept. {trouble.rstrip('.')}"
    return interrupted(session, stop, watch.sentence, kept, again)


@contextmanager
def _opened(keeping: KeptWork, warnings: list[str]) -> Iterator[LineStore]:
    """The store; where none can be kept, one in memory and a warning."""
    from handcalc.storage.store import LineStore

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
    from handcalc.processes.jobs import Processes

    count = keeping.workers or _cores()
    return nullcontext() if count == 1 else Processes(count)


def _cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
