"""Where between two sparsities the best embedding changes: a bracket, in floating point.

Both minima are followed to a sparsity in between. If they stay two, the difference of their losses
says on which side of the change it lies, and its slope where to look next; if one of them turns
into the other, that says it. What lies lower than both belongs to neither, and splits the bracket.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np

from handcalc.numbers.decimals import to_decimals
from handcalc.numbers.exact import to_float
from handcalc.superposition.numeric import expected_losses
from handcalc.superposition.phases.sparsity_path import MinimumAt, SparsityPath

_DECIMALS = 16
_NARROW = Fraction(1, 10**7)
_SETTLED = 1e-9  # a step in S after which exact numbers may take over
_STEPS = 60
_APART = 1e-3  # minima whose lengths and biases are nearer than that are not yet told apart
_CHANGE = 1e-4  # the change of S over which a loss's slope in S is measured


@dataclass(frozen=True, slots=True)
class Bracket:
    """Two minima, one the best up to ``low``, the other from ``high``, nothing lower seen between.

    Where they ``cross``, they are two minima there, and not one. ``ends`` are those from which
    they were followed.
    """

    ends: tuple[MinimumAt, MinimumAt]
    left: MinimumAt
    right: MinimumAt
    low: Fraction
    high: Fraction

    @property
    def cross(self) -> bool:
        """Whether they are two minima: further apart than one moves in so narrow a bracket."""
        return self.left.apart(self.right) > _APART


def brackets(line: SparsityPath, left: MinimumAt, right: MinimumAt) -> Iterator[Bracket]:
    """The changes of the best embedding from ``left`` to ``right``, the best at two sparsities.

    >>> import sympy
    >>> from handcalc.superposition.phases.grid import Seek, best_at
    >>> line = SparsityPath(3, 2, (sympy.Integer(1),) * 3)
    >>> ends = best_at(line, [Fraction(19, 40), Fraction(1, 2)], Seek())
    >>> [(b.cross, round(float(b.left.sparsity), 9)) for b in brackets(
    ...     line, ends[0].spot, ends[1].spot)]
    [(True, 0.478162341)]
    """
    bracket = Bracket((left, right), left, right, left.sparsity, right.sparsity)
    sparsity = _middle(bracket)
    for _ in range(_STEPS):
        reached = line.followed([bracket.left, bracket.right], [sparsity] * 2)
        third = _third(line, bracket, reached)
        if third is not None:
            yield from brackets(line, left, third)
            yield from brackets(line, third, right)
            return
        bracket = _narrowed(bracket, reached)
        step = _step(line, bracket)
        if bracket.high - bracket.low < _NARROW or (step is not None and abs(step) < _SETTLED):
            break
        # where both minima stand at one S, Newton's step leads on from it; else the middle does
        on = None if step is None else bracket.left.sparsity + Fraction(step)
        sparsity = _middle(bracket) if on is None else to_decimals(on, _DECIMALS)
        if not bracket.low < sparsity < bracket.high:
            sparsity = _middle(bracket)
    yield bracket


def _third(line: SparsityPath, bracket: Bracket, reached: list[MinimumAt]) -> MinimumAt | None:
    """The lowest minimum where it has the shape of neither end, and no other is as low."""
    known = {bracket.left.shape.key, bracket.right.shape.key}
    lowest = min(reached, key=lambda spot: spot.loss)
    rivals = [spot for spot in reached if spot.shape.key in known]
    beaten = not any(line.same_loss(spot, lowest) for spot in rivals)
    return lowest if beaten and bracket.high - bracket.low > _NARROW else None


def _narrowed(bracket: Bracket, reached: list[MinimumAt]) -> Bracket:
    """The bracket with one end moved to the sparsity to which its two minima were followed."""
    sparsity = reached[0].sparsity
    left = _lowest(reached, bracket.left, bracket.right)
    right = _lowest(reached, bracket.right, bracket.left)
    found = replace(bracket, left=left or bracket.left, right=right or bracket.right)
    if right is None or (left is not None and left.loss <= right.loss):
        return replace(found, low=sparsity)
    return replace(found, high=sparsity)


def _lowest(reached: list[MinimumAt], one: MinimumAt, other: MinimumAt) -> MinimumAt | None:
    """The lowest spot of the shape of one minimum, or where both have one shape, nearer to it."""
    if one.shape.key == other.shape.key:
        mine = [spot for spot in reached if spot.apart(one) < spot.apart(other)]
    else:
        mine = [spot for spot in reached if spot.shape.key == one.shape.key]
    return min(mine, key=lambda spot: spot.loss, default=None)


def _step(line: SparsityPath, bracket: Bracket) -> float | None:
    """How far on in S the two losses are the same, to first order, where both stand at one S."""
    # ∂L/∂S at fixed W and b is the slope of a minimum's loss along S, as it has no other slope.
    if bracket.left.sparsity != bracket.right.sparsity or not bracket.cross:
        return None
    slopes = _slope(line, bracket.left) - _slope(line, bracket.right)
    return (bracket.right.loss - bracket.left.loss) / slopes if slopes else None


def _slope(line: SparsityPath, spot: MinimumAt) -> float:
    """∂L/∂S at fixed W and b, which is the slope of a minimum's loss along S."""
    S = min(max(float(spot.sparsity), _CHANGE), 1 - _CHANGE) + _CHANGE * np.asarray([-1.0, 1.0])
    W = np.asarray([spot.minimum.W] * 2)
    b = np.asarray([spot.minimum.b] * 2)
    importance = np.asarray([list(map(to_float, line.importance))])
    low, high = expected_losses(W, b, sparsity=S[:, None], importance=importance)
    return float(high - low) / (2 * _CHANGE)


def _middle(bracket: Bracket) -> Fraction:
    return to_decimals((bracket.low + bracket.high) / 2, _DECIMALS)
