"""Real algebraic numbers: an irreducible polynomial over ℤ, and an interval with one root."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, gcd

import sympy
from flint import arb, arb_poly, fmpz_poly

from handcalc.numbers.exact import to_text
from handcalc.numbers.field import Element
from handcalc.superposition.closed_forms.balls import UndecidedError, ball, sign, zeros
from handcalc.superposition.closed_forms.piecewise import (
    PolynomialPiece,
    PolynomialRing,
    beta,
    written,
)
from handcalc.superposition.loss.distribution import S


@dataclass(frozen=True, slots=True)
class RealRoot:
    """The one root of ``polynomial`` from ``lo`` to ``hi``, strictly between the two.

    ``polynomial`` is irreducible over ℤ, its leading coefficient positive; ``lo`` and ``hi`` are
    decimal fractions, where it has different signs.
    """

    polynomial: sympy.Poly
    lo: sympy.Rational
    hi: sympy.Rational

    @classmethod
    def among(
        cls, polynomial: sympy.Poly, root: arb, within: tuple[Element, Element | None]
    ) -> RealRoot:
        """A root of a polynomial over ℚ, given a ball around it.

        Irreducible factors have no root in common, so one alone is 0 there. ``lo`` and ``hi`` have
        two decimals and two digits or more, as many as it takes to be alone with the root and, if
        it is no fraction, to stay within two numbers. Errors: ``UndecidedError``.

        >>> from handcalc.numbers.field import Field
        >>> x, one = sympy.Symbol("x"), Field().rational(1)
        >>> both = sympy.Poly((x**2 - 2) * (x**2 - 3), x)
        >>> RealRoot.among(both, arb(3).sqrt(), (one, None))
        RealRoot(polynomial=Poly(x**2 - 3, x, domain='ZZ'), lo=173/100, hi=87/50)
        """
        _, factors = polynomial.factor_list()
        factors = [factor.clear_denoms(convert=True)[1].primitive()[1] for factor, _ in factors]
        factors = [factor for factor in factors if _balls(factor)(root).contains(0)]
        if len(factors) > 1:
            raise UndecidedError
        factor = factors[0] if factors[0].LC() > 0 else -factors[0]
        (least, most), scale = within, 10
        while True:
            scale *= 10
            ends = _around(factor, root, scale)
            found = cls(factor, *(sympy.Rational(end.numerator, end.denominator) for end in ends))
            lo, hi = ends
            is_narrow = hi - lo <= abs(lo) / 10
            is_inside = (least - lo).sign() <= 0 and (most is None or (most - hi).sign() >= 0)
            if factor.degree() == 1 or (is_narrow and is_inside and len(found.balls()) == 1):
                return found

    @property
    def exact(self) -> sympy.Expr | None:
        """The root as a fraction or with a square root, None where its degree is over 2."""
        if self.polynomial.degree() > 2:
            return None
        if self.polynomial.degree() == 1:
            a, b = self.polynomial.all_coeffs()
            return sympy.Rational(-b, a)
        a, b, c = self.polynomial.all_coeffs()
        root = sympy.sqrt(b**2 - 4 * a * c)
        larger = self.polynomial.eval(self.hi) > 0
        return sympy.expand((-b + (root if larger else -root)) / (2 * a))

    @property
    def sentence(self) -> str:
        """What the root is, in words that may follow "is".

        >>> x = sympy.Symbol("x")
        >>> RealRoot(sympy.Poly(x**3 - 2), sympy.Rational("1.25"), sympy.Rational("1.26")).sentence
        'the root of a polynomial of degree 3 between 1.25 and 1.26'
        """
        if self.exact is not None:
            return to_text(self.exact)
        lo, hi = (Decimal(int(end.p)) / int(end.q) for end in (self.lo, self.hi))
        degree = self.polynomial.degree()
        return f"the root of a polynomial of degree {degree} between {lo:f} and {hi:f}"

    def balls(self) -> list[arb]:
        """Balls around all roots between lo and hi, at the working precision.

        Errors: ``UndecidedError``.

        >>> x = sympy.Symbol("x")
        >>> root = RealRoot(sympy.Poly(x**3 - 2), sympy.Integer(1), sympy.Integer(2))
        >>> [ball.str(10, radius=False) for ball in root.balls()]
        ['1.259921050']
        """
        P, lo, hi = _balls(self.polynomial), ball(self.lo), ball(self.hi)
        return list(zeros(P, lo, hi, (sign(P(lo)), sign(P(hi)))))


def _balls(polynomial: sympy.Poly) -> arb_poly:
    return arb_poly(fmpz_poly([int(part) for part in reversed(polynomial.all_coeffs())]))


def _around(factor: sympy.Poly, root: arb, scale: int) -> tuple[Fraction, Fraction]:
    """The nearest multiples of 1/scale below and above a root, neither of them the root."""
    if factor.degree() == 1:  # a ball around a fraction may never tell on which side it lies
        exact = Fraction(-int(factor.TC()) * scale, int(factor.LC()))
        return Fraction(ceil(exact) - 1, scale), Fraction(floor(exact) + 1, scale)
    below = (root * scale).floor().unique_fmpz()
    if below is None:
        raise UndecidedError
    return Fraction(int(below), scale), Fraction(int(below) + 1, scale)


# --------------------------------------------------------------------------------------------------
# From the polynomial over a number field that decides β to one over ℚ with the same root.


def over_the_rationals(k: int, piece: PolynomialPiece, sparsity: sympy.Expr) -> sympy.Poly:
    """A polynomial in β over ℚ with all roots of P at a given S: the product of conjugates.

    The conjugates of c = 2cos(2π/k) are 2cos(2πj/k) for the j without a factor in common with k,
    those of an S that is no fraction the other roots of its minimal polynomial.

    >>> from handcalc.superposition.closed_forms.piecewise import pieces
    >>> over_the_rationals(2, pieces(2)[-1], sympy.Rational(1, 2)).all_roots()
    [1/2]
    """
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
