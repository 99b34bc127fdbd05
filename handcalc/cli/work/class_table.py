"""The table of a class: a row for each answer, the same as text, as CSV and as data."""

from __future__ import annotations

import csv
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from pathlib import Path
from textwrap import wrap

from rich.cells import cell_len

from handcalc.cli.terminal import Terminal
from handcalc.views.columns import columns

_HEAD = ("file", "student", "variant", "status", "score", "diagnosis", "happened")
_BOM = "\ufeff"
# what a spreadsheet takes for the start of a formula; the last four are their wide twins
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MOST_OF_NAME = 20
_BETWEEN = "  "
_NOT_JUDGED = ("unreadable", "error")


@dataclass(frozen=True, slots=True)
class Row:
    """One answer: whose it is, the variant it was graded against, and the verdict.

    The variant is None where it is nobody's answer. The status is that of a grade, or "error" where
    there is no verdict and so no ``score``. All texts can be shown as they are.
    """

    file: str
    student: str | None
    variant: int | None
    status: str
    score: Fraction | None
    diagnosis: str | None
    happened: str

    @property
    def data(self) -> Mapping[str, object]:
        """The row for JSON."""
        score = None if self.score is None else str(self.score)
        return dict(zip(_HEAD, (*self._start, score, self.diagnosis, self.happened), strict=True))

    @property
    def cells(self) -> tuple[object, ...]:
        """The row for a spreadsheet: scores as decimals, because 1/2 would become a date."""
        score = "" if self.score is None else float(f"{float(self.score):.4g}")
        score = int(score) if isinstance(score, float) and score.is_integer() else score
        cells = (*self._start, score, self.diagnosis, self.happened)
        return tuple(_harmless(cell) if isinstance(cell, str) else cell for cell in cells)

    @property
    def _start(self) -> tuple[str, str | None, int | None, str]:
        return self.file, self.student, self.variant, self.status


def as_csv(rows: Sequence[Row]) -> str:
    """The table for a spreadsheet, in UTF-8.

    Where a letter is not ASCII there is a mark at the start, by which Excel knows what it reads.
    Every text stands in quotes, and one that could be a formula has an apostrophe before it, as
    OWASP advises against "CSV injection"; numbers stay numbers.

    >>> from fractions import Fraction
    >>> row = Row("=1+2.txt", None, 1, "partial", Fraction(2, 3), "lost", "-1 is lost.")
    >>> print(as_csv([row]).splitlines()[1])
    "'=1+2.txt","",1,"partial",0.6667,"lost","'-1 is lost."
    """
    text = StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerow(_HEAD)
    writer.writerows(["" if cell is None else cell for cell in row.cells] for row in rows)
    found = text.getvalue()
    return found if found.isascii() else _BOM + found


def is_table(path: Path) -> bool:
    """Whether a file begins as our tables do."""
    with path.open("rb") as file:
        start = file.read(200).decode("utf-8-sig", errors="replace").replace('"', "")
    return start.startswith(",".join(_HEAD))


def as_text(title: str, rows: Sequence[Row], terminal: Terminal) -> str:
    """The table, how many are solved, what was not graded and why, and the commonest mistakes."""
    head: tuple[str, ...] = ("status", "score", "diagnosis")
    table = [head, *((r.status, _score(r), r.diagnosis or "") for r in rows)]
    if any(row.student is not None for row in rows):
        whose = [("student", "variant"), *((_short(r.student), f"{r.variant or ''}") for r in rows)]
        table = [left + right for left, right in zip(whose, table, strict=True)]
    count = Counter(row.status for row in rows)
    parts = [
        title,
        _with_files(table, ["file", *(row.file for row in rows)], terminal.width),
        f"{count['solved'] or 'None'} of {len(rows)} solved.",
    ]
    unjudged = [f"{row.file}: {row.happened}" for row in rows if row.status in _NOT_JUDGED]
    if unjudged:
        parts.append("\n".join(["Not graded:", *unjudged]))
    mistakes = Counter(row.diagnosis for row in rows if row.diagnosis).most_common()
    if mistakes:
        parts.append(f"Diagnoses: {', '.join(f'{name} ({n})' for name, n in mistakes)}.")
    return "\n\n".join(parts)


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


def _score(row: Row) -> str:
    return "" if row.score is None else str(row.score)


def _harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
