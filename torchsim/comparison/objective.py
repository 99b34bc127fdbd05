"""The loss of one configuration: for many weights at once in floating point, or exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import sympy

from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.numeric import expected_losses, expected_losses_and_gradients
from torchsim.specification import ModelSpec

Floats = np.ndarray


@dataclass(frozen=True, slots=True)
class ConfigurationLoss:
    """L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²] under the inputs, importances and activation of ``model``."""

    model: ModelSpec

    def losses(self, W: Floats, b: Floats) -> Floats:
        """L (models,) for ``W`` (models, n, m) and ``b`` (models, n).

        >>> antipodal = np.asarray([[[1.0], [-1.0]]])
        >>> loss = ConfigurationLoss(ModelSpec.of(2, 1, "1/2"))
        >>> loss.losses(antipodal, np.zeros((1, 2))).round(12)
        array([0.08333333])
        """
        model = self.model
        found = expected_losses(
            W, b, model.distribution, importance=self._importance, activation=model.activation
        )
        return np.asarray(found)

    def losses_and_slopes(self, W: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
        """L (models,), ∂L/∂W (models, n, m) and ∂L/∂b (models, n)."""
        model = self.model
        L, by_W, by_b = expected_losses_and_gradients(
            W, b, model.distribution, importance=self._importance, activation=model.activation
        )
        return np.asarray(L), np.asarray(by_W), np.asarray(by_b)

    def exact(self, model: ToyModel) -> sympy.Expr:
        """The exact loss of a model.

        >>> ConfigurationLoss(ModelSpec.of(2, 1, "1/2")).exact(ToyModel("1; -1"))
        1/12
        """
        return expected_loss(model, self.model.distribution, self.model.importance).value

    @property
    def _importance(self) -> Floats:
        return np.asarray([to_float(weight) for weight in self.model.importance])
