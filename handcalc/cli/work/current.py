"""The exercise that is meant where none is named: the one at hand, else the next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from rich.console import RenderableType

from handcalc.cli.report import CommandError, Report, Session
from handcalc.cli.terminal import Terminal
from handcalc.views.layout import Paragraph, spaced

from .course import CourseContext, course_context

_WHERE = ("course", "student", "seed", "no_state")  # the options that say which course it is


def at_hand(session: Session, work: Callable[..., Report], asked: Mapping[str, Any]) -> Report:
    """What a command does with an exercise; where it has no ID, the first line says which it is."""
    place = course_context(**{name: asked[name] for name in _WHERE})
    if asked["which"] is not None:
        place.store.open(place.exercise(asked["which"]).id)
        return work(**asked)
    slug, why = _current(place)
    place.store.open(slug)
    said = f"No ID was given: this is exercise {place.exercise(slug).position}, {why}."
    if session.may_ask:  # first of all, before anything is asked
        session.terminal.show(said, "")
        return work(**{**asked, "which": slug})
    report = work(**{**asked, "which": slug})

    def page(terminal: Terminal) -> RenderableType:
        return spaced(Paragraph(said), report.text(terminal))

    return replace(report, text=page)


def _current(place: CourseContext) -> tuple[str, str]:
    """The exercise that was opened last, if it is not solved; else the next, and why it is that."""
    opened, following = place.store.opened(), place.unsolved()
    if opened is not None and not _is_there(place, opened):
        opened = None
    if opened is not None and not place.store.read().of(opened).solved:
        return opened, "the last that you opened"
    if following is not None:
        return following, "the first that is not solved"
    return opened or place.exercise("1").id, "and all are solved"


def _is_there(place: CourseContext, slug: str) -> bool:
    """Whether the course still has an exercise of that name."""
    try:
        place.exercise(slug)
    except CommandError:
        return False
    return True
