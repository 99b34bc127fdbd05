"""Questions that are asked before their answer is shown: guesses are judged exactly, and told why.

A guess is compared with the numbers of the engine; each mistake that people make has its own number
and what to say to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import equal
from handcalc.parsing import parse_scalar

_OTHER = "it is none of the usual mistakes either: work it out beside the answer"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a guess is right, None where it could not be read, and what is said to it."""

    is_right: bool | None
    said: str


@dataclass(frozen=True, slots=True)
class ChoicePrediction:
    """A question with options: to each, what is said to who chose it; ``right`` is one of them.

    ``answer`` is shown behind any guess. It and what is said are Markdown, options are plain text.
    """

    question: str
    options: Mapping[str, str]
    right: str
    answer: str

    def __post_init__(self) -> None:
        if self.right not in self.options:
            raise ValueError(f"{self.right} is no option.")

    def judge(self, guess: str) -> Verdict:
        """What to say to an option."""
        return Verdict(guess == self.right, self.options[guess])


@dataclass(frozen=True, slots=True)
class NumberPrediction:
    """A question for an exact number; ``mistakes`` are numbers that people give, and why not.

    >>> half = sympy.Rational(1, 2)
    >>> mistakes = ((sympy.Integer(2), "Upside down."),)
    >>> asked = NumberPrediction("What is 2/4?", half, "Shortened.", mistakes, "1/2")
    >>> asked.judge("0.5").is_right, asked.judge("2").said, asked.judge("x").is_right
    (True, 'Upside down.', None)
    """

    question: str
    right: sympy.Expr
    praise: str
    mistakes: tuple[tuple[sympy.Expr, str], ...]
    answer: str

    def __post_init__(self) -> None:
        if any(equal(number, self.right) for number, _ in self.mistakes):
            raise ValueError(f"{self.right} is among the mistakes.")

    def judge(self, guess: str) -> Verdict:
        """What to say to a number as it was typed."""
        try:
            typed = parse_scalar(guess)
        except InputError as error:
            again = f" Type {error.suggestion}." if error.suggestion else ""
            return Verdict(None, f"{error.message}{again}")
        if equal(typed, self.right):
            return Verdict(True, self.praise)
        told = (said for number, said in self.mistakes if equal(typed, number))
        return Verdict(False, next(told, _OTHER))


Prediction: TypeAlias = "ChoicePrediction | NumberPrediction"
