"""What trained models lose: exactly, and on samples that training did not see."""

from __future__ import annotations

from math import sqrt

import numpy as np
import torch
from torch import Tensor

from handcalc.numbers.exact import to_float
from handcalc.superposition.numeric import expected_losses
from torchsim.sampling import Sampler
from torchsim.specification import ModelSpec
from torchsim.training.models import forward

_MOST = 12  # features of a ReLU model whose exact loss is worked
_TOGETHER = 1 << 20  # numbers of all restarts that are held at once


def exact_losses(model: ModelSpec, W: Tensor, b: Tensor) -> Tensor | None:
    """L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²] of each restart (restarts,), in float64; None if n is too large.

    ``W`` is (restarts, n, m), ``b`` (restarts, n). With a ReLU up to 12 features are worked, by the
    numeric loss; without, any number: with μ and Σ the mean and covariance of x and D = 1 − W Wᵀ,
    L = Σᵢ Iᵢ ((Dμ − b)ᵢ² + (DΣDᵀ)ᵢᵢ). Source: derived here.

    >>> pair = torch.tensor([[[1.0], [-1.0]]])  # two opposite features: L = Σ p²/3 with a ReLU
    >>> loss = exact_losses(ModelSpec.of(2, 1, "1/2"), pair, torch.zeros(1, 2))
    >>> bool((loss - 0.5**2 / 3).abs() < 1e-15)
    True
    """
    importance = _importance(model)
    if model.activation == "relu":
        if model.features > _MOST:
            return None
        V, c = (values.detach().cpu().double().numpy() for values in (W, b))
        found = expected_losses(V, c, model.distribution, importance=importance.numpy())
        return torch.from_numpy(found).clamp(min=0).to(W.device)  # rounding can bring it below
    mean, covariance, weights, W, b = (
        values.to(W.device, torch.float64) for values in (*input_moments(model), importance, W, b)
    )
    left = torch.eye(model.features, dtype=W.dtype, device=W.device) - W @ W.mT
    squares = (left @ mean - b).square() + ((left @ covariance) * left).sum(2)
    return (squares @ weights).clamp(min=0)


def input_moments(model: ModelSpec) -> tuple[Tensor, Tensor]:
    """E[x] (n,) and the covariance of x (n, n), in float64.

    Active features are independent of one another and uniform: E[xᵢ] = pᵢ/2, E[xᵢ²] = pᵢ/3, and
    E[xᵢxⱼ] = P(i and j active)/4. Only features that are drawn together have a covariance.

    >>> mean, covariance = input_moments(ModelSpec.of(2, 1, "1/2"))
    >>> mean.tolist(), covariance[0].tolist() == [1 / 6 - 1 / 16, 0]
    ([0.25, 0.25], True)
    """
    n = model.features
    mean, covariance = np.zeros(n), np.zeros((n, n))
    for block in model.blocks:
        together = np.zeros((n, n))  # how likely i and j are active together
        for support, chance in block.supports:
            together[np.ix_(support, support)] += to_float((1 - (block.sparsity or 0)) * chance)
        p = np.diagonal(together)
        mean += p / 2
        covariance += together / 4 + np.diag(p) / 12 - np.outer(p, p) / 4
    return torch.from_numpy(mean), torch.from_numpy(covariance)


def sampled_losses(
    model: ModelSpec, W: Tensor, b: Tensor, samples: int = 1 << 16
) -> tuple[Tensor, Tensor]:
    """The mean loss on ``samples`` inputs (restarts,), and its standard error, in float64.

    The inputs are the unseen ones of the model, the same for all restarts and on every device.
    ``W`` is (restarts, n, m), ``b`` (restarts, n).

    >>> W, b = torch.tensor([[[1.0], [-1.0]]]), torch.zeros(1, 2)
    >>> mean, error = sampled_losses(ModelSpec.of(2, 1, "1/2"), W, b)
    >>> bool(((mean - 0.5**2 / 3) / error).abs() < 5), bool(error < 1e-3)
    (True, True)
    """
    sampler = Sampler.of([model], range(1), W.device, torch.float64)
    W, b, weights = (values.to(W.device, torch.float64) for values in (W, b, _importance(model)))
    linear = torch.full((len(W),), model.activation == "linear", device=W.device)
    total, squares = torch.zeros(2, len(W), dtype=torch.float64, device=W.device)
    size = max(1, _TOGETHER // b.numel())
    for first in range(0, samples, size):
        x = sampler.inputs(0, min(size, samples - first), first=first, unseen=True)  # (1, n, …)
        x = x.expand(len(W), -1, -1)
        losses = weights @ (x - forward(W, b, x, linear)).square()  # (restarts, samples)
        total += losses.sum(1)
        squares += losses.square().sum(1)
    mean = total / samples
    variance = (squares / samples - mean.square()).clamp(min=0)
    return mean, variance.sqrt() / sqrt(samples)


def _importance(model: ModelSpec) -> Tensor:
    return torch.tensor([to_float(value) for value in model.importance], dtype=torch.float64)
