"""You could have written this by hand: the simplest exact W and b near to trained weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy
from numpy.typing import ArrayLike

from handcalc.errors import InputError
from handcalc.numbers.exact import join_text, sign, to_float, to_rational
from handcalc.superposition.model.families import Family, family
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief
from torchsim.comparison.forms import Floats, Form, forms, whole
from torchsim.comparison.named_shapes import MOST_NAMED, turned
from torchsim.comparison.rounding import ConfigurationLoss, Rounded, Slice, rounded
from torchsim.specification import ModelSpec

WITHIN = 0.01
_NOTHING = Fraction(1, 10**6)
SAME_PERCENT = 1e-6  # losses in floating point that differ by less are equal
_ROUNDING = 1e-9  # losses in floating point keep so far from what is allowed


@dataclass(frozen=True, slots=True)
class ByHand:
    """An exact model near to trained weights, its exact loss, its family, and a sentence.

    ``trained_loss`` is the expected loss of the trained weights; ``loss`` is at most what
    ``allowed_loss(trained_loss, within, …)`` says.
    """

    model: ToyModel
    loss: sympy.Expr
    family: Family
    trained_loss: float
    within: float
    sentence: str


def by_hand(W: ArrayLike, b: ArrayLike, model: ModelSpec, within: float = WITHIN) -> ByHand | None:
    """The simplest exact W and b that are near to trained ones and lose hardly more.

    ``W`` has shape (n, m), ``b`` length n, n ≤ 8 (None for more). Directions are those of the
    family that W has within 0.25 radians or less; where there is none that serves, the entries of W
    are rounded, turned so that a row lies on an axis. Lengths, biases and entries are fractions, at
    most 1/8 from the trained numbers (in a form that shares a number, from their mean).
    Simplest is what takes the fewest bits: Σ bits of p and q over the different |p/q|. The exact
    loss is at most the part ``within`` above that of the trained weights, or where they lose next
    to nothing, a millionth of the loss of dropping every feature. Arrows of features that are
    always on may be turned round, as in ``turned``.

    The search tries many numbers and not all; none simpler is claimed to exist. Turning W, or
    exchanging features with all that belongs to them, changes nothing in the result but the same.
    Errors: ``wrong_shape``, ``not_finite``, ``within`` outside 0 to 1.

    Source: derived here.

    >>> found = by_hand([[0.1, 0.96], [-0.1, -0.95]], [0.1, 0.1], ModelSpec.of(2, 2, "1/2"))
    >>> found is not None and found.loss <= 1.01 * found.trained_loss
    True
    """
    W, b = weights(W, b, model)
    if not 0 < within <= 1:
        raise InputError(
            "within",
            f"The loss may rise by a part above 0 and at most 1, not {brief(within)}.",
        )
    if model.features > MOST_NAMED:
        return None
    task = _Task.of(W, b, model, within)
    arrows = turned(W, b, model)
    W, b = np.asarray(arrows.W), np.asarray(arrows.b)
    for candidates in (forms(W, b), whole(W, b)):
        for found, form in sorted(
            task.rounded(candidates), key=lambda pair: (pair[0].simplicity, pair[0].loss)
        ):
            written = task.written(found, form)
            if written is not None:
                return written
    return None


def weights(W: ArrayLike, b: ArrayLike, model: ModelSpec) -> tuple[Floats, Floats]:
    """W (n, m) and b (n,) in float64, checked against the configuration.

    Errors: ``wrong_shape``, ``not_finite``.

    >>> weights([[1], [0]], [0, 0], ModelSpec.of(2, 1, "1/2"))[1]
    array([0., 0.])
    """
    rows, bias = np.asarray(W, dtype=np.float64), np.asarray(b, dtype=np.float64)
    n, m = model.features, model.hidden
    if rows.shape != (n, m) or bias.shape != (n,):
        raise InputError(
            "wrong_shape",
            f"W must have the shape ({n}, {m}) and b the shape ({n},), as the configuration says, "
            f"not {rows.shape} and {bias.shape}.",
        )
    if not (np.isfinite(rows).all() and np.isfinite(bias).all()):
        raise InputError(
            "not_finite", "Every number of W and b is finite; there is a nan or infinity."
        )
    return rows, bias


def in_digits(value: float, digits: int = 2) -> str:
    """So many digits of a number of per cent, and no power of ten where it is large.

    >>> in_digits(187.3), in_digits(0.123), in_digits(12_345.6, 1)
    ('190', '0.12', '10,000')
    """
    shown = f"{value:.{digits}g}"
    return f"{float(shown):,.0f}" if abs(float(shown)) >= 10 else shown


def allowed_loss(trained_loss: float, within: float, model: ModelSpec) -> Fraction:
    """(1 + within)·L of the trained weights; 10⁻⁶ of the loss of dropping all where that is more.

    >>> float(allowed_loss(0.5, 0.25, ModelSpec.of(2, 1, "1/2")))
    0.625
    """
    least = _NOTHING * Fraction(model.loss_of_dropping)
    return max(Fraction(trained_loss) * (1 + Fraction(within)), least)


@dataclass(frozen=True, slots=True)
class _Task:
    """The trained loss, and what is allowed."""

    objective: ConfigurationLoss
    trained_loss: float
    within: float
    allowed: Fraction

    @classmethod
    def of(cls, W: Floats, b: Floats, model: ModelSpec, within: float) -> _Task:
        """What is asked for of some weights."""
        objective = ConfigurationLoss(model)
        loss = max(0.0, float(objective.losses(W[None], b[None])[0]))
        return cls(objective, loss, within, allowed_loss(loss, within, model))

    def rounded(self, candidates: Iterator[Form]) -> Iterator[tuple[Rounded, Form]]:
        """The forms that can be rounded to a loss that is allowed."""
        for form in candidates:
            losses = Slice.of(form, self.objective)
            found = rounded(form.numbers, losses, float(self.allowed) * (1 - _ROUNDING))
            if found is not None:
                yield found, form

    def written(self, found: Rounded, form: Form) -> ByHand | None:
        """The exact model, if its exact loss is allowed too."""
        model = form.model(found.values, self.objective.model.exact_activation)
        loss = self.objective.exact(model)
        if sign(to_rational(self.allowed) - loss) < 0:
            return None
        named = family(model)
        rows = "; ".join(join_text(row) for row in model.W)
        what = f'W = "{rows}", b = "{join_text(model.b)}"'
        sentence = (
            f"You could have written this by hand as {what}. {named.sentence} "
            f"Its exact loss is {_compared(to_float(loss), self)}."
        )
        return ByHand(model, loss, named, self.trained_loss, self.within, sentence)


def _compared(loss: float, task: _Task) -> str:
    """The loss beside that of the trained weights, and what was allowed."""
    trained = task.trained_loss
    if loss == 0:
        return "0: it loses nothing"
    if task.allowed > Fraction(trained) * (1 + Fraction(task.within)):
        return f"{loss:.6g}, and that of the trained weights {trained:.3g}, next to nothing"
    percent = 100 * (loss - trained) / trained
    side = "above" if percent >= 0 else "below"
    beside = "that of the trained weights"
    if abs(percent) >= SAME_PERCENT:
        beside = f"{in_digits(abs(percent))} % {side} {beside}"
    return f"{loss:.6g}, {beside}; up to {100 * task.within:g} % above was allowed"
