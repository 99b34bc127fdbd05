"""The survey of a phase diagram: every point searched, compared with its neighbours, polished."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, read_whole
from handcalc.storage.store import LineStore
from handcalc.superposition.loss.problem import check_effort
from handcalc.superposition.phases.diagram_tasks import (
    DiagramPoint,
    Rough,
    Task,
    look_around,
    polish,
    search_places,
)
from handcalc.superposition.phases.staged_work import OnProgress, StagedWork
from handcalc.wording import brief

LARGEST = 200
MOST_FEATURES = 4

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

    @property
    def question(self) -> dict[str, object]:
        """All that results depend on, beside the points."""
        names = ("features", "hidden", "size", "restarts", "seed")
        return {name: getattr(self, name) for name in names}

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
    work = _Work(plan, StagedWork(plan.question, store, executor, on_progress), plan.places)
    tasks = [work.task(part) for part in plan.parts()]
    best = list(map(Rough.of, work.staged.stage("searched", search_places, tasks, turn=1)))
    looks, changed = 0, set(range(len(best)))
    while changed:
        looks += 1
        changed = work.compare(best, changed, looks)
    tasks = [work.task(part, best) for part in plan.parts()]
    return Surveyed(tuple(work.staged.stage("polished", polish, tasks, turn=1)), looks)


@dataclass(frozen=True, slots=True)
class _Work:
    plan: SurveyPlan
    staged: StagedWork
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
            some = [k for k in part if changed.intersection(self.plan.neighbours(k))]
            around = tuple(
                tuple(best[j] for j in self.plan.neighbours(k) if j in changed) for k in some
            )
            if some:
                tasks.append(replace(self.task(some, best), around=around))
        found = map(Rough.of, self.staged.stage("compared", look_around, tasks, turn=look))
        numbers = [k for task in tasks for k in task.numbers]
        lower = zip(numbers, found, strict=True)
        improved = {k: rough for k, rough in lower if rough.loss < best[k].loss}
        for k, rough in improved.items():
            best[k] = rough
        return set(improved)


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
