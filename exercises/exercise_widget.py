"""An exercise as a widget: the classroom's own page of it, answered by this notebook's Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import anywidget
import traitlets

from exercises.asked_exercise import AskedExercise, Reply
from exercises.exercise import Exercise
from exercises.reporting import exercise_data
from exercises.reporting.notebook import statement_markdown
from handcalc.errors import InputError
from handcalc.views.html.document import typeset
from handcalc.views.html.modules import bundled, shipped


class ExerciseWidget(anywidget.AnyWidget):
    """An exercise and what its reader did; a request of the page has its reply by an id."""

    _esm = bundled("exercise_widget")
    stylesheet = traitlets.Unicode(shipped("classroom.css")).tag(sync=True)
    found = traitlets.Dict().tag(sync=True)
    request = traitlets.Dict().tag(sync=True)
    reply = traitlets.Dict().tag(sync=True)
    typed = traitlets.Dict()
    grade = traitlets.Any(None, allow_none=True)

    def __init__(self, asked: AskedExercise) -> None:
        page = typeset(statement_markdown(asked.exercise))
        found = {**exercise_data(asked.exercise), "page": page, "heading": "h2"}
        super().__init__(found=found)
        self._asked, self._hints = asked, 0

    @property
    def exercise(self) -> Exercise:
        """The exercise."""
        return self._asked.exercise

    def __repr__(self) -> str:
        return str(self._asked)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown, metadata = super()._repr_mimebundle_(**options) or ({}, {})
        return {**shown, "text/markdown": self._asked._repr_markdown_()}, metadata

    @traitlets.observe("request")
    def _hear(self, change: Any) -> None:
        try:
            told = self._reply(**change["new"])
        except InputError as error:
            told = {"error": {"message": error.message, "suggestion": error.suggestion}}
        self.reply = {**told, "id": change["new"]["id"]}

    def _reply(self, what: str, typed: Mapping[str, str], **_: str) -> Reply:
        if what == "hint":
            told = self._asked.hint(self._hints)
            self._hints = told["number"]
            return told
        if what == "solution":
            return self._asked.solution()
        parts = {name: typed[name] for name in ("W", "b", "answer") if name in typed}
        self.typed = parts
        self.grade, told = self._asked.grade(parts)
        return told
