"""The simplest numbers of a form whose loss is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from types import MappingProxyType

import numpy as np

from torchsim.comparison.forms import Form
from torchsim.comparison.objective import ConfigurationLoss, Floats

# --------------------------------------------------------------------------------------------------
# How simple numbers are, and the simple ones that lie near to another.


Simplicity = tuple[int, int]

LEVELS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 24, 32, 48, 64, 100, 300, 1000, 10**4, 10**6)
"""The largest denominators, one after the other, that numbers are rounded to."""

_MOST = 100  # denominators up to so many are tried one by one


def simplicity(values: Iterable[Fraction]) -> Simplicity:
    """How much there is to write down: Σ bits of |p| and q over the *different* |p/q| ≠ 0.

    A number that is used again costs nothing more, nor does a sign, nor 0. Where that is equal, the
    smaller Σ (|p| + q) over all numbers is simpler, as it has more zeros and smaller numbers.

    >>> simplicity([Fraction(1), Fraction(-1), Fraction(0)])
    (2, 5)
    >>> simplicity([Fraction(3, 4)]) < simplicity([Fraction(19, 20)])
    True
    """
    parts = [(abs(value.numerator), value.denominator) for value in values]
    bits = sum(p.bit_length() + q.bit_length() for p, q in set(parts) if p)
    return bits, sum(p + q for p, q in parts)


def near(value: float, level: int, others: Sequence[Fraction] = ()) -> list[Fraction]:
    """0, the nearest fractions of each denominator up to ``level``, and ± the ``others``, once.

    >>> [str(value) for value in near(0.3, 3, [Fraction(1, 4)])]
    ['0', '1/2', '1/3', '1/4', '-1/4']
    """
    found = {Fraction(0): None}
    for q in range(1, min(level, _MOST) + 1):
        found[Fraction(round(value * q), q)] = None
    for other in others:
        found |= {other: None, -other: None}
    return list(found)


# --------------------------------------------------------------------------------------------------
# The loss near some numbers, to second order: where its minimum is, and simple numbers near it.


_STEP = 2.0**-10  # between the slopes that second derivatives are differences of
_FLAT = 1e-3  # the part of the largest curvature that each direction has at least


@dataclass(frozen=True, slots=True)
class Slice:
    """The loss of a form as a function of its numbers θ; ``W`` and ``b`` are ∂W/∂θ and ∂b/∂θ."""

    objective: ConfigurationLoss
    W: Floats
    b: Floats

    @classmethod
    def of(cls, form: Form, objective: ConfigurationLoss) -> Slice:
        """The loss of ``form``."""
        return cls(objective, *form.arrays())

    def losses(self, values: Floats) -> Floats:
        """L (k,) for θ of shape (k, numbers)."""
        return self.objective.losses(np.tensordot(values, self.W, 1), values @ self.b)

    def slopes(self, values: Floats) -> Floats:
        """∂L/∂θ of shape (k, numbers)."""
        W, b = np.tensordot(values, self.W, 1), values @ self.b
        _, by_W, by_b = self.objective.losses_and_slopes(W, b)
        return np.asarray(np.tensordot(by_W, self.W, ((1, 2), (1, 2))) + by_b @ self.b.T)


@dataclass(frozen=True, slots=True)
class Bowl:
    """L ≈ g·d + dᵀHd/2, beside a constant, with d = θ − ``centre``; g, H are ``slope``, ``bend``.

    ``inverse`` is that of H with its curvatures raised to a small positive one at least, so that
    numbers on which the loss does not depend stay where they are.
    """

    centre: Floats
    slope: Floats
    bend: Floats
    inverse: Floats

    @classmethod
    def at(cls, centre: Floats, losses: Slice) -> Bowl:
        """The second order of the loss at some numbers, by differences of exact slopes."""
        steps = np.eye(len(centre)) * _STEP
        slopes = losses.slopes(np.concatenate([centre[None], centre + steps, centre - steps]))
        up, down = np.split(slopes[1:], 2)
        bend = (up - down) / (2 * _STEP)
        bend = (bend + bend.T) / 2
        curvatures, axes = np.linalg.eigh(bend)
        most = np.abs(curvatures).max() or 1.0
        inverse = axes / np.maximum(curvatures, _FLAT * most) @ axes.T
        return cls(centre, slopes[0], bend, inverse)

    def lower(self, most: float) -> Floats:
        """θ at the bottom of the bowl, or on the way there, with no number moved by over ``most``.

        >>> one = np.ones(1)
        >>> Bowl(one, one, np.eye(1), np.eye(1)).lower(0.25)
        array([0.75])
        """
        step = -self.inverse @ self.slope
        return np.asarray(self.centre + step * min(1, most / (np.abs(step).max() or 1)))

    def heights(self, values: Floats) -> Floats:
        """g·d + dᵀHd/2 of shape (k,) for θ of shape (k, numbers).

        >>> one = np.ones(1)
        >>> Bowl(one, one, np.eye(1), np.eye(1)).heights(np.asarray([[3.0]]))
        array([4.])
        """
        d = values - self.centre
        return np.asarray(d @ self.slope + np.einsum("ki,ij,kj->k", d, self.bend, d) / 2)

    def rounded(
        self, level: int, fixed: Mapping[int, Fraction] = MappingProxyType({})
    ) -> tuple[Fraction, ...]:
        """Fractions with denominators up to ``level`` near the centre, one number after another.

        The number whose rounding costs most comes next, and all that are left make up for it
        before they are rounded (Babai's nearest plane, with the order chosen on the way). Those
        that are ``fixed`` come before all others.

        >>> flat = Bowl(np.asarray([0.9, 0.3]), np.zeros(2), np.eye(2), np.eye(2))
        >>> [str(value) for value in flat.rounded(4)], [str(v) for v in flat.rounded(1)]
        (['1', '1/3'], ['1', '0'])
        """
        theta, inverse = self.centre, self.inverse
        found: dict[int, Fraction] = {}
        while len(found) < len(theta):
            left = [i for i in range(len(theta)) if i not in found]
            nearest = {i: value for i, value in fixed.items() if i in left} or {
                i: Fraction(float(theta[i])).limit_denominator(level) for i in left
            }
            costs = {i: (float(v) - theta[i]) ** 2 / inverse[i, i] for i, v in nearest.items()}
            i = max(costs, key=costs.__getitem__)
            found[i] = nearest[i]
            column = inverse[:, i] / inverse[i, i]
            theta = theta + column * (float(found[i]) - theta[i])
            inverse = inverse - np.outer(column, inverse[i])
        return tuple(found[i] for i in range(len(theta)))


_SETTLINGS = 4  # steps of Newton's method at most, before anything is rounded, …
_MOVE = 0.03  # … and how far a number may go in each
_NO_LOWER = 1e-4  # a step that lowers the loss by no more of itself is the last
_FEW = 6  # up to so many numbers more is tried: …
_SERVING = 3  # … so many levels from which they are made simpler, and others making up for one
_FIRST = 12  # levels that are tried before any finer one
_NEAR = 0.125  # how far a number may end from where it started
_TRIALS = 24  # candidates whose losses are worked out at once


@dataclass(frozen=True, slots=True)
class Rounded:
    """Numbers, how simple they are, and their loss; to be compared in this order."""

    simplicity: Simplicity
    loss: float
    values: tuple[Fraction, ...]


def rounded(numbers: Sequence[float], losses: Slice, allowed: float) -> Rounded | None:
    """Simple numbers, each within 1/8 of the one in ``numbers``, that lose at most ``allowed``.

    None where there are none. Of the ``LEVELS`` of denominators the first serves at which that can
    be had; from there each number is made simpler for as long as the loss allows it. Where there
    are few numbers, the next two levels serve too, and all other numbers may make up for one. A
    bowl says what to try; what is taken has had its loss worked out.
    """
    start = np.asarray(numbers)
    bowl = _settled(start, losses)
    serving = islice(
        _allowed(_Task(start, bowl, losses, allowed, 1)), _SERVING if len(start) <= _FEW else 1
    )
    found = [_simplified(task, first) for task, first in serving]
    return min(found, key=lambda each: (each.simplicity, each.loss), default=None)


def _allowed(task: _Task) -> Iterator[tuple[_Task, Rounded]]:
    """Level by level, the numbers rounded in the bowl, where they may serve."""
    for levels in (LEVELS[:_FIRST], LEVELS[_FIRST:]):
        tried = [task.bowl.rounded(level) for level in levels]
        worked = task.losses.losses(_floats(tried)).tolist()
        for level, values, loss in zip(levels, tried, worked, strict=True):
            if loss <= task.allowed and task.are_near(values):
                yield replace(task, level=level), Rounded(simplicity(values), loss, values)


def _settled(numbers: Floats, losses: Slice) -> Bowl:
    """The bowl after steps of Newton's method, for as long as they lead lower.

    They make up for what the form has taken: lengths that are shared, directions laid straight.
    """
    bowl = Bowl.at(numbers, losses)
    loss = float(losses.losses(numbers[None])[0])
    for _ in range(_SETTLINGS):
        there = bowl.lower(_MOVE)
        lower = float(losses.losses(there[None])[0])
        if lower >= loss * (1 - _NO_LOWER):
            break
        bowl, loss = Bowl.at(there, losses), lower
    return bowl


@dataclass(frozen=True, slots=True)
class _Task:
    """What is asked for, and how far to go for it."""

    start: Floats
    bowl: Bowl
    losses: Slice
    allowed: float
    level: int

    def are_near(self, values: Sequence[Fraction]) -> bool:
        """Whether no number lies too far from where it started."""
        return bool(np.abs(_floats([values])[0] - self.start).max() <= _NEAR)


def _simplified(task: _Task, found: Rounded) -> Rounded:
    """The numbers with one after another exchanged for a simpler one, the simplest result first."""
    while True:
        trials = _trials(task, found)
        if not trials:
            return found
        worked = task.losses.losses(_floats([values for _, values in trials])).tolist()
        allowed = [
            Rounded(simple, loss, values)
            for (simple, values), loss in zip(trials, worked, strict=True)
            if loss <= task.allowed
        ]
        if not allowed:
            return found
        found = min(allowed, key=lambda each: (each.simplicity, each.loss))


def _trials(task: _Task, found: Rounded) -> list[tuple[Simplicity, tuple[Fraction, ...]]]:
    """Simpler numbers that the bowl has within what is allowed, the simplest first."""
    options = [(simplicity(values), values) for values in _exchanged(task, found.values)]
    options = [option for option in options if option[0] < found.simplicity]
    if not options:
        return []
    heights = task.bowl.heights(_floats([found.values, *(values for _, values in options)]))
    predicted = (found.loss + heights[1:] - heights[0]).tolist()
    fitting = sorted(
        (option[0], loss, option[1])
        for option, loss in zip(options, predicted, strict=True)
        if loss <= task.allowed
    )
    return [(simple, values) for simple, _, values in islice(fitting, _TRIALS)]


def _exchanged(task: _Task, values: tuple[Fraction, ...]) -> Iterator[tuple[Fraction, ...]]:
    """The numbers with one of them exchanged for another that lies near or is there already."""
    for i, value in enumerate(values):
        others = [*values[:i], *values[i + 1 :]]
        for other in near(float(value), task.level, others):
            if other != value and abs(float(other) - task.start[i]) <= _NEAR:
                yield (*values[:i], other, *values[i + 1 :])
        if len(values) <= _FEW:
            yield from _made_up(task, i)


def _made_up(task: _Task, i: int) -> Iterator[tuple[Fraction, ...]]:
    """One number at 0, an integer or a half, and all others rounded to make up for it."""
    for other in near(float(task.bowl.centre[i]), 2):
        if abs(float(other) - task.start[i]) <= _NEAR:
            made_up = task.bowl.rounded(task.level, {i: other})
            if task.are_near(made_up):
                yield made_up


def _floats(values: Sequence[Sequence[Fraction]]) -> Floats:
    return np.asarray([[float(value) for value in row] for row in values])
