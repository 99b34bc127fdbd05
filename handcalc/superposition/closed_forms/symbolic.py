"""B, C and P = 2B′C − BC′ with S as a symbol: what the best β solves at any sparsity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, lcm

import sympy

from handcalc.superposition.closed_forms.clipped_powers import Piece, pieces
from handcalc.superposition.closed_forms.ground import Ground, Number
from handcalc.superposition.closed_forms.norm import written
from handcalc.superposition.closed_forms.regular import check_size
from handcalc.superposition.closed_forms.stationary import turning

__all__ = ["SymbolicCell", "stationarity"]


@dataclass(frozen=True, slots=True)
class SymbolicCell:
    """B, C and P in β and S, for lo ≤ β ≤ hi; hi is ∞ above the last kink.

    P has integer coefficients in β, S and, where cosines are not fractions, 2cos(2π/k), without
    factors in S alone. For S < 1, dL/dβ is −P times a positive number.
    """

    lo: sympy.Expr
    hi: sympy.Expr
    B: sympy.Expr
    C: sympy.Expr
    P: sympy.Expr


def stationarity(k: int) -> tuple[SymbolicCell, ...]:
    """What decides the best β of a pair (k = 2) or a k-gon: P(β, S) = 0, cell by cell.

    Errors: ``size`` for k outside 2 to 8.

    Source: derived here.

    >>> above = stationarity(2)[-1]
    >>> above.lo, above.hi, above.P
    (1, oo, -S - beta + 1)
    """
    check_size(k)
    ground, c = Ground.of(k), 2 * sympy.cos(2 * sympy.pi / k)

    def cell(piece: Piece) -> SymbolicCell:
        hi = sympy.oo if piece.hi is None else written([piece.hi], c)
        P = map(ground.reduced, turning(piece.B, piece.C))
        primitive = written(_without_S_alone(ground, list(P)), c)
        return SymbolicCell(
            written([piece.lo], c), hi, written(piece.B, c), written(piece.C, c), primitive
        )

    return tuple(map(cell, pieces(k)))


def _without_S_alone(ground: Ground, P: Sequence[Number]) -> list[Number]:
    """P over what all coefficients share: a fraction, powers of 1 − S and of 3S + 1."""
    for factor in (1 - ground.S, 3 * ground.S + 1):
        while not any(part.rem([factor]) for part in P):
            P = [part.exquo(factor) if part else part for part in P]
    numbers = [number for part in P for number in part.coeffs()]
    scale = lcm(*(int(number.denominator) for number in numbers))
    shared = gcd(*(int(number.numerator) * scale // int(number.denominator) for number in numbers))
    return [part * scale / shared for part in P]
