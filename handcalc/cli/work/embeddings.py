"""Named embeddings, worked through, and the best ones, in closed form or searched for."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import sympy
from rich.console import Group, RenderableType

import handcalc
from handcalc.cli.failures import of_input
from handcalc.cli.names import BEST, EMBEDDINGS
from handcalc.cli.report import CommandError, Report, ReportedError, Session
from handcalc.cli.terminal import ProgressBar, Terminal
from handcalc.cli.typed_text import Given, reading
from handcalc.errors import InputError, require
from handcalc.parsing import parse_input
from handcalc.superposition.best.optimum import takes_compiled_loops
from handcalc.superposition.closed_forms.three_in_two import change_of_best, three_in_two
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.embeddings import Embedding
from handcalc.views import best_markdown, picture, text
from handcalc.views import json as results
from handcalc.views import svg as svg_view
from handcalc.views.html.page import figure_page
from handcalc.views.layout import to_type
from handcalc.views.notation import UNICODE, PlainNotation, RoundedNotation
from handcalc.views.text import best as best_text
from handcalc.views.text import questions
from handcalc.wording import option_words

from .giving_away import ask_before_showing
from .lesson import ask_first
from .model import distribution_of, model_of
from .outputs import Output, with_drawing
from .waiting import LONG, compile_aloud, duration

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


def show(
    session: Session,
    /,
    *,
    name: str,
    x: Given | None,
    sparsity: Given | None,
    everything: bool,
    **files: Path | None,
) -> Report:
    """One embedding, worked through; at a terminal with a question before the work is shown."""
    drawing, page = (Output.of(f"--{kind}", files[kind]) for kind in ("svg", "html"))
    asks = session.may_ask and not everything
    if name == BEST:
        return _best(session if asks else None, x, drawing, sparsity, page)
    found = _named(name)
    if sparsity is not None:
        message = f"--sparsity belongs to best; {name} is worked through for single inputs."
        raise CommandError(ReportedError("usage", message, suggestion=_EXAMPLE))
    result = handcalc.forward(found.model, found.example)
    if x is not None:
        with reading(x):  # by way of a forward pass: a single value stands for all features
            result = handcalc.forward(found.model, parse_input(x.text, found.model.n))
    values = None if x is None else result.x
    ask_before_showing(passes=(result,))  # the embedding itself is a lesson, and no answer found
    for file in (drawing, page):
        if file is not None:
            file.refuse_early()

    def written(told: Callable[[PlainNotation], RenderableType]) -> Report:
        report = Report(
            data=lambda: {
                **results.embedding(found, values),
                "question": questions.wrong_outputs(result, UNICODE).data(),
            },
            text=lambda terminal: told(terminal.notation),
            markdown=found._repr_markdown_,
        )
        drawn = with_drawing(drawing, lambda: svg_view.arrows(found.model), report)
        return with_drawing(page, lambda: figure_page(found.model, result.x, name=name), drawn)

    if not asks:
        return written(lambda notation: text.embedding(found, notation, x=values))
    notation = session.terminal.notation
    return ask_first(
        session,
        text.embedding_opening(found, notation),
        questions.wrong_outputs(result, notation),
        lambda: written(lambda notation: text.embedding_worked(found, notation, x=values)),
        _at_once(name, x),
    )


def _named(name: str) -> Embedding:
    try:
        return handcalc.embedding(name)
    except InputError as error:
        near = get_close_matches(name.lower(), (*EMBEDDINGS, BEST), n=1)
        raise CommandError(replace(of_input(error), suggestion=next(iter(near), None))) from error


def figure(
    W: Given, b: Given | None, linear: bool, html: Path, x: Given | None, sparsity: Given | None
) -> Report:
    """A model that somebody types, as a page with its arrows to drag."""
    model = model_of(W, b, linear=linear)
    page = Output.at("--html", html)
    page.refuse_early()
    values, S = None, sympy.Rational(1, 2)
    if x is not None:
        with reading(x):
            values = handcalc.forward(model, parse_input(x.text, model.n)).x
    if sparsity is not None:
        with reading(sparsity):
            S = SparseUniform(sparsity.text).blocks(1)[0].sparsity
    with reading(W):
        content = figure_page(model, values, sparsity=S)
    words = "Open it in a browser: its arrows are there to drag, and every number is exact."
    report = Report(data=lambda: results.model(model), text=lambda terminal: terminal.plain(words))
    return with_drawing(page, lambda: content, report)


def _at_once(name: str, *options: Given | None) -> str:
    """The command again, without a question."""
    given = [option for option in options if option is not None]
    typed = [g.where if "=" in g.where else option_words(g.where, g.text) for g in given]
    return " ".join(["handcalc show", name, *typed, "--all"])


def _best(
    asking: Session | None,
    x: Given | None,
    drawing: Output | None,
    sparsity: Given | None,
    page: Output | None,
) -> Report:
    """The page at one sparsity or, without one, the story for all of them."""
    if page is not None:
        message = (
            "--html makes a page of a named embedding or of a model of your own: there the best "
            "known can be laid beneath it at every S."
        )
        again = f"handcalc show relu {option_words('--html', str(page.path))}"
        raise CommandError(ReportedError("usage", message, suggestion=again))
    if x is not None:
        message = (
            "best is about all inputs at once, so --x does not go with it. Its page gives W and b; "
            "handcalc forward takes them with an input."
        )
        raise CommandError(ReportedError("usage", message, suggestion=_EXAMPLE))
    if sparsity is None:
        return _best_along(asking, drawing)
    with reading(sparsity):
        result = three_in_two(sparsity.text)
    if drawing is not None:
        drawing.refuse_early()
    change = change_of_best()
    ask_before_showing(models=(result.best.model,), changes=(change.sparsity,))

    def written(page: Callable[[PlainNotation], RenderableType]) -> Report:
        report = Report(
            data=lambda: {
                **results.best(result, change),
                "question": questions.better_shape(result).data(),
            },
            text=lambda terminal: page(terminal.notation),
            markdown=lambda: best_markdown.best(result, change),
        )
        model = result.best.model
        return with_drawing(
            drawing, lambda: svg_view.arrows(model, RoundedNotation(UNICODE, 6)), report
        )

    if asking is None:
        return written(lambda notation: best_text.best(result, change, notation))
    return ask_first(
        asking,
        best_text.best_opening(result, asking.terminal.notation),
        questions.better_shape(result),
        lambda: written(lambda notation: best_text.best_worked(result, change, notation)),
        _at_once(BEST, sparsity),
    )


def _best_along(asking: Session | None, drawing: Output | None) -> Report:
    if drawing is not None:
        message = "--svg draws the best embedding at one sparsity: give it with --sparsity."
        again = f"{_EXAMPLE} {option_words('--svg', str(drawing.path))}"
        raise CommandError(ReportedError("usage", message, suggestion=again))
    found = [three_in_two(f"{tenth}/{_TENTHS}") for tenth in range(_TENTHS)]
    change = change_of_best()
    best = tuple(each.best.model for each in found)
    ask_before_showing(models=best, changes=(change.sparsity,))
    sparse = found[-1]

    def told(page: Callable[..., RenderableType]) -> Report:
        return Report(
            data=lambda: {
                **results.best_along(found, change),
                "question": questions.better_shape(sparse).data(),
            },
            text=lambda terminal: page(found, change, terminal.notation),
            markdown=lambda: best_markdown.best_along(found, change),
        )

    if asking is None:
        return told(best_text.best_along)
    return ask_first(
        asking,
        best_text.along_opening(asking.terminal.notation),
        questions.better_shape(sparse),
        lambda: told(best_text.along_worked),
        _at_once(BEST),
    )


# --------------------------------------------------------------------------------------------------
# The search for the best.


def optimum(
    session: Session, /, svg: Path | None, prove: bool, certificate: Path | None, **asked: Any
) -> Report:
    """The embedding with the least expected loss that was found, and a proof where one is asked."""
    problem = _problem(asked)
    work = None
    if prove:
        from . import proofs  # which needs numba

        work = proofs.ProofWork.of(problem, asked, Output.of("--certificate", certificate))
    drawing = Output.of("--svg", svg)
    if drawing is not None:  # before the search, which may take a while
        if problem.hidden > picture.MOST_DIMENSIONS:
            message = f"--svg: {picture.why_not_drawn(problem.hidden)}"
            raise CommandError(ReportedError("not_drawn", message))
        drawing.refuse_early()
    gc.enable()  # this can take a while, and leaves much behind
    if not session.json and takes_compiled_loops(problem, asked["restarts"]):
        _forewarn(session, problem, asked["restarts"])
    with ProgressBar(session, "Descending", time_left=True) as bar:
        found = handcalc.optimum(
            problem.features,
            problem.hidden,
            distribution=problem.distribution,
            importance=problem.importance,
            on_progress=bar,
            **{name: asked[name] for name in ("restarts", "seed", "digits")},
        )
    ask_before_showing(models=(found.model,))
    report = Report(
        data=lambda: results.optimum(found),
        text=lambda terminal: text.optimum(found, terminal.notation),
        markdown=found._repr_markdown_,
    )
    if work is not None:
        report = proofs.prove(session, work, found)
    return with_drawing(
        drawing, lambda: svg_view.arrows(found.model, RoundedNotation(UNICODE, 6)), report
    )


def _forewarn(session: Session, problem: Problem, restarts: int | None) -> None:
    """Have the loops compiled, and say how long the search takes where that is long."""
    require("optimum", "numpy", "array_api_compat")
    from handcalc.superposition.best.multistart import estimate
    from handcalc.superposition.numeric import compile_losses

    compile_aloud(session, compile_losses, "loops of the loss")
    seconds = estimate(problem, restarts)
    if seconds >= LONG:
        said = f"This takes {duration(seconds)} on this CPU, and several times as long where the "
        said += "restarts do not soon agree."
        session.terminal.complain(session.terminal.plain(said), "")


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
