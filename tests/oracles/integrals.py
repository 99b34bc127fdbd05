"""The expected loss of two features by sympy's integrals, piece by piece, as one does it by hand.

For z = c + a·x + d·y on the unit square, y runs from where z turns positive (or to it). That border
is a straight line; where it enters and leaves the square, the range of x is cut, and between the
cuts every integral is one of a polynomial between two polynomials. Run
``python tests/oracles/integrals.py`` for one example. Nothing here imports the package that it
helps to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import sympy

X = sympy.symbols("x1 x2")
S = sympy.Symbol("S")
_ZERO, _ONE = sympy.Integer(0), sympy.Integer(1)


def loss(W: Sequence[Sequence[sympy.Expr]], b: Sequence[sympy.Expr], activation: str) -> sympy.Expr:
    """L as a polynomial in S for two features, each off with probability S."""
    G = [[sympy.Add(*(p * q for p, q in zip(u, v, strict=True))) for v in W] for u in W]
    return sympy.Add(*(output_loss(i, G[i], b[i], activation) for i in range(2)))


def output_loss(
    i: int, overlaps: Sequence[sympy.Expr], b: sympy.Expr, activation: str
) -> sympy.Expr:
    """E[(xᵢ − x̂ᵢ)²] as a polynomial in S: none, the first, the second, both features active."""
    total = _ZERO
    for on in ((0, 0), (1, 0), (0, 1), (1, 1)):
        k = sum(on)
        a = [value * is_on for value, is_on in zip(overlaps, on, strict=True)]
        value = square_integral(X[i] * on[i], b, a, activation)
        total += (1 - S) ** k * S ** (2 - k) * value
    return sympy.expand(total)


def square_integral(
    x: sympy.Expr, b: sympy.Expr, a: Sequence[sympy.Expr], activation: str
) -> sympy.Expr:
    """∫∫ (x − ReLU(z))², or (x − z)², over the unit square: ∫∫ x² and what z > 0 changes of it."""
    z = b + a[0] * X[0] + a[1] * X[1]
    if activation == "linear":
        return square((x - z) ** 2)
    return square(x**2) + over_positive(z**2 - 2 * x * z, b, a)


def square(integrand: sympy.Expr) -> sympy.Expr:
    """The integral over the unit square."""
    return sympy.integrate(sympy.expand(integrand), (X[1], 0, 1), (X[0], 0, 1))


def over_positive(integrand: sympy.Expr, b: sympy.Expr, a: Sequence[sympy.Expr]) -> sympy.Expr:
    """The integral over the part of the unit square where b + a·x > 0."""
    integrand = sympy.expand(integrand)
    if a[1] == 0:
        low, high = positive_range(b, a[0])
        return sympy.integrate(integrand, (X[1], 0, 1), (X[0], low, high))
    border = -(b + a[0] * X[0]) / a[1]
    total = _ZERO
    for left, right in pairwise(cuts(b, a)):
        middle = border.subs(X[0], (left + right) / 2)
        clamped = _ZERO if middle <= 0 else _ONE if middle >= 1 else border
        limits = (clamped, 1) if a[1] > 0 else (0, clamped)
        inner = sympy.expand(sympy.integrate(integrand, (X[1], *limits)))
        total += sympy.integrate(inner, (X[0], left, right))
    return total


def positive_range(b: sympy.Expr, a: sympy.Expr) -> tuple[sympy.Expr, sympy.Expr]:
    """Where in [0, 1] b + a·x is positive; an empty range is one from 0 to 0."""
    if a == 0:
        return (_ZERO, _ONE) if b > 0 else (_ZERO, _ZERO)
    root = min(max(-b / a, _ZERO), _ONE)
    return (root, _ONE) if a > 0 else (_ZERO, root)


def cuts(b: sympy.Expr, a: Sequence[sympy.Expr]) -> list[sympy.Expr]:
    """0, 1, and where between them the line z = 0 passes y = 0 or y = 1."""
    if a[0] == 0:
        return [_ZERO, _ONE]
    roots = {-b / a[0], -(b + a[1]) / a[0]}
    return [_ZERO, *sorted(root for root in roots if 0 < root < 1), _ONE]


def main() -> None:
    """Print the loss of an antipodal pair, (1 − S)²/3."""
    W = [[_ONE], [-_ONE]]
    print(sympy.factor(loss(W, [_ZERO, _ZERO], "relu")))


if __name__ == "__main__":
    main()
