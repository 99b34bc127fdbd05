"""The folder of a run: what it is called inside, whose it is, and who may write to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from msgspec.structs import replace

from handcalc.errors import InputError
from handcalc.storage import BusyError, Lock, take_lock
from handcalc.storage.files import MARKER, PART, reason
from handcalc.wording import option_words
from torchsim.kinds import KeptSpec
from torchsim.storage.begun import Begun, read_begun
from torchsim.storage.documents import read_json, unlink, write_document, write_json
from torchsim.storage.names import check_name
from torchsim.storage.specifications import data_of, spec_digest, spec_of
from torchsim.storage.toy_specifications import SpecData

SPEC, CHECKPOINT = "spec.json", "checkpoint.safetensors"
WEIGHTS, RECORD = "weights.safetensors", "record.json"
START = "start.safetensors"  # where a run began, if its weights were not drawn
SHARDS = "shards"  # the folder of those of a sweep
_OWN = (RECORD, WEIGHTS, CHECKPOINT, START, SPEC)
_LOCK = "run.lock"
_ELSEWHERE = "--out ANOTHER_FOLDER"


def start(folder: str | Path, spec: KeptSpec, preset: str | None = None) -> None:
    """Make a folder ready for a run, or check that this run was begun in it: then nothing changes.

    A folder that does not exist is made, and ``spec.json`` written. Errors: ``other_run`` where
    another run was begun there, ``no_spec`` where its ``spec.json`` is lost, ``finished`` where
    this one is done, ``not_empty`` for a folder with files of someone else's, ``busy``,
    ``unwritable``.

    >>> from tempfile import TemporaryDirectory
    >>> from torchsim.specification import ModelSpec, TrainingSpec
    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "1/2"),))
    >>> with TemporaryDirectory() as root:
    ...     start(Path(root) / "run", spec, "my-preset")
    ...     load_spec(Path(root) / "run") == spec, preset_of(Path(root) / "run")
    (True, 'my-preset')
    """
    folder = Path(folder)
    with _explained(folder):
        if _begun(folder, spec):
            return
    with locked(folder):
        if not _begun(folder, spec):
            now = datetime.now(UTC).isoformat()
            begun = Begun(preset=preset, started=now, spec=data_of(spec))
            write_document(folder / SPEC, begun)


def clear(folder: str | Path) -> None:
    """Delete the run in a folder, finished or not, to begin anew there. The folder stays.

    The shards of a sweep go with it. ``spec.json`` goes last, so that what a crash leaves is still
    a run; what is left of a run that lost its ``spec.json`` goes too. Errors: ``no_run``,
    ``not_empty`` where someone else's files stand beside the run's, ``busy``, ``unwritable``.
    """
    folder = Path(folder)
    refuse_clearing(folder)
    with locked(folder):
        for file in (folder / SHARDS).glob("*.safetensors*"):
            unlink(file)
        with suppress(OSError):  # it is not there, or someone else's files are
            (folder / SHARDS).rmdir()
        for name in _OWN:
            for file in (folder / (name + PART), folder / name):
                unlink(file)


def refuse_clearing(folder: Path) -> None:
    """Refuse what ``clear`` would not delete. Errors: ``no_run``, ``not_empty``."""
    if not holds_run(folder):
        raise _no_run(folder)
    others = sorted(set(_others(folder)) - {SHARDS, *_OWN, *(name + PART for name in _OWN)})
    if others:
        _refuse("not_empty", f"{folder} also holds other files, such as {others[0]}.", "Give")


def delete(folder: str | Path) -> None:
    """Delete the run in a folder, and the folder with it. Errors: those of ``clear``; OSError."""
    folder = Path(folder)
    clear(folder)
    for file in folder.glob("run.*"):  # the lock, which clear needs
        file.unlink()
    folder.rmdir()


def holds_run(folder: str | Path) -> bool:
    """Whether there is a run in a folder, or what is left of one that lost its ``spec.json``.

    A run's files without ``spec.json`` count where the lock beside them shows whose they are.

    >>> holds_run(Path("no such folder"))
    False
    """
    folder = Path(folder)
    with _explained(folder):
        if (folder / SPEC).exists():
            return True
        return (folder / _LOCK).exists() and any((folder / name).exists() for name in _OWN)


def load_spec(folder: str | Path) -> KeptSpec:
    """The specification of the run in a folder, finished or not.

    Errors: ``no_run``, ``no_spec``, ``damaged``, ``schema``, ``run_file``.
    """
    folder = Path(folder)
    return spec_of(_begin(folder).spec, str(folder / SPEC))


def preset_of(folder: str | Path) -> str | None:
    """The preset that a run was made from, or None. Errors: those of ``load_spec``."""
    return _begin(Path(folder)).preset


def name_of(folder: str | Path) -> str | None:
    """The name that a person gave the run in a folder, or None. Errors: those of ``load_spec``."""
    return begun_in(folder).name or None


def begun_in(folder: str | Path) -> Begun:
    """What ``spec.json`` holds. Errors: those of ``load_spec``."""
    return _begin(Path(folder))


def name_run(folder: str | Path, name: str | None) -> None:
    """Give the run in a folder a name, or with None take away the one it has.

    Errors: ``name``; those of ``load_spec``; ``busy``, ``unwritable``.

    >>> from tempfile import TemporaryDirectory
    >>> from torchsim.specification import ModelSpec, TrainingSpec
    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "1/2"),))
    >>> with TemporaryDirectory() as root:
    ...     start(root, spec)
    ...     name_run(root, "first look")
    ...     name_of(root), load_spec(root) == spec
    ('first look', True)
    """
    folder = Path(folder)
    if name is not None:
        check_name(name)
    with locked(folder):
        _begin(folder)  # what is not a run is refused, and stays as it is
        data = read_json(folder / SPEC)
        rest = {k: v for k, v in data.items() if k != "name"} if isinstance(data, dict) else {}
        named = {} if name is None else {"name": name}
        write_json(folder / SPEC, named | rest)


def is_finished(folder: str | Path) -> bool:
    """Whether the run in a folder came to its end and was written down."""
    folder = Path(folder)
    with _explained(folder):
        return (folder / RECORD).exists()


def lock(folder: str | Path) -> Lock:
    """Take the folder's lock, to be released by its ``release``; a process may take it again.

    Errors: ``busy`` where another process holds it, ``unwritable``.
    """
    folder = Path(folder)
    try:
        with _explained(folder):
            folder.mkdir(parents=True, exist_ok=True)
            return take_lock(folder.resolve() / _LOCK, again=True)
    except BusyError:
        raise InputError(
            "busy",
            f"Another process is at work on the run in {folder}. Wait for it or stop it, "
            "or train in another folder.",
            suggestion=_ELSEWHERE,
        ) from None


@contextmanager
def locked(folder: str | Path) -> Iterator[None]:
    """Hold the folder's lock for a while. Errors: those of ``lock``."""
    folder = Path(folder)
    held = lock(folder)
    try:
        yield
    finally:
        held.release()


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    """Say of a folder that cannot be looked into, or made, why no run can be kept there."""
    try:
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        message = f"No run can be kept in {folder}: {reason(error)}. Give another folder."
        raise InputError("unwritable", message, suggestion=_ELSEWHERE) from error


def _begin(folder: Path) -> Begun:
    """What ``spec.json`` holds: which run this is."""
    with _explained(folder):
        is_there = (folder / SPEC).exists()
    if not is_there:
        if holds_run(folder):
            _refuse_left(folder)
        raise _no_run(folder)
    return read_begun(folder / SPEC)


def _refuse_left(folder: Path) -> NoReturn:
    what = f"{folder} holds files of a run, but not its {SPEC}, which says what run it is."
    _refuse("no_spec", what, "Restore it, begin anew with --fresh, or give")


def _no_run(folder: Path) -> InputError:
    return InputError(
        "no_run",
        f"There is no run in {folder}: it holds no {SPEC}. Train one there.",
        suggestion=f"handcalc train by-hand {option_words('--out', str(folder))}",
    )


def _begun(folder: Path, spec: KeptSpec) -> bool:
    """Whether this run was begun in the folder; False where it may be begun there."""
    if (folder / SPEC).exists():
        _check_same(folder, spec)
        if is_finished(folder):
            _refuse("finished", f"The run in {folder} is finished.", "Look at it, or train anew in")
        return True
    if folder.exists() and not folder.is_dir():
        _refuse("not_empty", f"{folder} is a file, and a run needs a folder.", "Give")
    if holds_run(folder):
        _refuse_left(folder)
    others = _others(folder) if folder.exists() else []
    if others:
        what = f"{folder} holds other files, such as {others[0]}, and a run needs its own folder."
        _refuse("not_empty", what, "Give")
    return False


def _check_same(folder: Path, spec: KeptSpec) -> None:
    there, ours = _begin(folder).spec, data_of(spec)
    if there == ours:
        return
    if isinstance(there, SpecData) and isinstance(ours, SpecData):
        drawn = (replace(each, start=None) for each in (there, ours))
        if len(set(drawn)) == 1:
            what = f"{folder} holds this run as it began at other weights."
            _refuse("other_run", what, "To keep it, give")
    if spec_digest(load_spec(folder)) != spec_digest(spec):  # an unreadable one says what is wrong
        what = f"{folder} holds another run, of another specification."
        if not is_finished(folder):
            what += " That one is not finished, and can go on from where it stopped."
        _refuse("other_run", what, "To keep it, give")


def _others(folder: Path) -> list[str]:
    """The files of a folder that are not those of a run about to begin."""
    return sorted(
        each.name
        for each in folder.iterdir()
        if each.name not in (_LOCK, Path(_LOCK).stem + MARKER, f"{SPEC}{PART}")
    )


def _refuse(code: str, what: str, do: str) -> NoReturn:
    raise InputError(code, f"{what} {do} another folder.", suggestion=_ELSEWHERE)


# --------------------------------------------------------------------------------------------------
# Which runs there are under a root folder, and the newest of them.


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
        return read_begun(folder / SPEC).started
    except InputError:
        return ""


def _preset(folder: Path) -> str | None:
    try:
        return preset_of(folder)
    except InputError:
        return None
