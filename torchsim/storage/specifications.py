"""Specifications as JSON can hold them, and which run a specification is.

Exact numbers are texts, all else is what it is in Python: what is read back equals what was
written.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from handcalc.errors import InputError
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.storage.distributions import (
    distribution_from_entry,
    distribution_to_data,
    texts,
    vector,
)
from torchsim.storage.entries import Entry

__all__ = ["model_to_data", "spec_digest", "spec_from_data", "spec_from_entry", "spec_to_data"]

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
