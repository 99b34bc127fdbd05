"""What comes of a run: weights of every restart, losses, history, and the best of each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.export import Exported, Tabular
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import join_text
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases.regimes import REPRESENTED
from handcalc.wording import counted, lasted
from torchsim.restarts import Restarts, best_in_short
from torchsim.specification import ModelSpec, TrainingSpec

_DIGITS = 12
ON_SAMPLES = 1e-2
_SAME = {"exact": 1e-6, "sampled": ON_SAMPLES}
"""Restarts agree whose losses are above the best one by at most so small a part of it."""


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """The losses of a model on the way: ``losses`` (records, restarts) after so many ``steps``.

    On samples a loss is the mean over the batches since the record before; descending the exact
    loss it is the lowest so far, and a step is an evaluation.

    ``dimensionality`` and ``lengths`` (records, restarts, n), in float32, are Dᵢ and ‖Wᵢ‖ of each
    feature at each of these steps, in a run on samples that was asked for ``measures``; else None.
    """

    steps: tuple[int, ...]
    losses: Tensor
    dimensionality: Tensor | None = None
    lengths: Tensor | None = None


def dimensionalities(W: Tensor) -> Tensor:
    """Dᵢ = ‖Wᵢ‖² / Σⱼ (Ŵᵢ·Wⱼ)² of each row of W (…, n, m), as (…, n) in float64; 0 for a zero row.

    Σⱼ (Wᵢ·Wⱼ)² = Wᵢ (WᵀW) Wᵢᵀ, so nothing of n × n is made. Source: Elhage et al. 2022, "The
    Geometry of Superposition".

    >>> import torch
    >>> dimensionalities(torch.tensor([[1.0, 0.0], [-2.0, 0.0], [0.0, 3.0]])).tolist()
    [0.2, 0.8, 1.0]
    """
    W = W.double()
    lengths = W.square().sum(-1)
    sharing = ((W @ (W.mT @ W)) * W).sum(-1)  # ‖Wᵢ‖² Σⱼ (Ŵᵢ·Wⱼ)²
    return (lengths.square() / sharing).nan_to_num(0.0)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Trained(Restarts, Displayed, Exported):
    """All restarts of one configuration.

    ``W`` (restarts, n, m) and ``b`` (restarts, n) are on the CPU. ``exact_loss`` (restarts,) is
    None where n is too large to work it out; ``sampled_loss`` and its ``standard_error``
    (restarts,) come from inputs that training did not see, the same ones for all restarts.
    """

    model: ModelSpec
    W: Tensor
    b: Tensor
    exact_loss: Tensor | None
    sampled_loss: Tensor
    standard_error: Tensor
    history: History

    def __repr__(self) -> str:
        model = self.model
        size = f"{counted(model.features, 'feature')} in {counted(model.hidden, 'dimension')}"
        return f"<Trained: {size}, {best_in_short(self)}>"

    @property
    def loss(self) -> Tensor:
        """What restarts are judged by (restarts,): the exact loss, the sampled one without it."""
        return self.sampled_loss if self.exact_loss is None else self.exact_loss

    @property
    def held(self) -> tuple[int, ...]:
        """The features, from 1, whose arrow is at least half as long as that of a feature alone.

        None are where all restarts diverged.
        """
        lengths = self.W[self.best].double().norm(dim=1).tolist()
        return tuple(i for i, length in enumerate(lengths, 1) if length >= REPRESENTED)

    @property
    def dimensionality(self) -> Tensor:
        """Dᵢ = ‖Wᵢ‖² / Σⱼ (Ŵᵢ·Wⱼ)² of the best restart (n,), in float64; 0 for a zero row.

        Source: Elhage et al. 2022, "The Geometry of Superposition".
        """
        return dimensionalities(self.W[self.best])

    @property
    def dimensions_a_feature(self) -> float:
        """m/‖W‖²_F of the best restart: how many dimensions a feature takes.

        Source: Elhage et al. 2022, "The Geometry of Superposition".
        """
        return self.model.hidden / float(self.W[self.best].double().square().sum())

    def arrays(self) -> dict[str, Any]:
        """W, b and the loss of every restart."""
        return {"W": self.W.tolist(), "b": self.b.tolist(), "loss": self.loss.tolist()}

    def latex(self) -> str:
        """LaTeX of the best restart, in decimals. Errors: ``activation`` without an exact model."""
        from handcalc.views import latex

        W, b = self.W[self.best], self.b[self.best]
        best = ToyModel.from_floats(W, b, 10**_DIGITS, self.model.exact_activation)
        return latex.model(best, latex.LATEX_ROUNDED)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TrainingRun(Displayed, Tabular):
    """A run: its specification, every model trained, and how long it took on which device.

    ``wall_seconds`` runs from initialisation to the last loss; imports and writing are left out.
    ``device`` is the device's own name. ``start`` has the weights that it began at, as ``start=``
    takes them, where these were given: (W, b), and of several models a list of each; else None.
    """

    spec: TrainingSpec
    trained: tuple[Trained, ...]
    wall_seconds: float
    device: str
    start: tuple[Any, Any] | None = None

    def __repr__(self) -> str:
        return f"<TrainingRun: {self.spec.in_short}, {lasted(self.wall_seconds)}>"

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row for each model: what it is, the loss of its best restart, and how many agreed."""
        losses = [each.lowest for each in self.trained]
        return model_columns(self.spec.models) | {
            "loss": losses,
            "exact": [each.exact_loss is not None for each in self.trained],
            "best restart": [None if each.is_lost else each.best for each in self.trained],
            "agreed": [self.agreed(i) for i in range(len(self.trained))],
            "diverged": [len(each.diverged) - len(each.standing) for each in self.trained],
        }

    @property
    def stopped(self) -> tuple[int, ...]:
        """The models, from 1, that a probe stopped before their last step on samples."""
        if self.spec.trainer == "exact":
            return ()
        each = enumerate(self.trained, 1)
        return tuple(i for i, one in each if one.history.steps[-1] < self.spec.steps)

    def refuse_unkept(self) -> None:
        """Refuse a run that a probe stopped: it did not come to its end. Errors: ``unfinished``."""
        if self.stopped:
            i = self.stopped[0]
            came = self.trained[i - 1].history.steps[-1]
            raise InputError(
                "unfinished",
                f"A probe stopped model {i} after {came} of {self.spec.steps} steps, and only "
                "finished runs are kept. Train it to its end, with so many steps: "
                f"torchsim.train(…, steps={came}).",
            )

    def agreed(self, i: int) -> int:
        """How many restarts of model i, from 0, came as low as its best one."""
        return count_agreed(self.trained[i].loss, _SAME[self.spec.trainer])


def count_agreed(losses: Tensor, part: float) -> int:
    """How many restarts are above the lowest loss by at most so small a part of it; 0 if that is ∞.

    >>> import torch
    >>> count_agreed(torch.tensor([1.0, 1.009, 1.02]), ON_SAMPLES)
    2
    """
    lowest = losses.min()
    if lowest.isinf():
        return 0
    return int((losses <= lowest + part * lowest.abs() + 1e-12).sum())


def model_columns(models: Sequence[ModelSpec]) -> dict[str, Sequence[Any]]:
    """The columns that say what each model is; several S or Iᵢ are a text of all of them.

    >>> model_columns([ModelSpec.of(2, 1, "1/2", "1 9/10")])["importance"]
    ['1 9/10']
    """
    return {
        "model": range(1, len(models) + 1),
        "features": [model.features for model in models],
        "hidden": [model.hidden for model in models],
        "activation": [model.activation for model in models],
        "distribution": [type(model.distribution).__name__ for model in models],
        "sparsity": [_one_or_text(getattr(m.distribution, "sparsity", None)) for m in models],
        "importance": [_one_or_text(model.importance) for model in models],
    }


def _one_or_text(values: Vector | None) -> Any:
    if values is None:
        return None
    return values[0] if len(set(values)) == 1 else join_text(values)
