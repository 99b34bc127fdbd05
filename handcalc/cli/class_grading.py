"""The command for a class: ``grade``, one exercise and many files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handcalc.views.columns import columns

from .answers import answer_in
from .attempts import judged
from .commands import command
from .completion import exercise_names
from .files import read_file
from .places import Place, in_course
from .report import Exit, Problem, RefusalError, Report
from .text_options import Given
from .watching_file import file_names

if TYPE_CHECKING:
    from fractions import Fraction

    from exercises import Exercise

    from .terminal import Terminal

__all__ = ["grade"]

_HEAD = ("file", "student", "variant", "status", "score", "diagnosis", "happened")


@dataclass(frozen=True, slots=True)
class _Row:
    """One file: whose it is, the variant it was graded against, and the verdict."""

    file: str
    student: str | None
    variant: int
    status: str
    score: Fraction
    diagnosis: str
    happened: str


@command("grade", example="handcalc grade 1 answers/ada.txt answers/ben.txt --csv grades.csv")
@click.argument("which", metavar="ID", shell_complete=exercise_names)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=file_names)
@click.option(
    "--student-from-name",
    is_flag=True,
    help="Grade ada.txt against the numbers of student ada, and so on.",
)
@click.option("--csv", "table", metavar="FILE", help="Write the table to a file, too.")
@in_course(state=False)
def grade(
    which: str, files: Sequence[str], student_from_name: bool, table: str | None, place: Place
) -> Report:
    """Grade the answers of a class: one exercise, a file an answer.

    ID is a position or a name; a FILE holds what `exercise --file` takes, and of a folder all
    files are taken. Nothing is kept in anybody's progress. The exit code is 0 if every answer is
    right, and 1 if some is not, or cannot be read; a file that is not there is refused before
    anything is graded.
    """
    _refuse_missing(files)
    files = [file for name in files for file in _files_in(name, table)]
    place = replace(place, student=None)  # not the lecturer's own numbers
    found = place.exercise(which)
    rows = [
        _row(
            file, _of_student(Path(file).stem, found, place) if student_from_name else (found, None)
        )
        for file in files
    ]
    if table is not None:
        _write(table, rows)
    solved = all(row.status == "solved" for row in rows)
    return Report(
        data=lambda: {**_named(found), "answers": [_data(row) for row in rows], "csv": table},
        text=lambda terminal: _text(found, rows, _note(found, student_from_name, table), terminal),
        exit_code=Exit.DONE if solved else Exit.NOT_SOLVED,
    )


def _refuse_missing(files: Sequence[str]) -> None:
    missing = [file for file in files if not Path(file).expanduser().exists()]
    if missing:
        more = f" (and {len(missing) - 1} more)" if len(missing) > 1 else ""
        message = f"There is no file {missing[0]}{more}. Nothing was graded."
        raise RefusalError(Problem("missing_file", message))


def _files_in(name: str, table: str | None) -> list[str]:
    """The file of that name; of a folder its files, by name, but hidden ones and our own table."""
    path = Path(name).expanduser()
    if not path.is_dir():
        return [name]
    ours = None if table is None else Path(table).expanduser().resolve()
    inside = sorted(
        each
        for each in path.iterdir()
        if each.is_file() and each.name[0] != "." and each.resolve() != ours
    )
    if not inside:
        message = f"There is no file in the folder {name}. Nothing was graded."
        raise RefusalError(Problem("missing_file", message))
    return [str(each) for each in inside]


def _of_student(name: str, found: Exercise, place: Place) -> tuple[Exercise, str]:
    """The exercise with a student's numbers, and whose they are."""
    from exercises.variants import student_name

    student = student_name(name)
    return replace(place, student=student).exercise(found.id), student


def _row(file: str, whose: tuple[Exercise, str | None]) -> _Row:
    """Grade one file; one that holds no answer is unreadable, and costs the others nothing."""
    from fractions import Fraction

    from exercises import reporting

    found, student = whose
    try:
        verdict = judged(found, answer_in(Given(read_file(file, "grade"), file), found))
    except RefusalError as refusal:
        said = refusal.problem.message
        return _Row(file, student, found.variant, "unreadable", Fraction(0), "", said)
    feedback = reporting.grade_data(verdict)["feedback"]
    said = str(feedback["happened"]) if isinstance(feedback, dict) else ""
    named = verdict.feedback.diagnosis or ""
    return _Row(file, student, found.variant, verdict.status, verdict.score, named, said)


def _write(table: str, rows: Sequence[_Row]) -> None:
    """Write the table for a spreadsheet: scores as decimals, because 1/2 would become a date."""
    import csv

    path = Path(table).expanduser()
    try:
        if path.exists() and not _is_table(path):
            message = f"--csv: the file {table} is no table of grades, and it stays as it is."
            raise RefusalError(Problem("file_exists", message))
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(_HEAD)
            writer.writerows(list(_data(row, decimal=True).values()) for row in rows)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"--csv: the file {table} cannot be written: {reason}."
        raise RefusalError(Problem("unwritable_file", message)) from None


def _is_table(path: Path) -> bool:
    """Whether a file begins as ours do, so that nobody's answer is written over."""
    with path.open("rb") as file:
        return file.read(200).startswith(",".join(_HEAD).encode())


def _data(row: _Row, *, decimal: bool = False) -> Mapping[str, object]:
    score = f"{float(row.score):.4g}" if decimal else str(row.score)
    named = row.diagnosis or None
    values = (row.file, row.student, row.variant, row.status, score, named, row.happened)
    return dict(zip(_HEAD, values, strict=True))


def _text(found: Exercise, rows: Sequence[_Row], note: str, terminal: Terminal) -> str:
    """The table, how many are solved, and which mistakes there are most of."""
    head: tuple[str, ...] = ("status", "score", "diagnosis", "file")
    table = [head, *((row.status, str(row.score), row.diagnosis, row.file) for row in rows)]
    if any(row.student is not None for row in rows):
        whose = [("student", "variant"), *((row.student or "", str(row.variant)) for row in rows)]
        table = [left + right for left, right in zip(whose, table, strict=True)]
    count = Counter(row.status for row in rows)
    parts = [
        f"Exercise {found.position}: {found.title}",
        columns(table, terminal.width),
        f"{count['solved'] or 'None'} of {len(rows)} solved.",
    ]
    unreadable = [f"{row.file}: {row.happened}" for row in rows if row.status == "unreadable"]
    if unreadable:
        parts.append("\n".join(["Not read:", *unreadable]))
    mistakes = Counter(row.diagnosis for row in rows if row.diagnosis).most_common()
    if mistakes:
        parts.append(f"Diagnoses: {', '.join(f'{name} ({n})' for name, n in mistakes)}.")
    return terminal.plain("\n\n".join([*parts, *([note] if note else [])]))


def _note(found: Exercise, student_from_name: bool, table: str | None) -> str:
    """What was written, and against which numbers the answers were graded."""
    notes = [] if table is None else [f"Wrote {table}."]
    if found.variants > 1 and not student_from_name:
        notes.append(
            f"The exercise has {found.variants} variants, and all files were graded against the "
            "first; --student-from-name grades each against its student's numbers."
        )
    return "\n\n".join(notes)


def _named(found: Exercise) -> Mapping[str, object]:
    return {"position": found.position, "id": found.id, "title": found.title}
