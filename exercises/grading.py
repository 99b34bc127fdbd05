"""Grading: from what was typed to a verdict, the work behind it, and one thing to try."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from exercises.answers import Answer, Typed, Value, read
from exercises.checking import Feedback, Outcome, decide, undecided
from exercises.diagnosis import diagnose
from exercises.remarks import remarks
from exercises.wording import plain
from handcalc.derivation import Claim
from handcalc.errors import InputError

if TYPE_CHECKING:
    from exercises.specification import Exercise
    from handcalc.superposition.expected_loss import ExpectedLoss
    from handcalc.superposition.forward_pass import Forward

__all__ = ["Grade", "Status", "grade"]

Status: TypeAlias = Literal["solved", "partial", "wrong", "unreadable"]


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict on an answer.

    ``score`` is the share of the checks that pass. ``work`` is the worked forward pass of the input
    that decides, ``loss`` the exact loss; each is None where it has no part in the check.
    ``remarks`` are for solved answers.
    """

    exercise: Exercise
    answer: Answer
    status: Status
    score: Fraction
    checks: tuple[Outcome, ...]
    feedback: Feedback
    remarks: tuple[Claim, ...] = ()
    work: Forward | None = None
    loss: ExpectedLoss | None = None

    @property
    def error(self) -> InputError | None:
        """Why the answer could not be read, or not be decided, or ``None``."""
        return self.answer.error

    def _repr_markdown_(self) -> str:
        from exercises.reporting.notebook import grade_markdown

        return grade_markdown(self)


def grade(
    exercise: Exercise,
    W: Typed | None = None,
    b: Typed | None = None,
    *,
    answer: Typed | None = None,
) -> Grade:
    """Grade an answer: W (one row per feature) and b (zeros, if left out), or else ``answer``.

    Texts are read as the command line reads them; nested lists of int, Fraction, str and sympy
    numbers are taken too. Nothing is raised for an answer that cannot be read, or whose numbers are
    too complicated to decide on: its status is "unreadable", and ``error`` says why.

    >>> from exercises.loading import load
    >>> found = grade(load(1), W=[[1, 0], [0, 1], [0, -1]], b="0 1/2 1/2")
    >>> found.status, found.score, found.feedback.diagnosis
    ('partial', Fraction(2, 3), 'bias-off')
    """
    taken = read(exercise.answer, {"W": W, "b": b, "answer": answer})
    if taken.value is None:
        return _unreadable(exercise, taken)
    try:
        return _graded(exercise, taken, taken.value)
    except InputError as error:  # past what can be decided: never graded wrong
        return _unreadable(exercise, replace(taken, error=error))


def _graded(exercise: Exercise, answer: Answer, value: Value) -> Grade:
    found = decide(exercise.check, value)
    share = found.score
    solved = share == 1
    status: Status = "solved" if solved else "partial" if share else "wrong"
    return Grade(
        exercise=exercise,
        answer=answer,
        status=status,
        score=share,
        checks=found.outcomes,
        feedback=found.feedback if solved else diagnose(exercise, value, found),
        remarks=remarks(exercise, value) if solved else (),
        work=found.work,
        loss=found.loss,
    )


def _unreadable(exercise: Exercise, answer: Answer) -> Grade:
    """Nothing graded: what was typed cannot be read or, where it has a value, not be decided."""
    error = answer.error
    message = "" if error is None else error.message
    advice = None if answer.value is not None else plain(exercise.typing)
    if error is not None and error.suggestion:
        advice = plain(f"Type {error.suggestion}")
    feedback = Feedback(plain(message), advice)
    outcomes = undecided(exercise.check)
    return Grade(exercise, answer, "unreadable", Fraction(0), outcomes, feedback)
