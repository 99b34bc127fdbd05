"""How much of a course is done: a bar with its sentence, and a line an exercise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from handcalc.views.columns import columns

if TYPE_CHECKING:
    from rich.console import RenderableType

    from exercises import Exercise
    from exercises.progress import Progress
    from exercises.progress_file import Record

    from .terminal import Terminal

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
                "of_hints": len(exercise.key().hints),
                "solution": record.solution,
            }
            for exercise, record in _paired(known, done)
        ],
    }


def progress_text(
    known: Sequence[Exercise], done: Progress, carried: str, terminal: Terminal
) -> RenderableType:
    """The bar, the table, and what is next."""
    from rich.console import Group

    from handcalc.views.layout import to_type

    solved = _solved(known, done)
    filled = _BAR * solved // len(known)
    bar = f"[{'#' * filled}{'.' * (_BAR - filled)}]  {solved} of {len(known)} exercises solved"
    table = columns([_row(*pair) for pair in _paired(known, done)], terminal.width)
    following: RenderableType = "Every exercise is solved."
    if solved < len(known):
        following = to_type(f"handcalc next{carried}", "The next exercise: ")
    return Group(terminal.plain(f"{bar}\n\n{table}"), "", following)


def _row(exercise: Exercise, record: Record) -> list[str]:
    answers = "1 answer" if record.attempts == 1 else f"{record.attempts} answers"
    hints = f"{record.hints} of {len(exercise.key().hints)} hints"
    return [f"{exercise.position:>3}", record.state, answers, hints, exercise.title]


def _paired(known: Sequence[Exercise], done: Progress) -> list[tuple[Exercise, Record]]:
    return [(exercise, done.of(exercise.id)) for exercise in known]


def _solved(known: Sequence[Exercise], done: Progress) -> int:
    return sum(record.solved for _, record in _paired(known, done))
