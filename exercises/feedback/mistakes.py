"""Wrong answers that people give to "reconstruct this input": one function a mistake.

Each looks at a forward pass that misses, and says what happened and what to try, or ``None`` where
the mistake is another one. ``diagnosis`` has their order. What to try asks before it tells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from exercises.checking.outcome import features, letters
from exercises.feedback.failure import Failure, Pull, largest
from handcalc.derivation import Claim, Name, Number
from handcalc.numbers.field import Element
from handcalc.superposition.model.forward_pass import Forward


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A mistake by name: what happened, and the one thing to try."""

    id: str
    happened: Claim
    advice: Claim


def all_zero(failure: Failure) -> Diagnosis | None:
    """W = 0 and b = 0."""
    if failure.has_weights or any(failure.b):
        return None
    return Diagnosis(
        "all-zero",
        Claim("Every number in W and b is 0, so h, z and the output are 0 too."),
        Claim("Start with one feature: which arrow, as row 1 of W, brings {} back?", (_x(1),)),
    )


def bias_alone(failure: Failure) -> Diagnosis | None:
    """W = 0, and b is not x."""
    if failure.has_weights:
        return None
    return Diagnosis(
        "bias-alone",
        Claim("W is all zeros, so h is 0 and the output comes from b alone, whatever the input."),
        Claim("Is there a row of W that brings {} back without any help from b?", (_x(1),)),
    )


def swapped(failure: Failure) -> Diagnosis | None:
    """The outputs are x in another order."""
    if Counter(failure.output) != Counter(failure.x):
        return None
    where = features(failure.missed).lower()
    return Diagnosis(
        "swapped",
        Claim(f"The outputs are the right numbers in the wrong places: look at {where}."),
        Claim("Row i of W and entry i of b belong to feature i: which of them changed places?"),
    )


def bias_misplaced(failure: Failure) -> Diagnosis | None:
    """b would be right in another order."""
    if Counter(failure.b) != Counter(failure.needed):
        return None
    return Diagnosis(
        "bias-misplaced",
        Claim("With this W, b has the right numbers, but in the wrong places."),
        Claim("Compare Wh with x: which feature is left short, and which entry of b is its own?"),
    )


def bias_sign(failure: Failure) -> Diagnosis | None:
    """bᵢ is minus what this W needs."""
    for i in failure.missed:
        bias = failure.b[i - 1]
        if bias and bias == -failure.needed[i - 1]:
            ask = f"Does Wh give feature {i} too much or too little? Which way must {{}} push?"
            return Diagnosis(
                "bias-sign",
                Claim("With this W, {} has the right size but the wrong sign.", (_b(i),)),
                Claim(ask, (_b(i),)),
            )
    return None


def input_in_W(failure: Failure) -> Diagnosis | None:
    """Every arrow has the length of its xᵢ, as if W were to hold the input."""
    x = failure.x
    arrows = [i for i in range(1, len(x) + 1) if failure.share(i)]
    if not all(failure.share(i) == x[i - 1] ** 2 for i in arrows):
        return None
    i = next((i for i in arrows if i in failure.missed and failure.share(i) != 1), 0)
    if not i:
        return None
    happened = (
        f"Row {i} of W has length {{}}, the value of {{}}: it looks as if W held the input. x "
        f"meets W twice, on the way to h and on the way back: feature {i} keeps only {{}}."
    )
    length, kept = _number(x[i - 1]), _number(failure.share(i) * x[i - 1])
    return Diagnosis(
        "input-in-W",
        Claim(happened, (length, _x(i), kept)),
        Claim(
            "W holds arrows, whatever the input: how long must one be to bring {} back?", (_x(i),)
        ),
    )


def antipodal_without_bias(failure: Failure) -> Diagnosis | None:
    """Wᵢ = −Wⱼ, and neither has a bias."""
    for i, j in failure.unbiased_pairs(-1):
        both = letters("b", (i, j))
        happened = (
            f"Features {i} and {j} have opposite arrows, so h holds only their difference: each "
            "takes away from the other."
        )
        ask = f"{both.sentence} are still 0: what could they give back?"
        return Diagnosis("antipodal-without-bias", Claim(happened), Claim(ask, both.values))
    return None


def same_arrow(failure: Failure) -> Diagnosis | None:
    """Wᵢ = Wⱼ, and neither has a bias."""
    for i, j in failure.unbiased_pairs(1):
        happened = (
            f"Features {i} and {j} have the same arrow, so h holds only their sum and cannot tell "
            "them apart."
        )
        ask = "Turn one of the two arrows: which direction disturbs the others least?"
        return Diagnosis("same-arrow", Claim(happened), Claim(ask))
    return None


def lost(failure: Failure) -> Diagnosis | None:
    """Wᵢ = 0 and bᵢ = 0."""
    gone = [i for i in failure.unbiased if not failure.share(i)]
    if not gone:
        return None
    have, are, it = ("has", "is", "it") if len(gone) == 1 else ("have", "are", "them")
    biases = letters("b", gone)
    return Diagnosis(
        "lost",
        Claim(f"{features(gone)} {have} no arrow and no bias, so nothing of {it} comes back."),
        Claim(f"{features(gone)} {are} lost: what could {biases.sentence} add?", biases.values),
    )


def bias_spoils(failure: Failure) -> Diagnosis | None:
    """For this input W alone gets xᵢ right, and bᵢ changes it."""
    for i in failure.missed:
        if not failure.needed[i - 1]:
            happened = f"For this input W alone brings feature {i} back exactly, and then "
            happened += "{} changes it."
            ask = f"What must {{}} be if nothing is missing in feature {i}?"
            return Diagnosis("bias-spoils", Claim(happened, (_b(i),)), Claim(ask, (_b(i),)))
    return None


def length(failure: Failure) -> Diagnosis | None:
    """An arrow that is too long or too short, and nothing else that matters for its feature."""
    for i in failure.unbiased:
        share = failure.share(i)
        if share and not failure.pulls(i):
            size = "long" if (share - 1).sign() > 0 else "short"
            happened = (
                f"The arrow of feature {i} is too {size}. Its length counts twice, on the way to h "
                "and on the way back, so the feature comes back {} times as large."
            )
            return Diagnosis(
                "length",
                Claim(happened, (_number(share),)),
                Claim("How long must an arrow be so that its feature comes back as it is?"),
            )
    return None


def clipped(failure: Failure) -> Diagnosis | None:
    """zᵢ < 0, pushed there by another feature, and bᵢ = 0: ReLU makes it 0."""
    if not failure.clips:
        return None
    for i in failure.unbiased:
        z = failure.z[i - 1]
        takers = [pull for pull in failure.pulls(i) if pull.amount.sign() < 0]
        if z.sign() < 0 and takers:
            pull = largest(takers)
            happened = (
                f"Feature {pull.source} puts {{}} on feature {i}. In the end {{}} is {{}}; ReLU "
                "turns what is negative into 0."
            )
            ask = "How far must {} rise before anything comes through ReLU at all?"
            values = (pull.shown, Name("z", (i,)), _number(z))
            return Diagnosis("clipped", Claim(happened, values), Claim(ask, (_b(i),)))
    return None


def interference(failure: Failure) -> Diagnosis | None:
    """Other features put something on top, and no bias answers it: the largest is named."""
    pulls = [pull for i in failure.unbiased for pull in failure.pulls(i)]
    if not pulls:
        return None
    pull = largest(pulls)
    answer = f"take away what feature {pull.source} adds"
    if pull.amount.sign() < 0:
        answer = f"give back what feature {pull.source} takes"
    return Diagnosis(
        "interference",
        Claim(f"Feature {pull.source} puts {{}} on feature {pull.on}.", (pull.shown,)),
        Claim(f"{{}} is still 0: could it {answer}?", (_b(pull.on),)),
    )


def bias_off(failure: Failure) -> Diagnosis:
    """Whatever W is, some b goes with it: name the feature that misses most, and ask for its b."""
    gap = largest([Pull(i, i, failure.z[i - 1] - failure.x[i - 1]) for i in failure.missed])
    i, size = gap.on, "large" if gap.amount.sign() > 0 else "small"
    most = " most" if len(failure.missed) > 1 else ""
    happened = (
        f"Feature {i} misses{most}: {{}} comes to {{}} but should be {{}}: too {size} by {{}}."
    )
    amount = gap.amount if size == "large" else -gap.amount
    values = (Name("z", (i,)), _number(failure.z[i - 1]), _number(failure.x[i - 1]))
    return Diagnosis(
        "bias-off",
        Claim(happened, (*values, _number(amount))),
        Claim(
            "{} is added last and touches no other output, so it can make up for this in one "
            "step. Must it rise or fall, and how far?",
            (_b(i),),
        ),
    )


def _x(feature: int) -> Name:
    return Name("x", (feature,))


def _b(feature: int) -> Name:
    return Name("b", (feature,))


def _number(value: Element) -> Number:
    return Number(value.to_sympy())


# --------------------------------------------------------------------------------------------------
# Wrong answers that people give to "reconstruct every input of a set": one function a mistake.
#
# Each looks at the simplest input that fails. What one input says of arrows and lengths holds for
# the others too; what a bias could mend there it would spoil elsewhere, so nothing here asks for
# one.


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
            return Diagnosis("lost", Claim(happened, (_x(i),)), Claim(ask))
    return None


def _bias_spoils(failure: Failure) -> Diagnosis | None:
    """bᵢ alone makes output i miss: with nothing on, or where W alone gets xᵢ right."""
    if any(failure.x):
        return bias_spoils(failure)
    i = failure.missed[0]
    b, already = _b(i), _number(failure.output[i - 1])
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
    bias = failure.b[pull.on - 1]
    if not bias:
        end = "that is missing" if taking else "it arrives there"
        said = f"Feature {pull.source} puts {{}} on feature {pull.on}, and {end}."
        return Diagnosis("interference", Claim(said, (pull.shown,)), Claim(ask))
    amounts = [each.amount for each in failure.pulls(pull.on)]
    values = (_number(sum(amounts[1:], amounts[0])), _b(pull.on), _number(bias))
    said = f"Here the others put {{}} on feature {pull.on}, and {{}} adds {{}}: a bias is the same "
    said += "for every input, and what the others put on is not."
    return Diagnosis("interference", Claim(said, values), Claim(ask))


def _made_up_for(failure: Failure) -> Diagnosis | None:
    """An arrow of another length than 1, and a bias to make up for it."""
    for i in failure.missed:
        share = failure.share(i)
        if share and share != 1 and failure.b[i - 1] and failure.x[i - 1]:
            happened = (
                f"Feature {i} keeps {{}} times itself, and {{}} adds the same amount whatever "
                "is left: that fits one value of {} at most."
            )
            values = (_number(share), _b(i), _x(i))
            ask = "How long must an arrow be so that its feature comes back as it is?"
            return Diagnosis("length", Claim(happened, values), Claim(ask))
    return None


def _off(failure: Failure) -> Diagnosis:
    """Whatever else it is: the first output that misses."""
    i = failure.missed[0]
    values = (_number(failure.output[i - 1]), _number(failure.x[i - 1]))
    happened = f"Output {i} is {{}} but should be {{}}."
    ask = f"Which part of output {i} comes from feature {i}, which from others, which from {{}}?"
    return Diagnosis("bias-off", Claim(happened, values), Claim(ask, (_b(i),)))


# from the most telling mistake to the least
_MISTAKES: tuple[Callable[[Failure], Diagnosis | None], ...] = (
    _bias_alone,
    same_arrow,
    _lost,
    _bias_spoils,
    length,
    _interference,
    _made_up_for,
)
