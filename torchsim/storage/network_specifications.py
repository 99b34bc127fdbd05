"""Specifications of networks with neurons as JSON can hold them; S and Iᵢ are exact, as texts."""

from __future__ import annotations

from sys import intern
from typing import Any

import msgspec

from handcalc.errors import InputError
from torchsim.networks.specification import NetworkSpec, NetworkTraining
from torchsim.storage.documents import Struct, Tagged, run_file
from torchsim.storage.toy_specifications import (
    DrawnData,
    Texts,
    drawn_data,
    drawn_of,
    texts_of,
    vector_of,
)

NETWORK = "network"
"""The tag of such a specification; that of toy models has none."""


class NetworkModelData(Struct, frozen=True, omit_defaults=True):
    """A ``NetworkSpec``, and how its inputs are drawn; outputs with ReLU are left out."""

    features: int
    neurons: int
    task: str
    activation: str
    tied: bool
    distribution: DrawnData
    importance: Texts
    steps: int
    batch: int
    rate: float
    seed: int
    output: str = "relu"


class NetworkData(Tagged, frozen=True, tag=NETWORK):
    """A ``NetworkTraining``."""

    device: str
    sampler: str
    restarts: int
    models: tuple[NetworkModelData, ...]


def network_data(spec: NetworkTraining) -> NetworkData:
    """A run's specification as its data. Errors: ``distribution``."""
    models = tuple(map(network_model_data, spec.models))
    return NetworkData(spec.device, spec.sampler, spec.restarts, models)


_PLAIN = ("features", "neurons", "task", "activation", "tied", "steps", "batch", "rate", "seed",
          "output")  # fmt: skip


def network_model_data(model: NetworkSpec) -> NetworkModelData:
    """A configuration as its data. Errors: ``distribution``.

    >>> network_model_data(NetworkSpec.of(2, 4, "absolute", "1/2")).importance
    ('1', '1')
    """
    own: dict[str, Any] = {name: getattr(model, name) for name in _PLAIN}
    own["output"] = intern(own["output"])  # a default is left out if it is that very object
    return NetworkModelData(
        distribution=drawn_data(model.distribution), importance=texts_of(model.importance), **own
    )


def network_model_keys(model: NetworkSpec) -> dict[str, Any]:
    """The same as JSON has it, for a record and for programs, with nothing left out.

    >>> network_model_keys(NetworkSpec.of(2, 4, "absolute", "1/2"))["tied"]
    False
    """
    found: dict[str, Any] = msgspec.to_builtins(network_model_data(model))
    return found | {"output": model.output}


def network_of(data: NetworkData, file: str) -> NetworkTraining:
    """The specification that the data of a file stand for. Errors: ``run_file``."""
    models = tuple(_model(each, f"models[{i}]", file) for i, each in enumerate(data.models))
    device: Any = data.device
    try:
        return NetworkTraining(models, data.restarts, device, data.sampler)
    except InputError as error:
        raise run_file(file, error.message.rstrip(".")) from error


def _model(data: NetworkModelData, key: str, file: str) -> NetworkSpec:
    importance = vector_of(data.importance, f"{key}.importance", file)
    distribution = drawn_of(data.distribution, data.features, key, file)
    own: dict[str, Any] = {name: getattr(data, name) for name in _PLAIN}
    try:
        return NetworkSpec.of(importance=importance, distribution=distribution, **own)
    except InputError as error:
        raise run_file(file, f'"{key}": {error.message.rstrip(".")}') from error
