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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key, lru_cache
from math import comb, factorial
from typing import Any, TypeAlias

import sympy
from flint import arb, arb_mat, arb_poly, fmpq, fmpq_mat

from handcalc.numbers.cosine_field import CosineField
from handcalc.numbers.field import Element
from handcalc.superposition.closed_forms.balls import certified, sign
from handcalc.superposition.loss.distribution import S

# --------------------------------------------------------------------------------------------------
# ℚ[c, S] with c = 2cos(2π/k): the coefficients that a regular k-gon's loss is written with.


beta = sympy.Symbol("beta")
_C = sympy.Symbol("c")

Number: TypeAlias = Any
"""One of sympy's polynomials in c and S, which are not typed."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Polynomials in c and S, where c is a root of ``modulus``, its minimal polynomial.

    ``cosines`` holds cos(2πj/k) for j = 0 … k − 1.
    """

    c: Number
    S: Number
    modulus: Number
    cosines: tuple[Number, ...]

    @classmethod
    def of(cls, k: int) -> Ground:
        """The ground for a regular k-gon, k ≥ 2.

        >>> ground = Ground.of(5)
        >>> ground.modulus, ground.cosines[2]
        (c**2 + c - 1, -1/2*c - 1/2)
        """
        ring, c, S = sympy.ring("c, S", sympy.QQ)
        parts = [sympy.QQ(int(part.p), int(part.q)) for part in CosineField(k).modulus.coeffs()]
        modulus = sum((part * c**i for i, part in enumerate(parts)), ring.zero)
        twice = [ring(2), c.rem([modulus])]
        while len(twice) < k:  # 2cos((j+1)θ) = c·2cos(jθ) − 2cos((j−1)θ)
            twice.append((c * twice[-1] - twice[-2]).rem([modulus]))
        return cls(c, S, modulus, tuple(value / 2 for value in twice))

    def reduced(self, value: Number) -> Number:
        """The same number, written with the lowest powers of c."""
        return value.rem([self.modulus])

    def product(self, a: Sequence[Number], b: Sequence[Number]) -> list[Number]:
        """The product of two polynomials, given by their coefficients."""
        total = [self.c * 0] * (len(a) + len(b) - 1)
        for i, x in enumerate(a):
            for j, y in enumerate(b):
                total[i + j] += x * y
        return [self.reduced(part) for part in total]

    def inverse(self, value: Number) -> Number:
        """1/value, for a number without S."""
        c = sympy.Symbol("c")
        found = sympy.Poly(value.as_expr(), c).invert(sympy.Poly(self.modulus.as_expr(), c))
        return self.c.ring.from_expr(found.as_expr())


def element_at(value: Number, c: Element, s: Element) -> Element:
    """A number in c and S as an element of a real field, given c and S there.

    >>> from handcalc.numbers.field import Field
    >>> one, ground = Field().rational(1), Ground.of(3)
    >>> element_at(ground.S**2 - ground.cosines[1], one, one / 3)
    Element(11/18)
    """
    total = s * 0
    for (i, j), coefficient in value.terms():
        rational = Fraction(int(coefficient.numerator), int(coefficient.denominator))
        total = total + c**i * s**j * rational
    return total


def written(coefficients: Iterable[Number], c: sympy.Expr = _C) -> sympy.Expr:
    """A polynomial in β as a sum, from its coefficients in c and S and a value for c.

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


_Terms: TypeAlias = "dict[tuple[Number, int], Number]"
"""Weights of R_{n+d}(β + v) by (v, d)."""


@dataclass(frozen=True, slots=True)
class PolynomialPiece:
    """B and C for lo ≤ β ≤ hi, each its coefficients in β, the constant first.

    ``lo`` and ``hi`` are neighbouring kinks, numbers in c; ``hi`` is None above the last kink.
    """

    lo: Number
    hi: Number | None
    B: tuple[Number, ...]
    C: tuple[Number, ...]


@lru_cache(maxsize=16)
def pieces(k: int) -> tuple[PolynomialPiece, ...]:
    """All pieces of B and C in order, from the kink below which every output is 0.

    >>> [(piece.lo, piece.hi) for piece in pieces(2)]
    [(-1, 0), (0, 1), (1, None)]
    >>> pieces(2)[-1].B, pieces(2)[-1].C
    ((-1/4*S**2 + 1/6*S + 1/12, -1/2*S + 1/2), (-1/2*S**2 + 1/3*S + 1/6, 0, 1))
    """
    ground = Ground.of(k)
    in_B, in_C = _corner_weights(ground)
    corners = _descending({v for v, _ in in_C}, k)
    B = C = (ground.c * 0,) * (k + 3)
    found = []
    for v, following in zip(corners, [*corners[1:], None], strict=True):
        B, C = _plus(B, _expanded(ground, v, 1, in_B)), _plus(C, _expanded(ground, v, 2, in_C))
        hi = None if following is None else -following
        found.append(PolynomialPiece(-v, hi, _trimmed(B), _trimmed(C)))
    return tuple(found)


@lru_cache(maxsize=16)
def _as_a_matrix(k: int) -> tuple[list[tuple[int, int]], fmpq_mat]:
    """The (i, j) of all cⁱSʲ, and a row of their coefficients for each number of ``pieces``."""
    numbers = [part for piece in pieces(k) for part in (piece.lo, *piece.B, *piece.C)]
    monomials = sorted({monomial for number in numbers for monomial in number})
    entries = [_fraction(number.get(each, 0)) for number in numbers for each in monomials]
    return monomials, fmpq_mat(len(numbers), len(monomials), entries)


def balls_of_pieces(k: int, s: arb) -> list[tuple[arb, arb_poly, arb_poly]]:
    """The lower end, B and C of every piece at a sparsity, all in one product of matrices.

    >>> lo, B, C = balls_of_pieces(2, arb(0))[-1]
    >>> lo, B.degree(), C(0).contains(fmpq(1, 6))
    (1.00000000000000, 1, True)
    """
    monomials, matrix = _as_a_matrix(k)
    c = 2 * arb.cos_pi_fmpq(fmpq(2, k))
    values = arb_mat(len(monomials), 1, [c**i * s**j for i, j in monomials])
    numbers = iter((arb_mat(matrix) * values).entries())
    return [
        (
            next(numbers),
            arb_poly([next(numbers) for _ in piece.B]),
            arb_poly([next(numbers) for _ in piece.C]),
        )
        for piece in pieces(k)
    ]


def _corner_weights(ground: Ground) -> tuple[_Terms, _Terms]:
    """The weights in B, where the first feature is averaged with x₁ beside it, and in C."""
    zero, S = ground.c * 0, ground.S
    one, p = zero + 1, 1 - S
    others: _Terms = {(zero, 0): one}
    for a in filter(None, ground.cosines[1:]):
        rate = p * ground.inverse(a)
        others = _times(ground, others, {(zero, 0): S, (a, 1): rate, (zero, 1): -rate})
    in_B = _times(ground, others, {(one, 1): p, (one, 2): -p, (zero, 2): p})
    in_C = _times(ground, others, {(zero, 0): 2 * S, (one, 1): 2 * p, (zero, 1): -2 * p})
    return in_B, in_C


def _times(ground: Ground, terms: _Terms, factor: _Terms) -> _Terms:
    total: _Terms = {}
    for (v, d), weight in terms.items():
        for (step, more), scale in factor.items():
            key = v + step, d + more
            total[key] = total.get(key, 0) + ground.reduced(weight * scale)
    return total


def _descending(corners: Iterable[Number], k: int) -> list[Number]:
    """The corners by their values, the largest first."""

    def ordered() -> list[Number]:
        c = 2 * arb.cos_pi_fmpq(fmpq(2, k))
        known = {
            v: sum((arb(_fraction(part)) * c**i for (i, _), part in v.terms()), arb(0))
            for v in corners
        }
        return sorted(known, key=cmp_to_key(lambda a, b: sign(known[b] - known[a])))

    return certified(ordered, 256, "Two kinks could not be told apart.")


def _expanded(ground: Ground, v: Number, n: int, terms: _Terms) -> Iterable[tuple[int, Number]]:
    """The powers of β, with coefficients, in Σ_d weight(v, d)·(β + v)^(n+d)/(n + d)!."""
    for (corner, d), weight in terms.items():
        if corner == v:
            top, part = n + d, weight / factorial(n + d)
            for i in range(top, -1, -1):
                yield i, part * comb(top, i)
                part = ground.reduced(part * v)


def _plus(total: Sequence[Number], terms: Iterable[tuple[int, Number]]) -> tuple[Number, ...]:
    result = list(total)
    for i, term in terms:
        result[i] = result[i] + term
    return tuple(result)


def _trimmed(coefficients: Sequence[Number]) -> tuple[Number, ...]:
    """Without zeros at the end."""
    last = max(i for i, part in enumerate(coefficients) if part)
    return tuple(coefficients[: last + 1])


def _fraction(coefficient: Number) -> fmpq:
    return fmpq(int(coefficient.numerator), int(coefficient.denominator))
