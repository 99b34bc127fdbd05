"""E[z⁺] and E[xⱼ z⁺] of up to four active features, in floats.

z = c + g·x, with x uniform on the cube. One variable after the other is integrated: between any two
places where z passes 0 at a corner of the rest, what is inside is a polynomial, and Gauss's rule of
two or three points is exact. Every term is ≥ 0, so that nothing cancels.
"""

from __future__ import annotations

from math import sqrt

from handcalc.superposition.certificates.search.compiler import exactly, inlined

_TWO = 0.5 / sqrt(3)  # how far from the middle the points stand, in lengths of the interval
_THREE = 0.5 * sqrt(0.6)


@inlined
def clip(x: float) -> float:
    """The nearest number in [0, 1]."""
    return min(1.0, max(0.0, x))


@inlined
def one(c: float, g: float) -> tuple[float, float]:
    """E[z⁺] and E[x z⁺] of z = c + gx."""
    end = c + g
    if c >= 0 and end >= 0:
        return 0.5 * (c + end), c / 6 + end / 3
    if c <= 0 and end <= 0:
        return 0.0, 0.0
    if c > 0:
        x = c / (c - end)
        return 0.5 * c * x, c * x * x / 6
    x = end / (end - c)
    return 0.5 * end * x, end * x * (3 - x) / 6


@inlined
def two(c: float, g: float, h: float) -> tuple[float, float, float]:
    """E[z⁺], E[x z⁺] and E[y z⁺] of z = c + gx + hy."""
    if c + min(g, 0.0) + min(h, 0.0) >= 0:
        return c + 0.5 * (g + h), 0.5 * c + g / 3 + h / 4, 0.5 * c + h / 3 + g / 4
    if c + max(g, 0.0) + max(h, 0.0) <= 0:
        return 0.0, 0.0, 0.0
    first = second = 0.0
    if h != 0:
        first, second = clip(-c / h), clip(-(c + g) / h)
        if first > second:
            first, second = second, first
    whole = by_x = by_y = low = 0.0
    for k in range(3):
        high = 1.0
        if k == 0:
            high = first
        elif k == 1:
            high = second
        half = 0.5 * (high - low)
        if half > 0:
            for side in (-1, 1):
                y = low + half * (1 + 2 * side * _TWO)
                mean, with_x = one(c + h * y, g)
                whole += half * mean
                by_x += half * with_x
                by_y += half * mean * y
        low = high
    return whole, by_x, by_y


@exactly
def three(c: float, f: float, g: float, h: float) -> tuple[float, float, float, float]:
    """E[z⁺], E[x z⁺], E[y z⁺] and E[v z⁺] of z = c + fx + gy + hv."""
    if c + min(f, 0.0) + min(g, 0.0) + min(h, 0.0) >= 0:
        return (
            c + 0.5 * (f + g + h),
            0.5 * c + f / 3 + (g + h) / 4,
            0.5 * c + g / 3 + (f + h) / 4,
            0.5 * c + h / 3 + (f + g) / 4,
        )
    if c + max(f, 0.0) + max(g, 0.0) + max(h, 0.0) <= 0:
        return 0.0, 0.0, 0.0, 0.0
    p = q = r = s = 0.0
    if h != 0:
        p, q, r, s = clip(-c / h), clip(-(c + f) / h), clip(-(c + g) / h), clip(-(c + f + g) / h)
        if p > q:
            p, q = q, p
        if r > s:
            r, s = s, r
        if p > r:
            p, r = r, p
        if q > s:
            q, s = s, q
        if q > r:
            q, r = r, q
    whole = by_x = by_y = by_v = low = 0.0
    for k in range(5):
        high = 1.0
        if k == 0:
            high = p
        elif k == 1:
            high = q
        elif k == 2:
            high = r
        elif k == 3:
            high = s
        length = high - low
        if length > 0:
            for side in range(-1, 2):
                v = low + length * (0.5 + side * _THREE)
                weight = length * (8.0 if side == 0 else 5.0) / 18.0
                mean, with_x, with_y = two(c + h * v, f, g)
                whole += weight * mean
                by_x += weight * with_x
                by_y += weight * with_y
                by_v += weight * mean * v
        low = high
    return whole, by_x, by_y, by_v
