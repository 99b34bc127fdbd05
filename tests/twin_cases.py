"""Models in floats as the numeric twin takes them and as the exact engine does, and how far apart.

A float is taken as the fraction that it is, so that the exact engine knows the true loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from handcalc import ToyModel
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.loss.gradient import loss_gradient
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric import expected_losses, expected_losses_and_gradients
from tests.loss_cases import distribution, fraction
from tests.oracles.float_models import FloatCase

Arrays = tuple[np.ndarray, np.ndarray]


def arrays(cases: Sequence[FloatCase]) -> Arrays:
    """W of shape (models, n, m) and b of shape (models, n)."""
    return np.asarray([case.W for case in cases]), np.asarray([case.b for case in cases])


def exact_model(case: FloatCase, activation: Activation = "relu") -> ToyModel:
    W = [[Fraction(value) for value in row] for row in case.W]
    return ToyModel(W, [Fraction(value) for value in case.b], activation)


def exact_importance(case: FloatCase) -> list[Fraction]:
    return [Fraction(value) for value in case.importance]


def exact_loss(case: FloatCase, activation: Activation = "relu") -> Fraction:
    model, inputs = exact_model(case, activation), distribution(case.inputs)
    return fraction(expected_loss(model, inputs, exact_importance(case)).value)


def loss_error(case: FloatCase, activation: Activation = "relu") -> float:
    """|L − exact L| / (1 + exact L), the worse of two routes: with the gradient and without."""
    known = exact_loss(case, activation)
    W, b = arrays([case])
    inputs = distribution(case.inputs)
    alone = expected_losses(W, b, inputs, importance=case.importance, activation=activation)
    both = expected_losses_and_gradients(
        W, b, inputs, importance=case.importance, activation=activation
    )
    found = [float(alone[0]), float(both[0][0])]
    return max(float(abs(Fraction(value) - known) / (1 + known)) for value in found)


def gradient_error(case: FloatCase, activation: Activation = "relu") -> float:
    """The largest error of an entry of ∂L/∂W and ∂L/∂b, divided by (1 + exact L)(1 + max |W|).

    At a kink of the loss the left derivative in b counts, and none in W.
    """
    model, inputs = exact_model(case, activation), distribution(case.inputs)
    importance = exact_importance(case)
    known = loss_gradient(model, inputs, importance)
    L = fraction(expected_loss(model, inputs, importance).value)
    W, b = arrays([case])
    _, by_W, by_b = expected_losses_and_gradients(
        W, b, inputs, importance=case.importance, activation=activation
    )
    pairs = list(zip(by_b[0], known.b, strict=True))
    for row, slopes in zip(by_W[0], known.W, strict=True):
        pairs += [pair for pair in zip(row, slopes, strict=True) if pair[1].value is not None]
    errors = [abs(Fraction(float(value)) - fraction(slope.left)) for value, slope in pairs]
    return float(max(errors) / (1 + L)) / (1 + float(np.abs(W).max()))


def smooth_models(models: int, n: int, m: int, seed: int) -> Arrays:
    """W and b of models as they are drawn before training, without kinks."""
    generator = np.random.default_rng(seed)
    return generator.normal(size=(models, n, m)), generator.normal(size=(models, n)) / 2
