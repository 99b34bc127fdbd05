"""The embeddings of a plane as arrows: where they end, and a sentence that says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import atan2, degrees

import sympy

from handcalc.derivation import Claim, Number
from handcalc.numbers.exact import to_float
from handcalc.numbers.field import Element
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.toy_model import ToyModel


@dataclass(frozen=True, slots=True)
class Arrow:
    """One feature's embedding in the plane.

    Its end (floats, to draw with), its exact length, and its direction in degrees counter-clockwise
    from the first axis (None at length 0).
    """

    feature: int
    x: float
    y: float
    length: sympy.Expr
    direction: float | None


def arrows(model: ToyModel) -> tuple[Arrow, ...]:
    """The rows of W as arrows, for m ≤ 2; with one dimension they lie on the first axis.

    >>> [arrow.direction for arrow in arrows(ToyModel("1 0; 0 1; 0 -1"))]
    [0.0, 90.0, 270.0]
    """
    if model.m > 2:
        return ()
    norms = geometry(model).norms
    found = []
    for i, (row, norm) in enumerate(zip(model.W, norms, strict=True), 1):
        x, y = (*map(to_float, row), 0.0)[:2]
        direction = None if norm == 0 else degrees(atan2(y, x)) % 360
        found.append(Arrow(i, x, y, norm, direction))
    return tuple(found)


def described(model: ToyModel) -> Claim:
    """The drawing in words: direction and length of each arrow, and which pairs stand out.

    >>> described(ToyModel("1 0; 0 0")).sentence
    'Feature 1 points right with length {}; feature 2 has no arrow: its row of W is zero.'
    """
    shown = arrows(model)
    lengths = tuple(Number(arrow.length) for arrow in shown if arrow.direction is not None)
    each = "; ".join(_one(arrow) for arrow in shown)
    directions = [f"{each[:1].upper()}{each[1:]}."] if shown else []
    pairs = _pairs(model.elements()[0].gram)
    return Claim(" ".join([*directions, *pairs]), lengths)


def _one(arrow: Arrow) -> str:
    if arrow.direction is None:
        return f"feature {arrow.feature} has no arrow: its row of W is zero"
    where = _WORDS.get(arrow.direction) or f"at {_degrees(arrow.direction)}"
    return f"feature {arrow.feature} points {where} with length {{}}"


_WORDS = {0.0: "right", 90.0: "up", 180.0: "left", 270.0: "down"}


def _degrees(direction: float) -> str:
    near = Fraction(direction).limit_denominator(1)
    return f"{near}°" if abs(direction - near) < 1e-9 else f"about {direction:.1f}°"


def _pairs(gram: Sequence[Sequence[Element]]) -> list[str]:
    kinds: dict[str, list[str]] = {"Back to back": [], "At a right angle": []}
    for i, row in enumerate(gram):
        for j in range(i + 1, len(gram)):
            product = row[i] * gram[j][j]
            if not product:
                continue
            if not row[j]:
                kinds["At a right angle"].append(f"{i + 1} and {j + 1}")
            elif row[j].sign() < 0 and row[j] * row[j] == product:
                kinds["Back to back"].append(f"{i + 1} and {j + 1}")
    return [f"{kind}: features {', '.join(pairs)}." for kind, pairs in kinds.items() if pairs]
