"""Embeddings side by side: which of them loses least, decided exactly."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cmp_to_key

import sympy

import handcalc
from handcalc.inputs.arguments import sign
from handcalc.lectures.showing import table
from handcalc.superposition.model.toy_model import Activation


def of_name(name: str, activation: Activation | None = None) -> handcalc.ToyModel:
    """The model of a named embedding, or the same arrows with another activation.

    >>> of_name("relu") == of_name("antipodal", "relu")
    True
    """
    model = handcalc.embedding(name).model
    return handcalc.ToyModel(model.W, model.b, activation or model.activation)


def least(losses: Mapping[str, sympy.Expr]) -> str:
    """The name of the smallest number, the first of several.

    >>> least({"a": sympy.sqrt(2), "b": sympy.Rational(7, 5)})
    'b'
    """

    def order(a: str, b: str) -> int:
        return sign(losses[a] - losses[b])

    return min(losses, key=cmp_to_key(order))


def compared(losses: Mapping[str, sympy.Expr]) -> str:
    """A table of what each embedding loses, with the least marked."""
    best = least(losses)
    rows = ((name, loss, "**least**" if name == best else "") for name, loss in losses.items())
    return table(("embedding", "loss $L$", ""), rows)
