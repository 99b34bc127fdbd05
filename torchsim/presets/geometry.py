"""Four hundred features of one importance: how much room each takes, and where that sticks."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from handcalc.numbers.exact import to_float
from torchsim.presets.experiment import Extent, Preset, PresetClaim, density
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from torchsim.run import Trained, TrainingRun


_RARITIES = ("1", "5/4", "3/2", "2", "5/2", "3", "4", "5", "7", "10")  # 1/(1 − S)
_FEW = ("1", "3")
_DIGON = 1 / 2
_EVEN = 0.01  # what two models may differ by that take the same room


def rarity(trained: Trained) -> float:
    """1/(1 − S)."""
    return 1 / to_float(density(trained.model))


def _models(size: tuple[int, int], rarities: tuple[str, ...], seed: int) -> tuple[ModelSpec, ...]:
    n, m = size
    return tuple(ModelSpec.of(n, m, str(1 - 1 / Fraction(k)), seed=seed) for k in rarities)


def _holds(run: TrainingRun) -> bool:
    found = {rarity(each): each for each in run.trained}
    shares = [found[k].dimensions_a_feature for k in sorted(found)]
    falling = all(more > less - _EVEN for more, less in pairwise(shares))
    digons = found[3.0]
    held = [float(digons.dimensionality[i - 1]) for i in digons.held]
    near = sum(abs(each - _DIGON) < 0.03 for each in held)
    return (
        falling
        and abs(shares[0] - 1) < 0.02
        and abs(digons.dimensions_a_feature - _DIGON) < 0.03
        and near > 0.8 * len(held)
    )


PRESET = Preset(
    name="geometry",
    title="Four hundred features in thirty dimensions",
    story=(
        "Four hundred features of one importance in thirty dimensions, met ever more rarely, from "
        "always down to one time in ten. m divided by all squared lengths says how many dimensions "
        "a feature takes. It does not fall evenly: it begins at 1, as if thirty features had a "
        "dimension each, and rests at 1/2, where nearly all features stand back to back with one "
        "other. Only then do features share more than that."
    ),
    source="Elhage et al. 2022, The Geometry of Superposition",
    claim=PresetClaim(
        "A feature takes ever less room as features get rarer: one dimension where all are always "
        "on, and half a one where they are on one time in three, by four of five features that "
        "are held.",
        _holds,
    ),
    full=Extent(
        lambda seed: _models((400, 30), _RARITIES, seed), restarts=(8, 1), steps=10_000, batch=256
    ),
    small=Extent(lambda seed: _models((60, 6), _FEW, seed), restarts=(8, 1), steps=8000, batch=256),
    optimiser="adam",
)
