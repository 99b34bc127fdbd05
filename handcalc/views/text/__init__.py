"""Worked calculations in the terminal: rich renderables that fit 80 columns, and plain text."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

from rich.console import Console, RenderableType

from handcalc import display
from handcalc.views.notation import UNICODE, PlainNotation
from handcalc.views.text.blocks import heading as heading
from handcalc.views.text.blocks import matrix as matrix
from handcalc.views.text.blocks import model as model
from handcalc.views.text.blocks import vector as vector
from handcalc.views.text.drawing import drawing as drawing
from handcalc.views.text.drawing import small_drawing as small_drawing
from handcalc.views.text.losses import distribution as distribution
from handcalc.views.text.losses import gradient as gradient
from handcalc.views.text.losses import loss as loss
from handcalc.views.text.optima import optimum as optimum
from handcalc.views.text.shapes import embedding as embedding
from handcalc.views.text.shapes import embedding_opening as embedding_opening
from handcalc.views.text.shapes import embedding_worked as embedding_worked
from handcalc.views.text.shapes import embeddings as embeddings
from handcalc.views.text.shapes import geometry as geometry
from handcalc.views.text.shapes import sameness as sameness
from handcalc.views.text.steps import claims as claims
from handcalc.views.text.steps import derivation as derivation
from handcalc.views.text.steps import forward as forward
from handcalc.views.text.steps import parts as parts

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


def register(  # noqa: PLR0913 - each is a medium
    kind: type[Any],
    page: Callable[[Any, PlainNotation], RenderableType],
    markdown: Callable[[Any], str],
    latex: Callable[[Any], str] | None = None,
    *,
    plot: Callable[..., Any] | None = None,
    html: Callable[[Any], str | None] | None = None,
    pictured: Callable[[Any], Any] | None = None,
) -> None:
    """Show values of this kind by the terminal's page, in a notebook by their Markdown or HTML."""
    display.register(
        kind,
        text=lambda shown: printed(page(shown, UNICODE)),
        markdown=markdown,
        latex=latex,
        plot=plot,
        html=html,
        pictured=pictured,
    )
