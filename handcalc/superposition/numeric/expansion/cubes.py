"""Moments of R_k(z), z linear on a cube of one, two or three uniform features, as compiled loops.

By the values of z at the corners, with no division by an overlap: the recursion of
``handcalc.superposition.numeric.moments``, written out. R_k(z) = max(z, 0)^k/k!, R_0(z) = 1 where
z > 0. Every term is at least 0. Corners are named by the features that are 1 there.
"""

from __future__ import annotations

from pathlib import Path

from handcalc.compiled import Compiler

_COMPILER = Compiler.of(Path(__file__).parent)

exactly, inlined = _COMPILER.exactly, _COMPILER.exactly_inlined


@inlined
def share(low: float, high: float) -> float:
    """τ of a feature along which z goes from where it is least or greatest to the other extreme.

    Where on the diagonal z = 0: −low/(high − low) where z rises with the feature, from ``low`` to
    ``high``; where it falls the two are given the other way round.
    """
    return -low / (high - low)


# --------------------------------------------------------------------------------------------------
# One feature: z from ``low`` at 0 to ``high`` at 1.


@inlined
def squares1(low: float, high: float) -> float:
    """E[R₂]."""
    if low <= 0.0 and high <= 0.0:
        return 0.0
    if low >= 0.0 and high >= 0.0:
        return (low * low + low * high + high * high) / 6.0
    if high > low:
        return high * high * high / (6.0 * (high - low))
    return low * low * low / (6.0 * (low - high))


@inlined
def firsts1(low: float, high: float) -> tuple[float, float]:
    """E[R₁] and E[xR₁]."""
    if low <= 0.0 and high <= 0.0:
        return 0.0, 0.0
    if low >= 0.0 and high >= 0.0:
        return (low + high) / 2.0, (low + 2.0 * high) / 6.0
    tau = share(low, high)
    top, bottom = max(high, 0.0), max(low, 0.0)
    mean = ((1.0 - tau) * top + tau * bottom) / 2.0
    return mean, ((1.0 - tau) * top + tau * mean) / 3.0


@inlined
def steps1(low: float, high: float) -> tuple[float, float, float]:
    """E[R₀], E[xR₀] and E[x²R₀]."""
    if low <= 0.0 and high <= 0.0:
        return 0.0, 0.0, 0.0
    if low >= 0.0 and high >= 0.0:
        return 1.0, 1.0 / 2.0, 1.0 / 3.0
    tau = share(low, high)
    top = 1.0 if high > 0.0 else 0.0
    none = (1.0 - tau) * top + tau * (1.0 - top)
    one = ((1.0 - tau) * top + tau * none) / 2.0
    return none, one, ((1.0 - tau) * top + 2.0 * tau * one) / 3.0


# --------------------------------------------------------------------------------------------------
# Two features x and y: z = b + ax + cy.


@inlined
def shares2(b: float, a: float, c: float) -> tuple[float, float]:
    """τ of x and of y, where z has both signs on the square."""
    low = b + min(a, 0.0) + min(c, 0.0)
    high = b + max(a, 0.0) + max(c, 0.0)
    tau = share(low, high)
    return tau if a >= 0.0 else 1.0 - tau, tau if c >= 0.0 else 1.0 - tau


@inlined
def squares2(b: float, a: float, c: float) -> float:
    """E[R₂]."""
    if b + max(a, 0.0) + max(c, 0.0) <= 0.0:
        return 0.0
    if b + min(a, 0.0) + min(c, 0.0) >= 0.0:
        mean = b + (a + c) / 2.0
        return (mean * mean + (a * a + c * c) / 12.0) / 2.0
    x, y = shares2(b, a, c)
    on = (1.0 - x) * squares1(b + a, b + a + c) + (1.0 - y) * squares1(b + c, b + a + c)
    return (on + x * squares1(b, b + c) + y * squares1(b, b + a)) / 4.0


@inlined
def firsts2(b: float, a: float, c: float) -> tuple[float, float, float]:
    """E[R₁], E[xR₁] and E[yR₁]."""
    if b + max(a, 0.0) + max(c, 0.0) <= 0.0:
        return 0.0, 0.0, 0.0
    if b + min(a, 0.0) + min(c, 0.0) >= 0.0:
        mean = b + (a + c) / 2.0
        return mean, mean / 2.0 + a / 12.0, mean / 2.0 + c / 12.0
    x, y = shares2(b, a, c)
    x_on, x_on_y = firsts1(b + a, b + a + c)
    x_off, x_off_y = firsts1(b, b + c)
    y_on, y_on_x = firsts1(b + c, b + a + c)
    y_off, y_off_x = firsts1(b, b + a)
    mean = ((1.0 - x) * x_on + x * x_off + (1.0 - y) * y_on + y * y_off) / 3.0
    with_x = ((1.0 - x) * x_on + (1.0 - y) * y_on_x + y * y_off_x + x * mean) / 4.0
    with_y = ((1.0 - y) * y_on + (1.0 - x) * x_on_y + x * x_off_y + y * mean) / 4.0
    return mean, with_x, with_y


@inlined
def steps2(b: float, a: float, c: float) -> tuple[float, float, float]:
    """E[xR₀], E[x²R₀] and E[xyR₀]."""
    if b + max(a, 0.0) + max(c, 0.0) <= 0.0:
        return 0.0, 0.0, 0.0
    if b + min(a, 0.0) + min(c, 0.0) >= 0.0:
        return 1.0 / 2.0, 1.0 / 3.0, 1.0 / 4.0
    x, y = shares2(b, a, c)
    x_on, x_on_y, _ = steps1(b + a, b + a + c)
    x_off, x_off_y, _ = steps1(b, b + c)
    y_on, y_on_x, y_on_xx = steps1(b + c, b + a + c)
    y_off, y_off_x, y_off_xx = steps1(b, b + a)
    none = ((1.0 - x) * x_on + x * x_off + (1.0 - y) * y_on + y * y_off) / 2.0
    with_x = ((1.0 - x) * x_on + (1.0 - y) * y_on_x + y * y_off_x + x * none) / 3.0
    with_y = ((1.0 - y) * y_on + (1.0 - x) * x_on_y + x * x_off_y + y * none) / 3.0
    squared = ((1.0 - x) * x_on + (1.0 - y) * y_on_xx + y * y_off_xx + 2.0 * x * with_x) / 4.0
    crossed = ((1.0 - x) * x_on_y + (1.0 - y) * y_on_x + x * with_y + y * with_x) / 4.0
    return with_x, squared, crossed


# --------------------------------------------------------------------------------------------------
# Three features x, y and t: z = b + ax + cy + dt.


@inlined
def shares3(b: float, a: float, c: float, d: float) -> tuple[float, float, float]:
    """τ of each, where z has both signs on the cube."""
    low = b + min(a, 0.0) + min(c, 0.0) + min(d, 0.0)
    high = b + max(a, 0.0) + max(c, 0.0) + max(d, 0.0)
    tau = share(low, high)
    rest = 1.0 - tau
    return tau if a >= 0.0 else rest, tau if c >= 0.0 else rest, tau if d >= 0.0 else rest


@inlined
def squares3(b: float, a: float, c: float, d: float) -> float:
    """E[R₂]."""
    if b + max(a, 0.0) + max(c, 0.0) + max(d, 0.0) <= 0.0:
        return 0.0
    if b + min(a, 0.0) + min(c, 0.0) + min(d, 0.0) >= 0.0:
        mean = b + (a + c + d) / 2.0
        return (mean * mean + (a * a + c * c + d * d) / 12.0) / 2.0
    x, y, t = shares3(b, a, c, d)
    on = (1.0 - x) * squares2(b + a, c, d) + (1.0 - y) * squares2(b + c, a, d)
    on += (1.0 - t) * squares2(b + d, a, c)
    off = x * squares2(b, c, d) + y * squares2(b, a, d) + t * squares2(b, a, c)
    return (on + off) / 5.0


@inlined
def first_of3(b: float, a: float, c: float, d: float) -> float:
    """E[xR₁]."""
    if b + max(a, 0.0) + max(c, 0.0) + max(d, 0.0) <= 0.0:
        return 0.0
    if b + min(a, 0.0) + min(c, 0.0) + min(d, 0.0) >= 0.0:
        return (b + (a + c + d) / 2.0) / 2.0 + a / 12.0
    x, y, t = shares3(b, a, c, d)
    x_on, x_off = firsts2(b + a, c, d)[0], firsts2(b, c, d)[0]
    y_on, y_on_x, _ = firsts2(b + c, a, d)
    y_off, y_off_x, _ = firsts2(b, a, d)
    t_on, t_on_x, _ = firsts2(b + d, a, c)
    t_off, t_off_x, _ = firsts2(b, a, c)
    mean = (1.0 - x) * x_on + x * x_off + (1.0 - y) * y_on + y * y_off
    mean = (mean + (1.0 - t) * t_on + t * t_off) / 4.0
    faces = (1.0 - y) * y_on_x + y * y_off_x + (1.0 - t) * t_on_x + t * t_off_x
    return ((1.0 - x) * x_on + faces + x * mean) / 5.0
