"""Three features in two dimensions along the sparsity: the model of the by-hand walk, trained."""

from __future__ import annotations

from handcalc.numbers.exact import to_float
from torchsim.presets.experiment import Extent, Preset, PresetClaim, density, shape
from torchsim.specification import ModelSpec

_FULL = (*(f"{k}/10" for k in range(10)), "19/20")
_SMALL = ("0", "1/5", "2/5", "1/2", "7/10", "9/10")
_CHANGE = (
    0.478162340928575  # where the pair overtakes the triangle: derived here, see best-embedding
)


def _models(sparsities: tuple[str, ...], seed: int) -> tuple[ModelSpec, ...]:
    return tuple(ModelSpec.of(3, 2, s, seed=seed) for s in sparsities)


def _expected(model: ModelSpec) -> tuple[str, ...]:
    """The shapes that are right; at S = 0 others lose so little more that they are too."""
    sparsity = 1 - to_float(density(model))
    if sparsity == 0:
        return "triangle", "mixed"
    return ("triangle",) if sparsity < _CHANGE else ("antipodal",)


PRESET = Preset(
    name="by-hand",
    title="Three features in two dimensions",
    story=(
        "Three features of the same importance share two dimensions, met ever more rarely. This "
        "is the model that the exercises work by hand. Where features are often on together, all "
        "three bend away from each other; where they rarely meet, two of them share a line, back "
        "to back, and the third has a dimension to itself."
    ),
    source="Sorensen 2024, Toy Models of Superposition: Simplified by Hand; derived here",
    claim=PresetClaim(
        "The triangle and the antipodal pair are on the right sides of S = 0.478. At S = 0 other "
        "shapes lose hardly more than the triangle, and count as right.",
        lambda run: all(shape(each).name in _expected(each.model) for each in run.trained),
    ),
    full=Extent(lambda seed: _models(_FULL, seed), restarts=(32, 12)),
    small=Extent(lambda seed: _models(_SMALL, seed), restarts=(12, 12), steps=3000, batch=256),
)
