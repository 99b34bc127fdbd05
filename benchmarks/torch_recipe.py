"""The usual way to a good embedding: sampled batches and AdamW, as the paper's notebook trains.

Elhage et al. 2022, "Toy Models of Superposition", the models of the introduction: batches of 1024,
10,000 steps, AdamW at a constant rate of 1e-3. Written anew from that description, as quick as
plain PyTorch is: all models in one tensor, W Wᵀ before it meets x, one random number an input.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

__all__ = ["Recipe", "train"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Steps, inputs a step, learning rate; all else of AdamW is as PyTorch has it."""

    steps: int = 10_000
    batch: int = 1024
    rate: float = 1e-3
    seed: int = 0


def train(
    recipe: Recipe, hidden: int, probability: np.ndarray, importance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """W (instances, n, m) and b (instances, n) after all steps of x̂ = ReLU(W Wᵀx + b).

    ``probability``, P(xᵢ ≠ 0), and ``importance`` have shape (instances, n). An instance's loss is
    the mean over its batch and its features of Iᵢ(xᵢ − x̂ᵢ)².
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    p, weight = (
        torch.as_tensor(side, dtype=torch.float32)[:, :, None] for side in (probability, importance)
    )
    W = xavier(*p.shape[:2], hidden, generator).requires_grad_()
    b = torch.zeros_like(p).requires_grad_()  # (instances, n, 1)
    optimiser = torch.optim.AdamW([W, b], lr=recipe.rate)
    for _ in range(recipe.steps):
        x = sparse_uniform(p, recipe.batch, generator)  # (instances, n, batch)
        reconstruction = torch.relu(torch.baddbmm(b, W @ W.mT, x))
        losses = (weight * (x - reconstruction) ** 2).mean(dim=(1, 2))  # (instances,)
        optimiser.zero_grad()
        losses.sum().backward()
        optimiser.step()
    return W.detach().double().numpy(), b.detach().double().numpy()[:, :, 0]


def xavier(instances: int, n: int, m: int, generator: torch.Generator) -> torch.Tensor:
    """Normal, of variance 2/(n + m): each instance as if it were alone."""
    return torch.randn(instances, n, m, generator=generator) * (2 / (n + m)) ** 0.5


def sparse_uniform(p: torch.Tensor, batch: int, generator: torch.Generator) -> torch.Tensor:
    """x, 0 with probability 1 − p, else uniform: where u < p, u/p is uniform."""
    u = torch.rand(*p.shape[:2], batch, generator=generator)
    return torch.where(u < p, u / p, 0.0)
