"""Do the rows of W stand as asked? Angles and lengths, decided exactly."""

from __future__ import annotations

from exercises.check_kinds import Angle, HasGeometry, Length
from exercises.checking.outcome import Decision, Feedback, Outcome
from handcalc.derivation import Claim, Number
from handcalc.number import equal
from handcalc.superposition.geometry import geometry
from handcalc.superposition.toy_model import Matrix, ToyModel, Vector

__all__ = ["has_geometry"]


def has_geometry(check: HasGeometry, model: ToyModel) -> Decision:
    """One outcome an angle and a length: cos = Gᵢⱼ/(‖Wᵢ‖‖Wⱼ‖), ‖Wᵢ‖ = √Gᵢᵢ.

    >>> import sympy
    >>> check = HasGeometry((Angle((1, 2), sympy.Integer(-1)),), (Length(1, sympy.Integer(1)),))
    >>> [outcome.passed for outcome in has_geometry(check, ToyModel("1 0; -2 0")).outcomes]
    [True, True]
    """
    found = geometry(model)
    outcomes = (
        *(_angle(angle, found.gram, found.norms) for angle in check.angles),
        *(_length(length, found.norms) for length in check.lengths),
    )
    wrong = next((outcome for outcome in outcomes if not outcome.passed), None)
    if wrong is None:
        return Decision(outcomes, Feedback(Claim("Every angle and every length is as asked.")))
    advice = Claim("Draw the arrows on paper: which one would you turn, or stretch?")
    return Decision(outcomes, Feedback(wrong.message, advice, wrong.id.partition("-")[0]))


def _angle(asked: Angle, gram: Matrix, norms: Vector) -> Outcome:
    i, j = asked.features
    name = f"angle-{i}-{j}"
    product = norms[i - 1] * norms[j - 1]
    if product == 0:
        zero = i if norms[i - 1] == 0 else j
        return Outcome(name, False, Claim(f"Row {zero} of W is zero, so it has no direction."))
    passed = equal(gram[i - 1][j - 1], asked.cosine * product)
    said = "as asked" if passed else "and should be {}"
    values = (Number(gram[i - 1][j - 1] / product), *(() if passed else (Number(asked.cosine),)))
    sentence = f"The cosine of the angle between features {i} and {j} is {{}}, {said}."
    return Outcome(name, passed, Claim(sentence, values))


def _length(asked: Length, norms: Vector) -> Outcome:
    i, length = asked.feature, norms[asked.feature - 1]
    passed = equal(length, asked.length)
    said = "as asked" if passed else "and should be {}"
    values = (Number(length), *(() if passed else (Number(asked.length),)))
    sentence = f"The arrow of feature {i} has length {{}}, {said}."
    return Outcome(f"length-{i}", passed, Claim(sentence, values))
