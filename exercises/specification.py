"""What an exercise is: words for the learner, the kind of answer asked for, what is checked.

An exercise holds no code. A new kind of answer is a record in ``answer_kinds``, a new check one in
``check_kinds``; ``loading`` knows their keys, ``answers`` and ``checking`` what they mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from exercises.sealed import Sealed
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.inputs.containers import as_int

if TYPE_CHECKING:
    from exercises.answer_kinds import AnswerKind
    from exercises.check_kinds import Check
    from exercises.loading import Folder

__all__ = ["AnswerKey", "Exercise", "Solution", "TypedAnswer", "WrongAnswer"]

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
class AnswerKey:
    """What is not shown before somebody answers, or asks for it.

    ``hints`` go from a question to nearly everything; ``why`` is shown after a pass.
    """

    check: Check
    hints: tuple[str, ...]
    solutions: tuple[Solution, ...]
    wrong: tuple[WrongAnswer, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Exercise(Displayed):
    """One exercise: ``id`` is its slug, ``position`` its place in the course, counted from 1.

    ``typing`` says how to type an answer, ``example`` shows one that is not right. Texts have
    paragraphs apart by empty lines, and lines that begin with four spaces are formulas, shown as
    they stand. ``variant`` says which of the ``variants`` sets of numbers this is, counted from 1,
    and ``student`` for whom it was drawn; ``folder`` is the course, None for the bank. What gives
    an answer away is in ``key``, which opens when it is called.

    >>> from exercises.loading import load
    >>> exercise = load(1)
    >>> exercise
    Exercise(id='perfect-reconstruction', position=1, title='Reconstruct one input perfectly')
    >>> exercise.key().check.x
    (1, 1/2, 1/4)
    """

    id: str
    position: int
    title: str
    statement: str = field(repr=False)
    typing: str = field(repr=False)
    answer: AnswerKind = field(repr=False)
    example: TypedAnswer = field(repr=False)
    key: Sealed[AnswerKey] = field(repr=False)
    variant: int = field(default=1, repr=False)
    variants: int = field(default=1, repr=False)
    student: str | None = field(default=None, repr=False, compare=False)
    folder: Folder | None = field(default=None, repr=False, compare=False)

    def hint(self, number: int = 1) -> str:
        """One hint, counted from 1: they go from a question to nearly everything.

        Errors: ``InputError`` with code ``unknown_hint``.

        >>> from exercises.loading import load
        >>> load("importance").hint(1).endswith("?")
        True
        """
        if as_int(number) is None:
            said = (
                f"A hint is asked for by a whole number, as in hint(1), not hint({number!r:.40})."
            )
            raise InputError("unknown_hint", said)
        hints = self.key().hints
        if number not in range(1, len(hints) + 1):
            said = f"Exercise {self.position} has hints from 1 to {len(hints)}, not {number}."
            raise InputError("unknown_hint", said)
        return hints[number - 1]
