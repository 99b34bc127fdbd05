"""What the learner has done: one JSON file, written atomically under a lock.

Whatever is wrong with the folder or the file comes back as a warning: practice goes on, and nothing
that could still be read is lost.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TypeAlias

from exercises.progress_file import FORMAT, Content, Record, keep_copy, read, write

__all__ = ["FORMAT", "Progress", "Record", "Store", "store"]

_Change: TypeAlias = Callable[[Mapping[str, Record]], Mapping[str, Record]]

_FILE = "progress.json"
_LOCK = "progress.lock"
_PATIENCE = 10.0  # seconds for another terminal to finish writing


@dataclass(frozen=True, slots=True)
class Progress:
    """The records by exercise id, and what went wrong in reading or writing them, in sentences."""

    records: Mapping[str, Record] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()

    def of(self, exercise: str) -> Record:
        """The record of one exercise."""
        return self.records.get(exercise, Record())


def store(no_state: bool = False) -> Store:
    """The store in the folder HANDCALC_STATE_DIR, else in the user's state folder.

    With ``no_state``, nothing is read or written.

    >>> store(no_state=True).attempt("perfect-reconstruction", "solved").records
    mappingproxy({})
    """
    if no_state:
        return Store(None)
    chosen = os.environ.get("HANDCALC_STATE_DIR")
    if chosen:
        return Store(Path(chosen))
    from platformdirs import user_state_path

    return Store(user_state_path("handcalc", appauthor=False))


@dataclass(frozen=True, slots=True)
class Store:
    """Progress kept in a folder, or nowhere; every method returns it as it then stands.

    Nothing is raised for a folder that cannot be read or written: the progress then carries a
    warning. Reading changes nothing, but for a damaged file, which is moved aside.
    """

    folder: Path | None

    def read(self) -> Progress:
        """What was done so far."""
        if self.folder is None:
            return Progress()
        try:
            content = read(self.folder / _FILE)
        except OSError as error:
            return Progress(warnings=(_cannot("read", self.folder, error),))
        if content.damage:
            return self._changed(lambda records: records)
        return _progress(content)

    def attempt(self, exercise: str, status: str) -> Progress:
        """Count a graded answer; an unreadable one uses no attempt, and solved stays solved."""
        if status == "unreadable":
            return self.read()
        return self._record(
            exercise,
            lambda record: replace(
                record, attempts=record.attempts + 1, solved=record.solved or status == "solved"
            ),
        )

    def hint(self, exercise: str, number: int) -> Progress:
        """Remember the furthest hint seen, counted from 1."""
        return self._record(
            exercise, lambda record: replace(record, hints=max(record.hints, number))
        )

    def solution(self, exercise: str) -> Progress:
        """Remember that the solution was seen."""
        return self._record(exercise, lambda record: replace(record, solution=True))

    def _record(self, exercise: str, change: Callable[[Record], Record]) -> Progress:
        return self._changed(
            lambda records: {**records, exercise: change(records.get(exercise, Record()))}
        )

    def _changed(self, change: _Change) -> Progress:
        if self.folder is None:
            return Progress()
        from filelock import FileLock, Timeout

        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / _LOCK, timeout=_PATIENCE):
                return _update(self.folder / _FILE, change)
        except Timeout:
            return Progress(self._legible(), (_BUSY.format(folder=self.folder),))
        except OSError as error:
            return Progress(self._legible(), (_cannot("kept", self.folder, error),))

    def _legible(self) -> Mapping[str, Record]:
        """The records that can be read, if any."""
        if self.folder is None:
            return {}
        try:
            return read(self.folder / _FILE).records
        except OSError:
            return {}


def _update(file: Path, change: _Change) -> Progress:
    """Read, change and write under the lock; the file of a newer handcalc stays as it is."""
    content = read(file)
    if content.newer:
        return _progress(content)
    damaged = keep_copy(file) if content.damage else None
    records = change(content.records)
    if records != content.records or damaged:
        write(file, records)
    warnings = () if damaged is None else (_DAMAGED.format(copy=damaged),)
    return Progress(MappingProxyType(dict(records)), warnings)


def _progress(content: Content) -> Progress:
    warnings = (_NEWER,) if content.newer else ()
    return Progress(MappingProxyType(dict(content.records)), warnings)


def _cannot(done: str, folder: Path, error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return (
        f"Progress cannot be {done} in {folder}: {reason}. Practice goes on without it; to keep it "
        "elsewhere, set HANDCALC_STATE_DIR to a folder."
    )


_BUSY = (
    "Progress was not kept this time: another handcalc has held {folder} for ten seconds. If there "
    "is none, delete progress.lock there."
)
_DAMAGED = (
    "The progress file was damaged. It was moved aside, to {copy}; what could still be read in it "
    "is kept."
)
_NEWER = (
    "The progress file was written by a newer handcalc. It is left as it is, and nothing is added "
    "to it."
)
