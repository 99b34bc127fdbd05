"""What may be left to torchsim: which trainer suits the models, how often, on which device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from handcalc.errors import InputError
from handcalc.inputs.flags import read_flag
from handcalc.wording import brief
from torchsim.settings import check_choice
from torchsim.specification import (
    STEPS,
    Device,
    Kernel,
    ModelSpec,
    Trainer,
    TrainingSpec,
)

TrainerChoice: TypeAlias = Trainer | Literal["auto"]
DeviceChoice: TypeAlias = Device | Literal["auto"]
KernelChoice: TypeAlias = Kernel | Literal["auto"]

MOST_EXACT = 8
"""Up to so many features ``auto`` descends the exact loss; beyond, it trains on samples."""


RESTARTS: dict[Trainer, int] = {"exact": 32, "sampled": 8}
"""How many starts a model has where no number is given."""


def specified(  # noqa: PLR0913 - each is a part of the run, named when asked for
    models: Sequence[ModelSpec],
    trainer: TrainerChoice = "auto",
    restarts: int | None = None,
    *,
    steps: int | None = None,
    device: Device = "cpu",
    kernel: Kernel | None = None,
    measures: bool = False,
) -> TrainingSpec:
    """The run that trains some models, with what is chosen otherwise.

    Errors: ``ignored`` for steps or a kernel of the exact trainer; those of ``TrainingSpec``.

    >>> specified([ModelSpec.of(3, 2, "1/2")]).restarts
    32
    """
    chosen = trainer_for(models, trainer)
    refuse_ignored(chosen, steps, kernel)
    return TrainingSpec(
        tuple(models),
        chosen,
        RESTARTS[chosen] if restarts is None else restarts,
        steps=STEPS if steps is None else steps,
        device=device,
        kernel=kernel,
        measures=measures,
    )


def refuse_ignored(trainer: Trainer, steps: int | None, kernel: Kernel | None) -> None:
    """Refuse what the exact trainer does not heed, steps and a kernel. Errors: ``ignored``."""
    if trainer == "exact" and steps is not None:
        raise InputError(
            "ignored",
            f"The {brief(steps)} steps make no difference: they belong to the trainer on samples; "
            "the exact one stops by itself.",
            suggestion='trainer="sampled"',
        )
    if trainer == "exact" and kernel is not None:
        raise InputError(
            "ignored",
            f"The kernel {brief(kernel)} makes no difference: it belongs to the trainer on "
            "samples; the exact one has none.",
            suggestion='trainer="sampled"',
        )


def trainer_for(models: Sequence[ModelSpec], choice: TrainerChoice) -> Trainer:
    """The trainer that a choice stands for: "auto" is on samples where there is no exact loss.

    Errors: ``trainer``.

    >>> trainer_for([ModelSpec.of(9, 2, "1/2")], "auto")
    'sampled'
    """
    found = trainer_of(max(model.features for model in models), choice)
    is_known = all(model.has_exact for model in models)
    return found if is_known or choice != "auto" else "sampled"


def trainer_of(features: int, choice: TrainerChoice) -> Trainer:
    """The trainer that a choice stands for, of a model of so many features. Errors: ``trainer``.

    >>> trainer_of(8, "auto"), trainer_of(9, "auto"), trainer_of(9, "exact")
    ('exact', 'sampled', 'exact')
    """
    check_choice("trainer", choice, ("auto", *get_args(Trainer)))
    if choice != "auto":
        return choice
    return "exact" if features <= MOST_EXACT else "sampled"


def device_for(choice: DeviceChoice) -> Device:
    """The device that a choice stands for: ``auto`` is CUDA where there is such a device.

    Errors: ``device`` for anything else, and where CUDA is asked for and is not there.

    >>> device_for("cpu")
    'cpu'
    """
    import torch

    check_choice("device", choice, ("auto", *get_args(Device)))
    there = torch.cuda.is_available()
    if choice == "cuda" and not there:
        raise InputError(
            "device",
            "torch finds no CUDA device here. Everything runs on the CPU too.",
            suggestion='device="cpu"',
        )
    return "cuda" if there and choice != "cpu" else "cpu"


def check_telling(progress: object, on_progress: object, should_stop: object) -> None:
    """Refuse what shows no progress and stops nothing. Errors: the name of the argument.

    >>> check_telling(False, print, None)
    """
    read_flag("progress", progress)
    for name, given in (("on_progress", on_progress), ("should_stop", should_stop)):
        if given is not None and not callable(given):
            raise InputError(name, f"{name}= is a function, or None, not {brief(given)}.")
