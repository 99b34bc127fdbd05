"""Specifications of toy models as JSON can hold them.

Exact numbers are texts, all else is what it is in Python: what is read back equals what was
written.
"""

from __future__ import annotations

from sys import intern
from typing import Any, TypeAlias

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
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.storage.documents import Struct, Tagged, run_file

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
    """A ``TrainingSpec``; the plain kernel was the only one once, and is left out.

    So is that nothing was measured on the way, and that the starting weights were drawn.
    """

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
    measures: bool = False
    start: str | None = None


def toy_data(spec: TrainingSpec) -> SpecData:
    """A specification as its data. Errors: ``distribution``."""
    data: dict[str, Any] = {name: getattr(spec, name) for name in SpecData.__struct_fields__}
    numbers = {"rate": float(spec.rate), "decay": float(spec.decay)}
    # msgspec leaves a default out if it is that very object, which one from another process is not
    data["kernel"] = intern(data["kernel"])
    return SpecData(**{**data, **numbers, "models": tuple(map(model_data, spec.models))})


def toy_of(data: SpecData, file: str) -> TrainingSpec:
    """The specification that the data of a file stand for. Errors: ``run_file``."""
    settings: dict[str, Any] = {name: getattr(data, name) for name in data.__struct_fields__}
    settings["models"] = tuple(_model(each, i, file) for i, each in enumerate(data.models))
    try:
        return TrainingSpec(**settings)
    except InputError as error:
        raise run_file(file, error.message.rstrip(".")) from error


def model_data(model: ModelSpec) -> ModelData:
    """A configuration as its data. Errors: ``distribution`` for one of another kind."""
    sizes = model.features, model.hidden, model.activation, model.seed
    return ModelData(*sizes, texts_of(model.importance), drawn_data(model.distribution))


def drawn_data(drawn: Distribution) -> DrawnData:
    """A distribution as its data. Errors: ``distribution`` for one of another kind.

    >>> drawn_data(SparseUniform("1/2")).sparsity
    ('1/2',)
    """
    kind = _KINDS.get(type(drawn))
    if kind is None:
        tags = ", ".join(str(kind.__struct_config__.tag) for kind in _KINDS.values())
        what = f"A run on disk has one of the distributions {tags}, not {type(drawn).__name__}."
        raise InputError("distribution", what)
    data: dict[str, Any] = {name: getattr(drawn, name) for name in kind.__struct_fields__}
    if "sparsity" in data:
        data["sparsity"] = texts_of(data["sparsity"])
    return kind(**data)


def drawn_of(data: DrawnData, n: int, key: str, file: str) -> Distribution:
    """The distribution of ``n`` features that data stand for, under a key. Errors: ``run_file``."""
    settings = {name: getattr(data, name) for name in data.__struct_fields__} or {"n": n}
    if "sparsity" in settings:
        texts = settings["sparsity"]
        settings["sparsity"] = vector_of(texts, f"{key}.distribution.sparsity", file)
    made: Any = next(made for made, kind in _KINDS.items() if type(data) is kind)
    try:
        found: Distribution = made(**settings)
    except InputError as error:
        raise run_file(file, f'"{key}": {error.message.rstrip(".")}') from error
    return found


def _model(data: ModelData, i: int, file: str) -> ModelSpec:
    key, n = f"models[{i}]", data.features
    if len(data.importance) != n:  # the file itself bounds n before anything is made for n features
        what = f'"{key}.importance" has one text for each of the {n} features'
        raise run_file(file, f"{what}, not {len(data.importance)}")
    importance = vector_of(data.importance, f"{key}.importance", file)
    distribution = drawn_of(data.distribution, n, key, file)
    activation: Any = data.activation
    try:
        return ModelSpec.of(
            n,
            data.hidden,
            importance=importance,
            distribution=distribution,
            activation=activation,
            seed=data.seed,
        )
    except InputError as error:
        raise run_file(file, f'"{key}": {error.message.rstrip(".")}') from error


def texts_of(numbers: Vector | None) -> Texts:
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


def vector_of(texts: Texts, key: str, file: str) -> Vector:
    """The exact numbers of texts. Errors: ``run_file``, with the key."""
    found = []
    for i, text in enumerate(texts):
        try:
            found.append(parse_scalar(text))
        except InputError as error:
            raise run_file(file, f'"{key}[{i}]": {error.message.rstrip(".")}') from error
    return tuple(found)
