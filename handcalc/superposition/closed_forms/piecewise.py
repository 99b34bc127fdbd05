"""What a regular part's loss is made of, B(β) and C(β), as polynomials between kinks.

Features with the same importance and the same S, whose rows are l·uᵢ for unit vectors uᵢ at equal
angles (the antipodal pair, k = 2, or a regular k-gon), and whose biases are all b, have

    zᵢ = l²(β + Σⱼ aⱼxⱼ),    b = β·l²,    aⱼ = cos(2πj/k) counted from i,

so ReLU(zᵢ) = l²·R₁(β + a·x), and each of them loses, with q = l² and p = 1 − S,

    E[xᵢ²] − 2q·E[xᵢ·R₁(β + a·x)] + q²·2E[R₂(β + a·x)] = A − 2q·B(β) + q²·C(β),    A = p/3.

Integrating one feature out of R_n(β + a·x) leaves R_n where it is off, and where it is on
(R_{n+1}(β + a) − R_{n+1}(β))/a: it moves β by a or by 0, and raises n. So B and C are sums of
weights times R_n(β + v) over the corners v = a·x, x ∈ {0, 1}^k: polynomials in β between the kinks
−v, with coefficients that are polynomials in S over ℚ(2cos(2π/k)). Derived here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key, lru_cache
from math import comb, factorial, gcd
from typing import Any, TypeAlias

import sympy
from flint import arb, arb_mat, arb_poly, fmpq, fmpq_mat

from handcalc.numbers.cosine_field import CosineField
from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element
from handcalc.superposition.closed_forms.balls import certified, sign
from handcalc.superposition.loss.distribution import S

beta = sympy.Symbol("beta")
_C = sympy.Symbol("c")

Polynomial: TypeAlias = Any
"""One of sympy's polynomials in β, c and S, which are not typed."""


@dataclass(frozen=True, slots=True)
class PolynomialRing:
    """ℚ[β, c, S] for a k-gon, where c = 2cos(2π/k) is a root of ``modulus``.

    ``cosines`` holds cos(2πj/k) for j = 0 … k − 1.
    """

    beta: Polynomial
    c: Polynomial
    S: Polynomial
    modulus: Polynomial
    cosines: tuple[Polynomial, ...]

    @classmethod
    def of(cls, k: int) -> PolynomialRing:
        """The ring for a regular k-gon, k ≥ 2.

        >>> ring = PolynomialRing.of(5)
        >>> ring.modulus, ring.cosines[2]
        (c**2 + c - 1, -1/2*c - 1/2)
        """
        ring, beta, c, S = sympy.ring("beta, c, S", sympy.QQ)
        parts = [sympy.QQ(int(part.p), int(part.q)) for part in CosineField(k).modulus.coeffs()]
        modulus = sum((part * c**i for i, part in enumerate(parts)), ring.zero)
        twice = [ring(2), c.rem([modulus])]
        while len(twice) < k:  # 2cos((j+1)θ) = c·2cos(jθ) − 2cos((j−1)θ)
            twice.append((c * twice[-1] - twice[-2]).rem([modulus]))
        return cls(beta, c, S, modulus, tuple(value / 2 for value in twice))

    def reduced(self, value: Polynomial) -> Polynomial:
        """The same number, written with the lowest powers of c."""
        return value.rem([self.modulus])

    def inverse(self, value: Polynomial) -> Polynomial:
        """1/value, for a number in c alone."""
        number, modulus = (sympy.Poly(each.as_expr(), _C) for each in (value, self.modulus))
        return self.c.ring.from_expr(number.invert(modulus).as_expr())

    def stationarity(self, B: Polynomial, C: Polynomial) -> Polynomial:
        """P = 2B′C − BC′, which has the sign of −dL/dβ."""
        return self.reduced(2 * B.diff(self.beta) * C - B * C.diff(self.beta))


def written(polynomial: Polynomial, c: sympy.Expr = _C) -> sympy.Expr:
    """A polynomial as sympy's sum in β and S, given a value for c.

    >>> written(pieces(2)[-1].C)
    -S**2/2 + S/3 + beta**2 + 1/6
    """
    return sympy.expand(polynomial.as_expr(beta, c, S))


_Terms: TypeAlias = "dict[tuple[Polynomial, int], Polynomial]"
"""Weights of R_{n+d}(β + v) by (v, d)."""


@dataclass(frozen=True, slots=True)
class PolynomialPiece:
    """B and C for lo ≤ β ≤ hi, two neighbouring kinks; ``hi`` is None above the last kink."""

    lo: Polynomial
    hi: Polynomial | None
    B: Polynomial
    C: Polynomial


@lru_cache(maxsize=16)
def pieces(k: int) -> tuple[PolynomialPiece, ...]:
    """All pieces of B and C in order, from the kink below which every output is 0.

    >>> [(piece.lo, piece.hi) for piece in pieces(2)]
    [(-1, 0), (0, 1), (1, None)]
    >>> pieces(2)[-1].B, pieces(2)[-1].C
    (-1/2*beta*S + 1/2*beta - 1/4*S**2 + 1/6*S + 1/12, beta**2 - 1/2*S**2 + 1/3*S + 1/6)
    """
    # R_n(β + v) is 0 below its kink β = −v and (β + v)ⁿ/n! above. So from piece to piece, with β
    # rising over the kinks, only the terms of the one corner are added that has just come in: what
    # is left of max(t, 0)ⁿ there is a polynomial, and P needs no case for ReLU.
    ring = PolynomialRing.of(k)
    in_B, in_C = _corner_weights(ring)
    corners = _descending({v for v, _ in in_C}, k)
    B = C = ring.c * 0
    found = []
    for v, following in zip(corners, [*corners[1:], None], strict=True):
        B, C = B + _expanded(ring, v, 1, in_B), C + _expanded(ring, v, 2, in_C)
        found.append(PolynomialPiece(-v, None if following is None else -following, B, C))
    return tuple(found)


# --------------------------------------------------------------------------------------------------
# Pieces at a sparsity: one with exact numbers, and all with balls.


@dataclass(frozen=True, slots=True)
class PieceAtSparsity:
    """B, C and P with their coefficients in β, the constant first, for lo ≤ β ≤ hi."""

    lo: Element
    hi: Element | None
    B: tuple[Element, ...]
    C: tuple[Element, ...]
    P: tuple[Element, ...]


def piece_at(k: int, index: int, sparsity: sympy.Expr) -> PieceAtSparsity:
    """One of ``pieces`` at a given S, with numbers of one field.

    >>> piece_at(2, 1, sympy.Rational(1, 2)).B
    (Element(11/96), Element(5/24), Element(1/16), Element(-1/24), Element(1/96))
    """
    ring, piece = PolynomialRing.of(k), pieces(k)[index]
    _, (c, s) = elements(2 * sympy.cos(2 * sympy.pi / k), sparsity)

    def at(polynomial: Polynomial) -> tuple[Element, ...]:
        total = [c * 0] * (1 + max(n for n, _, _ in polynomial or [(0, 0, 0)]))
        for (n, i, j), part in polynomial.terms():
            total[n] = total[n] + c**i * s**j * Fraction(int(part.numerator), int(part.denominator))
        return tuple(total)

    hi = None if piece.hi is None else at(piece.hi)[0]
    P = ring.stationarity(piece.B, piece.C)
    return PieceAtSparsity(at(piece.lo)[0], hi, at(piece.B), at(piece.C), at(P))


@lru_cache(maxsize=16)
def _as_a_matrix(k: int) -> tuple[list[tuple[int, int]], list[int], fmpq_mat]:
    """The (i, j) of all cⁱSʲ, the length in powers of β of each lo, B and C, and all coefficients.

    The matrix has a row for each power of β, and a column for each (i, j).
    """
    polynomials = [part for piece in pieces(k) for part in (piece.lo, piece.B, piece.C)]
    columns = sorted({(i, j) for part in polynomials for _, i, j in part})
    lengths = [1 + max((n for n, _, _ in part), default=0) for part in polynomials]
    entries = [
        _fraction(part.get((n, i, j), 0))
        for part, length in zip(polynomials, lengths, strict=True)
        for n in range(length)
        for i, j in columns
    ]
    return columns, lengths, fmpq_mat(sum(lengths), len(columns), entries)


def balls_of_pieces(k: int, s: arb) -> list[tuple[arb, arb_poly, arb_poly]]:
    """The lower end, B and C of every piece at a sparsity, all in one product of matrices.

    >>> lo, B, C = balls_of_pieces(2, arb(0))[-1]
    >>> lo, B.degree(), C(0).contains(fmpq(1, 6))
    (1.00000000000000, 1, True)
    """
    columns, lengths, matrix = _as_a_matrix(k)
    c = 2 * arb.cos_pi_fmpq(fmpq(2, k))
    values = arb_mat(len(columns), 1, [c**i * s**j for i, j in columns])
    numbers = iter((arb_mat(matrix) * values).entries())
    parts = [arb_poly([next(numbers) for _ in range(length)]) for length in lengths]
    return [(lo[0], B, C) for lo, B, C in zip(*[iter(parts)] * 3, strict=True)]


# --------------------------------------------------------------------------------------------------
# From the polynomial over a number field that decides β to one over ℚ with the same root.


def over_the_rationals(k: int, piece: PolynomialPiece, sparsity: sympy.Expr) -> sympy.Poly:
    """A polynomial in β over ℚ with all roots of P at a given S: the product of conjugates.

    The conjugates of c = 2cos(2π/k) are 2cos(2πj/k) for the j without a factor in common with k,
    those of an S that is no fraction the other roots of its minimal polynomial.

    >>> over_the_rationals(2, pieces(2)[-1], sympy.Rational(1, 2)).all_roots()
    [1/2]
    """
    # A product over all conjugates, a norm, is left as it is by the Galois group, so that its
    # coefficients are fractions. It has the roots of P and those of its conjugates: a ball around
    # the root tells which is meant. Half of the j are enough, as cosines are even.
    ring, B, C = PolynomialRing.of(k), piece.B, piece.C
    if isinstance(sparsity, sympy.Rational):
        s = sympy.QQ(int(sparsity.p), int(sparsity.q))
        B, C = B.subs([(ring.S, s)]), C.subs([(ring.S, s)])
    P, product = ring.stationarity(B, C), ring.c * 0 + 1
    for j in range(1, k // 2 + 1):
        if gcd(j, k) == 1:
            product = ring.reduced(product * P.compose(ring.c, 2 * ring.cosines[j]))
    found = written(product)
    if isinstance(sparsity, sympy.Rational):
        return sympy.Poly(found, beta)
    minimal = sympy.Poly(sympy.minimal_polynomial(sparsity, S), S)
    return sympy.Poly(sympy.resultant(sympy.Poly(found, beta, S), minimal, S), beta)


# --------------------------------------------------------------------------------------------------
# How the pieces come about: weights of corners, and the corners in order.


def _corner_weights(ring: PolynomialRing) -> tuple[_Terms, _Terms]:
    """The weights in B, where the first feature is averaged with x₁ beside it, and in C."""
    # A feature with a ≠ 0 is off with weight S, or on and at one of its ends: weight ±p/a, and n
    # goes up by one. One with a = 0 (a right angle) is no part of z and weighs S + p = 1. The
    # feature itself has a = 1. In C it is one more of these (times 2, for C = 2E[R_2]). In B it is
    # on, and by parts ∫ x R_1(c + x) dx = R_2(c + 1) − R_3(c + 1) + R_3(c).
    zero, S = ring.c * 0, ring.S
    one, p = zero + 1, 1 - S
    others: _Terms = {(zero, 0): one}
    for a in filter(None, ring.cosines[1:]):
        rate = p * ring.inverse(a)
        others = _times(ring, others, {(zero, 0): S, (a, 1): rate, (zero, 1): -rate})
    in_B = _times(ring, others, {(one, 1): p, (one, 2): -p, (zero, 2): p})
    in_C = _times(ring, others, {(zero, 0): 2 * S, (one, 1): 2 * p, (zero, 1): -2 * p})
    return in_B, in_C


def _times(ring: PolynomialRing, terms: _Terms, factor: _Terms) -> _Terms:
    total: _Terms = {}
    for (v, d), weight in terms.items():
        for (step, more), scale in factor.items():
            key = v + step, d + more
            total[key] = total.get(key, 0) + ring.reduced(weight * scale)
    return total


def _descending(corners: Iterable[Polynomial], k: int) -> list[Polynomial]:
    """The corners by their values, the largest first."""

    def ordered() -> list[Polynomial]:
        c = 2 * arb.cos_pi_fmpq(fmpq(2, k))
        known = {
            v: sum((arb(_fraction(part)) * c**i for (_, i, _), part in v.terms()), arb(0))
            for v in corners
        }
        return sorted(known, key=cmp_to_key(lambda a, b: sign(known[b] - known[a])))

    return certified(ordered, 256, "Two kinks could not be told apart.")


def _expanded(ring: PolynomialRing, v: Polynomial, n: int, terms: _Terms) -> Polynomial:
    """Σ_d weight(v, d)·(β + v)^(n+d)/(n + d)!, in powers of β."""
    total = ring.c * 0
    for (corner, d), weight in terms.items():
        if corner == v:
            top, part = n + d, weight / factorial(n + d)
            for i in range(top, -1, -1):
                total = total + part * comb(top, i) * ring.beta**i
                part = ring.reduced(part * v)
    return total


def _fraction(coefficient: Polynomial) -> fmpq:
    return fmpq(int(coefficient.numerator), int(coefficient.denominator))
