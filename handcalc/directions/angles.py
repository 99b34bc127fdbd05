"""An angle of lines, exact or in degrees, and the whole numbers and signs that it decides.

An angle is a coherence ε, an exact number, or degrees, whose cosine need not lie in a field: then
intervals decide, which end, as no bound of such an angle is a whole number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

import sympy
from flint import arb, ctx, fmpq

from handcalc.directions.coherence import degrees_of
from handcalc.errors import EngineError, InputError
from handcalc.inputs.arguments import read_number
from handcalc.numbers.exact import elements, exact, to_fraction
from handcalc.numbers.field import Element
from handcalc.wording import brief

_BITS = 14  # doublings of 64
_MOST_FOLDS = 1_000
_RIGHT = 90


@dataclass(frozen=True, slots=True)
class LineAngle:
    """ε by an element where it is exact, and in an interval; and the angle itself."""

    exact: sympy.Expr | None
    element: Element | None
    degrees: Fraction | None

    @classmethod
    def read(cls, coherence: object, angle: object) -> LineAngle:
        """What was given, checked."""
        if (coherence is None) is (angle is None):
            raise InputError(
                "coherence",
                'An angle is given as a coherence or in degrees, one of the two: coherence="1/10" '
                "or degrees=89.",
            )
        if angle is None:
            number = read_number(coherence, "the coherence")
            _, (element,) = elements(number)
            if element.sign() < 0 or (1 - element).sign() <= 0:
                raise InputError(
                    "coherence",
                    f"A coherence is |cos|, from 0 to below 1, not {brief(number)}.",
                )
            return cls(number, element, None)
        number = read_number(angle, "the degrees")
        if not isinstance(number, sympy.Rational) or not 0 < number <= _RIGHT:
            raise InputError(
                "degrees",
                "The angle of two lines is a fraction of degrees, above 0 and up to 90, not "
                f"{brief(number)}.",
            )
        cosine = _cosine(to_fraction(number))
        given = None if cosine is None else elements(cosine)[1][0]
        return cls(cosine, given, to_fraction(number))

    @property
    def is_right(self) -> bool:
        """Whether ε is 0."""
        return self.element is not None and not self.element

    @property
    def shown(self) -> Fraction | float:
        """The angle in degrees, as it was given, or as a float."""
        if self.exact is None or self.degrees is not None:
            return self.degrees or Fraction(0)
        return angle_of_square(self.exact**2)

    def ball(self) -> arb:
        """ε at the working precision."""
        if self.element is not None:
            return self.element.ball()
        angle = self.degrees or Fraction(0)
        return arb(fmpq(angle.numerator, 180 * angle.denominator)).cos_pi()

    def folds(self, whole: int) -> int:
        """How often the angle goes into 180° or 360°, whole times."""
        if self.degrees is not None:
            return floor(whole / self.degrees)
        turns = whole // 180
        for ball in _balls(lambda: turns * arb.pi() / self.ball().acos()):
            low, high = _floors(ball)
            if low == high:
                return low
            if high <= _MOST_FOLDS and self._closes(high, turns):
                return high
        raise EngineError("directions", "How often an angle fits was not decided.")

    def _closes(self, n: int, turns: int) -> bool:
        """Whether cos(n·arccos ε) = cos(turns·π), where n·arccos ε is near to turns·π."""
        x = self.element
        return x is not None and _chebyshev(n, x)[0] == (-1) ** turns


def angle_of_square(square: sympy.Expr) -> float:
    """The angle in degrees whose cosine has this square.

    >>> round(angle_of_square(sympy.Rational(1, 101)), 2)
    84.29
    """
    return degrees_of(elements(square)[1][0])


def _chebyshev(n: int, x: Element) -> tuple[Element, Element]:
    """Tₙ(x) and Tₙ₊₁(x), by doubling."""
    if n == 0:
        return x * 0 + 1, x
    low, high = _chebyshev(n // 2, x)
    between = 2 * low * high - x
    if n % 2:
        return between, 2 * high * high - 1
    return 2 * low * low - 1, between


def _cosine(angle: Fraction) -> sympy.Expr | None:
    """cos of so many degrees, where a field holds it."""
    try:
        return exact(sympy.cos(sympy.pi * sympy.Rational(angle.numerator, 180 * angle.denominator)))
    except InputError:
        return None


# -- signs and whole numbers -----------------------------------------------------------------------


def is_positive(angle: LineAngle, of: Callable[[Any], Any]) -> bool:
    """Whether a function of ε is above 0; it is 0 only where ε is exact.

    >>> is_positive(LineAngle.read(None, 60), lambda x: 1 - 2 * x)
    False
    """
    if angle.element is not None:
        return bool(of(angle.element).sign() > 0)
    for ball in _balls(lambda: of(angle.ball())):
        if ball > 0 or ball < 0:
            return bool(ball > 0)
    raise EngineError("directions", "The sign of a bound was not found.")


def integer_below(angle: LineAngle, of: Callable[[Any], Any]) -> int:
    """The floor of a function of ε, a whole number only where ε is exact.

    >>> integer_below(LineAngle.read("1/3", None), lambda x: 7 * x)
    2
    """
    if angle.element is None:
        return floor_of(lambda: of(angle.ball()))
    value = of(angle.element)
    if value.is_rational:
        return floor(Fraction(value.to_fraction()))
    for low, high in value.bounds():
        if (found := floor(Fraction(low))) == floor(Fraction(high)):
            return found
    raise EngineError("directions", "The whole number below a bound was not found.")


def floor_of(value: Callable[[], arb], bits: int = 0) -> int:
    """The floor of a number that is not whole, whose size takes so many ``bits``.

    >>> floor_of(lambda: arb(10).log())
    2
    """
    for ball in _balls(value, bits):
        low, high = _floors(ball)
        if low == high:
            return low
    raise EngineError("directions", "The whole number below a bound was not found.")


def _balls(value: Callable[[], arb], bits: int = 0) -> Iterator[arb]:
    for doublings in range(_BITS):
        with ctx.workprec((64 << doublings) + bits):
            ball = value()
            if ball.is_finite():
                yield ball


def _floors(ball: arb) -> tuple[int, int]:
    """The floors of both ends of an interval."""
    low, high = (end.floor().unique_fmpz() for end in (ball.lower(), ball.upper()))
    if low is None or high is None:
        raise EngineError("directions", "An end of an interval is no number.")
    return int(low), int(high)
