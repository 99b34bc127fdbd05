"""Decimals that may have been rounded, and the simple exact numbers that they can stand for.

Floats propose, and exact arithmetic decides: whatever is found here is checked digit by digit.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cache
from itertools import product
from math import cos, gcd, pi, sqrt
from typing import NamedTuple

import sympy

from handcalc.numbers.exact import equal, exact, sign, to_rational

_MOST_PLACES = 40
_PLAIN_BOTTOM = 16
"""0.25 and 0.0625 are written out, as 1/4 and 1/16 are; 0.35 may well be short of something."""
_SIMPLE_BOTTOM, _SIMPLE_AT_ROOT = 20, 100
_MOST_WEIGHT = {1: 5, 2: 7, 3: 14}
"""How simple a number must be that a decimal of so many places stands for: with few digits there is
a number of some kind near to everything, and it is no sign that it is meant."""
_FEW = 2  # digits
_PLAINEST = 6  # the weight of what a length may be where nothing else is known of it
_SLACK = 1e-12  # of floats that only propose


@dataclass(frozen=True, slots=True)
class RoundedDecimal:
    """A decimal that may be short of the number that is meant: rounded, or cut off.

    ``size`` is what was written without its sign, ``unit`` one in its last place.

    >>> root = sympy.sqrt(3) / 2
    >>> [RoundedDecimal(Decimal(text)).may_be(root) for text in (".866", "0.87", "0.86", ".88")]
    [True, True, True, False]
    """

    decimal: Decimal

    @classmethod
    def of(cls, decimal: Decimal | None) -> RoundedDecimal | None:
        """What a number was written as; None for what is no decimal, or too long a one."""
        if decimal is None or not decimal or -int(decimal.as_tuple().exponent) > _MOST_PLACES:
            return None
        return cls(decimal)

    @property
    def is_plain(self) -> bool:
        """Whether it is most likely meant as it stands, as 0.5 and 0.25 are."""
        return self.places < 2 or Fraction(self.decimal).denominator <= _PLAIN_BOTTOM

    @property
    def places(self) -> int:
        """How many digits are behind the point."""
        return -int(self.decimal.as_tuple().exponent)

    @property
    def size(self) -> Fraction:
        """What was written, without its sign."""
        return abs(Fraction(self.decimal))

    @property
    def ends(self) -> tuple[Fraction, Fraction]:
        """The sizes between which the number lies: from half a unit below, to below a unit more."""
        unit = Fraction(1, 10**self.places)
        return self.size - unit / 2, self.size + unit

    @property
    def text(self) -> str:
        """What was written, without its sign: 0.707."""
        return f"{abs(self.decimal):f}"

    @property
    def read(self) -> str:
        """What it is read as, without its sign: 707/1000."""
        return f"{int(self.size * 10**self.places)}/{10**self.places}"

    def may_be(self, value: sympy.Expr) -> bool:
        """Whether it stands for a number, within its digits; decided exactly.

        Nobody types 0.2 for 1/4, or 0.6 for some cosine: with one digit it is one of the simplest.
        """
        size = -value if self.decimal < 0 else value
        low, high = map(to_rational, self.ends)
        if sign(size - low) < 0 or sign(high - size) <= 0:
            return False
        is_one_digit = self.places < 2 and self.size < 1
        return not is_one_digit or any(equal(simple.number(), size) for simple in self._near())

    def simple_numbers(self) -> Iterator[sympy.Expr]:
        """The simple numbers that it may stand for, the simplest first, with its sign.

        >>> list(RoundedDecimal(Decimal("-0.33")).simple_numbers())
        [-1/3]
        """
        for simple in sorted(self._near(), key=lambda simple: simple.weight):
            value = simple.number() if self.decimal > 0 else -simple.number()
            if self.may_be(value):
                yield value

    def _near(self) -> Iterator[_Simple]:
        """What is near enough, by floats, and simple enough for so many digits; no decimal."""
        most = _MOST_WEIGHT.get(self.places, _HEAVIEST)
        low, high = map(float, self.ends)
        table = _table()
        for simple in table[bisect_left(table, (low - _SLACK,)) :]:
            if simple.size > high + _SLACK:
                break
            # what a few more digits would write out is no number to be short of
            is_decimal = simple.b == 1 and 10 ** max(self.places, _FEW) % simple.c == 0
            if simple.weight <= most and not is_decimal:
                yield simple


def simplest_between(low: float, high: float) -> sympy.Expr | None:
    """The simplest whole number, fraction or root between two floats; None where none is simple.

    >>> simplest_between(0.4994, 0.5151), simplest_between(0.7, 0.71), simplest_between(0.875, 0.88)
    (1/2, sqrt(2)/2, None)
    """
    found = [
        simple
        for simple in _table()
        if low - _SLACK <= simple.size <= high + _SLACK and simple.weight <= _PLAINEST
    ]
    return min(found, key=lambda simple: simple.weight).number() if found else None


def is_simple(value: sympy.Expr) -> bool:
    """Whether somebody may have had this number in mind, and typed a decimal for it.

    >>> is_simple(sympy.Rational(1, 3)), is_simple(sympy.Rational(29, 100))
    (True, False)
    """
    if isinstance(value, sympy.Rational):
        return bool(value.q <= _SIMPLE_BOTTOM)
    parts = value.atoms(sympy.Rational)
    return all(max(abs(part.p), part.q) <= _SIMPLE_AT_ROOT for part in parts)


# --------------------------------------------------------------------------------------------------
# The numbers: small fractions, roots with small numbers around them, and the coordinates of regular
# polygons, each with a weight that grows with what there is to write.


_HEAVIEST = 30
_LARGEST = 4.0
_POLYGONS = (5, 6, 7, 8, 9, 10, 12)
_RADICANDS = (2, 3, 5, 6, 7, 10, 11, 13, 14, 15, 17)


class _Simple(NamedTuple):
    """a·√b/c; cos(a·π/c) where b is 0; (√3 + a)/c where it is −3. ``size`` is the nearest float."""

    size: float
    weight: int
    a: int
    b: int
    c: int

    def number(self) -> sympy.Expr:
        """The exact number."""
        if self.b < 0:
            return exact((sympy.sqrt(-self.b) + self.a) / self.c)
        if not self.b:
            return exact(sympy.cos(sympy.pi * self.a / self.c))
        return exact(sympy.sqrt(self.b) * self.a / self.c)


@cache
def _table() -> list[_Simple]:
    """All of them, by size."""
    found = [
        _Simple(a / c, c, a, 1, c)
        for c in range(1, _HEAVIEST + 1)
        for a in range(1, 4 * c)
        if gcd(a, c) == 1
    ]
    for b, c in product(_RADICANDS, range(1, _HEAVIEST)):
        for a in range(1, (_HEAVIEST - b - c) // 2 + 2):
            weight = 2 * (a - 1) + b + c
            if gcd(a, c) == 1 and weight <= _HEAVIEST and a * sqrt(b) / c < _LARGEST:
                found.append(_Simple(a * sqrt(b) / c, weight, a, b, c))
    for corners in _POLYGONS:
        # those of a polygon with a corner on an axis are cosines of multiples of a quarter turn
        # through so many; of some of them there is a simpler form above
        for a in range(1, corners):
            if gcd(a, 2 * corners) == 1 or (corners % 2 and gcd(a, corners) == 1):
                size = cos(pi * a / (2 * corners))
                found.append(_Simple(size, corners + 1, a, 0, 2 * corners))
    for a, c in product((1, -1), (2, 4)):  # arrows √2 and √2/2 long, 15° from an axis
        found.append(_Simple((sqrt(3) + a) / c, 5 + c, a, -3, c))
    return sorted(found)
