"""Tables for spreadsheets: a row for each answer, and a sheet with a row for each student.

Every text stands in quotes, and one that could be a formula has an apostrophe before it, as OWASP
advises against "CSV injection"; numbers stay numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from fractions import Fraction
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .gradebook import Gradebook, Row, StudentLine

HEAD = (
    "file",
    "student",
    "exercise",
    "variant",
    "status",
    "score",
    "points",
    "of",
    "late",
    "diagnosis",
    "happened",
    "exact_score",
    "exact_points",
    "exact_of",
    "course",
)
_OLDER = "file,student,variant,status,"  # the first columns of tables of before
_BOM = "\ufeff"
# what a spreadsheet takes for the start of a formula; the last four are their wide twins
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_BAR = " over "  # 1/2 would become a date in a spreadsheet
SHEET_START = ("student", "name", "handed_in", "late")


def row_data(row: Row, version: str) -> dict[str, object]:
    """A row for JSON: exact numbers are texts.

    >>> from handcalc.cli.work.grading.gradebook import Row
    >>> row = Row("a.txt", None, "one", 1, "partial", Fraction(2, 3), None, Fraction(1), None, "")
    >>> found = row_data(row, "week@1f")
    >>> found["score"], found["points"], found["course"]
    ('2/3', None, 'week@1f')
    """
    return {
        "file": row.file,
        "student": row.student,
        "exercise": row.exercise,
        "variant": row.variant,
        "status": row.status,
        "score": _text(row.score),
        "points": _text(row.points),
        "of": str(row.of),
        "late": row.late or None,
        "diagnosis": row.diagnosis,
        "happened": row.happened,
        "course": version,
    }


def _text(number: Fraction | None) -> str | None:
    return None if number is None else str(number)


def long_table(rows: Iterable[Row], version: str) -> str:
    """The rows as CSV: decimals to count with, and the exact numbers in words beside them.

    >>> from handcalc.cli.work.grading.gradebook import Row
    >>> row = Row("=1+2.txt", None, "one", 1, "partial", Fraction(2, 3), None, Fraction(1), "lost",
    ...           "-1 is lost.")
    >>> print(long_table([row], "week@1f").splitlines()[1][:59])
    "'=1+2.txt","","one",1,"partial",0.6667,"",1,"","lost","'-1
    """
    lines: list[tuple[object, ...]] = [
        (
            row.file,
            row.student,
            row.exercise,
            row.variant,
            row.status,
            decimal(row.score),
            decimal(row.points),
            decimal(row.of),
            row.late,
            row.diagnosis,
            row.happened,
            exact_cell(row.score),
            exact_cell(row.points),
            exact_cell(row.of),
            version,
        )
        for row in rows
    ]
    return _as_csv([HEAD, *lines])


def sheet(book: Gradebook) -> str:
    """Students × exercises: points each, their sum, and what has no points yet."""
    slugs = [each.id for each in book.exercises]
    head = (*SHEET_START, *slugs, "total", "of", "exact_total", "undecided", "course")
    of = ("points", "", "", "", *(decimal(book.points[slug]) for slug in slugs))
    whole = sum(book.points.values(), Fraction(0))
    lines: list[tuple[object, ...]] = [
        head,
        (*of, decimal(whole), decimal(whole), exact_cell(whole), 0, book.version),
    ]
    lines += [_line(line, slugs, book.version) for line in book.lines]
    return _as_csv(lines)


def _line(line: StudentLine, slugs: list[str], version: str) -> tuple[object, ...]:
    points = {row.exercise: decimal(row.points) for row in line.rows}
    total = exact_cell(line.points)
    sums = (decimal(line.points), decimal(line.of), total, line.undecided, version)
    return (line.student, line.name, line.hand_in, line.late, *map(points.get, slugs), *sums)


def decimal(number: Fraction | None) -> int | float | None:
    """A number for a spreadsheet, to four figures.

    >>> decimal(Fraction(2, 3)), decimal(Fraction(2)), decimal(None)
    (0.6667, 2, None)
    """
    if number is None:
        return None
    return int(number) if number.denominator == 1 else float(f"{float(number):.4g}")


def exact_cell(number: Fraction | None) -> str:
    """An exact number that a spreadsheet leaves as it is.

    >>> exact_cell(Fraction(2, 3)), exact_cell(Fraction(2)), exact_cell(None)
    ('2 over 3', '2', '')
    """
    return "" if number is None else str(number).replace("/", _BAR)


def read_exact(cell: str) -> Fraction | None:
    """The number of such a cell. Errors: ``ValueError``, ``ZeroDivisionError``.

    >>> read_exact("2 over 3"), read_exact("")
    (Fraction(2, 3), None)
    """
    return Fraction(cell.replace(_BAR, "/")) if cell.strip() else None


def _as_csv(lines: Iterable[Iterable[object]]) -> str:
    """CSV in UTF-8. Where a letter is not ASCII a mark at the start tells Excel so."""
    text = StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([_safe(cell) for cell in line] for line in lines)
    found = text.getvalue()
    return found if found.isascii() else _BOM + found


def _safe(cell: object) -> object:
    if isinstance(cell, str) and cell.lstrip("'").startswith(_FORMULA):
        return f"'{cell}"
    return "" if cell is None else cell


def as_typed(cell: str) -> str:
    """A cell without the apostrophe that kept it from being a formula.

    >>> as_typed("'=1+2.txt"), as_typed("''=1+2.txt"), as_typed("'tis.txt")
    ('=1+2.txt', "'=1+2.txt", "'tis.txt")
    """
    is_kept = cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA)
    return cell[1:] if is_kept else cell


def is_table(path: Path) -> bool:
    """Whether a file begins as our tables do. Errors: ``OSError``."""
    with path.open("rb") as file:
        start = file.read(200).decode("utf-8-sig", errors="replace").replace('"', "")
    ours = (_OLDER, ",".join(HEAD[:6]), ",".join(SHEET_START))
    return start.startswith(ours)


def book_data(book: Gradebook) -> Mapping[str, object]:
    """What JSON says of a class beside its rows: the exercises and the students with their sums."""
    return {
        "course": book.version,
        "exercises": [
            {
                "position": each.position,
                "id": each.id,
                "title": each.title,
                "points": str(book.points[each.id]),
            }
            for each in book.exercises
        ],
        "students": [
            {
                "student": line.student,
                "name": line.name or None,
                "handed_in": line.hand_in or None,
                "submitted": None if line.submitted is None else line.submitted.isoformat(),
                "late": line.late or None,
                "points": str(line.points),
                "of": str(line.of),
                "undecided": line.undecided,
            }
            for line in book.lines
        ],
    }
