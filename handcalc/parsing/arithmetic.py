"""Arithmetic on what cells come to: every size is checked before the operation.

A fraction may take 4,096 bits and a power may be the 64th. What has π in it is an angle until a
cosine or sine takes it; anything else than a fraction of π is of no use as one.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import TypeAlias

from handcalc.parsing.characters import literal
from handcalc.parsing.limits import MAX_BITS, MAX_POWER
from handcalc.parsing.refusal import UnreadableError

# --------------------------------------------------------------------------------------------------
# What a cell comes to before its number field is known: rational at once, or a tree.
#
# Roots and cosines wait as trees, because a number field wants to know all its angles before it is
# made. Multiples of π live only until a cosine or sine takes them.


Place: TypeAlias = int | None
"""Where in the text an operation is written, or ``None`` for a product without a sign."""


@dataclass(frozen=True, slots=True)
class Cosine:
    """cos(half_turns · π)."""

    half_turns: Fraction
    start: Place


@dataclass(frozen=True, slots=True)
class Root:
    """√radicand."""

    radicand: Number
    start: Place


@dataclass(frozen=True, slots=True)
class PowerTree:
    """base ** exponent."""

    base: Tree
    exponent: int
    start: Place


@dataclass(frozen=True, slots=True)
class SumTree:
    """first + second."""

    first: Number
    second: Number
    start: Place


@dataclass(frozen=True, slots=True)
class ProductTree:
    """first · second."""

    first: Number
    second: Number
    start: Place


@dataclass(frozen=True, slots=True)
class Quotient:
    """first / second."""

    first: Number
    second: Number
    start: Place


@dataclass(frozen=True, slots=True)
class Turn:
    """half_turns · π: an angle."""

    half_turns: Fraction


@dataclass(frozen=True, slots=True)
class Beyond:
    """A number with π in it that is no rational multiple of π, such as π + 1 or π²."""


Tree: TypeAlias = Cosine | Root | PowerTree | SumTree | ProductTree | Quotient
Number: TypeAlias = Fraction | Tree
Value: TypeAlias = Number | Turn | Beyond


def cosines(tree: Tree) -> list[Cosine]:
    """Every cosine in a tree.

    >>> cosines(ProductTree(Fraction(2), Cosine(Fraction(1, 7), 0), 0))
    [Cosine(half_turns=Fraction(1, 7), start=0)]
    """
    found: list[Cosine] = []
    left: list[Number] = [tree]
    while left:
        match left.pop():
            case Cosine() as cosine:
                found.append(cosine)
            case Root(radicand):
                left.append(radicand)
            case PowerTree(base):
                left.append(base)
            case SumTree(first, second) | ProductTree(first, second) | Quotient(first, second):
                left += (first, second)
    return found


def literal_value(kind: str, text: str, start: Place) -> Fraction:
    r"""The value of a literal, which may be too large or, as \frac10, have none."""
    try:
        value = literal(kind, text)
    except ZeroDivisionError:
        raise zero_division(start) from None
    check_bits(bits(value), start)
    return value


def negative(value: Value, start: Place) -> Value:
    """−value."""
    return multiply(Fraction(-1), value, start)


def add(a: Value, b: Value, start: Place) -> Value:
    """a + b.

    >>> add(Turn(Fraction(1, 3)), Turn(Fraction(1, 3)), 0)
    Turn(half_turns=Fraction(2, 3))
    """
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _sum(a, b, start)
    if isinstance(a, Turn) and isinstance(b, Turn):
        return Turn(_sum(a.half_turns, b.half_turns, start))
    if isinstance(a, Turn | Beyond) or isinstance(b, Turn | Beyond):
        return Beyond()
    return SumTree(a, b, start)


def multiply(a: Value, b: Value, start: Place) -> Value:
    """a · b."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return _product(a, b, start)
    if isinstance(a, Fraction) and isinstance(b, Turn):
        return Turn(_product(a, b.half_turns, start))
    if isinstance(a, Turn) and isinstance(b, Fraction):
        return Turn(_product(a.half_turns, b, start))
    if isinstance(a, Turn | Beyond) or isinstance(b, Turn | Beyond):
        return Beyond()
    return ProductTree(a, b, start)


def divide(a: Value, b: Value, start: Place) -> Value:
    """a / b. Errors: ``UnreadableError`` with code ``division_by_zero``."""
    if isinstance(b, Fraction):
        return multiply(a, _inverse(b, start), start)
    if isinstance(a, Turn | Beyond) or isinstance(b, Turn | Beyond):
        return Beyond()
    return Quotient(a, b, start)


def power(base: Value, exponent: Value, start: Place) -> Value:
    """base ** exponent for whole exponents up to 64 either way, and for halves, by a root.

    Errors: ``power_too_large``, ``too_large`` or ``division_by_zero``; ``unexpected`` for other
    exponents.

    >>> power(Fraction(4), Fraction(-1, 2), 0)
    Fraction(1, 2)
    """
    if isinstance(base, Turn | Beyond) or isinstance(exponent, Turn | Beyond):
        return Beyond()
    if isinstance(exponent, Fraction) and abs(exponent) > MAX_POWER:
        raise UnreadableError(
            "power_too_large",
            f"An exponent is at most {MAX_POWER} and at least -{MAX_POWER}.",
            start,
        )
    if not isinstance(exponent, Fraction) or exponent.denominator > 2:
        raise UnreadableError(
            "unexpected", "An exponent is a whole number, or a half for a square root.", start
        )
    if exponent.denominator == 2:
        return power(root(base, start), Fraction(exponent.numerator), start)
    if not isinstance(base, Fraction):
        return PowerTree(base, exponent.numerator, start)
    base = _inverse(base, start) if exponent < 0 else base
    check_bits(abs(exponent.numerator) * bits(base), start)
    return Fraction(base ** abs(exponent.numerator))


def root(value: Value, start: Place) -> Value:
    """√value. Errors: ``UnreadableError`` with code ``negative_root``.

    >>> root(Fraction(9, 4), 0)
    Fraction(3, 2)
    """
    if isinstance(value, Turn | Beyond):
        return Beyond()
    if isinstance(value, Fraction):
        if value < 0:
            raise negative_root(start)
        exact = Fraction(isqrt(value.numerator), isqrt(value.denominator))
        if exact * exact == value:
            return exact
    return Root(value, start)


def cosine(angle: Value, start: Place) -> Value:
    """cos(angle). Errors: ``UnreadableError`` with code ``angle``.

    >>> cosine(Turn(Fraction(8, 3)), 0)
    ProductTree(first=Fraction(-1, 1), second=Cosine(half_turns=Fraction(1, 3), start=0), start=0)
    """
    return _fold_angle(_half_turns(angle, start), start)


def sine(angle: Value, start: Place) -> Value:
    """sin(angle) = cos(π/2 − angle). Errors: ``UnreadableError`` with code ``angle``."""
    return _fold_angle(Fraction(1, 2) - _half_turns(angle, start), start)


def bits(value: Fraction) -> int:
    """The bit length of the numerator or the denominator, whichever is longer."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def check_bits(size: int, start: Place, most: int = MAX_BITS) -> None:
    """Refuse a number that may take more bits than ``most``, before it is worked out."""
    if size > most:
        raise UnreadableError(
            "too_large",
            f"A number on the way would take more than {most:,} bits (about "
            f"{most * 3 // 10:,} digits); use smaller numbers.",
            start,
        )


def negative_root(start: Place) -> UnreadableError:
    """The refusal of a square root below zero."""
    return UnreadableError(
        "negative_root",
        "The number under a square root must be at least 0, and this one is negative.",
        start,
    )


def zero_division(start: Place) -> UnreadableError:
    """The refusal of a division by zero."""
    return UnreadableError(
        "division_by_zero", "A number is divided by zero here, which has no value.", start
    )


def _sum(a: Fraction, b: Fraction, start: Place) -> Fraction:
    check_bits(bits(a) + bits(b) + 1, start)
    return a + b


def _product(a: Fraction, b: Fraction, start: Place) -> Fraction:
    check_bits(bits(a) + bits(b), start)
    return a * b


def _inverse(value: Fraction, start: Place) -> Fraction:
    if value == 0:
        raise zero_division(start)
    return 1 / value


def _fold_angle(half_turns: Fraction, start: Place) -> Value:
    """± the cosine of an angle between 0 and π/2, by cos(−θ) = cos θ and cos(π − θ) = −cos θ."""
    angle = min(half_turns % 2, -half_turns % 2)
    # so cos(120°) and sin(30°) are cosines of one field, and few different ones are asked for
    if angle > Fraction(1, 2):
        return negative(Cosine(1 - angle, start), start)
    return Cosine(angle, start)


def _half_turns(angle: Value, start: Place) -> Fraction:
    if isinstance(angle, Turn):
        return angle.half_turns
    if angle == 0:
        return Fraction(0)
    raise UnreadableError(
        "angle",
        "The angle of a cosine or sine is a fraction of π, as in cos(2*pi/3), or in degrees, "
        "as in cos(120°).",
        start,
    )
