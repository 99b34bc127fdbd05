"""The folder of a run that is held by whoever trains there, from its first step to its last."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

from handcalc.storage import Lock
from torchsim.kinds import KeptSpec
from torchsim.storage.folders import lock, start


class FolderHolder:
    """Begins a folder, or checks that it is of this run, and locks it.

    The lock is held until ``close``, the end of a ``with`` block, or that of the process.
    """

    _lock: Lock | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def hold(self, folder: Path, spec: KeptSpec, preset: str | None) -> bool:
        """Begin and lock a folder, once; whether that was now.

        Errors: those of ``torchsim.storage.start``.
        """
        if self._lock is not None:
            return False
        start(folder, spec, preset)
        self._lock = lock(folder)
        start(folder, spec)  # another process may have finished the run just before
        return True

    def close(self) -> None:
        """Let go of the folder's lock."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
