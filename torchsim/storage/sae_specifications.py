"""Specifications of sparse autoencoders as JSON can hold them; W, λ and S are exact, as texts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from handcalc.errors import InputError
from handcalc.superposition.model.toy_model import ToyModel
from torchsim.autoencoders.specification import OF_KINDS, SaeSpec, SaeTraining
from torchsim.storage.documents import Struct, Tagged, run_file
from torchsim.storage.toy_specifications import (
    DrawnData,
    Texts,
    drawn_data,
    drawn_of,
    texts_of,
    vector_of,
)

SAE = "sae"
"""The tag of such a specification; that of toy models has none."""


class SaeModelData(Struct, frozen=True):
    """An ``SaeSpec``: W row by row, and how its inputs are drawn."""

    W: tuple[Texts, ...]
    distribution: DrawnData
    latents: int
    l1: str
    kind: str
    k: int
    steps: int
    batch: int
    rate: float
    seed: int
    decoder_bias: bool
    bandwidth: float


class SaeData(Tagged, frozen=True, tag=SAE):
    """An ``SaeTraining``."""

    device: str
    sampler: str
    restarts: int
    models: tuple[SaeModelData, ...]


def sae_data(spec: SaeTraining) -> SaeData:
    """A run's specification as its data. Errors: ``distribution``."""
    models = tuple(map(sae_model_data, spec.models))
    return SaeData(spec.device, spec.sampler, spec.restarts, models)


def sae_model_data(model: SaeSpec) -> SaeModelData:
    """A configuration as its data. Errors: ``distribution``.

    >>> sae_model_data(SaeSpec.of("1; -1", 2, "1/5", "1/2")).W
    (('1',), ('-1',))
    """
    own: dict[str, Any] = {name: getattr(model, name) for name in _PLAIN}
    [l1] = texts_of((model.l1,))
    return SaeModelData(
        W=tuple(map(texts_of, model.model.W)),
        distribution=drawn_data(model.distribution),
        l1=l1,
        **own,
    )


_PLAIN = ("latents", "kind", "k", "steps", "batch", "rate", "seed", "decoder_bias", "bandwidth")


def sae_model_keys(model: SaeSpec) -> dict[str, Any]:
    """The same as JSON has it, for a record and for programs.

    >>> sae_model_keys(SaeSpec.of("1; -1", 2, "1/5", "1/2"))["l1"]
    '1/5'
    """
    found: dict[str, Any] = msgspec.to_builtins(sae_model_data(model))
    return found


def sae_of(data: SaeData, file: str) -> SaeTraining:
    """The specification that the data of a file stand for. Errors: ``run_file``."""
    models = tuple(_model(each, f"models[{i}]", file) for i, each in enumerate(data.models))
    device: Any = data.device
    try:
        return SaeTraining(models, data.restarts, device, data.sampler)
    except InputError as error:
        raise run_file(file, error.message.rstrip(".")) from error


def _model(data: SaeModelData, key: str, file: str) -> SaeSpec:
    rows = [vector_of(row, f"{key}.W[{i}]", file) for i, row in enumerate(data.W)]
    [l1] = vector_of((data.l1,), f"{key}.l1", file)
    distribution = drawn_of(data.distribution, len(rows), key, file)
    own: dict[str, Any] = {name: getattr(data, name) for name in _PLAIN}
    # what does nothing in this kind is kept as it is, and is not given
    unused = {name: own.pop(name) for name, kind in OF_KINDS.items() if kind != data.kind}
    try:
        spec = SaeSpec.of(ToyModel(rows), l1=l1, distribution=distribution, **own)
        return replace(spec, **unused)
    except InputError as error:
        raise run_file(file, f'"{key}": {error.message.rstrip(".")}') from error
