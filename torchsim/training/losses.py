"""What models lose: exactly, on samples that training did not see, and on a batch with its slopes.

A batch of toy models is x̂ = ReLU(W Wᵀx + b), or the same without the ReLU: W is (instance, feature,
hidden), b (instance, feature), x (instance, feature, sample). A linear model has its floor at −∞
instead of 0, so that both kinds run side by side. Models of another activation run by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, sqrt

import numpy as np
import torch
from torch import Tensor

from handcalc.numbers.exact import to_float
from handcalc.superposition.numeric import expected_losses
from torchsim.elementwise import elementwise, value_and_slope
from torchsim.sampling import Sampler
from torchsim.specification import ModelSpec

_MOST = 12  # features of a ReLU model whose exact loss is worked
_TOGETHER = 1 << 20  # numbers of all restarts that are held at once
_WIDE = 4  # above so many features a dimension, going through h costs less than W Wᵀ does


def exact_losses(model: ModelSpec, W: Tensor, b: Tensor) -> Tensor | None:
    """L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²] of each restart (restarts,), in float64; None if n is too large.

    None, too, for activations other than ReLU and linear.

    ``W`` is (restarts, n, m), ``b`` (restarts, n). With a ReLU up to 12 features are worked, by the
    numeric loss; without, any number: with μ and Σ the mean and covariance of x and D = 1 − W Wᵀ,
    L = Σᵢ Iᵢ ((Dμ − b)ᵢ² + (DΣDᵀ)ᵢᵢ). Source: derived here.

    >>> pair = torch.tensor([[[1.0], [-1.0]]])  # two opposite features: L = Σ p²/3 with a ReLU
    >>> loss = exact_losses(ModelSpec.of(2, 1, "1/2"), pair, torch.zeros(1, 2))
    >>> bool((loss - 0.5**2 / 3).abs() < 1e-15)
    True
    """
    importance = _importance(model)
    if not model.has_exact:
        return None
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
    total, squares = torch.zeros(2, len(W), dtype=torch.float64, device=W.device)
    size = max(1, _TOGETHER // b.numel())
    for first in range(0, samples, size):
        x = sampler.inputs(0, min(size, samples - first), first=first, unseen=True)  # (1, n, …)
        x = x.expand(len(W), -1, -1)
        losses = weights @ (x - forward(W, b, x, model.activation)).square()  # (restarts, samples)
        total += losses.sum(1)
        squares += losses.square().sum(1)
    mean = total / samples
    variance = (squares / samples - mean.square()).clamp(min=0)
    return mean, variance.sqrt() / sqrt(samples)


def _importance(model: ModelSpec) -> Tensor:
    return torch.tensor([to_float(value) for value in model.importance], dtype=torch.float64)


# --------------------------------------------------------------------------------------------------
# A batch of models on a batch of inputs.


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


def forward(W: Tensor, b: Tensor, x: Tensor, activation: str) -> Tensor:
    """x̂ = f(W Wᵀx + b) (instances, n, samples), of models of one activation f.

    >>> pair = torch.tensor([[[1.0], [-1.0]]])  # two features, opposite in one dimension
    >>> x = torch.tensor([[[0.5], [0.0]]])
    >>> forward(pair, torch.zeros(1, 2), x, "relu").flatten().tolist()
    [0.5, 0.0]
    """
    z = _reconstruction(W, b, x)
    if activation == "relu":
        return z.relu()
    return z if activation == "linear" else elementwise(activation)(z)


def loss_and_gradient(
    W: Tensor,
    b: Tensor,
    x: Tensor,
    importance: Tensor,
    floor: Tensor | None = None,
    activation: str | None = None,
) -> BatchLoss:
    """L = Σᵢ Iᵢ mean (xᵢ − x̂ᵢ)² over the samples, a sum over features, and its gradient.

    With D = 2 I (x̂ − x)/samples where x̂ is above its ``floor``, else 0: ∂L/∂b = Σ D and, from
    G = W Wᵀ, ∂L/∂W = (Γ + Γᵀ) W, Γ = ∂L/∂G = D xᵀ. ``importance`` is (instances, n); ``floor``
    comes from ``floors``, or None where every instance has a ReLU. At a kink the derivative is
    taken from below: it is 0, as torch has it. With another ``activation`` f in place of a floor
    D is 2 I (x̂ − x) f′(z)/samples, and autograd gives f′ alone. Derived here.

    >>> one = torch.tensor([[[1.0]]])  # x̂ = x + b: L = b², whatever x is
    >>> found = loss_and_gradient(one, torch.ones(1, 1), torch.ones(1, 1, 4), torch.ones(1, 1))
    >>> found.losses.item(), found.b.item(), found.W.item()
    (1.0, 2.0, 4.0)
    """
    z = _reconstruction(W, b, x)
    slope = None
    if activation is not None:
        output, slope = value_and_slope(activation, z)
    else:
        output = z.relu_() if floor is None else torch.maximum(z, floor)
    error = output - x
    squares = torch.linalg.vector_norm(error, dim=2).square()  # one pass, nothing stored
    losses = (importance * squares).sum(1) / x.shape[2]
    if slope is not None:
        passed = error * slope
    else:
        above = output if floor is None else output - floor  # ∞ where the floor is −∞
        # errors, 0 where above is not > 0
        passed = torch.ops.aten.threshold_backward(error, above, 0)
    scale = (2 / x.shape[2]) * importance
    rows = scale.unsqueeze(2)  # D = rows · passed, a row of which has one scale
    if _is_wide(W):
        by_W = rows * (passed @ (W.mT @ x).mT) + x @ ((rows * W).mT @ passed).mT
    else:
        gram = rows * (passed @ x.mT)
        by_W = (gram + gram.mT) @ W
    return BatchLoss(losses, by_W, scale * passed.sum(2))


def _reconstruction(W: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """W Wᵀx + b (instances, n, samples)."""
    if _is_wide(W):
        return torch.baddbmm(b.unsqueeze(2), W, W.mT @ x)
    return torch.baddbmm(b.unsqueeze(2), W @ W.mT, x)


def _is_wide(W: Tensor) -> bool:
    return W.shape[1] > _WIDE * W.shape[2]
