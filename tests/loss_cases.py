"""Models, distributions and numbers of the oracles, as handcalc's and back."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import sympy

from handcalc import ToyModel
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from tests.oracles.loss_models import Inputs
from tests.oracles.recursion import Model, Numbers, Patterns


def fraction(value: sympy.Expr) -> Fraction:
    """A number of handcalc's, which must be rational."""
    assert isinstance(value, sympy.Rational), f"{value!r} is not a fraction"
    return Fraction(int(value.p), int(value.q))


def fractions(values: Sequence[sympy.Expr]) -> Numbers:
    return tuple(map(fraction, values))


def toy_model(model: Model) -> ToyModel:
    return ToyModel(model.W, model.b, "linear" if model.activation == "linear" else "relu")


def distribution(inputs: Inputs, *, symbolic: bool = False) -> Distribution:
    """The same distribution; with the symbol S in the place of its sparsities if asked."""
    sets = [[i + 1 for i in members] for members in inputs.sets]
    sparsity = None if symbolic else inputs.sparsities
    if inputs.kind == "one active":
        return OneActive(len(sets))
    if inputs.kind == "correlated":
        return Correlated(sets, sparsity)
    if inputs.kind == "anticorrelated":
        return Anticorrelated(sets, sparsity)
    return SparseUniform(sparsity)


def patterns(distribution: Distribution, n: int) -> Patterns:
    """What a distribution says of n features, with those from 0 and none of probability 0."""
    found = {
        frozenset(i - 1 for i in pattern.active): fraction(pattern.probability)
        for pattern in distribution.patterns(n)
    }
    assert len(found) == len(list(distribution.patterns(n))), "a pattern came twice"
    return found
