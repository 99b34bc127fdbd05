"""ℚ[c, S] with c = 2cos(2π/k): the coefficients that a regular k-gon's loss is written with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import sympy

from handcalc.numbers.cosine_field import CosineField
from handcalc.numbers.field import Element

__all__ = ["Ground", "Number", "element_at"]

Number: TypeAlias = Any
"""One of sympy's polynomials in c and S, which are not typed."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Polynomials in c and S, where c is a root of ``modulus``, its minimal polynomial.

    ``cosines`` holds cos(2πj/k) for j = 0 … k − 1.
    """

    c: Number
    S: Number
    modulus: Number
    cosines: tuple[Number, ...]

    @classmethod
    def of(cls, k: int) -> Ground:
        """The ground for a regular k-gon, k ≥ 2.

        >>> ground = Ground.of(5)
        >>> ground.modulus, ground.cosines[2]
        (c**2 + c - 1, -1/2*c - 1/2)
        """
        ring, c, S = sympy.ring("c, S", sympy.QQ)
        parts = [sympy.QQ(int(part.p), int(part.q)) for part in CosineField(k).modulus.coeffs()]
        modulus = sum((part * c**i for i, part in enumerate(parts)), ring.zero)
        twice = [ring(2), c.rem([modulus])]
        while len(twice) < k:  # 2cos((j+1)θ) = c·2cos(jθ) − 2cos((j−1)θ)
            twice.append((c * twice[-1] - twice[-2]).rem([modulus]))
        return cls(c, S, modulus, tuple(value / 2 for value in twice))

    def reduced(self, value: Number) -> Number:
        """The same number, written with the lowest powers of c."""
        return value.rem([self.modulus])

    def inverse(self, value: Number) -> Number:
        """1/value, for a number without S."""
        c = sympy.Symbol("c")
        found = sympy.Poly(value.as_expr(), c).invert(sympy.Poly(self.modulus.as_expr(), c))
        return self.c.ring.from_expr(found.as_expr())


def element_at(value: Number, c: Sequence[Element], S: Sequence[Element]) -> Element:
    """A number in c and S as an element of a real field, given the powers of c and of S there.

    >>> from handcalc.numbers.field import Field
    >>> one, ground = Field().rational(1), Ground.of(3)
    >>> element_at(ground.S**2 - ground.cosines[1], [one], [one, one / 3, one / 9])
    Element(11/18)
    """
    total = S[0] * 0
    for (i, j), coefficient in value.terms():
        rational = Fraction(int(coefficient.numerator), int(coefficient.denominator))
        total = total + c[i] * S[j] * rational
    return total
