"""Sums of exponentials: what a softmax makes of exact numbers, with exact sign and equality.

A value is Σ aᵢB^xᵢ over a positive sum of the same kind, for one base B: e, or a positive fraction
that is no power of another. Coefficients aᵢ are algebraic numbers; so are the exponents xᵢ behind
one softmax, and behind two of them the exponents are such sums themselves.

Signs are told by ball arithmetic, whose intervals hold the number for sure. That a sum is zero is
never concluded from a small interval: it is proved, by the independence of its exponentials.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from math import prod
from typing import TypeAlias

import sympy
from flint import arb, ctx

from handcalc.circuits.conversions import from_plain, in_one_field, plain, sum_expression, sum_text
from handcalc.circuits.terms import (
    BUDGET_BITS,
    FIRST_BITS,
    MOST_BITS,
    Atoms,
    Base,
    Exponent,
    Terms,
    is_zero_sum,
    precisions,
    ratio,
    read_base,
    undecided,
)
from handcalc.display import Displayed, abridged
from handcalc.errors import EngineError, InputError
from handcalc.inputs.arguments import read_number
from handcalc.numbers.exact import ExactLike, elements, exact
from handcalc.numbers.field import Element, Field
from handcalc.numbers.tower import Sign

Value: TypeAlias = "Element | ExponentialSum"
_ZERO = sympy.Integer(0)


@dataclass(frozen=True, repr=False, eq=False)
class ExponentialSum(Displayed):
    """Σ aᵢB^xᵢ / Π Zₖ: a sum of exponentials over positive ones.

    ``of`` makes one of numbers. +, −, × and ÷ take exact numbers of the engine and other sums over
    the same base. ``sign`` and ``equal`` are exact, or say that they cannot tell; == compares how
    two sums are written.

    Source: Lindemann and Weierstrass, exponentials of distinct algebraic numbers are linearly
    independent over the algebraic numbers; Capelli, x^N − b is irreducible where b is no power.

    >>> half = ExponentialSum.of({1: "1/2", 0: "1/2"}, over={1: 1, 0: 1})
    >>> ExponentialSum.of({0: 1, "1/2": 2}, base=2).to_text(), half
    ('1 + 2*2^(1/2)', Element(1/2))
    """

    top: Terms
    factors: tuple[tuple[Terms, int], ...] = ()

    @staticmethod
    def of(
        terms: Mapping[object, object],
        over: Mapping[object, object] | None = None,
        base: object = "e",
    ) -> Value:
        """Coefficient by exponent, over a positive sum; an algebraic number where it is one.

        ``base`` is "e" or a positive fraction that is no power of another. Errors: ``base``,
        ``perfect_power``, ``denominator`` where ``over`` is not positive, those of a number.
        """
        root = read_base(base)
        given = [*terms.items(), *(over or {0: 1}).items()]
        numbers = [read_number(each) for pair in given for each in pair]
        _, found = elements(*numbers)
        pairs = list(zip(found[::2], found[1::2], strict=True))
        top, bottom = (Terms.of(root, part) for part in (pairs[: len(terms)], pairs[len(terms) :]))
        if _sign_of(bottom) <= 0:
            raise InputError(
                "denominator", "The sum below must be positive, for every sign to be told."
            )
        return quotient(top, ((bottom, 1),), found[0].field)

    # -- arithmetic ---------------------------------------------------------------------------

    def __add__(self, other: Value | ExactLike) -> Value:
        return plus(self, _as_value(other, self))

    __radd__ = __add__

    def __neg__(self) -> ExponentialSum:
        return ExponentialSum(self.top.scaled(self.field.rational(-1)), self.factors)

    def __sub__(self, other: Value | ExactLike) -> Value:
        return plus(self, -_as_value(other, self))

    def __rsub__(self, other: Value | ExactLike) -> Value:
        return plus(-self, _as_value(other, self))

    def __mul__(self, other: Value | ExactLike) -> Value:
        return times(self, _as_value(other, self))

    __rmul__ = __mul__

    def __truediv__(self, other: Value | ExactLike) -> Value:
        return times(self, inverse(_as_value(other, self)))

    def __rtruediv__(self, other: Value | ExactLike) -> Value:
        return times(_as_value(other, self), inverse(self))

    def __bool__(self) -> bool:
        return self.sign() != 0

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ExponentialSum):
            return NotImplemented
        if self.field is not other.field:
            return bool(plain(self) == plain(other))
        return (self.top, self.factors) == (other.top, other.factors)

    def __hash__(self) -> int:
        return hash((self.top, self.factors))

    def __reduce__(self) -> tuple[object, ...]:
        return from_plain, (plain(self),)

    @property
    def field(self) -> Field:
        """The field of its coefficients."""
        field: Field = self.top.items[0][1].field
        return field

    @property
    def base(self) -> Base:
        """The base as a fraction, None for e."""
        return self.top.base

    @cached_property
    def bottom(self) -> Terms:
        """The denominator multiplied out."""
        one = Terms.number(self.base, self.field.rational(1), self.top.level, self.field)
        each = (factor for factor, power in self.factors for _ in range(power))
        return reduce(Terms.__mul__, each, one)

    # -- what it is --------------------------------------------------------------------------

    def sign(self) -> Sign:
        """−1, 0 or 1. Errors: ``undecided`` where theory has no answer and balls found none."""
        return _sign_of(self.top)

    def equal(self, other: Value | ExactLike) -> bool:
        """Whether it is the same number as another. Errors: ``undecided``."""
        return sign(self - other) == 0

    def ball(self) -> arb:
        """An interval around the value, at the working precision."""
        return self.top.ball() / prod(
            (f.ball() ** power for f, power in self.factors), start=arb(1)
        )

    def to_ball(self, bits: int = 128) -> arb:
        """An interval of flint's that holds the value, worked with so many binary digits."""
        with ctx.workprec(bits):
            return self.ball()

    def to_float(self) -> float:
        """The nearest float. Errors: ``undecided``."""
        for bits in precisions(BUDGET_BITS):
            with ctx.workprec(bits):
                ball = self.ball()
                low, high = float(ball.lower()), float(ball.upper())
            if low == high:
                return low
        raise undecided(BUDGET_BITS)

    __float__ = to_float

    @property
    def terms(self) -> tuple[tuple[sympy.Expr | ExponentialSum, sympy.Expr | ExponentialSum], ...]:
        """Exponents and their coefficients."""
        return _shown_terms(self.top)

    @property
    def over(self) -> tuple[tuple[sympy.Expr | ExponentialSum, sympy.Expr | ExponentialSum], ...]:
        """Exponents and coefficients of the denominator, multiplied out."""
        return _shown_terms(self.bottom)

    @property
    def base_text(self) -> str:
        """The base as it is written: e, 2, 3/2."""
        return "e" if self.base is None else str(self.base)

    def to_text(self) -> str:
        """ASCII text: sums of coefficient times base^(exponent), one over the other."""
        above = sum_text(self.terms, self.base_text)
        if not self.factors:
            return above
        above = above if len(self.terms) == 1 else f"({above})"
        return f"{above}/({sum_text(self.over, self.base_text)})"

    def to_sympy(self) -> sympy.Expr:
        """The value as sympy writes it, with exp or with powers of the base."""
        base = sympy.E if self.base is None else sympy.Rational(*self.base.as_integer_ratio())
        return sum_expression(self.terms, base) / sum_expression(self.over, base)

    def __repr__(self) -> str:
        return abridged(f"<ExponentialSum {self.to_text()}>")


# --------------------------------------------------------------------------------------------------
# Arithmetic of values: algebraic numbers stay such, and a sum that is one becomes one.


def plus(a: Value, b: Value) -> Value:
    """a + b, over the least common product of their denominators' factors."""
    field = a.field
    if field is not b.field:
        field, a, b = in_one_field(a, b)
    if isinstance(a, Element) and isinstance(b, Element):
        return a + b
    first, second = _as_sums(a, b, field)
    if first.factors == second.factors:
        return quotient(first.top + second.top, first.factors, field)
    mine, theirs = dict(first.factors), dict(second.factors)
    both = {
        factor: max(mine.get(factor, 0), theirs.get(factor, 0)) for factor in {**mine, **theirs}
    }
    top = _times_missing(first, both) + _times_missing(second, both)
    return quotient(top, tuple(both.items()), field)


def minus(a: Value, b: Value) -> Value:
    """a − b."""
    return plus(a, -b)


def times(a: Value, b: Value) -> Value:
    """a · b."""
    field = a.field
    if field is not b.field:
        field, a, b = in_one_field(a, b)
    if isinstance(a, Element) and isinstance(b, Element):
        return a * b
    first, second = _as_sums(a, b, field)
    both = dict(first.factors)
    for factor, power in second.factors:
        both[factor] = both.get(factor, 0) + power
    return quotient(first.top * second.top, tuple(both.items()), field)


def inverse(a: Value) -> Value:
    """1/a; ``ZeroDivisionError`` for zero."""
    if isinstance(a, Element):
        return 1 / a
    found = a.sign()
    if found == 0:
        raise ZeroDivisionError("division by zero")
    bottom = a.top if found > 0 else a.top.scaled(a.field.rational(-1))
    return quotient(a.bottom.scaled(a.field.rational(found)), ((bottom, 1),), a.field)


def quotient(top: Terms, factors: Iterable[tuple[Terms, int]], field: Field) -> Value:
    """top / Π Zₖ for positive Zₖ: those of one term are divided out, and a constant is a number."""
    kept = []
    for factor, power in factors:
        if len(factor.items) == 1:
            exponent, coefficient = factor.items[0]
            for _ in range(power):
                top = top.over_one(exponent, coefficient)
        elif power:
            kept.append((factor, power))
    if not top.items:
        return field.rational(0)
    if not kept and top.is_number:
        value: Value = top.items[0][1]
        return value
    constant = ratio(top, kept[0][0]) if len(kept) == 1 and kept[0][1] == 1 else None
    return ExponentialSum(top, tuple(kept)) if constant is None else constant


def sign(value: Value) -> Sign:
    """−1, 0 or 1. Errors: ``undecided``."""
    return value.sign()


def power(base: Base, exponent: Value) -> Value:
    """B^x: a sum of one term, or a number; of the level above x."""
    one = exponent.field.rational(1)
    if isinstance(exponent, Element):
        return quotient(Terms.of(base, ((exponent, one),)), (), exponent.field)
    atom = Atoms(frozenset({(exponent, 1)}))
    return ExponentialSum(Terms(base, ((atom, one),), exponent.top.level + 1))


def _sign_of(terms: Terms) -> Sign:
    """By an interval apart from 0, or by a proof that the sum is 0. Errors: ``undecided``."""
    if not terms.items:
        return 0
    is_zero: bool | None = None
    for bits in precisions(MOST_BITS):
        with ctx.workprec(bits):
            ball = terms.ball()
        if ball > 0 or ball < 0:
            return 1 if ball > 0 else -1
        if bits == FIRST_BITS:
            is_zero = is_zero_sum(terms.base, terms.items) if terms.level == 1 else _nested(terms)
            if is_zero:
                return 0
        if is_zero is None and bits >= BUDGET_BITS:
            raise undecided(bits)
    raise EngineError("circuits", "The sign of a sum that is not zero was not found.")


def _nested(terms: Terms) -> bool | None:
    """Whether a sum behind several layers is zero: True and False are proofs, None says neither.

    Exponents that differ by a number of level 0, a fraction for a base b, are put into one class;
    its common power is taken out, and what is left is of a lower level. If each class sums to zero,
    so does all; if one alone does not, all does not.
    """
    classes: list[tuple[Exponent, Value]] = []
    for exponent, coefficient in terms.items:
        for k, (first, total) in enumerate(classes):
            gap = _constant(exponent + -first)
            if gap is not None and (terms.base is None or gap.is_rational):
                classes[k] = first, plus(total, times(coefficient, power(terms.base, gap)))
                break
        else:
            classes.append((exponent, coefficient))
    try:
        left = sum(total.sign() != 0 for _, total in classes)
    except InputError:  # a lower level that cannot be told
        return None
    return left == 0 if left < 2 else None


def _constant(exponent: Atoms) -> Element | None:
    """The number that an exponent is, if it is seen to be one."""
    value = exponent.value()
    if isinstance(value, ExponentialSum):
        return ratio(value.top, value.bottom)
    return value if isinstance(value, Element) else None


def _shown_terms(
    terms: Terms,
) -> tuple[tuple[sympy.Expr | ExponentialSum, sympy.Expr | ExponentialSum], ...]:
    def exponent(given: Exponent) -> sympy.Expr | ExponentialSum:
        if isinstance(given, Atoms):
            return shown(given.value()) if given else _ZERO
        return shown(given)

    return tuple((exponent(x), shown(a)) for x, a in terms.items)


def shown(value: Value) -> sympy.Expr | ExponentialSum:
    """A value as it is handed out: sympy's number, or the sum itself."""
    return value.to_sympy() if isinstance(value, Element) else value


def _as_value(given: Value | ExactLike, beside: ExponentialSum) -> Value:
    """A number of Python's or sympy's as one of the engine's."""
    if isinstance(given, Element | ExponentialSum):
        return given
    if isinstance(given, int | Fraction):
        return beside.field.rational(given)
    return elements(exact(given))[1][0]


def _as_sums(a: Value, b: Value, field: Field) -> tuple[ExponentialSum, ExponentialSum]:
    """Both as sums over one base, at the higher of their levels."""
    sums = [value for value in (a, b) if isinstance(value, ExponentialSum)]
    if len({each.base for each in sums}) > 1:
        raise InputError("base", "Sums of powers of two bases are not put together.")
    base, level = sums[0].base, max(each.top.level for each in sums)
    first, second = (
        value
        if isinstance(value, ExponentialSum) and value.top.level == level
        else ExponentialSum(Terms.number(base, value, level, field))
        for value in (a, b)
    )
    return first, second


def _times_missing(value: ExponentialSum, factors: Mapping[Terms, int]) -> Terms:
    """What stands above the least common denominator."""
    mine = dict(value.factors)
    each = (f for f, power in factors.items() for _ in range(power - mine.get(f, 0)))
    return reduce(Terms.__mul__, each, value.top)
