"""Certified numbers: intervals of arb, and real algebraic numbers that are known by them.

A ball [m ± r] of arb holds its number for sure, as every step rounds outwards. So what follows from
balls is proved and not measured: that a number has a sign, that a polynomial has no root in a ball
(0 is not among its values there) or one at most (nor among those of its slope), and a number's
first digits (both ends of the ball are the same when rounded). Where balls are too wide to decide,
``UndecidedError`` is raised, and ``certified`` tries again with twice the bits. An algebraic number
is a root of an irreducible polynomial over ℤ, told from the others by an interval.

Source: Johansson 2017, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic";
Newton's step with intervals, Moore 1966, "Interval Analysis".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor, prod
from typing import TypeVar

import sympy
from flint import arb, arb_poly, ctx, fmpq, fmpz_poly

from handcalc.errors import EngineError
from handcalc.numbers.cosine_field import angle_of
from handcalc.numbers.exact import to_rational, to_text
from handcalc.numbers.field import Element
from handcalc.numbers.tower import Sign

_MOST_BITS = 1 << 14
_T = TypeVar("_T")


class UndecidedError(Exception):
    """Balls are too wide to decide; with more bits they may not be."""


def certified(attempt: Callable[[], _T], bits: int, failure: str) -> _T:
    """What an attempt finds at the lowest precision, of ``bits`` and its doubles, that decides.

    Errors: ``EngineError`` that says ``failure`` where 16384 bits do not.
    """
    while bits <= _MOST_BITS:
        with ctx.workprec(bits):
            try:
                return attempt()
            except UndecidedError:
                bits *= 2
    raise EngineError("closed_form", failure)


def ball(value: sympy.Expr, beta: arb | None = None) -> arb:
    """A number made of fractions, square roots, cosines and β, given a ball around β.

    >>> ball(sympy.sqrt(2) * sympy.cos(2 * sympy.pi / 7)).contains(fmpq(8817, 10000))
    False
    """
    if isinstance(value, sympy.Rational):
        return arb(fmpq(int(value.p), int(value.q)))
    if isinstance(value, sympy.Symbol) and beta is not None:
        return beta
    if isinstance(value, sympy.Add):
        return sum((ball(part, beta) for part in value.args), arb(0))
    if isinstance(value, sympy.Mul):
        return prod((ball(part, beta) for part in value.args), start=arb(1))
    if isinstance(value, sympy.Pow) and value.exp.is_Rational and value.exp.q in (1, 2):
        base = ball(value.base, beta)
        return (base.sqrt() if value.exp.q == 2 else base) ** int(value.exp.p)
    if isinstance(value, sympy.cos | sympy.sin) and (angle := angle_of(value)) is not None:
        return arb.cos_pi_fmpq(fmpq(angle.numerator, angle.denominator))
    raise EngineError("closed_form", f"No ball is known around {value}.")


def sign(value: arb) -> Sign:
    """−1 or 1, which every number in the ball has; it is undecided for a ball around 0."""
    if value > 0:
        return 1
    if value < 0:
        return -1
    raise UndecidedError


def rounded(value: arb, n: int) -> sympy.Float:
    """The number to n digits, where every number in the ball is rounded to the same."""
    ends = (end.man_exp() for end in (value.lower(), value.upper()))
    lo, hi = (sympy.Float(int(m) * sympy.Integer(2) ** int(e), n) for m, e in ends)
    if lo != hi:
        raise UndecidedError
    return lo


def zeros(P: arb_poly, lo: arb, hi: arb, signs: tuple[Sign, Sign]) -> Iterator[arb]:
    """A ball around every root of P strictly between lo and hi, at which it has the given signs.

    A ball is halved until it has no root, as 0 is not among P's values there, or until 0 is not
    among those of P′: then P is monotone, and has one root exactly if its signs at the ends differ.
    It stays undecided where a root is multiple.

    >>> square, below = arb_poly([-2, 0, 1]), arb_poly([2, 0, 1])  # x² − 2 and x² + 2
    >>> [root.str(10, radius=False) for root in zeros(square, arb(0), arb(2), (-1, 1))]
    ['1.414213562']
    >>> list(zeros(below, arb(0), arb(2), (1, 1)))
    []
    """
    narrowest = arb(2) ** (-ctx.prec // 2)
    waiting = [(lo, hi, *signs)]
    while waiting:
        lo, hi, low, high = waiting.pop()
        around = lo.union(hi)
        middle, reach = around.mid(), arb(0, around.rad())
        moved = P(arb_poly([middle, 1]))  # P(middle + t), whose values at small t are tight
        if not moved(reach).contains(0):
            continue
        if not moved.derivative()(reach).contains(0):
            if low * high < 0:
                yield _refined(P, around)
            continue
        if around.rad() < narrowest:
            raise UndecidedError
        for step in (0, 1, -1):  # where P is seen not to be 0
            parting = (middle + around.rad() * step / 8).mid()
            value = P(parting)
            if not value.contains(0):
                break
        waiting += [(lo, parting, low, sign(value)), (parting, hi, sign(value), high)]


def _refined(P: arb_poly, around: arb) -> arb:
    """The smallest ball for the one root in a ball: it lies in m − P(m)/P′(ball), for any m."""
    slope = P.derivative()
    while True:
        m = around.mid()
        steepness = slope(arb_poly([m, 1]))(around - m)
        closer = around.intersection(m - P(m) / steepness)
        if not 4 * closer.rad() < 3 * around.rad():
            return closer
        around = closer


# --------------------------------------------------------------------------------------------------
# Real algebraic numbers: an irreducible polynomial over ℤ, and an interval with one root.


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
            found = cls(factor, *map(to_rational, ends))
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
