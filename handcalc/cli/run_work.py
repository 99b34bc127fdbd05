"""Training from the command line: kept as it goes, a bar, a guess at the time, Ctrl-C."""

from __future__ import annotations

import gc
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from handcalc.errors import InputError

from .report import Exit, Problem, RefusalError, Session
from .runs import named, refusing, remember
from .watching import watched

if TYPE_CHECKING:
    from torchsim.keeping import Progress
    from torchsim.run import TrainingRun
    from torchsim.specification import TrainingSpec
    from torchsim.storage import KeptIn

__all__ = ["Done", "Work", "duration", "said_folder", "train"]

LONG = 20.0  # seconds


@dataclass(frozen=True, slots=True)
class Work:
    """What is to be trained, in which folder it is kept (None for nowhere), and how to go on.

    ``name`` is the preset's. ``again`` is the command that goes on after a stop, ``anew`` the one
    that begins anew (``again`` with ``--fresh`` if empty). ``own`` says that the folder is one of
    handcalc's, not one that a person chose; ``remembered``, that the run is to be the latest one.
    ``quicker`` is a smaller specification with the command for it, where there is one.
    """

    name: str
    spec: TrainingSpec
    folder: Path | None
    again: str
    own: bool = True
    fresh: bool = False
    quicker: tuple[TrainingSpec, str] | None = None
    anew: str = ""
    remembered: bool = True


@dataclass(frozen=True, slots=True)
class Done:
    """A run, the folder that holds it, whether it was there before, and what went wrong.

    ``latest`` says that ``compare`` finds it without being told where it is.
    """

    run: TrainingRun
    folder: Path | None
    before: bool = False
    warnings: tuple[str, ...] = ()
    latest: bool = False


def said_folder(done: Done) -> list[str]:
    """Where a run is, and what to type next."""
    if done.folder is None:
        return []
    before = "It was trained before; the run was read from" if done.before else "The run is in"
    where = named(done.folder)
    which = "" if done.latest else f" {where}"
    return [f"{before} {where}", f"How close to the best:  handcalc compare{which}"]


def train(session: Session, work: Work) -> Done:
    """Train, or go on with it, or read what is done already; it may then be the latest run."""
    gc.enable()  # this can take a while, and leaves much behind
    with refusing(work.anew or f"{work.again} --fresh"):
        if work.folder is None:
            return Done(_trained(session, work, None), None)
        try:
            done = _kept(session, work, work.folder)
        except InputError as error:
            if error.code != "unwritable" or not work.own:
                raise
            return Done(_trained(session, work, None), None, warnings=(error.message,))
    return replace(done, latest=work.remembered and remember(work.folder))


def _kept(session: Session, work: Work, folder: Path) -> Done:
    """The run in a folder: read, or gone on with, or begun."""
    from torchsim.storage import KeptIn, clear, holds_run, is_finished, load, load_spec, save, start

    if work.fresh and holds_run(folder):
        clear(folder)
    if is_finished(folder) and load_spec(folder) == work.spec:
        return Done(load(folder), folder, before=True)
    start(folder, work.spec, work.name)
    with KeptIn(folder, work.spec) as keeping:
        run = _trained(session, work, keeping)
        save(run, folder, work.name)
    return Done(run, folder)


def _trained(session: Session, work: Work, keeping: KeptIn | None) -> TrainingRun:
    from torchsim.training import train

    watch = _Watch()
    try:
        if keeping is None or keeping.load() is None:
            _forewarn(session, work)
        elif not session.json:
            session.terminal.complain("Going on from where it was stopped.", "")
        with watched(session, "Training", time_left=True) as show, _heard() as should_stop:
            watch.show = show
            return train(
                work.spec, on_progress=watch.tell, keeping=keeping, should_stop=should_stop
            )
    except KeyboardInterrupt:
        raise _interrupted(session, work, watch, keeping is not None) from None


def _forewarn(session: Session, work: Work) -> None:
    """Say how long it takes on a CPU, where that is long, and what would be quicker."""
    if session.json or work.spec.device != "cpu":
        return
    from torchsim.training import estimate

    seconds = estimate(work.spec)
    if seconds < LONG:
        return
    said = f"This takes {duration(seconds)} on this CPU."
    if work.folder is not None:
        said += " Ctrl-C keeps what is done, and the same command goes on from there."
    if work.quicker is not None:
        spec, command = work.quicker
        said += f" A quick look takes {duration(estimate(spec))}:\n   {command}"
    session.terminal.complain(session.terminal.plain(said), "")


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


@dataclass(slots=True)
class _Watch:
    """How far the work is, and where that is shown."""

    show: Callable[[int, int], None] | None = None
    progress: Progress | None = field(default=None)

    def tell(self, progress: Progress) -> None:
        """So much is done."""
        self.progress = progress
        if self.show is not None:
            self.show(progress.done, progress.total)


@contextmanager
def _heard() -> Iterator[Callable[[], bool]]:
    """Let the first Ctrl-C be asked for, at the next boundary; the second one stops at once."""
    asked = False

    def hear(_: int, __: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    before = None
    with suppress(ValueError):  # outside the main thread, where nothing interrupts
        before = signal.signal(signal.SIGINT, hear)
    try:
        yield lambda: asked
    finally:
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _interrupted(session: Session, work: Work, watch: _Watch, kept: bool) -> RefusalError:
    if not session.json and sys.stderr.isatty():
        session.terminal.complain("")  # below the ^C of the terminal
    unit = "steps" if work.spec.trainer == "sampled" else "descents"
    done = "nothing was done yet"
    if watch.progress is not None:
        done = f"{watch.progress.done:,} of {watch.progress.total:,} {unit} are done"
    end = "the same command goes on from there" if kept else "nothing of it is kept"
    again = work.again if kept else None
    problem = Problem("interrupted", f"Interrupted: {done}; {end}.", suggestion=again)
    return RefusalError(problem, Exit.INTERRUPTED)
