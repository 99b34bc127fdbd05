"""Runs whose models are trained one after the other, each with all its restarts, by its descent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import inf, nan
from typing import Any, Protocol, TypeVar

import torch

from torchsim.one_by_one import Stepping
from torchsim.training.checkpoint import Checkpointer, State, TrainingProgress
from torchsim.training.devices import check_device, one_thread
from torchsim.training.divergence import refuse_nothing_left
from torchsim.training.loop import (
    Descending,
    Offer,
    Result,
    TrainingLoop,
    seconds_of_steps,
    take_steps,
)

_LOOK = 20  # steps that an estimate times

Trained = TypeVar("Trained")


class EachAlone(Protocol):
    """A specification each of whose models is a group of its own."""

    @property
    def models(self) -> tuple[Any, ...]:
        """What is trained."""

    @property
    def device(self) -> str:
        """On which device."""

    @property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """The models, from 0, one by one."""

    def length_before(self, group: int) -> int:
        """The steps of all models before one."""


class ModelDescent(Descending, Protocol):
    """All restarts of one model on their way down."""

    def result(self) -> Result:
        """What they came to."""


Spec = TypeVar("Spec", bound=EachAlone)


def train_each(
    spec: Spec,
    descent_of: Callable[[Spec, int], ModelDescent],
    judge: Callable[[Spec, Any, Result], Trained],
    on_progress: Callable[[TrainingProgress], None] | None,
    keeping: Checkpointer | None,
    should_stop: Callable[[], bool] | None,
) -> tuple[tuple[Trained, ...], float]:
    """Every model trained, and judged, in one thread; and the seconds that it took.

    Goes on from the state that ``keeping`` has, if any, bit for bit as without the stop. Once
    ``should_stop`` is true the last state is kept and KeyboardInterrupt raised. Restarts that
    diverged lose infinitely much, and the others are trained to the end. Errors: ``device``;
    ``diverged`` where none is left; those of ``judge`` and of ``keeping``.
    """

    def train_group(
        spec: Spec,
        group: tuple[int, ...],
        kept: State | None,
        report: Callable[[int], None],
        save: Offer,
        should_stop: Callable[[], bool],
    ) -> list[Result]:
        descent = descent_of(spec, group[0])
        take_steps(descent, spec.models[group[0]].steps, kept, report, save, should_stop)
        return [descent.result()]

    check_device(spec.device)
    loop = TrainingLoop(spec, train_group, on_progress, keeping, should_stop)
    trained = []
    with one_thread():
        results = loop.run()
        refuse_nothing_left(spec, results)
        for model, result in zip(spec.models, results, strict=True):
            loop.heed()
            trained.append(_lost_marked(judge(spec, model, result)))
    return tuple(trained), loop.seconds


def _lost_marked(trained: Any) -> Any:
    """A trained model whose restarts that diverged lose infinitely much, and have no error."""
    lost = torch.tensor([step is not None for step in trained.diverged])
    loss = trained.loss.masked_fill(lost, inf)
    return replace(trained, loss=loss, standard_error=trained.standard_error.masked_fill(lost, nan))


def seconds_of_each(spec: Spec, descent_of: Callable[[Spec, int], ModelDescent]) -> float:
    """About how many seconds ``train_each`` takes, from some steps of each model.

    Errors: ``device``.
    """
    check_device(spec.device)
    models: Sequence[Stepping] = spec.models
    with one_thread():
        return sum(
            seconds_of_steps(descent_of(spec, i), model.steps, _LOOK)
            for i, model in enumerate(models)
        )
