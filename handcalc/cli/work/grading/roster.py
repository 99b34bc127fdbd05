"""The list of a class: who is in it, and whose due date or time of handing in is another one."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from exercises.variants import student_name
from handcalc.cli.report import CommandError, ReportedError
from handcalc.cli.typed_text import read_file
from handcalc.cli.visible import visible, visible_in_line
from handcalc.errors import InputError

from .late import read_time

COLUMNS = ("student", "name", "due", "submitted")
"""The columns that are read, of which the first must be there."""
_OPTION = "--roster"
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A line of the list; ``lines`` are all that name this student, and there should be one."""

    student: str
    name: str = ""
    due: datetime | None = None
    submitted: datetime | None = None
    lines: tuple[int, ...] = ()


def read_roster(file: str) -> Mapping[str, Enrolled]:
    """The students of a list by their names, in its order. Errors: refused, with the line."""
    text = read_file(file, _OPTION).removeprefix("\ufeff")
    head = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=head.count)
    rows = csv.reader(StringIO(text, newline=""), delimiter=separator)
    try:
        titles = [title.strip().lower() for title in next(rows, [])]
        at = {column: titles.index(column) for column in COLUMNS if column in titles}
        if "student" not in at:
            listed = visible(", ".join(titles)[:60])
            raise _refused(file, f"its first line must name a column student, not {listed}")
        found: dict[str, Enrolled] = {}
        for row in rows:
            cells = {column: row[i].strip() for column, i in at.items() if i < len(row)}
            if not any(cells.values()):
                continue
            each = _enrolled(file, cells, rows.line_num)
            before = found.get(each.student, each)
            lines = (*before.lines, rows.line_num) if each.student in found else each.lines
            found[each.student] = Enrolled(
                each.student, before.name, before.due, before.submitted, lines
            )
    except csv.Error as error:
        raise _refused(file, f"line {rows.line_num} is no CSV: {error}") from None
    if not found:
        raise _refused(file, "it names no student")
    return found


def _enrolled(file: str, cells: Mapping[str, str], line: int) -> Enrolled:
    try:
        student = student_name(cells.get("student", ""))
        times = {key: read_time(cells[key], key) if cells.get(key) else None for key in COLUMNS[2:]}
    except InputError as error:
        raise _refused(file, f"line {line}: {visible_in_line(error.message)}") from None
    name = visible(cells.get("name", ""))
    return Enrolled(student, name, times["due"], times["submitted"], (line,))


def _refused(file: str, why: str) -> CommandError:
    message = f"{_OPTION}: the file {visible(file)} is no list of a class: {why.rstrip('.')}."
    return CommandError(ReportedError("not_a_roster", message))
