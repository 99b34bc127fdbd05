"""The command for lecturers that grades: one exercise, or all of a course, for a class."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from handcalc.cli.command import command, require_our_exercises
from handcalc.cli.options import course_options
from handcalc.cli.report import Report, Session, refuse
from handcalc.cli.typed_text import file_names, path_of
from handcalc.storage.files import at_home

_AUTOGRADER = "/autograder/submission"


def _file(
    name: str, about: str, key: str | None = None
) -> Callable[[Callable[..., Report]], Callable[..., Report]]:
    names = (name,) if key is None else (name, key)
    return click.option(*names, metavar="FILE", shell_complete=file_names, help=about)


@command("grade", example="handcalc grade --course week-3 hand-ins --csv grades.csv")
@click.argument("words", metavar="[ID] FILE...", nargs=-1, shell_complete=file_names)
@click.option(
    "--student-from",
    metavar="WAY",
    help="Whose it is: name, folder, id, email, or a pattern with (?P<student>...).",
)
@click.option("--student-from-name", is_flag=True, help="The same as --student-from name.")
@_file("--roster", "The list of the class, as CSV: student; perhaps due, submitted.")
@click.option("--points", metavar="LIST", help='What counts, and how much: "1=2 exact-loss=3/2".')
@click.option("--due", metavar="TIME", help='When it is due: "2026-11-30 23:59 Europe/Berlin".')
@click.option("--late", metavar="RULE", help='What lateness costs: "1/10 per day up to 3 days".')
@_file("--csv", "Write a row for each answer.", "table")
@_file("--sheet", "Write a table of students and exercises.")
@_file("--junit", "Write JUnit XML.")
@click.option("--results", metavar="FOLDER", help="Write a results.json for each student.")
@click.option("--feedback", metavar="FOLDER", help="Write a page for each student, in Markdown.")
@_file("--since", "An earlier table: say only what changed.")
@click.option("--gradescope", is_flag=True, help="Grade one hand-in, as Gradescope's autograder.")
@click.option(
    "--timeout",
    "seconds",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    help="The longest that one answer may take; 10 unless given.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many answers are graded at once; the rows are the same.",
)
@course_options(state=False)
@click.pass_obj
def grade(session: Session, /, **asked: Any) -> Report:
    """Grade a class: all exercises of a course, or the one with an ID.

    In a folder or zip there is a file, a folder or a zip a student, as Moodle, Canvas, Gradescope
    or their names lay them; a file that is named itself is one. A file holds what `exercise --file`
    takes, or several answers, each below a line such as exercise 2. Everything gets a row, whatever
    is wrong with it, and nothing is kept in anybody's progress. The exit code is 0 if every answer
    is right, 1 if some is not, or cannot be read, and 4 if something needs your eyes: not graded in
    time, not on the list, handed in twice. What is written takes its place when all is done.
    """
    words = asked.pop("words")
    gradescope, by_name = asked.pop("gradescope"), asked.pop("student_from_name")
    if by_name and asked["student_from"] not in (None, "name"):
        refuse("--student-from-name is --student-from name: give one of the two.")
    asked["student_from"] = "name" if by_name else asked["student_from"]
    seconds, jobs = asked.pop("seconds"), asked.pop("jobs")
    if not math.isfinite(seconds):
        refuse("--timeout takes a number of seconds, such as 60.")
    if gradescope:
        return _submission(session, words, seconds, jobs, asked)
    which, files = _divided(words, asked["course"])
    if which is not None and asked["points"] is not None:
        refuse("--points are for the exercises of a course, and ID names one.")
    from handcalc.cli.work.grading.layouts import (
        hand_ins_at,  # light: what is not there is said at once
    )

    handed = hand_ins_at(files, _files_of(asked))
    require_our_exercises()
    from handcalc.cli.work.grading import command as work
    from handcalc.cli.work.grading.plan import GradeOptions
    from handcalc.cli.work.grading.verdicts import TimeLimits

    limits = TimeLimits(seconds, jobs)
    return work.grade(session, handed, GradeOptions(which=which, limits=limits, **asked))


def _submission(
    session: Session, words: Sequence[str], seconds: float, jobs: int | None, asked: dict[str, Any]
) -> Report:
    """What one student handed in, where Gradescope put it."""
    if len(words) > 1:
        refuse("--gradescope grades one folder, or Gradescope's own where none is named.")
    for name in ("roster", "since"):
        if asked[name] is not None:
            refuse(f"--{name} is for a class, and --gradescope grades one hand-in.")
    require_our_exercises()
    from handcalc.cli.work.grading import command as work
    from handcalc.cli.work.grading.plan import GradeOptions
    from handcalc.cli.work.grading.verdicts import TimeLimits

    options = GradeOptions(which=None, limits=TimeLimits(seconds, jobs), **asked)
    return work.grade_submission(session, at_home(words[0] if words else _AUTOGRADER), options)


def _divided(words: Sequence[str], course: str | None) -> tuple[str | None, Sequence[str]]:
    """The exercise, if the first word is one, and the files.

    A word is an exercise where more follow and nothing of that name lies here. Errors: refused
    where it may be either.
    """
    if not words:
        refuse("Say what to grade: a FILE, or the FOLDER of a class.", "handcalc grade --help")
    first, *others = words
    is_there = os.path.lexists(path_of(first))
    if not others:
        if is_there or not _names_exercise(first, course):
            return None, words
        refuse(f"Say which FILE to grade for exercise {first}.")
    if not is_there:
        return (first, others) if _is_meant_as_exercise(first, course) else (None, words)
    if _names_exercise(first, course):
        message = f"{first} is an exercise, and a file here: type ./{first} for the file."
        refuse(f"{message} For the exercise, type its other name, position or slug.")
    return None, words


def _may_be_exercise(word: str) -> bool:
    return word.replace("-", "").isalnum() and word.isascii()


def _is_meant_as_exercise(word: str, course: str | None) -> bool:
    """Whether a word, by which name nothing lies here, is one of an exercise, or nearly one."""
    if word.isdecimal() or not _may_be_exercise(word):
        return word.isdecimal()
    slugs = _slugs(course)
    return slugs is None or bool(get_close_matches(word, slugs))


def _names_exercise(word: str, course: str | None) -> bool:
    slugs = _slugs(course) if _may_be_exercise(word) else None
    if slugs is None:
        return False
    return word in slugs or (word.isdecimal() and 1 <= int(word[:6]) <= len(slugs))


def _slugs(course: str | None) -> Sequence[str] | None:
    """The exercises of the course; None where it cannot be read, as is said when it is opened."""
    require_our_exercises()
    from exercises.course import manifest_slugs
    from handcalc.errors import HandcalcError

    try:
        return manifest_slugs(None if course is None else at_home(course))
    except (HandcalcError, OSError):
        return None


def _files_of(asked: dict[str, Any]) -> set[Path]:
    """The files of this command, which lie beside hand-ins and are none."""
    names = ("roster", "table", "sheet", "junit", "results", "feedback", "since")
    return {at_home(asked[name]).absolute() for name in names if asked[name] is not None}
