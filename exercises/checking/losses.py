"""Is the expected loss low enough? Decided on the exact loss."""

from __future__ import annotations

import sympy

from exercises.check_kinds import LossAtMost
from exercises.checking.outcome import Decision, Feedback, Outcome
from handcalc.derivation import Claim, Number
from handcalc.number import sign, to_float
from handcalc.superposition.expected_loss import ExpectedLoss, expected_loss
from handcalc.superposition.toy_model import ToyModel

__all__ = ["loss_at_most"]


def loss_at_most(check: LossAtMost, model: ToyModel) -> Decision:
    """Whether L ≤ bound, exactly; if not, which feature costs most.

    >>> from handcalc.superposition.distribution import SparseUniform
    >>> one, bound = sympy.Integer(1), sympy.Rational(1, 300)
    >>> check = LossAtMost(SparseUniform("9/10"), (one, one, one), bound)
    >>> loss_at_most(check, ToyModel("1 0; 0 1; 0 -1")).score
    Fraction(1, 1)
    >>> loss_at_most(check, ToyModel("1 0; 0 1; 0 0")).feedback.happened.sentence
    'The expected loss is {}, about {}; at most {} is asked for. Feature 3 costs most: {}.'
    """
    loss = expected_loss(model, check.distribution, check.importance)
    passed = sign(check.bound - loss.value) >= 0
    shown = (Number(loss.value), _about(loss.value), Number(check.bound))
    message = Claim("The expected loss is {}, about {}; at most {} is asked for.", shown)
    outcomes = (Outcome("loss", passed, message),)
    feedback = Feedback(message) if passed else _feedback(loss, message)
    return Decision(outcomes, feedback, loss=loss)


def _feedback(loss: ExpectedLoss, message: Claim) -> Feedback:
    costs = [to_float(value) for value in loss.per_feature]
    worst = max(range(len(costs)), key=costs.__getitem__)
    happened = Claim(
        f"{message.sentence} Feature {worst + 1} costs most: {{}}.",
        (*message.values, Number(loss.per_feature[worst])),
    )
    advice = Claim(
        f"handcalc loss shows where it comes from: does feature {worst + 1} lose most of itself, "
        "or to another feature?"
    )
    return Feedback(happened, advice, "loss-too-large")


def _about(value: sympy.Expr) -> Number:
    """The value to six digits, as a decimal fraction."""
    return Number(sympy.Float(to_float(value), 6))
