"""Specifications as JSON can hold them, and which run a specification is.

Exact numbers are texts, all else is what it is in Python: what is read back equals what was
written.
"""

from __future__ import annotations

import json
from hashlib import sha256
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
from torchsim.storage.json import Entry

# --------------------------------------------------------------------------------------------------
# Distributions as JSON can hold them: the kinds of the command line, every S an exact text.


_Grouped: TypeAlias = "type[Correlated] | type[Anticorrelated]"
_GROUPED: dict[str, _Grouped] = {"correlated": Correlated, "anticorrelated": Anticorrelated}
_KINDS = ("independent", "one-active", *_GROUPED)


def distribution_to_data(distribution: Distribution) -> dict[str, object]:
    """A distribution as an object: its ``kind``, and beside it its ``sets`` and ``sparsity``.

    Sets hold features from 1; sparsities are exact texts, as many as were given.

    >>> distribution_to_data(Correlated([(1, 2)], "1/2"))
    {'kind': 'correlated', 'sets': [[1, 2]], 'sparsity': ['1/2']}
    """
    if isinstance(distribution, OneActive):
        return {"kind": "one-active"}
    if isinstance(distribution, SparseUniform):
        return {"kind": "independent", "sparsity": texts(distribution.sparsity)}
    for kind, made in _GROUPED.items():
        if isinstance(distribution, made):
            sets = [list(members) for members in distribution.sets]
            return {"kind": kind, "sets": sets, "sparsity": texts(distribution.sparsity)}
    raise InputError(
        "distribution",
        f"A run on disk has one of the distributions {', '.join(_KINDS)}, "
        f"not {type(distribution).__name__}.",
    )


def distribution_from_entry(entry: Entry, n: int) -> Distribution:
    """The distribution over n features that an object stands for. Errors: ``run_file``."""
    kind = entry.value.get("kind") if isinstance(entry.value, dict) else None
    if kind == "one-active":
        entry.members("kind")
        return OneActive(n)
    if kind == "independent":
        return SparseUniform(vector(entry.members("kind", "sparsity")["sparsity"]))
    if isinstance(kind, str) and kind in _GROUPED:
        given = entry.members("kind", "sets", "sparsity")
        sets = [tuple(each.whole() for each in one.items()) for one in given["sets"].items()]
        return _GROUPED[kind](sets, vector(given["sparsity"]))
    listed = " or ".join(f'"{each}"' for each in _KINDS)
    raise entry.refused(f'is an object whose "kind" is {listed}')


def texts(numbers: Vector | None) -> list[str]:
    """Exact numbers as texts that are read back to the same numbers.

    Errors: those of the reader for a number that is too long for it.

    >>> texts(SparseUniform("1/3 sqrt(2)/2").sparsity)
    ['1/3', 'sqrt(2)/2']
    """
    if numbers is None:
        raise InputError("sparsity", 'A run knows its sparsity: give one, such as "1/2".')
    found = list(map(to_text, numbers))
    for text in found:
        if len(text) > MAX_DIGITS:
            parse_scalar(text)
    return found


def vector(entry: Entry) -> Vector:
    """Exact numbers from a list of texts. Errors: ``run_file``."""
    return tuple(map(_scalar, entry.items()))


def _scalar(entry: Entry) -> object:
    text = entry.text()
    try:
        return parse_scalar(text)
    except InputError as error:
        raise entry.error(f'"{entry.key}": {error.message.rstrip(".")}') from error


_TEXTS = ("trainer", "optimiser", "schedule", "device", "dtype", "sampler")
_COUNTS = ("restarts", "steps", "batch")
_NUMBERS = ("rate", "decay")


def spec_to_data(spec: TrainingSpec) -> dict[str, object]:
    """A specification as an object of what JSON can hold.

    >>> spec = TrainingSpec((ModelSpec.of(3, 2, "1/2"),))
    >>> spec_to_data(spec)["trainer"], spec_from_data(spec_to_data(spec)) == spec
    ('exact', True)
    """
    settings: dict[str, object] = {name: getattr(spec, name) for name in _TEXTS + _COUNTS}
    settings |= {name: float(getattr(spec, name)) for name in _NUMBERS}
    return settings | {"models": [model_to_data(model) for model in spec.models]}


def model_to_data(model: ModelSpec) -> dict[str, object]:
    """A configuration as an object: sizes, activation, seed, ``importance``, ``distribution``.

    >>> model_to_data(ModelSpec.of(2, 1, "1/2"))["importance"]
    ['1', '1']
    """
    return {
        "features": model.features,
        "hidden": model.hidden,
        "activation": model.activation,
        "seed": model.seed,
        "importance": texts(model.importance),
        "distribution": distribution_to_data(model.distribution),
    }


def spec_from_data(data: object, file: str = "the specification") -> TrainingSpec:
    """The specification that an object stands for; errors name the ``file`` and the key.

    Errors: ``run_file`` for an unknown or missing key, a wrong type, a value that no run can have.

    >>> data = spec_to_data(TrainingSpec((ModelSpec.of(2, 1, "0"),))) | {"restarts": 0}
    >>> try:
    ...     spec_from_data(data, "spec.json")
    ... except InputError as error:
    ...     print(error.message.partition(". ")[0])
    spec.json: The number of restarts is a whole number from 1, not 0
    """
    return spec_from_entry(Entry(file, "", data))


def spec_from_entry(entry: Entry) -> TrainingSpec:
    """The specification that an entry of a file stands for. Errors: ``run_file``."""
    given = entry.members(*_TEXTS, *_COUNTS, *_NUMBERS, "models")
    settings: dict[str, Any] = {name: given[name].text() for name in _TEXTS}
    settings |= {name: given[name].whole() for name in _COUNTS}
    settings |= {name: given[name].number() for name in _NUMBERS}
    models = tuple(map(_model, given["models"].items()))
    try:
        return TrainingSpec(models, **settings)
    except InputError as error:
        raise entry.error(error.message.rstrip(".")) from error


def spec_digest(spec: TrainingSpec) -> str:
    """The SHA-256 of a specification's data: runs with one digest are the same run.

    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "0"),))
    >>> spec_digest(spec) == spec_digest(TrainingSpec((ModelSpec.of(2, 1, "0/1"),)))
    True
    """
    text = json.dumps(spec_to_data(spec), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _model(entry: Entry) -> ModelSpec:
    given = entry.members("features", "hidden", "activation", "seed", "importance", "distribution")
    n = given["features"].whole()
    importance = vector(given["importance"])
    if len(importance) != n:  # the file itself bounds n before anything is made for n features
        raise given["importance"].refused(f"has one text for each of the {n} features")
    activation: Any = given["activation"].text()
    seed = given["seed"].whole()
    try:
        return ModelSpec.of(
            n,
            given["hidden"].whole(),
            importance=importance,
            distribution=distribution_from_entry(given["distribution"], n),
            activation=activation,
            seed=seed,
        )
    except InputError as error:
        if error.code == "run_file":
            raise
        raise entry.error(f'"{entry.key}": {error.message.rstrip(".")}') from error
