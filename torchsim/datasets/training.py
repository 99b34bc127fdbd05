"""Training toy models on a data set, all restarts together, every step on the whole set."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import torch
from torch import Tensor

from torchsim.datasets.points import data_points, unseen_points
from torchsim.datasets.run import DatasetRun, TrainedOnDataset
from torchsim.datasets.specification import DatasetSpec, DatasetTraining
from torchsim.run import History
from torchsim.sampling import initial
from torchsim.training.adam import AdamDescent
from torchsim.training.checkpoint import Checkpointer, TrainingProgress
from torchsim.training.devices import device_name
from torchsim.training.each_model import seconds_of_each, train_each
from torchsim.training.loop import Result
from torchsim.training.losses import forward, loss_and_gradient


def train(
    spec: DatasetTraining,
    *,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    keeping: Checkpointer | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> DatasetRun:
    """All restarts of all models of a specification, trained, and judged on unseen inputs.

    Goes on from the state that ``keeping`` has, if any, bit for bit as without the stop. Once
    ``should_stop`` is true the last state is kept and KeyboardInterrupt raised. Errors: ``device``,
    ``diverged`` where all restarts of all models did, those of ``keeping``.

    >>> model = DatasetSpec.of(9, 2, 3, "2/3", steps=400)
    >>> bool(train(DatasetTraining((model,), restarts=4)).trained[0].loss.min() < 1e-2)
    True
    """
    trained, seconds = train_each(spec, DatasetDescent, _judged, on_progress, keeping, should_stop)
    return DatasetRun(spec, trained, seconds, device_name(spec.device))


def estimate(spec: DatasetTraining) -> float:
    """About how many seconds ``train`` takes, from some steps of each model. Errors: ``device``.

    >>> estimate(DatasetTraining((DatasetSpec.of(9, 2, 3, "2/3"),), restarts=1)) > 0
    True
    """
    return seconds_of_each(spec, DatasetDescent)


class DatasetDescent(AdamDescent):
    """All restarts of a model on their way down, on one data set."""

    def __init__(self, spec: DatasetTraining, number: int) -> None:
        self.model = model = spec.models[number]
        device = torch.device(spec.device)
        W, b = initial([model.inputs], range(spec.restarts), device, torch.float64)
        super().__init__(model, number, {"W": W, "b": b})
        self.x = data_points(model).T.to(device).expand(spec.restarts, -1, -1)
        self.importance = torch.ones_like(b)

    def loss_and_slopes(self) -> tuple[Tensor, dict[str, Tensor]]:
        """Those of the whole data set."""
        found = loss_and_gradient(self.weights["W"], self.weights["b"], self.x, self.importance)
        return found.losses[:, None], {"W": found.W, "b": found.b}

    def settle(self) -> None:
        """Shrink the weights, as AdamW does. Source: Loshchilov and Hutter 2019."""
        for weight in self.weights.values():
            weight.mul_(1 - self.model.decay * self.model.rate_at(self.step))


def set_losses(W: Tensor, b: Tensor, x: Tensor) -> Tensor:
    """‖x − x̂‖² of each of some inputs x (inputs, n), of one restart: (inputs,).

    >>> one = torch.ones(1, 1)
    >>> set_losses(one, torch.tensor([-0.5]), torch.tensor([[1.0], [0.0]])).tolist()
    [0.25, 0.0]
    """
    output = forward(W[None], b[None], x.T[None], "relu")[0]
    return (x.T - output).square().sum(0)


def _judged(_: DatasetTraining, model: DatasetSpec, result: Result) -> TrainedOnDataset:
    """A model's restarts with their losses on the data set and on unseen inputs, on the CPU."""
    W, b = result.tensors["W"].cpu(), result.tensors["b"].cpu()
    seen, unseen = data_points(model), unseen_points(model)
    on_set = torch.stack([set_losses(*each, seen).mean() for each in zip(W, b, strict=True)])
    others = torch.stack([set_losses(*each, unseen) for each in zip(W, b, strict=True)])
    error = others.std(1, correction=0) / others.shape[1] ** 0.5
    mean = others.mean(1)
    mean = mean.masked_fill(mean.isnan(), inf)  # of a restart that diverged, as its loss on the set
    history = History(result.steps, result.tensors["losses"])
    return TrainedOnDataset(model, W, b, on_set, mean, error, history)
