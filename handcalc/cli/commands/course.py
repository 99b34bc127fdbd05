"""The course, for those who take it and those who teach it.

That is: exercises, exercise, next, hint, solution, progress, reset; and grade, dev new, dev check.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from handcalc.cli.command import command, common_options, require_our_exercises
from handcalc.cli.names import exercise_names
from handcalc.cli.options import answer_options, course_options, drawing_options
from handcalc.cli.report import Report, Session, refuse
from handcalc.cli.typed_text import file_names
from handcalc.wording import joined, option_words

from .grading import grade

# known without importing what writes a new exercise; a test compares them with their home
KINDS = ("model", "number", "interval", "vector", "choice", "matrices")

_FOLDER = click.Path(file_okay=False)
_which_or_current = click.argument(
    "which", metavar="[ID]", required=False, shell_complete=exercise_names
)
_yes = click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")


@command("exercises", example="handcalc exercises")
@course_options()
def exercises(**where: Any) -> Report:
    """List the exercises, and which ones you have solved."""
    require_our_exercises()
    from handcalc.cli.work import practice

    return practice.exercises(**where)


@command("exercise", example='handcalc exercise 1 --W="1 1; 0 2; 0 0" --b="0 1/2 0"')
@_which_or_current
@answer_options
@click.option(
    "--watch",
    metavar="FILE",
    shell_complete=file_names,
    help="Grade FILE, as with --file, and again whenever it changes, until it is right.",
)
@click.option("--steps", is_flag=True, help="Work the answer through, with every step.")
@drawing_options
@course_options(student=True)
@click.pass_obj
def exercise(session: Session, /, **asked: Any) -> Report:
    """Show an exercise, or grade an answer to it.

    ID is a position or a name; without it, it is the exercise that you opened last, or the next.
    Without an answer, at a terminal, you are asked for one. TEXT stands between quotes, since
    shells take blanks, ; and ( for themselves; it may be @FILE, or - for standard input; of arrays
    in a file, @FILE:NAME is one. --file=- reads an answer that comes through a pipe.
    """
    require_our_exercises()
    from handcalc.cli.work import current, prompt

    return current.at_hand(session, partial(prompt.exercise, session), asked)


@command("next", example="handcalc next")
@course_options(student=True)
@click.pass_obj
def next_exercise(session: Session, /, **where: Any) -> Report:
    """Show the first exercise that is not solved, and ask for an answer.

    It is the same as `handcalc exercise ID` with the ID of that exercise.
    """
    require_our_exercises()
    from handcalc.cli.work import prompt

    return prompt.next_exercise(session, **where)


@command("hint", example="handcalc hint 1")
@_which_or_current
@click.option("--level", type=click.IntRange(min=1), help="This hint, and not the next one.")
@course_options(student=True)
@click.pass_obj
def hint(session: Session, /, **asked: Any) -> Report:
    """Show the next hint of an exercise.

    ID is a position or a name; without it, it is the exercise that you opened last, or the next.
    """
    require_our_exercises()
    from handcalc.cli.work import current, practice

    return current.at_hand(session, practice.hint, asked)


@command("solution", example="handcalc solution 1")
@_which_or_current
@_yes
@course_options(student=True)
@click.pass_obj
def solution(session: Session, /, **asked: Any) -> Report:
    """Show the solution of an exercise.

    ID is a position or a name; without it, it is the exercise that you opened last, or the next.
    That you saw it is kept; the exercise can still be solved.
    """
    require_our_exercises()
    from handcalc.cli.work import current, practice

    return current.at_hand(session, partial(practice.solution, session), asked)


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
        refuse("--no-state leaves nothing to export or import.")
    if export is not None and import_ is not None:
        refuse("Give --export or --import, one at a time.")
    require_our_exercises()
    from handcalc.cli.work import course as work

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
        message = "Say what to forget: one exercise by its ID, or --all. What there is:"
        again = "handcalc progress"  # which takes nothing away
        if course is not None:
            again += f" {option_words('--course', course)}"
        refuse(message, again)
    require_our_exercises()
    from handcalc.cli.work import course as work

    return work.reset(session, which, course=course, **asked)


# --------------------------------------------------------------------------------------------------
# For lecturers and authors.


@command("new", example="handcalc dev new two-arrows --dir my-course")
@click.argument("slug", metavar="SLUG")
@click.option(
    "--dir", "course", metavar="DIR", type=_FOLDER, default=".", help="The course; . if left out."
)
@click.option(
    "--kind",
    metavar="KIND",
    type=click.Choice(KINDS),
    default=KINDS[0],
    help=f"What it asks for: a {joined(KINDS, 'or')}.",
)
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


@command("release", example="handcalc dev release my-course --dir my-course-students")
@click.argument("course", metavar="[COURSE]", required=False, type=_FOLDER)
@click.option(
    "--dir", "out", metavar="OUT", type=_FOLDER, required=True, help="A folder that is new."
)
def release(course: str | None, out: str) -> Report:
    """Make the student edition of a course, or of handcalc's own, to hand out.

    It has the statements and says how an answer is read; hints, solutions, wrong answers and
    stored values are left out; what is written is searched for them, and gone again if one is
    found. Answers are graded with the course: ids, positions and each student's numbers are the
    same.
    """
    require_our_exercises()
    from handcalc.cli.work import release as work

    return work.release(course, out)


@click.group(
    "dev", commands=[new, check, release], invoke_without_command=True, add_help_option=False
)
@click.pass_context
def dev(ctx: click.Context) -> None:
    """Write exercises of your own, check them, and hand them out."""
    if ctx.invoked_subcommand is None:
        message = "Say what to do: dev new SLUG begins an exercise, dev check [DIR] tries a course."
        refuse(message, "handcalc dev --help")


dev.params.extend(common_options())


@command("web", example="handcalc web")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="P",
    help="Which port; any free one if left out.",
)
@click.option("--no-open", is_flag=True, help="Do not open a browser.")
@click.option("--course", metavar="DIR", type=_FOLDER, help="Practise a course in a folder.")
@click.pass_obj
def web(session: Session, /, port: int, no_open: bool, course: str | None) -> Report:
    """Open the classroom: figures to drag and the course, in a browser.

    The pages come from this machine, and it answers them alone, with the progress that is kept
    here. Ctrl-C closes it.
    """
    require_our_exercises()
    from handcalc.cli.work import classroom

    return classroom.web(session, port, course=course, opens=not no_open)


PRACTICE = {
    "Practice": (exercises, next_exercise, exercise, hint, solution, progress, reset, web),
}
TEACHING = {"For lecturers and authors": (grade, dev)}
"""The commands, as the help page lists them."""
