"""Staged work of a phase map or diagram: shared out in tasks, and kept as it comes.

What is done is kept under a key that names all that it depends on, so work that was interrupted
goes on where it stopped and ends with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, Protocol, TypeAlias, TypeVar

import sympy

from handcalc.inputs.arguments import Matrix
from handcalc.processes.jobs import work_through
from handcalc.storage.store import LineStore
from handcalc.superposition.best.polish import Polished

OnProgress: TypeAlias = Callable[[str, int, int], None]
"""Hears the stage, such as "searched", and how many of how many points are done."""

DIGITS = 50
"""Every minimum is polished to so many digits."""

_METHOD = 1  # to be counted up with every change that changes results
_PLACES = Context(prec=DIGITS + 10)


class TaskOfPoints(Protocol):
    """A task: some points to work on, which another process can do by itself."""

    @property
    def key(self) -> dict[str, object]:
        """Which points these are, in what JSON can hold."""
        ...

    def __len__(self) -> int:
        """How many points there are in it."""
        ...


Task = TypeVar("Task", bound=TaskOfPoints)


@dataclass(frozen=True, slots=True)
class StagedWork:
    """Who does the work, where it is kept and who hears of it.

    ``question`` is all that results depend on, beside the stage and the points.
    """

    question: Mapping[str, object]
    store: LineStore
    executor: Executor | None
    on_progress: OnProgress | None

    def stage(
        self,
        name: str,
        function: Callable[[Task], list[Any]],
        tasks: Sequence[Task],
        *,
        turn: int | None = None,
        kept: bool = True,
    ) -> list[Any]:
        """The results of a function for all tasks, in order: kept ones, and the others worked out.

        A stage that comes several times has a ``turn``. Results that are not ``kept`` may be
        anything; others are what JSON can hold.
        """
        store = self.store if kept else LineStore()
        stage = name if turn is None else f"{name} {turn}"
        settings = {"method": _METHOD, "digits": DIGITS, "stage": stage, **self.question}
        keys = {task: {**settings, **task.key} for task in tasks}
        known = {task: store.get(key) for task, key in keys.items()}
        found = {task: record["results"] for task, record in known.items() if record is not None}

        def tell() -> None:
            if self.on_progress is not None:
                self.on_progress(name, sum(map(len, found)), sum(map(len, tasks)))

        def on_done(task: Task, results: list[Any]) -> None:
            store.put(keys[task], {"results": results})
            found[task] = results
            tell()

        tell()
        left = [task for task in tasks if task not in found]
        work_through(function, left, on_done, self.executor)
        return [result for task in tasks for result in found[task]]


def record_of(found: Polished, W: Matrix) -> dict[str, Any]:
    """A polished minimum as texts of its loss, W and b, and its slope."""
    return {
        "loss": decimal(found.loss),
        "W": [list(map(decimal, row)) for row in W],
        "b": list(map(decimal, found.model.b)),
        "slope": found.slope,
    }


def decimal(value: sympy.Expr) -> str:
    """A fraction as a decimal: exactly where it ends soon, else to a few more digits than 50.

    >>> decimal(sympy.Rational(-1, 8)), decimal(sympy.Rational(1, 3))[:6]
    ('-0.125', '0.3333')
    """
    number = _PLACES.divide(Decimal(int(value.p)), Decimal(int(value.q)))
    return format(_PLACES.normalize(number), "f")
