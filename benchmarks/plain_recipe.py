"""The paper's recipe for toy models, as plainly as one would write it in PyTorch.

Elhage et al. 2022, "Toy Models of Superposition", the models of the introduction and their
notebook: batches of 1024, 10,000 steps, AdamW at a constant rate of 1e-3; two uniform numbers for
each feature, one for its value and one for whether it is on; ``einsum`` down and up again; the loss
is the mean over the batch and over features, and autograd does the rest. Written anew from that
description. ``torch_recipe.py`` is the same recipe, written to be quick.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch

__all__ = ["PlainRecipe", "train"]


@dataclass(frozen=True, slots=True)
class PlainRecipe:
    """Steps, inputs a step, learning rate; all else of AdamW is as PyTorch has it."""

    steps: int = 10_000
    batch: int = 1024
    rate: float = 1e-3
    seed: int = 0


def train(
    recipe: PlainRecipe,
    hidden: int,
    probability: np.ndarray,
    importance: np.ndarray,
    every: int,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """W (instances, n, m) and b (instances, n) after each ``every`` steps.

    ``probability``, P(xᵢ ≠ 0), and ``importance`` have shape (instances, n).
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    p, weight = (torch.as_tensor(side, dtype=torch.float32) for side in (probability, importance))
    instances, n = p.shape
    spread = (2 / (n + hidden)) ** 0.5  # Xavier's, of each instance as if it were alone
    W = (torch.randn(instances, n, hidden, generator=generator) * spread).requires_grad_()
    b = torch.zeros(instances, n, requires_grad=True)
    optimiser = torch.optim.AdamW([W, b], lr=recipe.rate)
    for step in range(1, recipe.steps + 1):
        optimiser.zero_grad()
        value = torch.rand(recipe.batch, instances, n, generator=generator)
        on = torch.rand(recipe.batch, instances, n, generator=generator) <= p
        x = torch.where(on, value, torch.zeros(()))  # (batch, instances, n)
        h = torch.einsum("bif,ifh->bih", x, W)
        reconstruction = torch.relu(torch.einsum("bih,ifh->bif", h, W) + b)
        losses = (weight * (x - reconstruction).abs() ** 2).mean(dim=(0, 2))  # (instances,)
        losses.sum().backward()
        optimiser.step()
        if step % every == 0 or step == recipe.steps:
            yield W.detach().double().numpy().copy(), b.detach().double().numpy().copy()
