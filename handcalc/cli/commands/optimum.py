"""The command that searches for the best embedding: ``optimum``."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from handcalc.cli.command import command
from handcalc.cli.options.distributions import distribution_of, kind_options
from handcalc.cli.options.outputs import Output, write_all
from handcalc.cli.options.text import Given, reading, text_option
from handcalc.cli.report import CommandError, Report, ReportedError, Session, with_trouble
from handcalc.cli.terminal.progress_bar import show_progress

from .model import LARGEST

if TYPE_CHECKING:
    from rich.console import RenderableType

    from handcalc.cli.terminal.terminal import Terminal
    from handcalc.superposition.best.optimum import Optimum
    from handcalc.superposition.loss.problem import Problem


# known without importing sympy; a test compares them with their homes
MOST_FEATURES = 8
DIGITS = (30, 60)

_EXAMPLE = "handcalc optimum --features 3 --hidden 2 --sparsity=1/2"
_S = "S, one for all features (or sets) or one each: the best embedding depends on it."
_FEATURES = f"How many features there are, 1 to {MOST_FEATURES}; 3 if left out."
_RESTARTS = "How many random starts; as many as it takes if left out."


@command("optimum", example=_EXAMPLE)
@click.option(
    "--features", type=click.IntRange(1, MOST_FEATURES), default=3, metavar="N", help=_FEATURES
)
@click.option(
    "--hidden",
    type=click.IntRange(1, LARGEST),
    default=2,
    metavar="M",
    help="How many dimensions they are embedded in; 2 if left out.",
)
@text_option("--sparsity", about=_S)
@text_option("--importance", about="One for all features, or one each; 1 if left out.")
@kind_options
@click.option("--restarts", type=click.IntRange(min=1), metavar="K", help=_RESTARTS)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, metavar="K", help="Which random starts."
)
@click.option(
    "--digits",
    type=click.IntRange(*DIGITS),
    default=DIGITS[0],
    metavar="K",
    help=f"How many digits W and b are worked out to, {DIGITS[0]} to {DIGITS[1]}.",
)
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the arrows as a drawing, for one or two dimensions.",
)
@click.pass_obj
def optimum(session: Session, /, svg: Path | None, **asked: Any) -> Report:
    """Search for the embedding with the least expected loss.

    Descends from many random starts, polishes the best end to many digits with exact slopes, names
    its family, and gives the closed form where the family has one. The best found is not a proof.
    """
    import handcalc

    question = _question(**{key: asked.pop(key) for key in _QUESTION})
    drawing = Output.of("--svg", svg)
    _refuse_drawing(drawing, question.hidden)
    gc.enable()  # this can take a while, and leaves much behind
    with show_progress(session, "Descending") as on_progress:
        found = handcalc.optimum(
            question.features,
            question.hidden,
            distribution=question.distribution,
            importance=question.importance,
            on_progress=on_progress,
            **asked,
        )
    notes, trouble = write_all([(drawing, lambda: _drawn(found))])
    report = Report(
        data=lambda: _data(found, drawing),
        text=lambda terminal: _page(found, notes, terminal),
    )
    return with_trouble(report, trouble)


_QUESTION = ("features", "hidden", "sparsity", "importance", "distribution", "sets")


def _question(
    features: int,
    hidden: int,
    sparsity: Given | None,
    importance: Given | None,
    distribution: str,
    sets: Given | None,
) -> Problem:
    """What is asked for; a refusal names the option at fault."""
    from handcalc.superposition.loss.problem import Problem

    drawn = distribution_of(features, distribution, sparsity, sets)
    if any(block.sparsity is None for block in drawn.blocks(features)):
        message = "The best embedding depends on S: give a sparsity from 0 to 1."
        raise CommandError(ReportedError("usage", message, suggestion="--sparsity=1/2"))
    with reading(importance):
        return Problem.of(
            features, hidden, drawn, importance=importance.text if importance else None
        )


def _refuse_drawing(drawing: Output | None, hidden: int) -> None:
    """Before the search, which may take a while."""
    if drawing is None:
        return
    if hidden > 2:
        message = f"--svg: arrows are drawn in one or two dimensions, not in {hidden}."
        raise CommandError(ReportedError("not_drawn", message))
    drawing.refuse_early()


def _drawn(found: Optimum) -> str:
    from handcalc.views import svg
    from handcalc.views.notation import ASCII
    from handcalc.views.rounding import RoundedNotation

    return svg.arrows(found.model, RoundedNotation(ASCII, 6))


def _data(found: Optimum, drawing: Output | None) -> Mapping[str, object]:
    from handcalc.views.json import results as data

    written = {} if drawing is None else {"svg": str(drawing.path)}
    return {**data.optimum(found), **written}


def _page(found: Optimum, notes: Sequence[str], terminal: Terminal) -> RenderableType:
    from rich.console import Group

    from handcalc.views import text

    parts: list[RenderableType] = [text.optimum(found, terminal.notation)]
    parts += [terminal.plain(f"\n{note}") for note in notes]
    return Group(*parts)
