"""The plain kernel: torch's operations and its optimisers, on any device.

All instances of a group take their steps together; their losses are worked block by block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from handcalc.numbers.exact import to_float
from torchsim.sampling import Sampler
from torchsim.specification import TrainingSpec
from torchsim.training.checkpoint import zero_moments
from torchsim.training.descent import Descent, rate_scale
from torchsim.training.losses import floors, loss_and_gradient

# --------------------------------------------------------------------------------------------------
# A group of instances cut into blocks, whose losses are worked one block after the other.
#
# On a CPU a block is so small that its inputs, outputs and errors stay in the cache of a processor
# core: a step is then three times as quick as over the whole group at once. An instance's numbers
# do not depend on the others in its block.


_CACHED = 1 << 17  # so many inputs make a block: with outputs and errors, 2 MB in float32


@dataclass(frozen=True, slots=True, eq=False)
class InstanceBlock:
    """Some models and some of their restarts, whose losses are worked in one go."""

    models: slice
    restarts: slice
    sampler: Sampler
    importance: Tensor  # (instances, n)
    floor: Tensor | None  # (instances, 1, 1)
    activation: str | None  # in place of a floor, the same for all

    @property
    def at(self) -> tuple[slice, slice]:
        """Where its instances stand in tensors of shape (models, restarts, ...)."""
        return self.models, self.restarts


def blocks(spec: TrainingSpec, group: tuple[int, ...]) -> Iterator[InstanceBlock]:
    """A group in blocks: as many models as can be, since models of one seed share their numbers.

    On CUDA the whole group is one block.

    >>> from torchsim.specification import ModelSpec
    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "1/2"),) * 40, "sampled", restarts=8, batch=1024)
    >>> [(block.models, block.restarts) for block in blocks(spec, tuple(range(40)))][-1]
    (slice(0, 40, None), slice(7, 8, None))
    """
    models = [spec.models[i] for i in group]
    device, dtype = torch.device(spec.device), getattr(torch, spec.dtype)
    most = len(models) * spec.restarts
    if device.type == "cpu":
        most = max(_CACHED // (models[0].features * spec.batch), 1)
    for some in _cut(len(models), most):
        chosen = models[some]
        linear = torch.tensor([model.activation == "linear" for model in chosen], device=device)
        importance = torch.tensor(
            [[to_float(i) for i in model.importance] for model in chosen],
            device=device,
            dtype=dtype,
        )
        for restarts in _cut(spec.restarts, max(most // len(chosen), 1)):
            numbers = range(spec.restarts)[restarts]
            yield InstanceBlock(
                some,
                restarts,
                Sampler.of(chosen, numbers, device, dtype),
                importance.repeat_interleave(len(numbers), 0),
                floors(linear.repeat_interleave(len(numbers)), dtype) if linear.any() else None,
                None if models[0].has_exact else models[0].activation,
            )


def _cut(length: int, most: int) -> list[slice]:
    """Slices of at most so many, together ``length``.

    >>> _cut(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(low, min(low + most, length)) for low in range(0, length, most)]


# --------------------------------------------------------------------------------------------------
# The descent.


class PlainDescent(Descent):
    """A group on its way down, a step at a time.

    What else is in the group changes a model's numbers by rounding alone: how a batched product
    rounds may depend on where in memory its operands stand, and on the processor.
    """

    def __init__(self, spec: TrainingSpec, group: tuple[int, ...]) -> None:
        super().__init__(spec, group)
        self.weights.grad = self.slopes = torch.zeros_like(self.weights)
        self.optimiser = _optimiser(spec, self.weights)
        self.moments = self.optimiser.state[self.weights]
        self.blocks = list(blocks(spec, group))

    def _advance(self, most: int) -> int:  # noqa: ARG002 - one is never too many
        spec = self.spec
        for block in self.blocks:
            self._work(block)
        self.slopes.div_(self.weights.shape[2])
        scale = rate_scale(spec.schedule, self.step, spec.steps)
        self.optimiser.param_groups[0]["lr"] = spec.rate * scale
        self.optimiser.step()
        # what has been infinite or NaN stays so: here always, in total until the next record
        squares = self.moments["exp_avg_sq"].amax((2, 3))
        self.sound += torch.isfinite(self.total + squares)
        return 1

    def _work(self, block: InstanceBlock) -> None:
        """Losses and gradients of a block on the batch of this step."""
        x = block.sampler.inputs(self.step, self.spec.batch)
        weights, slopes = self.weights[block.at], self.slopes[block.at]
        together = weights.flatten(0, 1)  # (instances, n, m + 1)
        found = loss_and_gradient(
            together[..., :-1], together[..., -1], x, block.importance, block.floor,
            block.activation,
        )  # fmt: skip
        self.total[block.at] += found.losses.view(weights.shape[:2])
        slopes[..., :-1] = found.W.view_as(weights[..., :-1])
        slopes[..., -1] = found.b.view_as(weights[..., -1])


def _optimiser(spec: TrainingSpec, weights: Tensor) -> torch.optim.Optimizer:
    """Adam or AdamW, its moments at 0.

    Not fused on a CPU: there the fused one rounds by where a number stands among the others.
    """
    fused = weights.is_cuda
    optimiser: torch.optim.Optimizer
    if spec.optimiser == "adamw":
        optimiser = torch.optim.AdamW(
            [weights], lr=spec.rate, weight_decay=spec.decay, foreach=False, fused=fused
        )
    else:
        optimiser = torch.optim.Adam([weights], lr=spec.rate, foreach=False, fused=fused)
    optimiser.state[weights] = zero_moments(weights, fused)
    return optimiser
