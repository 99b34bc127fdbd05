"""Results kept as they come, one JSON line each, so that a long run can go on where it stopped.

A line is written whole or not at all, but for a crash in the middle of one: such a line is ignored
and cut off. Two runs never write one file: the first holds a lock.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, TypeAlias

from handcalc.errors import InputError
from handcalc.storage import BusyError, Lock, take_lock

Key: TypeAlias = Mapping[str, object]
"""What a result depends on, all of it, in what JSON can hold."""
Record: TypeAlias = "dict[str, Any]"
"""A result, in what JSON can hold."""


class LineStore:
    """Records by key, in a file that only grows; with no ``path``, in memory alone.

    To be used in a ``with`` block, which holds the lock beside the file. ``fresh`` forgets what the
    file held. Errors: ``busy`` where another run holds the lock, ``unwritable_state`` where the
    file cannot be read or written at the start. A disk that fills up later stops nothing:
    ``trouble`` then says so.

    >>> with LineStore() as store:
    ...     store.put({"row": 1}, {"loss": 0.5})
    ...     store.get({"row": 1}), store.get({"row": 2})
    ({'loss': 0.5}, None)
    """

    def __init__(self, path: str | Path | None = None, *, fresh: bool = False) -> None:
        self.path = None if path is None else Path(path)
        self.trouble: str | None = None
        self._fresh = fresh
        self._known: dict[str, Record] = {}
        self._file: int | None = None
        self._lock: Lock | None = None

    def __enter__(self) -> LineStore:
        if self.path is not None:
            self._lock = lock_beside(self.path)
            try:
                self._open(self.path)
            except OSError as error:
                self.close()
                raise InputError("unwritable_state", cannot_keep(self.path, error)) from error
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def get(self, key: Key) -> Record | None:
        """The record last put under a key, or None."""
        return self._known.get(_text(key))

    def put(self, key: Key, record: Record) -> None:
        """Keep a record; it is in the file when this returns, unless there is ``trouble``."""
        text = _text(key)
        self._known[text] = record
        if self._file is None or self.path is None:
            return
        line = json.dumps({"key": json.loads(text), "record": record}, allow_nan=False) + "\n"
        try:
            raw = line.encode()
            while raw:  # the system may take a long text in parts
                raw = raw[os.write(self._file, raw) :]
        except OSError as error:
            self.trouble = cannot_keep(self.path, error)
            os.close(self._file)
            self._file = None

    def close(self) -> None:
        """Close the file and let go of the lock; what is known stays known."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _open(self, path: Path) -> None:
        """Read the lines that are whole, and cut the file after the last of them."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        self._file = os.open(path, flags, 0o666)
        if self._fresh:
            os.ftruncate(self._file, 0)
            return
        raw = path.read_bytes()
        whole = raw.rpartition(b"\n")[0]
        for line in whole.splitlines():
            try:
                entry = json.loads(line)
            except (ValueError, RecursionError):  # a damaged line is worked out again
                continue
            match entry:
                case {"key": dict(key), "record": dict(record)}:
                    self._known[_text(key)] = record
        if len(whole) + 1 < len(raw):
            os.ftruncate(self._file, len(whole) + 1 if whole else 0)


def _text(key: Key) -> str:
    return json.dumps(key, sort_keys=True, allow_nan=False)


def lock_beside(path: Path) -> Lock:
    """The lock beside a file that is to be kept, its folder made. Errors: as ``LineStore`` has.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     lock_beside(Path(folder, "new", "map.jsonl")).release()
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return take_lock(path.with_suffix(".lock"))
    except BusyError:
        raise InputError(
            "busy",
            f"Another run is at work on {path}. Wait for it, or keep no record.",
            suggestion="--no-state",
        ) from None
    except OSError as error:
        raise InputError("unwritable_state", cannot_keep(path, error)) from error


def cannot_keep(path: Path, error: OSError) -> str:
    """What is said where the folder of a file cannot be written to, or the disk is full.

    >>> cannot_keep(Path("phases/map.jsonl"), OSError(28, "No space left on device"))[:70]
    'What is worked out cannot be kept in phases: No space left on device. '
    """
    reason = error.strerror or type(error).__name__
    return (
        f"What is worked out cannot be kept in {path.parent}: {reason}. To keep it elsewhere, set "
        "HANDCALC_STATE_DIR to a folder."
    )
