"""What comes of a sweep: its cells, shard by shard, read as they are asked for."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from io import StringIO
from itertools import islice
from math import nan
from os import PathLike
from typing import Any, Protocol

import sympy

from handcalc.display import Displayed
from handcalc.errors import InputError, imported
from handcalc.export import Tabular
from handcalc.inputs.containers import as_int
from handcalc.numbers.exact import to_float
from handcalc.storage.files import at_home, write
from handcalc.wording import brief, counted, joined
from torchsim.run import Trained, TrainingRun, model_columns
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.sweeps.grid import ON_SAMPLES
from torchsim.sweeps.specification import ShardPlace, SweepSpec

SETTINGS = ("trainer", "restarts", *ON_SAMPLES)
NOT_TRAINED = "not trained yet"
"""Why a cell of a sweep that is not finished came to nothing."""

_AT_HAND = 64  # shards that are not read again at once


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """Some cells as they were trained together.

    ``run`` has those that did not fail, in their order, None where all failed; ``failed`` says of
    the others, by their place from 0, why.
    """

    spec: TrainingSpec
    run: TrainingRun | None
    failed: Mapping[int, str]


@dataclass(frozen=True, slots=True, eq=False)
class SweepCell:
    """One cell, by its ``number`` from 1, and how it was trained: ``spec`` is that of its shard.

    ``trained`` is None where it ``failed``, which says why.
    """

    number: int
    model: ModelSpec
    spec: TrainingSpec
    trained: Trained | None
    agreed: int | None
    failed: str | None

    @property
    def settings(self) -> dict[str, Any]:
        """How it was trained, by the name of the setting; None for what makes no difference."""
        found = {name: getattr(self.spec, name) for name in SETTINGS}
        return found | dict.fromkeys(ON_SAMPLES) if self.spec.trainer == "exact" else found


class ShardReader(Protocol):
    """Where the shards of a sweep are."""

    def get(self, place: ShardPlace) -> Shard:
        """One shard. Errors: those of a file that is missing or damaged."""

    def sealed(self, place: ShardPlace) -> bytes:
        """Its file. Errors: the same; ``unfinished``."""


@dataclass(frozen=True, eq=False, repr=False)
class SweepRun(Displayed, Tabular):
    """The cells of a sweep, numbered from 1 in the order of its grid.

    ``failed`` says of cells that came to nothing why. ``wall_seconds`` are those of all shards
    together, on however many processors. The cells themselves are read when they are asked for.
    """

    spec: SweepSpec
    shards: ShardReader
    failed: Mapping[int, str]
    wall_seconds: float
    devices: tuple[str, ...]
    _held: dict[ShardPlace, Shard] = field(default_factory=dict)

    def __repr__(self) -> str:
        failed = len(self.failed) - self.left
        told = f", {failed:,} failed" if failed else ""
        left = f", {self.left:,} not trained yet" if self.left else ""
        return f"<SweepRun: {counted(len(self), 'cell')}{told}{left}>"

    def __len__(self) -> int:
        return len(self.spec)

    @cached_property
    def left(self) -> int:
        """How many cells are not trained yet, of a sweep that is not finished."""
        return sum(why == NOT_TRAINED for why in self.failed.values())

    @cached_property
    def _places(self) -> tuple[list[int], list[ShardPlace]]:
        """The first cell of each shard, and its place."""
        places = list(self.spec.shards())
        return [self.spec.first_cell(place) for place in places], places

    def _shard(self, place: ShardPlace) -> Shard:
        if place not in self._held:
            while len(self._held) >= _AT_HAND:
                del self._held[next(iter(self._held))]
            self._held[place] = self.shards.get(place)
        return self._held[place]

    def cells(self) -> Iterator[SweepCell]:
        """All cells in their order, read shard by shard."""
        for first, place in zip(*self._places, strict=True):
            yield from self._cells_of(first, self._shard(place))

    def cell(self, number: int) -> SweepCell:
        """A cell by its number, from 1. Errors: ``cell`` for one that there is not."""
        if as_int(number) is None or not 1 <= number <= len(self):
            raise InputError(
                "cell", f"Cells are numbered from 1 to {len(self):,}; there is no {brief(number)}."
            )
        firsts, places = self._places
        k = bisect_right(firsts, number) - 1
        cells = self._cells_of(firsts[k], self._shard(places[k]))
        return next(islice(cells, number - firsts[k], None))

    def _cells_of(self, first: int, shard: Shard) -> Iterator[SweepCell]:
        left = iter(() if shard.run is None else enumerate(shard.run.trained))
        for i, model in enumerate(shard.spec.models):
            number, why = first + i, shard.failed.get(i)
            trained, agreed = None, None
            if why is None:
                k, trained = next(left)
                agreed = None if shard.run is None else shard.run.agreed(k)
            yield SweepCell(number, model, shard.spec, trained, agreed, why)

    def trained(self, number: int) -> Trained:
        """What a cell came to, by its number from 1. Errors: ``cell`` for one that failed."""
        cell = self.cell(number)
        if cell.trained is None:
            raise InputError("cell", f"Cell {number} came to nothing: {cell.failed}")
        return cell.trained

    def chosen(self, cells: Sequence[int], alike: Sequence[str] = SETTINGS) -> TrainingRun:
        """Some cells as one run, for what takes a run.

        ``alike`` are the settings of ``SETTINGS`` in which all of them must agree; the others of
        the run are those of the first cell.

        Errors: ``cell``; ``mixed`` where they were not trained in the same way; ``sweep`` for none.
        """
        if not cells:
            raise InputError("sweep", "At least one cell is chosen; none is given.")
        found = [self.trained(number) for number in cells]
        specs = [self.cell(number).spec for number in cells]
        for number, spec in zip(cells, specs, strict=True):
            for name in alike:
                one, other = getattr(specs[0], name), getattr(spec, name)
                if one != other:
                    raise InputError(
                        "mixed",
                        f"Cells {cells[0]} and {number} were trained in different ways ({name} "
                        f"{one} and {other}); choose cells of one.",
                    )
        whole = replace(specs[0], models=tuple(each.model for each in found))
        return TrainingRun(whole, tuple(found), self.wall_seconds, joined(self.devices))

    # -- tables -----------------------------------------------------------------------------------

    def columns(self) -> dict[str, Sequence[Any]]:
        """A row for each cell: what it is, how it was trained, its best restart, or why it failed.

        ``held`` counts the features held, ``dimensionality`` is the mean Dᵢ of these (0 where none
        is); ``agreed`` restarts came as low as the best. What makes no difference is None.
        """
        cells = list(self.cells())
        found: dict[str, Sequence[Any]] = {"cell": [cell.number for cell in cells]}
        found |= {k: v for k, v in model_columns([c.model for c in cells]).items() if k != "model"}
        found["sets"] = [_sets(cell.model) for cell in cells]
        found["seed"] = [cell.model.seed for cell in cells]
        how = [cell.settings for cell in cells]
        results = [_results(cell) for cell in cells]
        return {
            **found,
            **{name: [each[name] for each in how] for name in SETTINGS},
            **{name: [each[name] for each in results] for name in _RESULTS},
        }

    def to_csv(self, file: str | PathLike[str]) -> None:
        """Write the table as comma-separated values, every number as the nearest decimal.

        Errors: OSError where the file cannot be written.
        """
        write(at_home(file), self.csv())

    def to_parquet(self, file: str | PathLike[str]) -> None:
        """Write the table as Parquet, a column for each of ``columns``.

        Errors: ``missing_extra`` without pyarrow; OSError where the file cannot be written.
        """
        write(at_home(file), self.parquet())

    def csv(self) -> bytes:
        """The file of ``to_csv``."""
        columns = self.columns()
        cells = (map(_decimal, values) for values in columns.values())
        table = StringIO()
        csv.writer(table, lineterminator="\n").writerows([list(columns), *zip(*cells, strict=True)])
        return table.getvalue().encode()

    def parquet(self) -> bytes:
        """The file of ``to_parquet``. Errors: ``missing_extra``."""
        pyarrow = imported("frame", "pyarrow")
        columns = {name: _one_type(values) for name, values in self.columns().items()}
        written = pyarrow.BufferOutputStream()
        imported("frame", "pyarrow.parquet").write_table(pyarrow.table(columns), written)
        content: bytes = written.getvalue().to_pybytes()
        return content


_RESULTS: dict[str, Any] = {
    "loss": nan,
    "exact": None,
    "standard error": None,
    "best restart": None,
    "agreed": None,
    "held": None,
    "dimensionality": nan,
    "failed": None,
}


def _results(cell: SweepCell) -> dict[str, Any]:
    trained = cell.trained
    if trained is None:
        return _RESULTS | {"failed": cell.failed}
    best, held, exact = trained.best, trained.held, trained.exact_loss is not None
    dimensionality = trained.dimensionality[[i - 1 for i in held]]
    return _RESULTS | {
        "loss": float(trained.loss[best]),
        "exact": exact,
        "standard error": None if exact else float(trained.standard_error[best]),
        "best restart": best,
        "agreed": cell.agreed,
        "held": len(held),
        "dimensionality": float(dimensionality.mean()) if held else 0.0,
    }


def _sets(model: ModelSpec) -> str | None:
    """The sets of features that are drawn together, as they are typed."""
    sets = getattr(model.distribution, "sets", None)
    return None if sets is None else "; ".join(" ".join(map(str, each)) for each in sets)


def _decimal(value: Any) -> Any:
    return to_float(value) if isinstance(value, sympy.Expr) else value


def _one_type(values: Sequence[Any]) -> list[Any]:
    """A column as Parquet has it: numbers, or texts where one of them is a text."""
    found = [_decimal(value) for value in values]
    if any(isinstance(value, str) for value in found):
        return [None if value is None else str(value) for value in found]
    return found
