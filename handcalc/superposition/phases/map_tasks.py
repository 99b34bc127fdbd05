"""The work behind a phase map: search, changes, polishing, in tasks that other processes can do.

Each function stands for itself: what it needs is in the task. Results of searching and polishing
are what JSON can hold, and are kept as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any, TypeAlias

import sympy

from handcalc.numbers.exact import to_text
from handcalc.processes.jobs import work_through
from handcalc.storage.store import LineStore
from handcalc.superposition.best.canonical_form import upright
from handcalc.superposition.best.minima import Minimum
from handcalc.superposition.best.polish import polished
from handcalc.superposition.phases.changes import Change, changes
from handcalc.superposition.phases.grid import BestAt, Seek, best_at, intervals_to_search
from handcalc.superposition.phases.sparsity_path import MinimumAt, SparsityPath

OnProgress: TypeAlias = Callable[[str, int, int], None]
"""Hears the stage ("searched", "polished", "changes"), and how many of how many are done."""

DIGITS = 50
"""Every minimum of the grid is polished to so many digits."""

_METHOD = 1  # to be counted up with every change that changes results
_TOGETHER = 8  # sparsities that are searched together
_PLACES = Context(prec=DIGITS + 10)

_Record: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True, slots=True)
class _Task:
    """Sparsities, or minima known at each, of one line; ``digits`` are for the changes."""

    line: SparsityPath
    seek: Seek
    sparsities: tuple[Fraction, ...]
    spots: tuple[MinimumAt, ...] = ()
    digits: int = 0


@dataclass(frozen=True, slots=True)
class MapWork:
    """Who does the work, where it is kept and who hears of it."""

    line: SparsityPath
    seek: Seek
    grid: tuple[Fraction, ...]
    store: LineStore
    executor: Executor | None
    on_progress: OnProgress | None

    def searched(self) -> list[BestAt]:
        """What a search finds at each sparsity of the grid."""
        parts = range(0, len(self.grid), _TOGETHER)
        tasks = [self._task(self.grid[k : k + _TOGETHER]) for k in parts]
        found = self._stage("searched", _search, tasks)
        return [self._best(record, s) for record, s in zip(found, self.grid, strict=True)]

    def polished(self, spots: Sequence[MinimumAt]) -> list[_Record]:
        """The record of each minimum, polished."""
        tasks = [self._task((spot.sparsity,), (spot,)) for spot in spots]
        return self._stage("polished", _polish, tasks)

    def changes(self, spots: Sequence[MinimumAt], digits: int) -> list[Change]:
        """The changes along the grid's best minima; they are worked out anew in every run."""
        pairs = intervals_to_search(self.line, spots)
        tasks = [_Task(self.line, self.seek, (), pair, digits) for pair in pairs]
        found: dict[_Task, list[Change]] = {}

        def on_done(task: _Task, result: list[Change]) -> None:
            found[task] = result
            self._tell("changes", len(found), len(tasks))

        self._tell("changes", 0, len(tasks))
        work_through(_changes, tasks, on_done, self.executor)
        return [change for task in tasks for change in found[task]]

    def _task(self, sparsities: tuple[Fraction, ...], spots: tuple[MinimumAt, ...] = ()) -> _Task:
        return _Task(self.line, self.seek, sparsities, spots)

    def _stage(
        self, stage: str, function: Callable[[_Task], list[_Record]], tasks: Sequence[_Task]
    ) -> list[_Record]:
        """The records of a function for all tasks: kept ones, and the others worked out."""
        keys = {task: self._key(stage, task) for task in tasks}
        known = {task: self.store.get(key) for task, key in keys.items()}
        found = {task: record["results"] for task, record in known.items() if record}

        def on_done(task: _Task, results: list[_Record]) -> None:
            self.store.put(keys[task], {"results": results})
            found[task] = results
            self._tell(stage, sum(map(len, found.values())), len(self.grid))

        self._tell(stage, sum(map(len, found.values())), len(self.grid))
        work_through(
            function, [task for task in tasks if task not in found], on_done, self.executor
        )
        return [record for task in tasks for record in found[task]]

    def _key(self, stage: str, task: _Task) -> dict[str, object]:
        """All that the results of a stage depend on."""
        return {
            "method": _METHOD,
            "digits": DIGITS,
            "stage": stage,
            "features": self.line.features,
            "hidden": self.line.hidden,
            "importance": [to_text(value) for value in self.line.importance],
            "restarts": self.seek.restarts,
            "seed": self.seek.seed,
            "grid": list(map(str, self.grid)),
            "sparsities": list(map(str, task.sparsities)),
        }

    def _best(self, record: _Record, sparsity: Fraction) -> BestAt:
        W, b = tuple(map(tuple, record["W"])), tuple(record["b"])
        minimum = Minimum(record["loss"], W, b, record["slope"], record["hits"])
        spot = self.line.spot(sparsity, minimum)
        return BestAt(spot, record["restarts"], record["agreed"])

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self.on_progress is not None:
            self.on_progress(stage, done, total)


def _search(task: _Task) -> list[_Record]:
    best = best_at(task.line, task.sparsities, task.seek)
    return [
        {**asdict(each.spot.minimum), "restarts": each.restarts, "agreed": each.agreed}
        for each in best
    ]


def _changes(task: _Task) -> list[Change]:
    left, right = task.spots
    return list(changes(task.line, left, right, task.digits, task.seek))


def _polish(task: _Task) -> list[_Record]:
    return [_polished(spot, task.line) for spot in task.spots]


def _polished(spot: MinimumAt, line: SparsityPath) -> _Record:
    minimum = spot.minimum
    found = polished(minimum.W, minimum.b, line.at(spot.sparsity), DIGITS)
    return {
        "loss": _decimal(found.loss),
        "W": [[_decimal(cell) for cell in row] for row in upright(found.model.W)],
        "b": [_decimal(cell) for cell in found.model.b],
        "slope": found.slope,
    }


def _decimal(value: sympy.Rational) -> str:
    """A fraction as a decimal: exactly where it ends soon, else to a few more digits than 50."""
    number = _PLACES.divide(Decimal(int(value.p)), Decimal(int(value.q)))
    return format(_PLACES.normalize(number), "f")
