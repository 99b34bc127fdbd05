"""The progress file: its format, and reading that does not guess."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import count
from pathlib import Path

__all__ = ["FORMAT", "Content", "Record", "decode", "encode", "keep_copy", "read"]

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What was done in one exercise; ``hints`` is the furthest hint seen, 0 for none."""

    solved: bool = False
    attempts: int = 0
    hints: int = 0
    solution: bool = False

    @property
    def state(self) -> str:
        """The state "new", "tried", "solved" or, where it is not solved, "solution seen".

        >>> Record().state, Record(attempts=2).state, Record(True, 3).state
        ('new', 'tried', 'solved')
        >>> Record(attempts=2, solution=True).state, Record(True, 3, solution=True).state
        ('solution seen', 'solved')
        """
        if self.solved:
            return "solved"
        if self.solution:
            return "solution seen"
        return "tried" if self.attempts else "new"

    def merged(self, other: Record) -> Record:
        """What the two say together: whatever either has done; of two counts, the larger.

        >>> Record(True, 2).merged(Record(attempts=5, hints=1))
        Record(solved=True, attempts=5, hints=1, solution=False)
        """
        return Record(
            self.solved or other.solved,
            max(self.attempts, other.attempts),
            max(self.hints, other.hints),
            self.solution or other.solution,
        )


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: sound records; whether something in it is damaged, or newer than this."""

    records: Mapping[str, Record] = field(default_factory=dict)
    damage: bool = False
    newer: bool = False


def read(file: Path) -> Content:
    """The content of a file; nothing, if there is no such file. Errors: ``OSError``."""
    try:
        return decode(file.read_bytes())
    except FileNotFoundError:
        return Content()


def decode(raw: bytes) -> Content:
    """The content that the bytes of a file stand for; every sound record is kept.

    >>> decode(b'{"format": 1, "exercises": {}}').damage, decode(b'{"format": 1, "exe').damage
    (False, True)
    """
    try:
        top = json.loads(raw)
    except (ValueError, RecursionError):
        return Content(damage=True)
    if not isinstance(top, dict) or type(top.get("format")) is not int or top["format"] < 1:
        return Content(damage=True)
    if top["format"] > FORMAT:
        return Content(newer=True)
    entries = top.get("exercises")
    if not isinstance(entries, dict) or len(top) != 2:
        return Content(damage=True)
    records = {name: record for name, entry in entries.items() if (record := _record(entry))}
    return Content(records, damage=len(records) < len(entries))


def encode(records: Mapping[str, Record]) -> bytes:
    """Records in the format that ``decode`` reads.

    >>> decode(encode({"perfect-reconstruction": Record(attempts=1)})).records
    {'perfect-reconstruction': Record(solved=False, attempts=1, hints=0, solution=False)}
    """
    content = {"format": FORMAT, "exercises": {name: asdict(r) for name, r in records.items()}}
    return json.dumps(content, indent=2).encode()


def keep_copy(file: Path, why: str) -> Path:
    """Copy a file to the first free name such as progress.damaged-1.json, and say which."""
    names = (file.with_name(f"{file.stem}.{why}-{i}{file.suffix}") for i in count(1))
    free = next(name for name in names if not name.exists())
    shutil.copyfile(file, free)
    return free


def _record(entry: object) -> Record | None:
    """The record that a JSON object stands for, or ``None`` where it is not one."""
    if not isinstance(entry, dict) or set(entry) != {each.name for each in fields(Record)}:
        return None
    record = Record(**entry)
    flags = all(isinstance(flag, bool) for flag in (record.solved, record.solution))
    counts = all(type(number) is int and number >= 0 for number in (record.attempts, record.hints))
    return record if flags and counts else None
