"""Trained arrows as they are named: features that are always on may have theirs turned round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handcalc.superposition.families import Family, family
from handcalc.superposition.flips import flipped, turnings
from handcalc.superposition.problem import MAX_FEATURES, Problem
from torchsim.by_hand.objective import Floats
from torchsim.specification import ModelSpec

__all__ = ["TOLERANCE", "Arrows", "turned"]

TOLERANCE = 0.1
"""In radians, 6°: how far trained directions may be off a shape that they are named by."""

_NO_OVERLAP = 0.01  # up to which trained features count as at a right angle


@dataclass(frozen=True, slots=True, eq=False)
class Arrows:
    """W (n, m) and b (n,) with the arrows of the features ``turned`` (from 1) turned round."""

    W: Floats
    b: Floats
    family: Family
    turned: tuple[int, ...]


def turned(W: Floats, b: Floats, model: ModelSpec, tolerance: float = TOLERANCE) -> Arrows:
    """The weights and their family, with as few arrows turned as give the family a name.

    Where xₖ is never off, Wₖ → −Wₖ with biases to match is another model of the same loss, see
    ``handcalc.superposition.flips``. Where no such choice has a named family, or n is over 8,
    nothing is turned.

    >>> W = np.asarray([[1, 0], [0.5, 0.75**0.5], [-0.5, 0.75**0.5]])
    >>> found = turned(W, np.zeros(3), ModelSpec.of(3, 2, 0))
    >>> found.family.name, found.turned, found.b.round(3).tolist()
    ('triangle', (2,), [0.5, 1.0, 0.5])
    """
    plain = family(W.tolist(), tolerance)
    if plain.name != "mixed" or model.features > MAX_FEATURES:
        return Arrows(W, b, plain, ())
    problem = Problem(model.features, model.hidden, model.distribution, model.importance)
    for choice in turnings(W.tolist(), problem, _NO_OVERLAP):
        rows, biases = flipped(W.tolist(), b.tolist(), choice)
        named = family(rows, tolerance)
        if named.name != "mixed":
            features = tuple(i + 1 for i in choice)
            return Arrows(np.asarray(rows), np.asarray(biases), named, features)
    return Arrows(W, b, plain, ())
