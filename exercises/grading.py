"""Grading: from what was typed to a verdict, the work behind it, and one thing to try."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, TypeAlias

from exercises.answers import Answer, Typed, read
from exercises.checking import Outcome, decide, score, undecided
from exercises.diagnosis import diagnose
from exercises.remarks import remarks
from exercises.wording import plain
from handcalc.derivation import Claim

if TYPE_CHECKING:
    from exercises.specification import Exercise
    from handcalc.errors import InputError
    from handcalc.superposition.forward_pass import Forward
    from handcalc.superposition.toy_model import ToyModel

__all__ = ["Feedback", "Grade", "Status", "grade"]

Status: TypeAlias = Literal["solved", "partial", "wrong", "unreadable"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What happened and, apart from it, the one thing to try; ``diagnosis`` names the mistake."""

    happened: Claim
    advice: Claim | None = None
    diagnosis: str | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """The verdict on an answer.

    ``score`` is the share of the checks that pass; ``work`` is the worked forward pass, ``None``
    for an answer that could not be read; ``remarks`` are for solved answers.
    """

    exercise: Exercise
    answer: Answer
    status: Status
    score: Fraction
    checks: tuple[Outcome, ...]
    feedback: Feedback
    remarks: tuple[Claim, ...] = ()
    work: Forward | None = None

    @property
    def error(self) -> InputError | None:
        """Why the answer could not be read, or ``None``."""
        return self.answer.error

    def _repr_markdown_(self) -> str:
        from exercises.reporting.notebook import grade_markdown

        return grade_markdown(self)


def grade(exercise: Exercise, W: Typed, b: Typed | None = None) -> Grade:
    """Grade W (one row per feature) and b (zeros, if left out or blank) against an exercise.

    Texts are read as the command line reads them; nested lists of int, Fraction, str and sympy
    numbers are taken too. Nothing is raised for an answer that cannot be read: its status is
    "unreadable", and ``error`` says why.

    >>> from exercises.loading import load
    >>> found = grade(load(1), W=[[1, 0], [0, 1], [0, -1]], b="0 1/2 1/2")
    >>> found.status, found.score, found.feedback.diagnosis
    ('partial', Fraction(2, 3), 'bias-off')
    """
    answer = read(exercise.answer, W, b)
    if answer.model is None:
        return _unreadable(exercise, answer)
    return _graded(exercise, answer, answer.model)


def _graded(exercise: Exercise, answer: Answer, model: ToyModel) -> Grade:
    outcomes, work = decide(exercise.check, model)
    share = score(outcomes)
    if share == 1:
        happened = Claim(f"All {model.n} outputs are exactly what went in.")
        said = remarks(exercise, model)
        return Grade(exercise, answer, "solved", share, outcomes, Feedback(happened), said, work)
    found = diagnose(work)
    feedback = Feedback(found.happened, found.advice, found.id)
    status: Status = "partial" if share else "wrong"
    return Grade(exercise, answer, status, share, outcomes, feedback, (), work)


def _unreadable(exercise: Exercise, answer: Answer) -> Grade:
    error = answer.error
    message = "" if error is None else error.message
    advice = (
        exercise.typing if error is None or not error.suggestion else f"Type {error.suggestion}"
    )
    feedback = Feedback(plain(message), plain(advice))
    outcomes = undecided(exercise.check)
    return Grade(exercise, answer, "unreadable", Fraction(0), outcomes, feedback)
