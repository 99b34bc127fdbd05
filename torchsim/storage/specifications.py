"""Specifications of every kind as JSON can hold them, and which run a specification is."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any, TypeAlias

import msgspec

from torchsim.attention.specification import AttentionTraining
from torchsim.autoencoders.specification import SaeTraining
from torchsim.datasets.specification import DatasetTraining
from torchsim.kinds import AnySpec, KeptSpec
from torchsim.networks.specification import NetworkTraining
from torchsim.specification import TrainingSpec
from torchsim.storage.attention_specifications import (
    ATTENTION,
    AttentionData,
    attention_data,
    attention_of,
)
from torchsim.storage.dataset_specifications import (
    DATASET,
    DatasetData,
    dataset_data,
    dataset_of,
)
from torchsim.storage.documents import TAG, from_data
from torchsim.storage.network_specifications import (
    NETWORK,
    NetworkData,
    network_data,
    network_of,
)
from torchsim.storage.sae_specifications import SAE, SaeData, sae_data, sae_of
from torchsim.storage.sweep_specifications import SWEEP, SweepData, sweep_data, sweep_of
from torchsim.storage.toy_specifications import SpecData, toy_data, toy_of
from torchsim.sweeps.specification import SweepSpec

KeptData: TypeAlias = SpecData | AttentionData | SaeData | NetworkData | DatasetData | SweepData

_TAGGED: dict[str, type[KeptData]] = {
    ATTENTION: AttentionData,
    SAE: SaeData,
    NETWORK: NetworkData,
    DATASET: DatasetData,
    SWEEP: SweepData,
}
_TO_DATA: dict[type[KeptSpec], Callable[[Any], KeptData]] = {
    TrainingSpec: toy_data,
    AttentionTraining: attention_data,
    SaeTraining: sae_data,
    NetworkTraining: network_data,
    DatasetTraining: dataset_data,
    SweepSpec: sweep_data,
}
_OF_DATA: dict[type[KeptData], Callable[[Any, str], KeptSpec]] = {
    SpecData: toy_of,
    AttentionData: attention_of,
    SaeData: sae_of,
    NetworkData: network_of,
    DatasetData: dataset_of,
    SweepData: sweep_of,
}


def data_kind(data: object) -> type[KeptData]:
    """What JSON holds the specification of, by its tag; that of toy models has none.

    >>> data_kind({"kind": "attention"}).__name__, data_kind({"trainer": "exact"}).__name__
    ('AttentionData', 'SpecData')
    """
    return _TAGGED.get(data.get(TAG, ""), SpecData) if isinstance(data, dict) else SpecData


def data_of(spec: KeptSpec) -> KeptData:
    """A specification as its data."""
    return _TO_DATA[type(spec)](spec)


def trainer_name(spec: AnySpec) -> str:
    """What trains it: of toy models "exact" or "sampled", else the tag of its kind.

    >>> from torchsim.attention.data import TokenChain
    >>> from torchsim.attention.specification import AttentionSpec
    >>> trainer_name(AttentionTraining((AttentionSpec(TokenChain()),)))
    'attention'
    """
    if isinstance(spec, TrainingSpec):
        return spec.trainer
    return str(_TO_DATA[type(spec)](spec).__struct_config__.tag)


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
    return _OF_DATA[type(data)](data, file)


def spec_digest(spec: KeptSpec) -> str:
    """The SHA-256 of a specification's data: runs with one digest are the same run.

    >>> from torchsim.specification import ModelSpec, TrainingSpec
    >>> spec = TrainingSpec((ModelSpec.of(2, 1, "0"),))
    >>> spec_digest(spec) == spec_digest(TrainingSpec((ModelSpec.of(2, 1, "0/1"),)))
    True
    """
    text = json.dumps(spec_to_data(spec), sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
