"""Five features in two dimensions, one of them met more rarely or more often than the others."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from handcalc.numbers.exact import to_float
from torchsim.presets.experiment import Extent, Preset, PresetClaim, density, shape
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from torchsim.run import Trained, TrainingRun


_DENSITY = Fraction(1, 20)  # of the first four features
_FULL = ("1/10", "1/5", "1/4", "3/10", "2/5", "1/2", "7/10", "1", "3/2", "5/2", "4", "8")
_SMALL = ("1/5", "2/5", "1")
_CHANGE = 0.26908  # the relative density at which two digons lose as much as all five: derived here


def relative_density(trained: Trained) -> float:
    """How often the last feature is on, beside the others."""
    return to_float(density(trained.model)) / float(_DENSITY)


def _models(relative: tuple[str, ...], seed: int) -> tuple[ModelSpec, ...]:
    common = str(1 - _DENSITY)
    return tuple(
        ModelSpec.of(5, 2, [common] * 4 + [str(1 - _DENSITY * Fraction(r))], seed=seed)
        for r in relative
    )


def _holds(run: TrainingRun) -> bool:
    for each in run.trained:
        kinds = [part.kind for part in shape(each).parts]
        digons = each.held == (1, 2, 3, 4) and kinds.count("pair") == 2
        if digons != (relative_density(each) < _CHANGE):
            return False
        if not digons and len(each.held) < 5:
            return False
    return True


PRESET = Preset(
    name="non-uniform",
    title="One of five features is rarer than the others",
    story=(
        "Five features in two dimensions. Four of them are on one time in twenty; the fifth from "
        "a tenth of that to eight times as often. A pentagon for five alike, which gives way as "
        "one of them gets rarer or more common: the rarer feature grows longer with a lower bias "
        "and its neighbours close up. Then, abruptly, it is dropped, and the other four make two "
        "digons at right angles."
    ),
    source="Elhage et al. 2022, Non-Uniform Superposition; the crossing is derived here",
    claim=PresetClaim(
        "All five features are held where the last one is on more than 0.269 times as often as "
        "the others; below that it is dropped, and the others make two digons.",
        _holds,
    ),
    full=Extent(lambda seed: _models(_FULL, seed), restarts=(64, 8)),
    small=Extent(
        lambda seed: _models(_SMALL, seed), restarts=(32, 8), steps=4000, batch=512
    ),
)  # fmt: skip
