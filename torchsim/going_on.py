"""A finished run, trained further: more steps, another rate, or down to the nearest minimum."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from typing import Any, TypedDict, Unpack

from handcalc.errors import InputError
from handcalc.wording import brief
from torchsim.choices import TrainerChoice, trainer_for
from torchsim.experiments import train
from torchsim.run import TrainingRun
from torchsim.settings import SEEDS
from torchsim.specification import Schedule
from torchsim.training.checkpoint import TrainingProgress
from torchsim.training.probes import Probe


class _GoOnOptions(TypedDict, total=False):
    """Who hears of a run that goes on, stops it and looks at it, and where it is kept."""

    progress: bool
    on_progress: Callable[[TrainingProgress], None] | None
    should_stop: Callable[[], bool] | None
    probe: Probe | None
    keep: str | PathLike[str] | None


def go_on(
    run: TrainingRun,
    *,
    trainer: TrainerChoice = "sampled",
    steps: int | None = None,
    rate: float | None = None,
    schedule: Schedule | None = None,
    **options: Unpack[_GoOnOptions],
) -> TrainingRun:
    """Train a run's models further, from where every restart came to.

    It is a training of its own: Adam begins without a memory, and each model's seed is one higher,
    so that other inputs are drawn. All else is as the run had it.

    Args:
        run: A run of toy models, by either trainer.
        trainer: "sampled", or "exact": down to the nearest minimum of the exact loss.
        steps: How many steps more; as many as the run had, if left out.
        rate: The learning rate; the run's if left out.
        schedule: "constant", "linear" or "cosine", from the rate on; the run's if left out.
        options: ``progress``, ``on_progress``, ``should_stop``, ``probe`` and ``keep``, as in
            ``train``. A folder keeps the weights that it began at, too: the same call on the same
            run goes on from where it stopped, bit for bit.

    Returns:
        The run from there on; its history begins with these steps.

    Raises:
        InputError: ``start``; ``ignored`` for what the exact trainer does not heed; those of
            ``TrainingSpec`` and ``train``; with ``keep``, ``other_run`` for a run from elsewhere.

    Examples:
        >>> from torchsim import ModelSpec
        >>> run = train(ModelSpec.of(2, 1, "1/2"), trainer="sampled", restarts=4, steps=500)
        >>> further = go_on(run, steps=2000, schedule="cosine")
        >>> bool(further.trained[0].loss.min() < run.trained[0].loss.min())
        True
    """
    asked: object = run
    if not isinstance(asked, TrainingRun):
        message = f"torchsim.go_on takes a run of toy models, not {brief(asked)}."
        raise InputError("start", message)
    if "start" in options:
        message = (
            "go_on begins where the run ended; torchsim.train(model, start=…) at your weights."
        )
        raise InputError("ignored", message)
    given: dict[str, Any] = {"steps": steps, "rate": rate, "schedule": schedule}
    chosen = {name: value for name, value in given.items() if value is not None}
    kind = trainer_for(run.spec.models, trainer)
    if kind == "exact" and chosen:
        message = f"{next(iter(chosen))}= makes no difference to the exact trainer: leave it out."
        raise InputError("ignored", message, suggestion='trainer="sampled"')
    more: dict[str, Any] = {"measures": run.spec.measures and kind == "sampled", "kernel": None}
    more["start"] = None
    if kind == run.spec.trainer:
        more["kernel"] = run.spec.kernel
    models = tuple(replace(each, seed=(each.seed + 1) % SEEDS) for each in run.spec.models)
    spec = replace(run.spec, models=models, trainer=kind, **more, **chosen)
    return train(spec, start=run, **options)
