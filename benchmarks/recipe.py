"""The paper's recipe for toy models in PyTorch, twice: as one would write it down, and to be quick.

Elhage et al. 2022, "Toy Models of Superposition", the models of the introduction and their
notebook: batches of 1024, 10,000 steps, AdamW at a constant rate of 1e-3; the loss is the mean over
the batch and over features, and autograd does the rest. Written anew from that description.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch


@dataclass(frozen=True, slots=True)
class Recipe:
    """Steps, inputs a step, learning rate; all else of AdamW is as PyTorch has it."""

    steps: int = 10_000
    batch: int = 1024
    rate: float = 1e-3
    seed: int = 0


def train_plainly(
    recipe: Recipe,
    hidden: int,
    probability: np.ndarray,
    importance: np.ndarray,
    every: int,
    compiled: bool = False,
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """W (instances, n, m) and b (instances, n) after each ``every`` steps.

    Two uniform numbers a feature, one for its value and one for whether it is on; ``einsum`` down
    and up again. ``probability``, P(xᵢ ≠ 0), and ``importance`` have shape (instances, n). The loss
    may be ``compiled`` by ``torch.compile``.
    """
    generator = torch.Generator().manual_seed(recipe.seed)
    p, weight = (torch.as_tensor(side, dtype=torch.float32) for side in (probability, importance))
    instances, n = p.shape
    spread = (2 / (n + hidden)) ** 0.5  # Xavier's, of each instance as if it were alone
    W = (torch.randn(instances, n, hidden, generator=generator) * spread).requires_grad_()
    b = torch.zeros(instances, n, requires_grad=True)
    optimiser = torch.optim.AdamW([W, b], lr=recipe.rate)

    def written(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        h = torch.einsum("bif,ifh->bih", x, W)
        reconstruction = torch.relu(torch.einsum("bih,ifh->bif", h, W) + b)
        return (weight * (x - reconstruction).abs() ** 2).mean(dim=(0, 2)).sum()

    loss = torch.compile(written) if compiled else written
    for step in range(1, recipe.steps + 1):
        optimiser.zero_grad()
        value = torch.rand(recipe.batch, instances, n, generator=generator)
        on = torch.rand(recipe.batch, instances, n, generator=generator) <= p
        x = torch.where(on, value, torch.zeros(()))  # (batch, instances, n)
        loss(x, W, b).backward()
        optimiser.step()
        if step % every == 0 or step == recipe.steps:
            yield W.detach().double().numpy().copy(), b.detach().double().numpy().copy()


def train_quickly(
    recipe: Recipe, hidden: int, probability: np.ndarray, importance: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """W (instances, n, m) and b (instances, n) after all steps of x̂ = ReLU(W Wᵀx + b).

    All models are in one tensor, W Wᵀ comes before x, and an input takes one random number.
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
