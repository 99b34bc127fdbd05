"""Specifications of training on data sets as JSON can hold them; S is exact, as a text."""

from __future__ import annotations

from typing import Any

import msgspec

from handcalc.errors import InputError
from torchsim.datasets.specification import DatasetSpec, DatasetTraining
from torchsim.storage.documents import Struct, Tagged, run_file
from torchsim.storage.toy_specifications import DrawnData, drawn_data, drawn_of

DATASET = "dataset"
"""The tag of such a specification; that of toy models on fresh samples has none."""


class DatasetModelData(Struct, frozen=True):
    """A ``DatasetSpec``, and how its data points are drawn."""

    features: int
    hidden: int
    points: int
    distribution: DrawnData
    steps: int
    rate: float
    warm_up: int
    decay: float
    seed: int


class DatasetData(Tagged, frozen=True, tag=DATASET):
    """A ``DatasetTraining``."""

    device: str
    sampler: str
    restarts: int
    models: tuple[DatasetModelData, ...]


def dataset_data(spec: DatasetTraining) -> DatasetData:
    """A run's specification as its data. Errors: ``distribution``."""
    models = tuple(map(dataset_model_data, spec.models))
    return DatasetData(spec.device, spec.sampler, spec.restarts, models)


_PLAIN = ("features", "hidden", "points", "steps", "rate", "warm_up", "decay", "seed")


def dataset_model_data(model: DatasetSpec) -> DatasetModelData:
    """A configuration as its data. Errors: ``distribution``.

    >>> dataset_model_data(DatasetSpec.of(9, 2, 5, "1/2")).points
    5
    """
    own: dict[str, Any] = {name: getattr(model, name) for name in _PLAIN}
    return DatasetModelData(distribution=drawn_data(model.distribution), **own)


def dataset_model_keys(model: DatasetSpec) -> dict[str, Any]:
    """The same as JSON has it, for a record and for programs.

    >>> dataset_model_keys(DatasetSpec.of(9, 2, 5, "1/2"))["distribution"]["sparsity"]
    ('1/2',)
    """
    found: dict[str, Any] = msgspec.to_builtins(dataset_model_data(model))
    return found


def dataset_of(data: DatasetData, file: str) -> DatasetTraining:
    """The specification that the data of a file stand for. Errors: ``run_file``."""
    models = tuple(_model(each, f"models[{i}]", file) for i, each in enumerate(data.models))
    device: Any = data.device
    try:
        return DatasetTraining(models, data.restarts, device, data.sampler)
    except InputError as error:
        raise run_file(file, error.message.rstrip(".")) from error


def _model(data: DatasetModelData, key: str, file: str) -> DatasetSpec:
    distribution = drawn_of(data.distribution, data.features, key, file)
    own: dict[str, Any] = {name: getattr(data, name) for name in _PLAIN}
    try:
        return DatasetSpec.of(distribution=distribution, **own)
    except InputError as error:
        raise run_file(file, f'"{key}": {error.message.rstrip(".")}') from error
