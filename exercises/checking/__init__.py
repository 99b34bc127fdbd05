"""Whether an answer has the property that an exercise asks for: decided exactly, never sampled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from exercises.answers import Value
from exercises.checking.circuit_numbers import copying_score, deletes, has_entries, has_rank
from exercises.checking.circuits import attends, copies, induces
from exercises.checking.geometry import has_geometry, same_turned
from exercises.checking.input_sets import reconstructs_input, reconstructs_set
from exercises.checking.losses import loss_at_most
from exercises.checking.outcome import CheckOutcome as CheckOutcome
from exercises.checking.outcome import CircuitWitness as CircuitWitness
from exercises.checking.outcome import Decision as Decision
from exercises.checking.outcome import Feedback as Feedback
from exercises.checking.outcome import Witness as Witness
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
from exercises.circuit_checks import (
    Attends,
    Copies,
    CopyingScore,
    Deletes,
    HasEntries,
    HasRank,
    Induces,
)
from handcalc.derivation import Claim


def decide(check: Check, value: Value) -> Decision:
    """What a check finds about an answer of the kind that it is made for.

    >>> import sympy
    >>> decide(Equals((sympy.Rational(1, 2),)), (sympy.Rational(1, 2),)).score
    Fraction(1, 1)
    """
    return _DECIDERS[type(check)](check, value)


# what decides a check, with an answer of the kind that its exercise asks for
_DECIDERS: Mapping[type, Callable[[Any, Any], Decision]] = {
    Equals: equals,
    Brackets: brackets,
    Chosen: chosen,
    ReconstructsInput: reconstructs_input,
    ReconstructsSet: reconstructs_set,
    LossAtMost: loss_at_most,
    HasGeometry: has_geometry,
    SameModel: same_turned,
    Copies: copies,
    Attends: attends,
    Induces: induces,
    HasEntries: has_entries,
    HasRank: has_rank,
    CopyingScore: copying_score,
    Deletes: deletes,
}


def undecided(check: Check) -> tuple[CheckOutcome, ...]:
    """The outcomes for an answer that could not be read."""
    if isinstance(check, ReconstructsInput):
        numbers = range(1, len(check.x) + 1)
        said = "Output {} was not checked."
        return tuple(CheckOutcome(f"output-{i}", None, Claim(said.format(i))) for i in numbers)
    return (CheckOutcome("answer", None, Claim("The answer was not checked.")),)
