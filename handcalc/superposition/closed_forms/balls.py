"""Certified numbers: intervals of arb, and a precision that is raised until they tell enough.

A ball [m ± r] of arb holds its number for sure, as every step rounds outwards. So what follows from
balls is proved and not measured: that a number has a sign, that a polynomial has no root in a ball
(0 is not among its values there) or one at most (nor among those of its slope), and a number's
first digits (both ends of the ball are the same when rounded). Where balls are too wide to decide,
``UndecidedError`` is raised, and ``certified`` tries again with twice the bits.

Source: Johansson 2017, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic";
Newton's step with intervals, Moore 1966, "Interval Analysis".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import prod
from typing import TypeVar

import sympy
from flint import arb, arb_poly, ctx, fmpq

from handcalc.errors import EngineError
from handcalc.numbers.cosine_field import angle_of
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
