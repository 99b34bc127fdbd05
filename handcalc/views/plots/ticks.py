"""Round numbers on an axis, few of them, and how numbers are written beside them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from math import ceil, floor, log10

_MOST = 4
_FLAT = 4.0  # below this ratio of the ends, numbers at equal distances
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def number(value: float) -> str:
    """Three digits, the power of ten written out.

    >>> number(0.0830895928), number(1.8279e-05), number(0.0)
    ('0.0831', '1.83 × 10⁻⁵', '0')
    """
    digits, _, power = f"{value:.3g}".partition("e")
    return f"{digits} × 10{str(int(power)).translate(_SUPERSCRIPTS)}" if power else digits


def indexed(symbol: str, index: int) -> str:
    """A symbol with its index below.

    >>> indexed("I", 12)
    'I₁₂'
    """
    return f"{symbol}{str(index).translate(_SUBSCRIPTS)}"


def tick_text(value: float) -> str:
    """The same for the marks of an axis: narrow, and a round power by itself.

    >>> tick_text(0.002), tick_text(0.0005), tick_text(1e-05), tick_text(2.5e7)
    ('0.002', '5·10⁻⁴', '10⁻⁵', '2.5·10⁷')
    """
    if value < 1e5 and (value >= 1e-3 or value == 0):
        return f"{float(f'{value:.3g}'):g}"
    digits, _, power = f"{value:.2e}".partition("e")
    digits = digits.rstrip("0").rstrip(".")
    ten = f"10{str(int(power)).translate(_SUPERSCRIPTS)}"
    return ten if digits == "1" else f"{digits}·{ten}"


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
