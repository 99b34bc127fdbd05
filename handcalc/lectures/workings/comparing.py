"""Embeddings side by side: which of them loses least, decided exactly."""

from __future__ import annotations

from collections.abc import Mapping

import sympy

import handcalc
from handcalc.inputs.arguments import exact, sign
from handcalc.lectures.showing import table
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.model.toy_model import Activation


def of_name(name: str, activation: Activation | None = None) -> handcalc.ToyModel:
    """The model of a named embedding, or the same arrows with another activation.

    >>> of_name("relu") == of_name("antipodal", "relu")
    True
    """
    model = handcalc.embedding(name).model
    return handcalc.ToyModel(model.W, model.b, activation or model.activation)


def read_sparsity(sparsity: object) -> sympy.Expr:
    """S as typed, from 0 to 1. Errors: ``sparsity``, and those of a text that is no number.

    >>> read_sparsity("0.9")
    9/10
    """
    given = exact(sparsity)
    SparseUniform(given)  # refuses what is no probability
    return given


def cheapest(losses: Mapping[str, sympy.Expr]) -> str:
    """The name of the embedding that loses least, the first of several.

    >>> cheapest({"a": sympy.sqrt(2), "b": sympy.Rational(7, 5), "c": sympy.Rational(7, 5)})
    'b'
    """
    best, *others = losses
    for name in others:
        if sign(losses[name] - losses[best]) < 0:
            best = name
    return best


def compared(losses: Mapping[str, sympy.Expr]) -> str:
    """A table of what each embedding loses, with the least marked."""
    best = cheapest(losses)
    rows = ((name, loss, "**least**" if name == best else "") for name, loss in losses.items())
    return table(("embedding", "loss $L$", ""), rows)
