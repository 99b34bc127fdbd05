"""How far a small push of its input can put a model out: the price of superposition in robustness.

Source: Elhage et al. 2022, "The Relationship between Superposition and Adversarial Robustness".
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from handcalc.display import fields_text
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.wording import counted
from torchsim.run import Trained
from torchsim.sampling import Sampler
from torchsim.settings import read_count, read_positive
from torchsim.specification import ModelSpec
from torchsim.training.devices import one_thread
from torchsim.training.losses import forward

_STEPS = 100
_FEW = 8  # features whose own directions are starts
_FIRST_STEP = 0.5  # of the push; it shrinks from step to step


@dataclass(frozen=True, slots=True, repr=False)
class Vulnerability:
    """The mean loss of the best restart on some inputs, and under the worst push of each.

    ``relative`` is the mean rise of the loss, divided by that of a model that gives each feature a
    dimension of its own or none, and so passes a push on as it is: ε²·mean ‖x‖² where importances
    are 1. ``features_a_dimension`` is ‖W‖²_F/m.
    """

    clean: float
    attacked: float
    relative: float
    features_a_dimension: float

    __repr__ = fields_text


def vulnerability(trained: Trained, epsilon: float = 0.1, samples: int = 128) -> Vulnerability:
    """What pushes of length ε‖x‖ do to the best restart, found by projected gradient ascent.

    The worst push is searched for, so that what is found is at most the truth. Inputs are unseen
    ones, those that are 0 left out. Errors: ``epsilon``, ``size``, ``samples`` where all are 0.

    >>> from torchsim import ModelSpec, TrainingSpec, train
    >>> run = train(TrainingSpec((ModelSpec.of(2, 2, "1/2"),), restarts=4))
    >>> round(vulnerability(run.trained[0]).relative, 3)  # no superposition
    1.0
    """
    epsilon = read_positive("epsilon", epsilon)
    samples = read_count("number of samples", samples, 1 << 16)
    model = trained.model
    W, b = trained.W[trained.best].double(), trained.b[trained.best].double()
    drawn = Sampler.of([model], range(1), torch.device("cpu"), torch.float64)
    x = drawn.inputs(0, samples, first=0, unseen=True)[0].T  # (samples, n)
    x = x[(x > 0).any(1)]
    if not len(x):
        raise InputError(
            "samples",
            f"None of {counted(samples, 'input')} has an active feature that could be pushed: give "
            "more of them, or a lower sparsity.",
            suggestion=f"samples={8 * samples}",
        )
    weights = torch.tensor([to_float(each) for each in model.importance], dtype=torch.float64)
    clean = sample_losses(model, W, b, x, torch.zeros_like(x))
    with one_thread():  # several would mostly wait for each other, as the steps are small
        pushes = worst_pushes(model, W, b, x, epsilon)
    attacked = sample_losses(model, W, b, x, pushes)
    rise = float((attacked - clean).mean())
    alone = epsilon**2 * float((x.square().sum(1) * weights.max()).mean())
    share = float(W.square().sum()) / model.hidden
    return Vulnerability(float(clean.mean()), float(attacked.mean()), rise / alone, share)


def sample_losses(model: ModelSpec, W: Tensor, b: Tensor, x: Tensor, push: Tensor) -> Tensor:
    """Σᵢ Iᵢ (xᵢ − x̂ᵢ(x + push))² of each input (samples,); x and push are (samples, n)."""
    output = forward(W[None], b[None], (x + push).T[None], model.activation)[0].T
    weights = torch.tensor([to_float(each) for each in model.importance], dtype=x.dtype)
    return (x - output).square() @ weights


def worst_pushes(model: ModelSpec, W: Tensor, b: Tensor, x: Tensor, epsilon: float) -> Tensor:
    """Pushes (samples, n) of length ε‖x‖, up the gradient of the loss from several starts.

    The starts are the two ends of the direction that W Wᵀ stretches the most, and each feature's
    own, up and down, as far as there are not too many. With ReLU the loss has many maxima.
    """
    n = model.features
    _, axes = torch.linalg.eigh(W @ W.T)
    starts = [axes[:, -1], -axes[:, -1]]
    starts += [sign * row for row in torch.eye(n, dtype=x.dtype)[:_FEW] for sign in (1, -1)]
    length = epsilon * x.norm(dim=1, keepdim=True)
    best, found = torch.full((len(x),), -torch.inf, dtype=x.dtype), torch.zeros_like(x)
    for start in starts:
        push = length * start.expand_as(x)
        for step in range(_STEPS):
            push = push.detach().requires_grad_()
            losses = sample_losses(model, W, b, x, push)
            (slope,) = torch.autograd.grad(losses.sum(), push)
            better = losses > best
            best = torch.where(better, losses, best).detach()
            found = torch.where(better[:, None], push, found).detach()
            up = slope / slope.norm(dim=1, keepdim=True).clamp(min=1e-300)
            ahead = push + _FIRST_STEP * (1 - step / _STEPS) * length * up
            push = length * ahead / ahead.norm(dim=1, keepdim=True).clamp(min=1e-300)
    return found
