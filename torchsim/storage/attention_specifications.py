"""Specifications of attention-only models as JSON can hold them; the noise is exact, as text."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from handcalc.errors import InputError
from torchsim.attention.data import Contexts, Repeats, TokenChain
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.storage.documents import Struct, Tagged, run_file

ATTENTION = "attention"
"""The tag of such a specification; that of toy models has none."""


class ChainData(Tagged, frozen=True, tag="chain"):
    """``TokenChain``."""

    d_vocab: int
    n_ctx: int
    noise: str


class RepeatsData(Tagged, frozen=True, tag="repeats"):
    """``Repeats``."""

    d_vocab: int
    n_ctx: int
    shortest: int
    longest: int


class ContextsData(Tagged, frozen=True, tag="contexts"):
    """``Contexts``: places in the vocabulary from 0, and a row of counts for each context."""

    vocabulary: tuple[str, ...]
    contexts: tuple[tuple[int, ...], ...]
    counts: tuple[tuple[int, ...], ...]


AnyData: TypeAlias = ChainData | RepeatsData | ContextsData
_KINDS: dict[type, type[AnyData]] = {
    TokenChain: ChainData,
    Repeats: RepeatsData,
    Contexts: ContextsData,
}


class AttentionModelData(Struct, frozen=True):
    """An ``AttentionSpec``."""

    data: AnyData
    layers: int
    heads: int
    d_model: int
    d_head: int
    positions: bool
    self_attention: bool
    scale: str | None
    steps: int
    batch: int
    rate: float
    betas: tuple[float, ...]
    decay: float
    warm_up: int
    final: float
    clip: float | None
    seed: int


class AttentionData(Tagged, frozen=True, tag=ATTENTION):
    """An ``AttentionTraining``."""

    device: str
    dtype: str
    sampler: str
    restarts: int
    models: tuple[AttentionModelData, ...]


def attention_data(spec: AttentionTraining) -> AttentionData:
    """A run's specification as its data."""
    models = tuple(map(attention_model_data, spec.models))
    return AttentionData(spec.device, spec.dtype, spec.sampler, spec.restarts, models)


def attention_model_data(model: AttentionSpec) -> AttentionModelData:
    """A configuration as its data.

    >>> attention_model_data(AttentionSpec(TokenChain())).data.noise
    '1/10'
    """
    settings = {name: getattr(model, name) for name in AttentionModelData.__struct_fields__}
    kind = _KINDS[type(model.data)]
    own = {name: getattr(model.data, name) for name in kind.__struct_fields__}
    if isinstance(model.data, TokenChain):
        own["noise"] = str(model.data.noise)
    return AttentionModelData(**{**settings, "data": kind(**own)})


def attention_model_keys(model: AttentionSpec) -> dict[str, Any]:
    """The same as JSON has it, for a record and for programs.

    >>> attention_model_keys(AttentionSpec(TokenChain()))["data"]["kind"]
    'chain'
    """
    found: dict[str, Any] = msgspec.to_builtins(attention_model_data(model))
    return found


def attention_of(data: AttentionData, file: str) -> AttentionTraining:
    """The specification that the data of a file stand for. Errors: ``run_file``."""
    settings: dict[str, Any] = {name: getattr(data, name) for name in data.__struct_fields__}
    settings["models"] = tuple(_model(each, i, file) for i, each in enumerate(data.models))
    try:
        return AttentionTraining(**settings)
    except InputError as error:
        raise run_file(file, error.message.rstrip(".")) from error


def _model(data: AttentionModelData, i: int, file: str) -> AttentionSpec:
    made: Any = next(made for made, kind in _KINDS.items() if type(data.data) is kind)
    drawn = {name: getattr(data.data, name) for name in data.data.__struct_fields__}
    settings: dict[str, Any] = {name: getattr(data, name) for name in data.__struct_fields__}
    try:
        return AttentionSpec(**{**settings, "data": made(**drawn)})
    except InputError as error:
        raise run_file(file, f'"models[{i}]": {error.message.rstrip(".")}') from error
