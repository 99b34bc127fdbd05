"""Specifications of sweeps as JSON can hold them: the axes of their grids, not the cells."""

from __future__ import annotations

from typing import Any

from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import DistributionName
from torchsim.storage.documents import Struct, Tagged, run_file
from torchsim.storage.toy_specifications import (
    SpecData,
    Texts,
    texts_of,
    toy_data,
    toy_of,
    vector_of,
)
from torchsim.sweeps.grid import SweepGrid
from torchsim.sweeps.specification import SweepPart, SweepSpec
from torchsim.sweeps.values import InputKind

SWEEP = "sweep"
"""The tag of such a specification."""


class InputKindData(Struct, frozen=True):
    """An ``InputKind``."""

    name: DistributionName
    sets: tuple[tuple[int, ...], ...] | None


class GridData(Tagged, frozen=True, tag="grid"):
    """A ``SweepGrid``: the values along its axes, and what is the same for all cells."""

    features: tuple[int, ...]
    hidden: tuple[int, ...]
    distribution: tuple[InputKindData, ...]
    optimiser: tuple[str, ...]
    rate: tuple[float, ...]
    schedule: tuple[str, ...]
    batch: tuple[int, ...]
    steps: tuple[int, ...]
    sparsity: tuple[Texts | None, ...]
    importance: tuple[Texts, ...]
    activation: tuple[str, ...]
    seed: tuple[int, ...]
    trainer: str
    restarts: int | None
    decay: float
    device: str
    dtype: str
    kernel: str | None
    sampler: str


class RunData(Tagged, frozen=True, tag="run"):
    """A ``TrainingSpec`` that was merged into a sweep."""

    spec: SpecData


class SweepData(Tagged, frozen=True, tag=SWEEP):
    """A ``SweepSpec``."""

    parts: tuple[GridData | RunData, ...]


def sweep_data(spec: SweepSpec) -> SweepData:
    """A sweep as its data."""
    return SweepData(tuple(map(_part_data, spec.parts)))


def sweep_of(data: SweepData, file: str) -> SweepSpec:
    """The sweep that the data of a file stand for. Errors: ``run_file``."""
    return SweepSpec(tuple(_part(each, i, file) for i, each in enumerate(data.parts)))


def _part_data(part: SweepPart) -> GridData | RunData:
    return _grid_data(part) if isinstance(part, SweepGrid) else RunData(toy_data(part))


def _grid_data(grid: SweepGrid) -> GridData:
    data: dict[str, Any] = {name: getattr(grid, name) for name in GridData.__struct_fields__}
    data["distribution"] = tuple(InputKindData(k.name, k.sets) for k in grid.distribution)
    data["sparsity"] = tuple(None if S is None else texts_of(S) for S in grid.sparsity)
    data["importance"] = tuple(map(texts_of, grid.importance))
    numbers = {"rate": tuple(map(float, grid.rate)), "decay": float(grid.decay)}
    return GridData(**{**data, **numbers})


def _part(data: GridData | RunData, i: int, file: str) -> SweepPart:
    if isinstance(data, RunData):
        return toy_of(data.spec, file)
    settings: dict[str, Any] = {name: getattr(data, name) for name in data.__struct_fields__}
    key = f"spec.parts[{i}]"
    settings["distribution"] = tuple(InputKind(k.name, k.sets) for k in data.distribution)
    for name in ("sparsity", "importance"):
        settings[name] = tuple(
            None if texts is None else vector_of(texts, f"{key}.{name}[{k}]", file)
            for k, texts in enumerate(settings[name])
        )
    try:
        return SweepGrid(**settings)
    except InputError as error:
        raise run_file(file, f'"{key}": {error.message.rstrip(".")}') from error
