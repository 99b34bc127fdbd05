"""The files of a class: the answers handed in, and the table of what came of them.

In the table there is a row for each answer, the same as text, as CSV and as data.
"""

from __future__ import annotations

import csv
import errno
import os
import stat
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from io import StringIO
from pathlib import Path
from textwrap import wrap

from rich.cells import cell_len

from handcalc.cli.report import CommandError, ReportedError
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import MOST_ARRAY_BYTES, path_of
from handcalc.cli.visible import visible
from handcalc.views.layout import columns

_HEAD = ("file", "student", "variant", "status", "score", "diagnosis", "happened")
_BOM = "\ufeff"
# what a spreadsheet takes for the start of a formula; the last four are their wide twins
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MOST_OF_NAME = 20
_BETWEEN = "  "
_NOT_JUDGED = ("unreadable", "error")


@dataclass(frozen=True, slots=True)
class Submission:
    """One thing that was handed in, and why it cannot be opened, or "" where it can."""

    path: Path
    fault: str = ""

    @property
    def file(self) -> str:
        """The path as it is shown."""
        return visible(str(self.path))


@dataclass(frozen=True, slots=True)
class HandedIn:
    """All submissions in their order, and in words what else there was and is not graded."""

    submissions: tuple[Submission, ...]
    notes: tuple[str, ...]


def handed_in(names: Sequence[str], table: Path | None) -> HandedIn:
    """The files by these names, and all that is in the folders among them, by name.

    What is named itself is a submission, whatever its name, and is not looked at again in its
    folder. In a folder, ``table`` is none, nor is an older one, nor are the files of editors and
    systems. Errors: refused where there is nothing of that name.
    """
    paths = [_found(name) for name in names]
    missing = [name for name, path in zip(names, paths, strict=True) if path is None]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        message = f"There is no file {visible(missing[0])}{more}. Nothing was graded."
        raise CommandError(ReportedError("missing_file", message))
    named = {path.absolute() for path in paths if path is not None}
    submissions: list[Submission] = []
    notes: list[str] = []
    for path in filter(None, paths):
        if not os.path.isdir(path):  # noqa: PTH112 - it raises nothing
            submissions.append(_submission(path))
            continue
        try:
            inside = sorted(path.iterdir())
        except OSError as error:
            message = f"The folder {visible(str(path))} cannot be read: {_words(error)}."
            raise CommandError(
                ReportedError("unreadable_file", f"{message} Nothing was graded.")
            ) from None
        others = {each: _reason(each, table) for each in inside if each.absolute() not in named}
        submissions += [_submission(each) for each, why in others.items() if not why]
        notes += [f"{visible(str(each))}: {why}" for each, why in others.items() if why]
    if not submissions:
        said = ", ".join(visible(name) for name in names)
        message = f"There is no file in the folder {said}. Nothing was graded."
        raise CommandError(ReportedError("missing_file", " ".join([message, *notes])))
    return HandedIn(tuple(submissions), tuple(notes))


def _found(name: str) -> Path | None:
    """The path of that name; None where nothing is there, not even a link that leads nowhere."""
    if not name:
        return None
    try:
        path = path_of(name)
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    except OSError:  # it may well be there: looking at it says why it cannot be read
        return path
    return path


def _reason(path: Path, table: Path | None) -> str:
    """Why something in a folder is no submission; "" for what is one."""
    name = path.name.lower()
    if table is not None and path.absolute() == table.absolute():
        return "the table of this command"
    if name in ("thumbs.db", "ehthumbs.db", "desktop.ini", "__macosx", "icon\r", ".ds_store"):
        return "a file of the system"
    if name == "__pycache__":
        return "a cache of Python"
    if name.endswith(".csv") and _is_older_table(path):
        return "a table of grades"
    if name.endswith("~") or (name.startswith("#") and name.endswith("#")):
        return "a backup of an editor"
    if name.startswith(("~$", ".~lock.")):
        return "the lock of an open document"
    return "hidden" if name.startswith(".") else ""


def _is_older_table(path: Path) -> bool:
    try:
        return path.is_file() and is_table(path)
    except OSError:  # it cannot be read, which its row says
        return False


def _submission(path: Path) -> Submission:
    try:
        status = path.stat()
    except OSError as error:
        loops = error.errno == errno.ELOOP or getattr(error, "winerror", None) == 1921
        if os.path.islink(path) and (loops or isinstance(error, FileNotFoundError)):  # noqa: PTH114 - it raises nothing
            where = "in a circle" if loops else "to a file that is not there"
            return Submission(path, f"This is a link that leads {where}.")
        return Submission(path, f"It cannot be read: {_words(error)}.")
    kind = status.st_mode
    if stat.S_ISDIR(kind):
        return Submission(path, "This is a folder; name it as a FILE to grade what is in it.")
    if not stat.S_ISREG(kind):
        special = "a socket" if stat.S_ISSOCK(kind) else "a device"
        what = "a named pipe" if stat.S_ISFIFO(kind) else special
        return Submission(path, f"This is {what}, and no file.")
    if status.st_size > MOST_ARRAY_BYTES:
        return Submission(path, f"It is too large: more than {MOST_ARRAY_BYTES:,} bytes.")
    if not os.access(path, os.R_OK):
        return Submission(path, "It cannot be read: Permission denied.")
    return Submission(path)


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__


# --------------------------------------------------------------------------------------------------
# The table.


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
        return tuple(
            f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
            for cell in cells
        )

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
    scores = ["" if row.score is None else str(row.score) for row in rows]
    graded = zip(rows, scores, strict=True)
    table = [head, *((row.status, score, row.diagnosis or "") for row, score in graded)]
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
