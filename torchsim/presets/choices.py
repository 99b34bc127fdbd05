"""What may be left to torchsim: which trainer suits the models, and which device there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

from handcalc.errors import InputError
from torchsim.specification import Device, ModelSpec, Trainer

__all__ = ["MOST_EXACT", "DeviceChoice", "TrainerChoice", "device_for", "trainer_for"]

TrainerChoice: TypeAlias = Trainer | Literal["auto"]
DeviceChoice: TypeAlias = Device | Literal["auto"]

MOST_EXACT = 8
"""Up to so many features ``auto`` descends the exact loss; beyond, it trains on samples."""


def trainer_for(models: Sequence[ModelSpec], choice: TrainerChoice) -> Trainer:
    """The trainer that a choice stands for.

    >>> trainer_for([ModelSpec.of(9, 2, "1/2")], "auto")
    'sampled'
    """
    if choice != "auto":
        return choice
    return "exact" if max(model.features for model in models) <= MOST_EXACT else "sampled"


def device_for(choice: DeviceChoice) -> Device:
    """The device that a choice stands for: ``auto`` is CUDA where there is such a device.

    Errors: ``device`` where CUDA is asked for and is not there.

    >>> device_for("cpu")
    'cpu'
    """
    import torch

    there = torch.cuda.is_available()
    if choice == "cuda" and not there:
        raise InputError(
            "device",
            "torch finds no CUDA device here. Everything runs on the CPU too.",
            suggestion="--device cpu",
        )
    return "cuda" if there and choice != "cpu" else "cpu"
