"""Does a model give every input of a set back? Decided on finitely many inputs, exactly.

On the convex hull of some corners, x̂ᵢ − xᵢ is zᵢ − xᵢ where zᵢ ≥ 0 and −xᵢ where zᵢ ≤ 0, and both
are affine. An affine function is 0 on a polytope if it is at its vertices; and the vertices of the
two parts into which zᵢ = 0 cuts a hull are corners of it, or points of segments between two corners
at which zᵢ = 0. So x̂ᵢ = xᵢ on the hull exactly if it holds at all of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TypeAlias

from exercises.check_kinds import Piece, ReconstructsSet
from exercises.checking.outcome import Decision, Feedback, Outcome, Witness
from exercises.wording import vector
from handcalc.derivation import Claim
from handcalc.field import Element
from handcalc.number import sign
from handcalc.superposition.forward_pass import Forward, forward
from handcalc.superposition.geometry import gram_elements
from handcalc.superposition.toy_model import ToyModel, Vector

__all__ = ["reconstructs_set"]

_Point: TypeAlias = "tuple[Element, ...]"


def reconstructs_set(check: ReconstructsSet, model: ToyModel) -> Decision:
    """One outcome a piece: passed exactly if x̂ᵢ = xᵢ for all its inputs and all features asked.

    The witness of a piece that fails is the simplest input that decides: fewest features on, then
    the shortest numbers.

    >>> from exercises.loading_checks import check_of
    >>> from exercises.answer_kinds import ModelAnswer
    >>> from exercises.tables import Table
    >>> table = Table("", {"kind": "reconstructs-set", "sparse": 1})
    >>> check = check_of(table, ModelAnswer(3, 2, "relu"))
    >>> reconstructs_set(check, ToyModel("1 0; 0 1; 0 -1")).score
    Fraction(1, 1)
    >>> found = reconstructs_set(check, ToyModel("1 0; 0 1; 0 1"))
    >>> [outcome.passed for outcome in found.outcomes], found.work.x
    ([True, False, False], (0, 0, 1))
    """
    failures = [_failure(check, piece, model) for piece in check.pieces]
    outcomes = tuple(
        _outcome(i, piece, work)
        for i, (piece, work) in enumerate(zip(check.pieces, failures, strict=True), 1)
    )
    found = sorted((work for work in failures if work), key=lambda work: _simplicity(work.x))
    if not found:
        return Decision(outcomes, Feedback(Claim("Every input of the set comes back as it is.")))
    x, back = vector(found[0].x), vector(found[0].output)
    happened = Claim(
        f"The simplest input that fails is x = {x.sentence}: it comes back as {back.sentence}.",
        (*x.values, *back.values),
    )
    advice = Claim("Work this one input through by hand: which output goes wrong, and why?")
    return Decision(outcomes, Feedback(happened, advice), found[0])


def _outcome(number: int, piece: Piece, failing: Forward | None) -> Outcome:
    name = f"piece-{number}"
    said = f"Inputs of the form ({', '.join(piece.text.split())})"
    if ";" in piece.text:
        said = f"Inputs between {piece.text}"
    if failing is None:
        return Outcome(name, True, Claim(f"{said}: every one comes back as it is."))
    x = vector(failing.x)
    message = Claim(f"{said}: not all come back; x = {x.sentence} does not.", x.values)
    return Outcome(name, False, message, Witness.of(failing))


def _failure(check: ReconstructsSet, piece: Piece, model: ToyModel) -> Forward | None:
    """The pass of the simplest deciding input of a piece on which a feature misses, or None."""
    inputs = sorted(_deciding(piece, model), key=_simplicity)
    passes = (forward(model, x) for x in inputs)
    return next((work for work in passes if _misses(work, check.features)), None)


def _misses(work: Forward, features: Sequence[int]) -> bool:
    return any(sign(work.difference[i - 1]) for i in features)


def _deciding(piece: Piece, model: ToyModel) -> list[Vector]:
    """The corners of a piece, and where z of a feature changes sign between two of them."""
    flat = [value for corner in piece.corners for value in corner]
    _, numbers = model.elements(*flat)
    gram, values = gram_elements(numbers.W), iter(numbers.others)
    corners = [tuple(next(values) for _ in range(model.n)) for _ in piece.corners]
    points = dict.fromkeys(corners)
    for row, b in zip(gram, numbers.b, strict=True):
        points.update(dict.fromkeys(_kinks(corners, row, b)))
    return [tuple(value.to_sympy() for value in point) for point in points]


def _kinks(corners: Sequence[_Point], row: Sequence[Element], b: Element) -> Iterator[_Point]:
    """The points between two corners at which b + row · x = 0."""
    heights = [
        sum((g * x for g, x in zip(row, corner, strict=True)), start=b) for corner in corners
    ]
    for (p, y), (q, z) in combinations(zip(corners, heights, strict=True), 2):
        if y.sign() * z.sign() < 0:
            t = y / (y - z)
            yield tuple(u + (v - u) * t for u, v in zip(p, q, strict=True))


def _simplicity(x: Vector) -> tuple[int, int, tuple[str, ...]]:
    """Fewest features on, then the shortest numbers; the text decides between equals."""
    texts = tuple(str(value) for value in x)
    return sum(value != 0 for value in x), sum(map(len, texts)), texts
