"""How a long run is kept, so that it can go on after it was stopped or killed.

A trainer offers a ``State`` at its boundaries: after a step, or after a round of descent. Whoever
keeps states, a run's folder or a test's list, says when one is due and hands back the last one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

import torch
from torch import Tensor

Kept: TypeAlias = "str | int | float | bool | Sequence[Kept] | Mapping[str, Kept] | None"
"""What JSON holds."""


@dataclass(frozen=True, slots=True, eq=False)
class State:
    """All that is needed to go on with ``group``, from 0, after so many of its ``step``s.

    ``tensors`` may be the trainer's live ones: whoever keeps a state copies it or writes it down
    before returning. They come back on any device.

    >>> State(group=0, step=7).numbers
    {}
    """

    group: int
    step: int
    tensors: dict[str, Tensor] = field(default_factory=dict)
    numbers: dict[str, Kept] = field(default_factory=dict)

    def copy_to(self, live: Mapping[str, Tensor]) -> None:
        """Put its tensors back into the trainer's own, which have the same names."""
        for name, tensor in live.items():
            tensor.copy_(self.tensors[name])


def zero_moments(weights: Tensor, fused: bool) -> dict[str, Tensor]:
    """What Adam keeps of some weights, at 0: it makes this at its first step, too late to be kept.

    >>> import torch
    >>> zero_moments(torch.ones(2), fused=False)["exp_avg"]
    tensor([0., 0.])
    """
    return {
        "step": torch.zeros((), device=weights.device if fused else "cpu"),
        "exp_avg": torch.zeros_like(weights),
        "exp_avg_sq": torch.zeros_like(weights),
    }


class Checkpointer(Protocol):
    """Keeps the last state of one run."""

    def load(self) -> State | None:
        """The state to go on from, or None to begin."""

    def save(self, state: State) -> None:
        """Keep this state instead of the one before."""

    def due(self) -> bool:
        """Whether so much has been done since the last one that the next should be kept."""


@dataclass(frozen=True, slots=True)
class TrainingProgress:
    """``done`` of ``total`` steps (on samples) or descents (of the exact loss) of a whole run.

    >>> TrainingProgress(done=1, total=4).part
    0.25
    """

    done: int
    total: int

    @property
    def part(self) -> float:
        """From 0 to 1."""
        return self.done / self.total
