"""What sparse autoencoders lose on inputs that no training saw, the same ones for all."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from torchsim.autoencoders.codes import Weights, features, losses
from torchsim.autoencoders.specification import SaeSpec
from torchsim.sampling import Sampler

JUDGED = 1 << 16
"""So many inputs."""
_AT_ONCE = 1 << 23  # numbers that are made of them


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """``loss`` and its ``standard_error`` (restarts,), and how often each latent is ``on``.

    ``on`` has shape (restarts, latents); all are in float64, on the CPU.
    """

    loss: Tensor
    standard_error: Tensor
    on: Tensor


def unseen(model: SaeSpec, count: int = JUDGED, device: str = "cpu") -> Tensor:
    """h of the first so many unseen inputs, (1, count, m).

    >>> unseen(SaeSpec.of("1 0; 0 1", 1, 0, "1/2"), 5).shape
    torch.Size([1, 5, 2])
    """
    here = torch.device(device)
    sampler = Sampler.of([model.inputs], (0,), here, torch.float64)
    x = sampler.inputs(0, count, unseen=True)[:1]
    return x.transpose(1, 2) @ features(model, here)


def judge(model: SaeSpec, weights: Weights, device: str = "cpu") -> Judged:
    """The mean loss of each restart, and how often each latent is on.

    >>> from torchsim.autoencoders.codes import initial
    >>> model = SaeSpec.of("1", 1, 0, "1/2")
    >>> found = judge(model, initial(model, 1, torch.device("cpu")))
    >>> bool(found.loss < 0.2), bool(abs(found.on - 0.5) < 0.01) or bool(found.on == 0)
    (True, True)
    """
    here = torch.device(device)
    h = unseen(model, device=device)
    some = max(1, _AT_ONCE // max(model.model.n, weights["W_dec"].shape[1]))
    rows = []
    for r in range(len(weights["W_dec"])):  # one at a time, as it takes memory
        own = {name: weight[r : r + 1].to(here) for name, weight in weights.items()}
        parts = [losses(model, own, part) for part in torch.split(h, some, dim=1)]
        each = torch.cat([loss[0] for loss, _ in parts])
        on = torch.cat([gate[0] for _, gate in parts]).to(torch.float64).mean(0)
        error = each.std(correction=0) / len(each) ** 0.5
        rows.append((each.mean().cpu(), error.cpu(), on.cpu()))
    loss, error, on = (torch.stack(column) for column in zip(*rows, strict=True))
    return Judged(loss, error, on)
