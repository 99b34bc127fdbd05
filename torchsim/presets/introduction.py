"""Five features in two dimensions: the experiment with which the paper begins."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from torchsim.presets.experiment import Extent, Preset, PresetClaim, shape
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from torchsim.run import TrainingRun


_STEPS = 9
_DIGITS = 12
_FULL = tuple(range(_STEPS + 1))
_SMALL = (0, 5, 9)
_IMPORTANCE = tuple(str(Fraction(9, 10) ** i) for i in range(5))


def _models(which: tuple[int, ...], seed: int) -> tuple[ModelSpec, ...]:
    weights = " ".join(_IMPORTANCE)
    densities = (Fraction(f"{20 ** (-k / _STEPS):.{_DIGITS}g}") for k in which)  # 20^(−k/9)
    return tuple(ModelSpec.of(5, 2, str(1 - p), weights, seed=seed) for p in densities)


def _holds(run: TrainingRun) -> bool:
    first, *between, last = run.trained
    kinds = [part.kind for part in shape(first).parts]
    pairs = [sum(part.kind == "pair" for part in shape(each).parts) for each in between]
    return (
        (first.held, kinds[0]) == ((1, 2), "dedicated")
        and 2 in pairs
        and shape(last).name == "pentagon"
    )


PRESET = Preset(
    name="introduction",
    title="Five features in two dimensions",
    story=(
        "Five features, each 0.9 times as important as the one before, share two dimensions. Each "
        "model meets them more rarely than the one before, from always down to one time in twenty. "
        "The model that always meets all features keeps the two most important and gives up the "
        "rest; the sparser the features, the more of them are kept, at the price of interference."
    ),
    source="Elhage et al. 2022, Toy Models of Superposition, and its notebook",
    claim=PresetClaim(
        "Dense: the two most important features, at right angles; then two antipodal pairs; "
        "the sparsest model has a pentagon.",
        _holds,
    ),
    full=Extent(lambda seed: _models(_FULL, seed)),
    small=Extent(lambda seed: _models(_SMALL, seed), restarts=(16, 8), steps=4000, batch=256),
    seed=5,  # of 0 to 5 one of three from which 32 restarts reach all ten best-known losses
)
