"""Trained arrows as they are named: features that are always on may have theirs turned round."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from handcalc.superposition.best.canonical_form import recognised
from handcalc.superposition.loss.problem import MAX_FEATURES, Problem
from handcalc.superposition.model.families import Family, family
from torchsim.by_hand.objective import Floats
from torchsim.specification import ModelSpec

__all__ = ["Arrows", "turned"]

_NO_OVERLAP = 0.01  # up to which trained features count as at a right angle


@dataclass(frozen=True, slots=True, eq=False)
class Arrows:
    """W (n, m) and b (n,) with the arrows of the features ``turned`` (from 1) turned round."""

    W: Floats
    b: Floats
    family: Family
    turned: tuple[int, ...]


def turned(W: Floats, b: Floats, model: ModelSpec) -> Arrows:
    """The weights and their family, with as few arrows turned as give all its parts a name.

    Whatever says the shape of a trained model says this one. Where xₖ is never off, Wₖ → −Wₖ with
    biases to match is another model of the same loss: see ``best.canonical_form``. Where no such
    choice gives all parts a name, or n is over 8, nothing is turned.

    >>> W = np.asarray([[1, 0], [0.5, 0.75**0.5], [-0.5, 0.75**0.5]])
    >>> found = turned(W, np.zeros(3), ModelSpec.of(3, 2, 0))
    >>> found.family.name, found.turned, found.b.round(3).tolist()
    ('triangle', (2,), [0.5, 1.0, 0.5])
    """
    if model.features > MAX_FEATURES:
        return Arrows(W, b, family(W.tolist()), ())
    problem = Problem(model.features, model.hidden, model.distribution, model.importance)
    found = recognised(W.tolist(), b.tolist(), problem, right=_NO_OVERLAP)
    if not found.turned:
        return Arrows(W, b, found.family, ())
    features = tuple(i + 1 for i in found.turned)
    return Arrows(np.asarray(found.W), np.asarray(found.b), found.family, features)
