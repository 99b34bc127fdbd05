"""What a person asks to be trained, and what is chosen of it, as a specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from handcalc.errors import InputError
from handcalc.inputs.flags import read_flag
from handcalc.wording import brief
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.choices import DeviceChoice, KernelChoice, TrainerChoice, device_for, specified
from torchsim.datasets.specification import DatasetSpec, DatasetTraining
from torchsim.kinds import AnySpec, OneTrainerSpec
from torchsim.networks.specification import NetworkSpec, NetworkTraining
from torchsim.presets import (
    AnyPreset,
    AttentionPreset,
    DatasetPreset,
    NetworkPreset,
    Preset,
    SaePreset,
    preset,
)
from torchsim.presets.one_trainer import OneTrainerPreset
from torchsim.specification import Device, ModelSpec, TrainingSpec

AttentionAsked: TypeAlias = (
    AttentionPreset
    | AttentionTraining
    | AttentionSpec
    | list[AttentionSpec]
    | tuple[AttentionSpec, ...]
)
SaeAsked: TypeAlias = SaePreset | SaeTraining | SaeSpec | list[SaeSpec] | tuple[SaeSpec, ...]
NetworkAsked: TypeAlias = (
    NetworkPreset | NetworkTraining | NetworkSpec | list[NetworkSpec] | tuple[NetworkSpec, ...]
)
DatasetAsked: TypeAlias = (
    DatasetPreset | DatasetTraining | DatasetSpec | list[DatasetSpec] | tuple[DatasetSpec, ...]
)
"""What is one run of a kind with one trainer."""


@dataclass(frozen=True, slots=True)
class _OneTrainer:
    """A kind with one trainer, what it is ``called`` in errors, and its usual ``restarts``."""

    training: type[OneTrainerSpec]
    restarts: int
    called: str


_ONE_TRAINER: dict[type, _OneTrainer] = {
    AttentionSpec: _OneTrainer(AttentionTraining, 4, "an attention-only model"),
    SaeSpec: _OneTrainer(SaeTraining, 8, "a sparse autoencoder"),
    NetworkSpec: _OneTrainer(NetworkTraining, 8, "a network with neurons"),
    DatasetSpec: _OneTrainer(DatasetTraining, 8, "a toy model on a data set"),
}
_MODELS = (ModelSpec, *_ONE_TRAINER)
_TAKEN = (
    'a preset\'s name such as "by-hand", a preset, a ModelSpec, AttentionSpec, SaeSpec, '
    "NetworkSpec or DatasetSpec, a list of models of one kind, a TrainingSpec, AttentionTraining, "
    "SaeTraining, NetworkTraining or DatasetTraining, or a list of these"
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What was chosen of how to train; None, and False, for what was left out."""

    small: bool
    trainer: TrainerChoice | None
    restarts: int | None
    steps: int | None
    seed: int | None
    device: DeviceChoice | None
    kernel: KernelChoice | None
    measures: bool = False

    def specified(self, asked: object) -> tuple[AnySpec, str | None]:
        """The specification of what was asked for, and the preset's name, if it is one.

        Errors: ``models``, ``ignored``, ``unknown_preset``; those of a specification.

        >>> choices = Choices(False, None, None, None, None, None, None)
        >>> choices.specified(ModelSpec.of(2, 1, "1/2"))[0].restarts
        32
        """
        read_flag("small", self.small)
        device = "cpu" if self.device is None else device_for(self.device)
        if isinstance(asked, TrainingSpec | OneTrainerSpec):
            names = ("small", "trainer", "restarts", "steps", "seed", "device", "kernel")
            kind = type(asked).__name__
            how = "says itself how it is trained: dataclasses.replace changes it"
            self._refuse_ignored((*names, "measures"), f"{_article(kind)} {kind} {how}")
            return asked, None
        if isinstance(asked, (str, Preset, OneTrainerPreset)):
            chosen: Any = preset(asked) if isinstance(asked, str) else asked
            return self._of_preset(chosen, device), chosen.name
        models = tuple(asked) if isinstance(asked, (list, tuple)) else (asked,)
        kinds = {type(each) for each in models}
        if len(kinds) != 1 or not kinds <= set(_MODELS):
            _refuse("models", f"torchsim.train takes {_TAKEN}, not {brief(asked)}.")
        self._refuse_ignored(("small",), "it is for presets, which have a smaller version")
        self._refuse_ignored(("seed",), "a model has its own, as it is made: seed=…")
        return self._of_models(kinds.pop(), models, device), None

    def _of_preset(self, chosen: AnyPreset, device: Device) -> AnySpec:
        trainer = "auto" if self.trainer is None else self.trainer
        own: dict[str, Any] = {"steps": self.steps, "seed": self.seed}
        if isinstance(chosen, Preset):
            own["kernel"] = None if self.kernel == "auto" else self.kernel
            own["measures"] = self.measures
        else:
            self._refuse_ignored(("kernel", "measures"), "it is for toy models on samples")
        spec: AnySpec = chosen.spec(self.small, trainer, self.restarts, device, **own)
        return spec

    def _of_models(self, kind: type, models: tuple[Any, ...], device: Device) -> AnySpec:
        if kind is ModelSpec:
            trainer = "auto" if self.trainer is None else self.trainer
            kernel = None if self.kernel == "auto" else self.kernel
            more: dict[str, Any] = {"steps": self.steps, "device": device, "kernel": kernel}
            more["measures"] = self.measures
            return specified(models, trainer, self.restarts, **more)
        own, name = _ONE_TRAINER[kind], kind.__name__
        self._refuse_ignored(("trainer", "kernel", "measures"), f"{own.called} has one trainer")
        self._refuse_ignored(("steps",), f"{_article(name)} {name} has its own: {name}(…, steps=…)")
        restarts = own.restarts if self.restarts is None else self.restarts
        return own.training(models, restarts, device)

    def _refuse_ignored(self, names: Sequence[str], why: str) -> None:
        for name in names:
            value = getattr(self, name)
            if value is not None and value is not False:
                _refuse("ignored", f"{name}={brief(value)} makes no difference: {why}.")


def several_wholes(asked: object) -> list[Any] | None:
    """The parts of a list that is a run each, or None for what is one run. Errors: ``models``.

    >>> several_wholes(["by-hand", "introduction"]), several_wholes([ModelSpec.of(2, 1, "1/2")])
    (['by-hand', 'introduction'], None)
    """
    if isinstance(asked, str) or not isinstance(asked, (list, tuple)):
        return None
    if not asked:
        _refuse("models", f"There is nothing to train: torchsim.train takes {_TAKEN}.")
    if not any(isinstance(each, _MODELS) for each in asked):
        return list(asked)
    if any(all(isinstance(each, kind) for each in asked) for kind in _MODELS):
        return None
    return _refuse(
        "models",
        "Models of one kind in a list are trained in one run, and presets in a run each; this list "
        "has both, or several kinds. Train the models by themselves.",
    )


def _article(kind: str) -> str:
    return "an" if kind[0] in "AS" else "a"


def _refuse(code: str, message: str) -> NoReturn:
    raise InputError(code, message)
