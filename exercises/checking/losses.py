"""Is the expected loss low enough? Decided on the exact loss."""

from __future__ import annotations

import sympy

from exercises.checking.outcome import CheckOutcome, Decision, Feedback
from exercises.checks import LossAtMost
from handcalc.derivation import Claim, Number
from handcalc.numbers.exact import equal, sign, to_float, to_text
from handcalc.superposition.loss.expected_loss import ExpectedLoss, expected_loss
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.rounding import reads_at_a_glance
from handcalc.wording import joined

_SHORT = 14
"""How many characters an exact number may have to be written out in a sentence."""


def loss_at_most(check: LossAtMost, model: ToyModel) -> Decision:
    """Whether L ≤ bound, exactly; if not, which feature costs most, and through what.

    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> from handcalc.views.notation import ASCII
    >>> one, bound = sympy.Integer(1), sympy.Rational(1, 300)
    >>> check = LossAtMost(SparseUniform("9/10"), (one, one, one), bound)
    >>> loss_at_most(check, ToyModel("1 0; 0 1; 0 -1")).score
    Fraction(1, 1)
    >>> found = loss_at_most(check, ToyModel("1 0; 0 1; 0 0"))
    >>> ASCII.claim(found.outcomes[0].message)
    'The expected loss is 1/30, about 0.0333333; at most 1/300, about 0.00333333 is asked for.'
    >>> found.feedback.diagnosis
    'dropped'
    """
    loss = expected_loss(model, check.distribution, check.importance)
    if check.each:
        return _each_at_most(check, loss)
    passed = sign(check.bound - loss.value) >= 0
    have, want = _amount(loss.value), _amount(check.bound)
    above = _above(check.best, loss.value) if check.best else ""
    lost = f"The expected loss is {have.sentence}{above and f', {above}'}"
    message = Claim(f"{lost}; at most {want.sentence} is asked for.", (*have.values, *want.values))
    outcomes = (CheckOutcome("loss", passed, message),)
    if not passed:
        return Decision(outcomes, _costliest(loss), loss=loss)
    low = f"The expected loss is {have.sentence}, which is low enough{above and f': {above}'}."
    return Decision(outcomes, Feedback(Claim(low, have.values)), loss=loss)


def _each_at_most(check: LossAtMost, loss: ExpectedLoss) -> Decision:
    """Whether what each feature loses by itself is at most the bound: one outcome a feature."""
    want = _amount(check.bound)
    outcomes = []
    for i, cost in enumerate(loss.per_feature, 1):
        have, passed = _amount(cost), sign(check.bound - cost) >= 0
        said = Claim(f"Feature {i} loses {have.sentence}.", have.values)
        if not passed:
            sentence = f"Feature {i} loses {have.sentence}; at most {want.sentence} is asked for."
            said = Claim(sentence, (*have.values, *want.values))
        outcomes.append(CheckOutcome(f"loss-{i}", passed, said))
    if not all(outcome.passed for outcome in outcomes):
        return Decision(tuple(outcomes), _costliest(loss), loss=loss)
    lost = _amount(loss.value)
    low = f"No feature loses more than is asked for; in all it is {lost.sentence}."
    return Decision(tuple(outcomes), Feedback(Claim(low, lost.values)), loss=loss)


def _above(best: sympy.Expr, loss: sympy.Expr) -> str:
    """How far a loss is above the best known; what is beyond the digits of that counts as equal."""
    share = 100 * to_float(loss / best - 1)
    if abs(share) < 1e-9:
        return "the best known"
    if share < 0:
        return "below the best that was known"
    if share < 0.01:
        return "less than 0.01 per cent above the best known"
    if share >= 100:
        return f"{_figures(1 + share / 100)} times the best known"
    return f"{_figures(share)} per cent above the best known"


def _figures(value: float) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


def _costliest(loss: ExpectedLoss) -> Feedback:
    """The feature that costs most, or the first of them, and where it loses most of that."""
    costs = [to_float(value) for value in loss.per_feature]
    worst = max(range(len(costs)), key=costs.__getitem__)
    total, i = costs[worst], worst + 1
    tied = [
        j for j, value in enumerate(loss.per_feature, 1) if equal(value, loss.per_feature[worst])
    ]
    happened = f"Feature {i} costs most, about {total:.6g}."
    if len(tied) > 1:
        every = len(tied) == len(costs)
        who = "All features cost the same" if every else f"Features {joined(tied)} cost most"
        happened = f"{who}, about {total:.6g} each. Look at feature {i}."
    if not any(map(sign, loss.model.W[worst])):
        said = f"{happened} It has no arrow, so its output is the same whatever it is."
        ask = f"What would an arrow for feature {i} cost the others, and what would it save?"
        return Feedback(Claim(said), Claim(ask), "dropped")
    said, ask, name = _where(loss, worst)
    return Feedback(Claim(f"{happened} {said}"), Claim(ask), name)


def _where(loss: ExpectedLoss, worst: int) -> tuple[str, str, str]:
    """What a feature (from 0) loses most through, what to ask about it, the mistake's name."""
    # costs[i][i] is what feature i loses with all others off, costs[i][j] what j adds when only it
    # is let in. Half the loss makes a part the main one, and a quarter makes one of many stand out.
    total = to_float(loss.per_feature[worst])
    costs = [to_float(cost) for cost in loss.costs[worst]]
    itself, costs[worst], i = costs[worst], -1.0, worst + 1
    source = max(range(len(costs)), key=costs.__getitem__)
    if itself >= total / 2:
        share = "all" if itself >= total * (1 - 1e-12) else "most"
        said = f"It loses {share} of that by itself, even with every other feature off."
        ask = f"If feature {i} alone is on, what comes back of it? What would have to change in "
        return said, f"{ask}its arrow, or in its bias?", "loses-itself"
    if costs[source] >= total / 4:
        j = source + 1
        ask = f"At which angle do arrows {i} and {j} stand, and does ReLU silence what they say?"
        return f"Much of that comes from feature {j}.", ask, "loses-to-another"
    ask = f"How many others disturb feature {i}, and how many would be enough?"
    return "The others cost it most of that, no one of them alone.", ask, "loses-to-several"


def _amount(value: sympy.Expr) -> Claim:
    """An exact number where it is short, and about how much it is where that says more."""
    about = f"about {to_float(value):.6g}"
    if len(to_text(value)) > _SHORT:
        return Claim(about)
    if value.is_Integer or not reads_at_a_glance(value):  # such a one is shown as a decimal
        return Claim("{}", (Number(value),))
    return Claim(f"{{}}, {about}", (Number(value),))
