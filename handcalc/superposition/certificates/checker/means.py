"""E[z⁺] and E[xⱼ z⁺] of up to three active features, to a relative error below 2⁻⁴⁶.

Everything given is a multiple of 2⁻⁴⁰ below 2⁸, so z is exact at every corner of the cube, and so
is every place where a polynomial begins: in u = c + hy these are 0 at the corners of the other
features, and the ends. Between two of them Simpson's rule (degree 3) and Boole's (degree 5) give
the integral, from values at halves and quarters, which are exact, too. All that rounds is products,
quotients and sums of numbers ≥ 0, some sixty one after the other at most.
"""

from __future__ import annotations

from handcalc.superposition.certificates.checker.compiler import exactly


@exactly
def line_means(c: float, g: float) -> tuple[float, float]:
    """E[z⁺] and E[x z⁺] of z = c + gx."""
    end = c + g
    if c >= 0 and end >= 0:
        return (c + end) / 2, c / 6 + end / 3
    if c > 0:
        return c * c / (-g) / 2, c * c * c / (g * g) / 6
    if end > 0:
        t = end / g  # the part of the line where z > 0, its far end
        return end * t / 2, end * t * (3 - t) / 6
    return 0.0, 0.0


@exactly
def plane_means(c: float, g: float, h: float) -> tuple[float, float, float]:
    """E[z⁺], E[x z⁺] and E[y z⁺] of z = c + gx + hy."""
    if h == 0:
        mean, with_x = line_means(c, g)
        return mean, with_x, mean / 2
    low, high = min(c, c + h), max(c, c + h)
    first, second = min(0.0, -g), max(0.0, -g)
    whole = with_x = with_y = 0.0
    start = low
    for k in range(3):
        stop = high
        if k == 0:
            stop = first
        elif k == 1:
            stop = second
        stop = min(max(stop, start), high)
        if stop > start:
            for part in range(3):
                u = start + (stop - start) / 2 * part
                weight = (4.0 if part == 1 else 1.0) / 6 * ((stop - start) / abs(h))
                mean, own = line_means(u, g)
                whole += weight * mean
                with_x += weight * own
                with_y += weight * mean * ((u - c) / h)
        start = stop
    return whole, with_x, with_y


@exactly
def space_means(c: float, f: float, g: float, h: float) -> tuple[float, float, float, float]:
    """E[z⁺], E[x z⁺], E[y z⁺] and E[v z⁺] of z = c + fx + gy + hv."""
    if h == 0:
        mean, x_mean, y_mean = plane_means(c, f, g)
        return mean, x_mean, y_mean, mean / 2
    high = max(c, c + h)
    whole = with_x = with_y = with_v = 0.0
    start = min(c, c + h)
    while start < high:
        stop = high  # the next place where z is 0 at a corner of the others
        for corner in range(4):
            place = -(f if corner & 1 else 0.0) - (g if corner & 2 else 0.0)
            if start < place < stop:
                stop = place
        for part in range(5):
            u = start + (stop - start) / 4 * part
            share = 7.0 if part in (0, 4) else 12.0 if part == 2 else 32.0
            weight = share / 90 * ((stop - start) / abs(h))
            mean, x_mean, y_mean = plane_means(u, f, g)
            whole += weight * mean
            with_x += weight * x_mean
            with_y += weight * y_mean
            with_v += weight * mean * ((u - c) / h)
        start = stop
    return whole, with_x, with_y, with_v
