"""The named embeddings, worked through, and the best one of three features in two dimensions."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from rich.console import Group, RenderableType

import handcalc
from handcalc.cli.failures import of_input
from handcalc.cli.options import BEST, EMBEDDINGS
from handcalc.cli.report import CommandError, Report, ReportedError
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import Given, reading
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.parsing import parse_input
from handcalc.superposition.closed_forms.three_in_two import change_of_best, three_in_two
from handcalc.superposition.model.embeddings import Embedding
from handcalc.views import svg as svg_view
from handcalc.views import text
from handcalc.views.json import best as best_data
from handcalc.views.json import results
from handcalc.views.layout import to_type
from handcalc.views.notation import ASCII
from handcalc.views.rounding import RoundedNotation
from handcalc.views.text import best as best_text
from handcalc.wording import option_words

from .outputs import Output, with_drawing

_EXAMPLE = "handcalc show best --sparsity=1/2"
_TITLE = "The best of all for random inputs, at a sparsity"
_TENTHS = 10


def listing() -> Report:
    """The named embeddings, and the page on the best."""
    known = handcalc.embeddings()
    best = {"name": BEST, "title": _TITLE, "example": _EXAMPLE}

    def page(terminal: Terminal) -> RenderableType:
        listed = text.embeddings(known, terminal.notation)
        return Group(listed, "", f"{_TITLE}:", to_type(_EXAMPLE, "   ", "bold"))

    return Report(
        data=lambda: {
            "embeddings": [{"name": e.name, "title": e.title} for e in known],
            "best": best,
        },
        text=page,
    )


def show(name: str, x: Given | None, sparsity: Given | None, svg: Path | None) -> Report:
    """One embedding, worked through."""
    drawing = Output.of("--svg", svg)
    if name == BEST:
        return _best(x, drawing, sparsity)
    found = _named(name)
    if sparsity is not None:
        message = f"--sparsity belongs to best; {name} is worked through for single inputs."
        raise CommandError(ReportedError("usage", message, suggestion=_EXAMPLE))
    values = _values(found, x)
    if drawing is not None:
        drawing.refuse_early()
    return with_drawing(
        drawing,
        lambda: svg_view.arrows(found.model),
        lambda: results.embedding(found, values),
        lambda terminal: text.embedding(found, terminal.notation, x=values),
    )


def _named(name: str) -> Embedding:
    try:
        return handcalc.embedding(name)
    except InputError as error:
        near = get_close_matches(name.lower(), (*EMBEDDINGS, BEST), n=1)
        raise CommandError(replace(of_input(error), suggestion=next(iter(near), None))) from error


def _values(found: Embedding, x: Given | None) -> Vector | None:
    """The input that was typed; a single value stands for all features."""
    if x is None:
        return None
    with reading(x):
        return handcalc.forward(found.model, parse_input(x.text, found.model.n)).x


def _best(x: Given | None, drawing: Output | None, sparsity: Given | None) -> Report:
    """The page at one sparsity or, without one, the story for all of them."""
    if x is not None:
        message = (
            "best is about all inputs at once, so --x does not go with it. Its page gives W and b; "
            "handcalc forward takes them with an input."
        )
        raise CommandError(ReportedError("usage", message, suggestion=_EXAMPLE))
    if sparsity is None:
        return _best_along(drawing)
    with reading(sparsity):
        result = three_in_two(sparsity.text)
    if drawing is not None:
        drawing.refuse_early()
    change = change_of_best()
    return with_drawing(
        drawing,
        lambda: svg_view.arrows(result.best.model, RoundedNotation(ASCII, 6)),
        lambda: best_data.best(result, change),
        lambda terminal: best_text.best(result, change, terminal.notation),
    )


def _best_along(drawing: Output | None) -> Report:
    if drawing is not None:
        message = "--svg draws the best embedding at one sparsity: give it with --sparsity."
        again = f"{_EXAMPLE} {option_words('--svg', str(drawing.path))}"
        raise CommandError(ReportedError("usage", message, suggestion=again))
    found = [three_in_two(f"{tenth}/{_TENTHS}") for tenth in range(_TENTHS)]
    change = change_of_best()
    return Report(
        data=lambda: best_data.best_along(found, change),
        text=lambda terminal: best_text.best_along(found, change, terminal.notation),
    )
