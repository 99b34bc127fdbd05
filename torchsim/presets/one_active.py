"""Exactly one feature is on: polygons, their biases, and every stationary point by name."""

from __future__ import annotations

from math import isclose
from typing import TYPE_CHECKING

from handcalc.superposition.loss.distribution import OneActive
from torchsim.presets.experiment import Extent, Preset, PresetClaim, shape
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from torchsim.run import TrainingRun


_SHAPES = {4: "antipodal", 5: "pentagon", 6: "hexagon"}
STATIONARY = {
    "hexagon": 0.04819237603,
    "pentagon, and a dead output with the best bias": 0.06179,
    "pentagon": 0.06874,
    "4-gon, and two dead outputs with the best bias": 0.09722,
    "4-gon, and one of two dead outputs with the best bias": 0.10417,
    "4-gon": 0.11111,
}
"""Where descents of six features in two dimensions end, by their loss."""


def _holds(run: TrainingRun) -> bool:
    named = all(shape(each).name == _SHAPES[each.model.features] for each in run.trained)
    if run.spec.trainer == "sampled":
        return named
    six = [each for each in run.trained if each.model.features == 6]
    known = STATIONARY.values()
    return named and all(
        any(isclose(loss, one, abs_tol=2e-5) for one in known)
        for each in six
        for loss in each.loss.tolist()
    )


def _models(sizes: tuple[int, ...], seed: int) -> tuple[ModelSpec, ...]:
    return tuple(ModelSpec.of(n, 2, distribution=OneActive(n), seed=seed) for n in sizes)


PRESET = Preset(
    name="one-active",
    title="One feature at a time, in two dimensions",
    story=(
        "Four, five and six features in two dimensions, and in every input exactly one of them is "
        "on. Nothing ever meets, so interference costs only where it gets through ReLU: the best "
        "embeddings are regular polygons, longer and with lower biases the more corners they have. "
        "Most descents stop earlier, at a polygon with fewer corners and dead outputs, and all "
        "these stationary points are known exactly."
    ),
    source="Chen et al. 2023, Dynamical versus Bayesian Phase Transitions in a Toy Model of "
    "Superposition; Elhage et al. 2022",
    claim=PresetClaim(
        "The best of the restarts is two digons of four features, a pentagon of five, a hexagon "
        "of six; and descents on the exact loss of six end at its stationary points alone.",
        _holds,
    ),
    full=Extent(lambda seed: _models((4, 5, 6), seed), restarts=(1024, 256), steps=5000, batch=256),
    small=Extent(
        lambda seed: _models((4, 5), seed), restarts=(64, 16), steps=3000, batch=256
    ),
)  # fmt: skip
