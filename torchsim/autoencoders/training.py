"""Training sparse autoencoders: all restarts together, on inputs of the project's own sampler."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from torchsim.autoencoders.codes import NAMES, features, initial, loss_and_slopes
from torchsim.autoencoders.judging import Judged, judge
from torchsim.autoencoders.run import SaeRun, TrainedSae
from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.run import History
from torchsim.sampling import Sampler
from torchsim.training.adam import AdamDescent
from torchsim.training.checkpoint import Checkpointer, TrainingProgress
from torchsim.training.devices import device_name
from torchsim.training.each_model import seconds_of_each, train_each
from torchsim.training.loop import Result

_LEAST_THRESHOLD = 1e-3


def train(
    spec: SaeTraining,
    *,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    keeping: Checkpointer | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> SaeRun:
    """All restarts of all models of a specification, trained, and judged on unseen inputs.

    Goes on from the state that ``keeping`` has, if any, bit for bit as without the stop. Once
    ``should_stop`` is true the last state is kept and KeyboardInterrupt raised. Errors: ``device``,
    ``diverged`` where all restarts of all models did, those of ``keeping``.

    >>> model = SaeSpec.of("1", 1, "1/5", "1/2", steps=50, batch=64)
    >>> train(SaeTraining((model,), restarts=2)).trained[0].W_dec.abs().tolist()
    [[[1.0]], [[1.0]]]
    """
    trained, seconds = train_each(spec, SaeDescent, _judged, on_progress, keeping, should_stop)
    return SaeRun(spec, trained, seconds, device_name(spec.device))


def estimate(spec: SaeTraining) -> float:
    """About how many seconds ``train`` takes, from some steps of each model. Errors: ``device``.

    >>> estimate(SaeTraining((SaeSpec.of("1", 1, "1/5", "1/2", batch=8),), restarts=1)) > 0
    True
    """
    return seconds_of_each(spec, SaeDescent)


class SaeDescent(AdamDescent):
    """All restarts of a model on their way down; rows of W_dec keep their length 1."""

    def __init__(self, spec: SaeTraining, number: int) -> None:
        self.model = model = spec.models[number]
        device = torch.device(spec.device)
        super().__init__(model, number, initial(model, spec.restarts, device))
        self.sampler = Sampler.of([model.inputs], range(spec.restarts), device, torch.float64)
        self.features = features(model, device)

    def loss_and_slopes(self) -> tuple[Tensor, dict[str, Tensor]]:
        """Those of this step's h."""
        x = self.sampler.inputs(self.step, self.model.batch)
        return loss_and_slopes(self.model, self.weights, x.transpose(1, 2) @ self.features)

    def settle(self) -> None:
        """Rows of W_dec back to length 1, and thresholds above 0."""
        self.weights["W_dec"] /= self.weights["W_dec"].norm(dim=2, keepdim=True)
        if self.model.kind == "jumprelu":
            self.weights["threshold"].clamp_(min=_LEAST_THRESHOLD)


def _judged(spec: SaeTraining, model: SaeSpec, result: Result) -> TrainedSae:
    """A model's restarts with their losses on unseen inputs, all on the CPU."""
    weights = {name: result.tensors[name] for name in NAMES}
    found: Judged = judge(model, weights, spec.device)
    history = History(result.steps, result.tensors["losses"])
    return TrainedSae(model, **weights, loss=found.loss, standard_error=found.standard_error,
                      on=found.on, history=history)  # fmt: skip
