"""The commands that work out a model that somebody types: forward, geometry, loss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .commands import command
from .distributions import distribution_of, distribution_options
from .report import Problem, RefusalError, Report
from .text_options import Given, reading, text_option

if TYPE_CHECKING:
    from handcalc.superposition.toy_model import Activation, ToyModel

__all__ = ["LARGEST", "forward", "geometry", "loss", "model_of"]

LARGEST = 50  # features, or dimensions: a page of steps has n² terms, and nobody reads 10,000

_W = "One row per feature, with `;` between rows; @FILE and - (standard input) work too."
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
def forward(W: Given, b: Given | None, x: Given | None, linear: bool) -> Report:
    """Work the forward pass out, step by step.

    Project, reconstruct, add the bias, activate, compare: each with its rule, its numbers and its
    value; then what each feature kept, and what the others put on top of it.
    """
    import handcalc
    from handcalc.parsing import parse_input
    from handcalc.views import data, text

    model = model_of(W, b, linear=linear)
    with reading(x):
        result = handcalc.forward(model, parse_input(x.text, model.n) if x else None)
    return Report(
        data=lambda: data.forward(result),
        text=lambda terminal: text.forward(result, terminal.notation),
    )


@command("geometry", example='handcalc geometry --W="1 0; 0 1; 0 -1"')
@text_option("--W", required=True, about=_W)
def geometry(W: Given) -> Report:
    """Work out what the features of an embedding keep and share.

    The Gram matrix, the length of each arrow, the interference that each feature gets, its
    dimensionality, and their sum, the capacity.
    """
    import handcalc
    from handcalc.views import data, text

    result = handcalc.geometry(model_of(W))
    return Report(
        data=lambda: data.geometry(result),
        text=lambda terminal: text.geometry(result, terminal.notation),
    )


@command("loss", example='handcalc loss --W="1 0; 0 1; 0 -1" --sparsity=9/10')
@text_option("--W", required=True, about=_W)
@text_option("--b", about=_B)
@click.option("--linear", is_flag=True, help="Leave ReLU out: the output is z.")
@text_option("--importance", about="One for all features, or one each; 1 if left out.")
@distribution_options
def loss(
    W: Given, b: Given | None, linear: bool, importance: Given | None, **inputs: Any
) -> Report:
    """Work the expected loss out, exactly, over random sparse inputs.

    A number or, without --sparsity, a polynomial in S; what each feature loses of itself, and what
    the others cost it; for up to three features, pattern by pattern.
    """
    import handcalc
    from handcalc.views import data, text

    model = model_of(W, b, linear=linear)
    distribution = distribution_of(model.n, **inputs)
    with reading(importance):
        weights = importance.text if importance else None
        result = handcalc.expected_loss(model, distribution, weights)
    return Report(
        data=lambda: data.loss(result),
        text=lambda terminal: text.loss(result, terminal.notation),
    )


def model_of(W: Given, b: Given | None = None, *, linear: bool = False) -> ToyModel:
    """The toy model that was typed; a refusal names the option at fault."""
    from handcalc.parsing import parse_vector
    from handcalc.superposition.toy_model import ToyModel

    activation: Activation = "linear" if linear else "relu"
    with reading(W):
        model = ToyModel(W.text, activation=activation)
    _refuse_large(model, W)
    if b is None:
        return model
    with reading(b):
        return ToyModel(model.W, parse_vector(b.text, model.n), activation)


def _refuse_large(model: ToyModel, W: Given) -> None:
    if max(model.n, model.m) > LARGEST:
        message = (
            f"{W.where}: steps are worked out for at most {LARGEST} features and {LARGEST} "
            f"dimensions, not {model.n} × {model.m}. From Python, handcalc.forward takes any size."
        )
        raise RefusalError(Problem("too_many_features", message))
