"""Superposition has a price beside interference: a small push of the input does more harm."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from torchsim.presets.experiment import Extent, Preset, PresetClaim
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from torchsim.run import TrainingRun


_FULL = ("0", "1/2", "4/5", "9/10", "19/20", "49/50")
_SMALL = ("0", "4/5", "9/10")
_SAMPLES = 64  # inputs that are pushed
_FAR = 3  # times the harm that is done without superposition


def _holds(run: TrainingRun) -> bool:
    from torchsim.comparison.adversarial import vulnerability  # which torch has to be there for

    found = [vulnerability(each, samples=_SAMPLES) for each in run.trained]
    return (
        abs(found[0].relative - 1) < 0.1
        and all(one.relative < other.relative for one, other in pairwise(found))
        and all(a.features_a_dimension < b.features_a_dimension for a, b in pairwise(found))
        and found[-1].relative > _FAR
    )


def _models(sparsities: tuple[str, ...], seed: int) -> tuple[ModelSpec, ...]:
    return tuple(ModelSpec.of(60, 6, S, seed=seed) for S in sparsities)


PRESET = Preset(
    name="adversarial",
    title="A small push of the input, and what it does",
    story=(
        "Sixty features of one importance in six dimensions, met ever more rarely, and so ever "
        "more of them in a dimension. Each input is pushed by a tenth of its own length, in the "
        "direction that does most harm. A model without superposition passes a push on as it is; "
        "in superposition many features push one output at once, and the harm is many times as "
        "large."
    ),
    source="Elhage et al. 2022, The Relationship between Superposition and Adversarial Robustness",
    claim=PresetClaim(
        "The worst push does as much harm to the dense model as to one without superposition, and "
        "ever more as features get rarer and more of them share a dimension: several times as much "
        "where they are on one time in ten.",
        _holds,
    ),
    full=Extent(lambda seed: _models(_FULL, seed), restarts=(8, 1), steps=4000, batch=256),
    small=Extent(lambda seed: _models(_SMALL, seed), restarts=(8, 1), steps=3000, batch=256),
    optimiser="adam",
    figure="vulnerability",
)
