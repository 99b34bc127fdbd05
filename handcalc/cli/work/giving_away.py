"""Before a command shows the answer to an exercise that is not solved yet, the person is asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from handcalc.cli.command import require_our_exercises
from handcalc.cli.options import ANYWAY
from handcalc.cli.report import CommandError, ReadyReport, Report, Session
from handcalc.wording import joined

if TYPE_CHECKING:
    from exercises.giving_away import Revealed


def ask_before_showing(**shown: tuple[Any, ...]) -> None:
    """Ask, where what a command is about to show gives exercises away; who says no sees nothing.

    ``shown`` are fields of ``exercises.giving_away.Revealed``. Nobody is asked who has not begun
    handcalc's own course, who typed --anyway, in a pipe or with --json. Errors: ``ReadyReport``,
    which ends the command, where the answer is no.
    """
    context = click.get_current_context()
    session: Session = context.obj
    if context.meta.get(ANYWAY) or not session.may_ask:
        return
    try:
        require_our_exercises()
    except CommandError:  # then no exercise of ours is on the way to being solved
        return
    from exercises.giving_away import Revealed  # with all that grading needs: for a person alone

    given_away = [*_given_away(Revealed(**shown))]
    if not given_away:
        return
    which, are = f"exercise {given_away[0]}", "which is"
    if len(given_away) > 1:
        which, are = f"exercises {joined(given_away)}", "which are"
    if not session.confirms(f"This shows the answer to {which}, {are} not solved yet. Show it?"):
        said = "It is not shown; with --anyway it is."
        raise ReadyReport(Report(data=dict, text=lambda _: said))


def _given_away(shown: Revealed) -> Iterator[int]:
    """The positions of exercises that are not solved, with whosever numbers."""
    from exercises.course import load_variants, manifest_slugs
    from exercises.giving_away import gives_away

    from .course import course_context

    place = course_context()
    done = place.store.read()
    if not done.records:
        return
    for slug in manifest_slugs(place.folder):
        record = done.of(slug)
        if record.solved or record.solution:
            continue
        variants = load_variants(slug, place.folder)
        if any(gives_away(shown, exercise) for exercise in variants):
            yield variants[0].position
