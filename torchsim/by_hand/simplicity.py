"""How simple numbers are, and the simple ones that lie near to another."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

__all__ = ["LEVELS", "Simplicity", "near", "simplicity"]

Simplicity = tuple[int, int]

LEVELS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 100, 300, 1000, 10**4, 10**6)
"""The largest denominators, one after the other, that numbers are rounded to."""

_MOST = 100  # denominators up to so many are tried one by one


def simplicity(values: Iterable[Fraction]) -> Simplicity:
    """How much there is to write down: Σ bits of |p| and q over the *different* |p/q| ≠ 0.

    A number that is used again costs nothing more, nor does a sign, nor 0. Where that is equal, the
    smaller Σ (|p| + q) over all numbers is simpler, as it has more zeros and smaller numbers.

    >>> simplicity([Fraction(1), Fraction(-1), Fraction(0)])
    (2, 5)
    >>> simplicity([Fraction(3, 4)]) < simplicity([Fraction(19, 20)])
    True
    """
    parts = [(abs(value.numerator), value.denominator) for value in values]
    bits = sum(p.bit_length() + q.bit_length() for p, q in set(parts) if p)
    return bits, sum(p + q for p, q in parts)


def near(value: float, level: int, others: Sequence[Fraction] = ()) -> list[Fraction]:
    """0, the nearest fractions of each denominator up to ``level``, and ± the ``others``, once.

    >>> [str(value) for value in near(0.3, 3, [Fraction(1, 4)])]
    ['0', '1/2', '1/3', '1/4', '-1/4']
    """
    found = {Fraction(0): None}
    for q in range(1, min(level, _MOST) + 1):
        found[Fraction(round(value * q), q)] = None
    for other in others:
        found |= {other: None, -other: None}
    return list(found)
