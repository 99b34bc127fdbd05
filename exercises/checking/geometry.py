"""Do the rows of W stand as asked, or as in another model, turned? Decided exactly on G = W Wᵀ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import acos, degrees

import sympy

from exercises.checking.outcome import CheckOutcome, Decision, Feedback, vector
from exercises.checks import Angle, HasGeometry, Length, SameModel
from handcalc.derivation import Claim, Name, Number
from handcalc.inputs.arguments import Matrix, Vector
from handcalc.numbers.exact import equal, sign, to_float, to_text
from handcalc.superposition.model.geometry import Geometry, geometry
from handcalc.superposition.model.same_model import same_model
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined

_LONG = 12  # characters of a cosine that tells nobody anything


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
        features = check.angles[angles.index(wrong)].features
        ask = "which one would you turn, and how far?"
        if any(found.norms[i - 1] == 0 for i in features):  # then there is no arrow to turn
            ask = "in which directions would the missing ones have to point?"
            if sum(norm == 0 for norm in found.norms) == 1:
                ask = "in which direction would the missing one have to point?"
        ask = f"Draw the arrows on paper: {ask}"
        return Decision(outcomes, Feedback(_off(features, found), Claim(ask), "angle"))
    ask = "Which numbers in its row would make an arrow longer or shorter, but not turn it?"
    length = check.lengths[lengths.index(wrong)]
    size = "long" if sign(found.norms[length.feature - 1] - length.length) > 0 else "short"
    happened = Claim(f"Arrow {length.feature} is too {size}.")
    return Decision(outcomes, Feedback(happened, Claim(ask), "length"))


def _off(features: Sequence[int], found: Geometry) -> Claim:
    """How two arrows stand that do not stand as asked, or which of them is missing."""
    i, j = features
    missing = [k for k in features if found.norms[k - 1] == 0]
    if missing:
        rows = (
            f"rows {joined(missing)} of W are" if len(missing) > 1 else f"row {missing[0]} of W is"
        )
        return Claim(f"Where {rows} zero, there is no arrow that could stand at an angle.")
    have = _turn(found.gram[i - 1][j - 1] / (found.norms[i - 1] * found.norms[j - 1]))
    said = f"The angle between arrows {i} and {j} is not right: {have.sentence}."
    return Claim(said, have.values)


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
    sentence = f"{subject}, but {want.sentence} is asked for."
    return CheckOutcome(name, False, Claim(sentence, (*have.values, *want.values)))


def _turn(cosine: sympy.Expr) -> Claim:
    """An angle in degrees, if it is a multiple of 3°; else about, and by its cosine if need be.

    The cosine is said where it is short, and where the degrees alone would look exact.
    """
    angle = degrees(acos(min(1.0, max(-1.0, to_float(cosine)))))
    whole = 3 * round(angle / 3)
    if abs(angle - whole) < 1e-6 and equal(cosine, sympy.cos(sympy.pi * whole / 180)):
        return Claim(f"{whole}°")
    if abs(angle - round(angle)) >= 1e-6 and len(to_text(cosine)) > _LONG:
        return Claim(f"about {angle:.7g}°")
    return Claim(f"an angle with cosine {{}}, about {angle:.4g}°", (Number(cosine),))


def _length(asked: Length, norms: Vector) -> CheckOutcome:
    i, length = asked.feature, norms[asked.feature - 1]
    passed = equal(length, asked.length)
    said = "as asked" if passed else "but {} is asked for"
    values = (Number(length), *(() if passed else (Number(asked.length),)))
    return CheckOutcome(f"length-{i}", passed, Claim(f"Arrow {i} is {{}} long, {said}.", values))


# --------------------------------------------------------------------------------------------------
# Is it the same model, turned?


def same_turned(check: SameModel, model: ToyModel) -> Decision:
    """Whether W is the given W, rotated or reflected, with the same b, and has the rows asked for.

    >>> check = SameModel(ToyModel("1 0; 0 1; 0 -1"), ((1, (0, 1)),))
    >>> same_turned(check, ToyModel("0 1; -1 0; 1 0")).score
    Fraction(1, 1)
    """
    found = same_model(check.model, model)
    rows = [_row(feature, row, model.W[feature - 1]) for feature, row in check.rows]
    kept = [i for (i, _), row in zip(check.rows, rows, strict=True) if row.passed]
    if found and found.permutation == tuple(range(1, model.n + 1)):
        feedback = Feedback(Claim(found.sentence))
        outcomes = (CheckOutcome("same", True, feedback.happened), *rows)
        wrong = next((outcome for outcome in rows if not outcome.passed), None)
        if wrong is not None:
            ask = "Turn all arrows together: where does each go when this one goes there?"
            feedback = Feedback(wrong.message, Claim(ask), "row")
        return Decision(outcomes, feedback)
    # a feature whose row is as asked has not changed places with another one
    if found and all(found.permutation[i - 1] == i for i in kept):
        how = found.sentence.removeprefix("The same model: ")
        happened = f"The model is the same up to the order of its features: {how}"
        ask = "Feature i keeps row i of W and entry i of b: which of them changed places?"
        feedback = Feedback(Claim(happened), Claim(ask), "swapped")
    else:
        feedback = next(_differences(check.model, model))
    outcome = CheckOutcome("same", False, Claim("This is not the given model, turned."))
    return Decision((outcome, *rows), feedback)


def _row(feature: int, asked: Vector, row: Vector) -> CheckOutcome:
    passed = all(equal(a, b) for a, b in zip(asked, row, strict=True))
    have, want = vector(row), vector(asked)
    said = "as asked" if passed else f"but {want.sentence} is asked for"
    values = (*have.values, *(() if passed else want.values))
    return CheckOutcome(
        f"row-{feature}", passed, Claim(f"Row {feature} is {have.sentence}, {said}.", values)
    )


def _differences(given: ToyModel, model: ToyModel) -> Iterator[Feedback]:
    """What is not as it was: lengths first, then angles, then biases."""
    before, now = geometry(given), geometry(model)
    for i, (want, have) in enumerate(zip(before.norms, now.norms, strict=True), 1):
        if not equal(want, have):
            ask = "Does an arrow get longer or shorter when all of them turn together?"
            yield _difference(
                f"Arrow {i} is {{}} long, but was {{}} before.", have, want, ask, "length"
            )
    for i, j in combinations(range(given.n), 2):
        want, have = before.gram[i][j], now.gram[i][j]
        if not equal(want, have):
            said = f"The angle between arrows {i + 1} and {j + 1} changed: row {i + 1} times row "
            said += f"{j + 1} is {{}}, but was {{}} before."
            ask = "If both arrows turn by the same angle, does the angle between them change?"
            yield _difference(said, have, want, ask, "angle")
    for i, (want, have) in enumerate(zip(given.b, model.b, strict=True), 1):
        if not equal(want, have):
            b = Name("b", (i,))
            happened = Claim("{} is {}, but was {} before.", (b, Number(have), Number(want)))
            advice = Claim("{} is added after W: does turning the arrows touch it?", (b,))
            yield Feedback(happened, advice, "bias")


def _difference(said: str, have: sympy.Expr, want: sympy.Expr, ask: str, name: str) -> Feedback:
    return Feedback(Claim(said, (Number(have), Number(want))), Claim(ask), name)
