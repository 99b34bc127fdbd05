"""One exercise at a time: shown, asked, graded, and what was done kept; and what comes next."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType

from exercises import Exercise, Grade, reporting
from exercises.course_list import listed
from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, Session
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import Given
from handcalc.views.layout import spaced, to_type

from .answers import AnswerOptions, TypedAnswer, answer_in
from .asking import ask_for_answer
from .course_context import CourseContext, course_context
from .watch import watch_file

_EXIT = {"solved": Exit.DONE, "unreadable": Exit.UNREADABLE}


def exercises(**where: Any) -> Report:
    """All exercises, and which are solved."""
    place = course_context(**where)
    done = place.store.read()
    known = listed(place.exercises(), done.records)
    return Report(
        data=lambda: reporting.listing_data(known),
        text=lambda terminal: reporting.listing_text(known, terminal.notation, place.carried),
        warnings=done.warnings,
    )


def exercise(  # noqa: PLR0913 - the options of the command
    session: Session,
    /,
    *,
    which: str,
    W: Given | None,
    b: Given | None,
    answer: Given | None,
    file: Given | None,
    watch: str | None,
    **where: Any,
) -> Report:
    """An exercise, or the grade of an answer to it."""
    place = course_context(**where)
    found = place.exercise(which)
    given = AnswerOptions.of(W, b, answer, file)
    if watch is not None:
        if given.given:
            message = "With --watch, the answer comes from its FILE alone."
            raise CommandError(ReportedError("usage", message))
        introduction = reporting.exercise_text(found, session.terminal.notation, place.carried)

        def verdict(text: str) -> Report:
            typed = answer_in(Given(text, f"--watch={watch}"), found)
            return graded(found, typed, place)

        return watch_file(session, watch, introduction, verdict)
    typed = given.answer(found)
    return shown_or_asked(session, found, place) if typed is None else graded(found, typed, place)


def next_exercise(session: Session, /, **where: Any) -> Report:
    """The first exercise that is not solved."""
    place = course_context(**where)
    slug = place.unsolved()
    if slug is not None:
        return shown_or_asked(session, place.exercise(slug), place)
    nothing = {"position": None, "id": None, "title": None}
    again = f"handcalc exercise 1{place.carried}"
    said = "Every exercise is solved. Look at one again: "
    return Report(data=lambda: nothing, text=lambda _: to_type(again, said))


def hint(which: str, level: int | None, **where: Any) -> Report:
    """The next hint of an exercise, or the one of a level."""
    place = course_context(**where)
    found = place.exercise(which)
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


def solution(session: Session, /, which: str, yes: bool, **where: Any) -> Report:
    """The solution of an exercise; a person who has not solved it is asked first."""
    place = course_context(**where)
    found = place.exercise(which)
    before = place.store.read().of(found.id)
    question = f"Exercise {found.position} is not solved yet. Show its solution?"
    if not (before.solved or before.solution or yes or session.confirms(question)):
        return Report(data=dict, text=lambda _: "The solution stays hidden.")
    done = place.store.solution(found.id)
    return Report(
        data=lambda: reporting.solution_data(found),
        text=lambda terminal: reporting.solution_text(found, terminal.notation),
        warnings=done.warnings,
    )


def shown_or_asked(session: Session, found: Exercise, place: CourseContext) -> Report:
    """Show an exercise; where there is a person to ask, ask for an answer and grade it."""
    if not session.may_ask:
        return Report(
            data=lambda: reporting.exercise_data(found),
            text=lambda terminal: reporting.exercise_text(found, terminal.notation, place.carried),
            status="shown",
        )
    terminal = session.terminal
    text = reporting.exercise_text(found, terminal.notation, place.carried)
    terminal.show(text, "\nType your answer here, or nothing to leave.\n")
    answer = ask_for_answer(found, terminal, place.carried)
    if answer is not None:
        terminal.show("")
        return graded(found, answer, place)
    back = f"handcalc exercise {found.position}{place.carried}"
    said = "No answer, nothing changed. Come back with: "
    return Report(data=dict, text=lambda _: to_type(back, said), status="shown")


def graded(found: Exercise, answer: TypedAnswer, place: CourseContext) -> Report:
    """Grade an answer, and keep that it was given."""
    verdict = answer.grade(found)
    done, error = place.store.attempt(found.id, verdict.status), verdict.error
    return Report(
        data=lambda: reporting.grade_data(verdict),
        text=lambda terminal: _verdict_page(verdict, place, terminal),
        status=verdict.status,
        exit_code=_EXIT.get(verdict.status, Exit.NOT_SOLVED),
        problem=of_input(error, answer.where(verdict.answer.where)) if error else None,
        warnings=done.warnings,
    )


def _verdict_page(verdict: Grade, place: CourseContext, terminal: Terminal) -> RenderableType:
    """The verdict and, after a pass, where to go on."""
    text = reporting.grade_text(verdict, terminal.notation, place.carried)
    if verdict.status != "solved" or place.store.folder is None:
        return text
    if place.unsolved() is None:
        return spaced(text, "That was the last: every exercise of the course is solved.")
    return spaced(text, to_type(f"handcalc next{place.carried}", "The next exercise: "))
