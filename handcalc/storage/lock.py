"""One lock for everything that is kept: a folder is written to by one process at a time.

The system's own lock (``flock``) ends with its process, whatever becomes of that. Some network
disks have none; there, a marker file that says who holds it does the same, less surely: one that
another machine left behind in a crash has to be deleted by hand.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from filelock import BaseFileLock


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
