"""The commands that work out a model that somebody types: forward, geometry, loss."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import click

from handcalc.cli.command import command
from handcalc.cli.options.distributions import distribution_of, distribution_options
from handcalc.cli.options.text import Given, reading, text_option
from handcalc.cli.report import CommandError, Report, ReportedError

if TYPE_CHECKING:
    from rich.console import RenderableType
    from sympy import Expr

    from handcalc.superposition.model.toy_model import Activation, ToyModel


Rows: TypeAlias = Literal["features", "dimensions"]

LARGEST = 50  # features, or dimensions, of what has n² terms with symbols in them
MOST = 500  # of what has numbers alone: 400 features take seconds

_W = (
    "One row per feature, with `;` between rows. @FILE and - (standard input) work too, also with "
    "arrays (.npy, .npz, .safetensors): @FILE:NAME is one of several, @FILE:NAME:3 the third of a "
    "batch."
)
_ROWS = click.option(
    "--rows",
    type=click.Choice(["features", "dimensions"]),
    help="What the rows of W stand for: features, as everywhere here, or hidden dimensions, as in "
    "the paper, whose W is then transposed.",
)
_B = "One number per feature; a single one is for all features. Zeros if left out."
_X = "The input: numbers, or symbols x1, x2, ... in [0, 1]. All symbols if left out."


@command(
    "forward",
    example='handcalc forward --W="1 0; 0 1; 0 -1" --b="0 1/2 1/2" --x="1 1/4 1/2"',
)
@text_option("--W", required=True, about=_W)
@text_option("--b", about=_B)
@text_option("--x", about=_X)
@click.option("--linear", is_flag=True, help="Leave ReLU out: the output is z.")
@_ROWS
def forward(W: Given, b: Given | None, x: Given | None, linear: bool, rows: Rows | None) -> Report:
    """Work the forward pass out, step by step.

    Project, reconstruct, add the bias, activate, compare: each with its rule, its numbers and its
    value; then what each feature kept, and what the others put on top of it.
    """
    import handcalc
    from handcalc.parsing import parse_input
    from handcalc.views import text
    from handcalc.views.json import results as data

    model = model_of(W, b, rows, linear=linear)
    with _about_rows(model, rows), reading(x):
        given = parse_input(x.text, model.n) if x else None
        _refuse_symbols(model, given)
        result = handcalc.forward(model, given)
    return Report(
        data=lambda: {**(found := data.forward(result)), **_notes(found, model, rows)},
        text=lambda terminal: _noted(text.forward(result, terminal.notation), model, rows),
    )


@command("geometry", example='handcalc geometry --W="1 0; 0 1; 0 -1"')
@text_option("--W", required=True, about=_W)
@_ROWS
def geometry(W: Given, rows: Rows | None) -> Report:
    """Work out what the features of an embedding keep and share.

    The Gram matrix, the length of each arrow, the interference that each feature gets, its
    dimensionality, and their sum, the capacity.
    """
    import handcalc
    from handcalc.views import text
    from handcalc.views.json import results as data

    model = model_of(W, rows=rows)
    result = handcalc.geometry(model)
    return Report(
        data=lambda: {**(found := data.geometry(result)), **_notes(found, model, rows)},
        text=lambda terminal: _noted(text.geometry(result, terminal.notation), model, rows),
    )


@command("loss", example='handcalc loss --W="1 0; 0 1; 0 -1" --sparsity=9/10')
@text_option("--W", required=True, about=_W)
@text_option("--b", about=_B)
@click.option("--linear", is_flag=True, help="Leave ReLU out: the output is z.")
@text_option("--importance", about="One for all features, or one each; 1 if left out.")
@_ROWS
@distribution_options
def loss(
    W: Given,
    b: Given | None,
    linear: bool,
    importance: Given | None,
    rows: Rows | None,
    **inputs: Any,
) -> Report:
    """Work the expected loss out, exactly, over random sparse inputs.

    A number or, without --sparsity, a polynomial in S; what each feature loses of itself, and what
    the others cost it; for up to three features, pattern by pattern.
    """
    import handcalc
    from handcalc.views import text
    from handcalc.views.json import results as data

    model = model_of(W, b, rows, linear=linear)
    distribution = distribution_of(model.n, **inputs)
    with _about_rows(model, rows), reading(importance):
        weights = importance.text if importance else None
        result = handcalc.expected_loss(model, distribution, weights)
    return Report(
        data=lambda: {**(found := data.loss(result)), **_notes(found, model, rows)},
        text=lambda terminal: _noted(text.loss(result, terminal.notation), model, rows),
    )


def model_of(
    W: Given, b: Given | None = None, rows: Rows | None = None, *, linear: bool = False
) -> ToyModel:
    """The toy model that was typed; a refusal names the option at fault."""
    from handcalc.parsing import parse_vector
    from handcalc.superposition.model.toy_model import ToyModel

    activation: Activation = "linear" if linear else "relu"
    with reading(W):
        model = ToyModel(W.text, activation=activation)
        if rows == "dimensions":
            model = ToyModel.exactly(tuple(zip(*model.W, strict=True)), activation=activation)
    _refuse_large(model, W)
    if b is None:
        return model
    with _about_rows(model, rows), reading(b):
        return ToyModel.exactly(model.W, parse_vector(b.text, model.n), activation)


def _refuse_large(model: ToyModel, W: Given) -> None:
    if max(model.n, model.m) > MOST:
        message = (
            f"{W.where}: steps are worked out for at most {MOST} features and {MOST} "
            f"dimensions, not {model.n} × {model.m}. From Python, handcalc.forward takes any size."
        )
        raise CommandError(ReportedError("too_many_features", message))


def _refuse_symbols(model: ToyModel, x: Sequence[Expr] | None) -> None:
    """Numbers make a page of n lines; symbols make n² terms, and nobody reads 10,000."""
    if model.n > LARGEST and (x is None or any(value.free_symbols for value in x)):
        message = (
            f"With symbols in x, steps are worked out for at most {LARGEST} features, not "
            f"{model.n}. Give x in numbers; one number stands for all features."
        )
        raise CommandError(ReportedError("too_many_features", message, suggestion="--x=1"))


def _hint(model: ToyModel, rows: Rows | None) -> str:
    """What to say of a W that is wider than tall, unless it was said what its rows are; else ""."""
    if rows is not None or model.n >= model.m:
        return ""
    features = "1 feature" if model.n == 1 else f"{model.n} features"
    return (
        f"W has one row per feature, so this is {features} in {model.m} hidden dimensions. If its "
        "columns are the features, as in the paper, whose W is the transposed one, add --rows "
        "dimensions. If it is meant as it stands, --rows features takes this note away."
    )


@contextmanager
def _about_rows(model: ToyModel, rows: Rows | None) -> Iterator[None]:
    """Add the hint to what is said of another option that does not fit a wide W."""
    try:
        yield
    except CommandError as refusal:
        problem, hint = refusal.problem, _hint(model, rows)
        if problem.code != "wrong_shape" or not hint:
            raise
        problem = replace(problem, message=f"{problem.message} {hint}")
        raise CommandError(problem, refusal.exit_code) from refusal


def _notes(found: Mapping[str, object], model: ToyModel, rows: Rows | None) -> dict[str, object]:
    """The notes of a result, and the hint among them."""
    known, hint = found.get("notes"), _hint(model, rows)
    return {"notes": [*([hint] if hint else []), *(known if isinstance(known, list) else [])]}


def _noted(text: RenderableType, model: ToyModel, rows: Rows | None) -> RenderableType:
    from handcalc.views.layout import Paragraph, spaced

    hint = _hint(model, rows)
    return spaced(Paragraph(f"Note: {hint}"), text) if hint else text
