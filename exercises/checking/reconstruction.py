"""Does a model give one input back? Decided output by output, exactly."""

from __future__ import annotations

import sympy

from exercises.check_kinds import ReconstructsInput
from exercises.checking.outcome import Decision, Feedback, Outcome, Witness
from handcalc.derivation import Claim, Name, Number
from handcalc.numbers.exact import sign
from handcalc.superposition.model.forward_pass import Forward, forward
from handcalc.superposition.model.toy_model import ToyModel

__all__ = ["missed", "output_outcome", "reconstructs_input"]


def reconstructs_input(check: ReconstructsInput, model: ToyModel) -> Decision:
    """One outcome a feature, passed exactly if x̂ᵢ = xᵢ, and the forward pass behind them.

    >>> check = ReconstructsInput((sympy.Integer(1), sympy.Rational(1, 2)))
    >>> found = reconstructs_input(check, ToyModel("1; 0"))
    >>> [outcome.passed for outcome in found.outcomes], found.work.difference
    ([True, False], (0, -1/2))
    """
    work = forward(model, check.x)
    outcomes = tuple(output_outcome(work, i) for i in range(model.n))
    return Decision(outcomes, Feedback(_said(work)), work)


def missed(work: Forward) -> tuple[int, ...]:
    """The features, from 1, whose outputs are not what they should be."""
    return tuple(i for i, difference in enumerate(work.difference, 1) if sign(difference))


def output_outcome(work: Forward, i: int) -> Outcome:
    """Whether output i, from 0, is what went in, and if not, which way and how far it is off."""
    x, output, difference = work.x[i], work.output[i], work.difference[i]
    direction = sign(difference)
    if not direction:
        right = (Number(output), Name("x", (i + 1,)))
        return Outcome(
            f"output-{i + 1}", True, Claim(f"Output {i + 1} is {{}}, exactly {{}}.", right)
        )
    size = "large" if direction > 0 else "small"
    message = Claim(
        f"Output {i + 1} is {{}} and should be {{}}: too {size} by {{}}.",
        (Number(output), Number(x), Number(_size(difference))),
    )
    return Outcome(f"output-{i + 1}", False, message, Witness.of(work))


def _said(work: Forward) -> Claim:
    if missed(work):
        return Claim("Not every output is what went in.")
    return Claim(f"All {work.model.n} outputs are exactly what went in.")


def _size(difference: sympy.Expr) -> sympy.Expr:
    return difference if sign(difference) > 0 else -difference
