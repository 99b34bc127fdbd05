"""Models for both kernels, on both devices."""

from __future__ import annotations

import numpy as np

from torchsim import ModelSpec


def mixed(count: int) -> tuple[ModelSpec, ...]:
    """Models of one size and different everything else."""
    chance = np.random.default_rng(count)
    return tuple(
        ModelSpec.of(
            5,
            2,
            f"{chance.integers(0, 100)}/100",
            " ".join(f"{chance.integers(1, 20)}/20" for _ in range(5)),
            activation="linear" if k % 4 == 3 else "relu",
            seed=k % 3,
        )
        for k in range(count)
    )
