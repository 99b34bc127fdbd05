"""Is it the same model, turned? Decided by the exact Gram matrices."""

from __future__ import annotations

from exercises.check_kinds import SameModel
from exercises.checking.outcome import Decision, Feedback, Outcome
from exercises.wording import vector
from handcalc.derivation import Claim
from handcalc.number import equal
from handcalc.superposition.symmetry import same_model
from handcalc.superposition.toy_model import ToyModel, Vector

__all__ = ["same_turned"]


def same_turned(check: SameModel, model: ToyModel) -> Decision:
    """Whether W is the given W, rotated or reflected, with the same b, and has the rows asked for.

    >>> check = SameModel(ToyModel("1 0; 0 1; 0 -1"), ((1, (0, 1)),))
    >>> same_turned(check, ToyModel("0 1; -1 0; 1 0")).score
    Fraction(1, 1)
    """
    found = same_model(check.model, model)
    same = bool(found) and found.permutation == tuple(range(1, model.n + 1))
    outcomes = [Outcome("same", same, Claim(found.sentence))]
    outcomes += [_row(feature, row, model.W[feature - 1]) for feature, row in check.rows]
    wrong = next((outcome for outcome in outcomes if not outcome.passed), None)
    if wrong is None:
        return Decision(tuple(outcomes), Feedback(Claim(found.sentence)))
    advice = Claim("What a model does depends on lengths and angles alone: which of them changed?")
    if wrong.id != "same":
        advice = Claim("Turn all arrows together: where does each go when this one goes there?")
    return Decision(tuple(outcomes), Feedback(wrong.message, advice, wrong.id.partition("-")[0]))


def _row(feature: int, asked: Vector, row: Vector) -> Outcome:
    passed = all(equal(a, b) for a, b in zip(asked, row, strict=True))
    have, want = vector(row), vector(asked)
    said = "as asked" if passed else f"and should be {want.sentence}"
    values = (*have.values, *(() if passed else want.values))
    return Outcome(
        f"row-{feature}", passed, Claim(f"Row {feature} is {have.sentence}, {said}.", values)
    )
