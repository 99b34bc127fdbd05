"""All changes of the best embedding along S, each to many digits and checked by a search.

A change is a crossing of the losses of two minima, or a bifurcation, where one minimum turns into
another. ``brackets`` has found between which two S it lies.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, pairwise
from math import floor, isqrt, log10
from typing import Literal, TypeAlias

from handcalc.errors import EngineError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.decimals import to_decimals
from handcalc.numbers.exact import to_fraction
from handcalc.superposition.best.polish import Polished, polished
from handcalc.superposition.loss.expected_loss import LossSetting, squared_error
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.phases.brackets import Bracket, brackets
from handcalc.superposition.phases.grid import Seek, best_at, intervals_to_search
from handcalc.superposition.phases.sparsity_path import MinimumAt, SparsityPath

Kind: TypeAlias = Literal["crossing", "continuous"]

_DEPTH = 4  # how often a search at a change may find something lower there


@dataclass(frozen=True, slots=True)
class Change:
    """Where the best embedding changes: one minimum overtakes another, or turns into it.

    At a ``crossing`` both are minima, and lose the same; where the change is ``continuous``, they
    are one there. ``sparsity`` is good to ``digits`` decimals, ``loss`` to as many. ``restarts`` of
    a search at that sparsity found nothing lower.
    """

    kind: Kind
    sparsity: Fraction
    loss: Fraction
    digits: int
    before: MinimumAt
    after: MinimumAt
    restarts: int


def changes(
    line: SparsityPath,
    left: MinimumAt,
    right: MinimumAt,
    digits: int,
    seek: Seek,
    depth: int = _DEPTH,
) -> Iterator[Change]:
    """The changes between the best minima at two sparsities, to ``digits`` decimals.

    What lies between two changes is looked through for more.
    """
    last = left
    for change in _between(line, (left, right), digits, seek, depth):
        yield from _along(line, last, change.before, digits, seek, depth)
        yield change
        last = change.after
    if last is not left:
        yield from _along(line, last, right, digits, seek, depth)


def _along(
    line: SparsityPath, left: MinimumAt, right: MinimumAt, digits: int, seek: Seek, depth: int
) -> Iterator[Change]:
    """The changes within a stretch between two changes."""
    if depth and left.sparsity < right.sparsity:
        for pair in intervals_to_search(line, [left, right]):
            yield from changes(line, *pair, digits, seek, depth - 1)


def _between(
    line: SparsityPath, ends: tuple[MinimumAt, MinimumAt], digits: int, seek: Seek, depth: int
) -> Iterator[Change]:
    # What a search at the change itself finds lower than both minima is a phase of its own, too
    # narrow for the grid: then there are two changes, one on either side of it.
    for bracket in brackets(line, *ends):
        if not bracket.cross and bracket.left.shape.key == bracket.right.shape.key:
            continue
        found = _change(line, bracket, digits)
        near = to_decimals(found.sparsity, digits)
        best = best_at(line, [near], seek)[0]
        before, after = line.followed([found.before, found.after], [near] * 2)
        lower = min(before, after, key=lambda spot: spot.loss)
        if depth and best.spot.loss < lower.loss and not line.same_loss(best.spot, lower):
            yield from _between(line, (bracket.ends[0], best.spot), digits, seek, depth - 1)
            yield from _between(line, (best.spot, bracket.ends[1]), digits, seek, depth - 1)
        else:
            yield replace(found, restarts=best.restarts)


def _change(line: SparsityPath, bracket: Bracket, digits: int) -> Change:
    """The change in a bracket: a crossing where the exact losses say so, else an onset."""
    if bracket.cross:
        try:
            met = minima_crossing(line, bracket, digits)
        except EngineError:
            pass
        else:
            before = line.polished_spot(met.sparsity, met.left)
            after = line.polished_spot(met.sparsity, met.right)
            return Change("crossing", met.sparsity, met.loss, met.digits, before, after, 0)
    begun = bifurcation(line, bracket, digits)
    ends = begun.before, begun.after
    return Change("continuous", begun.sparsity, begun.loss, begun.digits, *ends, restarts=0)


# --------------------------------------------------------------------------------------------------
# A crossing: one minimum overtakes another. Both are polished at one S after the other. At a
# minimum the loss changes along S as if W and b stood still, as it has no slope in them; so its
# slope in S is exact as well, and Newton's method on the difference of the two losses doubles the
# digits at each step. Exact losses just before and just after then prove the order.

_SPARE = 10  # decimals beyond the digits that are asked for
_NEWTON_STEPS = 6


@dataclass(frozen=True, slots=True)
class MinimaCrossing:
    """Two minima with one loss, at a sparsity good to ``digits`` decimals.

    At ``sparsity`` less 10 to the power of −``digits`` the exact loss of ``left`` is the lower one,
    and at as much more the exact loss of ``right``.
    """

    sparsity: Fraction
    loss: Fraction
    left: Polished
    right: Polished
    digits: int


def minima_crossing(line: SparsityPath, bracket: Bracket, digits: int) -> MinimaCrossing:
    """The crossing of the two minima of a bracket, to ``digits`` decimals.

    Errors: ``EngineError`` where the losses do not change places there.
    """
    sparsity = bracket.left.sparsity
    for _ in range(_NEWTON_STEPS):
        left, right = (_polished(line, s, sparsity, digits) for s in (bracket.left, bracket.right))
        first, second = (_exact_loss(line, end, sparsity) for end in (left, right))
        if first[1] == second[1]:
            raise _no_crossing(sparsity)
        step = (first[0] - second[0]) / (first[1] - second[1])
        if abs(step) < Fraction(1, 10 ** (digits + 2)):
            break
        sparsity = to_decimals(sparsity - step, digits + _SPARE)
        if not 0 < sparsity < 1:
            raise _no_crossing(sparsity)
    for sign in (-1, 1):
        beside = sparsity + sign * Fraction(1, 10**digits)
        ends = (_polished(line, s, beside, digits) for s in (bracket.left, bracket.right))
        here, there = (_exact_loss(line, end, beside)[0] for end in ends)
        if (here < there) != (sign < 0):
            raise _no_crossing(beside)
    return MinimaCrossing(sparsity, first[0], left, right, digits)


def active_losses(model: ToyModel, importance: Vector) -> list[Fraction]:
    """L_k, with L = Σ (1 − S)^k S^(n−k) L_k, of a model of fractions.

    >>> import sympy
    >>> one = sympy.Integer(1)
    >>> active_losses(ToyModel("1; -1"), (one, one))
    [Fraction(0, 1), Fraction(0, 1), Fraction(1, 3)]
    """
    setting = LossSetting.of(model, None, importance)
    total = [setting.draws.field.rational(0)] * setting.draws.length
    for i, weight in enumerate(setting.weights):
        each = squared_error(setting.draws, "relu", i, setting.bias[i], setting.gram[i])
        total = [sum_ + weight * loss for sum_, loss in zip(total, each, strict=True)]
    return [value.to_fraction() for value in total]


def loss_and_slope(losses: list[Fraction], sparsity: Fraction) -> tuple[Fraction, Fraction]:
    """Σ (1 − S)^k S^(n−k) L_k and its derivative in S, from the n + 1 numbers L_k.

    >>> loss_and_slope([Fraction(0), Fraction(0), Fraction(1, 3)], Fraction(1, 2))
    (Fraction(1, 12), Fraction(-1, 3))
    """
    n, p = len(losses) - 1, 1 - sparsity
    value = slope = Fraction(0)
    for k, loss in enumerate(losses):
        value += p**k * sparsity ** (n - k) * loss
        rising = (n - k) * p**k * sparsity ** (n - k - 1) if k < n else Fraction(0)
        falling = k * p ** (k - 1) * sparsity ** (n - k) if k else Fraction(0)
        slope += (rising - falling) * loss
    return value, slope


def _no_crossing(sparsity: Fraction) -> EngineError:
    return EngineError("crossing", f"The losses do not cross near S = {float(sparsity)}.")


def _polished(line: SparsityPath, spot: MinimumAt, sparsity: Fraction, digits: int) -> Polished:
    return polished(spot.minimum.W, spot.minimum.b, line.at(sparsity), digits + _SPARE)


def _exact_loss(line: SparsityPath, end: Polished, sparsity: Fraction) -> tuple[Fraction, Fraction]:
    return loss_and_slope(active_losses(end.model, line.importance), sparsity)


# --------------------------------------------------------------------------------------------------
# A bifurcation: the best changes without a jump. A dropped feature's arrow grows from nothing, or
# arrows of one length part. There the two minima are one, and descents go astray near by, so the
# place is read off from one side: minima are polished at several S where the new length (or the
# difference of lengths) is small but not tiny, and S and the loss, as functions of that amplitude,
# are extrapolated to amplitude 0. Both are smooth in it, and not in S, where it grows like a root.

_POINTS = 12
_LONGEST = 0.03  # the length, or difference of lengths, up to which minima are polished
_LEAST = 0.005  # the least such length that is good to begin with
_SHORTEST = 5e-4  # below it, a descent may take a saddle for a minimum
_STEP = Fraction(1, 200)  # the step in S that is tried first
_LAST = Fraction(999, 1000)
_DIGITS = 40
_BRACKET = 4  # decimals that a bracket in floating point is good for
_TRIES = 40
_PLACES = 20  # decimals of S on the way
_KEPT_AWAY = 3  # more steps than there are points would lead to the onset itself
_NONE = Fraction(1, 10**6)  # a length, or difference of lengths, that is none

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
    points: list[tuple[Fraction, ...]] = []  # (amplitude, S, loss)
    for spot in trail:
        minimum = polished(spot.minimum.W, spot.minimum.b, line.at(spot.sparsity), _DIGITS).model
        value, _ = loss_and_slope(active_losses(minimum, line.importance), spot.sparsity)
        W = [[to_fraction(cell) for cell in row] for row in minimum.W]
        points.append((amplitude(W), spot.sparsity, value))
    (sparsity, loss), (near, _) = at_zero(points), at_zero(points[1:])
    # the last approximation with one point fewer tells how many decimals can be trusted
    good = floor(-log10(max(abs(sparsity - near), Fraction(1, 10 ** (digits + 1)))))
    places = digits + _SPARE
    ends = (trail[0], right) if trail[0].shape.key == left.shape.key else (left, trail[0])
    return Onset(to_decimals(sparsity, places), to_decimals(loss, places), min(digits, good), *ends)


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
    # The amplitude shrinks by equal parts of its first value; the secant through the last two
    # minima says at which S it will have shrunk so far.
    trail, first = list(ends), _size(ends[1], amplitude)
    for k in range(1, _POINTS):
        wanted = first * (1 - k / (_POINTS + _KEPT_AWAY))
        sizes = [_size(known, amplitude) for known in trail[-2:]]
        slope = float(trail[-1].sparsity - trail[-2].sparsity) / (sizes[1] - sizes[0])
        sparsity = trail[-1].sparsity + Fraction(slope * (wanted - sizes[1]))
        (following,) = line.followed(trail[-1:], [_inside(to_decimals(sparsity, _PLACES))])
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
