"""What a check finds: outcomes with their witnesses, the work behind them, and how it is said."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import sympy

from handcalc.circuits.run_steps import expression_of
from handcalc.derivation import Claim, Expression, Inequality, Name, Number
from handcalc.wording import joined

if TYPE_CHECKING:
    from handcalc.circuits.positions import Number as CircuitNumber
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
class CircuitWitness:
    """Where a circuit fails: numbers by name, and which of them should have been the largest.

    ``of`` says what they are: "row" of a table, by token; "scores" by position, from 1; "logits"
    by token. ``tokens`` are those of the sentence, or the one of the row. ``largest`` are the names
    of those that are; several where they are equal.
    """

    of: Literal["row", "scores", "logits"]
    tokens: tuple[str, ...]
    numbers: tuple[tuple[str, CircuitNumber], ...]
    wanted: str
    largest: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What one part of a check found: passed, failed, or ``None`` where nothing was decided."""

    id: str
    passed: bool | None
    message: Claim
    witness: Witness | CircuitWitness | None = None


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


def by_name(numbers: Iterable[tuple[str, CircuitNumber]]) -> Claim:
    """Numbers with their names, for a notation to write: a: 2, b: −1."""
    pairs = tuple(numbers)
    sentence = ", ".join(f"{_escaped(name)}: {{}}" for name, _ in pairs)
    return Claim(sentence, tuple(expression_of(number) for _, number in pairs))


def filled(sentence: str, *parts: Claim | str | CircuitNumber) -> Claim:
    """A sentence whose places are filled with claims, words and exact numbers.

    >>> import sympy
    >>> filled("{} gets {}.", "a", sympy.Integer(2)).sentence
    'a gets {}.'
    """
    texts: list[str] = []
    values: list[Expression | Inequality] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(_escaped(part))
        elif isinstance(part, Claim):
            texts.append(part.sentence)
            values += part.values
        else:
            texts.append("{}")
            values.append(expression_of(part))
    return Claim(sentence.format(*texts), tuple(values))


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def plain(text: str) -> Claim:
    """A text in which nothing is put in, braces included.

    >>> plain("{1, 2}").sentence.format()
    '{1, 2}'
    """
    return Claim(_escaped(text))
