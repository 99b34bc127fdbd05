"""Is it the same model, turned? Decided by the exact Gram matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import sympy

from exercises.checking.outcome import CheckOutcome, Decision, Feedback
from exercises.checks import SameModel
from exercises.sentences import vector
from handcalc.derivation import Claim, Name, Number
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.same_model import Sameness, same_model
from handcalc.superposition.model.toy_model import ToyModel


def same_turned(check: SameModel, model: ToyModel) -> Decision:
    """Whether W is the given W, rotated or reflected, with the same b, and has the rows asked for.

    >>> check = SameModel(ToyModel("1 0; 0 1; 0 -1"), ((1, (0, 1)),))
    >>> same_turned(check, ToyModel("0 1; -1 0; 1 0")).score
    Fraction(1, 1)
    """
    found = same_model(check.model, model)
    same = bool(found) and found.permutation == tuple(range(1, model.n + 1))
    rows = [_row(feature, row, model.W[feature - 1]) for feature, row in check.rows]
    wrong = next((outcome for outcome in rows if not outcome.passed), None)
    kept = [i for (i, _), row in zip(check.rows, rows, strict=True) if row.passed]
    changed = None if same else _changed(check.model, model, found, kept)
    first = CheckOutcome("same", same, changed.happened if changed else Claim(found.sentence))
    if changed is None and wrong is not None:
        ask = "Turn all arrows together: where does each go when this one goes there?"
        changed = Feedback(wrong.message, Claim(ask), "row")
    return Decision((first, *rows), changed or Feedback(Claim(found.sentence)))


def _row(feature: int, asked: Vector, row: Vector) -> CheckOutcome:
    passed = all(equal(a, b) for a, b in zip(asked, row, strict=True))
    have, want = vector(row), vector(asked)
    said = "as asked" if passed else f"and should be {want.sentence}"
    values = (*have.values, *(() if passed else want.values))
    return CheckOutcome(
        f"row-{feature}", passed, Claim(f"Row {feature} is {have.sentence}, {said}.", values)
    )


def _changed(given: ToyModel, model: ToyModel, found: Sameness, kept: Sequence[int]) -> Feedback:
    """The first thing that is not as it was: the features' order, a length, an angle, a bias.

    Features ``kept``, whose rows are as asked, have not changed places with others.
    """
    if found and all(found.permutation[i - 1] == i for i in kept):
        how = found.sentence.removeprefix("The same model: ")
        happened = f"The model is the same up to the order of its features: {how}"
        ask = "Feature i keeps row i of W and entry i of b: which of them changed places?"
        return Feedback(Claim(happened), Claim(ask), "swapped")
    return next(_differences(given, model))


def _differences(given: ToyModel, model: ToyModel) -> Iterator[Feedback]:
    before, now = geometry(given), geometry(model)
    for i, (want, have) in enumerate(zip(before.norms, now.norms, strict=True), 1):
        if not equal(want, have):
            ask = "Does an arrow get longer or shorter when all of them turn together?"
            yield _difference(f"Arrow {i} is {{}} long, and was {{}}.", have, want, ask, "length")
    for i, j in combinations(range(given.n), 2):
        want, have = before.gram[i][j], now.gram[i][j]
        if not equal(want, have):
            said = f"The angle between arrows {i + 1} and {j + 1} changed: row {i + 1} times row "
            said += f"{j + 1} is {{}}, and was {{}}."
            ask = "If both arrows turn by the same angle, does the angle between them change?"
            yield _difference(said, have, want, ask, "angle")
    for i, (want, have) in enumerate(zip(given.b, model.b, strict=True), 1):
        if not equal(want, have):
            b = Name("b", (i,))
            happened = Claim("{} is {}, and was {}.", (b, Number(have), Number(want)))
            advice = Claim("{} is added after W: does turning the arrows touch it?", (b,))
            yield Feedback(happened, advice, "bias")


def _difference(said: str, have: sympy.Expr, want: sympy.Expr, ask: str, name: str) -> Feedback:
    return Feedback(Claim(said, (Number(have), Number(want))), Claim(ask), name)
