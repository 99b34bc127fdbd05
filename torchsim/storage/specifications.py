"""Specifications as JSON can hold them, and which run a specification is.

Exact numbers are texts, all else is what it is in Python: what is read back equals what was
written.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, TypeAlias

import msgspec

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import to_text
from handcalc.parsing import parse_scalar
from handcalc.parsing.limits import MAX_DIGITS
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from torchsim.attention.specification import AttentionTraining
from torchsim.kinds import AnySpec
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.storage.attention_specifications import (
    ATTENTION,
    AttentionData,
    attention_data,
    attention_of,
)
from torchsim.storage.documents import TAG, Struct, Tagged, from_data, run_file

Texts: TypeAlias = tuple[str, ...]
"""Exact numbers as they are typed."""


class IndependentData(Tagged, frozen=True, tag="independent"):
    """``SparseUniform``: as many sparsities as were given."""

    sparsity: Texts


class OneActiveData(Tagged, frozen=True, tag="one-active"):
    """``OneActive``."""


class CorrelatedData(Tagged, frozen=True, tag="correlated"):
    """``Correlated``: sets of features from 1, and one sparsity or one for each."""

    sets: tuple[tuple[int, ...], ...]
    sparsity: Texts


class AnticorrelatedData(CorrelatedData, frozen=True, tag="anticorrelated"):
    """``Anticorrelated``: the same."""


DrawnData: TypeAlias = IndependentData | OneActiveData | CorrelatedData | AnticorrelatedData
_KINDS: dict[type[Distribution], type[DrawnData]] = {
    SparseUniform: IndependentData,
    OneActive: OneActiveData,
    Correlated: CorrelatedData,
    Anticorrelated: AnticorrelatedData,
}


class ModelData(Struct, frozen=True):
    """A ``ModelSpec``."""

    features: int
    hidden: int
    activation: str
    seed: int
    importance: Texts
    distribution: DrawnData


class SpecData(Struct, frozen=True, omit_defaults=True):
    """A ``TrainingSpec``; the plain kernel was the only one once, and is left out."""

    trainer: str
    optimiser: str
    schedule: str
    device: str
    dtype: str
    sampler: str
    restarts: int
    steps: int
    batch: int
    rate: float
    decay: float
    models: tuple[ModelData, ...]
    kernel: str = "plain"


def is_attention(data: object) -> bool:
    """Whether what JSON holds is the specification of attention-only models, by its tag.

    >>> is_attention({"kind": "attention"}), is_attention({"trainer": "exact"})
    (True, False)
    """
    return isinstance(data, dict) and data.get(TAG) == ATTENTION


def data_of(spec: AnySpec) -> SpecData | AttentionData:
    """A specification as its data."""
    if isinstance(spec, AttentionTraining):
        return attention_data(spec)
    data: dict[str, Any] = {name: getattr(spec, name) for name in SpecData.__struct_fields__}
    numbers = {"rate": float(spec.rate), "decay": float(spec.decay)}
    return SpecData(**{**data, **numbers, "models": tuple(map(model_data, spec.models))})


def model_data(model: ModelSpec) -> ModelData:
    """A configuration as its data. Errors: ``distribution`` for one of another kind."""
    drawn: Any = model.distribution
    kind = _KINDS.get(type(drawn))
    if kind is None:
        tags = ", ".join(str(kind.__struct_config__.tag) for kind in _KINDS.values())
        what = f"A run on disk has one of the distributions {tags}, not {type(drawn).__name__}."
        raise InputError("distribution", what)
    data: dict[str, Any] = {name: getattr(drawn, name) for name in kind.__struct_fields__}
    if "sparsity" in data:
        data["sparsity"] = _texts(drawn.sparsity)
    sizes = model.features, model.hidden, model.activation, model.seed
    return ModelData(*sizes, _texts(model.importance), kind(**data))


def spec_to_data(spec: AnySpec) -> dict[str, object]:
    """A specification as an object of what JSON can hold.

    >>> spec = TrainingSpec((ModelSpec.of(3, 2, "1/2"),))
    >>> spec_to_data(spec)["trainer"], spec_from_data(spec_to_data(spec)) == spec
    ('exact', True)
    """
    found: dict[str, object] = msgspec.to_builtins(data_of(spec))
    return found


def spec_from_data(data: object, file: str = "the specification") -> AnySpec:
    """The specification that an object stands for; errors name the ``file`` and the key.

    Errors: ``run_file`` for an unknown or missing key, a wrong type, a value that no run can have.

    >>> data = spec_to_data(TrainingSpec((ModelSpec.of(2, 1, "0"),))) | {"restarts": 0}
    >>> try:
    ...     spec_from_data(data, "spec.json")
    ... except InputError as error:
    ...     print(error.message.partition(". ")[0])
    spec.json: The number of restarts is a whole number from 1, not 0
    """
    if is_attention(data):
        return attention_of(from_data(AttentionData, data, file), file)
    return spec_of(from_data(SpecData, data, file), file)


def spec_of(data: SpecData | AttentionData, file: str) -> AnySpec:
    """The specification that the data of a file stand for. Errors: ``run_file``."""
    if isinstance(data, AttentionData):
        return attention_of(data, file)
    settings: dict[str, Any] = {name: getattr(data, name) for name in data.__struct_fields__}
    settings["models"] = tuple(_model(each, i, file) for i, each in enumerate(data.models))
    try:
        return TrainingSpec(**settings)
    except InputError as error:
        raise run_file(file, error.message.rstrip(".")) from error


def spec_digest(spec: AnySpec) -> str:
    """The SHA-256 of a specification's data: runs with one digest are the same run.

    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "0"),))
    >>> spec_digest(spec) == spec_digest(TrainingSpec((ModelSpec.of(2, 1, "0/1"),)))
    True
    """
    text = json.dumps(spec_to_data(spec), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _model(data: ModelData, i: int, file: str) -> ModelSpec:
    key, n = f"models[{i}]", data.features
    if len(data.importance) != n:  # the file itself bounds n before anything is made for n features
        what = f'"{key}.importance" has one text for each of the {n} features'
        raise run_file(file, f"{what}, not {len(data.importance)}")
    drawn: Any = data.distribution
    importance = _vector(data.importance, f"{key}.importance", file)
    settings = {name: getattr(drawn, name) for name in drawn.__struct_fields__} or {"n": n}
    if "sparsity" in settings:
        settings["sparsity"] = _vector(drawn.sparsity, f"{key}.distribution.sparsity", file)
    made: Any = next(made for made, kind in _KINDS.items() if type(drawn) is kind)
    activation: Any = data.activation
    try:
        return ModelSpec.of(
            n,
            data.hidden,
            importance=importance,
            distribution=made(**settings),
            activation=activation,
            seed=data.seed,
        )
    except InputError as error:
        raise run_file(file, f'"{key}": {error.message.rstrip(".")}') from error


def _texts(numbers: Vector | None) -> Texts:
    """Exact numbers as texts that are read back to the same numbers.

    Errors: those of the reader for a number that is too long for it.
    """
    if numbers is None:
        raise InputError("sparsity", 'A run knows its sparsity: give one, such as "1/2".')
    found = tuple(map(to_text, numbers))
    for text in found:
        if len(text) > MAX_DIGITS:
            parse_scalar(text)
    return found


def _vector(texts: Texts, key: str, file: str) -> Vector:
    found = []
    for i, text in enumerate(texts):
        try:
            found.append(parse_scalar(text))
        except InputError as error:
            raise run_file(file, f'"{key}[{i}]": {error.message.rstrip(".")}') from error
    return tuple(found)
