"""One exercise at a time: shown, asked, graded, and what was done kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.cli.failures import of_input
from handcalc.cli.options.answers import TypedAnswer
from handcalc.cli.options.course_context import CourseContext
from handcalc.cli.report import Exit, Report, Session

from .asking import ask_for_answer

if TYPE_CHECKING:
    from rich.console import RenderableType

    from exercises import Exercise, Grade
    from handcalc.cli.terminal.terminal import Terminal


_EXIT = {"solved": Exit.DONE, "unreadable": Exit.UNREADABLE}


def shown_or_asked(session: Session, found: Exercise, place: CourseContext) -> Report:
    """Show an exercise; where there is a person to ask, ask for an answer and grade it."""
    if session.may_ask:
        return _asked(found, place, session.terminal)
    from exercises import reporting

    return Report(
        data=lambda: reporting.exercise_data(found),
        text=lambda terminal: reporting.exercise_text(found, terminal.notation, place.carried),
        status="shown",
    )


def graded(found: Exercise, answer: TypedAnswer, place: CourseContext) -> Report:
    """Grade an answer, and keep that it was given."""
    from exercises import reporting

    grade = judged(found, answer)
    done, error = place.store.attempt(found.id, grade.status), grade.error
    return Report(
        data=lambda: reporting.grade_data(grade),
        text=lambda terminal: _text(grade, place, terminal),
        status=grade.status,
        exit_code=_EXIT.get(grade.status, Exit.NOT_SOLVED),
        problem=of_input(error, answer.where(grade.answer.where)) if error else None,
        warnings=done.warnings,
    )


def judged(found: Exercise, answer: TypedAnswer) -> Grade:
    """Grade an answer; nothing is kept."""
    from exercises import grade

    return grade(found, W=answer.text("W"), b=answer.text("b"), answer=answer.text("answer"))


def _asked(found: Exercise, place: CourseContext, terminal: Terminal) -> Report:
    """Show the exercise, ask for an answer, and grade it; or let the learner go."""
    from exercises import reporting
    from handcalc.views.layout import to_type

    leaving = "Type your answer here, or nothing to leave."
    text = reporting.exercise_text(found, terminal.notation, place.carried)
    terminal.show(text, f"\n{leaving}\n")
    answer = ask_for_answer(found, terminal, place.carried)
    if answer is not None:
        terminal.show("")
        return graded(found, answer, place)
    back = f"handcalc exercise {found.position}{place.carried}"
    said = "No answer, nothing changed. Come back with: "
    return Report(data=dict, text=lambda _: to_type(back, said), status="shown")


def _text(grade: Grade, place: CourseContext, terminal: Terminal) -> RenderableType:
    """The verdict and, after a pass, where to go on."""
    from exercises import reporting
    from handcalc.views.layout import spaced, to_type

    text = reporting.grade_text(grade, terminal.notation, place.carried)
    if grade.status != "solved" or place.store.folder is None:
        return text
    if place.unsolved() is None:
        return spaced(text, "That was the last: every exercise of the course is solved.")
    return spaced(text, to_type(f"handcalc next{place.carried}", "The next exercise: "))
