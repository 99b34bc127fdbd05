"""The sparsity at which the best embedding changes without a jump, to many digits.

A dropped feature's arrow can grow from nothing, or arrows of one length can part. On the side where
they have, the minimum is polished at several sparsities; S and the loss, as functions of the new
length or of the difference of the lengths, are then read off where that is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from math import floor, isqrt, log10
from typing import TypeAlias

from handcalc.superposition.phases.brackets import Bracket
from handcalc.superposition.phases.crossings import active_losses, loss_and_slope
from handcalc.superposition.phases.line import Line, Spot, rounded
from handcalc.superposition.polish import polished

__all__ = ["Onset", "at_zero", "onset"]

_POINTS = 12
_LONGEST = 0.03  # the length, or difference of lengths, up to which minima are polished
_SHORTEST = 1e-3  # below it, floating point finds minima with too few digits to be polished
_FURTHEST = Fraction(1, 200)  # the distance in S that is tried first
_DIGITS = 40
_SPARE = 10
_BRACKET = 4  # decimals that a bracket in floating point is good for
_TRIES = 8
_KEPT_AWAY = 3  # steps, of as many as there are points and these, that nothing is nearer by
_NONE = Fraction(1, 10**6)  # a length, or difference of lengths, that is none

_Point: TypeAlias = "tuple[Fraction, ...]"
_Rows: TypeAlias = "list[list[Fraction]]"
_Amplitude: TypeAlias = "Callable[[_Rows], Fraction]"


@dataclass(frozen=True, slots=True)
class Onset:
    """Where a minimum begins, or ceases, to be one of another shape; good to ``digits`` decimals.

    ``digits`` is told by how far the last two approximations lie apart.
    """

    sparsity: Fraction
    loss: Fraction
    digits: int


def onset(line: Line, bracket: Bracket, digits: int) -> Onset:
    """The onset in a bracket, to at most ``digits`` decimals.

    Where it cannot be read off along the minimum, it is the middle of the bracket, to 4 decimals.
    """
    points = _points(line, bracket)
    if len(points) < _POINTS:
        middle = (bracket.low + bracket.high) / 2
        return Onset(middle, Fraction(bracket.left.loss), _BRACKET)
    (sparsity, loss), (before, _) = at_zero(points), at_zero(points[1:])
    good = floor(-log10(max(abs(sparsity - before), Fraction(1, 10 ** (digits + 1)))))
    places = digits + _SPARE
    return Onset(rounded(sparsity, places), rounded(loss, places), min(digits, good))


def at_zero(points: Sequence[tuple[Fraction, ...]]) -> tuple[Fraction, ...]:
    """What y₁, y₂ … are at x = 0, by the polynomials through all points (x, y₁, y₂ …).

    Source: Neville's rule.

    >>> at_zero([(Fraction(x), Fraction(x * x + 3)) for x in (1, 2, 4)])
    (Fraction(3, 1),)
    """
    xs = [point[0] for point in points]
    values = [point[1:] for point in points]
    for gap in range(1, len(points)):
        values = [
            tuple((xs[k + gap] * a - xs[k] * b) / (xs[k + gap] - xs[k]) for a, b in pair)
            for k in range(len(values) - 1)
            for pair in [list(zip(values[k], values[k + 1], strict=True))]
        ]
    return values[0]


def _points(line: Line, bracket: Bracket) -> list[_Point]:
    """(amplitude, S, loss) at minima on the side where lengths are new or have parted."""
    left, right = bracket.left, bracket.right
    away = -1 if _developed(left) > _developed(right) else 1
    spot, begin = (left, bracket.low) if away < 0 else (right, bracket.high)
    amplitude = _shortest if left.shape.dropped != right.shape.dropped else _least_difference
    far = _far(line, spot, (begin, away), amplitude)
    if far is None or _developed(left) == _developed(right):
        return []
    points: list[_Point] = []
    for each in _towards(line, far, begin):
        minimum, sparsity = each.minimum, each.sparsity
        model = polished(minimum.W, minimum.b, line.at(sparsity), _DIGITS).model
        loss, _ = loss_and_slope(active_losses(model, line.importance), sparsity)
        W = [[Fraction(int(cell.p), int(cell.q)) for cell in row] for row in model.W]
        points.append((amplitude(W), sparsity, loss))
    shrinks = all(x[0] > y[0] for x, y in pairwise(points))
    return points if shrinks else []


def _developed(spot: Spot) -> tuple[int, int]:
    """How many features are not dropped, and how many lengths are free: more after an onset."""
    return -spot.shape.dropped, spot.shape.free


def _far(line: Line, spot: Spot, begin: tuple[Fraction, int], amplitude: _Amplitude) -> Spot | None:
    """The minimum so far from the onset that its amplitude is small, but not too small."""
    for k in range(_TRIES):
        (spot,) = line.followed([spot], [begin[0] + begin[1] * _FURTHEST / 4**k])
        size = float(amplitude([list(map(Fraction, row)) for row in spot.minimum.W]))
        if size < _LONGEST:
            return spot if size > _SHORTEST else None
    return None


def _towards(line: Line, far: Spot, begin: Fraction) -> list[Spot]:
    """The minimum at several sparsities, from one on to near the onset."""
    spots = [far]
    for i in range(1, _POINTS):
        part = Fraction(_POINTS + _KEPT_AWAY - i, _POINTS + _KEPT_AWAY)
        spots += line.followed(spots[-1:], [begin + part**2 * (far.sparsity - begin)])
    return spots


def _shortest(W: _Rows) -> Fraction:
    """The length of the shortest row that is not zero."""
    return min(length for length in map(_length, W) if length > _NONE)


def _least_difference(W: _Rows) -> Fraction:
    """The least difference of two lengths that are not the same."""
    apart = (abs(x - y) for x, y in combinations(map(_length, W), 2))
    return min(difference for difference in apart if difference > _NONE)


def _length(row: list[Fraction]) -> Fraction:
    scale = 10**_DIGITS
    return Fraction(isqrt(int(sum(cell * cell for cell in row) * scale**2)), scale)
