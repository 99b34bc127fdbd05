"""Wrong answers that people give to "reconstruct every input of a set": one function a mistake.

Each looks at the simplest input that fails. What one input says of arrows and lengths holds for the
others too; what a bias could mend there it would spoil elsewhere, so nothing here asks for one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from exercises import mistakes
from exercises.failure import Failure, Pull, largest
from exercises.mistakes import Diagnosis
from handcalc.derivation import Claim, Name, Number
from handcalc.superposition.model.forward_pass import Forward

__all__ = ["mistake_on_set"]


def mistake_on_set(work: Forward, features: Sequence[int]) -> Diagnosis:
    """The first mistake in the list that the pass of the simplest failing input shows.

    Only the outputs of ``features`` (from 1) are looked at; one of them misses.

    >>> from handcalc import ToyModel, forward
    >>> mistake_on_set(forward(ToyModel("1 0; 0 1; 1 0"), "1 0 0"), (1, 2, 3)).id
    'same-arrow'
    """
    failure = Failure.of(work)
    asked = tuple(i for i in failure.missed if i in features)
    failure = replace(failure, missed=asked)
    found = (mistake(failure) for mistake in _MISTAKES)
    return next((each for each in found if each is not None), None) or _off(failure)


def _bias_alone(failure: Failure) -> Diagnosis | None:
    """W = 0."""
    if failure.has_weights:
        return None
    happened = "W is all zeros, so every input comes back the same."
    ask = "Take two inputs of the set: could one and the same output be right for both?"
    return Diagnosis("bias-alone", Claim(happened), Claim(ask))


def _lost(failure: Failure) -> Diagnosis | None:
    """Wᵢ = 0, and xᵢ should come back."""
    for i in failure.missed:
        if not failure.share(i) and failure.x[i - 1]:
            happened = f"Feature {i} has no arrow: its output is the same whatever {{}} is."
            ask = f"In which direction could arrow {i} stand, so that it disturbs the others least?"
            return Diagnosis("lost", Claim(happened, (Name("x", (i,)),)), Claim(ask))
    return None


def _bias_spoils(failure: Failure) -> Diagnosis | None:
    """bᵢ alone makes output i miss: with nothing on, or where W alone gets xᵢ right."""
    if any(failure.x):
        return mistakes.bias_spoils(failure)
    i = failure.missed[0]
    b, already = Name("b", (i,)), Number(failure.output[i - 1].to_sympy())
    happened = f"With nothing on, output {i} is already {{}}: {{}} adds that whatever the input is."
    ask = f"Which values of {{}} leave output {i} at 0 when nothing is on?"
    return Diagnosis("bias-spoils", Claim(happened, (already, b)), Claim(ask, (b,)))


def _interference(failure: Failure) -> Diagnosis | None:
    """Another feature puts something on an output: the largest amount is named."""
    missed = [i for i in failure.missed if failure.z[i - 1].sign() > 0 or failure.x[i - 1]]
    pulls = [pull for i in missed for pull in failure.pulls(i)]
    if not pulls:
        return None
    pull = largest(pulls)
    taking = pull.amount.sign() < 0
    ask = f"At which angle would arrow {pull.source} put nothing on feature {pull.on}?"
    if failure.clips and not taking:
        ask = (
            f"At which angles between arrows {pull.source} and {pull.on} would nothing arrive: "
            "what does ReLU make of a negative number?"
        )
    return Diagnosis("interference", _pulled(failure, pull, taking), Claim(ask))


def _pulled(failure: Failure, pull: Pull, taking: bool) -> Claim:
    """What is put on a feature, and what its bias has to say to it."""
    bias = failure.b[pull.on - 1]
    if not bias:
        end = "that is missing" if taking else "it arrives there"
        return Claim(
            f"Feature {pull.source} puts {{}} on feature {pull.on}, and {end}.", (pull.shown,)
        )
    amounts = [each.amount for each in failure.pulls(pull.on)]
    total = Number(sum(amounts[1:], amounts[0]).to_sympy())
    said = f"Here the others put {{}} on feature {pull.on}, and {{}} adds {{}}: a bias is the same "
    said += "for every input, and what the others put on is not."
    return Claim(said, (total, Name("b", (pull.on,)), Number(bias.to_sympy())))


def _made_up_for(failure: Failure) -> Diagnosis | None:
    """An arrow of another length than 1, and a bias to make up for it."""
    for i in failure.missed:
        share, b = failure.share(i), Name("b", (i,))
        if share and share != 1 and failure.b[i - 1] and failure.x[i - 1]:
            happened = (
                f"Feature {i} keeps {{}} times itself, and {{}} adds the same amount whatever "
                "is left: that fits one value of {} at most."
            )
            values = (Number(share.to_sympy()), b, Name("x", (i,)))
            ask = "How long must an arrow be so that its feature comes back as it is?"
            return Diagnosis("length", Claim(happened, values), Claim(ask))
    return None


def _off(failure: Failure) -> Diagnosis:
    """Whatever else it is: the first output that misses."""
    i = failure.missed[0]
    values = (failure.output[i - 1], failure.x[i - 1])
    happened = f"Output {i} is {{}} and should be {{}}."
    ask = f"Which part of output {i} comes from feature {i}, which from others, which from {{}}?"
    numbers = tuple(Number(value.to_sympy()) for value in values)
    return Diagnosis("bias-off", Claim(happened, numbers), Claim(ask, (Name("b", (i,)),)))


# from the most telling mistake to the least
_MISTAKES: tuple[Callable[[Failure], Diagnosis | None], ...] = (
    _bias_alone,
    mistakes.same_arrow,
    _lost,
    _bias_spoils,
    mistakes.length,
    _interference,
    _made_up_for,
)
