"""The search for the best embedding."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import handcalc
from handcalc.cli.report import CommandError, Report, ReportedError, Session
from handcalc.cli.terminal import ProgressBar
from handcalc.cli.typed_text import reading
from handcalc.superposition.loss.problem import Problem
from handcalc.views import svg as svg_view
from handcalc.views import text
from handcalc.views.json import results
from handcalc.views.notation import ASCII
from handcalc.views.rounding import RoundedNotation

from .model import distribution_of
from .outputs import Output, with_drawing


def optimum(session: Session, /, svg: Path | None, **asked: Any) -> Report:
    """The embedding with the least expected loss that was found."""
    problem = _problem(asked)
    drawing = Output.of("--svg", svg)
    if drawing is not None:  # before the search, which may take a while
        if problem.hidden > 2:
            message = f"--svg: arrows are drawn in one or two dimensions, not in {problem.hidden}."
            raise CommandError(ReportedError("not_drawn", message))
        drawing.refuse_early()
    gc.enable()  # this can take a while, and leaves much behind
    with ProgressBar(session, "Descending") as bar:
        found = handcalc.optimum(
            problem.features,
            problem.hidden,
            distribution=problem.distribution,
            importance=problem.importance,
            on_progress=bar,
            **{name: asked[name] for name in ("restarts", "seed", "digits")},
        )
    return with_drawing(
        drawing,
        lambda: svg_view.arrows(found.model, RoundedNotation(ASCII, 6)),
        lambda: results.optimum(found),
        lambda terminal: text.optimum(found, terminal.notation),
    )


def _problem(asked: Mapping[str, Any]) -> Problem:
    """What is asked for; a refusal names the option at fault."""
    features, importance = asked["features"], asked["importance"]
    named = {name: asked[name] for name in ("distribution", "sparsity", "sets")}
    distribution = distribution_of(features, **named)
    if any(block.sparsity is None for block in distribution.blocks(features)):
        message = "The best embedding depends on S: give a sparsity from 0 to 1."
        raise CommandError(ReportedError("usage", message, suggestion="--sparsity=1/2"))
    weights = importance.text if importance else None
    with reading(importance):
        return Problem.of(features, asked["hidden"], distribution, importance=weights)
