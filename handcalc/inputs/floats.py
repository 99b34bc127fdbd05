"""Floats as what was meant: how wide one is, its fewest digits, the short fraction that it is near.

A float32 that comes as a wider one has zeros where its own digits end; so its width is seen, and
that of every array, tensor and list alike.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from math import ceil, inf, isfinite
from warnings import warn

from handcalc.errors import InputError
from handcalc.inputs.containers import as_lists, is_float, start

_LEAST_NARROW = 2.0**-126  # below it a float32 has fewer digits than others
_ROUNDED = Fraction(1, 1 << 48)  # of a number: the rounding of a few operations, such as 0.7**9
_NARROW_ROUNDED = Fraction(1, 1 << 22)  # the same of a float32
_FAR = Fraction(1, 10**9)  # of a number, and of what is left of 1 above it
_DIGITS, _NARROW_DIGITS = 12, 6  # of a decimal that a person types
_DENOMINATOR, _NARROW_DENOMINATOR, _BINARY = 10**6, 1000, 1 << 20


def is_narrow(value: float) -> bool:
    """Whether a float is a float32 of full precision: then it came from an array of that width.

    >>> is_narrow(0.5), is_narrow(0.1), is_narrow(0.10000000149011612)
    (True, False, True)
    """
    return narrow(value) == value and (value == 0 or abs(value) >= _LEAST_NARROW)


def narrow(value: float) -> float:
    """The float32 nearest to a float.

    >>> narrow(0.1), narrow(1e39)
    (0.10000000149011612, inf)
    """
    try:
        (found,) = struct.unpack("f", struct.pack("f", value))
    except OverflowError:
        return inf
    return float(found)


def shown(value: object) -> str:
    """A float in the fewest digits that tell it from others of its width.

    >>> shown(0.1), shown(0.10000000149011612), shown(2.0)
    ('0.1', '0.1', '2.0')
    """
    as_float = float(value)  # type: ignore[arg-type]  # asked of floats only
    if not isfinite(as_float) or not is_narrow(as_float):
        return repr(as_float)
    texts = (f"{as_float:.{digits}g}" for digits in range(6, 10))
    text = next(text for text in texts if narrow(float(text)) == as_float)
    return text if set(text) & set(".e") else f"{text}.0"


def short_fraction(value: float) -> Fraction:
    """The short fraction that a finite float stands for.

    It is the decimal of up to 12 digits that it is but for rounding, 2⁻⁴⁸ of it, or the fraction
    with a denominator up to 10⁶, or itself, if that is as short; of a float32 the decimal of up to
    3 digits but for rounding, 2⁻²² of it, or of up to 6, of a denominator up to 1000, or its own
    digits. Where there is none, as of 0.7¹⁹, it is the fraction of the smallest denominator that is
    at most 10⁻⁹·min(|x|, |1 − x|) from x;
    ``is_rounded`` says so.

    Source: derived here; the simplest fraction of an interval by continued fractions.

    >>> [str(short_fraction(x)) for x in (0.9, 0.1 + 0.2, 1 / 3, 0.7**4, 2.0**-20)]
    ['9/10', '3/10', '1/3', '2401/10000', '1/1048576']
    """
    if value < 0:
        return -short_fraction(-value)
    exact = Fraction(value)
    is_wide = not is_narrow(value)
    decimal = _decimal(value)
    if decimal is not None:
        return decimal
    if exact.denominator <= _BINARY or exact.numerator <= _NARROW_DENOMINATOR:
        return exact  # such as 2⁻³⁰
    near = exact.limit_denominator(_DENOMINATOR if is_wide else _NARROW_DENOMINATOR)
    if is_wide and abs(near - exact) <= _ROUNDED * exact:
        return near
    if not is_wide:
        return near if narrow(float(near)) == value else Fraction(shown(value))
    off = _FAR * min(abs(exact), abs(1 - exact))
    return _simplest(exact - off, exact + off)


def _decimal(value: float) -> Fraction | None:
    """The decimal that a person would have typed for a float ≥ 0, if there is one."""
    exact = Fraction(value)
    if not is_narrow(value):
        near = Fraction(f"{value:.{_DIGITS}g}")
        return near if abs(near - exact) <= _ROUNDED * exact else None
    few = Fraction(f"{value:.3g}")  # such as 0.3, some roundings of a linspace away
    if few.denominator > 1 and abs(few - exact) <= _NARROW_ROUNDED * exact:
        return few
    near = Fraction(f"{value:.{_NARROW_DIGITS}g}")
    return near if near == exact or narrow(float(near)) == value else None


def is_rounded(value: float) -> bool:
    """Whether a float's ``short_fraction`` is further from it than rounding.

    >>> is_rounded(0.7**4), is_rounded(0.7**19)
    (False, True)
    """
    off = abs(short_fraction(value) - Fraction(value))
    return not is_narrow(value) and off > _ROUNDED * abs(Fraction(value))


def short_fractions(values: object, name: str) -> object:
    """The same values with every float as its short fraction, in nested lists; texts as they are.

    A float is one of Python, numpy, torch or another library, alone, in an array or a list. A
    warning says of those that are no short fraction but for rounding what they are taken as.
    Errors: ``float`` for an infinity or NaN; those of ``as_lists``.

    >>> short_fractions([0.9, "sqrt(2)/2", 1], "sparsity")
    [Fraction(9, 10), 'sqrt(2)/2', 1]
    """
    rounded: dict[float, Fraction] = {}

    def taken(value: object) -> object:
        if isinstance(value, list):
            return [taken(each) for each in value]
        if isinstance(value, bool) or not is_float(value):
            return value
        number = float(value)  # type: ignore[arg-type]  # a float of any library
        if not isfinite(number):
            raise InputError("float", f"{start(name)}A float such as {number} is no number.")
        found = short_fraction(number)
        if is_rounded(number):
            rounded[number] = found
        return found

    found = taken(as_lists(values, name))
    if rounded:
        value, fraction = next(iter(rounded.items()))
        more = f", and {len(rounded) - 1} more alike" if len(rounded) > 1 else ""
        warn(
            f"{name}: {value!r} is no short fraction, and is taken as {fraction}{more}; none is "
            "more than 1e-9 of itself away. To have others, give texts or Fractions.",
            stacklevel=3,
        )
    return found


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of the smallest denominator between two numbers, 0 < low < high."""
    whole = ceil(low)
    if whole <= high:
        return Fraction(whole)
    # the same whole part for all of them: what is left of it turned over, as a continued fraction
    whole -= 1
    return whole + 1 / _simplest(1 / (high - whole), 1 / (low - whole))
