"""When a sum Σ aᵢB^xᵢ is zero, with a proof: by the independence of its exponentials.

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

from collections.abc import Sequence
from fractions import Fraction
from typing import TypeVar

import sympy

from handcalc.errors import InputError
from handcalc.numbers.exact import elements
from handcalc.numbers.field import Element

_Exponent = TypeVar("_Exponent")


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
    number = sympy.Rational(base.numerator, base.denominator)
    field, (root, *found) = elements(number, *(value.to_sympy() for value in values))
    while order > 1:
        root, order = field.sqrt(root), order // 2
    return [root, *found]
