"""From a worked forward pass that misses to what happened and what to try, kept apart."""

from __future__ import annotations

from collections.abc import Callable

from exercises import mistakes
from exercises.failure import Failure
from exercises.mistakes import Diagnosis
from handcalc.superposition.forward_pass import Forward

__all__ = ["Diagnosis", "diagnose"]

# from the most telling mistake to the least; the last answer fits every miss
_MISTAKES: tuple[Callable[[Failure], Diagnosis | None], ...] = (
    mistakes.all_zero,
    mistakes.bias_alone,
    mistakes.swapped,
    mistakes.bias_misplaced,
    mistakes.bias_sign,
    mistakes.input_in_W,
    mistakes.antipodal_without_bias,
    mistakes.same_arrow,
    mistakes.lost,
    mistakes.bias_spoils,
    mistakes.length,
    mistakes.clipped,
    mistakes.interference,
)


def diagnose(work: Forward) -> Diagnosis:
    """The first mistake in the list that the forward pass shows; some output must miss.

    >>> from handcalc import ToyModel, forward
    >>> diagnose(forward(ToyModel("1 0; 0 1; 0 0"), "1 1/2 1/4")).id
    'lost'
    """
    failure = Failure.of(work)
    found = (mistake(failure) for mistake in _MISTAKES)
    return next((each for each in found if each is not None), None) or mistakes.bias_off(failure)
