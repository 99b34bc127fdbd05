"""What a sparse autoencoder makes of h in floats: its code, its loss, and the slopes of that.

Slopes are written out, so that each step is the same whatever torch's autograd does. With r =
ĥ − h and ρ = 2 W_dec r + price, ∂/∂b_enc is the mean of the open gates times ρ; the slope of W_dec
is the part at a right angle to its rows, which keep their length 1.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from handcalc.numbers.exact import to_float
from torchsim.autoencoders.specification import SaeSpec
from torchsim.sampling import INITIAL
from torchsim.sampling.philox import WORDS, numbers, round_keys

Weights = Mapping[str, Tensor]
"""W_enc and W_dec (restarts, latents, m), b_enc and threshold (restarts, latents), b_dec."""

NAMES = ("W_enc", "W_dec", "b_enc", "b_dec", "threshold")
_THRESHOLD = 0.1  # with which training begins


def initial(model: SaeSpec, restarts: int, device: torch.device) -> dict[str, Tensor]:
    """Random directions of length 1, each its own encoder, by counter: the same on every device.

    >>> weights = initial(SaeSpec.of("1; -1", 3, "1/5", "1/2"), 2, torch.device("cpu"))
    >>> weights["W_dec"].abs().sum().item(), weights["b_enc"].shape
    (6.0, torch.Size([2, 3]))
    """
    shape = restarts, model.latents, model.model.m
    keys = round_keys(torch.tensor(model.seed), torch.arange(restarts).reshape(-1, 1, 1))
    rows = torch.arange(model.model.m)
    r = numbers(keys, rows, 0, model.latents, step=0, purpose=INITIAL).transpose(1, 2)
    W = torch.special.ndtri((r + 0.5) / WORDS).reshape(shape)
    W = (W / W.norm(dim=2, keepdim=True)).to(device)
    flat = torch.zeros(shape[:2], dtype=torch.float64, device=device)
    return {
        "W_enc": W.clone(),
        "W_dec": W,
        "b_enc": flat.clone(),
        "b_dec": torch.zeros(restarts, model.model.m, dtype=torch.float64, device=device),
        "threshold": flat + _THRESHOLD if model.kind == "jumprelu" else flat,
    }


def features(model: SaeSpec, device: torch.device) -> Tensor:
    """W as floats, (n, m).

    >>> features(SaeSpec.of("1; -1", 1, "1/5", "1/2"), torch.device("cpu")).tolist()
    [[1.0], [-1.0]]
    """
    rows = [[to_float(cell) for cell in row] for row in model.model.W]
    return torch.tensor(rows, dtype=torch.float64, device=device)


def codes(model: SaeSpec, weights: Weights, h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """u, the gates that are open, and f, each (restarts, inputs, latents).

    >>> model = SaeSpec.of("1; -1", 2, 0, "1/2", kind="topk")
    >>> weights = initial(model, 8, torch.device("cpu"))
    >>> u, gate, f = codes(model, weights, torch.ones(8, 5, 1, dtype=torch.float64))
    >>> bool((gate.sum(2) <= 1).all())
    True
    """
    u = (h - weights["b_dec"][:, None]) @ weights["W_enc"].transpose(1, 2)
    u = u + weights["b_enc"][:, None]
    gate = u > (weights["threshold"][:, None] if model.kind == "jumprelu" else 0)
    if model.kind == "topk":
        best = u.topk(model.k, dim=2).indices
        gate = gate & torch.zeros_like(gate).scatter_(2, best, True)
    return u, gate, u * gate


def losses(model: SaeSpec, weights: Weights, h: Tensor) -> tuple[Tensor, Tensor]:
    """The loss of each input, (restarts, inputs), and which latents are on.

    >>> model = SaeSpec.of("1", 1, "1/5", "1/2")
    >>> weights = initial(model, 1, torch.device("cpu"))
    >>> found, on = losses(model, weights, weights["W_dec"][:, :, :1])  # ĥ = h
    >>> round(float(found), 10), bool(on)
    (0.2, True)
    """
    _, gate, f = codes(model, weights, h)
    return _lost(model, gate, f, _left(weights, f, h)), gate


def loss_and_slopes(
    model: SaeSpec, weights: Weights, h: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of each input, (restarts, inputs), and the slopes of its mean in each weight.

    >>> model = SaeSpec.of("1", 1, "1/5", "1/2")
    >>> weights = initial(model, 1, torch.device("cpu"))
    >>> loss, slopes = loss_and_slopes(model, weights, weights["W_dec"][:, :, :1])
    >>> round(float(loss), 10), slopes["b_enc"].tolist()  # ĥ = h, so the price alone is left
    (0.2, [[0.2]])
    """
    u, gate, f = codes(model, weights, h)
    D, count, price = weights["W_dec"], h.shape[1], to_float(model.l1)
    left = _left(weights, f, h)
    inward = 2 * left @ D.transpose(1, 2)
    rho = (inward + (price if model.kind == "l1" else 0.0)) * gate
    along = 2 * f.transpose(1, 2) @ left / count
    slopes = {
        "W_enc": rho.transpose(1, 2) @ (h - weights["b_dec"][:, None]) / count,
        "W_dec": along - (along * D).sum(2, keepdim=True) * D,
        "b_enc": rho.mean(1),
    }
    if model.decoder_bias:
        pulled = (rho.mean(1)[:, None] @ weights["W_enc"])[:, 0]
        slopes["b_dec"] = 2 * left.mean(1) - pulled
    if model.kind == "jumprelu":
        # the step at the threshold has no slope but at it: a window of the bandwidth stands for it
        threshold = weights["threshold"][:, None]
        window = ((u - threshold).abs() < model.bandwidth / 2) / model.bandwidth
        slopes["threshold"] = -(window * (inward * threshold + price)).mean(1)
    return _lost(model, gate, f, left), slopes


def _left(weights: Weights, f: Tensor, h: Tensor) -> Tensor:
    """ĥ − h."""
    return f @ weights["W_dec"] + weights["b_dec"][:, None] - h


def _lost(model: SaeSpec, gate: Tensor, f: Tensor, left: Tensor) -> Tensor:
    """The squared error, and what the kind pays: activations, latents that are on, or nothing."""
    loss = (left**2).sum(2)
    if model.kind == "l1":
        return loss + to_float(model.l1) * f.sum(2)
    return loss + to_float(model.l1) * gate.sum(2) if model.kind == "jumprelu" else loss
