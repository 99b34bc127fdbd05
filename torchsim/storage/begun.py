"""``spec.json``: which run a folder holds, when it was begun, and what a person calls it."""

from __future__ import annotations

from pathlib import Path

from msgspec import UNSET, UnsetType

from handcalc.errors import InputError
from torchsim.storage.attention_specifications import AttentionData
from torchsim.storage.dataset_specifications import DatasetData
from torchsim.storage.documents import Document, from_data, read_json, run_file
from torchsim.storage.names import check_name
from torchsim.storage.network_specifications import NetworkData
from torchsim.storage.sae_specifications import SaeData
from torchsim.storage.specifications import KeptData, data_kind
from torchsim.storage.sweep_specifications import SweepData
from torchsim.storage.toy_specifications import SpecData


class Begun(Document, frozen=True, kw_only=True):
    """``spec.json``: which run this is, and the ``name`` that a person gave it, if there is one."""

    preset: str | None
    started: str
    name: str | UnsetType = UNSET
    spec: KeptData


class BegunToy(Begun, frozen=True, kw_only=True):
    """That of toy models."""

    spec: SpecData


class BegunAttention(Begun, frozen=True, kw_only=True):
    """That of attention-only models."""

    spec: AttentionData


class BegunSae(Begun, frozen=True, kw_only=True):
    """That of sparse autoencoders."""

    spec: SaeData


class BegunNetwork(Begun, frozen=True, kw_only=True):
    """That of networks with neurons."""

    spec: NetworkData


class BegunDataset(Begun, frozen=True, kw_only=True):
    """That of toy models on data sets."""

    spec: DatasetData


class BegunSweep(Begun, frozen=True, kw_only=True):
    """That of a sweep."""

    spec: SweepData


_BEGUN: dict[type[KeptData], type[Begun]] = {
    SpecData: BegunToy,
    AttentionData: BegunAttention,
    SaeData: BegunSae,
    NetworkData: BegunNetwork,
    DatasetData: BegunDataset,
    SweepData: BegunSweep,
}


def read_begun(file: Path) -> Begun:
    """What a ``spec.json`` holds. Errors: ``damaged``, ``schema``, ``run_file``."""
    data = read_json(file)
    spec = data.get("spec") if isinstance(data, dict) else None
    begun = from_data(_BEGUN[data_kind(spec)], data, str(file))
    if begun.name is not UNSET:
        try:
            check_name(begun.name)
        except InputError as error:
            raise run_file(str(file), f'"name": {error.message.rstrip(".")}') from error
    return begun
