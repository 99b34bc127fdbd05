"""Where the loss of a pair or a regular k-gon is least: every stationary β, and the best.

With B(β) and C(β) as in ``clipped_powers``, a feature loses A − 2qB + q²C, least at q = B/C (where
C > 0, B > 0 too), and then L(β) = A − B²/C. It has the derivative −B·P/C² with

    P = 2B′C − BC′,

so the best β is a root of P, a polynomial between kinks. L is continuously differentiable, it is A
below the first kink, and above the last kink, where nothing is clipped, P is linear and L rises
from its root to the loss of a dropped feature. So the best of all roots of P, piece by piece, is
the best of all: nothing is left to a search. Derived here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import sympy

from handcalc.errors import EngineError
from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element
from handcalc.superposition.closed_forms.clipped_powers import Piece, pieces, powers
from handcalc.superposition.closed_forms.ground import Number, element_at
from handcalc.superposition.closed_forms.roots import (
    Interval,
    Polynomial,
    derivative,
    isolated,
    narrowed,
    near,
    product,
    sign_variations,
    value,
)

__all__ = ["Cell", "Place", "best_place", "cells", "stationary_places", "turning"]

_FINEST = Fraction(1, 10**400)


@dataclass(frozen=True, slots=True)
class Cell:
    """B and C as polynomials for lo ≤ β ≤ hi, at a given S; ``hi`` is None above the last kink."""

    index: int
    lo: Element
    hi: Element | None
    B: Polynomial
    C: Polynomial


@dataclass(frozen=True, slots=True)
class Place:
    """A β where the loss is stationary: a root of the cell's P in an interval."""

    cell: Cell
    P: Polynomial
    interval: Interval

    def narrowed(self, tolerance: Fraction) -> Place:
        """The same β, known to ``tolerance``."""
        return Place(self.cell, self.P, narrowed(self.P, self.interval, tolerance))

    def gain(self) -> tuple[Element, Element]:
        """B²/C, by how much the loss is below A, from below and from above; B and C rise with β."""
        lo, hi = self.interval
        B, C = ([value(p, x) for x in (lo, hi)] for p in (self.cell.B, self.cell.C))
        return B[0] * B[0] / C[1], B[1] * B[1] / C[0]


def turning(B: Polynomial, C: Polynomial) -> Polynomial:
    """P = 2B′C − BC′, which has the sign of −dL/dβ.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> turning((one, one), (one, 0 * one, one))  # B = 1 + β, C = 1 + β²
    (Element(2), Element(-2), Element(0))
    """
    rise, fall = product(derivative(B), C), product(B, derivative(C))
    size, zero = max(len(rise), len(fall)), B[0] * 0
    both = ((*part, *[zero] * (size - len(part))) for part in (rise, fall))
    return tuple(up * 2 - down for up, down in zip(*both, strict=True))


def cells(k: int, sparsity: sympy.Expr) -> list[Cell]:
    """All cells at a given S, with numbers of one field."""
    _, (c, s) = elements(2 * sympy.cos(2 * sympy.pi / k), sparsity)
    in_c, in_s = powers(c, k), powers(s, k)

    def number(part: Number) -> Element:
        return element_at(part, in_c, in_s)

    def cell(index: int, piece: Piece) -> Cell:
        hi = None if piece.hi is None else number(piece.hi)
        B, C = (tuple(map(number, parts)) for parts in (piece.B, piece.C))
        return Cell(index, number(piece.lo), hi, B, C)

    return [cell(index, piece) for index, piece in enumerate(pieces(k))]


def stationary_places(k: int, sparsity: sympy.Expr) -> Iterator[Place]:
    """Every β above the first kink where the loss is stationary, cell by cell.

    >>> [place.interval for place in stationary_places(2, sympy.Rational(0))]
    [(Fraction(1, 1), Fraction(1, 1))]
    """
    for cell in cells(k, sparsity):
        P = turning(cell.B, cell.C)
        if cell.index and not value(P, cell.lo):
            kink = near(cell.lo, _FINEST)
            if cell.lo != kink:
                raise EngineError("closed_form", "A best β lies on a kink that is not a fraction.")
            yield Place(cell, P, (kink, kink))
        hi = _beyond(P, cell.lo) if cell.hi is None else cell.hi
        yield from (Place(cell, P, interval) for interval in isolated(P, cell.lo, hi))


def best_place(k: int, sparsity: sympy.Expr) -> Place:
    """The β with the least loss of all.

    Errors: ``EngineError`` where two losses agree to 400 digits.

    >>> best_place(2, sympy.Rational(1, 2)).narrowed(Fraction(1, 100)).interval
    (Fraction(105, 1024), Fraction(27, 256))
    """
    places, tolerance = list(stationary_places(k, sparsity)), Fraction(1, 2**20)
    while len(places) > 1:
        places = [place.narrowed(tolerance) for place in places]
        gains = [place.gain() for place in places]
        surest = gains[0][0]
        for low, _ in gains:
            surest = low if (low - surest).sign() > 0 else surest
        kept = zip(places, gains, strict=True)
        places = [place for place, (_, high) in kept if (high - surest).sign() >= 0]
        if tolerance < _FINEST:
            raise EngineError("closed_form", "Two stationary losses could not be told apart.")
        tolerance = tolerance**2
    return places[0]


def _beyond(polynomial: Polynomial, lo: Element) -> Element:
    """A number above all roots that are above ``lo``."""
    reach = lo * 0 + 1
    while sign_variations(polynomial, lo + reach, None):
        reach = reach * 2
    return lo + reach
