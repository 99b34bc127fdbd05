"""Where the loss of a pair or a regular k-gon is least: every stationary β, and the best.

With B(β) and C(β) as in ``piecewise``, a feature loses A − 2qB + q²C, least at q = B/C (where
C > 0, B > 0 too), and then L(β) = A − B²/C. It has the derivative −B·P/C² with

    P = 2B′C − BC′,

so the best β is a root of P, a polynomial between kinks. L is continuously differentiable, it is A
below the first kink, and above the last kink, where nothing is clipped, P is linear and L rises
from its root to the loss of a dropped feature. So the best of all roots of P, piece by piece, is
the best of all: nothing is left to a search.

The first piece has no root. There t = β − lo is below 1, U = R₁(β + a·x) is t − Y for a Y ≥ 0, and

    B = E[x₁U],    B′ = E[x₁; U > 0],    C = E[U²],    C′ = 2E[U],

so P > 0 says that U is on average larger weighted by U than weighted by x₁. That holds if
E[x₁ | Y = s]/(t − s) rises with s. Write x₁ = 1 − y₁. Given which features are on, Y is a sum of
multiples of uniform variables, one of them y₁, and E[y₁ | Y = s] is s over their number; a larger s
makes more of them likely. So E[y₁ | Y = s] is at most s and rises by at most 1, and (1 − s)/(t − s)
is more than that. Derived here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sympy
from flint import arb, arb_poly

from handcalc.numbers.tower import Sign
from handcalc.superposition.closed_forms.balls import ball, sign, zeros
from handcalc.superposition.closed_forms.piecewise import balls_of_pieces, piece_at


@dataclass(frozen=True, slots=True)
class StationaryPoint:
    """Balls around a β where the loss is stationary, and B and C there, in one of ``pieces``."""

    piece: int
    beta: arb
    B: arb
    C: arb


def stationary_points(k: int, sparsity: sympy.Expr | arb) -> Iterator[StationaryPoint]:
    """Every β above the first kink where the loss is stationary, piece by piece.

    ``sparsity`` may be a ball: what is found then holds for every S in it. Errors:
    ``UndecidedError``.

    >>> [point.beta for point in stationary_points(2, sympy.Rational(0))]
    [1.00000000000000]
    """
    balls = balls_of_pieces(k, sparsity if isinstance(sparsity, arb) else ball(sparsity))
    found = [(lo, B, C, 2 * B.derivative() * C - B * C.derivative()) for lo, B, C in balls]
    lo, B, C, P = found[-1]
    line = P.truncate(2)  # what is left of higher powers is 0
    root, slope = -line[0] / line[1], line[1]
    found[-1] = lo, B, C, line
    signs = [_sign_at_kink(k, i, lo, P, sparsity) for i, (lo, _, _, P) in enumerate(found) if i]
    ends = [lo for lo, *_ in found[2:]] + [lo + 1 + abs(root)]
    pairs = zip(signs, [*signs[1:], sign(slope)], strict=True)
    for i, (hi, (below, above)) in enumerate(zip(ends, pairs, strict=True), 1):
        lo, B, C, P = found[i]
        roots = [lo] if below == 0 else []
        for beta in (*roots, *zeros(P, lo, hi, (below, above))):
            yield StationaryPoint(i, beta, B(beta), C(beta))


def best_point(k: int, sparsity: sympy.Expr | arb) -> StationaryPoint:
    """The β with the least loss of all, the one with the largest B²/C.

    Errors: ``UndecidedError``, also where two losses are the same.

    >>> best_point(2, sympy.Rational(1, 2)).beta.str(10, radius=False)
    '0.1040391794'
    """
    points = list(stationary_points(k, sparsity))
    gains = [point.B**2 / point.C for point in points]
    best = max(range(len(points)), key=lambda i: gains[i].mid())
    for i, gain in enumerate(gains):
        if i != best:
            sign(gains[best] - gain)
    return points[best]


def _sign_at_kink(k: int, index: int, lo: arb, P: arb_poly, sparsity: sympy.Expr | arb) -> Sign:
    """The sign of P at the lower end of a piece: exact arithmetic tells where it is 0."""
    value_there = P(lo)
    if value_there.contains(0) and isinstance(sparsity, sympy.Expr):
        piece = piece_at(k, index, sparsity)
        return sum((part * piece.lo**n for n, part in enumerate(piece.P)), piece.lo * 0).sign()
    return sign(value_there)
