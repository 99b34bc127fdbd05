"""The loss near some numbers, to second order: where its minimum is, and simple numbers near it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np

from torchsim.by_hand.forms import Form
from torchsim.by_hand.objective import Floats, Objective

__all__ = ["Bowl", "Slice"]

_STEP = 2.0**-10  # between the slopes that second derivatives are differences of
_FLAT = 1e-3  # the part of the largest curvature that each direction has at least


@dataclass(frozen=True, slots=True)
class Slice:
    """The loss of a form as a function of its numbers θ; ``W`` and ``b`` are ∂W/∂θ and ∂b/∂θ."""

    objective: Objective
    W: Floats
    b: Floats

    @classmethod
    def of(cls, form: Form, objective: Objective) -> Slice:
        """The loss of ``form``."""
        return cls(objective, *form.arrays())

    def losses(self, values: Floats) -> Floats:
        """L (k,) for θ of shape (k, numbers)."""
        return self.objective.losses(np.tensordot(values, self.W, 1), values @ self.b)

    def slopes(self, values: Floats) -> Floats:
        """∂L/∂θ of shape (k, numbers)."""
        W, b = np.tensordot(values, self.W, 1), values @ self.b
        _, by_W, by_b = self.objective.losses_and_slopes(W, b)
        return np.asarray(np.tensordot(by_W, self.W, ((1, 2), (1, 2))) + by_b @ self.b.T)


@dataclass(frozen=True, slots=True)
class Bowl:
    """L ≈ g·d + dᵀHd/2, beside a constant, with d = θ − ``centre``; g, H are ``slope``, ``bend``.

    ``inverse`` is that of H with its curvatures raised to a small positive one at least, so that
    numbers on which the loss does not depend stay where they are.
    """

    centre: Floats
    slope: Floats
    bend: Floats
    inverse: Floats

    @classmethod
    def at(cls, centre: Floats, losses: Slice) -> Bowl:
        """The second order of the loss at some numbers, by differences of exact slopes."""
        steps = np.eye(len(centre)) * _STEP
        slopes = losses.slopes(np.concatenate([centre[None], centre + steps, centre - steps]))
        up, down = np.split(slopes[1:], 2)
        bend = (up - down) / (2 * _STEP)
        bend = (bend + bend.T) / 2
        curvatures, axes = np.linalg.eigh(bend)
        most = np.abs(curvatures).max() or 1.0
        inverse = axes / np.maximum(curvatures, _FLAT * most) @ axes.T
        return cls(centre, slopes[0], bend, inverse)

    def lower(self, most: float) -> Floats:
        """θ at the bottom of the bowl, or on the way there, with no number moved by over ``most``.

        >>> one = np.ones(1)
        >>> Bowl(one, one, np.eye(1), np.eye(1)).lower(0.25)
        array([0.75])
        """
        step = -self.inverse @ self.slope
        return np.asarray(self.centre + step * min(1, most / (np.abs(step).max() or 1)))

    def heights(self, values: Floats) -> Floats:
        """g·d + dᵀHd/2 of shape (k,) for θ of shape (k, numbers).

        >>> one = np.ones(1)
        >>> Bowl(one, one, np.eye(1), np.eye(1)).heights(np.asarray([[3.0]]))
        array([4.])
        """
        d = values - self.centre
        return np.asarray(d @ self.slope + np.einsum("ki,ij,kj->k", d, self.bend, d) / 2)

    def rounded(
        self, level: int, fixed: Mapping[int, Fraction] = MappingProxyType({})
    ) -> tuple[Fraction, ...]:
        """Fractions with denominators up to ``level`` near the centre, one number after another.

        The number whose rounding costs most comes next, and all that are left make up for it
        before they are rounded (Babai's nearest plane, with the order chosen on the way). Those
        that are ``fixed`` come before all others.

        >>> flat = Bowl(np.asarray([0.9, 0.3]), np.zeros(2), np.eye(2), np.eye(2))
        >>> [str(value) for value in flat.rounded(4)], [str(v) for v in flat.rounded(1)]
        (['1', '1/3'], ['1', '0'])
        """
        theta, inverse = self.centre, self.inverse
        found: dict[int, Fraction] = {}
        while len(found) < len(theta):
            left = [i for i in range(len(theta)) if i not in found]
            nearest = {i: value for i, value in fixed.items() if i in left} or {
                i: Fraction(float(theta[i])).limit_denominator(level) for i in left
            }
            costs = {i: (float(v) - theta[i]) ** 2 / inverse[i, i] for i, v in nearest.items()}
            i = max(costs, key=costs.__getitem__)
            found[i] = nearest[i]
            column = inverse[:, i] / inverse[i, i]
            theta = theta + column * (float(found[i]) - theta[i])
            inverse = inverse - np.outer(column, inverse[i])
        return tuple(found[i] for i in range(len(theta)))
