"""Which way down: by which lengths and biases the loss of a model falls, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from exercises.checking.outcome import letters
from exercises.checks import LossAtMost
from handcalc.derivation import Claim, Number
from handcalc.numbers.exact import equal, to_float
from handcalc.superposition.loss.gradient import LossGradient, loss_gradient
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined

_COUNTS = 1 / 20  # of the steepest slope: a gentler one is left out

HOW_FAR = "How far can you go that way before the loss rises again?"
"""What to try for whoever is told the way down."""

Slopes: TypeAlias = "Mapping[int, float]"
"""For some features (from 1), how fast the loss rises to one side; below 0 it falls."""


def downhill(check: LossAtMost, model: ToyModel) -> Claim | None:
    """By which lengths and biases the loss falls, to first order; None where by none of them.

    >>> from exercises.course import load
    >>> from handcalc.views.notation import ASCII
    >>> triangle = ToyModel("4/5 0; -2/5 sqrt(12)/5; -2/5 -sqrt(12)/5", b=["2/5"] * 3)
    >>> ASCII.claim(downhill(load("best-at-three-tenths").key().check, triangle))
    'From here the loss falls with longer arrows and with a bias a little below 2/5.'
    """
    # from each side: to make longer, shorter, larger, smaller; a slope below 0 is a way down
    found = loss_gradient(model, check.distribution, check.importance)
    arrows = [i for i, row in enumerate(model.W, 1) if any(cell != 0 for cell in row)]
    sides: tuple[tuple[Slopes, Callable[[Sequence[int]], Claim]], ...] = (
        (
            {i: _growing(found, i, "right") for i in arrows},
            lambda on: _arrows(on, arrows, "longer"),
        ),
        (
            {i: -_growing(found, i, "left") for i in arrows},
            lambda on: _arrows(on, arrows, "shorter"),
        ),
        (_rising(found, "right", 1), lambda on: _biases(on, model, "above")),
        (_rising(found, "left", -1), lambda on: _biases(on, model, "below")),
    )
    steepest = min(min(slopes.values(), default=0.0) for slopes, _ in sides)
    if steepest >= 0:
        return None
    said = []
    for slopes, name in sides:
        falling = [i for i, slope in slopes.items() if slope <= _COUNTS * steepest]
        if falling:
            said.append(name(falling))
    sentence = joined([f"with {each.sentence}" for each in said])
    return Claim(
        f"From here the loss falls {sentence}.",
        tuple(value for each in said for value in each.values),
    )


def _growing(found: LossGradient, i: int, side: str) -> float:
    """‖Wᵢ‖·∂L/∂‖Wᵢ‖ = Σₖ Wᵢₖ·∂L/∂Wᵢₖ, from the side to which each entry moves."""
    total, other = 0.0, "left" if side == "right" else "right"
    for w, slope in zip(found.model.W[i - 1], found.W[i - 1], strict=True):
        away = to_float(w)
        total += away * to_float(getattr(slope, side if away > 0 else other))
    return total


def _rising(found: LossGradient, side: str, sign: int) -> Slopes:
    return {i: sign * to_float(getattr(slope, side)) for i, slope in enumerate(found.b, 1)}


def _arrows(on: Sequence[int], arrows: Sequence[int], size: str) -> Claim:
    if len(on) == len(arrows) > 1:
        return Claim(f"{size} arrows")
    if len(on) == 1:
        return Claim(f"a {size} arrow {on[0]}")
    return Claim(f"{size} arrows {joined(on)}")


def _biases(on: Sequence[int], model: ToyModel, where: str) -> Claim:
    values = [model.b[i - 1] for i in on]
    alike = all(equal(value, values[0]) for value in values)
    if alike and len(on) == model.n:
        return Claim(f"a bias a little {where} {{}}", (Number(values[0]),))
    names = letters("b", on)
    if alike:
        return Claim(f"{names.sentence} a little {where} {{}}", (*names.values, Number(values[0])))
    larger = "larger" if where == "above" else "smaller"
    return Claim(
        f"a {larger} {names.sentence}" if len(on) == 1 else f"{larger} {names.sentence}",
        names.values,
    )
