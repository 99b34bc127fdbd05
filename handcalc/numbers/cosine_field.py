"""The real field ℚ(2cos(2π/N)): polynomials in c = 2cos(2π/N), modulo its minimal polynomial.

It is the ground on which ``field`` adjoins square roots. A raw element is a rational
(``fmpq``) or a polynomial of degree ≥ 1 (``fmpq_poly``), never a constant polynomial, so that
equality is comparison. N = 1 gives ℚ itself.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import TypeAlias

import sympy
from flint import arb, fmpq, fmpq_mat, fmpq_poly, fmpz_poly

from handcalc.errors import EngineError, InputError
from handcalc.wording import brief

MAX_ANGLE_DENOMINATOR = 60
MAX_DEGREE = 64

Raw: TypeAlias = "fmpq | fmpq_poly"
_HALF = fmpq(1, 2)


class CosineField:
    """ℚ(2cos(2π/N)), of degree φ(N)/2 (1 for N ≤ 2), which is at most 64.

    >>> field = CosineField(7)
    >>> field.to_sympy(field.twice_cosine(1) + field.twice_cosine(2) + field.twice_cosine(3))
    -1
    """

    def __init__(self, order: int) -> None:
        # φ(N)/2, or for a large N the lower bound √(N/8), which needs no factors
        small = order <= 8 * MAX_DEGREE**2
        check_degree(int(sympy.totient(order)) // 2 if small else isqrt(order // 8))
        self.order = order
        self.modulus = fmpq_poly(fmpz_poly.cos_minpoly(order))
        self.degree = int(self.modulus.degree())
        self._cosines = [fmpq(2), lowered(fmpq_poly([0, 1]) % self.modulus)]

    def twice_cosine(self, k: int) -> Raw:
        """2cos(2πk/N), by 2cos((k+1)θ) = 2cos θ · 2cos kθ − 2cos((k−1)θ)."""
        k = min(k % self.order, -k % self.order)
        cosines = self._cosines
        if len(cosines) <= k:
            cosines = [*cosines]  # threads may share a field: what they see is whole
            while len(cosines) <= k:
                cosines.append(lowered(self.product(cosines[1], cosines[-1]) - cosines[-2]))
            self._cosines = cosines
        return cosines[k]

    def twice_cosine_of(self, angle: Fraction) -> Raw:
        """2cos(angle·π) for an angle of order N or a divisor; for odd N, of twice that too."""
        turns = angle / 2 * self.order
        if turns.denominator == 1:
            return self.twice_cosine(int(turns))
        if turns.denominator == 2 and self.order % 2:
            return -self.twice_cosine_of(1 - angle)
        raise EngineError("field", f"The field was not made for the cosine of {angle}·π.")

    def product(self, a: Raw, b: Raw) -> Raw:
        """a · b."""
        product = a * b
        if isinstance(product, fmpq_poly) and product.degree() >= self.degree:
            product = product % self.modulus
        return lowered(product)

    def inverse(self, a: Raw) -> Raw:
        """1/a, by the extended Euclidean algorithm; ``ZeroDivisionError`` for zero."""
        if isinstance(a, fmpq_poly):
            return lowered(a.xgcd(self.modulus)[1])
        if a == 0:
            raise ZeroDivisionError("division by zero")
        return 1 / a

    def ball(self, a: Raw) -> arb:
        """An interval around a, at the working precision."""
        if isinstance(a, fmpq):
            return arb(a)
        generator, total = 2 * arb.cos_pi_fmpq(fmpq(2, self.order)), arb(0)
        for coefficient in reversed(a.coeffs()):
            total = total * generator + arb(coefficient)
        return total

    def root(self, a: Raw) -> Raw | None:
        """A square root of a in this field, or None where there is none: a proof either way.

        Take b = a·c² of full degree with characteristic polynomial m. Then m(x²) is irreducible
        exactly if b has no root β here, and otherwise splits into the polynomials of β and −β;
        with β's polynomial written A(x²) + x·B(x²), β = −A(b)/B(b).
        """
        if isinstance(a, fmpq) and (rational := _rational_root(a)) is not None:
            return rational
        if self.degree == 1:
            return None
        c, b, polynomial = self._primitive_multiple(a)
        # the norm of a square is a square: most that are none are told here, without factors
        if _rational_root(abs(polynomial[0])) is None:
            return None
        in_the_square = fmpq_poly([c for a in polynomial.coeffs() for c in (a, 0)])  # m(x²)
        _, factors = in_the_square.factor()
        if len(factors) == 1:
            return None
        coefficients = factors[0][0].coeffs()
        even, odd = fmpq_poly(coefficients[0::2]), fmpq_poly(coefficients[1::2])
        beta = -self.product(self._at(even, b), self.inverse(self._at(odd, b)))
        root = self.product(beta, self.inverse(c))
        if self.product(root, root) != a:
            raise EngineError("field", "A square root among cosines did not check.")
        return root

    def root_effort(self, a: Raw) -> int:
        """About how many microseconds ``root`` takes, as measured: most of them for factors."""
        if self.degree == 1:
            return 1
        square = self.degree**2 * raw_bits(a)
        return 1 + square // 8 + square**2 // 100_000

    def to_sympy(self, a: Raw) -> sympy.Expr:
        """A fraction and one cosine where that does, the fraction 0 if it can be; else a sum."""
        if isinstance(a, fmpq):
            return _rational_to_sympy(a)
        best: tuple[fmpq, fmpq, int] | None = None
        for k in range(1, self.order // 2 + 1):
            cosine = self.twice_cosine(k)
            if isinstance(cosine, fmpq_poly) and cosine.degree() == a.degree():
                ratio = a[a.degree()] / cosine[a.degree()]
                rest = lowered(a - cosine * ratio)
                if rest == 0:
                    return self._term(ratio, k)
                if best is None and isinstance(rest, fmpq):
                    best = rest, ratio, k
        if best is None:
            return self._sum_of_cosines(a)
        rest, ratio, k = best
        return _rational_to_sympy(rest) + self._term(ratio, k)

    def _sum_of_cosines(self, a: fmpq_poly) -> sympy.Expr:
        terms, rest = [], a
        for k in range(a.degree(), 0, -1):
            coefficient = rest[k]  # 2cos(kθ) is a monic polynomial of degree k in 2cos θ
            rest = rest - coefficient * self.twice_cosine(k)
            terms.append(self._term(coefficient, k))
        return sympy.Add(_rational_to_sympy(rest[0]), *terms)

    def _term(self, coefficient: fmpq, k: int) -> sympy.Expr:
        """coefficient · 2cos(2πk/N), as a sine where that has the simpler angle."""
        angle = Fraction(2 * k, self.order)
        complement = Fraction(1, 2) - angle
        simpler = complement.denominator < angle.denominator
        function, argument = (sympy.sin, complement) if simpler else (sympy.cos, angle)
        return 2 * _rational_to_sympy(coefficient) * function(times_pi(argument))

    def _primitive_multiple(self, a: Raw) -> tuple[Raw, Raw, fmpq_poly]:
        """c, b = a·c² and the characteristic polynomial of b, where b has full degree."""
        # c = 2cos(2π/N) + shift: b = a·c² has a smaller degree only where two of its conjugates are
        # one, which a shift solves at most twice for each pair of them; so one of these will do
        for shift in range(8 * self.degree**2):
            c = lowered(self._cosines[1] + fmpq(shift)) if shift else fmpq(1)
            b = self.product(a, self.product(c, c))
            polynomial = self._characteristic(b)
            if polynomial.gcd(polynomial.derivative()).degree() == 0:
                return c, b, polynomial
        raise EngineError("field", "No primitive multiple was found among cosines.")

    def _characteristic(self, b: Raw) -> fmpq_poly:
        # of the linear map x → b·x, written in the powers of 2cos(2π/N)
        rows: list[fmpq] = []
        for power in range(self.degree):
            image = fmpq_poly([0] * power + [1]) * b % self.modulus
            rows += [image[i] for i in range(self.degree)]
        return fmpq_mat(self.degree, self.degree, rows).charpoly()

    def _at(self, polynomial: fmpq_poly, b: Raw) -> Raw:
        total: Raw = fmpq(0)
        for coefficient in reversed(polynomial.coeffs()):
            total = lowered(self.product(total, b) + coefficient)
        return total


def check_degree(degree: int) -> None:
    """Refuse a field of a degree past the budget, with code ``too_complicated``."""
    if degree > MAX_DEGREE:
        raise InputError(
            "too_complicated",
            f"These roots and cosines together make a number field of degree {degree} or more; "
            f"at most {MAX_DEGREE} is worked with. Use fewer different roots.",
        )


def lowered(a: Raw) -> Raw:
    """The same element, a constant polynomial written as a rational."""
    return a[0] if isinstance(a, fmpq_poly) and a.degree() <= 0 else a


def raw_bits(a: Raw) -> int:
    """The bit length of the largest numerator or denominator among the coordinates."""
    parts = a.coeffs() if isinstance(a, fmpq_poly) else [a]
    return max(max(int(c.p).bit_length(), int(c.q).bit_length()) for c in parts)


def times_pi(angle: Fraction) -> sympy.Expr:
    """angle · π."""
    return sympy.Rational(angle.numerator, angle.denominator) * sympy.pi


def angle_of(value: sympy.Expr) -> Fraction | None:
    """The a/b for which cos((a/b)·π) is the given sympy cosine or sine, or None.

    >>> angle_of(sympy.sin(2 * sympy.pi / 7))
    Fraction(3, 14)
    """
    multiple = value.args[0] / sympy.pi
    if not isinstance(multiple, sympy.Rational):
        return None
    angle = Fraction(int(multiple.p), int(multiple.q))
    return angle if isinstance(value, sympy.cos) else Fraction(1, 2) - angle


def cosine_order(angle: Fraction) -> int:
    """The N for which cos(angle·π) needs ℚ(2cos(2π/N)): 1 where square roots write it.

    Which cosines square roots write is sympy's table. Errors: ``too_complicated`` for a
    denominator over 60, as a cosine and as a sine.

    >>> [cosine_order(Fraction(2, n)) for n in (5, 6, 7)]
    [1, 1, 7]
    """
    simplest = min(angle, Fraction(1, 2) - angle, key=lambda each: each.denominator)
    if simplest.denominator > MAX_ANGLE_DENOMINATOR:
        raise InputError(
            "too_complicated",
            f"An angle is a fraction of π with a denominator of at most {MAX_ANGLE_DENOMINATOR}, "
            f"not {brief(simplest)}·π; use a simpler fraction.",
        )
    if not sympy.cos(times_pi(angle)).has(sympy.cos, sympy.sin):
        return 1
    order = (angle / 2).denominator
    return order // 2 if order % 4 == 2 else order


def _rational_to_sympy(value: fmpq) -> sympy.Rational:
    return sympy.Rational.from_coprime_ints(int(value.p), int(value.q))


def _rational_root(value: fmpq) -> fmpq | None:
    if value < 0:
        return None
    root = fmpq(isqrt(int(value.p)), isqrt(int(value.q)))
    return root if root * root == value else None
