"""What comes of training attention-only models: weights of every restart, losses, scores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from handcalc.display import Displayed
from handcalc.export import AsArrays, Tabular
from handcalc.wording import counted
from torchsim.attention.model import AttentionWeights
from torchsim.attention.scores import Scores
from torchsim.attention.specification import AttentionSpec, AttentionTraining

SAME = 1e-2
"""Restarts agree whose losses are above the best one by at most so small a part of it."""


@dataclass(frozen=True, slots=True, eq=False)
class AttentionHistory:
    """What a model came to on the way, after so many ``steps``.

    ``losses`` (records, restarts) are means over the batches since the record before; ``induction``
    and ``previous`` (records, restarts, layers, heads) are scores on unseen sequences, or None
    where the model is not scored.
    """

    steps: tuple[int, ...]
    losses: Tensor
    induction: Tensor | None
    previous: Tensor | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TrainedAttention(Displayed, AsArrays):
    """All restarts of one configuration, on the CPU.

    ``loss``, its ``standard_error`` and ``right`` (restarts,), the part of the places whose next
    token is the likeliest one, are on sequences that training did not see; on ``Contexts`` the loss
    is the expected one, and the error 0. ``scores`` are None where there are no heads, or nothing
    comes back.
    """

    model: AttentionSpec
    weights: AttentionWeights
    loss: Tensor
    standard_error: Tensor
    right: Tensor
    scores: Scores | None
    history: AttentionHistory

    def __repr__(self) -> str:
        loss = (
            f"loss {float(self.loss.min()):.5g}, the best of {counted(len(self.loss), 'restart')}"
        )
        return f"<TrainedAttention: {self.model.in_short}, {loss}>"

    @property
    def best(self) -> int:
        """The restart with the lowest loss, from 0."""
        return int(self.loss.argmin())

    @property
    def agreed(self) -> int:
        """How many restarts came as low as the best one, but for 1 per cent."""
        lowest = self.loss.min()
        return int((self.loss <= lowest + SAME * lowest.abs() + 1e-12).sum())

    def arrays(self) -> dict[str, Any]:
        """The matrices and the loss of every restart."""
        named = {name: tensor.tolist() for name, tensor in self.weights.named().items()}
        return {**named, "loss": self.loss.tolist()}


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AttentionRun(Displayed, Tabular):
    """A run: its specification, every model trained, and how long it took on which device.

    ``wall_seconds`` runs from initialisation to the last loss; ``device`` is the device's own name.
    """

    spec: AttentionTraining
    trained: tuple[TrainedAttention, ...]
    wall_seconds: float
    device: str

    def __repr__(self) -> str:
        return f"<AttentionRun: {self.spec.in_short}, {self.wall_seconds:.1f} seconds>"

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row for each model: what it is, and what its best restart came to."""
        models = self.spec.models
        return {
            "model": range(1, len(models) + 1),
            "layers": [model.layers for model in models],
            "heads": [model.heads for model in models],
            "d_model": [model.d_model for model in models],
            "data": [type(model.data).__name__ for model in models],
            "loss": [float(each.loss.min()) for each in self.trained],
            "right": [float(each.right[each.best]) for each in self.trained],
            "induction": [self._highest(each, "induction") for each in self.trained],
            "previous token": [self._highest(each, "previous") for each in self.trained],
            "best restart": [each.best for each in self.trained],
            "agreed": [each.agreed for each in self.trained],
        }

    @staticmethod
    def _highest(trained: TrainedAttention, name: str) -> float | None:
        """The highest score of a head of the best restart."""
        if trained.scores is None:
            return None
        found: Tensor = getattr(trained.scores, name)[trained.best]
        return float(found.max())
