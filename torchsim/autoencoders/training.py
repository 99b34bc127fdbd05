"""Training sparse autoencoders: all restarts together, on inputs of the project's own sampler."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from handcalc.errors import InputError
from torchsim.autoencoders.codes import NAMES, features, initial, loss_and_slopes
from torchsim.autoencoders.judging import Judged, judge
from torchsim.autoencoders.run import SaeRun, TrainedSae
from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.run import History
from torchsim.sampling import Sampler
from torchsim.training.checkpoint import Checkpointer, State, TrainingProgress
from torchsim.training.devices import check_device, device_name, one_thread
from torchsim.training.loop import Offer, Result, TrainingLoop, seconds_of_steps, take_steps

_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_RECORDS = 100  # about so many losses are kept of each restart
_LEAST_THRESHOLD = 1e-3
_LOOK = 20  # steps that an estimate times


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
    ``diverged``, those of ``keeping``.

    >>> model = SaeSpec.of("1", 1, "1/5", "1/2", steps=50, batch=64)
    >>> train(SaeTraining((model,), restarts=2)).trained[0].W_dec.abs().tolist()
    [[[1.0]], [[1.0]]]
    """
    check_device(spec.device)
    loop = TrainingLoop(spec, train_group, on_progress, keeping, should_stop)
    trained = []
    with one_thread():
        for model, result in zip(spec.models, loop.run(), strict=True):
            loop.heed()
            trained.append(_judged(spec, model, result))
    return SaeRun(spec, tuple(trained), loop.seconds, device_name(spec.device))


def estimate(spec: SaeTraining) -> float:
    """About how many seconds ``train`` takes, from some steps of each model. Errors: ``device``.

    >>> estimate(SaeTraining((SaeSpec.of("1", 1, "1/5", "1/2", batch=8),), restarts=1)) > 0
    True
    """
    check_device(spec.device)
    with one_thread():
        return sum(
            seconds_of_steps(SaeDescent(spec, i), model.steps, _LOOK)
            for i, model in enumerate(spec.models)
        )


def train_group(
    spec: SaeTraining,
    group: tuple[int, ...],
    kept: State | None,
    report: Callable[[int], None],
    save: Offer,
    should_stop: Callable[[], bool],
) -> list[Result]:
    """The weights and the history of the one model of a group; as the trainers of toy models do."""
    descent = SaeDescent(spec, group[0])
    take_steps(descent, descent.model.steps, kept, report, save, should_stop)
    return [descent.result()]


class SaeDescent:
    """All restarts of a model on their way down: weights, moments of Adam, losses so far.

    Adam is written out: its step is the same for a number wherever that stands among the others.
    """

    def __init__(self, spec: SaeTraining, number: int) -> None:
        self.number, self.step = number, 0
        self.model = model = spec.models[number]
        device = torch.device(spec.device)
        self.weights = initial(model, spec.restarts, device)
        self.means = {name: torch.zeros_like(w) for name, w in self.weights.items()}
        self.squares = {name: torch.zeros_like(w) for name, w in self.weights.items()}
        self.sampler = Sampler.of([model.inputs], range(spec.restarts), device, torch.float64)
        self.features = features(model, device)
        self.interval = -(-model.steps // _RECORDS)
        records = -(-model.steps // self.interval)
        self.losses = torch.zeros(records, spec.restarts, dtype=torch.float64)
        self.total = torch.zeros(spec.restarts, device=device, dtype=torch.float64)

    def advance(self) -> int:
        """One step of every restart. Errors: ``diverged``, at the next record."""
        model, weights = self.model, self.weights
        h = self.sampler.inputs(self.step, model.batch).transpose(1, 2) @ self.features
        loss, slopes = loss_and_slopes(model, weights, h)
        for name, slope in slopes.items():
            self._adam(name, slope)
        weights["W_dec"] /= weights["W_dec"].norm(dim=2, keepdim=True)
        if model.kind == "jumprelu":
            weights["threshold"].clamp_(min=_LEAST_THRESHOLD)
        self.total += loss.mean(1)
        self.step += 1
        if self.step % self.interval == 0 or self.step == model.steps:
            self._record()
        return 1

    def _adam(self, name: str, slope: Tensor) -> None:
        """One step of Adam. Source: Kingma and Ba 2015, algorithm 1."""
        mean, square, count = self.means[name], self.squares[name], self.step + 1
        mean.lerp_(slope, 1 - _BETAS[0])
        square.lerp_(slope * slope, 1 - _BETAS[1])
        size = (square / (1 - _BETAS[1] ** count)).sqrt_().add_(_EPSILON)
        rate = self.model.rate_at(self.step) / (1 - _BETAS[0] ** count)
        self.weights[name] -= rate * mean / size

    def _record(self) -> None:
        """Keep the mean loss since the last record, and look for what is not finite."""
        row = (self.step - 1) // self.interval
        self.losses[row] = self.total.cpu() / (self.step - row * self.interval)
        self.total.zero_()
        bad = ~torch.isfinite(self.losses[row])
        for weight in self.weights.values():
            bad |= ~torch.isfinite(weight).flatten(1).all(1).cpu()
        if bad.any():
            rate = self.model.rate
            raise InputError(
                "diverged",
                f"Weights and losses must stay finite: model {self.number + 1}, restart "
                f"{int(bad.nonzero()[0]) + 1} became infinite or NaN before step {self.step}; "
                f"lower the learning rate from {rate:g} to {rate / 10:g}.",
            )

    def _kept(self) -> dict[str, Tensor]:
        """The live tensors that make up the state, by name."""
        moments = {f"mean.{name}": tensor for name, tensor in self.means.items()}
        moments |= {f"square.{name}": tensor for name, tensor in self.squares.items()}
        return {**self.weights, **moments, "losses": self.losses, "total": self.total}

    def state(self) -> State:
        """What ``restore`` goes on from; it holds the live tensors."""
        return State(group=0, step=self.step, tensors=self._kept())

    def restore(self, state: State) -> None:
        """Go back, or on, to a state of the same model of the same specification."""
        state.copy_to(self._kept())
        self.step = state.step

    def result(self) -> Result:
        """The weights, and the losses on the way."""
        records = range(1, len(self.losses) + 1)
        steps = tuple(min(k * self.interval, self.model.steps) for k in records)
        found = {name: self.weights[name].clone() for name in NAMES}
        return Result({**found, "losses": self.losses.clone()}, steps)


def _judged(spec: SaeTraining, model: SaeSpec, result: Result) -> TrainedSae:
    """A model's restarts with their losses on unseen inputs, all on the CPU."""
    weights = {name: result.tensors[name] for name in NAMES}
    found: Judged = judge(model, weights, spec.device)
    history = History(result.steps, result.tensors["losses"])
    return TrainedSae(model, **weights, loss=found.loss, standard_error=found.standard_error,
                      on=found.on, history=history)  # fmt: skip
