"""Numbers that ran off to infinity: what is said of a run that came to nothing, and what helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from handcalc.errors import InputError
from torchsim.restarts import diverged_steps
from torchsim.specification import TrainingSpec
from torchsim.training.loop import Result

Run = TypeVar("Run", bound=Any)
"""A run of any kind."""


def refuse_nothing_left(spec: Any, results: Sequence[Result]) -> None:
    """Refuse a run all restarts of all of whose models diverged. Errors: ``diverged``.

    ``spec`` is of any kind. As long as one restart is left, those that diverged are told, and the
    others are there.

    >>> import torch
    >>> refuse_nothing_left(None, [Result({"losses": torch.ones(1, 2)}, (5,))])
    """
    each = [diverged_steps(result.steps, result.tensors["losses"]) for result in results]
    if not any(None in steps for steps in each):
        raise InputError("diverged", why_diverged(spec, 0, each[0]))


def why_diverged(spec: Any, i: int, diverged: Sequence[int | None]) -> str:
    """Which restart of model i, from 0, diverged first and by which step, and what helps.

    >>> from torchsim.specification import ModelSpec
    >>> why_diverged(TrainingSpec((ModelSpec.of(2, 1, "1/2"),)), 0, (None, 3))[:64]
    'Weights and losses must stay finite: model 1, restart 2 became i'
    """
    lost = [(step, restart) for restart, step in enumerate(diverged, 1) if step is not None]
    step, restart = min(lost)
    return (
        f"Weights and losses must stay finite: model {i + 1}, restart {restart} became infinite or "
        f"NaN by step {step}; {_remedy(spec, i)}."
    )


def without_lost(run: Run) -> Run:
    """A run of the models that came to something: the run itself, if all of them did.

    There is always one, as long as the run was not refused.

    >>> from torchsim import ModelSpec, train
    >>> run = train(ModelSpec.of(2, 1, "1/2"), restarts=2)
    >>> without_lost(run) is run
    True
    """
    left = tuple(trained for trained in run.trained if not trained.is_lost)
    if len(left) == len(run.trained):
        return run
    spec = replace(run.spec, models=tuple(trained.model for trained in left))
    return replace(run, spec=spec, trained=left)


def lost_models(run: Any) -> list[int]:
    """The models of a run, from 1, all restarts of which diverged."""
    return [i for i, trained in enumerate(run.trained, 1) if trained.is_lost]


def failures_of_cells(run: Any) -> dict[int, str]:
    """Why models of a run came to nothing, by their places from 0, as a sweep says it of a cell."""
    return {
        i: why_diverged(run.spec, 0, trained.diverged)  # a cell is a model by itself
        for i, trained in enumerate(run.trained)
        if trained.is_lost
    }


def _remedy(spec: Any, i: int) -> str:
    is_toy = isinstance(spec, TrainingSpec)
    if is_toy and spec.trainer == "exact":
        return "bring its importances nearer to 1"
    rate = spec.rate if is_toy else spec.models[i].rate
    slower = f"lower the learning rate from {rate:g} to {rate / 10:g}"
    return f"{slower}, or give importances of a more ordinary size" if is_toy else slower
