"""Whether an answer has the property that an exercise asks for: decided exactly, never sampled."""

from __future__ import annotations

from typing import cast

from exercises.answers import Choice, Value
from exercises.checking.geometry import has_geometry
from exercises.checking.input_sets import missed as missed
from exercises.checking.input_sets import reconstructs_input, reconstructs_set
from exercises.checking.losses import loss_at_most
from exercises.checking.outcome import CheckOutcome as CheckOutcome
from exercises.checking.outcome import Decision as Decision
from exercises.checking.outcome import Feedback as Feedback
from exercises.checking.outcome import Witness as Witness
from exercises.checking.sameness import same_turned
from exercises.checking.values import brackets, chosen, equals
from exercises.checks import (
    Brackets,
    Check,
    Chosen,
    Equals,
    HasGeometry,
    LossAtMost,
    ReconstructsInput,
    ReconstructsSet,
    SameModel,
)
from handcalc.derivation import Claim
from handcalc.inputs.arguments import Vector
from handcalc.superposition.model.toy_model import ToyModel

__all__ = ["CheckOutcome", "Decision", "Feedback", "Witness", "decide", "missed", "undecided"]


def decide(check: Check, value: Value) -> Decision:
    """What a check finds about an answer of the kind that it is made for.

    >>> import sympy
    >>> decide(Equals((sympy.Rational(1, 2),)), (sympy.Rational(1, 2),)).score
    Fraction(1, 1)
    """
    match check:
        case Equals():
            return equals(check, cast("Vector", value))
        case Brackets():
            return brackets(check, cast("Vector", value))
        case Chosen():
            return chosen(check, cast("Choice", value))
    return _of_model(check, cast("ToyModel", value))


def _of_model(
    check: ReconstructsInput | ReconstructsSet | LossAtMost | HasGeometry | SameModel,
    model: ToyModel,
) -> Decision:
    match check:
        case ReconstructsInput():
            return reconstructs_input(check, model)
        case ReconstructsSet():
            return reconstructs_set(check, model)
        case LossAtMost():
            return loss_at_most(check, model)
        case HasGeometry():
            return has_geometry(check, model)
        case SameModel():
            return same_turned(check, model)


def undecided(check: Check) -> tuple[CheckOutcome, ...]:
    """The outcomes for an answer that could not be read."""
    if isinstance(check, ReconstructsInput):
        numbers = range(1, len(check.x) + 1)
        said = "Output {} was not checked."
        return tuple(CheckOutcome(f"output-{i}", None, Claim(said.format(i))) for i in numbers)
    return (CheckOutcome("answer", None, Claim("The answer was not checked.")),)
