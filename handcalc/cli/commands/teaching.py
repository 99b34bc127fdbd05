"""For lecturers and authors: grade, dev new, dev check."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import click

from handcalc.cli.command import command, common_options
from handcalc.cli.options.completion import exercise_names
from handcalc.cli.options.groups import course_options
from handcalc.cli.options.text import file_names
from handcalc.cli.report import CommandError, Report, ReportedError, Session
from handcalc.cli.requirements import require_our_exercises
from handcalc.cli.work.starters import KINDS
from handcalc.storage.files import at_home

_FOLDER = click.Path(file_okay=False)


@command("grade", example="handcalc grade 1 answers/ada.txt answers/ben.txt --csv grades.csv")
@click.argument("which", metavar="ID", shell_complete=exercise_names)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, shell_complete=file_names)
@click.option(
    "--student-from-name",
    is_flag=True,
    help="Grade ada.txt against the numbers of student ada, and so on.",
)
@click.option("--csv", "table", metavar="FILE", help="Write the table to a file, too.")
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
def grade(
    session: Session,
    /,
    *,
    files: Sequence[str],
    table: str | None,
    seconds: float,
    **asked: Any,
) -> Report:
    """Grade one exercise for a class; each file is one student's answer.

    ID is a position or a name; a FILE holds what `exercise --file` takes, and of a folder all
    that is in it is taken, by name. Every file gets a row, whatever is wrong with it; what editors
    and systems leave in a folder is only named. Nothing is kept in anybody's progress. The exit
    code is 0 if every answer is right, 1 if some is not, or cannot be read, and 4 if some could
    not be graded in time or brought handcalc down; a file that is not there is refused before
    anything is graded. The table of --csv takes its place when all is done.
    """
    if not math.isfinite(seconds):
        message = "--timeout takes a number of seconds, such as 60."
        raise CommandError(ReportedError("usage", message))
    from handcalc.cli.work.submissions import handed_in  # light: what is not there is said at once

    path = None if table is None else at_home(table)
    handed = handed_in(files, path)
    require_our_exercises()
    from handcalc.cli.work import grade as work

    return work.grade(session, handed=handed, table=table, seconds=seconds, **asked)


@command("new", example="handcalc dev new two-arrows --dir my-course")
@click.argument("slug", metavar="SLUG")
@click.option(
    "--dir", "course", metavar="DIR", type=_FOLDER, default=".", help="The course; . if left out."
)
@click.option("--kind", type=click.Choice(KINDS), default=KINDS[0], help="What it asks for.")
def new(**asked: Any) -> Report:
    """Begin a new exercise: a file with comments, and its place in the manifest.

    In an empty folder, or one that is not there yet, it begins a course. Nothing is written over.
    """
    from handcalc.cli.work import new_exercise

    return new_exercise.new(**asked)


@command("check", example="handcalc dev check my-course")
@click.argument("course", metavar="[DIR]", required=False, type=_FOLDER)
def check(course: str | None) -> Report:
    """Try every exercise of a course, or of handcalc's own, in every variant.

    Its solutions must pass, turned ones too; blank, zero and listed wrong answers must fail, each
    with its diagnosis; hints ask and do not tell; stored numbers agree with the engine. The exit
    code is 1 where a fault is found.
    """
    require_our_exercises()
    from handcalc.cli.work import check_course

    return check_course.check(course)


@click.group("dev", commands=[new, check], invoke_without_command=True, add_help_option=False)
@click.pass_context
def dev(ctx: click.Context) -> None:
    """Write exercises of your own, and check them."""
    if ctx.invoked_subcommand is None:
        message = "Say what to do: dev new SLUG begins an exercise, dev check [DIR] tries a course."
        raise CommandError(ReportedError("usage", message, suggestion="handcalc dev --help"))


dev.params.extend(common_options())
