"""What bare ``handcalc`` says: what this is, the next exercise, where to look."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from exercises import Exercise
from handcalc.cli.report import Report
from handcalc.cli.terminal import Terminal

from .course_context import course_context

_ABOUT = (
    "handcalc works out toy models of superposition, step by step and exactly,\n"
    "and sets exercises on them: more features than dimensions, and what that costs."
)
_WHERE_TO_LOOK = (
    ("handcalc show", "the named embeddings, one by one"),
    ('handcalc forward --W="1 0; 0 1; 0 -1"', "your own model, worked out"),
    ("handcalc train", "the same models, trained"),
    ("handcalc exercises", "all exercises, and which are solved"),
    ("handcalc next", "the first that is not, to be answered"),
    ("handcalc --help", "every command"),
)


def home() -> Report:
    """The report of bare ``handcalc``."""
    place = course_context()
    done, slug = place.store.read(), place.unsolved()
    following = None if slug is None else place.exercise(slug)
    keys = None
    if following is not None:
        keys = {"position": following.position, "id": following.id, "title": following.title}
    return Report(
        data=lambda: {"next": keys},
        text=lambda terminal: _home_page(following, terminal),
        warnings=done.warnings,
    )


def _home_page(following: Exercise | None, terminal: Terminal) -> RenderableType:
    text = Text(_ABOUT + "\n\n")
    if following is None:
        text.append("Every exercise is solved. Look at one again: handcalc exercise 1\n\n")
    else:
        text.append(f"Next: exercise {following.position}, ")
        text.append(terminal.plain(following.title), "bold").append(".\n")
        text.append(f"      handcalc exercise {following.position}\n\n")
    width = max(len(place) for place, _ in _WHERE_TO_LOOK)
    lines = (f"  {place:<{width}}  {what}" for place, what in _WHERE_TO_LOOK)
    return text.append("Where to look:\n" + "\n".join(lines))
