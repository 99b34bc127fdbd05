"""What a check finds: outcomes with their witnesses, the work behind them, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import sympy

from handcalc.derivation import Claim, Name, Number
from handcalc.wording import joined

if TYPE_CHECKING:
    from handcalc.inputs.arguments import Vector
    from handcalc.superposition.loss.expected_loss import ExpectedLoss
    from handcalc.superposition.model.forward_pass import Forward


@dataclass(frozen=True, slots=True)
class Witness:
    """An input on which a model fails: x, the output x̂ and the difference x̂ − x, exact."""

    x: Vector
    output: Vector
    difference: Vector

    @classmethod
    def of(cls, work: Forward) -> Witness:
        """What a forward pass shows."""
        return cls(work.x, work.output, work.difference)


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What one part of a check found: passed, failed, or ``None`` where nothing was decided."""

    id: str
    passed: bool | None
    message: Claim
    witness: Witness | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What happened and, apart from it, the one thing to try; ``diagnosis`` names the mistake.

    ``advice`` is None where a check has none to give: one that fits the exercise stands there then.
    """

    happened: Claim
    advice: Claim | None = None
    diagnosis: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """All that a check finds about an answer.

    ``work`` is the forward pass of the input that decides (the one asked for, or the witness),
    ``loss`` the exact loss where that decides; ``asked`` are the features (from 1) that the witness
    should give back, where these are not all. ``feedback`` is what there is to say where no known
    mistake is recognised.
    """

    outcomes: tuple[CheckOutcome, ...]
    feedback: Feedback
    work: Forward | None = None
    loss: ExpectedLoss | None = None
    asked: tuple[int, ...] = ()

    @property
    def score(self) -> Fraction:
        """The share of the outcomes that passed."""
        passed = sum(outcome.passed is True for outcome in self.outcomes)
        return Fraction(passed, len(self.outcomes))


# --------------------------------------------------------------------------------------------------
# Small pieces of what is said: lists of features, of letters, of numbers.


def features(numbers: Sequence[int]) -> str:
    """The features by name: "Feature 3", or "Features 2 and 3".

    >>> features([2, 3])
    'Features 2 and 3'
    """
    return f"Feature{'s' if len(numbers) > 1 else ''} {joined([str(i) for i in numbers])}"


def letters(letter: str, numbers: Sequence[int]) -> Claim:
    """A letter with each index, for a notation to write: b₂ and b₃."""
    names = tuple(Name(letter, (i,)) for i in numbers)
    return Claim(joined(["{}"] * len(names)), names)


def vector(values: Iterable[sympy.Expr]) -> Claim:
    """A vector for a notation to write: (1, 1/2, 1/4)."""
    numbers = tuple(Number(value) for value in values)
    return Claim(f"({', '.join(['{}'] * len(numbers))})", numbers)


def plain(text: str) -> Claim:
    """A text in which nothing is put in, braces included.

    >>> plain("{1, 2}").sentence.format()
    '{1, 2}'
    """
    return Claim(text.replace("{", "{{").replace("}", "}}"))
