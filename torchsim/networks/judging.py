"""What networks lose on inputs that no training saw, the same ones for all restarts."""

from __future__ import annotations

import torch
from torch import Tensor

from torchsim.networks.architecture import TwoLayers, Weights
from torchsim.networks.specification import NetworkSpec
from torchsim.sampling import Sampler

JUDGED = 1 << 16
"""So many inputs."""
_AT_ONCE = 1 << 22  # numbers that are made of them


def judge(model: NetworkSpec, weights: Weights, device: str = "cpu") -> tuple[Tensor, Tensor]:
    """The mean loss of each restart and its standard error, (restarts,), float64 on the CPU.

    >>> model = NetworkSpec.of(2, 2, sparsity=0)
    >>> weights = TwoLayers(model).initial(3, torch.device("cpu"))
    >>> nothing = {name: torch.zeros_like(weight) for name, weight in weights.items()}
    >>> loss, error = judge(model, nothing)  # ŷ = 0 loses 1/3 a feature
    >>> bool(((loss - 2 / 3).abs() < 5 * error).all()), bool((error < 0.005).all())
    (True, True)
    """
    here, architecture = torch.device(device), TwoLayers(model)
    sampler = Sampler.of([model.inputs], (0,), here, torch.float64)
    x = architecture.inputs(sampler, 0, JUDGED, unseen=True)[:1]
    some = max(1, _AT_ONCE // max(model.features, model.neurons))
    rows = []
    for r in range(len(weights["W_in"])):  # one at a time, as it takes memory
        own = {name: weight[r : r + 1].to(here) for name, weight in weights.items()}
        each = torch.cat(
            [architecture.losses(own, part)[0] for part in torch.split(x, some, dim=2)]
        )
        error = each.std(correction=0) / len(each) ** 0.5
        rows.append((each.mean().cpu(), error.cpu()))
    loss, error = (torch.stack(column) for column in zip(*rows, strict=True))
    return loss, error
