"""Round numbers on an axis, few of them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from math import ceil, floor, log10

__all__ = ["even_ticks", "ticks"]

_MOST = 4
_FLAT = 4.0  # below this ratio of the ends, numbers at equal distances


def ticks(low: float, high: float) -> list[float]:
    """Round numbers on a logarithmic axis from low to high, both above 0; up to four of them.

    >>> ticks(0.08, 0.6), ticks(0.0801, 0.0899), ticks(1e-5, 1.0)
    ([0.1, 0.2, 0.5], [0.082, 0.084, 0.086, 0.088], [0.0001, 0.01, 1.0])
    """
    if high / low < _FLAT:
        return even_ticks(low, high)
    return next(chosen for chosen in _powers(low, high) if len(chosen) <= _MOST)


def even_ticks(low: float, high: float) -> list[float]:
    """Round numbers at equal distances, up to four of them, from low to high.

    >>> even_ticks(0, 10), even_ticks(0, 0.3)
    ([0.0, 5.0, 10.0], [0.0, 0.1, 0.2, 0.3])
    """
    return next(chosen for chosen in _even(low, high) if len(chosen) <= _MOST)


def _even(low: float, high: float) -> Iterator[list[float]]:
    """The multiples of ever larger round steps."""
    power = floor(log10(high - low)) - 1 if high > low else -12
    for step in (float(f"{digit}e{k}") for k in count(power) for digit in (1, 2, 5)):
        first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
        yield [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def _powers(low: float, high: float) -> Iterator[list[float]]:
    """1, 2, 5 times powers of ten, then 1 and 3, then powers of ten further and further apart."""
    first, last = floor(log10(low)), ceil(log10(high))
    for digits in ((1, 2, 5), (1, 3), (1,)):
        each = [float(f"{digit}e{k}") for k in range(first, last + 1) for digit in digits]
        yield [tick for tick in each if low <= tick <= high]
    for apart in count(2):
        each = [float(f"1e{k}") for k in range(first, last + 1) if k % apart == 0]
        yield [tick for tick in each if low <= tick <= high]
