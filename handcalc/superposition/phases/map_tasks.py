"""The work behind a phase map: search, changes, polishing, in tasks that other processes can do.

Each function stands for itself: what it needs is in the task. Results of searching and polishing
are what JSON can hold, and are kept as they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, TypeAlias

from handcalc.numbers.exact import to_text
from handcalc.storage.store import LineStore
from handcalc.superposition.best.canonical_form import upright
from handcalc.superposition.best.minima import Minimum
from handcalc.superposition.best.polish import polished
from handcalc.superposition.phases.changes import Change, changes
from handcalc.superposition.phases.grid import BestAt, Seek, best_at, intervals_to_search
from handcalc.superposition.phases.sparsity_path import MinimumAt, SparsityPath
from handcalc.superposition.phases.staged_work import (
    DIGITS,
    OnProgress,
    StagedWork,
    record_of,
)

_TOGETHER = 8  # sparsities that are searched together

_Record: TypeAlias = "dict[str, Any]"


@dataclass(frozen=True, slots=True)
class _Task:
    """Sparsities, or minima known there, of one line; ``digits`` are for the changes."""

    line: SparsityPath
    seek: Seek
    sparsities: tuple[Fraction, ...]
    spots: tuple[MinimumAt, ...] = ()
    digits: int = 0

    @property
    def key(self) -> dict[str, object]:
        """The sparsities."""
        return {"sparsities": list(map(str, self.sparsities))}

    def __len__(self) -> int:
        return len(self.sparsities)


class MapWork:
    """The work along one line, at the points of a ``grid`` and between them."""

    def __init__(
        self,
        line: SparsityPath,
        seek: Seek,
        grid: tuple[Fraction, ...],
        store: LineStore,
        executor: Executor | None,
        on_progress: OnProgress | None,
    ) -> None:
        self.line, self.seek, self.grid = line, seek, grid
        question = {
            "features": line.features,
            "hidden": line.hidden,
            "importance": [to_text(value) for value in line.importance],
            "restarts": seek.restarts,
            "seed": seek.seed,
            "grid": list(map(str, grid)),
        }
        self._stage = StagedWork(question, store, executor, on_progress).stage

    def searched(self) -> list[BestAt]:
        """What a search finds at each sparsity of the grid."""
        parts = range(0, len(self.grid), _TOGETHER)
        tasks = [_Task(self.line, self.seek, self.grid[k : k + _TOGETHER]) for k in parts]
        best = []
        for record, s in zip(self._stage("searched", _search, tasks), self.grid, strict=True):
            W, b = tuple(map(tuple, record["W"])), tuple(record["b"])
            minimum = Minimum(record["loss"], W, b, record["slope"], record["hits"])
            best.append(BestAt(self.line.spot(s, minimum), record["restarts"], record["agreed"]))
        return best

    def polished(self, spots: Sequence[MinimumAt]) -> list[_Record]:
        """The record of each minimum, polished."""
        tasks = [_Task(self.line, self.seek, (spot.sparsity,), (spot,)) for spot in spots]
        return self._stage("polished", _polish, tasks)

    def changes(self, spots: Sequence[MinimumAt], digits: int) -> list[Change]:
        """The changes along the grid's best minima; they are worked out anew in every run."""
        pairs = intervals_to_search(self.line, spots)
        tasks = [
            _Task(self.line, self.seek, (left.sparsity,), (left, right), digits)
            for left, right in pairs
        ]
        return self._stage("changes", _changes, tasks, kept=False)


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
    problems = [task.line.at(spot.sparsity) for spot in task.spots]
    each = zip(task.spots, problems, strict=True)
    found = [polished(spot.minimum.W, spot.minimum.b, problem, DIGITS) for spot, problem in each]
    return [record_of(minimum, upright(minimum.model.W)) for minimum in found]
