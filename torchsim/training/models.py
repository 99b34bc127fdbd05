"""A batch of toy models: x̂ = ReLU(W Wᵀx + b), or without the ReLU, its loss and its gradient.

W is (instance, feature, hidden), b (instance, feature), x (instance, feature, sample). A linear
model is the same with its floor at −∞ instead of 0, so that both kinds run side by side.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

import torch
from torch import Tensor

_WIDE = 4
"""Above so many features a dimension, going through h costs less than W Wᵀ does."""


@dataclass(frozen=True, slots=True, eq=False)
class BatchLoss:
    """L of each instance on a batch (instances,), with ∂L/∂W and ∂L/∂b."""

    losses: Tensor
    W: Tensor
    b: Tensor


def floors(linear: Tensor, dtype: torch.dtype) -> Tensor:
    """What outputs stay above (instances, 1, 1): −∞ where ``linear`` (instances,) is true, else 0.

    >>> floors(torch.tensor([True, False]), torch.float32).flatten().tolist()
    [-inf, 0.0]
    """
    floor = torch.zeros(linear.shape, dtype=dtype, device=linear.device)
    return floor.masked_fill_(linear, -inf)[:, None, None]


def forward(W: Tensor, b: Tensor, x: Tensor, linear: Tensor) -> Tensor:
    """x̂ = max(W Wᵀx + b, floor) (instances, n, samples); ``linear`` (instances,) has no floor.

    >>> pair = torch.tensor([[[1.0], [-1.0]]])  # two features, opposite in one dimension
    >>> x = torch.tensor([[[0.5], [0.0]]])
    >>> forward(pair, torch.zeros(1, 2), x, torch.tensor([False])).flatten().tolist()
    [0.5, 0.0]
    """
    return torch.maximum(_reconstruction(W, b, x), floors(linear, x.dtype))


def loss_and_gradient(
    W: Tensor, b: Tensor, x: Tensor, importance: Tensor, floor: Tensor | None = None
) -> BatchLoss:
    """L = Σᵢ Iᵢ mean (xᵢ − x̂ᵢ)² over the samples, a sum over features, and its gradient.

    With D = 2 I (x̂ − x)/samples where x̂ is above its ``floor``, else 0: ∂L/∂b = Σ D and, from
    G = W Wᵀ, ∂L/∂W = (Γ + Γᵀ) W, Γ = ∂L/∂G = D xᵀ. ``importance`` is (instances, n); ``floor``
    comes from ``floors``, or None where every instance has a ReLU. At a kink the derivative is
    taken from below: it is 0, as torch has it. Derived here.

    >>> one = torch.tensor([[[1.0]]])  # x̂ = x + b: L = b², whatever x is
    >>> found = loss_and_gradient(one, torch.ones(1, 1), torch.ones(1, 1, 4), torch.ones(1, 1))
    >>> found.losses.item(), found.b.item(), found.W.item()
    (1.0, 2.0, 4.0)
    """
    z = _reconstruction(W, b, x)
    output = z.relu_() if floor is None else torch.maximum(z, floor)
    error = output - x
    squares = torch.linalg.vector_norm(error, dim=2).square()  # one pass, nothing stored
    losses = (importance * squares).sum(1) / x.shape[2]
    above = output if floor is None else output - floor  # ∞ where the floor is −∞
    passed = torch.ops.aten.threshold_backward(error, above, 0)  # errors, 0 where above is not > 0
    scale = (2 / x.shape[2]) * importance
    return BatchLoss(losses, _weight_gradient(W, x, passed, scale), scale * passed.sum(2))


def _reconstruction(W: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """W Wᵀx + b (instances, n, samples)."""
    if _is_wide(W):
        return torch.baddbmm(b.unsqueeze(2), W, W.mT @ x)
    return torch.baddbmm(b.unsqueeze(2), W @ W.mT, x)


def _weight_gradient(W: Tensor, x: Tensor, passed: Tensor, scale: Tensor) -> Tensor:
    """(Γ + Γᵀ) W (instances, n, m) for Γ = (scale · passed) xᵀ, a row of which has one scale."""
    rows = scale.unsqueeze(2)
    if _is_wide(W):
        return rows * (passed @ (W.mT @ x).mT) + x @ ((rows * W).mT @ passed).mT
    gram = rows * (passed @ x.mT)
    return (gram + gram.mT) @ W


def _is_wide(W: Tensor) -> bool:
    return W.shape[1] > _WIDE * W.shape[2]
