"""What training left behind: listed, and deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import RenderableType
from rich.text import Text

from handcalc.cli.long_runs.folders import best_folder, run_folder, runs_folder
from handcalc.cli.report import CommandError, Report, ReportedError
from handcalc.cli.terminal import Terminal
from handcalc.errors import InputError
from handcalc.storage import BusyError
from handcalc.storage.files import reason
from handcalc.views.columns import columns
from handcalc.views.layout import Paragraph, spaced
from handcalc.views.text import heading
from torchsim.comparison.best_store import BestStore
from torchsim.storage import clear, is_finished, preset_of
from torchsim.storage import runs as run_folders

_BEST = "best-known"


def runs(names: Sequence[str]) -> Report:
    """The runs in handcalc's own folder, those of these names deleted."""
    before = _listed()
    _refuse_unknown(names, before)
    for name in dict.fromkeys(names):
        _delete(name)
    left = _listed()
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


def _listed() -> list[_Run]:
    try:
        latest = run_folder(None).resolve()
    except CommandError:
        latest = None
    return [
        _Run(folder, _preset(folder), is_finished(folder), folder.resolve() == latest)
        for folder in run_folders(runs_folder())
    ]


def _preset(folder: Path) -> str:
    try:
        return preset_of(folder) or "none"
    except InputError:
        return ""


def _refuse_unknown(names: Iterable[str], known: Iterable[_Run]) -> None:
    there = {run.folder.name for run in known} | {_BEST}
    for name in names:
        if name not in there:
            message = f"--delete: there is no run {name} in {runs_folder()}. Nothing was deleted."
            raise CommandError(ReportedError("no_run", message, suggestion="handcalc runs"))


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
        code, why = _reason(error)
        message = f"--delete: {name} in {folder.parent} cannot be deleted: {why}."
        raise CommandError(ReportedError(code, message)) from error


def _reason(error: BusyError | InputError | OSError) -> tuple[str, str]:
    if isinstance(error, BusyError) or (isinstance(error, InputError) and error.code == "busy"):
        return "busy", "another process is at work on it; wait for it or stop it"
    if isinstance(error, OSError):
        return "unwritable", reason(error)
    why = {"not_empty": "its folder holds other files, too"}
    return error.code, why.get(error.code, error.message.rstrip("."))


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
    kinds = f"{len(files)} kind{'' if len(files) == 1 else 's'} of problem"
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
