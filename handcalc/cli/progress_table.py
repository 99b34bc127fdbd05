"""How much of a course is done: a bar with its sentence, and a line an exercise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

    from exercises import Exercise
    from exercises.progress import Progress, Record

__all__ = ["progress_data", "progress_text"]

_BAR = 40


def progress_data(known: Sequence[Exercise], done: Progress) -> Mapping[str, object]:
    """How many are solved, of how many, and each exercise's record."""
    return {
        "solved": _solved(known, done),
        "of": len(known),
        "exercises": [
            {
                "position": exercise.position,
                "id": exercise.id,
                "title": exercise.title,
                "state": record.state,
                "solved": record.solved,
                "attempts": record.attempts,
                "hints": record.hints,
                "of_hints": len(exercise.hints),
                "solution": record.solution,
            }
            for exercise, record in _paired(known, done)
        ],
    }


def progress_text(known: Sequence[Exercise], done: Progress, carried: str) -> RenderableType:
    """The bar, the table, and what is next."""
    from rich.table import Table

    from handcalc.views.layout import spaced

    table = Table.grid(padding=(0, 2))
    table.add_column(justify="right")
    for _ in range(4):
        table.add_column()
    for exercise, record in _paired(known, done):
        hints = f"{record.hints} of {len(exercise.hints)} hints"
        attempts = "1 answer" if record.attempts == 1 else f"{record.attempts} answers"
        table.add_row(str(exercise.position), record.state, attempts, hints, exercise.title)
    solved = _solved(known, done)
    filled = _BAR * solved // len(known)
    bar = f"[{'#' * filled}{'.' * (_BAR - filled)}]  {solved} of {len(known)} exercises solved"
    following = f"The next exercise: handcalc next{carried}"
    return spaced(bar, table, "All of them are solved." if solved == len(known) else following)


def _paired(known: Sequence[Exercise], done: Progress) -> list[tuple[Exercise, Record]]:
    return [(exercise, done.of(exercise.id)) for exercise in known]


def _solved(known: Sequence[Exercise], done: Progress) -> int:
    return sum(record.solved for _, record in _paired(known, done))
