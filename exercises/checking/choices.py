"""Is it the right claim, for the right reason?"""

from __future__ import annotations

from exercises.answers import Choice
from exercises.check_kinds import Chosen
from exercises.checking.outcome import Decision, Feedback, Outcome
from handcalc.derivation import Claim

__all__ = ["chosen"]


def chosen(check: Chosen, choice: Choice) -> Decision:
    """One outcome for the claim, and one for the reason where one is asked for.

    Of a reason nothing is said before the claim holds: it is a reason for that.

    >>> found = chosen(Chosen("b", "2"), Choice("b", "1"))
    >>> found.score, found.feedback.diagnosis
    (Fraction(1, 2), 'wrong-reason')
    """
    claim, reason = choice.claim == check.claim, choice.reason == check.reason
    said = f"Claim {choice.claim} {'holds' if claim else 'does not hold'}."
    outcomes = [Outcome("claim", claim, Claim(said))]
    if check.reason:
        said = f"Reason {choice.reason} is {'' if reason else 'not '}the right one."
        unchecked = Outcome("reason", None, Claim("The reason was not looked at."))
        outcomes.append(Outcome("reason", reason, Claim(said)) if claim else unchecked)
    return Decision(tuple(outcomes), _feedback(claim, reason, bool(check.reason)))


def _feedback(claim: bool, reason: bool, has_reasons: bool) -> Feedback:
    if claim and reason:
        said = "The claim and the reason are right." if has_reasons else "The claim is right."
        return Feedback(Claim(said))
    if claim:
        ask = "Is the reason true at all? If it is, would the claim follow from it alone?"
        return Feedback(
            Claim("The claim holds, and not for this reason."), Claim(ask), "wrong-reason"
        )
    return Feedback(Claim("The claim does not hold."), None, "wrong-claim")
