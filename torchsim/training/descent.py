"""A group of instances on its way down on samples: what is kept of it, whatever takes the steps."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import cos, nan, pi

import torch
from torch import Tensor

from torchsim.run import History, dimensionalities
from torchsim.sampling import initial
from torchsim.specification import Schedule, TrainingSpec
from torchsim.training.checkpoint import State

MEASURES = ("dimensionality", "lengths")
"""What is kept of each feature at every record, where it is asked for."""

_RECORDS = 100  # about so many losses are kept of each instance


def rate_scale(schedule: Schedule, step: int, steps: int) -> float:
    """What the rate is multiplied by at ``step``, 0 … steps − 1.

    constant: 1; linear: (steps − step)/steps; cosine: cos(½π·step/(steps − 1)), 0 at the last step
    (1 if there is only one). Source: the notebook of Elhage et al. 2022, "Toy Models of
    Superposition".

    >>> rate_scale("linear", 1, 4), rate_scale("cosine", 0, 4), rate_scale("constant", 3, 4)
    (0.75, 1.0, 1.0)
    """
    if schedule == "linear":
        return (steps - step) / steps
    if schedule == "cosine" and steps > 1:
        return cos(pi / 2 * (step / (steps - 1)))
    return 1.0


class Descent(ABC):
    """Weights, moments of the optimiser, and losses so far.

    ``weights`` (models, restarts, n, m + 1) are W with b as a last column. The gradient is that of
    the notebook's loss, the mean over the batch and over features, L/n: Adam's steps hardly depend
    on the scale of the loss, but its ε = 1e-8 is an absolute one. Losses are reported as L, the sum
    over features.
    """

    moments: dict[str, Tensor]
    """What the optimiser keeps, by name; live."""

    def __init__(self, spec: TrainingSpec, group: tuple[int, ...]) -> None:
        self.spec, self.group, self.step = spec, group, 0
        models = [spec.models[i] for i in group]
        grid, device = (len(models), spec.restarts), torch.device(spec.device)
        W, b = initial(models, range(spec.restarts), device, getattr(torch, spec.dtype))
        together = torch.cat((W, b.unsqueeze(2)), 2)
        self.weights = together.view(*grid, *together.shape[1:])
        self.interval = -(-spec.steps // _RECORDS)
        records = -(-spec.steps // self.interval)
        self.losses = torch.zeros(records, *grid, device=device, dtype=torch.float64)
        self.total = torch.zeros(grid, device=device, dtype=torch.float64)  # since the last record
        self.measured: dict[str, Tensor] = {}
        if spec.measures:
            shape = records, *grid, models[0].features
            self.measured = {name: torch.zeros(shape, device=device) for name in MEASURES}
        self.sound = torch.zeros(grid, device=device, dtype=torch.int64)  # steps that stayed finite
        self._is_lost = False  # all instances were given up at some record

    def begin_at(self, W: Tensor, b: Tensor) -> None:
        """Before the first step: be at W (instances, n, m) and b (instances, n)."""
        self.weights.copy_(torch.cat((W, b.unsqueeze(2)), 2).view(self.weights.shape))

    def advance(self) -> int:
        """Some steps of every instance, up to the next record; returns how many were taken.

        A restart whose numbers are no longer finite is left at NaN from the next record on, and the
        others go on; once all of them are, the steps that are left change nothing and take no time.
        """
        record = min(self.spec.steps, (self.step // self.interval + 1) * self.interval)
        taken = record - self.step if self._is_lost else self._advance(record - self.step)
        self.step += taken
        if self.step == record:
            self._record()
        return taken

    @abstractmethod
    def _advance(self, most: int) -> int:
        """Take up to ``most`` steps, and say how many they were."""

    def _record(self) -> None:
        """Keep the mean loss since the last record and the measures; give up what is infinite."""
        row = (self.step - 1) // self.interval
        self.losses[row] = self.total / (self.step - row * self.interval)
        self.total.zero_()
        lost = self.sound < self.step
        self.losses[row, lost] = nan
        # a NaN in the weights is in every number of this restart from now on, and in no other's
        self.weights[lost] = nan
        self._is_lost = bool(lost.all())
        if self.measured:
            W = self.weights[..., :-1]
            self.measured["dimensionality"][row] = dimensionalities(W)
            self.measured["lengths"][row] = W.double().norm(dim=-1)

    def _kept(self) -> dict[str, Tensor]:
        """The live tensors that make up the state, by name."""
        names = ("weights", "losses", "total", "sound")
        return {name: getattr(self, name) for name in names} | self.moments | self.measured

    def state(self) -> State:
        """What ``restore`` goes on from; it holds the live tensors."""
        return State(group=0, step=self.step, tensors=self._kept())

    def restore(self, state: State) -> None:
        """Go back, or on, to a state of the same group of the same specification."""
        state.copy_to(self._kept())
        self.step = state.step
        self._is_lost = bool(self.weights.isnan().all())

    @property
    def recorded(self) -> tuple[int, ...]:
        """The steps of the records so far."""
        steps = range(self.interval, self.step + self.interval, self.interval)
        return tuple(k for k in (min(k, self.spec.steps) for k in steps) if k <= self.step)

    def results(self) -> list[tuple[Tensor, Tensor, History]]:
        """W, b and the history of each model, up to the last record."""
        steps, found = self.recorded, []
        for k, own in enumerate(self.weights):
            kept = {name: each[: len(steps), k].clone() for name, each in self.measured.items()}
            history = History(steps, self.losses[: len(steps), k].clone(), **kept)
            found.append((own[..., :-1].clone(), own[..., -1].clone(), history))
        return found
