"""What may be left to torchsim: which trainer suits the models, and which device there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias, get_args

from handcalc.errors import InputError
from handcalc.wording import brief
from torchsim.specification import Device, ModelSpec, Trainer, TrainingSpec, check_choice

__all__ = [
    "MOST_EXACT",
    "RESTARTS",
    "DeviceChoice",
    "TrainerChoice",
    "device_for",
    "refuse_steps",
    "specified",
    "trainer_for",
]

TrainerChoice: TypeAlias = Trainer | Literal["auto"]
DeviceChoice: TypeAlias = Device | Literal["auto"]

MOST_EXACT = 8
"""Up to so many features ``auto`` descends the exact loss; beyond, it trains on samples."""


RESTARTS: dict[Trainer, int] = {"exact": 32, "sampled": 8}
"""How many starts a model has where no number is given."""

_STEPS = 10_000


def specified(
    models: Sequence[ModelSpec],
    trainer: TrainerChoice = "auto",
    restarts: int | None = None,
    *,
    steps: int | None = None,
    device: Device = "cpu",
) -> TrainingSpec:
    """The run that trains some models, with what is chosen otherwise.

    Errors: ``ignored`` for steps of the exact trainer; those of ``TrainingSpec``.

    >>> specified([ModelSpec.of(3, 2, "1/2")]).restarts
    32
    """
    chosen = trainer_for(models, trainer)
    refuse_steps(chosen, steps)
    return TrainingSpec(
        tuple(models),
        chosen,
        RESTARTS[chosen] if restarts is None else restarts,
        steps=_STEPS if steps is None else steps,
        device=device,
    )


def refuse_steps(trainer: Trainer, steps: int | None) -> None:
    """Refuse a number of steps for the trainer that takes none. Errors: ``ignored``."""
    if trainer == "exact" and steps is not None:
        raise InputError(
            "ignored",
            f"The {brief(steps)} steps make no difference: they belong to the trainer on samples; "
            "the exact one stops by itself.",
            suggestion="sampled",
        )


def trainer_for(models: Sequence[ModelSpec], choice: TrainerChoice) -> Trainer:
    """The trainer that a choice stands for. Errors: ``trainer``.

    >>> trainer_for([ModelSpec.of(9, 2, "1/2")], "auto")
    'sampled'
    """
    check_choice("trainer", choice, ("auto", *get_args(Trainer)))
    if choice != "auto":
        return choice
    return "exact" if max(model.features for model in models) <= MOST_EXACT else "sampled"


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
            suggestion="--device cpu",
        )
    return "cuda" if there and choice != "cpu" else "cpu"
