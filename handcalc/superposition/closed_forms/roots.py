"""Real roots of polynomials over a real field, isolated and narrowed down by exact signs.

A polynomial is the tuple of its coefficients, the constant first. Intervals are open at both ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from math import inf, isfinite
from typing import TypeAlias

from handcalc.errors import EngineError
from handcalc.numbers.field import Element

__all__ = [
    "Interval",
    "Polynomial",
    "derivative",
    "isolated",
    "narrowed",
    "near",
    "product",
    "sign_variations",
    "value",
]

Polynomial: TypeAlias = "tuple[Element, ...]"
Interval: TypeAlias = "tuple[Fraction, Fraction]"
"""Two fractions around a number; the number itself, twice, where it is a fraction."""

_MAX_HALVINGS = 2048


def value(polynomial: Sequence[Element], x: Element | Fraction) -> Element:
    """P(x), by Horner's rule.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> value((one, one, one), Fraction(1, 2))
    Element(7/4)
    """
    total = polynomial[-1]
    for coefficient in reversed(polynomial[:-1]):
        total = total * x + coefficient
    return total


def derivative(polynomial: Polynomial) -> Polynomial:
    """P′, at least one coefficient long."""
    return tuple(c * i for i, c in enumerate(polynomial))[1:] or (polynomial[0] * 0,)


def product(a: Polynomial, b: Polynomial) -> Polynomial:
    """P·Q."""
    total = [a[0] * 0] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            total[i + j] = total[i + j] + x * y
    return tuple(total)


def sign_variations(polynomial: Polynomial, lo: Element, hi: Element | None) -> int:
    """How often the signs change in (1 + t)^d·P((lo + hi·t)/(1 + t)), or P(lo + t) with no ``hi``.

    By Descartes' rule that is the number of roots between lo and hi, counted as often as they are
    roots, or more by an even number: 0 and 1 are exact.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> sign_variations((-2 * one, 0 * one, one), one, 2 * one)  # x² − 2 between 1 and 2
    1
    """
    shifted = _shifted(polynomial, lo)
    if hi is not None:
        width, scale = hi - lo, lo * 0 + 1
        stretched = []
        for coefficient in shifted:
            stretched.append(coefficient * scale)
            scale = scale * width
        shifted = _shifted(tuple(reversed(stretched)), lo * 0 + 1)
    signs = [sign for coefficient in shifted if (sign := coefficient.sign())]
    return sum(a != b for a, b in pairwise(signs))


def isolated(polynomial: Polynomial, lo: Element, hi: Element) -> Iterator[Interval]:
    """An interval with fractions as its ends for every root between lo and hi.

    There the polynomial has one simple root, and different signs at the ends; a root that is a
    fraction can come as itself, twice. Errors: ``EngineError`` where a root is multiple.
    """
    waiting = [(lo, hi, 0)]
    while waiting:
        lo, hi, depth = waiting.pop()
        variations = sign_variations(polynomial, lo, hi)
        if variations == 0:
            continue
        if variations == 1 and _is_bracket(polynomial, lo, hi):
            yield lo.to_fraction(), hi.to_fraction()
            continue
        if depth == _MAX_HALVINGS:
            raise EngineError("closed_form", "A multiple root of a polynomial was met.")
        middle = _between(lo, hi)
        if not value(polynomial, middle):
            yield middle, middle
        inner = lo * 0 + middle
        waiting += [(inner, hi, depth + 1), (lo, inner, depth + 1)]


def narrowed(polynomial: Polynomial, interval: Interval, tolerance: Fraction) -> Interval:
    """The interval around a root, as ``isolated`` gives it, at most ``tolerance`` wide.

    Newton's step is taken in floating point; that the root lies near its end is told by exact
    signs, and the interval is halved where it does not.

    >>> from handcalc.numbers.field import Field
    >>> one = Field().rational(1)
    >>> square = (-2 * one, 0 * one, one)
    >>> lo, hi = narrowed(square, (Fraction(1), Fraction(2)), Fraction(1, 10**40))
    >>> lo**2 < 2 < hi**2, hi - lo <= Fraction(1, 10**40)
    (True, True)
    """
    slope, (lo, hi) = derivative(polynomial), interval
    rising = value(polynomial, hi).sign() if lo < hi else 0
    while hi - lo > tolerance:
        for x in _trials(polynomial, slope, lo, hi):
            if lo < x < hi:
                side = value(polynomial, x).sign() * rising
                if side == 0:
                    return x, x
                lo, hi = (lo, x) if side > 0 else (x, hi)
    return lo, hi


def near(number: Element, tolerance: Fraction) -> Fraction:
    """A fraction no further than ``tolerance`` from a number: its floats summed, largest first.

    >>> from handcalc.numbers.field import Field
    >>> field = Field()
    >>> root = near(field.sqrt(field.rational(2)), Fraction(1, 10**30))
    >>> abs(root**2 - 2) < Fraction(3, 10**30)
    True
    """
    total, scale = Fraction(0), 1
    while True:
        rest = Fraction(((number - total) * scale).to_float()) / scale
        total += rest  # rest is correctly rounded, so what is left is 2⁻⁵³ of it, or underflows
        if max(abs(rest), Fraction(1, scale << 1000)) < tolerance:
            return total
        scale <<= 50


def _trials(
    polynomial: Polynomial, slope: Polynomial, lo: Fraction, hi: Fraction
) -> Iterable[Fraction]:
    """The middle, and the ends of a much smaller interval around Newton's step from it."""
    width, middle = hi - lo, (lo + hi) / 2
    yield middle
    steepness = value(slope, middle)
    step = (value(polynomial, middle) / steepness).to_float() if steepness else inf
    if not isfinite(step):
        return
    reach = _rounded_up(width * max(min(width, Fraction(1, 4)), Fraction(1, 2**45)))
    goal = round((middle - Fraction(step)) / reach) * reach
    yield goal - 2 * reach
    yield goal + 2 * reach


def _rounded_up(width: Fraction) -> Fraction:
    """A power of 2, at least ``width`` and less than four times that."""
    exponent = width.numerator.bit_length() - width.denominator.bit_length() + 1
    return Fraction(2) ** exponent


def _is_bracket(polynomial: Polynomial, lo: Element, hi: Element) -> bool:
    if not (lo.is_rational and hi.is_rational):
        return False
    return value(polynomial, lo).sign() * value(polynomial, hi).sign() < 0


def _between(lo: Element, hi: Element) -> Fraction:
    """A fraction between two numbers, near their middle."""
    if lo.is_rational and hi.is_rational:
        return (lo.to_fraction() + hi.to_fraction()) / 2
    return near((lo + hi) / 2, near((hi - lo) / 4, Fraction(1, 2**20)) / 2)


def _shifted(polynomial: Polynomial, step: Element) -> Polynomial:
    """P(x + step), by repeated synthetic division."""
    found = list(polynomial)
    for start in range(len(found) - 1):
        for i in range(len(found) - 2, start - 1, -1):
            found[i] = found[i] + found[i + 1] * step
    return tuple(found)
