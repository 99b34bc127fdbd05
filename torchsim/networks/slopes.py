"""What a network with neurons makes of x in floats: its output, its loss, and the slopes of that.

Slopes are written out, so that each step is the same whatever torch's autograd does. With ρ =
2 I (ŷ − y) where ŷ > 0, and σ = W_outᵀρ where a neuron is on, the slope of W_out is ρhᵀ, that of
W_in xσᵀ, and tied weights have the sum of both.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from handcalc.numbers.exact import to_float
from torchsim.networks.specification import NetworkSpec
from torchsim.sampling import Sampler
from torchsim.sampling import initial as xavier

Weights = Mapping[str, Tensor]
"""W_in and, unless it is tied, W_out (restarts, n, m), and b (restarts, n)."""


def initial(model: NetworkSpec, restarts: int, device: torch.device) -> dict[str, Tensor]:
    """Each matrix by the rule of Xavier and Glorot, and b = 0: the same on every device.

    >>> weights = initial(NetworkSpec.of(3, 2, "absolute", "1/2"), 4, torch.device("cpu"))
    >>> weights["W_out"].shape, torch.equal(weights["W_in"], weights["W_out"])
    (torch.Size([4, 3, 2]), False)
    """
    given = [model.inputs], range(restarts), device, torch.float64
    found = dict(zip(("W_in", "b"), xavier(*given), strict=True))
    return found if model.tied else {**found, "W_out": xavier(*given, matrix=1)[0]}


def inputs(
    model: NetworkSpec, sampler: Sampler, step: int, count: int, unseen: bool = False
) -> Tensor:
    """x (restarts, n, count): at "absolute" a feature that is on, at u in (0, 1), is 2u − 1.

    >>> model = NetworkSpec.of(2, 2, "absolute", "1/2")
    >>> sampler = Sampler.of([model.inputs], (0,), torch.device("cpu"), torch.float64)
    >>> x = inputs(model, sampler, step=0, count=4000)
    >>> [abs(float(share.double().mean()) - 1 / 4) < 0.02 for share in (x > 0, x < 0)]
    [True, True]
    """
    u = sampler.inputs(step, count, unseen=unseen)
    return torch.where(u > 0, 2 * u - 1, u) if model.task == "absolute" else u


def wanted(model: NetworkSpec, x: Tensor) -> Tensor:
    """y of x.

    >>> wanted(NetworkSpec.of(1, 2, "absolute", "1/2"), torch.tensor([[[-0.5]]])).item()
    0.5
    """
    return x.abs() if model.task == "absolute" else x


def hidden(model: NetworkSpec, weights: Weights, x: Tensor) -> tuple[Tensor, Tensor]:
    """The neurons before their activation, and h, (restarts, m, inputs) each.

    >>> model = NetworkSpec.of(1, 1, sparsity="1/2")
    >>> weights = {"W_in": torch.tensor([[[-1.0]]]), "b": torch.zeros(1, 1)}
    >>> [each.item() for each in hidden(model, weights, torch.ones(1, 1, 1))]
    [-1.0, 0.0]
    """
    u = weights["W_in"].transpose(1, 2) @ x
    return u, u.relu() if model.activation == "relu" else u


def importances(model: NetworkSpec, device: torch.device) -> Tensor:
    """I as floats, (n, 1)."""
    given = [[to_float(each)] for each in model.importance]
    return torch.tensor(given, dtype=torch.float64, device=device)


def losses(model: NetworkSpec, weights: Weights, x: Tensor) -> Tensor:
    """The loss of each input, (restarts, inputs).

    >>> model = NetworkSpec.of(1, 2, "absolute", "1/2")
    >>> two = torch.tensor([[[1.0, -1.0]]])  # |x| = ReLU(x) + ReLU(−x)
    >>> weights = {"W_in": two, "W_out": two.abs(), "b": torch.zeros(1, 1)}
    >>> losses(model, weights, torch.tensor([[[-0.5, 0.25]]])).tolist()
    [[0.0, 0.0]]
    """
    _, h = hidden(model, weights, x)
    left = _output(weights, h).relu() - wanted(model, x)
    return (importances(model, x.device).to(left.dtype) * left**2).sum(1)


def loss_and_slopes(
    model: NetworkSpec, weights: Weights, x: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of each input, (restarts, inputs), and the slopes of its mean in each weight.

    >>> model = NetworkSpec.of(1, 1, sparsity="1/2")
    >>> one = torch.ones(1, 1, 1, dtype=torch.float64)
    >>> loss, slopes = loss_and_slopes(model, {"W_in": one, "b": one[0]}, one)  # ŷ = x + 1
    >>> loss.item(), slopes["b"].item(), slopes["W_in"].item()
    (1.0, 2.0, 4.0)
    """
    count, importance = x.shape[2], importances(model, x.device)
    u, h = hidden(model, weights, x)
    z = _output(weights, h)
    left = z.relu() - wanted(model, x)
    weighed = importance * left
    rho = 2 * weighed * (z > 0)
    sigma = weights.get("W_out", weights["W_in"]).transpose(1, 2) @ rho
    if model.activation == "relu":
        sigma = sigma * (u > 0)
    inward = x @ sigma.transpose(1, 2) / count
    outward = rho @ h.transpose(1, 2) / count
    b = rho.mean(2)
    slopes = (
        {"W_in": inward + outward, "b": b}
        if model.tied
        else {"W_in": inward, "W_out": outward, "b": b}
    )
    return (weighed * left).sum(1), slopes


def _output(weights: Weights, h: Tensor) -> Tensor:
    """W_out h + b, (restarts, n, inputs)."""
    return weights.get("W_out", weights["W_in"]) @ h + weights["b"][:, :, None]
