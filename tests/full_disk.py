"""Disks that fill up: the k-th write in a folder fails, and after it every other one, or not.

Python tells its audit hooks of every file that it opens, and of every name that it changes, whoever
asks for it; ``os.fsync`` stands for the bytes themselves. So no way of writing is left out.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_CHANGES = ("os.rename", "os.mkdir", "os.truncate")
_active: list[Disk] = []
_hooked: list[bool] = []


class Disk:
    """Counts the writes below some folder, and lets one fail, or all from one on."""

    def __init__(self, folder: Path, fails: int, stays_full: bool) -> None:
        self.folder = str(folder.resolve())
        self.fails = fails
        self.stays_full = stays_full
        self.writes = 0

    def write(self, path: object) -> None:
        """Count one, and fail if it is its turn."""
        if not str(path).startswith(self.folder):
            return
        self.writes += 1
        if self.writes == self.fails or (self.stays_full and self.writes > self.fails):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def filling_up(
    monkeypatch: pytest.MonkeyPatch, folder: Path, fails: int, *, stays_full: bool = True
) -> Iterator[Disk]:
    """In the block the write ``fails``, from 1, below a folder fails; so does, or not, the rest."""
    if not _hooked:
        sys.addaudithook(_hear)  # for good: there is no way to take one out
        _hooked.append(True)
    disk = Disk(folder, fails, stays_full)
    sync = os.fsync

    def fsync(file: int) -> None:
        disk.write(os.path.realpath(f"/proc/self/fd/{file}"))
        sync(file)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        _active.append(disk)
        try:
            yield disk
        finally:
            _active.remove(disk)


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    for disk in _active:
        if event == "open" and isinstance(arguments[0], (str, os.PathLike)):
            mode, flags = arguments[1], arguments[2]
            writes = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
            if writes or (isinstance(mode, str) and set(mode) & set("wax+")):
                disk.write(arguments[0])
        elif event in _CHANGES:
            disk.write(arguments[0])
