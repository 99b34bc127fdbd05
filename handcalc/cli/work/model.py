"""A model that somebody types, worked out: forward, geometry, loss."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, replace
from typing import Any, Literal, TypeAlias, TypeVar

import sympy
from rich.console import RenderableType

import handcalc
from handcalc.cli.options import SETS
from handcalc.cli.report import CommandError, Exit, Report, ReportedError, refuse
from handcalc.cli.typed_text import Given, reading
from handcalc.display import Displayed
from handcalc.errors import InputError
from handcalc.inputs.containers import as_int
from handcalc.parsing import parse_input, parse_vector
from handcalc.parsing.ranges import parse_values
from handcalc.superposition.loss.distribution import KINDS, Distribution, DistributionName
from handcalc.superposition.model.toy_model import Activation, ToyModel
from handcalc.views import json as results
from handcalc.views import markdown, text
from handcalc.views.layout import Paragraph, spaced
from handcalc.views.notation import PlainNotation
from handcalc.wording import counted

from .giving_away import ask_before_showing
from .outputs import Drawing

_FEATURE = re.compile("0*[1-9][0-9]{0,5}")

Rows: TypeAlias = Literal["features", "dimensions"]
Result = TypeVar("Result", bound=Displayed)

LARGEST = 50  # features, or dimensions, of what has n² terms with symbols in them
MOST = 500  # of what has numbers alone: 400 features take seconds


def forward(
    W: Given, b: Given | None, x: Given | None, linear: bool, rows: Rows | None, **drawn: Any
) -> Report:
    """The forward pass, step by step."""
    model = model_of(W, b, rows, linear=linear)
    drawing = Drawing.of(model, **drawn)
    with _about_rows(model, rows), reading(x):
        given = parse_input(x.text, model.n) if x else None
        # numbers make a page of n lines; symbols make n² terms, and nobody reads 10,000
        if model.n > LARGEST and (given is None or any(value.free_symbols for value in given)):
            message = (
                f"With symbols in x, steps are worked out for at most {LARGEST} features, not "
                f"{model.n}. Give x in numbers; one number stands for all features."
            )
            raise CommandError(ReportedError("too_many_features", message, suggestion="--x=1"))
        result = handcalc.forward(model, given)
    ask_before_showing(passes=(result,))
    report = _report(result, results.forward, text.forward, about_wide(model, rows))
    return drawing.added_to(report)


def geometry(W: Given, rows: Rows | None, **drawn: Any) -> Report:
    """What the features of an embedding keep and share."""
    model = model_of(W, rows=rows)
    drawing = Drawing.of(model, **drawn, outputs=False)
    result = handcalc.geometry(model)
    ask_before_showing(shapes=(model,))
    report = _report(result, results.geometry, text.geometry, about_wide(model, rows))
    return drawing.added_to(report)


def loss(
    W: Given,
    b: Given | None,
    linear: bool,
    importance: Given | None,
    rows: Rows | None,
    **more: Any,
) -> Report:
    """The expected loss over random sparse inputs, and its slopes where they are asked for."""
    model = model_of(W, b, rows, linear=linear)
    drawing = Drawing.of(model, draw=more.pop("draw"), svg=more.pop("svg"))
    is_downhill = more.pop("gradient")
    distribution = distribution_of(model.n, **more)
    with _about_rows(model, rows), reading(importance):
        weights = importance.text if importance else None
        result = handcalc.expected_loss(model, distribution, weights)
        slopes = handcalc.loss_gradient(model, distribution, weights) if is_downhill else None
    ask_before_showing(losses=(result,))
    report = replace(
        _report(result, results.loss, text.loss, about_wide(model, rows)),
        markdown=lambda: markdown.loss_worked(result),
    )
    return drawing.added_to(report if slopes is None else _with_slopes(report, slopes))


def _with_slopes(report: Report, slopes: handcalc.LossGradient) -> Report:
    """A report with the slopes below it, in each of its views."""
    return replace(
        report,
        data=lambda: {**report.data(), "gradient": results.gradient(slopes)},
        text=lambda terminal: spaced(
            report.text(terminal), text.gradient(slopes, terminal.notation)
        ),
        markdown=slopes._repr_markdown_,
    )


def _report(
    result: Result,
    as_data: Callable[[Result], Mapping[str, Any]],
    as_text: Callable[[Result, PlainNotation], RenderableType],
    hint: str,
) -> Report:
    """A result in both views, with the hint among the notes of the one and above the other."""

    def data() -> Mapping[str, object]:
        found = as_data(result)
        return {**found, "notes": [*([hint] if hint else []), *found.get("notes", [])]}

    return Report(
        data=data,
        text=lambda terminal: spaced(
            *([Paragraph(f"Note: {hint}")] if hint else []), as_text(result, terminal.notation)
        ),
        markdown=result._repr_markdown_,
    )


def model_of(
    W: Given, b: Given | None = None, rows: Rows | None = None, *, linear: bool = False
) -> ToyModel:
    """The toy model that was typed; a refusal names the option at fault."""
    activation: Activation = "linear" if linear else "relu"
    with reading(W):
        model = ToyModel(W.text, activation=activation)
        if rows == "dimensions":
            model = ToyModel.exactly(tuple(zip(*model.W, strict=True)), activation=activation)
    if max(model.n, model.m) > MOST:
        message = (
            f"{W.where}: steps are worked out for at most {MOST} features and {MOST} "
            f"dimensions, not {model.n} × {model.m}. From Python, handcalc.forward takes any size."
        )
        raise CommandError(ReportedError("too_many_features", message))
    if b is None:
        return model
    with _about_rows(model, rows), reading(b):
        return ToyModel.exactly(model.W, parse_vector(b.text, model.n), activation)


def about_wide(model: ToyModel, rows: Rows | None) -> str:
    """What to say of a W that is wider than tall, unless it was said what its rows are; else ""."""
    if rows is not None or model.n >= model.m:
        return ""
    cut = ""
    if model.n == 1:
        cut = " If more rows stood behind a ; without quotes, the shell took them: quote all of W."
    return (
        f"W has one row per feature, so this is {counted(model.n, 'feature')} in {model.m} hidden "
        "dimensions. If its columns are the features, as in the paper, whose W is the transposed "
        "one, add --rows dimensions. If it is meant as it stands, --rows features takes this note "
        f"away.{cut}"
    )


@contextmanager
def _about_rows(model: ToyModel, rows: Rows | None) -> Iterator[None]:
    """Add the hint to what is said of another option that does not fit a wide W."""
    try:
        yield
    except CommandError as refusal:
        problem, hint = refusal.problem, about_wide(model, rows)
        if problem.code != "wrong_shape" or not hint:
            raise
        problem = replace(problem, message=f"{problem.message} {hint}")
        raise CommandError(problem, refusal.exit_code) from refusal


def distribution_of(
    n: int, distribution: DistributionName, sparsity: Given | None, sets: Given | None
) -> Distribution:
    """The distribution over n features that the options name; a refusal names the one at fault."""
    kind: Any = KINDS[distribution]
    takes = {field.name for field in fields(kind)}
    if "sets" in takes and sets is None:
        example = SETS if n > 3 else "1 2"
        refuse(f"{distribution} features come in sets.", f'--sets="{example}"')
    if sets is not None and "sets" not in takes:
        refuse(f"--sets belongs to correlated and anticorrelated features, not to {distribution}.")
    if sparsity is not None and "sparsity" not in takes:
        refuse("Where exactly one feature is active there is no sparsity to choose.")
    if "n" in takes:
        return _fitting(kind(n), n)
    S = sparsity.text if sparsity else None
    members = () if sets is None else (read_sets(sets),)
    # first without S: what is at fault then is the sets, and the refusal names the right option
    with reading(sets):
        _fitting(kind(*members), n)
    with reading(sparsity):
        return _fitting(kind(*members, S), n)


def _fitting(made: Distribution, n: int) -> Distribution:
    """The distribution, if it has blocks over n features; else its own error."""
    made.blocks(n)
    return made


def read_sets(sets: Given) -> list[tuple[int, ...]]:
    """Features by number, with `;` between sets."""
    parts = [part.replace(",", " ").split() for part in sets.text.split(";")]
    cells = [cell for part in parts for cell in part]
    if not cells or not all(map(_FEATURE.fullmatch, cells)):
        message = "Sets are features by number, from 1, with ; between sets."
        problem = ReportedError("sets", message, suggestion=SETS, where=sets.where)
        raise CommandError(problem, Exit.UNREADABLE)
    return [tuple(map(int, part)) for part in parts if part]


def read_wholes(given: Given, example: str = "3..8") -> list[int]:
    """Whole numbers and ranges of them, such as the ``example``."""
    with reading(given):
        return list(map(_whole, parse_values(given.text, whole=True, example=example)))


def _whole(number: sympy.Expr) -> int:
    found = as_int(number)
    if found is None:
        raise InputError("size", f"Whole numbers are asked for, such as 3 or 3..8, not {number}.")
    return found
