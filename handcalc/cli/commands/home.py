"""What bare ``handcalc`` says: what this is, the next exercise, where to look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from handcalc.cli.options.course_context import here
from handcalc.cli.report import Report

if TYPE_CHECKING:
    from rich.console import RenderableType

    from exercises import Exercise
    from handcalc.cli.terminal.terminal import Terminal


ABOUT = (
    "handcalc works out toy models of superposition, step by step and exactly,\n"
    "and sets exercises on them: more features than dimensions, and what that costs."
)
PLACES = (
    ("handcalc show", "the named embeddings, one by one"),
    ('handcalc forward --W="1 0; 0 1; 0 -1"', "your own model, worked out"),
    ("handcalc train", "the same models, trained"),
    ("handcalc exercises", "all exercises, and which are solved"),
    ("handcalc next", "the first that is not, to be answered"),
    ("handcalc --help", "every command"),
)


def home() -> Report:
    """The report of bare ``handcalc``."""
    place = here()
    done, slug = place.store.read(), place.unsolved()
    following = None if slug is None else place.exercise(slug)
    return Report(
        data=lambda: _data(following),
        text=lambda terminal: _text(following, terminal),
        warnings=done.warnings,
    )


def _data(following: Exercise | None) -> Mapping[str, object]:
    if following is None:
        return {"next": None}
    keys = {"position": following.position, "id": following.id, "title": following.title}
    return {"next": keys}


def _text(following: Exercise | None, terminal: Terminal) -> RenderableType:
    from rich.text import Text

    text = Text(ABOUT + "\n\n")
    if following is None:
        text.append("Every exercise is solved. Look at one again: handcalc exercise 1\n\n")
    else:
        text.append(f"Next: exercise {following.position}, ")
        text.append(terminal.plain(following.title), "bold").append(".\n")
        text.append(f"      handcalc exercise {following.position}\n\n")
    width = max(len(place) for place, _ in PLACES)
    lines = (f"  {place:<{width}}  {what}" for place, what in PLACES)
    return text.append("Where to look:\n" + "\n".join(lines))
