"""What a lecturer sees of a class: of one exercise every row, of several a sheet.

What needs a person's eyes stands last, where the screen ends.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from pathlib import PurePath
from textwrap import wrap

from rich.cells import cell_len

from handcalc.cli.terminal import Terminal
from handcalc.views.layout import columns
from handcalc.wording import counted

from .gradebook import NOBODY_KNOWS, UNJUDGED, Gradebook, Row

_MOST_OF_NAME = 20
_MOST_OF_ONE = 3  # lines of one row
_MOST_LINES = 12  # of what needs eyes: a table has the rest
_BETWEEN = "  "
_STATUSES = ("solved", "partial", "wrong")


def page_of_exercise(book: Gradebook, terminal: Terminal) -> str:
    """The rows of one exercise, what was not graded and why, and the commonest mistakes."""
    (found,) = book.exercises
    rows = book.rows
    head: tuple[str, ...] = ("status", "score", "diagnosis")
    scores = ["" if row.score is None else str(row.score) for row in rows]
    graded = zip(rows, scores, strict=True)
    table = [head, *((row.status, score, row.diagnosis or "") for row, score in graded)]
    if any(row.student is not None for row in rows):
        whose = [("student", "variant"), *((_short(r.student), f"{r.variant or ''}") for r in rows)]
        table = [left + right for left, right in zip(whose, table, strict=True)]
    count = Counter(row.status for row in rows)
    parts = [
        f"Exercise {found.position}: {found.title}",
        _with_files(table, ["file", *(row.file for row in rows)], terminal.width),
        f"{count['solved'] or 'None'} of {len(rows)} solved. Graded by {book.version}.",
    ]
    unjudged = [f"{_whose(row)}: {row.happened}" for row in rows if row.status in UNJUDGED]
    if unjudged:
        parts.append("\n".join(["Not graded:", *unjudged]))
    mistakes = Counter(row.diagnosis for row in rows if row.diagnosis).most_common()
    if mistakes:
        parts.append(f"Diagnoses: {', '.join(f'{name} ({n})' for name, n in mistakes)}.")
    return "\n\n".join(parts)


def page_of_course(book: Gradebook, terminal: Terminal) -> str:
    """A sheet, a line for each exercise, and what needs eyes."""
    of = sum(book.points.values(), Fraction(0))
    size = f"{counted(len(book.exercises), 'exercise')}, {_points(of)}"
    head = f"Course {book.version}: {size}, {counted(len(book.lines), 'student')}."
    parts = [head, _sheet(book, terminal.width), _summary(book, terminal.width)]
    eyes = [row for row in book.rows if row.needs_eyes]
    unread = [row for row in book.rows if row.status == "unreadable"]
    parts += _absent(book, terminal.width)
    parts += _listed("Not read, no points:", unread, terminal.width)
    parts += _listed("Needs your eyes, no points yet:", eyes, terminal.width)
    return "\n\n".join(parts)


def _points(number: Fraction) -> str:
    return f"{number} point{'' if number == 1 else 's'}"


def _sheet(book: Gradebook, width: int) -> str:
    """Students × exercises; where that is too wide, the sums alone."""
    slugs = [each.id for each in book.exercises]
    table = [["student", *(str(each.position) for each in book.exercises), "total", "late"]]
    for line in book.lines:
        cells = {row.exercise: "?" if row.points is None else str(row.points) for row in line.rows}
        name = _short(line.student or PurePath(line.hand_in).name)
        late = "" if not line.late else "?" if line.late.startswith(NOBODY_KNOWS) else "late"
        table.append([name, *(cells[slug] for slug in slugs), str(line.points), late])
    if not any(row[-1] for row in table[1:]):
        table = [row[:-1] for row in table]
    found = columns(table, sys.maxsize)
    if max(map(cell_len, found.split("\n"))) <= width:
        return found
    kept = len(table[0]) - len(slugs) - 1
    return columns([[row[0], *row[-kept:]] for row in table], width)


def _summary(book: Gradebook, width: int) -> str:
    """For each exercise its points, and how many answers have which status."""
    head = ["exercise", "points", *_STATUSES, "other", "title"]
    table = [head]
    for each in book.exercises:
        count = Counter(row.status for row in book.rows if row.exercise == each.id)
        other = sum(count.values()) - sum(count[status] for status in _STATUSES)
        numbers = [*(str(count[status]) for status in _STATUSES), str(other)]
        table.append([str(each.position), str(book.points[each.id]), *numbers, each.title])
    return columns(table, width)


def _listed(title: str, rows: Sequence[Row], width: int) -> list[str]:
    """Rows with why nothing was graded, once for each reason; a few, and how many more."""
    if not rows:
        return []
    said = Counter((row.student or "", row.file, _why(row)) for row in rows)
    lines = []
    for student, file, happened in list(said)[:_MOST_LINES]:
        name = file if not student or student in file else f"{student} ({file or 'no file'})"
        said_of = wrap(f"{name}: {happened}", width, subsequent_indent=_BETWEEN)
        lines += [*said_of[:_MOST_OF_ONE], *(["  …"] if said_of[_MOST_OF_ONE:] else [])]
    if len(said) > _MOST_LINES:
        lines.append(f"… and {len(said) - _MOST_LINES} more: --csv and --json have all.")
    return ["\n".join([f"{title} {counted(len(rows), 'row')}", *lines])]


def _absent(book: Gradebook, width: int) -> list[str]:
    """Who handed in nothing; a few lines of names, and how many more."""
    names = [line.student or "" for line in book.lines if line.rows[0].status == "absent"]
    if not names:
        return []
    lines = wrap(f"Absent: {', '.join(names)}.", width, subsequent_indent=_BETWEEN)
    more = [f"{_BETWEEN}… {len(names)} in all"] if lines[_MOST_OF_ONE:] else []
    return ["\n".join([*lines[:_MOST_OF_ONE], *more])]


def _whose(row: Row) -> str:
    """The file of a row or, where nothing was handed in, the student."""
    return row.file or row.student or ""


def _why(row: Row) -> str:
    """Why a row has no points, or none yet."""
    if row.points is None and row.score is not None:
        return f"{row.late}; the column submitted of --roster may say it."
    return row.happened


def _with_files(table: Sequence[Sequence[str]], files: Sequence[str], width: int) -> str:
    """The table with the files, heads first, behind it; a name without room stands below its row.

    >>> print(_with_files([["status"], ["wrong"], ["solved"]], ["file", "b.txt", "a" * 20], 24))
    status  file
    wrong   b.txt
    solved
      aaaaaaaaaaaaaaaaaaaa
    """
    starts = columns(table, sys.maxsize).split("\n")
    indent = max(map(cell_len, starts)) + len(_BETWEEN)
    is_beside = [indent + cell_len(file) <= width for file in files]
    is_beside[0] = any(is_beside[1:])
    lines = []
    for start, file, beside in zip(starts, files, is_beside, strict=True):
        if beside:
            lines.append(start + " " * (indent - cell_len(start)) + file)
        else:
            below = wrap(file, max(width - len(_BETWEEN), 1), break_on_hyphens=False)
            lines += [start, *(_BETWEEN + part for part in below)]
    return "\n".join(lines)


def _short(student: str | None) -> str:
    """A name as far as there is room for it; its file has it in full."""
    name = student or ""
    return name if len(name) <= _MOST_OF_NAME else f"{name[: _MOST_OF_NAME - 1]}…"
