"""The forward pass in plain fractions: a judge of exercises that imports nothing from handcalc."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeAlias

Vector: TypeAlias = Sequence[Fraction]
Matrix: TypeAlias = Sequence[Vector]

X = (Fraction(1), Fraction(1, 2), Fraction(1, 4))


def vector(text: str) -> list[Fraction]:
    return [Fraction(cell) for cell in text.split()]


def matrix(text: str) -> list[list[Fraction]]:
    return [vector(row) for row in text.split(";")]


def texts(rows: Matrix) -> str:
    return "; ".join(" ".join(map(str, row)) for row in rows)


def carried(W: Matrix, x: Vector) -> list[Fraction]:
    """W Wᵀ x."""
    h = [sum(w * xi for w, xi in zip(column, x, strict=True)) for column in zip(*W, strict=True)]
    return [sum(w * hk for w, hk in zip(row, h, strict=True)) for row in W]


def output(W: Matrix, b: Vector, x: Vector) -> list[Fraction]:
    """ReLU(W Wᵀ x + b)."""
    z = (c + bi for c, bi in zip(carried(W, x), b, strict=True))
    return [max(zi, Fraction(0)) for zi in z]


def right_bias(W: Matrix, x: Vector) -> list[Fraction]:
    """x − W Wᵀ x."""
    return [xi - c for xi, c in zip(x, carried(W, x), strict=True)]


def share_right(W: Matrix, b: Vector, x: Vector) -> Fraction:
    """The share of the features that come back as they are."""
    right = [o == xi for o, xi in zip(output(W, b, x), x, strict=True)]
    return Fraction(sum(right), len(right))
