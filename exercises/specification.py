"""What an exercise is: words for the learner, the kind of answer asked for, what is checked.

An exercise holds no code. A new kind of answer is a record in ``answer_kinds``, a new check one in
``check_kinds``; ``loading`` knows their keys, ``answers`` and ``checking`` what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from exercises.answer_kinds import AnswerKind
    from exercises.check_kinds import Check

__all__ = ["Exercise", "Solution", "TypedAnswer", "WrongAnswer"]

TypedAnswer: TypeAlias = "Mapping[str, str]"
"""An answer as a learner types it: "W" and "b" for a model, else "answer"."""


@dataclass(frozen=True, slots=True)
class Solution:
    """One right answer, written by hand as a learner would type it, and the way to it."""

    title: str
    typed: TypedAnswer
    reasoning: str


@dataclass(frozen=True, slots=True)
class WrongAnswer:
    """A wrong answer that people give, and the name of the mistake behind it.

    ``happened`` and ``advice`` are said to whoever gives this answer; None where the mistake is one
    that ``diagnosis`` recognises by itself.
    """

    typed: TypedAnswer
    diagnosis: str
    happened: str | None = None
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Exercise:
    """One exercise: ``id`` is its slug, ``position`` its place in the course, counted from 1.

    ``typing`` says how to type an answer, ``example`` shows one that is not right; ``hints`` go
    from a question to nearly everything; ``why`` is shown after a pass. Texts have paragraphs apart
    by empty lines, and lines that begin with four spaces are formulas, shown as they stand.
    ``variant`` says which of the ``variants`` sets of numbers this is, counted from 1.

    >>> from exercises.loading import load
    >>> exercise = load(1)
    >>> exercise.id, exercise.check.x
    ('perfect-reconstruction', (1, 1/2, 1/4))
    """

    id: str
    position: int
    title: str
    statement: str
    typing: str
    answer: AnswerKind
    check: Check
    example: TypedAnswer
    hints: tuple[str, ...]
    solutions: tuple[Solution, ...]
    wrong: tuple[WrongAnswer, ...]
    why: str
    variant: int = 1
    variants: int = 1

    def _repr_markdown_(self) -> str:
        from exercises.reporting.notebook import exercise_markdown

        return exercise_markdown(self)
