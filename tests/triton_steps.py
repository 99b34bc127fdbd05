"""Steps of the fused kernel on a GPU, by Triton's interpreter: prints how far they are from plain.

A program of its own: whether Triton interprets is settled as its programs are read, by
``TRITON_INTERPRET=1``.
"""

from __future__ import annotations

import json
import sys

import torch

from handcalc import Anticorrelated, Correlated, OneActive
from tests.fused_models import mixed
from torchsim import ModelSpec, TrainingSpec
from torchsim.training.fused.on_gpu import GpuDescent
from torchsim.training.plain import PlainDescent

SPECS = {
    "mixed": TrainingSpec(mixed(64), "sampled", 1, steps=2, batch=32),
    "longer": TrainingSpec(mixed(64), "sampled", 1, steps=100, batch=32),
    "wide": TrainingSpec((ModelSpec.of(20, 5, "9/10"),), "sampled", 1, steps=10, batch=63),
    "one": TrainingSpec((ModelSpec.of(1, 1, "0"),), "sampled", 3, steps=20, batch=1),
    "together": TrainingSpec(
        (
            ModelSpec.of(4, 3, distribution=Correlated([(1, 2)], "1/2 1/4 0")),
            ModelSpec.of(4, 3, distribution=Correlated([(1, 2)], "9/10 1 1/7")),
            ModelSpec.of(4, 3, distribution=OneActive(4)),
            ModelSpec.of(4, 3, distribution=Anticorrelated([(3, 1), (2, 4)], "0.1"), seed=9),
        ),
        "sampled",
        restarts=2,
        steps=5,
        batch=64,
        dtype="float64",
        schedule="linear",
        optimiser="adam",
    ),
}


def furthest(spec: TrainingSpec) -> float:
    """The largest difference of weights and losses, relative where they are above 1/100."""
    found = 0.0
    for group in spec.groups:
        ours, theirs = GpuDescent(spec, group), PlainDescent(spec, group)
        for descent in (ours, theirs):
            while descent.step < spec.steps:
                descent.advance()
        assert torch.equal(ours.sound, theirs.sound)
        for mine, plain in ((ours.weights, theirs.weights), (ours.losses, theirs.losses)):
            found = max(found, float(((mine - plain).abs() / plain.abs().clamp(min=1e-2)).max()))
    return found


if __name__ == "__main__":
    print(json.dumps({name: furthest(SPECS[name]) for name in sys.argv[1:]}))
