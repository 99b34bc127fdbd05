"""What the learner has done: one JSON file, written atomically under a lock.

Whatever is wrong with the folder or the file comes back as a warning: practice goes on, and nothing
that could still be read is lost. Several courses share the file: an exercise of the bank is kept
under its id, one of another course under "course/id".
"""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from dataclasses import replace as with_fields
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, TypeAlias

from msgspec import Meta
from msgspec.structs import asdict, replace

from exercises.tables import Count, FileTable, TableRecord
from handcalc.errors import AuthorError
from handcalc.storage import BusyError, locked
from handcalc.storage.files import state_folder, write

# --------------------------------------------------------------------------------------------------
# The progress file: its format, and reading that does not guess.


FORMAT = 1

_FILE = "progress.json"
_AT_HAND = "last-exercise.txt"  # JSON: by course, the exercise that was opened last
_Number: TypeAlias = Annotated[int, Meta(ge=0, lt=10**9)]


class ExerciseRecord(TableRecord):
    """What was done in one exercise; ``hints`` is the furthest hint seen, 0 for none."""

    solved: bool = False
    attempts: _Number = 0
    hints: _Number = 0
    solution: bool = False

    @property
    def state(self) -> str:
        """The state "new", "tried", "solved" or, where it is not solved, "solution seen".

        >>> ExerciseRecord().state, ExerciseRecord(attempts=2).state, ExerciseRecord(True, 3).state
        ('new', 'tried', 'solved')
        >>> ExerciseRecord(attempts=2, solution=True).state
        'solution seen'
        >>> ExerciseRecord(True, 3, solution=True).state
        'solved'
        """
        if self.solved:
            return "solved"
        if self.solution:
            return "solution seen"
        return "tried" if self.attempts else "new"

    def merged(self, other: ExerciseRecord) -> ExerciseRecord:
        """What the two say together: whatever either has done; of two counts, the larger.

        >>> ExerciseRecord(True, 2).merged(ExerciseRecord(attempts=5, hints=1))
        ExerciseRecord(solved=True, attempts=5, hints=1, solution=False)
        """
        return ExerciseRecord(
            self.solved or other.solved,
            max(self.attempts, other.attempts),
            max(self.hints, other.hints),
            self.solution or other.solution,
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: sound records; what is damaged, by its keys; or that it is newer."""

    records: Mapping[str, ExerciseRecord] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    newer: bool = False

    @property
    def damage(self) -> bool:
        """Whether something in the file is no sound record."""
        return bool(self.faults)


class _File(TableRecord):
    format: Count
    exercises: dict[str, Any]


def read(file: Path) -> Content:
    """The content of a file; nothing, if there is no such file. Errors: ``OSError``."""
    try:
        return decode(file.read_bytes(), file.name)
    except FileNotFoundError:
        return Content()


def decode(raw: bytes, name: str = _FILE) -> Content:
    """The content that the bytes of a file stand for; every sound record is kept.

    >>> decode(b'{"format": 1, "exercises": {}}').damage, decode(b'{"format": 1, "exe').damage
    (False, True)
    >>> decode(b'{"format": 1, "exercises": {"exact-loss": {"solved": 1}}}').faults
    ('progress.json, exercises.exact-loss.solved: "solved" must be true or false, not 1.',)
    """
    twice = list[str]()
    try:
        top = json.loads(raw, object_pairs_hook=lambda pairs: _as_object(pairs, twice))
    except (ValueError, RecursionError):
        return Content(faults=(f"{name}: this is not JSON, or not all of it.",))
    match top:
        case {"format": int(written)} if written > FORMAT:
            return Content(newer=True)
    try:
        entries: dict[str, Any] = FileTable(name, top).convert(_File).exercises
    except AuthorError as error:
        return Content(faults=(error.message,))
    # of two entries JSON keeps the last: nobody knows which of them is meant
    records, faults = {}, [f'{name}: the key "{key}" stands in it twice.' for key in twice]
    for exercise, entry in entries.items():
        table = FileTable(name, entry, f"exercises.{exercise}")
        try:
            record = table.convert(ExerciseRecord)
            for key in record.__struct_fields__:
                if key not in entry:
                    raise table.fault("missing_key", key, f'the key "{key}" is missing.')
            records[exercise] = record
        except AuthorError as error:
            faults.append(error.message)
    return Content(records, tuple(faults))


def _as_object(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    """An object of JSON; keys that it has more than once are added to ``twice``."""
    counts = Counter(key for key, _ in pairs)
    twice.extend(key for key, count in counts.items() if count > 1)
    return dict(pairs)


def encode(records: Mapping[str, ExerciseRecord]) -> bytes:
    """Records in the format that ``decode`` reads.

    >>> decode(encode({"perfect-reconstruction": ExerciseRecord(attempts=1)})).records
    {'perfect-reconstruction': ExerciseRecord(solved=False, attempts=1, hints=0, solution=False)}
    """
    content = {"format": FORMAT, "exercises": {name: asdict(r) for name, r in records.items()}}
    return json.dumps(content, indent=2).encode()


def keep_copy(file: Path, why: str) -> Path:
    """Copy a file to the first free name such as progress.damaged-1.json, and say which."""
    names = (file.with_name(f"{file.stem}.{why}-{i}{file.suffix}") for i in count(1))
    free = next(name for name in names if not name.exists())
    shutil.copyfile(file, free)
    return free


_Change: TypeAlias = Callable[[Mapping[str, ExerciseRecord]], Mapping[str, ExerciseRecord]]

_LOCK = "progress.lock"
_PATIENCE = 10.0  # seconds for another terminal to finish writing


@dataclass(frozen=True, slots=True)
class Progress:
    """The records by exercise id, and what went wrong in reading or writing them, in sentences.

    ``kept`` is whether the change that was asked for is, or could be, written; ``copy`` is the file
    as it was before records were forgotten.
    """

    records: Mapping[str, ExerciseRecord] = field(default_factory=lambda: MappingProxyType({}))
    warnings: tuple[str, ...] = ()
    kept: bool = True
    copy: Path | None = None

    def of(self, exercise: str) -> ExerciseRecord:
        """The record of one exercise."""
        return self.records.get(exercise, ExerciseRecord())


def store(no_state: bool = False, course: str = "") -> ProgressStore:
    """The store in the folder HANDCALC_STATE_DIR, else in the user's state folder.

    With ``no_state``, nothing is read or written. ``course`` sets the records of another course
    apart from the bank's.

    >>> store(no_state=True).attempt("perfect-reconstruction", "solved").records
    mappingproxy({})
    """
    return ProgressStore(None if no_state else state_folder(), course)


@dataclass(frozen=True, slots=True)
class ProgressStore:
    """Progress kept in a folder, or nowhere; every method returns it as it then stands.

    Nothing is raised for a folder that cannot be read or written: the progress then carries a
    warning. Reading changes nothing, but for a damaged file, which is moved aside.
    """

    folder: Path | None
    course: str = ""

    def read(self) -> Progress:
        """What was done so far."""
        return self._own(self.everything())

    def everything(self) -> Progress:
        """What was done so far in all courses, by the names that the file has for exercises."""
        if self.folder is None:
            return Progress()
        try:
            content = read(self.folder / _FILE)
        except OSError as error:
            return Progress(warnings=(_cannot("read", self.folder, error),))
        if content.damage:
            return self._changed(lambda records: records)
        return _progress(content)

    def open(self, exercise: str) -> None:
        """Remember that this exercise is the one at hand; where that cannot be, it is forgotten."""
        if self.folder is not None:
            with suppress(OSError):
                self.folder.mkdir(parents=True, exist_ok=True)
                at_hand = {**self._at_hand(), self.course: exercise}
                write(self.folder / _AT_HAND, json.dumps(at_hand).encode())

    def opened(self) -> str | None:
        """The exercise of this course that was opened or tried last, if it is known."""
        found = self._at_hand().get(self.course)
        return found if isinstance(found, str) else None

    def _at_hand(self) -> Mapping[str, Any]:
        """The exercise at hand in each course; where that cannot be read, none is."""
        try:
            found = json.loads((self.folder / _AT_HAND).read_bytes()) if self.folder else {}
        except (OSError, ValueError, RecursionError):
            found = {}
        return found if isinstance(found, dict) else {}

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

    def merge(self, records: Mapping[str, ExerciseRecord]) -> Progress:
        """Take in the records of another file, of all courses; nothing that was done is lost."""
        return self._own(
            self._changed(
                lambda known: {
                    **known,
                    **{
                        name: known.get(name, ExerciseRecord()).merged(record)
                        for name, record in records.items()
                    },
                }
            )
        )

    def forget(self, exercises: Iterable[str] | None = None) -> Progress:
        """Forget some exercises of this course, or all; the file as it was is kept as a copy."""
        chosen = None if exercises is None else set(exercises)
        return self._own(
            self._changed(
                lambda records: {
                    name: record
                    for name, record in records.items()
                    if (own := self._id(name)) is None or (chosen is not None and own not in chosen)
                },
                copy="before-reset",
            )
        )

    def _record(
        self, exercise: str, change: Callable[[ExerciseRecord], ExerciseRecord]
    ) -> Progress:
        name = f"{self.course}/{exercise}" if self.course else exercise
        return self._own(
            self._changed(
                lambda records: {**records, name: change(records.get(name, ExerciseRecord()))}
            )
        )

    def _changed(self, change: _Change, copy: str = "") -> Progress:
        if self.folder is None:
            return Progress()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / _LOCK, patience=_PATIENCE):
                return _update(self.folder / _FILE, change, copy)
        except BusyError as busy:
            said = _BUSY.format(folder=self.folder, file=busy.file.name)
            return Progress(self._legible(), (said,), kept=False)
        except OSError as error:
            return Progress(self._legible(), (_cannot("kept", self.folder, error),), kept=False)

    def _legible(self) -> Mapping[str, ExerciseRecord]:
        """The records that can be read, if any."""
        if self.folder is None:
            return {}
        try:
            return read(self.folder / _FILE).records
        except OSError:
            return {}

    def _own(self, progress: Progress) -> Progress:
        """The same, with the records of this course alone, by the ids of its exercises."""
        named = ((self._id(name), record) for name, record in progress.records.items())
        own = {name: record for name, record in named if name is not None}
        return with_fields(progress, records=MappingProxyType(own))

    def _id(self, name: str) -> str | None:
        """The id of an exercise by its name in the file; None for one of another course."""
        course, _, exercise = name.rpartition("/")
        return exercise if course == self.course else None


def _update(file: Path, change: _Change, copy: str) -> Progress:
    """Read, change and write under the lock; the file of a newer handcalc stays as it is."""
    content = read(file)
    if content.newer:
        return _progress(content)
    # copies come first: whatever goes wrong in writing, what stood in the file is still there
    damaged = keep_copy(file, "damaged") if content.damage else None
    records = change(content.records)
    changes = records != content.records
    copied = keep_copy(file, copy) if copy and changes else None
    if changes or damaged:
        write(file, encode(records))
    warnings = (_DAMAGED.format(fault=content.faults[0], copy=damaged),) if damaged else ()
    return Progress(records, warnings, copy=copied)


def _progress(content: Content) -> Progress:
    return Progress(content.records, (_NEWER,) if content.newer else (), kept=not content.newer)


def _cannot(done: str, folder: Path, error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return (
        f"Progress cannot be {done} in {folder}: {reason}. Practice goes on without it; to keep it "
        "elsewhere, set HANDCALC_STATE_DIR to a folder."
    )


_BUSY = (
    "Progress was not kept this time: another handcalc has held {folder} for ten seconds. If there "
    "is none, delete {file} there."
)
_DAMAGED = (
    "The progress file was damaged. {fault} It was moved aside, to {copy}; what could still be "
    "read in it is kept."
)
_NEWER = (
    "The progress file was written by a newer handcalc. It is left as it is, and nothing is added "
    "to it."
)
