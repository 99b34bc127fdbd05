"""All restarts of one model on their way down, by Adam, on losses whose slopes are written out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from math import nan
from typing import Protocol

import torch
from torch import Tensor

from torchsim.training.checkpoint import State
from torchsim.training.loop import Result

_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_RECORDS = 100  # about so many losses are kept of each restart


class _Rated(Protocol):
    """A configuration with so many steps, each at a rate."""

    @property
    def steps(self) -> int: ...

    @property
    def rate(self) -> float: ...

    def rate_at(self, step: int) -> float: ...


class AdamDescent(ABC):
    """Weights, moments of Adam, losses so far; ``number`` is the model's in its run, from 0.

    Adam is written out: its step is the same for a number wherever that stands among the others.
    The first axis of every weight has the restarts.
    """

    def __init__(self, model: _Rated, number: int, weights: dict[str, Tensor]) -> None:
        self.number, self.step, self.weights = number, 0, weights
        self._rated = model
        self.means = {name: torch.zeros_like(w) for name, w in weights.items()}
        self.squares = {name: torch.zeros_like(w) for name, w in weights.items()}
        some = next(iter(weights.values()))
        self.interval = -(-model.steps // _RECORDS)
        records = -(-model.steps // self.interval)
        self.losses = torch.zeros(records, len(some), dtype=torch.float64)
        self.total = torch.zeros(len(some), device=some.device, dtype=torch.float64)
        self._is_lost = False  # all restarts were given up at some record

    @abstractmethod
    def loss_and_slopes(self) -> tuple[Tensor, dict[str, Tensor]]:
        """The losses of this step's inputs, (restarts, inputs), and the slopes of their means."""

    def settle(self) -> None:
        """What is done to the weights after each step."""
        return

    def advance(self) -> int:
        """One step of every restart, or up to the next record where all of them diverged."""
        if self._is_lost:
            taken = min(self.interval - self.step % self.interval, self._rated.steps - self.step)
            self.step += taken
            self._record()
            return taken
        loss, slopes = self.loss_and_slopes()
        for name, slope in slopes.items():
            self._adam(name, slope)
        self.settle()
        self.total += loss.mean(1)
        self.step += 1
        if self.step % self.interval == 0 or self.step == self._rated.steps:
            self._record()
        return 1

    def _adam(self, name: str, slope: Tensor) -> None:
        """One step of Adam. Source: Kingma and Ba 2015, algorithm 1."""
        mean, square, count = self.means[name], self.squares[name], self.step + 1
        mean.lerp_(slope, 1 - _BETAS[0])
        square.lerp_(slope * slope, 1 - _BETAS[1])
        size = (square / (1 - _BETAS[1] ** count)).sqrt_().add_(_EPSILON)
        rate = self._rated.rate_at(self.step) / (1 - _BETAS[0] ** count)
        self.weights[name] -= rate * mean / size

    def _record(self) -> None:
        """Keep the mean loss since the last record, and give up what is not finite."""
        row = (self.step - 1) // self.interval
        self.losses[row] = self.total.cpu() / (self.step - row * self.interval)
        self.total.zero_()
        bad = ~torch.isfinite(self.losses[row])
        for weight in self.weights.values():
            bad |= ~torch.isfinite(weight).flatten(1).all(1).cpu()
        # a NaN in the weights is in every number of this restart from now on, and in no other's
        self.losses[row, bad] = nan
        for weight in self.weights.values():
            weight[bad.to(weight.device)] = nan
        self._is_lost = bool(bad.all())

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
        self._is_lost = all(bool(weight.isnan().all()) for weight in self.weights.values())

    def result(self) -> Result:
        """The weights, and the losses on the way."""
        records = range(1, len(self.losses) + 1)
        steps = tuple(min(k * self.interval, self._rated.steps) for k in records)
        found = {name: weight.clone() for name, weight in self.weights.items()}
        return Result({**found, "losses": self.losses.clone()}, steps)
