"""The sparsity at which one minimum overtakes another, to many digits, and a proof of the order.

Both minima are polished at one S after the other. At a minimum the loss changes along S as if W and
b stood still, so its slope is exact as well, and Newton's method on the difference of the two
losses doubles the digits at each step.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from handcalc.errors import EngineError
from handcalc.inputs.arguments import Vector
from handcalc.superposition.best.polish import Polished, polished
from handcalc.superposition.loss.expected_loss import LossSetting, squared_error
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases.brackets import Bracket
from handcalc.superposition.phases.sparsity_path import MinimumAt, SparsityPath, rounded

_SPARE = 10  # decimals of S beyond the digits that are asked for
_STEPS = 6


@dataclass(frozen=True, slots=True)
class MinimaCrossing:
    """Two minima with one loss, at a sparsity good to ``digits`` decimals.

    At ``sparsity`` less 10 to the power of −``digits`` the exact loss of ``left`` is the lower one,
    and at as much more the exact loss of ``right``.
    """

    sparsity: Fraction
    loss: Fraction
    left: Polished
    right: Polished
    digits: int


def minima_crossing(line: SparsityPath, bracket: Bracket, digits: int) -> MinimaCrossing:
    """The crossing of the two minima of a bracket, to ``digits`` decimals.

    Errors: ``EngineError`` where the losses do not change places there.
    """
    sparsity = bracket.left.sparsity
    for _ in range(_STEPS):
        left, right = (_polished(line, s, sparsity, digits) for s in (bracket.left, bracket.right))
        first, second = (_along(line, end, sparsity) for end in (left, right))
        if first[1] == second[1]:
            raise _no_crossing(sparsity)
        step = (first[0] - second[0]) / (first[1] - second[1])
        if abs(step) < Fraction(1, 10 ** (digits + 2)):
            break
        sparsity = rounded(sparsity - step, digits + _SPARE)
        if not 0 < sparsity < 1:
            raise _no_crossing(sparsity)
    found = MinimaCrossing(sparsity, first[0], left, right, digits)
    _check(line, bracket, found)
    return found


def active_losses(model: ToyModel, importance: Vector) -> list[Fraction]:
    """L_k, with L = Σ (1 − S)^k S^(n−k) L_k, of a model of fractions.

    >>> import sympy
    >>> one = sympy.Integer(1)
    >>> active_losses(ToyModel("1; -1"), (one, one))
    [Fraction(0, 1), Fraction(0, 1), Fraction(1, 3)]
    """
    setting = LossSetting.of(model, None, importance)
    total = [setting.draws.field.rational(0)] * setting.draws.length
    for i, weight in enumerate(setting.weights):
        each = squared_error(setting.draws, "relu", i, setting.bias[i], setting.gram[i])
        total = [sum_ + weight * loss for sum_, loss in zip(total, each, strict=True)]
    return [value.to_fraction() for value in total]


def loss_and_slope(losses: list[Fraction], sparsity: Fraction) -> tuple[Fraction, Fraction]:
    """Σ (1 − S)^k S^(n−k) L_k and its derivative in S, from the n + 1 numbers L_k.

    >>> loss_and_slope([Fraction(0), Fraction(0), Fraction(1, 3)], Fraction(1, 2))
    (Fraction(1, 12), Fraction(-1, 3))
    """
    n, p = len(losses) - 1, 1 - sparsity
    value = slope = Fraction(0)
    for k, loss in enumerate(losses):
        value += p**k * sparsity ** (n - k) * loss
        rising = (n - k) * p**k * sparsity ** (n - k - 1) if k < n else Fraction(0)
        falling = k * p ** (k - 1) * sparsity ** (n - k) if k else Fraction(0)
        slope += (rising - falling) * loss
    return value, slope


def _check(line: SparsityPath, bracket: Bracket, found: MinimaCrossing) -> None:
    """The exact losses just before and just after must be in opposite order."""
    for sign in (-1, 1):
        sparsity = found.sparsity + sign * Fraction(1, 10**found.digits)
        ends = (_polished(line, s, sparsity, found.digits) for s in (bracket.left, bracket.right))
        first, second = (_along(line, end, sparsity)[0] for end in ends)
        if (first < second) != (sign < 0):
            raise _no_crossing(sparsity)


def _no_crossing(sparsity: Fraction) -> EngineError:
    return EngineError("crossing", f"The losses do not cross near S = {float(sparsity)}.")


def _polished(line: SparsityPath, spot: MinimumAt, sparsity: Fraction, digits: int) -> Polished:
    return polished(spot.minimum.W, spot.minimum.b, line.at(sparsity), digits + _SPARE)


def _along(line: SparsityPath, end: Polished, sparsity: Fraction) -> tuple[Fraction, Fraction]:
    return loss_and_slope(active_losses(end.model, line.importance), sparsity)
