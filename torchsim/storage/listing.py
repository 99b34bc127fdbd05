"""Which runs there are under a root folder, and the newest of them."""

from __future__ import annotations

from pathlib import Path

from handcalc.errors import InputError
from torchsim.storage.entries import read_document
from torchsim.storage.folders import SPEC, is_finished, preset_of

__all__ = ["latest", "runs"]


def runs(root: str | Path) -> list[Path]:
    """The folders of runs directly under a root, finished or not, the newest last.

    A run whose ``spec.json`` cannot be read counts as the oldest: it is listed, and to open it says
    what is wrong.

    >>> runs(Path("no such folder"))
    []
    """
    root = Path(root)
    if not root.is_dir():
        return []
    found = [folder for folder in root.iterdir() if _is_begun(folder)]
    return sorted(found, key=lambda folder: (_started(folder), folder.name))


def latest(root: str | Path, preset: str | None = None) -> Path:
    """The finished run that was begun last, of one preset or of any.

    Errors: ``no_run``, with what to do.
    """
    root = Path(root)
    own = [folder for folder in runs(root) if preset is None or _preset(folder) == preset]
    done = [folder for folder in own if is_finished(folder)]
    if done:
        return done[-1]
    wanted = "run" if preset is None else f"run of {preset}"
    if own:
        raise InputError(
            "no_run",
            f"No {wanted} under {root} is finished; the newest that was begun is {own[-1].name}. "
            "To go on from where it stopped, type the command again that began it.",
        )
    raise InputError(
        "no_run",
        f"There is no {wanted} under {root}. Train one first.",
        suggestion=f"handcalc train {preset or 'by-hand'}",
    )


def _is_begun(folder: Path) -> bool:
    """Whether a run was begun in a folder; one that may not be looked into is not of this user."""
    try:
        return (folder / SPEC).exists()
    except OSError:
        return False


def _started(folder: Path) -> str:
    try:
        return str(_entry_of(folder, "started"))
    except InputError:
        return ""


def _preset(folder: Path) -> str | None:
    try:
        return preset_of(folder)
    except InputError:
        return None


def _entry_of(folder: Path, key: str) -> object:
    return read_document(folder / SPEC, "preset", "started", "spec")[key].value
