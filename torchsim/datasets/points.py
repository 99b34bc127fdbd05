"""The data points of a model, and inputs that it never meets: of length 1, by the seed."""

from __future__ import annotations

import torch
from torch import Tensor

from torchsim.datasets.specification import DatasetSpec
from torchsim.sampling import Sampler

UNSEEN = 1 << 13
"""So many inputs are kept back, to judge by."""
_TOGETHER = 1 << 10  # inputs of a step of the sampler, however many are wanted


def data_points(model: DatasetSpec) -> Tensor:
    """X (T, n), float64 on the CPU: a row a data point. A larger set begins with a smaller one.

    >>> few, more = (data_points(DatasetSpec.of(9, 2, T, "1/2")) for T in (3, 5))
    >>> more.shape, torch.equal(more[:3], few), bool((more.norm(dim=1) - 1 < 1e-12).all())
    (torch.Size([5, 9]), True, True)
    """
    return _drawn(model, model.points, unseen=False)


def unseen_points(model: DatasetSpec) -> Tensor:
    """Inputs of the same kind (``UNSEEN``, n) that are in no data set of the seed.

    >>> unseen_points(DatasetSpec.of(9, 2, 3, "1/2")).shape
    torch.Size([8192, 9])
    """
    return _drawn(model, UNSEEN, unseen=True)


def _drawn(model: DatasetSpec, count: int, *, unseen: bool) -> Tensor:
    """The first ``count`` inputs that are not 0, each divided by its length."""
    sampler = Sampler.of([model.inputs], (0,), torch.device("cpu"), torch.float64)
    kept: list[Tensor] = []
    step = 0
    while sum(map(len, kept)) < count:
        x = sampler.inputs(step, _TOGETHER, unseen=unseen)[0].T
        kept.append(x[(x > 0).any(1)])
        step += 1
    x = torch.cat(kept)[:count]
    lengths: Tensor = x.norm(dim=1, keepdim=True)
    return x / lengths
