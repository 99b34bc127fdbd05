"""The survey of a phase diagram: every point searched, compared with its neighbours, polished."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, TypeAlias

import numpy as np
import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector, read_whole
from handcalc.storage.store import LineStore
from handcalc.superposition.best.canonical_form import recognised
from handcalc.superposition.best.minima import SAME_LOSS
from handcalc.superposition.best.multistart import descend, search
from handcalc.superposition.best.polish import polished
from handcalc.superposition.loss.problem import Problem, check_effort
from handcalc.superposition.phases.regimes import counted_as_last
from handcalc.superposition.phases.staged_work import DIGITS, OnProgress, StagedWork, record_of
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
        if not 2 <= features <= MOST_FEATURES:
            raise InputError(
                "size",
                f"A phase diagram is worked out for 2 to {MOST_FEATURES} features, "
                f"not {brief(features)}.",
            )
        if not 1 <= hidden < features:
            raise InputError(
                "size",
                f"With {features} features there must be 1 to {features - 1} hidden dimensions, "
                f"not {brief(hidden)}: fewer than features, or each has one of its own and nothing "
                "changes.",
            )
        if not 2 <= size <= LARGEST:
            raise InputError(
                "size", f"A grid has 2 to {LARGEST} steps each way, not {brief(size)}."
            )
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
    # A search can miss the best at one point and find it next door, so every point also descends
    # from its neighbours' minima, again and again where one of these has just improved. A region's
    # border is then where two minima lose the same, and not where the search was lucky.
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


# --------------------------------------------------------------------------------------------------
# The work on a few points: search, look around, polish. Each function stands for itself: what it
# needs is in the task, so that another process, or a later run, gives the same result. Results are
# what JSON can hold.

_Rows: TypeAlias = "tuple[tuple[float, ...], ...]"
_NEAR = 1e-5  # how well directions are known that a search found


@dataclass(frozen=True, slots=True)
class DiagramPoint:
    """A point of the diagram: the last feature's importance r, and the density p = 1 − S of all."""

    importance: sympy.Rational
    density: sympy.Rational

    def problem(self, features: int, hidden: int) -> Problem:
        """What is asked for there; all other importances are 1."""
        others = (sympy.Integer(1),) * (features - 1)
        return Problem.of(
            features, hidden, sparsity=1 - self.density, importance=(*others, self.importance)
        )


@dataclass(frozen=True, slots=True)
class Rough:
    """The best minimum known at a point, in floating point.

    ``agreed`` of the restarts reached its loss; ``repaired`` says that it came from a neighbour's.
    """

    loss: float
    W: _Rows
    b: tuple[float, ...]
    agreed: int
    repaired: bool = False

    def record(self) -> list[Any]:
        """What JSON can hold; floats survive it unchanged."""
        return [self.loss, self.W, self.b, self.agreed, self.repaired]

    @classmethod
    def of(cls, record: Sequence[Any]) -> Rough:
        """The minimum of a record."""
        loss, W, b, agreed, repaired = record
        return cls(loss, tuple(map(tuple, W)), tuple(b), agreed, repaired)


@dataclass(frozen=True, slots=True)
class Task:
    """Points to work on, and their ``numbers``; with what is known of them and around them."""

    features: int
    hidden: int
    numbers: tuple[int, ...]
    places: tuple[DiagramPoint, ...]
    restarts: int
    seed: int
    known: tuple[Rough, ...] = ()
    around: tuple[tuple[Rough, ...], ...] = ()

    @property
    def key(self) -> dict[str, object]:
        """The points' numbers."""
        return {"points": list(self.numbers)}

    def __len__(self) -> int:
        return len(self.numbers)

    def problems(self) -> list[Problem]:
        """The problem of each point."""
        return [place.problem(self.features, self.hidden) for place in self.places]


def search_places(task: Task) -> list[Any]:
    """The best minimum that a search finds at each point, each as the record of a ``Rough``."""
    found = search(task.problems(), task.restarts, task.seed)
    best = [(each.minima[0], each.agreed) for each in found]
    return [Rough(m.loss, m.W, m.b, agreed).record() for m, agreed in best]


def look_around(task: Task) -> list[Any]:
    """At each point what is known, or a lower minimum that a neighbour's leads down to."""
    problems = task.problems()
    starts = [(k, rough) for k, neighbours in enumerate(task.around) for rough in neighbours]
    W = np.asarray([rough.W for _, rough in starts])
    b = np.asarray([rough.b for _, rough in starts])
    reached = descend([problems[k] for k, _ in starts], W, b)
    best = list(task.known)
    for (k, _), minimum in zip(starts, reached, strict=True):
        if minimum.loss < best[k].loss * (1 - SAME_LOSS):
            best[k] = Rough(minimum.loss, minimum.W, minimum.b, agreed=0, repaired=True)
    return [rough.record() for rough in best]


def polish(task: Task) -> list[Any]:
    """The minimum at each point, polished: texts of loss, W and b, its slope and family."""
    records = []
    for known, problem in zip(task.known, task.problems(), strict=True):
        rough = _prefer_last(known, problem.alike)
        # at p = 1 arrows may be turned round at no cost; lengths and sharing stay as they are
        named = recognised(rough.W, rough.b, problem, _NEAR)
        found = polished(named.W, named.b, problem, DIGITS)
        told = {"family": found.family.name, "agreed": rough.agreed, "repaired": rough.repaired}
        records.append(record_of(found, found.model.W) | told)
    return records


def _prefer_last(rough: Rough, alike: Sequence[int]) -> Rough:
    """The same minimum with features exchanged, where others are like the last, as at r = 1."""
    first, last = counted_as_last(rough.W, alike), len(alike) - 1
    order = list(range(last + 1))
    order[first], order[last] = last, first
    return replace(rough, W=tuple(rough.W[i] for i in order), b=tuple(rough.b[i] for i in order))
