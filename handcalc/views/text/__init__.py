"""Worked calculations in the terminal: rich renderables that fit 80 columns, and plain text."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from rich.console import Console, RenderableType

from handcalc import display
from handcalc.views.notation import UNICODE, PlainNotation
from handcalc.views.text.blocks import heading, matrix, model, vector
from handcalc.views.text.drawing import drawing, small_drawing
from handcalc.views.text.losses import distribution, gradient, loss
from handcalc.views.text.optima import optimum
from handcalc.views.text.shapes import (
    embedding,
    embedding_opening,
    embedding_worked,
    embeddings,
    geometry,
    sameness,
)
from handcalc.views.text.steps import claims, derivation, forward, parts

__all__ = [
    "claims",
    "derivation",
    "distribution",
    "drawing",
    "embedding",
    "embedding_opening",
    "embedding_worked",
    "embeddings",
    "forward",
    "geometry",
    "gradient",
    "heading",
    "loss",
    "matrix",
    "model",
    "optimum",
    "parts",
    "printed",
    "register",
    "sameness",
    "small_drawing",
    "vector",
]

_WIDTH = 80  # columns of what ``print`` shows


def printed(page: RenderableType) -> str:
    """The text of a page, the same in a terminal, a pipe, a notebook and a file.

    rich looks where it runs: in a notebook it would display the page by itself and hand back an
    empty text, and with FORCE_COLOR it would write colours. All that is told here.

    >>> printed("x̂ = ReLU(z)")
    'x̂ = ReLU(z)'
    """
    file = StringIO()
    console = Console(
        file=file,
        width=_WIDTH,
        color_system=None,
        force_terminal=False,
        force_jupyter=False,
        force_interactive=False,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    console.print(page, crop=False)  # what is wider than a line is to be copied whole
    return file.getvalue().rstrip("\n")


def register(
    kind: type[Any],
    page: Callable[[Any, PlainNotation], RenderableType],
    markdown: Callable[[Any], str],
    latex: Callable[[Any], str] | None = None,
) -> None:
    """Show values of this kind by the terminal's page, in a notebook by their Markdown."""
    display.register(
        kind,
        text=lambda shown: printed(page(shown, UNICODE)),
        markdown=markdown,
        latex=latex,
    )
