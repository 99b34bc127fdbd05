"""What comes of training on a data set: weights, losses on it and beyond it, and the geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any, ClassVar

from torch import Tensor

from handcalc.display import Displayed
from handcalc.export import AsArrays, Tabular
from handcalc.superposition.phases.regimes import REPRESENTED
from handcalc.wording import counted, lasted
from torchsim.datasets.points import data_points
from torchsim.datasets.specification import DatasetSpec, DatasetTraining
from torchsim.restarts import Restarts, divergence
from torchsim.run import History, dimensionalities

_AGREED = 1e-2  # of the 1 that dropping a data point costs


@dataclass(frozen=True, eq=False, repr=False)
class TrainedOnDataset(Restarts, Displayed, AsArrays, Tabular):
    """All restarts of one configuration, in float64 on the CPU.

    ``W`` is (restarts, n, m) and ``b`` (restarts, n). ``loss`` (restarts,) is that on the data set;
    ``unseen`` and its ``standard_error`` (restarts,) are of inputs that are not in it, the same
    ones for all, and infinite where a restart diverged. The best restart is the one with the lowest
    loss on the data set.
    """

    model: DatasetSpec
    W: Tensor
    b: Tensor
    loss: Tensor
    unseen: Tensor
    standard_error: Tensor
    history: History

    def __repr__(self) -> str:
        if self.is_lost:
            return f"<TrainedOnDataset: {self.model.in_short}, {divergence(self.diverged)}>"
        said = (
            f"loss {self.lowest:.3g} on them, {float(self.unseen[self.best]):.3g} on unseen inputs"
        )
        count = counted(len(self.loss), "restart")
        return f"<TrainedOnDataset: {self.model.in_short}, {said}, the best of {count}>"

    @property
    def agreed(self) -> int:
        """How many restarts came as low as the best one, but for 0.01; a data point weighs 1.

        None did where all diverged.
        """
        return 0 if self.is_lost else int((self.loss <= self.loss.min() + _AGREED).sum())

    @property
    def mean_unseen(self) -> float:
        """The mean loss on unseen inputs of the restarts that did not diverge; infinite of none."""
        return inf if self.is_lost else float(self.unseen[list(self.standing)].mean())

    @cached_property
    def points(self) -> Tensor:
        """The data points X (T, n)."""
        return data_points(self.model)

    @property
    def hidden(self) -> Tensor:
        """h = Wᵀx of each data point, in the best restart: (T, m)."""
        return self.points @ self.W[self.best]

    @property
    def held(self) -> tuple[int, ...]:
        """The features, from 1, whose arrow is at least 1/2 long in the best restart."""
        lengths = self.W[self.best].norm(dim=1).tolist()
        return tuple(i for i, length in enumerate(lengths, 1) if length >= REPRESENTED)

    @property
    def feature_dimensionality(self) -> Tensor:
        """Dᵢ = ‖Wᵢ‖² / Σⱼ (Ŵᵢ·Wⱼ)² of each feature (n,), in the best restart."""
        return dimensionalities(self.W[self.best])

    @property
    def point_dimensionality(self) -> Tensor:
        """The same of each data point (T,), with its h for Wᵢ.

        Source: Henighan et al. 2023, "Superposition, Memorization, and Double Descent".
        """
        return dimensionalities(self.hidden)

    def arrays(self) -> dict[str, Any]:
        """The data points, and the weights and losses of every restart."""
        named = {"X": self.points, "W": self.W, "b": self.b, "loss": self.loss}
        return {name: tensor.tolist() for name, tensor in {**named, "unseen": self.unseen}.items()}

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row a restart: its losses on the data set and on unseen inputs."""
        return {
            "restart": range(len(self.loss)),
            "loss": self.loss.tolist(),
            "unseen": self.unseen.tolist(),
        }


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class DatasetRun(Displayed, Tabular):
    """A run: its specification, every model trained, and how long it took on which device.

    ``wall_seconds`` runs from initialisation to the last loss; ``device`` is the device's own name.
    """

    called: ClassVar[str] = "toy models on data sets"
    spec: DatasetTraining
    trained: tuple[TrainedOnDataset, ...]
    wall_seconds: float
    device: str

    def __repr__(self) -> str:
        return f"<DatasetRun: {self.spec.in_short}, {lasted(self.wall_seconds)}>"

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row for each model: what it is, and what its best restart came to."""
        models = self.spec.models
        return {
            "model": range(1, len(models) + 1),
            "features": [model.features for model in models],
            "hidden": [model.hidden for model in models],
            "points": [model.points for model in models],
            "distribution": [model.distribution.sentence() for model in models],
            "loss": [each.lowest for each in self.trained],
            "unseen": [float(each.unseen[each.best]) for each in self.trained],
            "held": [None if each.is_lost else len(each.held) for each in self.trained],
            "best restart": [None if each.is_lost else each.best for each in self.trained],
            "agreed": [each.agreed for each in self.trained],
            "diverged": [len(each.diverged) - len(each.standing) for each in self.trained],
        }
