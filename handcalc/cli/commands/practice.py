"""The commands for practice: ``exercises``, ``exercise``, ``hint``, ``solution``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from handcalc.cli.command import command
from handcalc.cli.options.answers import Options, answer_options
from handcalc.cli.options.completion import exercise_names
from handcalc.cli.options.course_context import CourseContext, in_course
from handcalc.cli.report import CommandError, Report, ReportedError, Session

from .attempts import graded, shown_or_asked
from .watch import file_names, watch_file

if TYPE_CHECKING:
    from exercises import Exercise
    from handcalc.cli.terminal.terminal import Terminal


_which = click.argument("which", metavar="ID", shell_complete=exercise_names)


@command("exercises", example="handcalc exercises")
@in_course()
def exercises(place: CourseContext) -> Report:
    """List the exercises, and which ones you have solved."""
    from exercises import reporting
    from exercises.course_list import listed

    done = place.store.read()
    known = listed(place.exercises(), done.records)
    return Report(
        data=lambda: reporting.listing_data(known),
        text=lambda terminal: reporting.listing_text(known, terminal.notation, place.carried),
        warnings=done.warnings,
    )


@command("exercise", example='handcalc exercise 1 --W="1 1; 0 2; 0 0" --b="0 1/2 0"')
@_which
@answer_options
@click.option(
    "--watch",
    metavar="FILE",
    shell_complete=file_names,
    help="Grade FILE, as with --file, and again whenever it changes, until it is right.",
)
@in_course(student=True)
@click.pass_obj
def exercise(
    session: Session, which: str, given: Options, watch: str | None, place: CourseContext
) -> Report:
    """Show an exercise, or grade an answer to it.

    ID is a position or a name. Without an answer, at a terminal, you are asked for one. TEXT may
    be @FILE, or - for standard input; of arrays in a file, @FILE:NAME is one.
    """
    found = place.exercise(which)
    if watch is not None:
        return watch_file(session, found, given, watch, place)
    answer = given.answer(found)
    return shown_or_asked(session, found, place) if answer is None else graded(found, answer, place)


@command("hint", example="handcalc hint 1")
@_which
@click.option("--level", type=click.IntRange(min=1), help="This hint, and not the next one.")
@in_course(student=True)
def hint(which: str, level: int | None, place: CourseContext) -> Report:
    """Show the next hint of an exercise.

    ID is a position or a name.
    """
    found = place.exercise(which)
    from exercises import reporting

    last = len(found.key().hints)
    if level is not None and level > last:
        raise CommandError(
            ReportedError("usage", f"Exercise {found.position} has {last} hints, not {level}.")
        )
    number = level or min(place.store.read().of(found.id).hints + 1, last)
    done = place.store.hint(found.id, number)
    return Report(
        data=lambda: reporting.hint_data(found, number),
        text=lambda terminal: reporting.hint_text(found, number, terminal.notation, place.carried),
        warnings=done.warnings,
    )


@command("solution", example="handcalc solution 1")
@_which
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@in_course(student=True)
@click.pass_obj
def solution(session: Session, which: str, yes: bool, place: CourseContext) -> Report:
    """Show the solution of an exercise.

    ID is a position or a name. That you saw it is kept; the exercise can still be solved.
    """
    found = place.exercise(which)
    from exercises import reporting

    before = place.store.read().of(found.id)
    unseen = not (before.solved or before.solution)
    if unseen and not yes and session.may_ask and not _is_sure(found, session.terminal):
        return Report(data=dict, text=lambda _: "The solution stays hidden.")
    done = place.store.solution(found.id)
    return Report(
        data=lambda: reporting.solution_data(found),
        text=lambda terminal: reporting.solution_text(found, terminal.notation),
        warnings=done.warnings,
    )


def _is_sure(found: Exercise, terminal: Terminal) -> bool:
    question = f"Exercise {found.position} is not solved yet. Show its solution? [y/N] "
    return (terminal.ask(question) or "").strip().lower() in ("y", "yes")
