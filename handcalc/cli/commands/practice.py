"""The course: exercises, exercise, next, hint, solution, progress, reset."""

from __future__ import annotations

from typing import Any

import click

from handcalc.cli.command import command
from handcalc.cli.options.completion import exercise_names
from handcalc.cli.options.groups import answer_options, course_options
from handcalc.cli.options.text import file_names
from handcalc.cli.report import CommandError, Report, ReportedError, Session
from handcalc.cli.requirements import require_our_exercises
from handcalc.shell_words import option_words

_which = click.argument("which", metavar="ID", shell_complete=exercise_names)
_yes = click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")


@command("exercises", example="handcalc exercises")
@course_options()
def exercises(**where: Any) -> Report:
    """List the exercises, and which ones you have solved."""
    require_our_exercises()
    from handcalc.cli.work import practice

    return practice.exercises(**where)


@command("exercise", example='handcalc exercise 1 --W="1 1; 0 2; 0 0" --b="0 1/2 0"')
@_which
@answer_options
@click.option(
    "--watch",
    metavar="FILE",
    shell_complete=file_names,
    help="Grade FILE, as with --file, and again whenever it changes, until it is right.",
)
@course_options(student=True)
@click.pass_obj
def exercise(session: Session, /, **asked: Any) -> Report:
    """Show an exercise, or grade an answer to it.

    ID is a position or a name. Without an answer, at a terminal, you are asked for one. TEXT may
    be @FILE, or - for standard input; of arrays in a file, @FILE:NAME is one.
    """
    require_our_exercises()
    from handcalc.cli.work import practice

    return practice.exercise(session, **asked)


@command("next", example="handcalc next")
@course_options(student=True)
@click.pass_obj
def next_exercise(session: Session, /, **where: Any) -> Report:
    """Show the first exercise that is not solved, and ask for an answer.

    It is the same as `handcalc exercise ID` with the ID of that exercise.
    """
    require_our_exercises()
    from handcalc.cli.work import practice

    return practice.next_exercise(session, **where)


@command("hint", example="handcalc hint 1")
@_which
@click.option("--level", type=click.IntRange(min=1), help="This hint, and not the next one.")
@course_options(student=True)
def hint(**asked: Any) -> Report:
    """Show the next hint of an exercise.

    ID is a position or a name.
    """
    require_our_exercises()
    from handcalc.cli.work import practice

    return practice.hint(**asked)


@command("solution", example="handcalc solution 1")
@_which
@_yes
@course_options(student=True)
@click.pass_obj
def solution(session: Session, /, **asked: Any) -> Report:
    """Show the solution of an exercise.

    ID is a position or a name. That you saw it is kept; the exercise can still be solved.
    """
    require_our_exercises()
    from handcalc.cli.work import practice

    return practice.solution(session, **asked)


@command("progress", example="handcalc progress")
@click.option("--export", metavar="FILE", help="Write what is kept, of all courses, to a new file.")
@click.option("--import", "import_", metavar="FILE", help="Take in what such a file holds.")
@course_options()
def progress(*, export: str | None, import_: str | None, no_state: bool, **where: Any) -> Report:
    """Show how much of the course is solved.

    For every exercise: its state, how many answers were graded, how many hints were seen. A file
    from --export can be taken in on another machine, or twice: for each exercise the better of the
    two records counts, and nothing that was done is lost.
    """
    if no_state and (export is not None or import_ is not None):
        raise CommandError(ReportedError("usage", "--no-state leaves nothing to export or import."))
    if export is not None and import_ is not None:
        raise CommandError(ReportedError("usage", "Give --export or --import, one at a time."))
    require_our_exercises()
    from handcalc.cli.work import progress as work

    return work.progress(export, import_, no_state=no_state, **where)


@command("reset", example="handcalc reset 1")
@click.argument("which", metavar="[ID]", required=False, shell_complete=exercise_names)
@click.option("--all", "everything", is_flag=True, help="All exercises of the course.")
@_yes
@course_options(state=False)
@click.pass_obj
def reset(
    session: Session, /, *, which: str | None, everything: bool, course: str | None, **asked: Any
) -> Report:
    """Forget what was done in an exercise, or in all of them.

    ID is a position or a name. A copy of the record is kept beside it.
    """
    if (which is None) is not everything:
        message = "Say what to forget: one exercise by its ID, or --all."
        again = "handcalc reset --all"
        if course is not None:
            again += f" {option_words('--course', course)}"
        raise CommandError(ReportedError("usage", message, suggestion=again))
    require_our_exercises()
    from handcalc.cli.work import progress as work

    return work.reset(session, which, course=course, **asked)
