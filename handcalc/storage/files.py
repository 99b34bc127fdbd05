"""Files that are whole or not there, the lock on them, and the folder where they are kept.

A file is written beside the old one, then put in its place, by one process at a time (``locked``).
A crash leaves the old file as it was, and at most a ``.part`` beside it, which the next writing
replaces.

The system's own lock (``flock``) ends with its process, whatever becomes of that. Some network
disks have none; there, a marker file that says who holds it does the same, less surely: one that
another machine left behind in a crash has to be deleted by hand.
"""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from handcalc.errors import InputError
from handcalc.wording import brief

if TYPE_CHECKING:
    from filelock import BaseFileLock

PART = ".handcalc.part"
"""What the name of a file ends with while it is being written."""

_PAUSES = (0.01, 0.05, 0.25)  # seconds between tries to replace a file that is being read
_LONGEST = 60  # characters of the file's own name in that of its part: of four bytes, they fit


def write(file: Path, raw: bytes, *, waits: bool = True) -> None:
    """Put bytes into a file: when this returns they are on the disk, else the old file stands.

    The bytes go to a file beside it (flush, fsync), which then takes its name in one step, and the
    folder is written too, where the platform can. Without ``waits`` the system is trusted to bring
    them to the disk: of hundreds of small files, each would have to be waited for. A link is
    followed; a pipe or a device is written to as it is. Errors: ``OSError``, and ``ValueError``
    for a name that no file can have.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(Path(folder) / "spec.json", b"{}")
    ...     (Path(folder) / "spec.json").read_bytes(), os.listdir(folder)
    (b'{}', ['spec.json'])
    """
    if _is_special(file):
        file.write_bytes(raw)
        return
    file = file.resolve() if file.is_symlink() else file
    part = _part(file)
    try:
        with part.open("wb") as stream:
            stream.write(raw)
            stream.flush()
            if waits:
                os.fsync(stream.fileno())
        if file.exists():
            shutil.copymode(file, part)
        _replace(part, file)
    except BaseException:  # Ctrl-C, too
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    if waits:
        _sync_folder(file.parent)


def try_writing(file: Path) -> None:
    """Do what ``write`` would do, as far as that leaves everything as it was.

    Errors: those of ``write``, for a missing folder, a folder in the file's place, a name that is
    too long, or what may not be written to. A disk that is full shows only when it is written to.

    >>> try:
    ...     try_writing(Path("no such folder") / "figure.png")
    ... except OSError as error:
    ...     print(reason(error))
    No such file or directory
    """
    if _is_special(file):
        return
    file = file.resolve() if file.is_symlink() else file
    if file.exists():
        file.open("r+b").close()  # a folder, or one that may not be written to, is refused
    else:
        file.open("xb").close()
        file.unlink()
    part = _part(file)
    part.open("ab").close()
    part.unlink()


def reason(error: OSError | ValueError) -> str:
    """Why a file could not be read or written, in the system's words, without its full stop.

    >>> reason(OSError(28, "No space left on device")), reason(ValueError("embedded null byte"))
    ('No space left on device', 'embedded null byte')
    """
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _part(file: Path) -> Path:
    """The file beside it that is written first; its name is no longer than need be."""
    return file.with_name(file.name[:_LONGEST] + PART)


def _is_special(file: Path) -> bool:
    """Whether there is a pipe, a terminal or another device by that name."""
    return file.exists() and not file.is_file() and not file.is_dir()


def _replace(source: Path, target: Path) -> None:
    """Move a file over another; Windows refuses while someone reads it, so try again shortly."""
    for pause in _PAUSES:
        try:
            source.replace(target)
        except PermissionError:
            time.sleep(pause)
        else:
            return
    source.replace(target)


def _sync_folder(folder: Path) -> None:
    """Have the disk know the new name too, where it can be told; Windows opens no folders.

    The file is whole and in its place by now: what fails here takes nothing away.
    """
    if not hasattr(os, "O_DIRECTORY"):
        return
    with suppress(OSError):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)


# --------------------------------------------------------------------------------------------------
# One process at a time.


Lock: TypeAlias = "BaseFileLock"
"""A lock that is held, until its ``release``."""

MARKER = ".held"
"""What the name of a lock's marker ends with, where the disk has no locks of its own."""

_NO_LOCKS = frozenset({errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK})


class BusyError(Exception):
    """Another process holds the lock; ``file`` is what to delete where there is none."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"Another process holds {file}.")
        self.file = file


def take_lock(file: Path, *, patience: float = 0.0, again: bool = False) -> Lock:
    """The lock on a file, taken; it is there for this alone, and stays when the lock is let go.

    ``patience`` is how many seconds to wait for another process; with ``again``, this process may
    take a lock that it holds. Where the disk has no locks, a file beside it is the lock: the same
    name with ``MARKER`` for its suffix, so that a lock file of before is not mistaken for one that
    is held. Errors: ``BusyError``, ``OSError``.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     lock = take_lock(Path(folder) / "progress.lock")
    ...     lock.is_locked
    ...     lock.release()
    True
    """
    from filelock import FileLock, SoftFileLock

    try:
        return _taken(
            FileLock(
                file,
                patience,
                thread_local=not again,
                is_singleton=again,
                fallback_to_soft=False,  # it would say so on the learner's screen
            )
        )
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    marker = file.with_suffix(MARKER)
    return _taken(SoftFileLock(marker, patience, thread_local=not again, is_singleton=again))


@contextmanager
def locked(file: Path, *, patience: float = 0.0, again: bool = False) -> Iterator[None]:
    """Hold the lock on a file for a while. Arguments and errors are those of ``take_lock``."""
    lock = take_lock(file, patience=patience, again=again)
    try:
        yield
    finally:
        lock.release()


def _taken(lock: Lock) -> Lock:
    from filelock import Timeout

    try:
        lock.acquire()
    except Timeout:
        raise BusyError(Path(lock.lock_file)) from None
    return lock


# --------------------------------------------------------------------------------------------------
# Where files are.


def at_home(path: str | os.PathLike[str]) -> Path:
    """The path with its ~, which a shell leaves behind ``--out=``, as the home folder.

    >>> at_home("~/figure.png").name, at_home("~ no such person/x").name
    ('figure.png', 'x')

    Errors: ``path`` for what names no file or folder.
    """
    given: object = path
    if not isinstance(given, (str, os.PathLike)) or not os.fspath(given):
        raise InputError("path", f"A file or folder is given by its name, not {brief(path)}.")
    try:
        return Path(path).expanduser()
    except RuntimeError:  # there is no such person, and so it is a name like others
        return Path(path)


def state_folder() -> Path:
    """The folder HANDCALC_STATE_DIR, else the user's state folder; it need not be there yet."""
    chosen = os.environ.get("HANDCALC_STATE_DIR")
    if chosen:
        return Path(chosen)
    from platformdirs import user_state_path

    return user_state_path("handcalc", appauthor=False)


def cache_folder() -> Path:
    """Where what can be made again is kept; unlike the state folder, nobody misses it.

    >>> cache_folder().is_absolute()
    True
    """
    from platformdirs import user_cache_path

    return user_cache_path("handcalc", appauthor=False)
