"""Sums of exponentials: what a softmax makes of exact numbers, with exact sign and equality.

A value is Σ aᵢB^xᵢ over a positive sum of the same kind, for one base B: e, or a positive fraction
that is no power of another. Coefficients aᵢ are algebraic numbers; so are the exponents xᵢ behind
one softmax, and behind two of them the exponents are such sums themselves.

Signs are told by ball arithmetic, whose intervals hold the number for sure. That a sum is zero is
never concluded from a small interval: it is proved, by the independence of its exponentials.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from math import prod
from typing import TypeAlias

import sympy
from flint import arb, ctx

from handcalc.circuits.terms import (
    BUDGET_BITS,
    Base,
    Terms,
    precisions,
    ratio,
    read_base,
    undecided,
)
from handcalc.display import abridged
from handcalc.errors import InputError
from handcalc.inputs.arguments import read_number
from handcalc.numbers.exact import ExactLike, elements, exact, to_text
from handcalc.numbers.field import Element, Field
from handcalc.numbers.tower import Sign

Value: TypeAlias = "Element | ExponentialSum"
_ZERO = sympy.Integer(0)


# --------------------------------------------------------------------------------------------------
# A quotient of such sums.


@dataclass(frozen=True, repr=False)
class ExponentialSum:
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
        if bottom.sign() <= 0:
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

    @property
    def field(self) -> Field:
        """The field of its coefficients."""
        return self.top.items[0][1].field

    @property
    def base(self) -> Base:
        """The base as a fraction, None for e."""
        return self.top.base

    @cached_property
    def bottom(self) -> Terms:
        """The denominator multiplied out."""
        one = Terms(self.base, ((self.field.rational(0), self.field.rational(1)),))
        each = (factor for factor, power in self.factors for _ in range(power))
        return reduce(Terms.__mul__, each, one)

    # -- what it is --------------------------------------------------------------------------

    def sign(self) -> Sign:
        """−1, 0 or 1. Errors: ``undecided`` where theory has no answer and balls found none."""
        return self.top.sign()

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
    def terms(self) -> tuple[tuple[sympy.Expr | ExponentialSum, sympy.Expr], ...]:
        """Exponents and their coefficients."""
        return tuple((shown(x), a.to_sympy()) for x, a in self.top.items)

    @property
    def over(self) -> tuple[tuple[sympy.Expr | ExponentialSum, sympy.Expr], ...]:
        """Exponents and coefficients of the denominator, multiplied out."""
        return tuple((shown(x), a.to_sympy()) for x, a in self.bottom.items)

    @property
    def base_text(self) -> str:
        """The base as it is written: e, 2, 3/2."""
        return "e" if self.base is None else str(self.base)

    def to_text(self) -> str:
        """ASCII text: sums of coefficient times base^(exponent), one over the other."""
        above = _sum_text(self.terms, self.base_text)
        if not self.factors:
            return above
        above = above if len(self.terms) == 1 else f"({above})"
        return f"{above}/({_sum_text(self.over, self.base_text)})"

    def __repr__(self) -> str:
        return abridged(f"<ExponentialSum {self.to_text()}>")


def _sum_text(terms: Sequence[tuple[sympy.Expr | ExponentialSum, sympy.Expr]], base: str) -> str:
    text = ""
    for exponent, coefficient in terms:
        power = ""
        if exponent != _ZERO:
            raised = value_text(exponent)
            raised = raised if raised.isdigit() else f"({raised})"
            power = _bracketed(base) if raised == "1" else f"{_bracketed(base)}^{raised}"
        number = to_text(coefficient).replace(" ", "")
        joint = "" if not text else " + "
        if number.startswith("-") and not _is_compound(number):
            number, joint = number[1:], " - " if text else "-"
        number = _bracketed(number) if power else number
        text += joint + (number if not power else power if number == "1" else f"{number}*{power}")
    return text or "0"


def _is_compound(text: str) -> bool:
    return any(mark in text[1:] for mark in "+-")


def _bracketed(text: str) -> str:
    return f"({text})" if _is_compound(text) or "/" in text else text


# --------------------------------------------------------------------------------------------------
# Arithmetic of values: algebraic numbers stay such, and a sum that is one becomes one.


def plus(a: Value, b: Value) -> Value:
    """a + b, over the least common product of their denominators' factors."""
    field = a.field
    if field is not b.field:
        field, a, b = _in_one_field(a, b)
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
        field, a, b = _in_one_field(a, b)
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


def combination(weights: Sequence[Value], values: Sequence[Value], zero: Value) -> Value:
    """Σ wᵢvᵢ, with ``zero`` where there is nothing to add."""
    total = zero
    for weight, value in zip(weights, values, strict=True):
        if _is_written_zero(weight) or _is_written_zero(value):
            continue
        product = times(weight, value)
        total = product if total is zero else plus(total, product)
    return total


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
        return top.items[0][1]
    constant = ratio(top, kept[0][0]) if len(kept) == 1 and kept[0][1] == 1 else None
    return ExponentialSum(top, tuple(kept)) if constant is None else constant


def sign(value: Value) -> Sign:
    """−1, 0 or 1. Errors: ``undecided``."""
    return value.sign()


def shown(value: Value) -> sympy.Expr | ExponentialSum:
    """A value as it is handed out: sympy's number, or the sum itself."""
    return value.to_sympy() if isinstance(value, Element) else value


def value_text(value: sympy.Expr | ExponentialSum) -> str:
    """A value that was handed out, as text."""
    return value.to_text() if isinstance(value, ExponentialSum) else to_text(value).replace(" ", "")


def _as_value(given: Value | ExactLike, beside: ExponentialSum) -> Value:
    """A number of Python's or sympy's as one of the engine's."""
    if isinstance(given, Element | ExponentialSum):
        return given
    if isinstance(given, int | Fraction):
        return beside.field.rational(given)
    return elements(exact(given))[1][0]


def _is_written_zero(value: Value) -> bool:
    return isinstance(value, Element) and not value


def _in_one_field(a: Value, b: Value) -> tuple[Field, Value, Value]:
    """Both values with their numbers in one field."""
    field = _common_field(a, b)
    return field, _moved(a, field), _moved(b, field)


def _as_sums(a: Value, b: Value, field: Field) -> tuple[ExponentialSum, ExponentialSum]:
    """Both as sums over one base."""
    bases = {value.base for value in (a, b) if isinstance(value, ExponentialSum)}
    if len(bases) > 1:
        raise InputError("base", "Sums of powers of two bases are not put together.")
    (base,) = bases
    zero = field.rational(0)
    first, second = (
        value
        if isinstance(value, ExponentialSum)
        else ExponentialSum(Terms(base, ((zero, value),) if value else ()))
        for value in (a, b)
    )
    return first, second


def _common_field(a: Value, b: Value) -> Field:
    """The field of one of the two where the other has fractions only, else a new one."""
    numbers = [list(_elements_in(value)) for value in (a, b)]
    for others, field in ((numbers[1], a.field), (numbers[0], b.field)):
        if all(number.is_rational for number in others):
            return field
    return Field.of(*(number.to_sympy() for each in numbers for number in each))


def _elements_in(value: Value) -> Iterator[Element]:
    if isinstance(value, Element):
        yield value
        return
    for sum_ in (value.top, *(factor for factor, _ in value.factors)):
        for exponent, coefficient in sum_.items:
            yield coefficient
            yield from _elements_in(exponent)


def _moved(value: Value, field: Field) -> Value:
    """The same value with its numbers in another field, which is made for them."""
    if value.field is field:
        return value
    if isinstance(value, Element):
        return (
            Element(field, value.raw) if value.is_rational else field.from_sympy(value.to_sympy())
        )

    def moved(terms: Terms) -> Terms:
        pairs = ((_moved(x, field), _moved(a, field)) for x, a in terms.items)
        return Terms(terms.base, tuple(pairs))  # type: ignore[arg-type]  # an element stays one

    return ExponentialSum(moved(value.top), tuple((moved(f), k) for f, k in value.factors))


def _times_missing(value: ExponentialSum, factors: Mapping[Terms, int]) -> Terms:
    """What stands above the least common denominator."""
    mine = dict(value.factors)
    each = (f for f, power in factors.items() for _ in range(power - mine.get(f, 0)))
    return reduce(Terms.__mul__, each, value.top)
