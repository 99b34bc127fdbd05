"""The best antipodal pair and the best regular k-gon, as algebraic numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd, lcm

import sympy

from handcalc.errors import InputError
from handcalc.inputs.arguments import read_number
from handcalc.numbers.exact import elements, equal, in_unit_interval
from handcalc.numbers.field import Element
from handcalc.superposition.closed_forms.piecewise import Ground, Number, PolynomialPiece, pieces
from handcalc.superposition.closed_forms.real_root import (
    RealRoot,
    around,
    beta,
    over_the_rationals,
    products,
    proved,
    root_around,
    written,
)
from handcalc.superposition.closed_forms.stationary import (
    Interval,
    Polynomial,
    best_place,
    stationarity_polynomial,
    value,
)
from handcalc.superposition.loss.expected_loss import importances
from handcalc.superposition.loss.problem import MAX_FEATURES
from handcalc.wording import brief


@dataclass(frozen=True, slots=True)
class RegularValues:
    """What describes a regular part: β, the rows' length l, the biases b = β·l², and losses.

    ``loss`` is that of one feature, ``total`` that of all k. The values are exact numbers,
    expressions in β, or Floats.
    """

    beta: sympy.Expr
    length: sympy.Expr
    bias: sympy.Expr
    loss: sympy.Expr
    total: sympy.Expr


@dataclass(frozen=True, slots=True)
class RegularOptimum:
    """The best β of a pair (k = 2) or a regular k-gon, and all that follows from it.

    ``root`` is the best β; B and C are polynomials in β that hold in ``cell``, from one kink to the
    next (or to infinity). ``importance`` is that of each feature.
    """

    k: int
    sparsity: sympy.Expr
    importance: sympy.Expr
    root: RealRoot
    cell: tuple[sympy.Expr, sympy.Expr]
    B: sympy.Expr
    C: sympy.Expr

    @property
    def formulas(self) -> RegularValues:
        """l = √(B/C), b = β·B/C and L = I(p/3 − B²/C) as expressions in β."""
        square, gain = self.B / self.C, self.B**2 / self.C
        loss = self.importance * ((1 - self.sparsity) / 3 - gain)
        return RegularValues(beta, sympy.sqrt(square), beta * square, loss, self.k * loss)

    @property
    def exact(self) -> RegularValues | None:
        """The numbers themselves where β is a fraction or has one square root, else None.

        >>> best_regular(2, 0).exact
        RegularValues(beta=1, length=sqrt(2)/2, bias=1/2, loss=1/24, total=1/12)
        """
        root = self.root.exact
        if root is None:
            return None
        at_root = (part.subs(beta, root) for part in (self.B, self.C))
        field, found = elements(root, *at_root, 1 - self.sparsity, self.importance)
        b, B, C, p, importance = found
        loss = importance * (p / 3 - B * B / C)
        found = (b, field.sqrt(B / C), b * B / C, loss, loss * self.k)
        return RegularValues(*(number.to_sympy() for number in found))

    def digits(self, n: int) -> RegularValues:
        """The numbers to n digits, all of them proved.

        B and C rise with β, so exact values at fractions around β enclose all that follows.

        >>> best_regular(2, "1/2").digits(20).total
        0.076282446989563573382
        """
        parts = RegularParts.of(self)
        return RegularValues(*proved(lambda near: parts.around(self.root.interval(near), near), n))


@dataclass(frozen=True, slots=True)
class RegularParts:
    """What a regular part's numbers are worked out from, in one field."""

    k: int
    B: Polynomial
    C: Polynomial
    p: Element
    importance: Element

    @classmethod
    def of(cls, optimum: RegularOptimum) -> RegularParts:
        """The parts of an optimum."""
        B, C = (sympy.Poly(part, beta).all_coeffs()[::-1] for part in (optimum.B, optimum.C))
        _, found = elements(*B, *C, 1 - optimum.sparsity, optimum.importance)
        return cls(optimum.k, found[: len(B)], found[len(B) : -2], *found[-2:])

    def around(self, known: Interval, tolerance: Fraction) -> list[Interval]:
        """Intervals around β, l, b, the loss of one feature and of all, given one around β.

        B and C rise with β. Fractions are off by at most ``tolerance`` beyond what β leaves open.
        """
        B, C = ([value(part, x) for x in known] for part in (self.B, self.C))
        square = around(B[0] / C[1], B[1] / C[0], tolerance)
        low, high = (
            self.importance * (self.p / 3 - gain)
            for gain in (B[1] * B[1] / C[0], B[0] * B[0] / C[1])
        )
        losses = (around(low * count, high * count, tolerance) for count in (1, self.k))
        return [known, root_around(square, tolerance), products(known, square), *losses]


def best_regular(k: int, sparsity: object, importance: object = 1) -> RegularOptimum:
    """The best pair (k = 2) or regular k-gon among all lengths and biases, a global minimum.

    ``sparsity`` is that of each feature, at least 0 and below 1; ``importance`` at least 0. Errors:
    ``size`` for k outside 2 to 8, ``sparsity``, ``importance``, and those of a text or number that
    cannot be taken.

    Source: derived here.

    >>> pair = best_regular(2, "1/2")
    >>> pair.root.polynomial.as_expr()
    beta**7 - 12*beta**6 - 21*beta**5 + 70*beta**4 + 9*beta**3 + 24*beta**2 + 55*beta - 6
    >>> pair.root.lo, pair.root.hi
    (1/10, 11/100)
    """
    check_size(k)
    s, (weight,) = sparsity_below_one(sparsity), importances([importance], 1)
    place = best_place(k, s)
    cell = place.cell
    polynomial = over_the_rationals(k, pieces(k)[cell.index], s)
    return RegularOptimum(
        k=k,
        sparsity=s,
        importance=weight,
        root=RealRoot.among(polynomial, place.P, place.interval),
        cell=(cell.lo.to_sympy(), sympy.oo if cell.hi is None else cell.hi.to_sympy()),
        B=_expression(cell.B),
        C=_expression(cell.C),
    )


def sparsity_below_one(value: object) -> sympy.Expr:
    """A sparsity from a text or a number, at least 0 and below 1.

    >>> sparsity_below_one("1/2")
    1/2
    """
    number = read_number(value, "the sparsity")
    if not in_unit_interval(number):
        raise InputError(
            "sparsity", f"A sparsity is a probability, from 0 to 1, not {brief(number)}."
        )
    if equal(number, 1):
        raise InputError(
            "sparsity",
            "At S = 1 no feature is ever active, and every embedding without positive biases loses "
            'nothing: give a sparsity below 1, such as "99/100".',
            suggestion="99/100",
        )
    return number


def check_size(k: int) -> None:
    """Refuse a k that is not a whole number from 2 to 8."""
    if type(k) is not int or not 2 <= k <= MAX_FEATURES:
        raise InputError(
            "size",
            f"A regular part is a pair, k = 2, or a k-gon with k from 3 to {MAX_FEATURES}, "
            f"not {brief(k)}.",
        )


def _expression(polynomial: Polynomial) -> sympy.Expr:
    return sympy.Add(*(part.to_sympy() * beta**i for i, part in enumerate(polynomial)))


# --------------------------------------------------------------------------------------------------
# B, C and P = 2B′C − BC′ with S as a symbol: what the best β solves at any sparsity.


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

    def cell(piece: PolynomialPiece) -> SymbolicCell:
        hi = sympy.oo if piece.hi is None else written([piece.hi], c)
        P = map(ground.reduced, stationarity_polynomial(piece.B, piece.C))
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
