"""The commands for practice: ``exercises``, ``exercise``, ``hint``, ``solution``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from handcalc.errors import InputError

from .answers import Answer, answer_from_options
from .asking import ask_for_answer
from .commands import command, no_state_option
from .completion import exercise_names
from .explain import of_input
from .report import Exit, Problem, RefusalError, Report, Session
from .shadow import require_our_exercises
from .text_options import Given, file_option, text_option

if TYPE_CHECKING:
    from exercises import Exercise
    from exercises.progress import Store

    from .terminal import Terminal

__all__ = ["exercise", "exercises", "hint", "solution"]

_which = click.argument("which", metavar="ID", shell_complete=exercise_names)
_EXIT = {"solved": Exit.DONE, "unreadable": Exit.UNREADABLE}


@command("exercises", example="handcalc exercises")
@no_state_option
def exercises(no_state: bool) -> Report:
    """List the exercises, and which ones you have solved."""
    require_our_exercises()
    from exercises import load_all, reporting
    from exercises.progress import store

    done, known = store(no_state).read(), load_all()
    return Report(
        data=lambda: reporting.listing_data(known, done.records),
        text=lambda terminal: reporting.listing_text(known, done.records, terminal.notation),
        warnings=done.warnings,
    )


@command("exercise", example='handcalc exercise 1 --W="1 1; 0 2; 0 0" --b="0 1/2 0"')
@_which
@text_option("--W", about="Your W: one row per feature, with `;` between rows.")
@text_option("--b", about="Your b: one number per feature. Zeros if left out.")
@file_option("A file with `W = ...` and `b = ...` in it.")
@no_state_option
@click.pass_obj
def exercise(
    session: Session,
    which: str,
    W: Given | None,
    b: Given | None,
    file: Given | None,
    no_state: bool,
) -> Report:
    """Show an exercise, or grade an answer to it.

    ID is a position or a name. Without an answer, at a terminal, you are asked for one. TEXT may
    be @FILE, or - for standard input.
    """
    found, store = _opened(which, no_state=no_state)
    answer = answer_from_options(W, b, file, found.example.W)
    if answer is None and session.may_ask:
        return _asked(found, store, session.terminal)
    return _shown(found) if answer is None else _graded(found, answer, store)


@command("hint", example="handcalc hint 1")
@_which
@click.option("--level", type=click.IntRange(min=1), help="This hint, and not the next one.")
@no_state_option
def hint(which: str, level: int | None, no_state: bool) -> Report:
    """Show the next hint of an exercise.

    ID is a position or a name.
    """
    found, store = _opened(which, no_state=no_state)
    from exercises import reporting

    last = len(found.hints)
    if level is not None and level > last:
        raise RefusalError(
            Problem("usage", f"Exercise {found.position} has {last} hints, not {level}.")
        )
    number = level or min(store.read().of(found.id).hints + 1, last)
    done = store.hint(found.id, number)
    return Report(
        data=lambda: reporting.hint_data(found, number),
        text=lambda terminal: reporting.hint_text(found, number, terminal.notation),
        warnings=done.warnings,
    )


@command("solution", example="handcalc solution 1")
@_which
@click.option("--yes", is_flag=True, help="Do not ask whether you are sure.")
@no_state_option
@click.pass_obj
def solution(session: Session, which: str, yes: bool, no_state: bool) -> Report:
    """Show the solution of an exercise.

    ID is a position or a name.
    """
    found, store = _opened(which, no_state=no_state)
    from exercises import reporting

    before = store.read().of(found.id)
    unseen = not (before.solved or before.solution)
    if unseen and not yes and session.may_ask and not _is_sure(found, session.terminal):
        return Report(data=dict, text=lambda _: "The solution stays hidden.")
    done = store.solution(found.id)
    return Report(
        data=lambda: reporting.solution_data(found),
        text=lambda terminal: reporting.solution_text(found, terminal.notation),
        warnings=done.warnings,
    )


def _opened(which: str, *, no_state: bool) -> tuple[Exercise, Store]:
    """The exercise that was named, and the store of what was done; an unknown name is exit 2."""
    require_our_exercises()
    from exercises import load
    from exercises.progress import store

    try:
        return load(which), store(no_state)
    except InputError as error:
        raise RefusalError(of_input(error)) from error


def _asked(found: Exercise, store: Store, terminal: Terminal) -> Report:
    """Show the exercise, ask for an answer, and grade it; or let the learner go."""
    from exercises import reporting

    leaving = "Type your answer here, or nothing to leave."
    terminal.show(reporting.exercise_text(found, terminal.notation), f"\n{leaving}\n")
    answer = ask_for_answer(found, terminal)
    if answer is not None:
        terminal.show("")
        return _graded(found, answer, store)
    back = f"No answer, nothing changed. Come back with: handcalc exercise {found.position}"
    return Report(data=dict, text=lambda _: back, status="shown")


def _shown(found: Exercise) -> Report:
    from exercises import reporting

    return Report(
        data=lambda: reporting.exercise_data(found),
        text=lambda terminal: reporting.exercise_text(found, terminal.notation),
        status="shown",
    )


def _graded(found: Exercise, answer: Answer, store: Store) -> Report:
    from exercises import grade, reporting

    grade_ = grade(found, W=answer.W.text, b=answer.b.text if answer.b else None)
    done, error = store.attempt(found.id, grade_.status), grade_.error
    return Report(
        data=lambda: reporting.grade_data(grade_),
        text=lambda terminal: reporting.grade_text(grade_, terminal.notation),
        status=grade_.status,
        exit_code=_EXIT.get(grade_.status, Exit.NOT_SOLVED),
        problem=of_input(error, answer.where(grade_.answer.where)) if error else None,
        warnings=done.warnings,
    )


def _is_sure(found: Exercise, terminal: Terminal) -> bool:
    question = f"Exercise {found.position} is not solved yet. Show its solution? [y/N] "
    return (terminal.ask(question) or "").strip().lower() in ("y", "yes")
