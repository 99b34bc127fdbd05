"""Formal sums Σ aᵢB^xᵢ of powers of one base, level by level of softmax, and when one is zero.

At level 1 exponents and coefficients are algebraic numbers. At level n > 1 an exponent is a sum of
values of lower levels, none of which is taken apart, and a coefficient is a value of a lower level.
So a sum behind two layers has as many terms as tokens, however long its values are.

That a sum of level 1 is zero is proved by the independence of its exponentials.

*Base e*: Lindemann–Weierstrass. Once equal exponents are merged, the sum is zero only where every
coefficient is. Unconditional for algebraic exponents.

*Base b, rational exponents*: let b be no power of another fraction, and K the field of the
coefficients, a tower of square roots upon a field of cosines. x^m − b is irreducible over K for odd
m (Capelli): else b has a p-th root in K for an odd prime p; a tower of square roots adds none, so
it lies in the field of cosines, which is abelian, and then ℚ(b^(1/p)), which is real and of degree
p, were normal: it is not. So roots of b of order 2, 4, 8, … are put into K, after which the powers
of b^(1/m) are independent.

*Irrational exponents of a base b*: those that differ by a fraction are put into one class, whose
common power is taken out. If each class sums to zero, so does all. If one class does not, all does
not; nor if two do not, as the quotient of the two powers is transcendental (Gelfond–Schneider). Of
three nothing is known (Schanuel's conjecture says that they are independent).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

import sympy
from flint import arb, ctx, fmpq, fmpz

from handcalc.errors import InputError
from handcalc.inputs.arguments import read_number
from handcalc.numbers.exact import elements, to_fraction, to_rational, to_text
from handcalc.numbers.field import Element, Field

Base: TypeAlias = "Fraction | None"  # None is e
Lower: TypeAlias = Any  # an element, or a quotient of sums of a lower level, which is made of these
Exponent: TypeAlias = Any  # an element at level 1, else atoms
FIRST_BITS = 64
BUDGET_BITS = 1 << 14  # where theory does not promise that intervals part from 0
MOST_BITS = 1 << 20  # where it does
_MOST_POWER_BITS = 1 << 20
_MOST_TERMS = 20_000
_MOST_BASE_BITS = 1000
_Exponent = TypeVar("_Exponent")


@dataclass(frozen=True, slots=True)
class Atoms:
    """Σ nₖsₖ: an exponent of values sₖ that are sums of exponentials themselves, whole nₖ ≠ 0."""

    items: frozenset[tuple[Lower, int]] = frozenset()

    def __add__(self, other: Atoms) -> Atoms:
        if not other.items or not self.items:
            return self if self.items else other
        found = dict(self.items)
        for value, count in other.items:
            found[value] = found.get(value, 0) + count
        return Atoms(frozenset(pair for pair in found.items() if pair[1]))

    def __neg__(self) -> Atoms:
        return Atoms(frozenset((value, -count) for value, count in self.items))

    def __bool__(self) -> bool:
        return bool(self.items)

    def ball(self) -> arb:
        """An interval around the value, at the working precision."""
        return sum((count * value.ball() for value, count in self.items), arb(0))

    def value(self) -> Lower:
        """The value itself; 0 for no atoms."""
        found: Lower = 0
        for value, count in self.items:
            found = value * count + found
        return found


@dataclass(frozen=True)
class Terms:
    """Σ aᵢB^xᵢ with aᵢ that are not written as 0 and, as they are written, different exponents.

    Whole powers of a fraction B are multiplied out at level 1: of a rational exponent the part in
    [0, 1) is left, so that sums of them are zero only where no term is left.
    """

    base: Base
    items: tuple[tuple[Exponent, Lower], ...]
    level: int = 1

    @classmethod
    def of(cls, base: Base, items: Iterable[tuple[Exponent, Lower]], level: int = 1) -> Terms:
        """The sum of terms, those with the same exponent put together."""
        found: dict[object, tuple[Exponent, Lower]] = {}
        for given, amount in items:
            exponent, coefficient = _reduced(base, given, amount)
            key = _key(exponent)
            if key in found:
                coefficient = added(found[key][1], coefficient)
            found[key] = exponent, coefficient
        if len(found) > _MOST_TERMS:
            raise InputError(
                "too_complicated",
                f"A sum of more than {_MOST_TERMS} exponentials is too much exact work. Use fewer "
                'tokens or layers, or the softmax "hard" or "base 2".',
            )
        kept = tuple(pair for pair in found.values() if not is_nothing(pair[1]))
        return cls(base, kept, level)

    @classmethod
    def number(cls, base: Base, value: Lower, level: int, field: Field) -> Terms:
        """A value as a sum of one term, or of none."""
        zero = field.rational(0) if level == 1 else Atoms()
        return cls(base, () if is_nothing(value) else ((zero, value),), level)

    @cached_property
    def _hash(self) -> int:
        return hash((self.base, *((_stable(x), _stable(a)) for x, a in self.items)))

    @cached_property
    def _balls(self) -> dict[int, arb]:
        return {}

    def __hash__(self) -> int:
        return self._hash

    @property
    def is_number(self) -> bool:
        """Whether it is one value of a lower level, as it is written."""
        return len(self.items) == 1 and not self.items[0][0]

    def __add__(self, other: Terms) -> Terms:
        return Terms.of(self.base, self.items + other.items, self.level)

    def __mul__(self, other: Terms) -> Terms:
        if other.is_number:
            return self.scaled(other.items[0][1])
        pairs = ((x + y, multiplied(a, b)) for x, a in self.items for y, b in other.items)
        return Terms.of(self.base, pairs, self.level)

    def scaled(self, factor: Lower) -> Terms:
        """The sum times a value of a lower level."""
        if is_nothing(factor):
            return Terms(self.base, (), self.level)
        items = tuple((x, multiplied(a, factor)) for x, a in self.items)
        return Terms(self.base, items, self.level)

    def over_one(self, exponent: Exponent, coefficient: Lower) -> Terms:
        """The sum over a single term."""
        scaled = self.scaled(1 / coefficient)
        if not exponent:
            return scaled
        pairs = ((x + -exponent, a) for x, a in scaled.items)
        return Terms.of(self.base, pairs, self.level)

    def ball(self) -> arb:
        """An interval around the sum, at the working precision."""
        bits = ctx.prec
        if bits not in self._balls:
            terms = (a.ball() * _power_ball(self.base, x) for x, a in self.items)
            self._balls[bits] = sum(terms, arb(0))
        return self._balls[bits]


def precisions(most: int) -> Iterator[int]:
    """Numbers of binary digits to work with, each twice the one before."""
    bits = FIRST_BITS
    while bits <= most:
        yield bits
        bits *= 2


def _power_ball(base: Base, exponent: Exponent) -> arb:
    if not exponent:
        return arb(1)
    x: arb = exponent.ball()
    if base is not None:
        x *= (arb(base.numerator) / base.denominator).log()
    return x.exp()


def _reduced(base: Base, exponent: Exponent, coefficient: Lower) -> tuple[Exponent, Lower]:
    """B^x·a with the whole part of a rational x multiplied into a."""
    if base is None or not isinstance(exponent, Element) or not isinstance(exponent.raw, fmpq):
        return exponent, coefficient
    whole = int(exponent.raw.p) // int(exponent.raw.q)
    if not whole:
        return exponent, coefficient
    bits = max(base.numerator, base.denominator).bit_length()
    if abs(whole) * bits > _MOST_POWER_BITS:
        raise InputError(
            "too_large", f"A score of {whole} makes too large a power of {base}. Use smaller ones."
        )
    return exponent - whole, coefficient * base**whole


def undecided(bits: int) -> InputError:
    """The error for two numbers that may be equal, as far as anyone can tell."""
    return InputError(
        "undecided",
        f"Whether two numbers are equal cannot be told: they agree to {bits} binary digits, and no "
        "proof is known that would settle it for exponentials behind exponentials. Change a weight "
        'a little, freeze the patterns, or use the softmax "hard" or "base 2".',
    )


def added(x: Lower, y: Lower) -> Lower:
    """x + y, where an element may stand beside a quotient of sums, which takes it."""
    return x + y if isinstance(y, Element) else y + x


def multiplied(x: Lower, y: Lower) -> Lower:
    """x · y, in the same way."""
    return x * y if isinstance(y, Element) else y * x


def ratio(top: Terms, bottom: Terms) -> Element | None:
    """The number that one sum is of the other, term by term, if it is seen to be one."""
    if len(top.items) != len(bottom.items):
        return None
    below, found = {_key(x): a for x, a in bottom.items}, None
    for exponent, coefficient in top.items:
        other = below.get(_key(exponent))
        if isinstance(coefficient, Element) and isinstance(other, Element):
            each = coefficient / other
        elif other is not None and coefficient == other:
            each = coefficient.field.rational(1)
        else:
            return None
        if found is not None and each != found:
            return None
        found = each
    return found


def _key(exponent: Exponent) -> object:
    """What tells exponents apart: of a fraction its two numbers, whose hash is quick."""
    if isinstance(exponent, Element) and isinstance(exponent.raw, fmpq):
        return int(exponent.raw.p), int(exponent.raw.q)
    return exponent


def _stable(value: Lower) -> int:
    """A hash that is the same in every field."""
    return hash(_key(value)) if not isinstance(value, Element) or value.is_rational else 1


def is_nothing(value: Lower) -> bool:
    """Whether a value is written as 0."""
    # the zero of every field is a fraction, of which this is the quickest question
    return isinstance(value, Element) and not value.raw


def read_base(given: object) -> Base:
    """The base of powers: None for "e", else a positive fraction that is no power of another.

    >>> read_base("e"), read_base("3/2")
    (None, Fraction(3, 2))
    """
    if given in ("e", None):
        return None
    number = read_number(given, "the base")
    if not isinstance(number, sympy.Rational) or number <= 0 or number == 1:
        raise InputError(
            "base", f'The base is "e" or a positive fraction other than 1, not {to_text(number)}.'
        )
    base = to_fraction(number)
    if max(base.numerator, base.denominator).bit_length() > _MOST_BASE_BITS:
        raise InputError("too_large", "The base is too large a number; write a smaller one.")
    root, power = perfect_power(base)
    if power > 1:
        raise InputError(
            "perfect_power",
            f"The base {base} is {root} to the power {power}: write base {root} and multiply the "
            f"scores by {power}, which gives the same weights.",
            suggestion=str(root),
        )
    return base


def perfect_power(base: Fraction) -> tuple[Fraction, int]:
    """(c, k) with base = c^k for the largest k; b > 0, b ≠ 1.

    >>> perfect_power(Fraction(4, 9)), perfect_power(Fraction(12))
    ((Fraction(2, 3), 2), (Fraction(12, 1), 1))
    """
    for power in range(max(base.numerator, base.denominator).bit_length(), 1, -1):
        roots = [fmpz(part).root(power) for part in (base.numerator, base.denominator)]
        if Fraction(int(roots[0]), int(roots[1])) ** power == base:
            return Fraction(int(roots[0]), int(roots[1])), power
    return base, 1


# -- when a sum is zero ----------------------------------------------------------------------------


def is_zero_sum(base: Fraction | None, items: Sequence[tuple[Element, Element]]) -> bool | None:
    """Whether Σ aᵢB^xᵢ is zero: True and False are proofs, None says that none is known.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> is_zero_sum(Fraction(2), [(one / 2, one), (one / 2, -one)])
    True
    """
    classes: list[tuple[Element, list[tuple[Element, Element]]]] = []
    for exponent, coefficient in items:
        for first, members in classes:
            distance = exponent - first
            if base is None or distance.is_rational:
                members.append((distance, coefficient))
                break
        else:
            classes.append((exponent, [(coefficient * 0, coefficient)]))
    outcomes = [_class_is_zero(base, members) for _, members in classes]
    if all(outcomes):
        return True
    left = sum(not outcome for outcome in outcomes)
    return None if None in outcomes or left > 2 else False


def _class_is_zero(
    base: Fraction | None, members: Sequence[tuple[Element, Element]]
) -> bool | None:
    """Whether Σ aB^δ is zero for algebraic δ, rational ones where B is a fraction."""
    if base is None:
        return not any(_merged(members).values())
    distances = [distance.to_fraction() for distance, _ in members]
    coefficients = [coefficient for _, coefficient in members]
    evens, odds = [Fraction(0)] * len(members), distances
    if not all(coefficient.is_rational for coefficient in coefficients):
        evens, odds = map(list, zip(*map(_even_and_odd, distances), strict=True))
    order = max(each.denominator for each in evens)
    try:
        root, *coefficients = _with_root(base, order, coefficients)
    except InputError:  # past the largest field
        return None
    reduced = [
        (odd % 1, a * root ** (int(even * order) + order * (odd // 1)))
        for even, odd, a in zip(evens, odds, coefficients, strict=True)
    ]
    return not any(_merged(reduced).values())


def _merged(terms: Sequence[tuple[_Exponent, Element]]) -> dict[_Exponent, Element]:
    """The coefficient of each exponent."""
    found: dict[_Exponent, Element] = {}
    for exponent, coefficient in terms:
        found[exponent] = found[exponent] + coefficient if exponent in found else coefficient
    return found


def _even_and_odd(value: Fraction) -> tuple[Fraction, Fraction]:
    """u/2^e and v/m with an odd m, which add up to a fraction."""
    bottom = value.denominator
    power = bottom & -bottom
    odd = bottom // power
    part = Fraction(value.numerator * pow(power, -1, odd) % odd, odd)
    return value - part, part


def _with_root(base: Fraction, order: int, values: Sequence[Element]) -> list[Element]:
    """base^(1/order), for an order that is a power of 2, and the values, in one field."""
    if order == 1:
        return [values[0].field.rational(base), *values]
    number = to_rational(base)
    field, (root, *found) = elements(number, *(value.to_sympy() for value in values))
    while order > 1:
        root, order = field.sqrt(root), order // 2
    return [root, *found]
