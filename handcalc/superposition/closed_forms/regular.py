"""The best antipodal pair and the best regular k-gon, as algebraic numbers.

With B(β) and C(β) as in ``piecewise``, a feature loses A − 2qB + q²C, least at q = B/C (where
C > 0, B > 0 too), and then L(β) = A − B²/C. It has the derivative −B·P/C² with

    P = 2B′C − BC′,

so the best β is a root of P, a polynomial between kinks. L is continuously differentiable, it is A
below the first kink, and above the last kink, where nothing is clipped, P is linear and L rises
from its root to the loss of a dropped feature. So the best of all roots of P, piece by piece, is
the best of all: nothing is left to a search.

The first piece has no root. There t = β − lo is below 1, U = R₁(β + a·x) is t − Y for a Y ≥ 0, and

    B = E[x₁U],    B′ = E[x₁; U > 0],    C = E[U²],    C′ = 2E[U],

so P > 0 says that U is on average larger weighted by U than weighted by x₁. That holds if
E[x₁ | Y = s]/(t − s) rises with s. Write x₁ = 1 − y₁. Given which features are on, Y is a sum of
multiples of uniform variables, one of them y₁, and E[y₁ | Y = s] is s over their number; a larger s
makes more of them likely. So E[y₁ | Y = s] is at most s and rises by at most 1, and (1 − s)/(t − s)
is more than that. Derived here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sympy
from flint import arb, arb_poly

from handcalc.errors import InputError
from handcalc.inputs.arguments import read_number
from handcalc.numbers.exact import elements, equal, in_unit_interval
from handcalc.numbers.tower import Sign
from handcalc.superposition.closed_forms.balls import (
    RealRoot,
    ball,
    certified,
    rounded,
    sign,
    zeros,
)
from handcalc.superposition.closed_forms.piecewise import (
    PieceAtSparsity,
    PolynomialRing,
    balls_of_pieces,
    beta,
    over_the_rationals,
    piece_at,
    pieces,
    written,
)
from handcalc.superposition.loss.expected_loss import importances
from handcalc.wording import brief


@dataclass(frozen=True, slots=True)
class StationaryPoint:
    """Balls around a β where the loss is stationary, and B and C there, in one of ``pieces``."""

    piece: int
    beta: arb
    B: arb
    C: arb


def stationary_points(k: int, sparsity: sympy.Expr | arb) -> Iterator[StationaryPoint]:
    """Every β above the first kink where the loss is stationary, piece by piece.

    ``sparsity`` may be a ball: what is found then holds for every S in it. Errors:
    ``UndecidedError``.

    >>> [point.beta for point in stationary_points(2, sympy.Rational(0))]
    [1.00000000000000]
    """
    # Between two kinks P is a polynomial, and ``zeros`` finds all of its roots there, given its
    # signs at the ends. Above the last kink there is no end; but P is linear there, so beyond its
    # one root it has the sign of its slope. A root at a kink itself belongs to the piece above.
    balls = balls_of_pieces(k, sparsity if isinstance(sparsity, arb) else ball(sparsity))
    found = [(lo, B, C, 2 * B.derivative() * C - B * C.derivative()) for lo, B, C in balls]
    lo, B, C, P = found[-1]
    line = P.truncate(2)  # what is left of higher powers is 0
    last, slope = -line[0] / line[1], line[1]
    found[-1] = lo, B, C, line
    signs = [_sign_at_kink(k, i, lo, P, sparsity) for i, (lo, _, _, P) in enumerate(found) if i]
    ends = [lo for lo, *_ in found[2:]] + [lo + 1 + abs(last)]
    pairs = zip(signs, [*signs[1:], sign(slope)], strict=True)
    for i, (hi, (below, above)) in enumerate(zip(ends, pairs, strict=True), 1):
        lo, B, C, P = found[i]
        roots = [lo] if below == 0 else []
        for root in (*roots, *zeros(P, lo, hi, (below, above))):
            yield StationaryPoint(i, root, B(root), C(root))


def best_point(k: int, sparsity: sympy.Expr | arb) -> StationaryPoint:
    """The β with the least loss of all, the one with the largest B²/C.

    Errors: ``UndecidedError``, also where two losses are the same.

    >>> best_point(2, sympy.Rational(1, 2)).beta.str(10, radius=False)
    '0.1040391794'
    """
    points = list(stationary_points(k, sparsity))
    gains = [point.B**2 / point.C for point in points]
    best = max(range(len(points)), key=lambda i: gains[i].mid())
    for i, gain in enumerate(gains):
        if i != best:
            sign(gains[best] - gain)
    return points[best]


def _sign_at_kink(k: int, index: int, lo: arb, P: arb_poly, sparsity: sympy.Expr | arb) -> Sign:
    """The sign of P at the lower end of a piece: exact arithmetic tells where it is 0."""
    value_there = P(lo)
    if value_there.contains(0) and isinstance(sparsity, sympy.Expr):
        piece = piece_at(k, index, sparsity)
        return sum((part * piece.lo**n for n, part in enumerate(piece.P)), piece.lo * 0).sign()
    return sign(value_there)


# --------------------------------------------------------------------------------------------------
# The best pair or k-gon as an algebraic number.

_BITS = 192
"""Where precision begins: enough for all but sparsities with many digits."""

_BITS_A_DIGIT, _SPARE_BITS = 3.33, 32

TOO_WIDE = "A number was not known well enough to be rounded."


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

    @classmethod
    def of(
        cls, k: int, numbers: Sequence[Any], root: Callable[[Any], Any] = sympy.sqrt
    ) -> RegularValues:
        """l = √(B/C), b = β·B/C and L = I(p/3 − B²/C) from β, B, C, p and I of any type.

        ``root`` takes the square root of such a number.
        """
        beta, B, C, p, importance = numbers
        loss = importance * (p / 3 - B * B / C)
        return cls(beta, root(B / C), beta * (B / C), loss, k * loss)

    def each(self, change: Callable[[Any], sympy.Expr]) -> RegularValues:
        """All values, changed."""
        return RegularValues(*(change(getattr(self, field.name)) for field in fields(self)))


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
        """l, b and the losses as expressions in β."""
        return RegularValues.of(self.k, (beta, self.B, self.C, 1 - self.sparsity, self.importance))

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
        return RegularValues.of(self.k, found, field.sqrt).each(lambda each: each.to_sympy())

    def digits(self, n: int) -> RegularValues:
        """The numbers to n digits, all of them proved.

        >>> best_regular(2, "1/2").digits(20).total
        0.076282446989563573382
        """
        known = self.exact  # a ball around a fraction may never tell how the fraction is rounded

        def attempt() -> RegularValues:
            if known is None:
                (root,) = self.root.balls()
                parts = (self.B, self.C, 1 - self.sparsity, self.importance)
                numbers = root, *(ball(part, root) for part in parts)
                return RegularValues.of(self.k, numbers, arb.sqrt).each(lambda x: rounded(x, n))
            return known.each(
                lambda each: sympy.Float(each, n) if each.is_Rational else rounded(ball(each), n)
            )

        return certified(attempt, bits_for(n), TOO_WIDE)


def bits_for(n: int) -> int:
    """The precision at which n digits are tried first."""
    return int(_BITS_A_DIGIT * n) + _SPARE_BITS


def best_regular(k: int, sparsity: object, importance: object = 1) -> RegularOptimum:
    """The best pair (k = 2) or regular k-gon among all lengths and biases, a global minimum.

    ``sparsity`` is that of each feature, at least 0 and below 1; ``importance`` at least 0. Errors:
    ``size`` for k outside 2 to 8, ``sparsity``, ``importance``, those of a text or number that
    cannot be taken, and ``EngineError`` where 16384 bits do not tell the best from another.

    Source: derived here.

    >>> pair = best_regular(2, "1/2")
    >>> pair.root.polynomial.as_expr()
    beta**7 - 12*beta**6 - 21*beta**5 + 70*beta**4 + 9*beta**3 + 24*beta**2 + 55*beta - 6
    >>> pair.root.lo, pair.root.hi
    (1/10, 11/100)
    """
    check_size(k)
    s, (weight,) = sparsity_below_one(sparsity), importances([importance], 1)

    def attempt() -> tuple[PieceAtSparsity, RealRoot]:
        point = best_point(k, s)
        piece = piece_at(k, point.piece, s)
        polynomial = over_the_rationals(k, pieces(k)[point.piece], s)
        return piece, RealRoot.among(polynomial, point.beta, (piece.lo, piece.hi))

    piece, root = certified(attempt, _BITS, "Two stationary losses could not be told apart.")
    lo, hi = (sympy.oo if end is None else end.to_sympy() for end in (piece.lo, piece.hi))
    B, C = (
        sympy.Add(*(part.to_sympy() * beta**i for i, part in enumerate(polynomial)))
        for polynomial in (piece.B, piece.C)
    )
    return RegularOptimum(k, s, weight, root, (lo, hi), B, C)


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


_MOST_CORNERS = 10  # which take some seconds


def check_size(k: int) -> None:
    """Refuse a k that is not a whole number from 2 to 10."""
    if type(k) is not int or not 2 <= k <= _MOST_CORNERS:
        raise InputError(
            "size",
            f"A regular part is a pair, k = 2, or a k-gon with k from 3 to {_MOST_CORNERS}, "
            f"not {brief(k)}.",
        )


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
    ring, c = PolynomialRing.of(k), 2 * sympy.cos(2 * sympy.pi / k)
    found = []
    for piece in pieces(k):
        P = ring.stationarity(piece.B, piece.C)
        for factor in (1 - ring.S, 3 * ring.S + 1):
            while not P.rem([factor]):
                P = P.exquo(factor)
        _, P = P.primitive()
        hi = sympy.oo if piece.hi is None else written(piece.hi, c)
        told = (written(part, c) for part in (piece.B, piece.C, P))
        found.append(SymbolicCell(written(piece.lo, c), hi, *told))
    return tuple(found)
