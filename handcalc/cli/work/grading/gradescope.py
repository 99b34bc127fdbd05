"""What Gradescope says of a submission: who handed it in, when, and by when it was due.

An export has it for all in ``submission_metadata.yml``, an autograder for one in
``submission_metadata.json`` (https://gradescope-autograders.readthedocs.io, "Submission Metadata").
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from handcalc.errors import InputError

from .files import UnreadableFileError
from .late import read_time

METADATA = "submission_metadata.yml"
MOST_METADATA = 1 << 24
"""Bytes of either file: that of an export has a class in it, the other all earlier results."""
_KEYS = {":name": "name", ":sid": "id", ":email": "email"}
# as Ruby writes it: two blanks a level, and a list's dashes under the key that it belongs to
_SUBMISSION = re.compile(r"(?P<quote>[\"']?)(?P<name>[^\s:\"'][^:\"']*)(?P=quote):[ \t]*")
_FIELD = re.compile(r" {2}(?P<key>:\w+):[ \t]*(?P<value>.*)")
_ITEM = re.compile(r" {2}(?: {2})?(?P<dash>- |  )(?P<key>:\w+):[ \t]*(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class Submitted:
    """One of those who handed something in: what is known of them, when, and by when it was due."""

    known: Mapping[str, str]
    at: datetime | None = None
    due: datetime | None = None


def read_export(raw: bytes) -> Mapping[str, tuple[Submitted, ...]]:
    r"""The submitters of each submission, by its folder, out of an export's metadata.

    Of YAML the part is read that Gradescope writes, by its indents: what a student has typed stands
    deeper. Errors: ``UnreadableFileError``.

    >>> text = b"submission_7:\n  :submitters:\n  - :name: Ada\n    :sid: '12'\n  :score: 1\n"
    >>> read_export(text)["submission_7"][0].known
    {'name': 'Ada', 'id': '12'}
    """
    try:
        # no other character ends a line for YAML, and a name may hold any
        lines = [line.rstrip("\r") for line in raw.decode("utf-8-sig").split("\n")]
    except UnicodeDecodeError:
        raise UnreadableFileError("It is not UTF-8 text.") from None
    found: dict[str, tuple[Submitted, ...]] = {}
    starts = [i for i, line in enumerate(lines) if line[:1] not in ("", " ", "#", "-")]
    for first, end in pairwise([*starts, len(lines)]):
        name = _SUBMISSION.fullmatch(lines[first])
        if name is None or name["name"] in found:
            said = f"Line {first + 1} is not as Gradescope writes it, or stands in it twice."
            raise UnreadableFileError(said)
        found[name["name"]] = _submission(lines[first + 1 : end])
    if not found:
        raise UnreadableFileError("There are no submissions in it.")
    return found


def _submission(lines: list[str]) -> tuple[Submitted, ...]:
    """Those who handed one submission in."""
    people: list[dict[str, str]] = []
    at, is_list = None, False
    for line in lines:
        item, field = _ITEM.fullmatch(line), _FIELD.fullmatch(line)
        if is_list and item is not None:
            if item["dash"] == "- ":
                people.append({})
            value, key = _scalar(item["value"]), _KEYS.get(item["key"])
            if key is not None and value and people:
                people[-1][key] = value
        elif field is not None:
            is_list = field["key"] == ":submitters"
            at = _time(_scalar(field["value"])) if field["key"] == ":created_at" else at
    return tuple(Submitted(each, at) for each in people if each)


def _scalar(text: str) -> str:
    """A value of YAML on one line, without its quotes; "" for none."""
    text = text.strip()
    if text.startswith("'") and text.endswith("'") and len(text) > 1:
        return text[1:-1].replace("''", "'")
    if text.startswith('"'):
        try:
            return str(json.loads(text))
        except ValueError:
            return ""
    return "" if text in ("~", "null") else text


def _time(text: str) -> datetime | None:
    """A time with its zone; None where there is none.

    >>> str(_time("2018-07-02 14:22:32.365935000 Z"))
    '2018-07-02 14:22:32.365935+00:00'
    """
    try:
        return read_time(text, "Gradescope")
    except InputError:
        return None


def read_autograder(raw: bytes) -> tuple[Submitted, ...]:
    """Those who handed in what an autograder is to grade. Errors: ``UnreadableFileError``.

    >>> users = b'"users": [{"name": "Ada", "id": 7}]'
    >>> text = b'{"created_at": "2018-07-01T14:22:32.36-07:00", ' + users + b"}"
    >>> (ada,) = read_autograder(text)
    >>> ada.known, ada.at.hour
    ({'name': 'Ada', 'id': '7'}, 21)
    """
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        raise UnreadableFileError("It is not JSON, or not all of it.") from None
    match found:
        case {"users": [*users]}:
            at, own = _time_at(found, "created_at"), found.get("assignment")
        case _:
            raise UnreadableFileError("It does not say who handed it in.")
    people = []
    for user in _tables(users):
        # an extension is a due date of one's own
        due = _time_at(user.get("assignment"), "due_date") or _time_at(own, "due_date")
        known = {key: str(user[from_]) for key, from_ in _names_in(user)}
        people.append(Submitted(known, at, due))
    return tuple(people)


def _tables(values: list[object]) -> Iterator[dict[str, object]]:
    yield from (value for value in values if isinstance(value, dict))


def _names_in(user: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    id_key = "sid" if user.get("sid") else "id"
    pairs = (("name", "name"), ("id", id_key), ("email", "email"))
    yield from ((key, from_) for key, from_ in pairs if user.get(from_))


def _time_at(table: object, key: str) -> datetime | None:
    value = table.get(key) if isinstance(table, dict) else None
    return _time(value) if isinstance(value, str) else None
