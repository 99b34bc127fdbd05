"""The command that walks through the named embeddings: ``show``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from handcalc.cli.command import command
from handcalc.cli.failures import of_input
from handcalc.cli.options.completion import BEST, EMBEDDINGS, embedding_names
from handcalc.cli.options.outputs import Output, write_all
from handcalc.cli.options.text import Given, reading, text_option
from handcalc.cli.report import CommandError, Report, ReportedError, with_trouble
from handcalc.errors import InputError
from handcalc.shell_words import option_words

if TYPE_CHECKING:
    from rich.console import RenderableType

    from handcalc.cli.terminal.terminal import Terminal
    from handcalc.inputs.arguments import Vector
    from handcalc.superposition.closed_forms.three_in_two import Crossover, ThreeInTwo
    from handcalc.superposition.model.embeddings import Embedding


# --------------------------------------------------------------------------------------------------
# The page ``show best``: the best embedding of three features in two dimensions.


EXAMPLE = "handcalc show best --sparsity=1/2"
TITLE = "The best of all for random inputs, at a sparsity"

_TENTHS = 10


def walk_best(x: Given | None, drawing: Output | None, sparsity: Given | None) -> Report:
    """The page at one sparsity or, without one, the story for all of them."""
    _refuse_input(x)
    if sparsity is None:
        return _along(drawing)
    from handcalc.superposition.closed_forms.three_in_two import change_of_best, three_in_two

    with reading(sparsity):
        result = three_in_two(sparsity.text)
    if drawing is not None:
        drawing.refuse_early()
    change = change_of_best()
    notes, trouble = write_all([(drawing, lambda: _best_drawn(result))])
    report = Report(
        data=lambda: _best_data(result, change, drawing),
        text=lambda terminal: _best_page(result, change, notes, terminal),
    )
    return with_trouble(report, trouble)


def refuse_sparsity(name: str, sparsity: Given | None) -> None:
    """For every other name: it is worked for inputs, and not for how often they are met."""
    if sparsity is not None:
        message = f"--sparsity belongs to best; {name} is worked through for single inputs."
        raise CommandError(ReportedError("usage", message, suggestion=EXAMPLE))


def _refuse_input(x: Given | None) -> None:
    if x is not None:
        message = (
            "best is about all inputs at once, so --x does not go with it. Its page gives W and b; "
            "handcalc forward takes them with an input."
        )
        raise CommandError(ReportedError("usage", message, suggestion=EXAMPLE))


def _along(drawing: Output | None) -> Report:
    if drawing is not None:
        message = "--svg draws the best embedding at one sparsity: give it with --sparsity."
        raise CommandError(
            ReportedError(
                "usage", message, suggestion=f"{EXAMPLE} {option_words('--svg', str(drawing.path))}"
            )
        )
    from handcalc.superposition.closed_forms.three_in_two import change_of_best, three_in_two
    from handcalc.views.json import best as best_data
    from handcalc.views.text.best import best_along

    results = [three_in_two(f"{tenth}/{_TENTHS}") for tenth in range(_TENTHS)]
    change = change_of_best()
    return Report(
        data=lambda: best_data.best_along(results, change),
        text=lambda terminal: best_along(results, change, terminal.notation),
    )


def _best_drawn(result: ThreeInTwo) -> str:
    from handcalc.views import svg
    from handcalc.views.notation import ASCII
    from handcalc.views.rounding import RoundedNotation

    return svg.arrows(result.best.model, RoundedNotation(ASCII, 6))


def _best_data(
    result: ThreeInTwo, change: Crossover, drawing: Output | None
) -> Mapping[str, object]:
    from handcalc.views.json import best as best_data

    written = {} if drawing is None else {"svg": str(drawing.path)}
    return {**best_data.best(result, change), **written}


def _best_page(
    result: ThreeInTwo, change: Crossover, notes: Sequence[str], terminal: Terminal
) -> RenderableType:
    from rich.console import Group

    from handcalc.views.text.best import best

    parts: list[RenderableType] = [best(result, change, terminal.notation)]
    parts += [terminal.plain(f"\n{note}") for note in notes]
    return Group(*parts)


_X = "Work this input and not the example: numbers, or symbols x1, x2, x3 in [0, 1]."
_S = "For best: S, the probability that a feature is off, at least 0 and below 1."


@command("show", example='handcalc show antipodal --x="1 1/4 1/2"')
@click.argument("name", required=False, shell_complete=embedding_names)
@text_option("--x", about=_X)
@text_option("--sparsity", about=_S)
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the arrows as a drawing.",
)
def show(name: str | None, x: Given | None, sparsity: Given | None, svg: Path | None) -> Report:
    """List the named embeddings, or work one through.

    NAME is one of those on the list. Its page tells the story, draws the arrows, works the steps
    for symbols and for an example, and says what was gained and what was lost. The name best, with
    --sparsity, works the best embedding of three features in two dimensions out, by closed forms.
    """
    drawing = Output.of("--svg", svg)
    if name is None:
        _refuse_without_name(x, sparsity, svg)
        return _listing()
    if name == BEST:
        return walk_best(x, drawing, sparsity)
    found = _named(name)
    refuse_sparsity(name, sparsity)
    values = _values(found, x)
    if drawing is not None:
        drawing.refuse_early()
    notes, trouble = write_all([(drawing, lambda: _drawn(found))])
    report = Report(
        data=lambda: _data(found, values, drawing),
        text=lambda terminal: _page(found, values, notes, terminal),
    )
    return with_trouble(report, trouble)


def _listing() -> Report:
    from rich.console import Group

    import handcalc
    from handcalc.views import text
    from handcalc.views.layout import to_type

    known = handcalc.embeddings()
    best = {"name": BEST, "title": TITLE, "example": EXAMPLE}

    def page(terminal: Terminal) -> RenderableType:
        listed = text.embeddings(known, terminal.notation)
        return Group(listed, "", f"{TITLE}:", to_type(EXAMPLE, "   ", "bold"))

    return Report(
        data=lambda: {
            "embeddings": [{"name": e.name, "title": e.title} for e in known],
            "best": best,
        },
        text=page,
    )


def _refuse_without_name(x: Given | None, sparsity: Given | None, svg: Path | None) -> None:
    if sparsity is not None:
        message = "--sparsity belongs to the page on the best embedding."
        raise CommandError(ReportedError("usage", message, suggestion=EXAMPLE))
    for option, value in (("--x", x), ("--svg", svg)):
        if value is not None:
            message = f"{option} needs the name of an embedding."
            raise CommandError(
                ReportedError("usage", message, suggestion="handcalc show antipodal")
            )


def _named(name: str) -> Embedding:
    import handcalc

    try:
        return handcalc.embedding(name)
    except InputError as error:
        near = get_close_matches(name.lower(), (*EMBEDDINGS, BEST), n=1)
        raise CommandError(replace(of_input(error), suggestion=next(iter(near), None))) from error


def _values(found: Embedding, x: Given | None) -> Vector | None:
    """The input that was typed; a single value stands for all features."""
    import handcalc
    from handcalc.parsing import parse_input

    if x is None:
        return None
    with reading(x):
        return handcalc.forward(found.model, parse_input(x.text, found.model.n)).x


def _drawn(found: Embedding) -> str:
    from handcalc.views import svg

    return svg.arrows(found.model)


def _data(found: Embedding, x: Vector | None, drawing: Output | None) -> Mapping[str, object]:
    from handcalc.views.json import results as data

    written = {} if drawing is None else {"svg": str(drawing.path)}
    return {**data.embedding(found, x), **written}


def _page(
    found: Embedding, x: Vector | None, notes: Sequence[str], terminal: Terminal
) -> RenderableType:
    from rich.console import Group

    from handcalc.views import text

    parts: list[RenderableType] = [text.embedding(found, terminal.notation, x=x)]
    parts += [terminal.plain(f"\n{note}") for note in notes]
    return Group(*parts)
