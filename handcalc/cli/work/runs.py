"""Training runs: where they are kept, which one is meant, listed, deleted.

The best models known are kept beside them, so that they are searched for once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from handcalc.cli.failures import of_input
from handcalc.cli.options import PRESETS
from handcalc.cli.report import CommandError, Exit, Report, ReportedError
from handcalc.cli.terminal import Terminal
from handcalc.errors import InputError
from handcalc.storage import BusyError
from handcalc.storage.files import at_home, reason, state_folder, write
from handcalc.views.layout import Paragraph, columns, spaced
from handcalc.views.text import heading
from handcalc.wording import counted, word
from torchsim.comparison.best_store import BestStore
from torchsim.kinds import KeptRun, KeptSpec
from torchsim.storage import clear, is_finished, latest, load, preset_of
from torchsim.storage import runs as run_folders
from torchsim.storage.folders import RECORD, SPEC
from torchsim.storage.specifications import spec_digest

SWEEP = "sweep"
_LAST = "last-run.txt"
_SPOILT = ("damaged", "no_file", "no_spec", "other_version", "run_file", "schema")
_BEST = "best-known"


def runs_folder() -> Path:
    """The folder of all runs that were not sent elsewhere with ``--out``."""
    return state_folder() / "runs"


def folder_for(name: str, spec: KeptSpec) -> Path:
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
    # The latest run may lie anywhere, by --out, so the note of where it is goes first; for a preset
    # or a sweep it counts if the run is one of these. Only then are folders looked through.
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


def folder_word(folder: Path) -> str:
    """A run's folder as the next command takes it: the short way from here, if there is one."""
    with suppress(ValueError):
        return word(str(folder.resolve().relative_to(Path.cwd())))
    return word(str(folder))


def load_run(folder: Path) -> KeptRun:
    """A run or a sweep as it was kept; what is damaged or missing is said."""
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


def best_folder() -> Path:
    """The folder of the best models known."""
    return state_folder() / "best-known"


# --------------------------------------------------------------------------------------------------
# Listed, and deleted.


def runs(names: Sequence[str]) -> Report:
    """The runs in handcalc's own folder, those of these names deleted."""
    there = {run.folder.name for run in _kept_runs()} | {_BEST}
    for name in names:
        if name not in there:
            message = f"--delete: there is no run {name} in {runs_folder()}. Nothing was deleted."
            raise CommandError(ReportedError("no_run", message, suggestion="handcalc runs"))
    for name in dict.fromkeys(names):
        _delete(name)
    left = _kept_runs()
    return Report(
        data=lambda: _data(left, names),
        text=lambda terminal: _page(left, names, terminal),
    )


@dataclass(frozen=True, slots=True)
class _Run:
    """A run in its folder; ``preset`` is "" where that cannot be read."""

    folder: Path
    preset: str
    is_finished: bool
    is_latest: bool

    @property
    def state(self) -> str:
        """What there is to say of it, in words."""
        if not self.preset:
            return "damaged"
        done = "finished" if self.is_finished else "not finished"
        return f"{done}, the latest" if self.is_latest else done


def _kept_runs() -> list[_Run]:
    try:
        last = run_folder(None).resolve()
    except CommandError:
        last = None
    found = []
    for folder in run_folders(runs_folder()):
        try:
            preset = preset_of(folder) or "none"
        except InputError:
            preset = ""
        found.append(_Run(folder, preset, is_finished(folder), folder.resolve() == last))
    return found


def _delete(name: str) -> None:
    folder = best_folder() if name == _BEST else runs_folder() / name
    try:
        if name == _BEST:
            BestStore(folder).clear()
            return
        clear(folder)
        for file in folder.glob("run.*"):  # the lock, which clear needs
            file.unlink()
        folder.rmdir()
    except (BusyError, InputError, OSError) as error:
        if isinstance(error, OSError):
            code, why = "unwritable", reason(error)
        elif isinstance(error, BusyError) or error.code == "busy":
            code, why = "busy", "another process is at work on it; wait for it or stop it"
        else:
            code, why = error.code, error.message.rstrip(".")
            if code == "not_empty":
                why = "its folder holds other files, too"
        message = f"--delete: {name} in {folder.parent} cannot be deleted: {why}."
        raise CommandError(ReportedError(code, message)) from error


def _bytes(files: Iterable[Path]) -> int:
    return sum(file.stat().st_size for file in files if file.is_file())


def _data(found: Sequence[_Run], deleted: Sequence[str]) -> Mapping[str, object]:
    files = BestStore(best_folder()).files()
    listed = [
        {
            "name": run.folder.name,
            "preset": run.preset or None,
            "finished": run.is_finished,
            "latest": run.is_latest,
            "folder": str(run.folder),
            "bytes": _bytes(run.folder.iterdir()),
        }
        for run in found
    ]
    best = {"folder": str(best_folder()), "files": len(files), "bytes": _bytes(files)}
    return {"runs": listed, "best_known": best, "deleted": list(deleted)}


def _page(found: Sequence[_Run], deleted: Sequence[str], terminal: Terminal) -> RenderableType:
    files = BestStore(best_folder()).files()
    rows = [
        [run.folder.name, run.preset or "?", run.state, _size(_bytes(run.folder.iterdir()))]
        for run in found
    ]
    table = columns([["run", "preset", "state", "size"], *rows], terminal.width)
    said = [f"They are in {runs_folder()}." if rows else f"There is no run in {runs_folder()}."]
    kinds = f"{counted(len(files), 'kind')} of problem"
    known = f"the best models known, for {kinds} ({_size(_bytes(files))})"
    said.append(f"{_BEST} has {known}, in {best_folder()}." if files else "No best model is kept.")
    if deleted:
        said.insert(0, f"Deleted: {', '.join(deleted)}.")
    return spaced(
        heading("Training runs", terminal.notation),
        *([Text(terminal.plain(table))] if rows else []),
        *(Paragraph(terminal.plain(each)) for each in said),
    )


def _size(count: int) -> str:
    """About so many bytes.

    >>> _size(912), _size(43_100), _size(5_200_000)
    ('912 B', '43 kB', '5.2 MB')
    """
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.0f} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB"
