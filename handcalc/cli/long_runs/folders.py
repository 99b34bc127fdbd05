"""Where training runs are kept, which of them a person means, and the best models beside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from handcalc.cli.failures import of_input
from handcalc.cli.options import PRESETS
from handcalc.cli.report import CommandError, Exit, ReportedError, Session
from handcalc.cli.terminal import ProgressBar
from handcalc.errors import InputError
from handcalc.storage.files import at_home, state_folder, write
from handcalc.wording import word
from torchsim.comparison.best_known import best_of_run
from torchsim.comparison.best_store import BestStore, KnownBest
from torchsim.run import TrainingRun
from torchsim.specification import TrainingSpec
from torchsim.storage import is_finished, latest, load, preset_of
from torchsim.storage.folders import RECORD, SPEC
from torchsim.storage.specifications import spec_digest

from .interruptible import GOES_ON, LOST, interrupted

SWEEP = "sweep"
_LAST = "last-run.txt"
_SPOILT = ("damaged", "no_file", "no_spec", "other_version", "run_file", "schema")


def runs_folder() -> Path:
    """The folder of all runs that were not sent elsewhere with ``--out``."""
    return state_folder() / "runs"


def folder_for(name: str, spec: TrainingSpec) -> Path:
    """The folder of a run by what it is: the same specification has the same folder."""
    return runs_folder() / f"{name}-{spec_digest(spec)[:8]}"


def remember(folder: Path) -> bool:
    """Make this the latest run, wherever it is; False where the state folder cannot be."""
    with suppress(OSError):
        runs_folder().mkdir(parents=True, exist_ok=True)
        write(runs_folder() / _LAST, str(folder.resolve()).encode(errors="surrogateescape"))
        return True
    return False


def run_folder(which: str | None) -> Path:
    """The run that is meant: a folder, the latest one of a preset, or the latest of all."""
    last = _last(which)
    if last is not None:
        return last
    with refusing():
        if which is None:
            return latest(runs_folder())
        folder = at_home(which)
        if any((folder / name).is_file() for name in (SPEC, RECORD)):
            return folder
        if which in PRESETS:
            return latest(runs_folder(), which)
    if which == SWEEP:
        try:
            return latest(runs_folder(), SWEEP)
        except InputError as error:  # which says how to train a preset, and a sweep is none
            instead = (
                error.suggestion and 'handcalc sweep --features 3 --hidden 2 --sparsity="1/2 9/10"'
            )
            problem = replace(of_input(error), suggestion=instead)
            raise CommandError(problem, Exit.USAGE) from None
    what = "is neither a folder with a run in it nor a preset"
    if folder.is_dir():
        what = "is a folder without a run in it"
    raise CommandError(ReportedError("no_run", f"{which} {what}.", suggestion="handcalc train"))


def _last(which: str | None) -> Path | None:
    """The run that was trained or asked for last, if it is of that preset and still there."""
    if which is not None and which not in (*PRESETS, SWEEP):
        return None
    try:
        folder = Path((runs_folder() / _LAST).read_text("utf-8", "surrogateescape"))
        fits = is_finished(folder) and which in (None, preset_of(folder))
    except (OSError, ValueError):
        return None
    return folder if fits else None


def named(folder: Path) -> str:
    """A run's folder as the next command takes it: the short way from here, if there is one."""
    with suppress(ValueError):
        return word(str(folder.resolve().relative_to(Path.cwd())))
    return word(str(folder))


def loaded(folder: Path) -> TrainingRun:
    """A run as it was kept; what is damaged or missing is said."""
    with refusing():
        return load(folder)


@contextmanager
def refusing(remedy: str | None = None) -> Iterator[None]:
    """What torchsim refuses in the block is a matter of usage, and not of reading an answer.

    ``remedy`` is what to type where what is on disk cannot be used.
    """
    try:
        yield
    except InputError as error:
        code = Exit.NOT_SOLVED if error.code == "diverged" else Exit.USAGE
        problem = of_input(error)
        suggestion = remedy if error.code in _SPOILT else problem.suggestion
        raise CommandError(replace(problem, suggestion=suggestion), code) from error


# --------------------------------------------------------------------------------------------------
# The best models known: kept beside the runs, searched for once.


def best_folder() -> Path:
    """The folder of the best models known."""
    return state_folder() / "best-known"


def known_best(
    session: Session, run: TrainingRun, *, no_state: bool
) -> tuple[tuple[KnownBest | None, ...], tuple[str, ...]]:
    """The best known of each model of a run, and what went wrong in keeping them.

    What is not kept yet is searched for, and kept as it comes.
    """
    store = BestStore(None if no_state else best_folder())
    bar = ProgressBar(session, "Searching for the best", time_left=True)
    try:
        with bar:
            best = best_of_run(run, store, bar)
    except KeyboardInterrupt as stop:
        kept = LOST if no_state or store.trouble else GOES_ON
        done = bar.so_far("the best of {} models is found")
        raise interrupted(session, stop, done, kept) from None
    return best, tuple(store.trouble)
