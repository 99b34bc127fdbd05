"""What a second grading changed: rows of an earlier table, as CSV or JSON, beside those of now."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from typing import Any

from handcalc.cli.report import CommandError, ReportedError
from handcalc.cli.visible import visible
from handcalc.storage.files import at_home, reason

from .gradebook import Gradebook
from .tables import HEAD, as_typed, read_exact

_OPTION = "--since"
_MOST = 1 << 26  # bytes of a table
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Standing:
    """What counts of a row: its status and its numbers, exactly."""

    status: str
    score: Fraction | None
    points: Fraction | None
    of: Fraction


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """A row that is not what it was; ``before`` or ``now`` is None where there is no such row."""

    student: str | None
    exercise: str | None
    file: str
    before: Standing | None
    now: Standing | None

    @property
    def data(self) -> Mapping[str, object]:
        """The change for JSON."""
        return {
            "student": self.student,
            "exercise": self.exercise,
            "file": self.file,
            "before": _data(self.before),
            "now": _data(self.now),
        }


@dataclass(frozen=True, slots=True)
class EarlierTable:
    """The rows of an earlier grading, and the version of the course that graded them."""

    rows: Mapping[_Key, tuple[Mapping[str, Any], Standing]]
    version: str


def read_earlier(file: str) -> EarlierTable:
    """An earlier table. Errors: refused where it is none, or none that says which course it was."""
    try:
        with at_home(file).open("rb") as stream:
            raw = stream.read(_MOST + 1)
        if len(raw) > _MOST:
            raise _refused(file, "it is too large")
        text = raw.decode("utf-8-sig")
        rows, version = _of_json(text) if text.lstrip().startswith("{") else _of_csv(text)
        found: dict[_Key, tuple[Mapping[str, Any], Standing]] = {}
        for row, standing in rows:
            found[_free(found, _key(row["student"], row["exercise"], row["file"]))] = row, standing
    except FileNotFoundError:
        message = f"{_OPTION}: there is no file {visible(file)}."
        raise CommandError(ReportedError("missing_file", message)) from None
    except OSError as error:
        raise _refused(file, reason(error)) from None
    except (ValueError, ZeroDivisionError, KeyError, TypeError, RecursionError, csv.Error):
        why = "its columns, or keys, are not those of a table that handcalc grade writes now"
        raise _refused(file, why) from None
    return EarlierTable(found, version)


def changes(book: Gradebook, earlier: EarlierTable) -> list[ChangedRow]:
    """The rows that are not what they were, in the order of now, then those that are gone."""
    found: list[ChangedRow] = []
    seen: set[_Key] = set()
    for row in book.rows:
        key = _free(seen, _key(row.student, row.exercise, row.file))
        seen.add(key)
        now = Standing(row.status, row.score, row.points, row.of)
        _, before = earlier.rows.get(key, (None, None))
        if now != before:
            found.append(ChangedRow(row.student, row.exercise, row.file, before, now))
    for key, (gone, before) in earlier.rows.items():
        if key not in seen:
            own = (gone["student"] or None, gone["exercise"] or None, gone["file"])
            found.append(ChangedRow(*own, before, None))
    return found


def _key(student: str | None, exercise: str | None, file: str) -> _Key:
    """By what a row is found again; a file may lie elsewhere now, a student is the same."""
    nobody = not student or not exercise
    return (student or "", exercise or "", file if nobody else "")


def _free(taken: Mapping[_Key, object] | set[_Key], key: _Key) -> _Key:
    """The key, or one beside it where several rows have the same."""
    while key in taken:
        key = (key[0], key[1], f"{key[2]}\n")
    return key


_Rows = tuple[list[tuple[Mapping[str, Any], Standing]], str]


def _of_json(text: str) -> _Rows:
    found = json.loads(text)
    rows: list[tuple[Mapping[str, Any], Standing]] = []
    for row in found["answers"]:
        score, points = (_fraction(row[key]) for key in ("score", "points"))
        rows.append((row, Standing(row["status"], score, points, Fraction(row["of"]))))
    return rows, str(found["course"])


def _of_csv(text: str) -> _Rows:
    reader = csv.DictReader(StringIO(text, newline=""))
    if tuple(reader.fieldnames or ()) != HEAD:
        raise ValueError(text[:80])
    rows: list[tuple[Mapping[str, Any], Standing]] = []
    version = ""
    for cells in reader:
        row = {key: as_typed(cells[key]) for key in HEAD}
        score, points = read_exact(row["exact_score"]), read_exact(row["exact_points"])
        of = read_exact(row["exact_of"]) or Fraction(0)
        rows.append((row, Standing(row["status"], score, points, of)))
        version = row["course"]
    return rows, version


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


def _data(standing: Standing | None) -> Mapping[str, object] | None:
    if standing is None:
        return None
    numbers = {"score": standing.score, "points": standing.points, "of": standing.of}
    texts = {key: None if value is None else str(value) for key, value in numbers.items()}
    return {"status": standing.status, **texts}


def _refused(file: str, why: str) -> CommandError:
    message = f"{_OPTION}: the file {visible(file)} cannot be compared with: {why.rstrip('.')}."
    return CommandError(ReportedError("not_a_table", message))


def changes_text(found: Sequence[ChangedRow], earlier: EarlierTable, book: Gradebook) -> str:
    """The rows that changed, a line each, and by which courses they were graded."""
    courses = f"{visible(earlier.version)} before, {book.version} now"
    if not found:
        return f"No row changed ({courses})."
    gone = sum(each.now is None for each in found)
    lines = [f"{len(found)} of {len(book.rows) + gone} rows changed ({courses}):"]
    return "\n".join([*lines, *_lines(found)])


def _lines(found: Sequence[ChangedRow]) -> Iterator[str]:
    for each in found:
        whose = visible(each.student or each.file or "")
        what = f"{whose}, {visible(each.exercise)}" if each.exercise else whose
        yield f"{what}: {_words(each.before)} -> {_words(each.now)}"


def _words(standing: Standing | None) -> str:
    if standing is None:
        return "no row"
    points = "undecided" if standing.points is None else str(standing.points)
    return f"{visible(standing.status)}, {points} of {standing.of}"
