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

from handcalc.superposition.best.polish import polished
from handcalc.superposition.phases.brackets import Bracket
from handcalc.superposition.phases.crossings import active_losses, loss_and_slope
from handcalc.superposition.phases.sparsity_path import MinimumAt, SparsityPath, rounded

_POINTS = 12
_LONGEST = 0.03  # the length, or difference of lengths, up to which minima are polished
_LEAST = 0.005  # the least such length that is good to begin with
_SHORTEST = 5e-4  # below it, a descent may take a saddle for a minimum
_STEP = Fraction(1, 200)  # the step in S that is tried first
_LAST = Fraction(999, 1000)
_DIGITS = 40
_SPARE = 10
_BRACKET = 4  # decimals that a bracket in floating point is good for
_TRIES = 40
_PLACES = 20  # decimals of S on the way
_KEPT_AWAY = 3  # more steps than there are points would lead to the onset itself
_NONE = Fraction(1, 10**6)  # a length, or difference of lengths, that is none

_Point: TypeAlias = "tuple[Fraction, ...]"
_Rows: TypeAlias = "list[list[Fraction]]"
_Amplitude: TypeAlias = "Callable[[_Rows], Fraction]"


@dataclass(frozen=True, slots=True)
class Onset:
    """Where a minimum begins, or ceases, to be one of another shape; good to ``digits`` decimals.

    ``digits`` is told by how far the last two approximations lie apart. ``before`` and ``after``
    are minima of either shape, near by.
    """

    sparsity: Fraction
    loss: Fraction
    digits: int
    before: MinimumAt
    after: MinimumAt


def bifurcation(line: SparsityPath, bracket: Bracket, digits: int) -> Onset:
    """The onset in a bracket, to at most ``digits`` decimals.

    Where it cannot be read off along the minimum, it is the middle of the bracket, to 4 decimals.
    """
    left, right = bracket.left, bracket.right
    amplitude = _shortest if left.shape.dropped != right.shape.dropped else _least_difference
    trail = _trail(line, left, right, amplitude)
    if not trail:
        middle = (bracket.low + bracket.high) / 2
        return Onset(middle, Fraction(left.loss), _BRACKET, left, right)
    points = [_polished(line, spot, amplitude) for spot in trail]
    (sparsity, loss), (near, _) = at_zero(points), at_zero(points[1:])
    good = floor(-log10(max(abs(sparsity - near), Fraction(1, 10 ** (digits + 1)))))
    places = digits + _SPARE
    ends = (trail[0], right) if trail[0].shape.key == left.shape.key else (left, trail[0])
    return Onset(rounded(sparsity, places), rounded(loss, places), min(digits, good), *ends)


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
            tuple((high * a - low * b) / (high - low) for a, b in zip(*pair, strict=True))
            for low, high, pair in zip(xs, xs[gap:], pairwise(values), strict=False)
        ]
    return values[0]


def _developed(spot: MinimumAt) -> tuple[int, int]:
    """How many features are not dropped, and how many lengths are free: more after an onset."""
    return -spot.shape.dropped, spot.shape.free


def _polished(line: SparsityPath, spot: MinimumAt, amplitude: _Amplitude) -> _Point:
    model = polished(spot.minimum.W, spot.minimum.b, line.at(spot.sparsity), _DIGITS).model
    loss, _ = loss_and_slope(active_losses(model, line.importance), spot.sparsity)
    W = [[Fraction(int(cell.p), int(cell.q)) for cell in row] for row in model.W]
    return amplitude(W), spot.sparsity, loss


def _trail(
    line: SparsityPath, left: MinimumAt, right: MinimumAt, amplitude: _Amplitude
) -> list[MinimumAt]:
    """Minima on the side where lengths are new or have parted, nearer and nearer to the onset.

    Their amplitudes shrink in equal steps; there are none where they are lost on the way.
    """
    if _developed(left) == _developed(right):
        return []
    spot, away = (left, -1) if _developed(left) > _developed(right) else (right, 1)
    ends = _small(line, spot, away, amplitude)
    if ends is None:
        return []
    trail, first = list(ends), _size(ends[1], amplitude)
    for k in range(1, _POINTS):
        wanted = first * (1 - k / (_POINTS + _KEPT_AWAY))
        sizes = [_size(known, amplitude) for known in trail[-2:]]
        slope = float(trail[-1].sparsity - trail[-2].sparsity) / (sizes[1] - sizes[0])
        sparsity = trail[-1].sparsity + Fraction(slope * (wanted - sizes[1]))
        (following,) = line.followed(trail[-1:], [_inside(rounded(sparsity, _PLACES))])
        if not _SHORTEST < _size(following, amplitude) < sizes[1]:
            return []
        trail.append(following)
    return trail[1:]


def _small(
    line: SparsityPath, spot: MinimumAt, away: int, amplitude: _Amplitude
) -> tuple[MinimumAt, MinimumAt] | None:
    """Two minima, the second nearer to the onset, with amplitudes that are small but not tiny."""
    step = _STEP
    (before,) = line.followed([spot], [_inside(spot.sparsity + away * step)])
    for _ in range(_TRIES):
        (nearer,) = line.followed([before], [_inside(before.sparsity - away * step)])
        sizes = _size(before, amplitude), _size(nearer, amplitude)
        if nearer.shape.key != spot.shape.key or not _LEAST < sizes[1] < sizes[0]:
            step /= 2
        elif sizes[1] < _LONGEST:
            return before, nearer
        else:
            before = nearer
    return None


def _inside(sparsity: Fraction) -> Fraction:
    """The sparsity, or the nearest that is worked with."""
    return min(max(sparsity, Fraction(0)), _LAST)


def _size(spot: MinimumAt, amplitude: _Amplitude) -> float:
    return float(amplitude([list(map(Fraction, row)) for row in spot.minimum.W]))


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
