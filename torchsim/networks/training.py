"""Training networks with neurons: all restarts together, on inputs of the project's own sampler."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from torchsim.networks.architecture import Architecture, TwoLayers
from torchsim.networks.judging import judge
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.networks.specification import NetworkSpec, NetworkTraining
from torchsim.run import History
from torchsim.sampling import Sampler
from torchsim.training.adam import AdamDescent
from torchsim.training.checkpoint import Checkpointer, TrainingProgress
from torchsim.training.devices import device_name
from torchsim.training.each_model import seconds_of_each, train_each
from torchsim.training.loop import Result


def train(
    spec: NetworkTraining,
    *,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    keeping: Checkpointer | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> NetworkRun:
    """All restarts of all models of a specification, trained, and judged on unseen inputs.

    Goes on from the state that ``keeping`` has, if any, bit for bit as without the stop. Once
    ``should_stop`` is true the last state is kept and KeyboardInterrupt raised. Errors: ``device``,
    ``diverged`` where all restarts of all models did, those of ``keeping``.

    >>> model = NetworkSpec.of(1, 2, "absolute", "1/2", steps=600, batch=64, rate=5e-2)
    >>> bool(train(NetworkTraining((model,), restarts=4)).trained[0].loss.min() < 1e-4)
    True
    """
    trained, seconds = train_each(spec, NetworkDescent, _judged, on_progress, keeping, should_stop)
    return NetworkRun(spec, trained, seconds, device_name(spec.device))


def estimate(spec: NetworkTraining) -> float:
    """About how many seconds ``train`` takes, from some steps of each model. Errors: ``device``.

    >>> model = NetworkSpec.of(1, 2, "absolute", "1/2", batch=8)
    >>> estimate(NetworkTraining((model,), restarts=1)) > 0
    True
    """
    return seconds_of_each(spec, NetworkDescent)


class NetworkDescent(AdamDescent):
    """All restarts of a model on their way down."""

    def __init__(self, spec: NetworkTraining, number: int) -> None:
        self.model = model = spec.models[number]
        device = torch.device(spec.device)
        self.architecture: Architecture = TwoLayers(model)
        super().__init__(model, number, self.architecture.initial(spec.restarts, device))
        self.sampler = Sampler.of([model.inputs], range(spec.restarts), device, torch.float64)

    def loss_and_slopes(self) -> tuple[Tensor, dict[str, Tensor]]:
        """Those of this step's x."""
        x = self.architecture.inputs(self.sampler, self.step, self.model.batch)
        return self.architecture.loss_and_slopes(self.weights, x)


def _judged(spec: NetworkTraining, model: NetworkSpec, result: Result) -> TrainedNetwork:
    """A model's restarts with their losses on unseen inputs, all on the CPU."""
    weights = {name: result.tensors[name] for name in model.names}
    loss, error = judge(model, weights, spec.device)
    history = History(result.steps, result.tensors["losses"])
    return TrainedNetwork(model, weights, loss, error, history)
