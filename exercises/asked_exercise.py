"""An exercise that is asked where somebody reads, the replies to them, and where it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from exercises.exercise import Exercise
from exercises.grading import Grade, grade
from exercises.progress import Progress, ProgressStore
from exercises.reporting.notebook import hint_markdown, solution_markdown, verdict_markdown
from handcalc.display import Displayed
from handcalc.views.html.document import typeset

Reply: TypeAlias = "dict[str, Any]"
"""What a page is told: a typeset ``page``, ``warnings``, and whatever else it shows."""


@dataclass(frozen=True, slots=True, repr=False)
class AskedExercise(Displayed):
    """An exercise that somebody is asked, and where it is kept what they do.

    ``print``, a console and a page without widgets show the statement, and the call that answers.
    Of several on a page, the one that was worked at last is the one at hand at the terminal.
    """

    exercise: Exercise
    store: ProgressStore = field(repr=False)

    def __repr__(self) -> str:
        """The page: a console shows what is asked."""
        return str(self)

    def grade(self, typed: Mapping[str, str]) -> tuple[Grade, Reply]:
        """The grade of an answer, which is counted."""
        self.store.open(self.exercise.id)
        verdict = grade(self.exercise, **typed)
        done = self.store.attempt(self.exercise.id, verdict.status)
        page = verdict_markdown(verdict)
        return verdict, {"status": verdict.status, **_shown(page, done)}

    def hint(self, seen: int) -> Reply:
        """The hint behind those seen here or at the terminal; behind the last, that again."""
        self.store.open(self.exercise.id)
        last = len(self.exercise.key().hints)
        known = self.store.read().of(self.exercise.id).hints
        number = min(max(known, seen) + 1, last)
        done = self.store.hint(self.exercise.id, number)
        page = hint_markdown(self.exercise, number)
        return {"number": number, "of": last, **_shown(page, done)}

    def solution(self) -> Reply:
        """The solution; that it was seen is kept."""
        self.store.open(self.exercise.id)
        done = self.store.solution(self.exercise.id)
        return _shown(solution_markdown(self.exercise), done)


def _shown(markdown: str, done: Progress) -> Reply:
    """A page, and what went wrong in keeping what was done."""
    return {"page": typeset(markdown), "warnings": list(done.warnings)}
