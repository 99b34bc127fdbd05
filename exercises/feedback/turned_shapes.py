"""Which arrows are meant by rounded ones: those of a known model, turned, longer or shorter.

A rounded row leaves a range for each of its numbers. Floats find the turns of a known model that
bring its arrows into these ranges; the rows are then worked out exactly, and each number is
compared with the digits that were typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice, product
from math import atan2, cos, inf, pi, sin, sqrt, tau
from typing import TypeAlias

import sympy

from exercises.feedback.simple_numbers import RoundedDecimal, is_simple, simplest_between
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, exact, to_float

_NEAR = 1e-9  # of floats that only propose
_MOST_TRIED, _MOST_ORDERS = 4, 2
_MOST_REORDERED = 6  # rows of which all orders are looked at


@dataclass(frozen=True, slots=True)
class TypedNumber:
    """A number of an answer as it is read, and the decimal that it was rounded to, if it was.

    ``low`` and ``high`` are floats between which it lies.
    """

    value: sympy.Expr
    rounded: RoundedDecimal | None
    low: float
    high: float

    @classmethod
    def of(cls, value: sympy.Expr, rounded: RoundedDecimal | None) -> TypedNumber:
        """A number and its range."""
        if rounded is None:
            return cls(value, None, near := to_float(value), near)
        low, high = map(float, rounded.ends)
        low, high = (-high, -low) if rounded.decimal < 0 else (low, high)
        return cls(value, rounded, low, high)

    @property
    def text(self) -> str | None:
        """The decimal as it was typed; None for what was none."""
        return None if self.rounded is None else f"{self.rounded.decimal:f}"

    def is_near(self, size: float) -> bool:
        """Whether a float lies in the range."""
        return self.low - _NEAR <= size <= self.high + _NEAR

    def may_be(self, meant: sympy.Expr) -> bool:
        """Whether another number may be meant, one that somebody had in mind; decided exactly."""
        if self.rounded is None or not is_simple(meant):
            return self.is_near(to_float(meant)) and equal(self.value, meant)
        return self.may_stand_for(meant)

    def may_stand_for(self, value: sympy.Expr) -> bool:
        """Whether a number lies within the digits typed; decided exactly."""
        if not self.is_near(to_float(value)):
            return False
        return equal(self.value, value) if self.rounded is None else self.rounded.may_be(value)

    @property
    def unless_plain(self) -> TypedNumber:
        """The same, but exact where it is most likely meant as it stands."""
        is_plain = self.rounded is not None and self.rounded.is_plain
        return TypedNumber.of(self.value, None) if is_plain else self


Row: TypeAlias = "tuple[TypedNumber, ...]"
_Floats: TypeAlias = "tuple[float, ...]"


def meant_rows(
    known: Sequence[Vector], rows: Sequence[Row], *, as_long: bool
) -> Iterator[tuple[tuple[Vector, ...], tuple[int, ...]]]:
    """The rows that may be meant, if their arrows stand as those of a known model, turned.

    With them come the features of the known model, from 0, that they are. Their lengths are its own
    too, or with ``as_long`` false, others. Arrows in two dimensions turn; in more they stay.

    >>> from decimal import Decimal
    >>> half = RoundedDecimal.of(Decimal("0.71"))
    >>> x = TypedNumber.of(sympy.Rational(71, 100), half)
    >>> one, zero = sympy.Integer(1), sympy.Integer(0)
    >>> next(meant_rows([(one, zero)], [(x, x)], as_long=True))
    (((sqrt(2)/2, sqrt(2)/2),), (0,))
    """
    floats = [tuple(map(to_float, row)) for row in known]
    turns = _turns(floats, rows) if len(known[0]) == 2 else iter([(_all_turns()[0], False)])
    fits = _fits if as_long else _lies_along
    tried = 0
    for turn, flip in turns:
        turned = [turn.nearly(row, flip=flip) for row in floats]
        for order in islice(_orders(turned, rows, fits), _MOST_ORDERS):
            tried += 1
            arrows = [turn.applied(known[i], flip=flip) for i in order]
            found = _rows_along(arrows, rows, as_long=as_long)
            if found is not None:
                yield found, order
        if tried >= _MOST_TRIED:
            return


# --------------------------------------------------------------------------------------------------
# The turns that bring one arrow of the known model to the first arrow of the answer.


@dataclass(frozen=True, slots=True)
class _Turn:
    """A rotation: by ``part`` of a whole turn, or to the direction of a ``side``.

    That is given by the squares of its coordinates, with their signs.
    """

    angle: float
    part: sympy.Rational
    side: tuple[int, int] | None = None

    def nearly(self, row: _Floats, *, flip: bool) -> _Floats:
        """The row as ``applied`` turns it, by floats."""
        if len(row) != 2:
            return row
        x, y = row[0], -row[1] if flip else row[1]
        c, s = cos(self.angle), sin(self.angle)
        return x * c - y * s, x * s + y * c

    def applied(self, row: Vector, *, flip: bool) -> Vector:
        """The row, reflected in the first axis if asked for, and then rotated."""
        if not self.angle and not flip:
            return row
        x, y = row[0], -row[1] if flip else row[1]
        if self.side is not None:
            whole = sum(map(abs, self.side))
            c, s = (sympy.sign(a) * sympy.sqrt(sympy.Rational(abs(a), whole)) for a in self.side)
        else:
            c, s = (f(2 * sympy.pi * self.part) for f in (sympy.cos, sympy.sin))
        return exact(x * c - y * s), exact(x * s + y * c)


@cache
def _all_turns() -> tuple[_Turn, ...]:
    """By simple parts of a whole turn, and to simple directions; the simplest first."""
    found: dict[int, _Turn] = {}

    def add(angle: float, part: sympy.Rational, side: tuple[int, int] | None = None) -> None:
        angle = _difference(angle, 0.0)
        found.setdefault(round(angle / _NEAR), _Turn(angle, part, side))

    for parts in (4, 8, 12, 24, 20):
        for k in range(parts):
            add(tau * k / parts, sympy.Rational(k, parts))
    whole = [(a * a, b * b) for a, b in product(range(1, 5), repeat=2)]
    triples = [(25, 144), (144, 25), (64, 225), (225, 64)]
    squares = [*whole, *triples, *product(range(1, 7), repeat=2)]
    for (a, b), p, q in product(squares, (1, -1), (1, -1)):
        add(atan2(q * sqrt(b), p * sqrt(a)), sympy.Integer(0), (p * a, q * b))
    for parts in (18, 16, 14):
        for k in range(parts):
            add(tau * k / parts, sympy.Rational(k, parts))
    return tuple(found.values())


def _turns(known: Sequence[_Floats], rows: Sequence[Row]) -> Iterator[tuple[_Turn, bool]]:
    """Those that bring an arrow into the range of each row."""
    ranges = [_angles(row) for row in rows if any(map(_is_on, row))]
    angles = [atan2(y, x) for x, y in known if abs(x) + abs(y) > _NEAR]
    if not ranges or len(ranges) != len(angles):
        return
    for flip in (False, True):
        starts = [-angle for angle in angles] if flip else angles
        for turn in _all_turns():
            ends = [start + turn.angle for start in starts]
            if all(any(_is_between(low, end, high) for end in ends) for low, high in ranges):
                yield turn, flip


def _angles(row: Row) -> tuple[float, float]:
    """The angles between which an arrow stands."""
    x, y = row
    middle = atan2(y.low + y.high, x.low + x.high)
    corners = product((x.low, x.high), (y.low, y.high))
    off = [_difference(atan2(q, p), middle) for p, q in corners]
    return middle + min(off), middle + max(off)


def _difference(angle: float, other: float) -> float:
    """The angle from one direction to another, from −π to π."""
    return (angle - other + pi) % tau - pi


def _is_between(low: float, angle: float, high: float) -> bool:
    return abs(_difference(angle, (low + high) / 2)) <= (high - low) / 2 + _NEAR


def _is_on(number: TypedNumber) -> bool:
    return bool(number.value != 0)


# --------------------------------------------------------------------------------------------------
# Which arrow of the known model each row is, and how long it is.


def _orders(
    turned: Sequence[_Floats], rows: Sequence[Row], fits: Callable[[_Floats, Row], bool]
) -> Iterator[tuple[int, ...]]:
    """The orders in which an arrow fits each row, their own order first."""
    others = range(len(rows)) if len(rows) <= _MOST_REORDERED else ()
    fitting = [
        [i for i in dict.fromkeys((own, *others)) if fits(turned[i], row)]
        for own, row in enumerate(rows)
    ]

    def chosen(taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(taken) == len(rows):
            yield taken
            return
        for i in fitting[len(taken)]:
            if i not in taken:
                yield from chosen((*taken, i))

    return chosen(())


def _fits(arrow: _Floats, row: Row) -> bool:
    """Whether an arrow lies in the range of a row, by floats."""
    return all(number.is_near(x) for x, number in zip(arrow, row, strict=True))


def _lies_along(arrow: _Floats, row: Row) -> bool:
    """Whether some multiple of an arrow lies in the range of a row, by floats."""
    return _multiples(arrow, row) is not None


def _multiples(arrow: _Floats, row: Row) -> tuple[float, float] | None:
    """Between which multiples of an arrow a row lies, by floats; None where it is no multiple."""
    least, most = 0.0, inf
    for x, number in zip(arrow, row, strict=True):
        if abs(x) < _NEAR:
            if not number.is_near(0.0):
                return None
            continue
        first, last = sorted((number.low / x, number.high / x))
        least, most = max(least, first), min(most, last)
    if max(map(abs, arrow)) < _NEAR:
        return 1.0, 1.0
    return (least, most) if most > _NEAR and least <= most + _NEAR else None


def _rows_along(
    arrows: Sequence[Vector], rows: Sequence[Row], *, as_long: bool
) -> tuple[Vector, ...] | None:
    """The rows, each along its arrow, or as it is; None where one cannot be."""
    factors: list[sympy.Expr] = [sympy.Integer(1)]
    found: dict[int, Vector] = {}
    # rows with a number that is not rounded say how long they are, and perhaps how long all are
    for j in sorted(range(len(rows)), key=lambda j: not any(map(_is_exact, rows[j]))):
        arrow = tuple(map(to_float, arrows[j]))
        own = () if as_long else _own_factors(arrows[j], rows[j])
        for factor in chain(factors, own):
            size = to_float(factor)
            if not _fits(tuple(size * x for x in arrow), rows[j]):
                continue
            row = arrows[j] if factor == 1 else tuple(exact(factor * x) for x in arrows[j])
            if all(number.may_be(x) for number, x in zip(rows[j], row, strict=True)):
                found[j] = row
                factors += [] if factor in factors else [factor]
                break
        else:
            return None
    return tuple(found[j] for j in range(len(rows)))


def _is_exact(number: TypedNumber) -> bool:
    return number.rounded is None and _is_on(number)


def _own_factors(arrow: Vector, row: Row) -> Iterator[sympy.Expr]:
    """How many times as long as an arrow a row may be: by what is not rounded in it first."""
    pairs = [(x, number) for x, number in zip(arrow, row, strict=True) if x != 0 and _is_on(number)]
    for x, number in pairs:
        if number.rounded is None:
            yield exact(number.value / x)
    between = _multiples(tuple(map(to_float, arrow)), row)
    simplest = None if between is None else simplest_between(*between)
    if simplest is not None:
        yield simplest
    for x, number in pairs:
        if number.rounded is not None:
            for simple in number.rounded.simple_numbers():
                yield exact(simple / x)
            yield exact(number.value / x)
