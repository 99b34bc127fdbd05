"""After the last exercise: what there is to do next, each with the command that does it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Group, RenderableType

from handcalc.cli.terminal import Terminal
from handcalc.views import text
from handcalc.views.layout import INDENT, Paragraph, to_type

_STEPS = (
    (
        "Train the models that you worked out, and lay them beside the best by hand:",
        ("handcalc train by-hand --small", "handcalc compare by-hand"),
    ),
    (
        "Do the same with five features, which the paper begins with, and draw what comes out:",
        ("handcalc train introduction --small", "handcalc figure introduction"),
    ),
    (
        "Ask for the best embedding of other sizes, and where it changes:",
        (
            "handcalc optimum --features 4 --sparsity=9/10",
            "handcalc phases --features 2 --hidden 1",
        ),
    ),
)
_READ = (
    "Read on: Elhage et al. 2022, Toy Models of Superposition, from which these models come, and "
    "Sorensen 2024, Toy Models of Superposition: Simplified by Hand, which this course follows."
)


def where_next(terminal: Terminal, course: Path | None) -> Iterator[RenderableType]:
    """What to do for whoever has solved all of handcalc's own course; nothing behind another."""
    if course is not None:
        return
    steps = [
        Group(Paragraph(said), *(to_type(command, " " * INDENT) for command in commands))
        for said, commands in _STEPS
    ]
    yield text.heading("Where next", terminal.notation)
    yield from steps
    yield Paragraph(_READ)
