"""A state kept in one file, which each newer one replaces as a whole, under a lock."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from handcalc.storage.files import Lock, write
from handcalc.storage.store import cannot_keep, lock_beside

_ASIDE = ".damaged"


class KeptFile:
    """The newest state of some work; with no ``path`` nothing is kept.

    To be used in a ``with`` block, which holds the lock beside the file. Errors: ``busy`` where
    another run holds the lock, ``unwritable_state`` where the folder cannot be written to at the
    start. A disk that fills up later stops nothing: ``trouble`` then says so.

    >>> with KeptFile() as kept:
    ...     kept.put(b"state")
    ...     kept.get() is None
    True
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.trouble: str | None = None
        self._lock: Lock | None = None

    def __enter__(self) -> KeptFile:
        if self.path is not None:
            self._lock = lock_beside(self.path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def get(self) -> bytes | None:
        """What was kept last; None where nothing was, or it cannot be read."""
        try:
            return None if self.path is None else self.path.read_bytes()
        except OSError:
            return None

    def put(self, state: bytes) -> None:
        """Keep a newer state; it is in the file when this returns, unless there is ``trouble``."""
        if self.path is None:
            return
        try:
            write(self.path, state)
        except OSError as error:
            self.trouble = cannot_keep(self.path, error)
        else:
            self.trouble = None

    def set_aside(self) -> Path | None:
        """Give the file another name, under which nobody looks for it; None where that fails."""
        if self.path is None:
            return None
        aside = self.path.with_suffix(_ASIDE)
        try:
            return self.path.replace(aside)
        except OSError:
            return None
