"""A group of instances cut into blocks, whose losses are worked one block after the other.

On a CPU a block is so small that its inputs, outputs and errors stay in the cache of a processor
core: a step is then three times as quick as over the whole group at once. An instance's numbers do
not depend on the others in its block.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from handcalc.numbers.exact import to_float
from torchsim.models import floors
from torchsim.sampling import Sampler
from torchsim.specification import TrainingSpec

__all__ = ["Block", "blocks"]

_CACHED = 1 << 17  # so many inputs make a block: with outputs and errors, 2 MB in float32


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Some models and some of their restarts, whose losses are worked in one go."""

    models: slice
    restarts: slice
    sampler: Sampler
    importance: Tensor  # (instances, n)
    floor: Tensor | None  # (instances, 1, 1)

    @property
    def at(self) -> tuple[slice, slice]:
        """Where its instances stand in tensors of shape (models, restarts, ...)."""
        return self.models, self.restarts


def blocks(spec: TrainingSpec, group: tuple[int, ...]) -> Iterator[Block]:
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
            yield Block(
                some,
                restarts,
                Sampler.of(chosen, numbers, device, dtype),
                importance.repeat_interleave(len(numbers), 0),
                floors(linear.repeat_interleave(len(numbers)), dtype) if linear.any() else None,
            )


def _cut(length: int, most: int) -> list[slice]:
    """Slices of at most so many, together ``length``.

    >>> _cut(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(low, min(low + most, length)) for low in range(0, length, most)]
