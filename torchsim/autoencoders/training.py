"""Training sparse autoencoders: all restarts together, on inputs of the project's own sampler.

Gradients are written out, so that each step is the same whatever torch's autograd does. With r =
ĥ − h and ρ = 2 W_dec r + price, ∂/∂b_enc is the mean of the open gates times ρ; W_dec moves at a
right angle to its rows, which are then brought back to length 1.
"""

from __future__ import annotations

import time
from math import cos, pi

import torch
from torch import Tensor

from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.wording import brief
from torchsim.autoencoders.run import SaeRun
from torchsim.autoencoders.specification import SaeSpec
from torchsim.sampling import INITIAL, Sampler
from torchsim.sampling.philox import WORDS, numbers, round_keys
from torchsim.training.devices import check_device, device_name, one_thread

_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_JUDGED = 1 << 16  # inputs that the trained SAEs are compared on
_RECORDS = 100
_LEAST_THRESHOLD = 1e-3


def train_sae(spec: SaeSpec) -> SaeRun:
    """Every restart on its way down, and their loss on inputs that none was trained on.

    Errors: ``device``; ``diverged``.

    >>> spec = SaeSpec.of("1", 1, "1/5", "1/2", restarts=2, steps=50, batch=64)
    >>> train_sae(spec).W_dec.abs().tolist()
    [[[1.0]], [[1.0]]]
    """
    check_device(spec.device)
    began = time.perf_counter()
    with one_thread():
        return _trained(spec, began)


def _trained(spec: SaeSpec, began: float) -> SaeRun:
    device = torch.device(spec.device)
    sampler = Sampler.of([spec.inputs], range(spec.restarts), device, torch.float64)
    W = torch.tensor(
        [[to_float(cell) for cell in row] for row in spec.model.W], dtype=torch.float64,
        device=device,
    )  # fmt: skip
    weights = _initial(spec, device)
    moments = {name: (torch.zeros_like(w), torch.zeros_like(w)) for name, w in weights.items()}
    losses, every = list[Tensor](), -(-spec.steps // _RECORDS)
    for step in range(spec.steps):
        h = sampler.inputs(step, spec.batch).transpose(1, 2) @ W
        loss, slopes = loss_and_slopes(spec, weights, h)
        rate = spec.rate * 0.5 * (1 + cos(pi * step / spec.steps))
        for name, slope in slopes.items():
            _step(weights[name], slope, moments[name], rate, step + 1)
        weights["W_dec"] /= weights["W_dec"].norm(dim=2, keepdim=True)
        if spec.kind == "jumprelu":
            weights["threshold"].clamp_(min=_LEAST_THRESHOLD)
        if step % every == 0:
            losses.append(loss.mean(1))
    h = sampler.inputs(0, _JUDGED, unseen=True)[:1].transpose(1, 2) @ W
    final, on = _judged(spec, weights, h)
    if not bool(torch.isfinite(final).all()):
        message = f"The training diverged: take a lower rate than {brief(spec.rate)}."
        raise InputError("diverged", message)
    kept = {name: w.cpu() for name, w in weights.items()}
    return SaeRun(
        spec=spec,
        **kept,
        loss=final.cpu(),
        on=on.cpu(),
        history=torch.stack(losses, 1).cpu(),
        wall_seconds=time.perf_counter() - began,
        device=device_name(spec.device),
    )


def _initial(spec: SaeSpec, device: torch.device) -> dict[str, Tensor]:
    """Random directions of length 1, each its own encoder, by counter: the same on every device."""
    shape = spec.restarts, spec.latents, spec.model.m
    keys = round_keys(torch.tensor(spec.seed), torch.arange(spec.restarts).reshape(-1, 1, 1))
    rows = torch.arange(spec.model.m)
    r = numbers(keys, rows, 0, spec.latents, step=0, purpose=INITIAL).transpose(1, 2)
    W = torch.special.ndtri((r + 0.5) / WORDS).reshape(shape)
    W = (W / W.norm(dim=2, keepdim=True)).to(device)
    flat = torch.zeros(shape[:2], dtype=torch.float64, device=device)
    return {
        "W_enc": W.clone(),
        "W_dec": W,
        "b_enc": flat.clone(),
        "b_dec": torch.zeros(spec.restarts, spec.model.m, dtype=torch.float64, device=device),
        "threshold": flat + 0.1 if spec.kind == "jumprelu" else flat,
    }


def codes(spec: SaeSpec, weights: dict[str, Tensor], h: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """u, the gates that are open, and f, each (restarts, inputs, latents).

    >>> spec = SaeSpec.of("1; -1", 2, 0, "1/2", kind="topk")
    >>> weights = _initial(spec, torch.device("cpu"))
    >>> u, gate, f = codes(spec, weights, torch.ones(8, 5, 1, dtype=torch.float64))
    >>> bool((gate.sum(2) <= 1).all())
    True
    """
    u = (h - weights["b_dec"][:, None]) @ weights["W_enc"].transpose(1, 2)
    u = u + weights["b_enc"][:, None]
    gate = u > (weights["threshold"][:, None] if spec.kind == "jumprelu" else 0)
    if spec.kind == "topk":
        best = u.topk(spec.k, dim=2).indices
        gate = gate & torch.zeros_like(gate).scatter_(2, best, True)
    return u, gate, u * gate


def loss_and_slopes(
    spec: SaeSpec, weights: dict[str, Tensor], h: Tensor
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of each input, (restarts, inputs), and the slopes of its mean in each weight.

    >>> spec = SaeSpec.of("1", 1, "1/5", "1/2", restarts=1)
    >>> weights = _initial(spec, torch.device("cpu"))
    >>> loss, slopes = loss_and_slopes(spec, weights, weights["W_dec"][:, :, :1])
    >>> round(float(loss), 10), slopes["b_enc"].tolist()  # ĥ = h, so the price alone is left
    (0.2, [[0.2]])
    """
    u, gate, f = codes(spec, weights, h)
    D, count, price = weights["W_dec"], h.shape[1], to_float(spec.l1)
    left = f @ D + weights["b_dec"][:, None] - h
    loss = (left**2).sum(2)
    paid = price if spec.kind == "l1" else 0.0
    rho = (2 * left @ D.transpose(1, 2) + paid) * gate
    centred = h - weights["b_dec"][:, None]
    along = 2 * f.transpose(1, 2) @ left / count
    slopes = {
        "W_enc": rho.transpose(1, 2) @ centred / count,
        "W_dec": along - (along * D).sum(2, keepdim=True) * D,
        "b_enc": rho.mean(1),
    }
    if spec.decoder_bias:
        pulled = (rho.mean(1)[:, None] @ weights["W_enc"])[:, 0]
        slopes["b_dec"] = 2 * left.mean(1) - pulled
    if spec.kind == "l1":
        loss = loss + price * f.sum(2)
    elif spec.kind == "jumprelu":
        # the step at the threshold has no slope but at it: a window of the bandwidth stands for it
        threshold = weights["threshold"][:, None]
        window = ((u - threshold).abs() < spec.bandwidth / 2) / spec.bandwidth
        opened = 2 * (left @ D.transpose(1, 2)) * threshold + price
        slopes["threshold"] = -(window * opened).mean(1)
        loss = loss + price * gate.sum(2)
    return loss, slopes


def _step(
    weight: Tensor, slope: Tensor, moments: tuple[Tensor, Tensor], rate: float, step: int
) -> None:
    """One step of Adam. Source: Kingma and Ba 2015, algorithm 1."""
    mean, square = moments
    mean.lerp_(slope, 1 - _BETAS[0])
    square.lerp_(slope * slope, 1 - _BETAS[1])
    size = (square / (1 - _BETAS[1] ** step)).sqrt_().add_(_EPSILON)
    weight -= rate / (1 - _BETAS[0] ** step) * mean / size


def _judged(spec: SaeSpec, weights: dict[str, Tensor], h: Tensor) -> tuple[Tensor, Tensor]:
    """The mean loss of each restart on unseen inputs, and how often each latent is on."""
    h = h.expand(spec.restarts, -1, -1)
    loss, _ = loss_and_slopes(spec, weights, h)
    return loss.mean(1), codes(spec, weights, h)[1].to(torch.float64).mean(1)


def sae(  # noqa: PLR0913 - each is a part of the configuration, named when asked for
    model: object,
    latents: int,
    l1: object = "1/10",
    sparsity: object = None,
    *,
    distribution: object = None,
    kind: str = "l1",
    k: int = 1,
    restarts: int = 8,
    steps: int = 4000,
    batch: int = 1024,
    rate: float = 1e-2,
    seed: int = 0,
    decoder_bias: bool = False,
    device: str = "cpu",
) -> SaeRun:
    """Train sparse autoencoders on a toy model's h = Wᵀx, all restarts together.

    Args:
        model: A model, or W alone (n × m).
        latents: How many latents there are.
        l1: λ ≥ 0: the price of an activation, of the kind "jumprelu" that of a latent that is on.
        sparsity: S of the inputs, or one for each feature.
        distribution: Another distribution, in place of a sparsity.
        kind: "l1", "topk" or "jumprelu".
        k: Of "topk", how many latents may be on.
        restarts: How many starts.
        steps: How many steps of Adam.
        batch: How many inputs a step takes, drawn afresh.
        rate: The learning rate, which falls to 0.
        seed: Which random numbers.
        decoder_bias: Whether b_dec is trained, too; else it is 0.
        device: "cpu" or "cuda".

    Returns:
        The weights of every restart; ``exact()`` is the best in fractions, and ``exact_loss`` its
        exact loss.

    Raises:
        InputError: ``kind``, ``device``, ``sparsity``, ``diverged``, or the name of an argument.

    Examples:
        >>> run = sae("1; -1", 2, "1/5", "1/2", restarts=4, steps=300, batch=256)
        >>> run.exact().W_dec in (((1,), (-1,)), ((-1,), (1,)))
        True
    """
    return train_sae(
        SaeSpec.of(
            model, latents, l1, sparsity, distribution=distribution, kind=kind, k=k,
            restarts=restarts, steps=steps, batch=batch, rate=rate, seed=seed,
            decoder_bias=decoder_bias, device=device,
        )
    )  # fmt: skip
