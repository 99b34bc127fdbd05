"""A sweep: one grid, or several and single runs that were merged, and where each cell stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, TypeAlias

from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.wording import brief, counted
from torchsim.choices import trainer_of
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.sweeps.costs import cell_seconds
from torchsim.sweeps.grid import AXES, ON_SAMPLES, SweepGrid
from torchsim.sweeps.values import InputKind, shortest

SweepPart: TypeAlias = SweepGrid | TrainingSpec


@dataclass(frozen=True, slots=True)
class ShardPlace:
    """Where a shard stands: its ``part`` of the sweep, from 0, and its ``cells`` there, from 0."""

    part: int
    cells: range


@dataclass(frozen=True, slots=True, repr=False)
class SweepSpec(Displayed):
    """The cells of all ``parts``, one part after the other: grids, and runs that are a shard each.

    >>> from torchsim.specification import ModelSpec
    >>> one = TrainingSpec((ModelSpec.of(2, 1, "1/2"),))
    >>> sweep = SweepSpec((SweepGrid.of(2, 1, ["0", "1/4"]), one))
    >>> len(sweep), [sweep.first_cell(place) for place in sweep.shards()]
    (3, [1, 3])
    """

    parts: tuple[SweepPart, ...]

    def __post_init__(self) -> None:
        parts: Any = self.parts
        if not isinstance(parts, tuple):
            raise InputError("sweep", f"The parts of a sweep are a tuple, not {brief(parts)}.")
        for part in parts:
            if not isinstance(part, (SweepGrid, TrainingSpec)):
                raise InputError(
                    "sweep",
                    f"A sweep is a SweepGrid, or several and TrainingSpecs, not {brief(part)}.",
                )
        if not self.parts:
            raise InputError("sweep", "A sweep has at least one SweepGrid; none is given.")
        _check_drawn(self.parts)
        first: dict[SweepPart, int] = {}
        for k, part in enumerate(self.parts, start=1):
            if part in first:
                what = f"Parts {first[part]} and {k} of the sweep are the same: give each once."
                raise InputError("sweep", what)
            first[part] = k

    def __repr__(self) -> str:
        parts = f" in {len(self.parts)} parts" if len(self.parts) > 1 else ""
        return f"<SweepSpec: {counted(len(self), 'cell')}{parts}>"

    def __len__(self) -> int:
        return sum(map(cell_count, self.parts))

    def shards(self) -> Iterator[ShardPlace]:
        """The shards in the order of their cells."""
        for k, part in enumerate(self.parts):
            rows = part.shards() if isinstance(part, SweepGrid) else [range(cell_count(part))]
            yield from (ShardPlace(k, cells) for cells in rows)

    @property
    def varying(self) -> tuple[str, ...]:
        """The axes along which cells differ, in the order of ``AXES``."""
        return tuple(name for name in AXES if len(self.values(name)) > 1)

    def values(self, axis: str) -> set[Any]:
        """The values that cells have along an axis of ``AXES``."""
        return set().union(*(_axes(part)[axis] for part in self.parts))

    def seconds(self) -> float:
        """About how many seconds one core takes for all cells."""
        return sum(
            part.seconds() if isinstance(part, SweepGrid) else _run_seconds(part)
            for part in self.parts
        )

    def training(self, place: ShardPlace) -> TrainingSpec:
        """The run that a shard is."""
        part = self.parts[place.part]
        return part.spec(place.cells) if isinstance(part, SweepGrid) else part

    def models(self) -> Iterator[ModelSpec]:
        """The model of every cell."""
        return (model for place in self.shards() for model in self.training(place).models)

    def first_cell(self, place: ShardPlace) -> int:
        """The number, from 1, of a shard's first cell among all of the sweep."""
        starts = [0, *accumulate(map(cell_count, self.parts))]
        return starts[place.part] + place.cells.start + 1


def _check_drawn(parts: Sequence[SweepPart]) -> None:
    """Refuse a run that began at weights of its own. Errors: ``start``."""
    if any(isinstance(part, TrainingSpec) and part.start is not None for part in parts):
        raise InputError(
            "start",
            "The cells of a sweep begin at weights that are drawn, and one of these runs began at "
            "weights of its own: leave it out.",
        )


def cell_count(part: SweepPart) -> int:
    """How many cells a part has."""
    return len(part) if isinstance(part, SweepGrid) else len(part.models)


def _run_seconds(run: TrainingSpec) -> float:
    samples = run.steps * run.batch
    return sum(
        cell_seconds(run.trainer, model.features, model.hidden, run.restarts, samples)
        for model in run.models
    )


def _axes(part: SweepPart) -> dict[str, set[object]]:
    """The values that a part has along each axis; none of samples, where it draws none."""
    if isinstance(part, SweepGrid):
        found = {name: set(getattr(part, name)) for name in AXES}
        is_exact = trainer_of(max(part.features), part.trainer) == "exact"
    else:
        each = [coordinates(model, part) for model in part.models]
        found = {name: {cell[name] for cell in each} for name in AXES}
        is_exact = part.trainer == "exact"
    return found | {name: set() for name in ON_SAMPLES} if is_exact else found


def coordinates(model: ModelSpec, spec: TrainingSpec) -> dict[str, Any]:
    """The value of a cell along each axis, whether it is of a grid or not.

    None where it makes no difference: an S of one-active features, and what belongs to samples
    where none are drawn.
    """
    draws = spec.trainer != "exact"
    distribution = model.distribution
    sparsity: Vector | None = getattr(distribution, "sparsity", None)
    return {name: getattr(spec, name) if draws else None for name in ON_SAMPLES} | {
        "features": model.features,
        "hidden": model.hidden,
        "distribution": InputKind(distribution.name, getattr(distribution, "sets", None)),
        "sparsity": None if sparsity is None else shortest(sparsity),
        "importance": shortest(model.importance),
        "activation": model.activation,
        "seed": model.seed,
    }
