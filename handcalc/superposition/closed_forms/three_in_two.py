"""Three equally important features in two dimensions: the pair and the triangle, at their best.

The antipodal pair stands beside a feature with a dimension of its own, which loses nothing with
length 1 and bias 0. Within each shape one length and one bias are free, and ``best_regular`` finds
the best of them all; so which of the two loses less is decided, at any sparsity below 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Literal

import sympy

from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import sign
from handcalc.superposition.closed_forms.crossing import crossing, loses_less
from handcalc.superposition.closed_forms.family_optimum import Composition
from handcalc.superposition.closed_forms.regular import RegularOptimum, RegularValues, best_regular
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.model.toy_model import ToyModel

DIGITS = 30
"""Lengths, biases and losses are known to so many digits, where they are not known exactly."""

TWO_LENGTHS_BELOW = sympy.Rational(293596307326782, 10**15)
"""For S below, the arrows of the best pair are not equally long: found by ``phase_map(2, 1)``."""
# A jump: pairs of either kind are minima on both sides, and lose the same here, so that no second
# derivative vanishes. That a pair of two lengths loses less just below is proved: the exact loss of
# one is below the certified loss of the best of one length (tests/test_show_best.py). That no pair
# of two lengths loses less above is what searches say.

_BETWEEN = ("7/16", "1/2")
_FEATURES = 3
_TRIANGLE, _PAIR = Composition(k_gons=(3,)), Composition(pairs=1, dedicated=1)


@dataclass(frozen=True, slots=True)
class BestOfShape:
    """One of the two shapes with its best length and bias.

    ``values`` are exact, or decimal fractions of 30 digits; ``values.total`` is the loss of all
    three features. ``model`` has them for entries, and ``costs`` holds what k = 0 … 3 active
    features add to its loss, P(k active)·E[loss | k active].
    """

    name: Literal["antipodal", "triangle"]
    optimum: RegularOptimum
    values: RegularValues
    model: ToyModel
    costs: Vector


@dataclass(frozen=True, slots=True)
class ThreeInTwo:
    """Both shapes at their best at one sparsity.

    ``probabilities`` are those of k = 0 … 3 active features.
    """

    sparsity: sympy.Expr
    best: BestOfShape
    other: BestOfShape
    probabilities: Vector

    @property
    def shapes(self) -> tuple[BestOfShape, BestOfShape]:
        """The pair and the triangle, in this order."""
        first, second = sorted((self.best, self.other), key=lambda shape: shape.name)
        return first, second

    @property
    def margin(self) -> sympy.Expr:
        """How much more the other shape loses."""
        return self.other.values.total - self.best.values.total

    @property
    def percent(self) -> float:
        """The same as a share of the best loss, in percent."""
        return 100 * float(self.margin / self.best.values.total)

    @property
    def is_beaten_by_two_lengths(self) -> bool:
        """Whether two arrows of different lengths are a better pair than ours."""
        return sign(self.sparsity - TWO_LENGTHS_BELOW) < 0


@dataclass(frozen=True, slots=True)
class Crossover:
    """Where both shapes at their best lose the same: S, and the loss, as decimal fractions."""

    sparsity: sympy.Rational
    loss: sympy.Rational


def three_in_two(sparsity: object) -> ThreeInTwo:
    """The antipodal pair and the triangle at their best, and which of them loses less.

    ``sparsity`` is that of all features, at least 0 and below 1. Errors: ``sparsity``, and those of
    a text or number that cannot be taken.

    Source: derived here. The question is Sorensen's 2024, "Toy Models of Superposition: Simplified
    by Hand".

    >>> dense, sparse = three_in_two("2/5"), three_in_two("1/2")
    >>> dense.best.name, sparse.best.name, round(sparse.percent, 2)
    ('triangle', 'antipodal', 1.7)
    """
    pair, triangle = best_regular(2, sparsity), best_regular(3, sparsity)
    S = pair.sparsity
    shapes = _shape("antipodal", pair), _shape("triangle", triangle)
    best, other = shapes if loses_less(_PAIR, _TRIANGLE, S) else shapes[::-1]
    probabilities = tuple(comb(_FEATURES, k) * weight for k, weight in enumerate(_weights(S)))
    return ThreeInTwo(S, best, other, probabilities)


def change_of_best(digits: int = DIGITS) -> Crossover:
    """The S below which the triangle is better, and above which the pair is, to so many digits.

    Source: derived here.

    >>> float(change_of_best(15).sparsity)
    0.478162340928575
    """
    found = crossing(_TRIANGLE, _PAIR, _BETWEEN).digits(digits)
    return Crossover(_fraction(found.sparsity), _fraction(found.loss))


def _shape(name: Literal["antipodal", "triangle"], optimum: RegularOptimum) -> BestOfShape:
    found = optimum.exact or optimum.digits(DIGITS)
    values = found.each(_fraction)
    length, b = values.length, values.bias
    if name == "antipodal":
        model = ToyModel([[1, 0], [0, length], [0, -length]], [0, b, b])
    else:
        side = length * sympy.sqrt(3) / 2
        model = ToyModel([[length, 0], [-length / 2, side], [-length / 2, -side]], [b, b, b])
    by_active = expected_loss(model, SparseUniform(optimum.sparsity)).by_active or ()
    weights = _weights(optimum.sparsity)
    costs = tuple(w * cost for w, cost in zip(weights, by_active, strict=True))
    return BestOfShape(name, optimum, values, model, costs)


def _weights(S: sympy.Expr) -> Vector:
    """(1 − S)^k S^(3 − k), the probability that k given features are the active ones."""
    return tuple((1 - S) ** k * S ** (_FEATURES - k) for k in range(_FEATURES + 1))


def _fraction(value: sympy.Expr) -> sympy.Expr:
    """The decimal fraction that a Float shows; any other number as it is."""
    return sympy.Rational(str(value)) if value.is_Float else value
