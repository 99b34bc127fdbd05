"""Specifications of every kind as JSON can hold them, and which run a specification is."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TypeAlias

import msgspec

from torchsim.attention.specification import AttentionTraining
from torchsim.kinds import KeptSpec
from torchsim.storage.attention_specifications import (
    ATTENTION,
    AttentionData,
    attention_data,
    attention_of,
)
from torchsim.storage.documents import TAG, from_data
from torchsim.storage.sweep_specifications import SWEEP, SweepData, sweep_data, sweep_of
from torchsim.storage.toy_specifications import SpecData, toy_data, toy_of
from torchsim.sweeps.specification import SweepSpec

KeptData: TypeAlias = SpecData | AttentionData | SweepData
_TAGGED: dict[str, type[AttentionData | SweepData]] = {ATTENTION: AttentionData, SWEEP: SweepData}


def data_kind(data: object) -> type[KeptData]:
    """What JSON holds the specification of, by its tag; that of toy models has none.

    >>> data_kind({"kind": "attention"}).__name__, data_kind({"trainer": "exact"}).__name__
    ('AttentionData', 'SpecData')
    """
    return _TAGGED.get(data.get(TAG, ""), SpecData) if isinstance(data, dict) else SpecData


def data_of(spec: KeptSpec) -> KeptData:
    """A specification as its data."""
    if isinstance(spec, AttentionTraining):
        return attention_data(spec)
    return sweep_data(spec) if isinstance(spec, SweepSpec) else toy_data(spec)


def spec_to_data(spec: KeptSpec) -> dict[str, object]:
    """A specification as an object of what JSON can hold.

    >>> from torchsim.specification import ModelSpec, TrainingSpec
    >>> spec = TrainingSpec((ModelSpec.of(3, 2, "1/2"),))
    >>> spec_to_data(spec)["trainer"], spec_from_data(spec_to_data(spec)) == spec
    ('exact', True)
    """
    found: dict[str, object] = msgspec.to_builtins(data_of(spec))
    return found


def spec_from_data(data: object, file: str = "the specification") -> KeptSpec:
    """The specification that an object stands for; errors name the ``file`` and the key.

    Errors: ``run_file`` for an unknown or missing key, a wrong type, a value that no run can have.

    >>> from torchsim.specification import ModelSpec, TrainingSpec
    >>> from handcalc.errors import InputError
    >>> data = spec_to_data(TrainingSpec((ModelSpec.of(2, 1, "0"),))) | {"restarts": 0}
    >>> try:
    ...     spec_from_data(data, "spec.json")
    ... except InputError as error:
    ...     print(error.message.partition(". ")[0])
    spec.json: The number of restarts is a whole number from 1, not 0
    """
    return spec_of(from_data(data_kind(data), data, file), file)


def spec_of(data: KeptData, file: str) -> KeptSpec:
    """The specification that the data of a file stand for. Errors: ``run_file``."""
    if isinstance(data, AttentionData):
        return attention_of(data, file)
    return sweep_of(data, file) if isinstance(data, SweepData) else toy_of(data, file)


def spec_digest(spec: KeptSpec) -> str:
    """The SHA-256 of a specification's data: runs with one digest are the same run.

    >>> from torchsim.specification import ModelSpec, TrainingSpec
    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "0"),))
    >>> spec_digest(spec) == spec_digest(TrainingSpec((ModelSpec.of(2, 1, "0/1"),)))
    True
    """
    text = json.dumps(spec_to_data(spec), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
