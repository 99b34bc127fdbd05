"""Runs of presets that nobody trained: weights written down, for claims to be judged by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import cos, pi, sin

import torch

from torchsim.run import History, Trained, TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec

Rows = Sequence[Sequence[float]]

PAIR = [[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]
"""Two features on one line, and one with a dimension of its own."""


def polygon(k: int, extra: int = 0, radius: float = 1.0) -> Rows:
    """The corners of a regular k-gon, and rows of zeros below them."""
    angles = [2 * pi * i / k for i in range(k)]
    corners = [[radius * cos(angle), radius * sin(angle)] for angle in angles]
    return [*corners, *[[0.0, 0.0]] * extra]


def written(spec: TrainingSpec, weights: Callable[[ModelSpec], Rows]) -> TrainingRun:
    """A run whose models have these weights, no biases, and a loss of 1/2 in every restart."""

    def one(model: ModelSpec) -> Trained:
        r = spec.restarts
        W = torch.tensor([weights(model)] * r, dtype=torch.float64)
        half = torch.full((r,), 0.5, dtype=torch.float64)
        history = History((0,), half[None])
        b = torch.zeros(r, model.features, dtype=torch.float64)
        return Trained(model, W, b, half, half, half / 100, history)

    return TrainingRun(spec, tuple(map(one, spec.models)), 1.5, "cpu")
