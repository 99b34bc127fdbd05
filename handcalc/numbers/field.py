"""Real number fields that grow, and their numbers: the face of the exact arithmetic.

A field is made for the cosines that will be asked for and grows by the square roots that turn up.
Its numbers add, multiply, divide, compare and have a sign, exactly and always.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import inf, lcm

import sympy
from flint import arb, fmpq

from handcalc.errors import EngineError, InputError
from handcalc.numbers.cosine_field import CosineField, angle_of, cosine_order, times_pi
from handcalc.numbers.tower import Raw, Sign, Tower, coordinates
from handcalc.wording import brief

_MAX_POWER_BITS = 1 << 15


class Field(Tower):
    """A real field ℚ(2cos(2π/N), √d₁, …, √d_k) of degree at most 64, grown by ``sqrt``.

    ``angles`` are the multiples of π whose cosines will be asked for; ``effort`` is the tower's.
    Elements stay valid as the field grows. Errors: ``InputError`` with code ``too_complicated``
    past the degree, the effort, or an angle whose denominator is over 60.

    >>> field = Field()
    >>> root2, root3 = field.sqrt(field.rational(2)), field.sqrt(field.rational(3))
    >>> (root2 + root3) ** 2 == field.sqrt(field.rational(24)) + 5
    True
    >>> field.degree
    4
    """

    def __init__(self, angles: Iterable[Fraction] = (), effort: int | None = None) -> None:
        super().__init__(CosineField(lcm(*(cosine_order(angle) for angle in angles))), effort)

    @classmethod
    def of(cls, *values: sympy.Expr, effort: int | None = None) -> Field:
        """A field that is ready for the given sympy numbers; ``from_sympy`` takes them in."""
        parts = (part for value in values for part in value.atoms(sympy.cos, sympy.sin))
        return cls((angle for part in parts if (angle := angle_of(part)) is not None), effort)

    def rational(self, value: int | Fraction) -> Element:
        """The rational number ``value`` as an element."""
        return Element(self, fmpq(value.numerator, value.denominator))

    def cos(self, angle: Fraction) -> Element:
        """cos(angle · π); the angle must be one of those that the field was made for.

        >>> Field().cos(Fraction(1, 5)).to_sympy()
        1/4 + sqrt(5)/4
        """
        if cosine_order(angle) == 1:
            return self.from_sympy(sympy.cos(times_pi(angle)))
        return Element(self, self.ground.twice_cosine_of(angle)) / 2

    def sqrt(self, element: Element) -> Element:
        """The square root ≥ 0 of an element ≥ 0, adjoined if the field does not hold it yet.

        Errors: ``negative_root`` below zero; ``too_complicated`` past the degree budget.
        """
        if element.sign() < 0:
            raise InputError(
                "negative_root",
                "A square root needs a number that is at least 0, "
                f"not {brief(element.to_sympy())}.",
            )
        # coordinates know no sign: a denested root may come out as the negative one
        root = Element(self, self.adjoined_root(element.raw))
        return -root if root.sign() < 0 else root

    def from_sympy(self, value: sympy.Expr) -> Element:
        """The element that a sympy number stands for.

        Errors: ``not_exact`` for what is not made of fractions, square roots and cosines of
        fractions of π; ``division_by_zero``; ``negative_root``; ``too_complicated``.
        """
        if isinstance(value, sympy.Rational):
            return Element(self, fmpq(int(value.p), int(value.q)))
        if isinstance(value, sympy.Add):
            return sum((self.from_sympy(term) for term in value.args), self.rational(0))
        if isinstance(value, sympy.Mul):
            product = self.rational(1)
            for factor in value.args:
                product = product * self.from_sympy(factor)
            return product
        if isinstance(value, sympy.Pow) and isinstance(value.exp, sympy.Rational):
            return self._power(self.from_sympy(value.base), value.exp)
        if isinstance(value, sympy.cos | sympy.sin) and (angle := angle_of(value)) is not None:
            return self.cos(angle)
        raise InputError(
            "not_exact",
            "An exact number is made of fractions, square roots and cosines of fractions of π; "
            f"{brief(value)} is not.",
        )

    def _power(self, base: Element, exponent: sympy.Rational) -> Element:
        bottom, top = int(exponent.q), int(exponent.p)
        # the fourth root is a root of a root, and so for 8, 16 …: other roots are in no such field
        if bottom & (bottom - 1):
            raise InputError(
                "not_exact", f"Only square roots are exact here, not powers 1/{brief(bottom)}."
            )
        if top < 0 and not base:
            raise InputError("division_by_zero", "A number cannot be divided by zero.")
        if abs(top) > 1 and abs(top) * base.bits > _MAX_POWER_BITS:
            raise InputError("too_large", f"A power with the exponent {top} is too large a number.")
        while bottom > 1:
            base, bottom = self.sqrt(base), bottom // 2
        return base**top


class Element:
    """A number of a ``Field``: exact +, −, ×, ÷, powers, equality and sign.

    Arithmetic takes int, Fraction and elements of the same field. Division by zero raises
    ``ZeroDivisionError``.

    >>> field = Field()
    >>> golden = (field.sqrt(field.rational(5)) + 1) / 2
    >>> golden * golden - golden == 1, (golden - Fraction(1618, 1000)).sign()
    (True, 1)
    """

    __slots__ = ("field", "raw")

    def __init__(self, field: Field, raw: Raw) -> None:
        self.field = field
        self.raw = raw

    def __add__(self, other: Element | int | Fraction) -> Element:
        return Element(self.field, self.field.add(self.raw, self._raw_of(other)))

    __radd__ = __add__

    def __neg__(self) -> Element:
        return Element(self.field, self.field.neg(self.raw))

    def __sub__(self, other: Element | int | Fraction) -> Element:
        return self + (-other)

    def __rsub__(self, other: int | Fraction) -> Element:
        return -self + other

    def __mul__(self, other: Element | int | Fraction) -> Element:
        return Element(self.field, self.field.mul(self.raw, self._raw_of(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Element | int | Fraction) -> Element:
        inverse = self.field.inverse(self._raw_of(other))
        return Element(self.field, self.field.mul(self.raw, inverse))

    def __rtruediv__(self, other: int | Fraction) -> Element:
        return self.field.rational(other) / self

    def __pow__(self, exponent: int) -> Element:
        # by squaring, as each product takes longer than the one before
        base, power = (self if exponent >= 0 else 1 / self), abs(exponent)
        result = self.field.rational(1)
        while power:
            result = result * base if power & 1 else result
            power >>= 1
            base = base * base if power else base
        return result

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Element | int | Fraction):
            return NotImplemented
        return bool(self.raw == self._raw_of(other))

    def __hash__(self) -> int:
        return hash(self.to_fraction() if self.is_rational else tuple(coordinates(self.raw)))

    def __bool__(self) -> bool:
        return bool(self.raw != 0)

    def __repr__(self) -> str:
        return f"Element({self.to_sympy()})"

    def sign(self) -> Sign:
        """−1, 0 or 1, always decided: coordinates tell zero, interval arithmetic the rest."""
        return self.field.sign(self.raw)

    @property
    def is_rational(self) -> bool:
        """Whether the number is a fraction."""
        return isinstance(self.raw, fmpq)

    @property
    def bits(self) -> int:
        """The bit length of the largest numerator or denominator among the coordinates."""
        parts = coordinates(self.raw)
        return max(max(int(c.p).bit_length(), int(c.q).bit_length()) for c in parts)

    def to_float(self) -> float:
        """The nearest float, correctly rounded; infinite past the largest float.

        >>> Field().rational(Fraction(1, 3)).to_float() == 1 / 3
        True
        """
        if isinstance(self.raw, fmpq):
            try:
                return int(self.raw.p) / int(self.raw.q)
            except OverflowError:
                return self.sign() * inf
        # what is no fraction is never halfway between two floats: both ends round alike in the end
        for ball in self.field.balls(self.raw):
            low, high = float(ball.lower()), float(ball.upper())
            if low == high:
                return low
        raise EngineError("field", "The float nearest to a number was not found.")

    def bounds(self) -> Iterator[tuple[Fraction, Fraction]]:
        """Fractions below and above the number, ever closer; for a fraction, itself twice.

        >>> field = Field()
        >>> low, high = next(field.sqrt(field.rational(2)).bounds())
        >>> low < high, low**2 < 2 < high**2
        (True, True)
        """
        if self.is_rational:
            yield self.to_fraction(), self.to_fraction()
            return
        for ball in self.field.balls(self.raw):
            yield _dyadic(ball.lower()), _dyadic(ball.upper())

    def ball(self) -> arb:
        """An interval of flint's around the number, at the working precision.

        >>> Field().rational(2).ball().contains(2)
        True
        """
        return arb(self.raw) if isinstance(self.raw, fmpq) else self.field.ball(self.raw)

    def to_fraction(self) -> Fraction:
        """The number as a fraction, which it must be; ``TypeError`` otherwise.

        >>> Field().rational(Fraction(1, 3)).to_fraction()
        Fraction(1, 3)
        """
        if not isinstance(self.raw, fmpq):
            raise TypeError(f"{self!r} is not a fraction.")
        return Fraction(int(self.raw.p), int(self.raw.q))

    def to_sympy(self) -> sympy.Expr:
        """The number as sympy writes it: a sum of fractions times roots and cosines.

        >>> field = Field()
        >>> (1 / (field.sqrt(field.rational(2)) - 1)).to_sympy()
        1 + sqrt(2)
        """
        if isinstance(self.raw, fmpq):
            return sympy.Rational(int(self.raw.p), int(self.raw.q))
        return self.field.to_sympy(self.raw)

    def _raw_of(self, other: Element | int | Fraction) -> Raw:
        if not isinstance(other, Element):
            return fmpq(other.numerator, other.denominator)
        if other.field is not self.field:
            raise EngineError("field", "Numbers of two different fields were mixed.")
        return other.raw


def _dyadic(ball: arb) -> Fraction:
    """The value of a ball of radius 0."""
    mantissa, exponent = (int(part) for part in ball.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent
