"""Training on samples: Adam or AdamW on fresh batches, as the paper's notebook does it.

All instances of a group take their steps together; their losses are worked block by block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import cos, pi

import torch
from torch import Tensor

from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from torchsim.run import History
from torchsim.sampling import Sampler, initial
from torchsim.specification import Schedule, TrainingSpec
from torchsim.training.checkpoint import State, zero_moments
from torchsim.training.loop import Offer
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
            )


def _cut(length: int, most: int) -> list[slice]:
    """Slices of at most so many, together ``length``.

    >>> _cut(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    return [slice(low, min(low + most, length)) for low in range(0, length, most)]


# --------------------------------------------------------------------------------------------------
# Learning rates that change on the way.
#
# Source: the notebook of Elhage et al. 2022, "Toy Models of Superposition".


def rate_scale(schedule: Schedule, step: int, steps: int) -> float:
    """What the rate is multiplied by at ``step``, 0 … steps − 1.

    constant: 1; linear: (steps − step)/steps; cosine: cos(½π·step/(steps − 1)), 0 at the last step
    (1 if there is only one).

    >>> rate_scale("linear", 1, 4), rate_scale("cosine", 0, 4), rate_scale("constant", 3, 4)
    (0.75, 1.0, 1.0)
    """
    if schedule == "linear":
        return (steps - step) / steps
    if schedule == "cosine" and steps > 1:
        return cos(pi / 2 * (step / (steps - 1)))
    return 1.0


_RECORDS = 100  # about so many losses are kept of each instance


def train_group(
    spec: TrainingSpec,
    group: tuple[int, ...],
    kept: State | None,
    report: Callable[[int], None],
    save: Offer,
    should_stop: Callable[[], bool],
) -> list[tuple[Tensor, Tensor, History]]:
    """W (restarts, n, m), b (restarts, n) and the history of each model of ``group``.

    Goes on from ``kept`` if there is a state. ``report`` hears how many more steps are done, those
    of ``kept`` first; after each step the state is offered to ``save``. Once ``should_stop`` says
    so, KeyboardInterrupt is raised instead of the next step. Errors: ``diverged``.

    >>> from torchsim.specification import ModelSpec
    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "1/2"),), "sampled", restarts=3, steps=5, batch=8)
    >>> [(W, b, history)] = train_group(
    ...     spec, (0,), None, lambda more: None, lambda state: None, lambda: False
    ... )
    >>> W.shape, history.steps
    (torch.Size([3, 2, 1]), (1, 2, 3, 4, 5))
    """
    descent = Descent(spec, group)
    if kept is not None:
        descent.restore(kept)
        report(kept.step)
    while descent.step < spec.steps:
        if should_stop():
            raise KeyboardInterrupt(f"stopped after {descent.step} of {spec.steps} steps")
        descent.advance()
        report(1)
        save(descent.state())
    return descent.results()


class Descent:
    """A group on its way down: weights, moments of the optimiser, losses so far.

    ``weights`` (models, restarts, n, m + 1) are W with b as a last column. The gradient is that of
    the notebook's loss, the mean over the batch and over features, L/n: Adam's steps hardly depend
    on the scale of the loss, but its ε = 1e-8 is an absolute one. Losses are reported as L, the sum
    over features. What else is in the group changes a model's numbers by rounding alone: how a
    batched product rounds may depend on where in memory its operands stand, and on the processor.
    """

    def __init__(self, spec: TrainingSpec, group: tuple[int, ...]) -> None:
        self.spec, self.group, self.step = spec, group, 0
        models = [spec.models[i] for i in group]
        grid, device = (len(models), spec.restarts), torch.device(spec.device)
        W, b = initial(models, range(spec.restarts), device, getattr(torch, spec.dtype))
        together = torch.cat((W, b.unsqueeze(2)), 2)
        self.weights = together.view(*grid, *together.shape[1:])
        self.weights.grad = self.slopes = torch.zeros_like(self.weights)
        self.optimiser = _optimiser(spec, self.weights)
        self.blocks = list(blocks(spec, group))
        self.interval = -(-spec.steps // _RECORDS)
        records = -(-spec.steps // self.interval)
        self.losses = torch.zeros(records, *grid, device=device, dtype=torch.float64)
        self.total = torch.zeros(grid, device=device, dtype=torch.float64)  # since the last record
        self.sound = torch.zeros(grid, device=device, dtype=torch.int64)  # steps that stayed finite

    def advance(self) -> None:
        """One step of every instance. Errors: ``diverged``, at the next record."""
        spec = self.spec
        for block in self.blocks:
            self._work(block)
        self.slopes.div_(self.weights.shape[2])
        scale = rate_scale(spec.schedule, self.step, spec.steps)
        self.optimiser.param_groups[0]["lr"] = spec.rate * scale
        self.optimiser.step()
        # what has been infinite or NaN stays so: here always, in total until the next record
        squares = self.optimiser.state[self.weights]["exp_avg_sq"].amax((2, 3))
        self.sound += torch.isfinite(self.total + squares)
        self.step += 1
        if self.step % self.interval == 0 or self.step == spec.steps:
            self._record()

    def _work(self, block: InstanceBlock) -> None:
        """Losses and gradients of a block on the batch of this step."""
        x = block.sampler.inputs(self.step, self.spec.batch)
        weights, slopes = self.weights[block.at], self.slopes[block.at]
        together = weights.flatten(0, 1)  # (instances, n, m + 1)
        found = loss_and_gradient(
            together[..., :-1], together[..., -1], x, block.importance, block.floor
        )
        self.total[block.at] += found.losses.view(weights.shape[:2])
        slopes[..., :-1] = found.W.view_as(weights[..., :-1])
        slopes[..., -1] = found.b.view_as(weights[..., -1])

    def _record(self) -> None:
        """Keep the mean loss since the last record, and look for what is not finite."""
        row = (self.step - 1) // self.interval
        self.losses[row] = self.total / (self.step - row * self.interval)
        self.total.zero_()
        first = int(self.sound.argmin())
        steps = int(self.sound.flatten()[first])
        if steps < self.step:
            spec = self.spec
            raise InputError(
                "diverged",
                "Weights and losses must stay finite: model "
                f"{self.group[first // spec.restarts] + 1}, restart {first % spec.restarts + 1} "
                f"became infinite or NaN at step {steps + 1}; lower the learning rate from "
                f"{spec.rate:g} to {spec.rate / 10:g}, or give importances of a more ordinary "
                "size.",
            )

    def _kept(self) -> dict[str, Tensor]:
        """The live tensors that make up the state, by name."""
        names = ("weights", "losses", "total", "sound")
        own = {name: getattr(self, name) for name in names}
        return {**own, **self.optimiser.state[self.weights]}

    def state(self) -> State:
        """What ``restore`` goes on from; it holds the live tensors."""
        return State(group=0, step=self.step, tensors=self._kept())

    def restore(self, state: State) -> None:
        """Go back, or on, to a state of the same group of the same specification."""
        state.copy_to(self._kept())
        self.step = state.step

    def results(self) -> list[tuple[Tensor, Tensor, History]]:
        """W, b and the history of each model."""
        records = range(1, len(self.losses) + 1)
        steps = tuple(min(k * self.interval, self.spec.steps) for k in records)
        return [
            (own[..., :-1].clone(), own[..., -1].clone(), History(steps, losses.clone()))
            for own, losses in zip(self.weights, self.losses.unbind(1), strict=True)
        ]


def _optimiser(spec: TrainingSpec, weights: Tensor) -> torch.optim.Optimizer:
    """Adam or AdamW, its moments at 0.

    Not fused on a CPU: there the fused one rounds by where a number stands among the others.
    """
    fused = spec.device == "cuda"
    optimiser: torch.optim.Optimizer
    if spec.optimiser == "adamw":
        optimiser = torch.optim.AdamW(
            [weights], lr=spec.rate, weight_decay=spec.decay, foreach=False, fused=fused
        )
    else:
        optimiser = torch.optim.Adam([weights], lr=spec.rate, foreach=False, fused=fused)
    optimiser.state[weights] = zero_moments(weights, fused)
    return optimiser
