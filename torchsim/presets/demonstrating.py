"""Many features in few dimensions: what a linear model keeps, and what a ReLU model keeps."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from handcalc.numbers.exact import to_float
from handcalc.superposition.phases.regimes import SHARED
from torchsim.presets.experiment import (
    Extent,
    Preset,
    PresetClaim,
    density,
    max_sharing,
)
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from handcalc.superposition.model.toy_model import Activation
    from torchsim.run import TrainingRun


_DENSITIES = ("1", "0.3", "0.1", "0.03", "0.01", "0.003", "0.001")
_FEW = ("1", "0.1", "0.01")
_SOON = ("0.3", "0.1", "0.01")  # settled within few steps
_DIGITS = 12
_STEPS, _BATCH = 20_000, 256


def _models(
    size: tuple[int, int], ratio: Fraction, densities: tuple[str, ...]
) -> Callable[[int], tuple[ModelSpec, ...]]:
    """n features in m dimensions, Iᵢ = ratio^i to 12 digits: linear at each density, then ReLU."""
    n, m = size
    weights = " ".join(str(Fraction(f"{float(ratio**i):.{_DIGITS}g}")) for i in range(n))
    kinds: tuple[Activation, ...] = ("linear", "relu")

    def models(seed: int) -> tuple[ModelSpec, ...]:
        return tuple(
            ModelSpec.of(n, m, str(1 - Fraction(p)), weights, activation=kind, seed=seed)
            for kind in kinds
            for p in densities
        )

    return models


def _holds(run: TrainingRun) -> bool:
    linear = [each for each in run.trained if each.model.activation == "linear"]
    relu = [each for each in run.trained if each.model.activation == "relu"]
    # as principal components do: the m most important features, each in a direction of its own
    keep_the_top = all(
        each.held == tuple(range(1, each.model.hidden + 1)) and max_sharing(each) < SHARED
        for each in linear
    )
    dense_first = sorted(relu, key=lambda each: -to_float(density(each.model)))
    counts = [len(each.held) for each in dense_first]
    rising = all(few <= many for few, many in pairwise(counts))
    return keep_the_top and rising and counts[0] < counts[-1]


def _claim(m: int) -> PresetClaim[TrainingRun]:
    return PresetClaim(
        f"Linear models keep the top {m} features, each alone; ReLU models hold more and more as "
        "features get sparser.",
        _holds,
    )


_SOURCE = "Elhage et al. 2022, Demonstrating Superposition"

PRESET = Preset(
    name="demonstrating",
    title="Twenty features in five dimensions, linear and ReLU",
    story=(
        "Twenty features, each 0.7 times as important as the one before, share five dimensions. "
        "Linear models and ReLU models meet them ever more rarely, from always down to one time in "
        "a thousand. A linear model does what principal components do, however sparse its inputs. "
        "A ReLU model can cut interference off, and uses that."
    ),
    source=_SOURCE,
    claim=_claim(5),
    full=Extent(_models((20, 5), Fraction(7, 10), _DENSITIES), (32, 2), steps=_STEPS, batch=_BATCH),
    small=Extent(_models((20, 5), Fraction(7, 10), _FEW), (8, 1), steps=5000, batch=_BATCH),
    optimiser="adam",
)

LARGE = Preset(
    name="demonstrating-large",
    title="Eighty features in twenty dimensions, linear and ReLU",
    story=(
        "The same with eighty features in twenty dimensions, each 0.9 times as important as the "
        "one before, as in the paper. It is too large for the exact loss; losses are means over "
        "samples that training did not see."
    ),
    source=_SOURCE,
    claim=_claim(20),
    full=Extent(
        _models((80, 20), Fraction(9, 10), _DENSITIES), (32, 1), steps=_STEPS, batch=_BATCH
    ),
    small=Extent(_models((80, 20), Fraction(9, 10), _SOON), (8, 1), steps=3000, batch=_BATCH),
    optimiser="adam",
)
