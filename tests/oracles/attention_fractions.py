"""Attention-only models in plain fractions, place by place: imports nothing from handcalc.

A vector is a row. A head is the pair (W_QK, W_OV); attention is hard, or softmax of base 2 over
whole scores, and every number stays a fraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

Vector = list[Fraction]
Matrix = list[Vector]


def matrix(text: str) -> Matrix:
    return [[Fraction(cell) for cell in row.split()] for row in text.split(";")]


def product(A: Matrix, B: Matrix) -> Matrix:
    return [times(row, B) for row in A]


def times(x: Vector, W: Matrix) -> Vector:
    rows = [[a * cell for cell in row] for a, row in zip(x, W, strict=True) if a]
    return plus(*rows) if rows else [Fraction(0)] * len(W[0])


def dot(x: Vector, y: Vector) -> Fraction:
    return sum((a * b for a, b in zip(x, y, strict=True) if a and b), Fraction(0))


def plus(*rows: Vector) -> Vector:
    return [sum(cells, Fraction(0)) for cells in zip(*rows, strict=True)]


def largest(row: Vector) -> list[int]:
    return [k for k, value in enumerate(row) if value == max(row)]


@dataclass(frozen=True)
class PlainModel:
    """Embedding, layers of heads (W_QK, W_OV), unembedding, and perhaps positions."""

    tokens: str
    W_E: Matrix
    W_U: Matrix
    layers: list[list[tuple[Matrix, Matrix]]]
    W_pos: Matrix | None = None
    hard: bool = True


@dataclass(frozen=True)
class Place:
    """What a place holds before each layer and at the end; its scores by layer and head."""

    residual: list[Vector]
    scores: list[list[Vector]] = field(default_factory=list)


def next_place(model: PlainModel, before: Sequence[Place], token: str) -> Place:
    x = model.W_E[model.tokens.split().index(token)]
    if model.W_pos is not None:
        x = plus(x, model.W_pos[len(before)])
    place = Place([x])
    share = hard if model.hard else base_two
    for number, layer in enumerate(model.layers):
        seen = [each.residual[number] for each in (*before, place)]
        scores = [[dot(times(x, qk), y) for y in seen] for qk, _ in layer]
        written = [
            times(plus(*([w * cell for cell in y] for w, y in zip(weights, seen, strict=True))), ov)
            for weights, (_, ov) in zip(map(share, scores), layer, strict=True)
        ]
        x = plus(x, *written)
        place.scores.append(scores)
        place.residual.append(x)
    return place


def places(model: PlainModel, text: str) -> list[Place]:
    found: list[Place] = []
    for token in text.split():
        found.append(next_place(model, found, token))
    return found


def logits(model: PlainModel, text: str) -> dict[str, Fraction]:
    """The logits of the last place, by token."""
    last = places(model, text)[-1].residual[-1]
    return dict(zip(model.tokens.split(), times(last, model.W_U), strict=True))


def predicted(model: PlainModel, text: str) -> set[str]:
    found = logits(model, text)
    return {token for token, value in found.items() if value == max(found.values())}


def one_follower(alphabet: str, up_to: int) -> Iterator[tuple[str, str]]:
    """Sequences whose last token had one follower before, shortest first, with that one."""
    sequences = [""]
    for _ in range(up_to):
        sequences = [text + letter for text in sequences for letter in alphabet]
        for text in sequences:
            after = {b for a, b in pairwise(text) if a == text[-1]}
            if len(after) == 1:
                yield text, after.pop()


def first_not_induced(model: PlainModel, alphabet: str, up_to: int, front: str = "") -> str | None:
    """The first such sequence whose follower is not predicted alone."""
    known: dict[str, list[Place]] = {"": places(model, front)}
    for text, follower in one_follower(alphabet, up_to):
        for k in range(len(text)):  # sequences that begin alike share their places
            if text[: k + 1] not in known:
                before = known[text[:k]]
                known[text[: k + 1]] = [*before, next_place(model, before, text[k])]
        row = times(known[text][-1].residual[-1], model.W_U)
        if [model.tokens.split()[k] for k in largest(row)] != [follower]:
            return text
    return None


def hard(scores: Vector) -> Vector:
    best = largest(scores)
    return [Fraction(k in best, len(best)) for k in range(len(scores))]


def base_two(scores: Vector) -> Vector:
    powers = [Fraction(2) ** int(score) for score in scores]
    assert [int(score) for score in scores] == scores
    return [power / sum(powers) for power in powers]
