"""What a cell comes to before its number field is known: rational at once, or a tree.

Roots and cosines wait as trees, because a number field wants to know all its angles before it is
made. Multiples of π live only until a cosine or sine takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

__all__ = [
    "Beyond",
    "Cosine",
    "Number",
    "Place",
    "Power",
    "Product",
    "Quotient",
    "Root",
    "Sum",
    "Tree",
    "Turn",
    "Value",
    "cosines",
]


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
class Power:
    """base ** exponent."""

    base: Tree
    exponent: int
    start: Place


@dataclass(frozen=True, slots=True)
class Sum:
    """first + second."""

    first: Number
    second: Number
    start: Place


@dataclass(frozen=True, slots=True)
class Product:
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


Tree: TypeAlias = Cosine | Root | Power | Sum | Product | Quotient
Number: TypeAlias = Fraction | Tree
Value: TypeAlias = Number | Turn | Beyond


def cosines(tree: Tree) -> list[Cosine]:
    """Every cosine in a tree.

    >>> cosines(Product(Fraction(2), Cosine(Fraction(1, 7), 0), 0))
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
            case Power(base):
                left.append(base)
            case Sum(first, second) | Product(first, second) | Quotient(first, second):
                left += (first, second)
    return found
