"""Is it the right claim, for the right reason?"""

from __future__ import annotations

from exercises.answers import Choice
from exercises.check_kinds import Chosen
from exercises.checking.outcome import Decision, Feedback, Outcome
from handcalc.derivation import Claim

__all__ = ["chosen"]


def chosen(check: Chosen, choice: Choice) -> Decision:
    """One outcome for the claim, and one for the reason where one is asked for.

    >>> found = chosen(Chosen("b", "2"), Choice("b", "1"))
    >>> found.score, found.feedback.diagnosis
    (Fraction(1, 2), 'wrong-reason')
    """
    claim, reason = choice.claim == check.claim, choice.reason == check.reason
    outcomes = [_outcome("claim", f"Claim {choice.claim}", claim)]
    if check.reason:
        outcomes.append(_outcome("reason", f"Reason {choice.reason}", reason))
    if claim and reason:
        said = "and reason" if check.reason else ""
        return Decision(tuple(outcomes), Feedback(Claim(f"The right claim {said}".strip() + ".")))
    happened = "The claim does not hold."
    advice = "Look for one input, or one sparsity, for which it fails."
    if claim:
        happened = "The claim holds, and not for this reason."
        advice = "Is the reason true at all? If it is, would the claim follow from it alone?"
    diagnosis = "wrong-reason" if claim else "wrong-claim"
    return Decision(tuple(outcomes), Feedback(Claim(happened), Claim(advice), diagnosis))


def _outcome(name: str, said: str, passed: bool) -> Outcome:
    return Outcome(name, passed, Claim(f"{said}: {'right' if passed else 'not so'}."))
