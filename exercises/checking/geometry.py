"""Do the rows of W stand as asked? Angles and lengths, decided exactly."""

from __future__ import annotations

from collections.abc import Sequence
from math import acos, degrees

import sympy

from exercises.checking.outcome import CheckOutcome, Decision, Feedback
from exercises.checks import Angle, HasGeometry, Length
from handcalc.derivation import Claim, Number
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import equal, to_float
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined


def has_geometry(check: HasGeometry, model: ToyModel) -> Decision:
    """One outcome an angle and a length: cos = Gᵢⱼ/(‖Wᵢ‖‖Wⱼ‖), ‖Wᵢ‖ = √Gᵢᵢ.

    >>> import sympy
    >>> check = HasGeometry((Angle((1, 2), sympy.Integer(-1)),), (Length(1, sympy.Integer(1)),))
    >>> [outcome.passed for outcome in has_geometry(check, ToyModel("1 0; -2 0")).outcomes]
    [True, True]
    """
    found = geometry(model)
    angles = [_angle(angle, found.gram, found.norms) for angle in check.angles]
    lengths = [_length(length, found.norms) for length in check.lengths]
    outcomes = (*angles, *lengths)
    wrong = next((outcome for outcome in outcomes if not outcome.passed), None)
    if wrong is None:
        return Decision(outcomes, Feedback(Claim("Every angle and every length is as asked.")))
    if wrong in angles:
        asked = check.angles[angles.index(wrong)].features
        ask = f"Draw the arrows on paper: {_drawn(asked, found.norms)}"
        return Decision(outcomes, Feedback(wrong.message, Claim(ask), "angle"))
    ask = "Which numbers in its row would make an arrow longer or shorter, and not turn it?"
    return Decision(outcomes, Feedback(wrong.message, Claim(ask), "length"))


def _drawn(features: Sequence[int], norms: Vector) -> str:
    """What to ask of arrows that do not stand as they should, where one may be missing."""
    if all(norms[i - 1] != 0 for i in features):
        return "which one would you turn, and how far?"
    if sum(norm == 0 for norm in norms) == 1:
        return "in which direction would the missing one have to point?"
    return "in which directions would the missing ones have to point?"


def _angle(asked: Angle, gram: Matrix, norms: Vector) -> CheckOutcome:
    i, j = asked.features
    name = f"angle-{i}-{j}"
    product = norms[i - 1] * norms[j - 1]
    if product == 0:
        zero = [k for k in (i, j) if norms[k - 1] == 0]
        rows, are = ("row", "is") if len(zero) == 1 else ("rows", "are")
        said = f"Arrows {i} and {j} stand at no angle: {rows} {joined(zero)} of W {are} zero."
        return CheckOutcome(name, False, Claim(said))
    have, want = _turn(gram[i - 1][j - 1] / product), _turn(asked.cosine)
    subject = f"Arrows {i} and {j} stand at {have.sentence}"
    if equal(gram[i - 1][j - 1], asked.cosine * product):
        return CheckOutcome(name, True, Claim(f"{subject}, as asked.", have.values))
    sentence = f"{subject}, and should stand at {want.sentence}."
    return CheckOutcome(name, False, Claim(sentence, (*have.values, *want.values)))


def _turn(cosine: sympy.Expr) -> Claim:
    """An angle in degrees, if it is a multiple of 3°; else by its cosine, and about how far."""
    angle = degrees(acos(min(1.0, max(-1.0, to_float(cosine)))))
    whole = 3 * round(angle / 3)
    if abs(angle - whole) < 1e-6 and equal(cosine, sympy.cos(sympy.pi * whole / 180)):
        return Claim(f"{whole}°")
    return Claim(f"an angle with cosine {{}}, about {angle:.4g}°", (Number(cosine),))


def _length(asked: Length, norms: Vector) -> CheckOutcome:
    i, length = asked.feature, norms[asked.feature - 1]
    passed = equal(length, asked.length)
    said = "as asked" if passed else "and should be {} long"
    values = (Number(length), *(() if passed else (Number(asked.length),)))
    return CheckOutcome(f"length-{i}", passed, Claim(f"Arrow {i} is {{}} long, {said}.", values))
