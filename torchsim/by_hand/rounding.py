"""The simplest numbers of a form whose loss is allowed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

import numpy as np

from torchsim.by_hand.bowl import Bowl, Slice
from torchsim.by_hand.objective import Floats
from torchsim.by_hand.simplicity import LEVELS, Simplicity, near, simplicity

__all__ = ["Rounded", "rounded"]

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
