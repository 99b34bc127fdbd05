"""Whether an answer has the property that an exercise asks for: decided exactly, never sampled."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import sympy

from exercises.specification import ReconstructsInput
from handcalc.derivation import Claim, Name, Number
from handcalc.number import sign
from handcalc.superposition.forward_pass import Forward, forward
from handcalc.superposition.toy_model import ToyModel, Vector

__all__ = ["Outcome", "Witness", "decide", "missed", "score", "undecided"]


@dataclass(frozen=True, slots=True)
class Witness:
    """An input on which a model fails: x, the output x̂ and the difference x̂ − x, exact."""

    x: Vector
    output: Vector
    difference: Vector


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found: passed, failed, or ``None`` where nothing could be decided."""

    id: str
    passed: bool | None
    message: Claim
    witness: Witness | None = None


def decide(check: ReconstructsInput, model: ToyModel) -> tuple[tuple[Outcome, ...], Forward]:
    """One outcome a feature, passed exactly if x̂ᵢ = xᵢ, and the forward pass behind them.

    >>> check = ReconstructsInput((sympy.Integer(1), sympy.Rational(1, 2)))
    >>> outcomes, work = decide(check, ToyModel("1; 0"))
    >>> [outcome.passed for outcome in outcomes], work.difference
    ([True, False], (0, -1/2))
    """
    work = forward(model, check.x)
    return tuple(_output(work, i) for i in range(model.n)), work


def undecided(check: ReconstructsInput) -> tuple[Outcome, ...]:
    """The outcomes for an answer that could not be read."""
    message = "Output {} was not checked."
    numbers = range(1, len(check.x) + 1)
    return tuple(Outcome(_id(i), None, Claim(message.format(i))) for i in numbers)


def score(outcomes: tuple[Outcome, ...]) -> Fraction:
    """The share of the checks that passed."""
    return Fraction(sum(outcome.passed is True for outcome in outcomes), len(outcomes))


def missed(work: Forward) -> tuple[int, ...]:
    """The features, from 1, whose outputs are not what they should be."""
    return tuple(i for i, difference in enumerate(work.difference, 1) if sign(difference))


def _output(work: Forward, i: int) -> Outcome:
    x, output, difference = work.x[i], work.output[i], work.difference[i]
    direction = sign(difference)
    name = Name("x", (i + 1,))
    if not direction:
        right = Claim(f"Output {i + 1} is {{}}, exactly {{}}.", (Number(output), name))
        return Outcome(_id(i + 1), True, right)
    size = "large" if direction > 0 else "small"
    message = Claim(
        f"Output {i + 1} is {{}} and should be {{}}: too {size} by {{}}.",
        (Number(output), Number(x), Number(_size(difference))),
    )
    return Outcome(_id(i + 1), False, message, Witness(work.x, work.output, work.difference))


def _size(difference: sympy.Expr) -> sympy.Expr:
    return difference if sign(difference) > 0 else -difference


def _id(feature: int) -> str:
    return f"output-{feature}"
