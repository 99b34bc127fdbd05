"""The work on a few points of a phase diagram: search, look around, polish.

Each function stands for itself: what it needs is in the task, so that another process, or a later
run, gives the same result. Results are what JSON can hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import sympy

from handcalc.superposition.best.canonical_form import recognised
from handcalc.superposition.best.minima import SAME_LOSS
from handcalc.superposition.best.multistart import descend, search
from handcalc.superposition.best.polish import polished
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.phases.regimes import REGIMES, length, regime_of, shared
from handcalc.superposition.phases.staged_work import DIGITS, record_of

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
    best = [each.minima[0] for each in found]
    rough = [
        Rough(minimum.loss, minimum.W, minimum.b, each.agreed)
        for minimum, each in zip(best, found, strict=True)
    ]
    return [each.record() for each in rough]


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
    return [
        _polished(rough, problem)
        for rough, problem in zip(task.known, task.problems(), strict=True)
    ]


def _polished(rough: Rough, problem: Problem) -> dict[str, Any]:
    rough = _last_is_preferred(rough, problem.alike)
    # at p = 1 arrows may be turned round at no cost; lengths and sharing stay as they are
    named = recognised(rough.W, rough.b, problem, _NEAR)
    found = polished(named.W, named.b, problem, DIGITS)
    return {
        **record_of(found, found.model.W),
        "family": found.family.name,
        "agreed": rough.agreed,
        "repaired": rough.repaired,
    }


def _last_is_preferred(rough: Rough, alike: Sequence[int]) -> Rough:
    """The same minimum with features exchanged, where others are like the last.

    That happens at r = 1, where each of them could be called the last: it is the one in
    superposition, else the one with a dimension of its own; of several the one that shares most.
    """
    last = len(alike) - 1
    first = max(
        (i for i in range(last, -1, -1) if alike[i] == alike[last]),
        key=lambda i: _preferred(length(rough.W, i), round(shared(rough.W, i), 6)),
    )
    order = list(range(last + 1))
    order[first], order[last] = last, first
    return replace(rough, W=tuple(rough.W[i] for i in order), b=tuple(rough.b[i] for i in order))


def _preferred(size: float, sharing: float) -> tuple[int, float]:
    return REGIMES.index(regime_of(size, sharing)), sharing
