"""From the polynomial over a number field that decides β to one over ℚ with the same root."""

from __future__ import annotations

from collections.abc import Iterable

import sympy

from handcalc.superposition.closed_forms.clipped_powers import Piece
from handcalc.superposition.closed_forms.ground import Ground, Number
from handcalc.superposition.closed_forms.stationary import turning
from handcalc.superposition.loss.distribution import S

__all__ = ["beta", "over_the_rationals", "written"]

beta = sympy.Symbol("beta")
_C = sympy.Symbol("c")


def written(coefficients: Iterable[Number], c: sympy.Expr = _C) -> sympy.Expr:
    """A polynomial in β as a sum, from its coefficients in c and S and a value for c.

    >>> from handcalc.superposition.closed_forms.clipped_powers import pieces
    >>> written(pieces(2)[-1].C)
    -S**2/2 + S/3 + beta**2 + 1/6
    """
    powers, terms = [sympy.Integer(1)], []
    for n, part in enumerate(coefficients):
        for (i, j), coefficient in part.terms():
            while len(powers) <= i:
                powers.append(sympy.expand(powers[-1] * c))
            scale = sympy.Rational(int(coefficient.numerator), int(coefficient.denominator))
            rest = scale * S**j * beta**n
            terms += [rest * summand for summand in sympy.Add.make_args(powers[i])]
    return sympy.Add(*terms)


def over_the_rationals(k: int, piece: Piece, sparsity: sympy.Expr) -> sympy.Poly:
    """A polynomial in β over ℚ with all roots of P at a given S: the product of conjugates.

    >>> from handcalc.superposition.closed_forms.clipped_powers import pieces
    >>> over_the_rationals(2, pieces(2)[-1], sympy.Rational(1, 2)).all_roots()
    [1/2]
    """
    P = sympy.Poly(written(turning(piece.B, piece.C)), beta, _C, S)
    if isinstance(sparsity, sympy.Rational):
        P = P.eval(S, sparsity)
    else:
        P = _without(P, S, sympy.minimal_polynomial(sparsity, S))
    return sympy.Poly(_without(P, _C, Ground.of(k).modulus.as_expr()).as_expr(), beta)


def _without(P: sympy.Poly, symbol: sympy.Symbol, minimal: sympy.Expr) -> sympy.Poly:
    """The product of P over all roots of a minimal polynomial, put for a symbol."""
    return sympy.Poly(sympy.resultant(P, sympy.Poly(minimal, symbol), symbol))
