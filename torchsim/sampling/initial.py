"""Where training starts: weights drawn for each model by itself, biases at 0."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import torch
from torch import Tensor

from torchsim.sampling.philox import WORDS, numbers, round_keys
from torchsim.specification import ModelSpec

INITIAL = 2
"""The purpose of the numbers that initial weights are made of; inputs take 0 and 1."""


def initial(
    models: Sequence[ModelSpec],
    restarts: range | Sequence[int],
    device: torch.device,
    dtype: torch.dtype,
) -> tuple[Tensor, Tensor]:
    """W (instances, n, m), normal with variance 2/(n + m), and b = 0 (instances, n).

    W_ih = √(2/(n + m))·Φ⁻¹((r + 1/2)/2³²) with r the number (h, i) of step 0 under the key (seed,
    restart): the spread that Xavier and Glorot give to one n × m matrix, however many models there
    are. Worked in float64 on the CPU, so that every device starts from the same weights. Source:
    Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks", equation 12; the inverse of the normal distribution function.

    >>> models = [ModelSpec.of(5, 2, "1/2")] * 3
    >>> W, b = initial(models, range(8), torch.device("cpu"), torch.float64)
    >>> W.shape, torch.equal(W[:8], W[8:16]), bool((b == 0).all())
    (torch.Size([24, 5, 2]), True, True)
    """
    n, m = models[0].features, models[0].hidden
    instances = [(model.seed, restart) for model in models for restart in restarts]
    seeds, indices = torch.tensor(instances).reshape(-1, 2, 1, 1).unbind(1)
    r = numbers(round_keys(seeds, indices), torch.arange(n), 0, m, step=0, purpose=INITIAL)
    uniform = (r.to(torch.float64) + 0.5) / WORDS
    W = sqrt(2 / (n + m)) * torch.special.ndtri(uniform)
    return W.to(device, dtype), torch.zeros(len(instances), n, device=device, dtype=dtype)
