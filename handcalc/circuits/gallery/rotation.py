"""Positions on the circle by the 3-4-5 angle: all rational, one matrix from each to the next."""

from __future__ import annotations

from fractions import Fraction

Plane = tuple[Fraction, Fraction]

COS, SIN = Fraction(3, 5), Fraction(4, 5)
TURN: tuple[Plane, Plane] = ((COS, SIN), (-SIN, COS))  # R
BACK: tuple[Plane, Plane] = ((COS, -SIN), (SIN, COS))  # Rᵀ
MOST_PLACES = 10  # later ones come round too close to the first


def turned(point: Plane, by: tuple[Plane, Plane] = TURN) -> Plane:
    """p R.

    >>> turned((Fraction(1), Fraction(0)))
    (Fraction(3, 5), Fraction(4, 5))
    """
    (a, b), (c, d) = by
    x, y = point
    return x * a + y * c, x * b + y * d


def circle(count: int, start: Plane = (Fraction(1), Fraction(0))) -> list[Plane]:
    """start·Rʲ for j = 0 … count − 1.

    >>> circle(3)[2]
    (Fraction(-7, 25), Fraction(24, 25))
    """
    points = [start]
    while len(points) < count:
        points.append(turned(points[-1]))
    return points[:count]
