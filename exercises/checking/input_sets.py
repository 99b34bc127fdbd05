"""Does a model give every input of a set back? Decided on finitely many inputs, exactly.

On the convex hull of some corners, x̂ᵢ − xᵢ is the larger one of −xᵢ and zᵢ − xᵢ, which are both
affine: a convex function. Between two corners at which it is 0, it is 0 all along or negative all
along, so the point halfway decides. And if it is 0 on the segments between corners, it is 0 on the
hull: zᵢ = 0 cuts the hull into two parts on which it is affine, whose vertices are corners, or lie
on such segments. So the corners and the points halfway between two of them decide.
"""

from __future__ import annotations

from itertools import combinations

import sympy

from exercises.checking.outcome import CheckOutcome, Decision, Feedback, Witness, vector
from exercises.checks import ReconstructsInput, ReconstructsSet
from exercises.input_pieces import Hull
from handcalc.derivation import Claim, Name, Number
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import exact, sign
from handcalc.parsing import parse_input
from handcalc.superposition.model.forward_pass import Forward, forward
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined

_HALF = sympy.Rational(1, 2)


def reconstructs_set(check: ReconstructsSet, model: ToyModel) -> Decision:
    """One outcome a piece: passed exactly if x̂ᵢ = xᵢ for all its inputs and all features asked.

    The witness of a piece that fails is the simplest of the inputs that decide. No input of a face
    of the box is simpler: fewer features on, or as many and fewer figures to write.

    >>> from exercises.checks import check_of
    >>> from exercises.exercise import ModelAnswer
    >>> from exercises.tables import FileTable
    >>> table = FileTable("", {"kind": "reconstructs-set", "sparse": 1})
    >>> check = check_of(table, ModelAnswer(3, 2, "relu"))
    >>> reconstructs_set(check, ToyModel("1 0; 0 1; 0 -1")).score
    Fraction(1, 1)
    >>> found = reconstructs_set(check, ToyModel("1 0; 0 1; 0 1"))
    >>> [outcome.passed for outcome in found.outcomes], found.work.x
    ([True, False, False], (0, 1, 0))
    """
    pairs = [(piece, _find_failure(piece, model)) for piece in check.pieces]
    outcomes = tuple(_outcome(i, piece, work) for i, (piece, work) in enumerate(pairs, 1))
    failing = [(piece, work) for piece, work in pairs if work]
    if not failing:
        return Decision(outcomes, Feedback(Claim("Every input of the set comes back as it is.")))
    piece, work = min(failing, key=lambda each: simplicity(each[1].x))
    x, back = vector(work.x), vector(work.output)
    happened = Claim(
        f"The simplest input that fails is x = {x.sentence}: it comes back as {back.sentence}.",
        (*x.values, *back.values),
    )
    advice = Claim("Work this one input through by hand: which output goes wrong, and why?")
    return Decision(outcomes, Feedback(happened, advice), work, asked=piece.features)


def simplicity(x: Vector) -> tuple[int, int, tuple[int, ...], tuple[str, ...]]:
    """What inputs are ordered by: features on, figures to write, first features first.

    >>> half, one, zero = _HALF, sympy.Integer(1), sympy.Integer(0)
    >>> inputs = [(one, half, zero), (one, one, zero), (zero, half, zero), (half, zero, zero)]
    >>> sorted(inputs, key=simplicity)
    [(1/2, 0, 0), (0, 1/2, 0), (1, 1, 0), (1, 1/2, 0)]
    """
    texts = tuple(str(value) for value in x)
    on = tuple(i for i, value in enumerate(x) if value != 0)
    return len(on), sum(map(len, texts)), on, texts


def _outcome(number: int, piece: Hull, failing: Forward | None) -> CheckOutcome:
    name, inputs = f"piece-{number}", _describe(piece)
    said, right = inputs.sentence, "every one comes back as it is"
    wrong = "does not come back as it is"
    if len(piece.features) < len(piece.corners[0]):
        outputs = f"Output{'s' if len(piece.features) > 1 else ''} {joined(piece.features)}"
        said, right, wrong = f"{outputs} of i{said[1:]}", "right for every one", "is one that fails"
    if failing is None:
        return CheckOutcome(name, True, Claim(f"{said}: {right}.", inputs.values))
    x = vector(failing.x)
    said = f"{said}: x = {x.sentence} {wrong}."
    return CheckOutcome(name, False, Claim(said, (*inputs.values, *x.values)), Witness.of(failing))


def _describe(piece: Hull) -> Claim:
    """The inputs of a piece in words: by their form, or by the corners of their hull."""
    if ";" not in piece.text:
        cells = parse_input(piece.text, len(piece.corners[0]))
        said = f"Inputs of the form ({', '.join(['{}'] * len(cells))})"
        letters = {x: Name("x", (int(x.name[1:]),)) for x in cells if isinstance(x, sympy.Symbol)}
        return Claim(said, tuple(letters.get(cell) or Number(cell) for cell in cells))
    corners = [vector(corner) for corner in piece.corners]
    values = tuple(value for corner in corners for value in corner.values)
    return Claim(f"Inputs between {joined([corner.sentence for corner in corners])}", values)


def _find_failure(piece: Hull, model: ToyModel) -> Forward | None:
    """The pass of the simplest deciding input of a piece on which a feature misses, or None."""
    halfway = (
        tuple(exact((u + v) * _HALF) for u, v in zip(p, q, strict=True))
        for p, q in combinations(piece.corners, 2)
    )
    for x in sorted(dict.fromkeys((*piece.corners, *halfway)), key=simplicity):
        work = forward(model, x)
        if not set(piece.features).isdisjoint(work.missed):
            return work
    return None


# --------------------------------------------------------------------------------------------------
# Does a model give one input back? Decided output by output, exactly.


def reconstructs_input(check: ReconstructsInput, model: ToyModel) -> Decision:
    """One outcome a feature, passed exactly if x̂ᵢ = xᵢ, and the forward pass behind them.

    >>> check = ReconstructsInput((sympy.Integer(1), sympy.Rational(1, 2)))
    >>> found = reconstructs_input(check, ToyModel("1; 0"))
    >>> [outcome.passed for outcome in found.outcomes], found.work.difference
    ([True, False], (0, -1/2))
    """
    work = forward(model, check.x)
    outcomes = tuple(output_outcome(work, i) for i in range(model.n))
    said = f"All {model.n} outputs are exactly what went in."
    if work.missed:
        said = "Not every output is what went in."
    return Decision(outcomes, Feedback(Claim(said)), work)


def output_outcome(work: Forward, i: int) -> CheckOutcome:
    """Whether output i, from 0, is what went in, and if not, which way and how far it is off."""
    x, output, difference = work.x[i], work.output[i], work.difference[i]
    direction = sign(difference)
    if not direction:
        right = (Number(output), Name("x", (i + 1,)))
        return CheckOutcome(
            f"output-{i + 1}", True, Claim(f"Output {i + 1} is {{}}, exactly {{}}.", right)
        )
    size = "large" if direction > 0 else "small"
    message = Claim(
        f"Output {i + 1} is {{}} but should be {{}}: too {size} by {{}}.",
        (Number(output), Number(x), Number(difference if direction > 0 else -difference)),
    )
    return CheckOutcome(f"output-{i + 1}", False, message, Witness.of(work))
