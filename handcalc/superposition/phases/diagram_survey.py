"""The survey behind a phase diagram: every point searched, compared with its neighbours, polished.

What is done is kept as it comes, a few points at a time, under a key that names all that it depends
on; so a survey that was interrupted goes on where it stopped and ends with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, TypeAlias

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, read_whole
from handcalc.processes.jobs import work_through
from handcalc.storage.store import LineStore
from handcalc.superposition.loss.problem import check_effort
from handcalc.superposition.phases.diagram_tasks import (
    DIGITS,
    DiagramPoint,
    Rough,
    Task,
    look_around,
    polish,
    search_places,
)
from handcalc.wording import brief

OnProgress: TypeAlias = Callable[[str, int, int], None]
"""Hears the stage ("searched", "compared", "polished"), and how many points of how many are."""

LARGEST = 200
MOST_FEATURES = 4

_METHOD = 1  # to be counted up with every change that changes results
_TOGETHER = 20  # points that are worked on together: a second or so of work


@dataclass(frozen=True, slots=True)
class SurveyPlan:
    """What is surveyed: ``size`` importances r by ``size`` densities p, and how."""

    features: int
    hidden: int
    size: int
    restarts: int
    seed: int
    importances: Vector
    densities: Vector

    @classmethod
    def of(cls, features: int, hidden: int, size: int, *, restarts: int, seed: int) -> SurveyPlan:
        """The plan, checked. Errors: ``size``, ``restarts``, ``seed``."""
        features = read_whole(features, "number of features", "size")
        hidden = read_whole(hidden, "number of hidden dimensions", "size")
        size = read_whole(size, "number of steps", "size")
        _check(features, hidden, size)
        restarts = read_whole(restarts, "number of restarts", "restarts")
        _, seed = check_effort(restarts, seed)
        importances, densities = log_spaced(-1, size), log_spaced(-2, size)
        return cls(features, hidden, size, restarts, seed, importances, densities)

    @property
    def places(self) -> tuple[DiagramPoint, ...]:
        """All points, row by row: the first row has the least density."""
        return tuple(DiagramPoint(r, p) for p, r in product(self.densities, self.importances))

    def key(self, stage: str, numbers: Sequence[int]) -> dict[str, object]:
        """All that the results of one stage at some points depend on."""
        return {
            "method": _METHOD,
            "features": self.features,
            "hidden": self.hidden,
            "size": self.size,
            "restarts": self.restarts,
            "seed": self.seed,
            "digits": DIGITS,
            "stage": stage,
            "points": list(numbers),
        }

    def neighbours(self, number: int) -> Iterator[int]:
        """The points beside, above and below one."""
        row, column = divmod(number, self.size)
        for r, c in ((row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column)):
            if 0 <= r < self.size and 0 <= c < self.size:
                yield r * self.size + c

    def parts(self) -> list[range]:
        """The points in parts that are small enough to be worked on together."""
        count = self.size**2
        return [range(k, min(k + _TOGETHER, count)) for k in range(0, count, _TOGETHER)]


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The polished record of every point, and how many times neighbours were compared."""

    records: tuple[dict[str, Any], ...]
    looks: int


def survey(
    plan: SurveyPlan, store: LineStore, executor: Executor | None, on_progress: OnProgress | None
) -> Surveyed:
    """Search everywhere, compare neighbours until nothing improves, polish everywhere."""
    work = _Work(plan, store, executor, on_progress, plan.places)
    found = work.stage("searched", search_places, [work.task(part) for part in plan.parts()])
    best = [Rough.of(found[number]) for number in range(plan.size**2)]
    looks, changed = 0, set(range(len(best)))
    while changed:
        looks += 1
        changed = work.compare(best, changed, looks)
    tasks = [work.task(part, best) for part in plan.parts()]
    records = work.stage("polished", polish, tasks)
    return Surveyed(tuple(records[number] for number in range(len(best))), looks)


@dataclass(frozen=True, slots=True)
class _Work:
    plan: SurveyPlan
    store: LineStore
    executor: Executor | None
    on_progress: OnProgress | None
    places: tuple[DiagramPoint, ...]

    def task(self, numbers: Sequence[int], known: Sequence[Rough] | None = None) -> Task:
        """The task of some points."""
        return Task(
            self.plan.features,
            self.plan.hidden,
            tuple(numbers),
            tuple(self.places[number] for number in numbers),
            self.plan.restarts,
            self.plan.seed,
            tuple(known[number] for number in numbers) if known else (),
        )

    def compare(self, best: list[Rough], changed: set[int], look: int) -> set[int]:
        """Descend at each point from its changed neighbours' minima; which points improved."""
        tasks = []
        for part in self.plan.parts():
            numbers = [k for k in part if changed.intersection(self.plan.neighbours(k))]
            around = tuple(
                tuple(best[j] for j in self.plan.neighbours(k) if j in changed) for k in numbers
            )
            if numbers:
                tasks.append(replace(self.task(numbers, best), around=around))
        found = self.stage("compared", look_around, tasks, look)
        improved = {k: Rough.of(record) for k, record in found.items()}
        improved = {k: rough for k, rough in improved.items() if rough.loss < best[k].loss}
        for k, rough in improved.items():
            best[k] = rough
        return set(improved)

    def stage(
        self,
        name: str,
        function: Callable[[Task], list[Any]],
        tasks: Sequence[Task],
        turn: int = 1,
    ) -> dict[int, Any]:
        """The results of a function by point: kept ones, and the others worked out and kept."""
        keys = {task.numbers: self.plan.key(f"{name} {turn}", task.numbers) for task in tasks}
        results: dict[int, Any] = {}
        left = []
        for task in tasks:
            record = self.store.get(keys[task.numbers])
            if record is None:
                left.append(task)
            else:
                results.update(zip(task.numbers, record["results"], strict=True))
        total = sum(len(task.numbers) for task in tasks)

        def on_done(task: Task, found: list[Any]) -> None:
            self.store.put(keys[task.numbers], {"results": found})
            results.update(zip(task.numbers, found, strict=True))
            self._tell(name, len(results), total)

        self._tell(name, len(results), total)
        work_through(function, left, on_done, self.executor)
        return results

    def _tell(self, name: str, done: int, total: int) -> None:
        if self.on_progress is not None:
            self.on_progress(name, done, total)


def log_spaced(first: int, size: int) -> Vector:
    """``size`` numbers from 10^first up two decades, evenly in the logarithm, to four digits.

    >>> log_spaced(-1, 4)
    (1/10, 2321/5000, 1077/500, 10)
    """
    exponents = (first + 2 * k / (size - 1) for k in range(size))
    return tuple(sympy.Rational(f"{10**exponent:.4g}") for exponent in exponents)


def _check(features: int, hidden: int, size: int) -> None:
    if not 2 <= features <= MOST_FEATURES:
        raise InputError(
            "size",
            f"A phase diagram is worked out for 2 to {MOST_FEATURES} features, "
            f"not {brief(features)}.",
        )
    if not 1 <= hidden < features:
        raise InputError(
            "size",
            f"With {features} features there must be 1 to {features - 1} hidden dimensions, not "
            f"{brief(hidden)}: fewer than features, or each has one of its own and nothing "
            "changes.",
        )
    if not 2 <= size <= LARGEST:
        raise InputError("size", f"A grid has 2 to {LARGEST} steps each way, not {brief(size)}.")
