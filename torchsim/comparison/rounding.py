"""The simplest numbers of a form whose loss is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, islice

import numpy as np
import sympy

from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.numeric import expected_losses, expected_losses_and_gradients
from torchsim.comparison.forms import Floats, Form
from torchsim.specification import ModelSpec

# --------------------------------------------------------------------------------------------------
# How simple numbers are, and the simple ones that lie near to another.


Simplicity = tuple[int, int]
Values = tuple[Fraction, ...]

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
# The loss of a form, and its numbers made simple.


_STEP = 2.0**-10  # between the slopes that second derivatives are differences of
_FLAT = 1e-4  # a bias with a smaller second derivative stays where it is
_MOVE = 0.1  # how far a bias may go in one step
_SETTLINGS = 4  # steps on all numbers at most, before anything is rounded, …
_SETTLE = 0.03  # … and how far a number may go in each
_LEAST = 1e-3  # the part of the largest curvature that each direction has at least
_NO_LOWER = 1e-4  # a step that lowers the loss by no more of itself is the last
_NEAR = 0.125  # how far a number may end from where it started
_FIRST = 12  # levels that are tried before any finer one
_FEW = 8  # up to so many numbers more is tried: …
_SERVING = 3  # … so many levels from which they are made simpler, and biases making up for lengths
_TRIALS = 24  # candidates whose losses are worked out at once


@dataclass(frozen=True, slots=True)
class ConfigurationLoss:
    """L = Σᵢ Iᵢ E[(xᵢ − x̂ᵢ)²] under the inputs, importances and activation of ``model``."""

    model: ModelSpec

    def losses(self, W: Floats, b: Floats) -> Floats:
        """L (models,) for ``W`` (models, n, m) and ``b`` (models, n).

        >>> antipodal = np.asarray([[[1.0], [-1.0]]])
        >>> loss = ConfigurationLoss(ModelSpec.of(2, 1, "1/2"))
        >>> loss.losses(antipodal, np.zeros((1, 2))).round(12)
        array([0.08333333])
        """
        model = self.model
        found = expected_losses(
            W, b, model.distribution, importance=self._importance, activation=model.exact_activation
        )
        return np.asarray(found)

    def losses_and_slopes(self, W: Floats, b: Floats) -> tuple[Floats, Floats, Floats]:
        """L (models,), ∂L/∂W (models, n, m) and ∂L/∂b (models, n)."""
        model = self.model
        L, by_W, by_b = expected_losses_and_gradients(
            W, b, model.distribution, importance=self._importance, activation=model.exact_activation
        )
        return np.asarray(L), np.asarray(by_W), np.asarray(by_b)

    def exact(self, model: ToyModel) -> sympy.Expr:
        """The exact loss of a model.

        >>> ConfigurationLoss(ModelSpec.of(2, 1, "1/2")).exact(ToyModel("1; -1"))
        1/12
        """
        return expected_loss(model, self.model.distribution, self.model.importance).value

    @property
    def _importance(self) -> Floats:
        return np.asarray([to_float(weight) for weight in self.model.importance])


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

    @property
    def is_bias(self) -> Floats:
        """Which of the numbers are biases; the others are lengths and entries of W."""
        return np.asarray(np.any(self.b != 0, axis=1))

    def losses(self, values: Floats) -> Floats:
        """L (k,) for θ of shape (k, numbers)."""
        return self.objective.losses(np.tensordot(values, self.W, 1), values @ self.b)

    def slopes(self, values: Floats) -> Floats:
        """∂L/∂θ of shape (k, numbers)."""
        W, b = np.tensordot(values, self.W, 1), values @ self.b
        _, by_W, by_b = self.objective.losses_and_slopes(W, b)
        return np.asarray(np.tensordot(by_W, self.W, ((1, 2), (1, 2))) + by_b @ self.b.T)

    def with_best_biases(self, values: Floats) -> Floats:
        """θ (k, numbers) with the biases that suit the lengths, by two steps of Newton's method.

        No output depends on the bias of another, so all biases take their steps at once.
        """
        for _ in range(2):
            shift = _STEP * self.is_bias
            slopes = self.slopes(np.concatenate([values, values + shift, values - shift]))
            slope, up, down = np.split(slopes, 3)
            bend = (up - down) / (2 * _STEP)
            bent = self.is_bias & (bend > _FLAT)
            step = np.where(bent, slope / np.where(bent, bend, 1.0), 0.0)
            values = values - np.clip(step, -_MOVE, _MOVE)
        return values

    def settled(self, start: Floats) -> Floats:
        """θ (numbers,) after steps of Newton's method, for as long as they lead lower.

        They make up for what the form has taken: lengths that are shared, directions laid straight.
        """
        shift = _STEP * np.eye(len(start))
        for _ in range(_SETTLINGS):
            slopes = self.slopes(np.concatenate([start[None], start + shift, start - shift]))
            up, down = np.split(slopes[1:], 2)
            bend = (up - down + (up - down).T) / (4 * _STEP)
            curvatures, axes = np.linalg.eigh(bend)
            least = _LEAST * (np.abs(curvatures).max() or 1.0)  # where it is flat, nothing moves
            step = axes / np.maximum(curvatures, least) @ axes.T @ slopes[0]
            there = start - step * min(1, _SETTLE / (np.abs(step).max() or 1))
            before, after = self.losses(np.stack([start, there]))
            if after >= before * (1 - _NO_LOWER):
                break
            start = there
        return start


@dataclass(frozen=True, slots=True, order=True)
class Rounded:
    """Numbers, how simple they are, and their loss; to be compared in this order."""

    simplicity: Simplicity
    loss: float
    values: Values


def rounded(numbers: Sequence[float], losses: Slice, allowed: float) -> Rounded | None:
    """Simple numbers, each within 1/8 of the one in ``numbers``, that lose at most ``allowed``.

    None where there are none. All numbers are rounded to the first of the ``LEVELS`` of
    denominators at which that can be had; then one after another is made simpler, as long as the
    loss allows it. Where there are few numbers, the next two levels serve too, biases may make up
    for a simpler length, and two numbers may move together. Source: derived here.
    """
    start = np.asarray(numbers)
    task = _Task(start, losses, allowed)
    serving = islice(task.rounded(), _SERVING if len(start) <= _FEW else 1)
    return min((task.simplified(first, level) for first, level in serving), default=None)


@dataclass(frozen=True, slots=True)
class _Task:
    """What is asked for."""

    start: Floats
    losses: Slice
    allowed: float

    def rounded(self) -> Iterator[tuple[Rounded, int]]:
        """Level by level all numbers rounded, at once or biases last, where that is allowed."""
        fitted = self.losses.settled(self.start)
        for levels in (LEVELS[:_FIRST], LEVELS[_FIRST:]):
            each = [_to_level(fitted, level) for level in levels]
            lengths = np.where(self.losses.is_bias, fitted, _floats(each))
            again = self.losses.with_best_biases(lengths)
            refitted = [_to_level(row, level) for row, level in zip(again, levels, strict=True)]
            both = zip(self.worked(each), self.worked(refitted), strict=True)
            for level, pair in zip(levels, both, strict=True):
                allowed = [one for one in pair if self.allows(one)]
                if allowed:
                    yield min(allowed), level

    def worked(self, options: Sequence[Values]) -> list[Rounded]:
        """Numbers with their losses."""
        worked = self.losses.losses(_floats(options)).tolist()
        return [Rounded(simplicity(v), loss, v) for v, loss in zip(options, worked, strict=True)]

    def allows(self, one: Rounded) -> bool:
        """Whether the loss is allowed, and no number lies too far from where it started."""
        far = np.abs(_floats([one.values])[0] - self.start).max()
        return bool(one.loss <= self.allowed and far <= _NEAR)

    def simplified(self, found: Rounded, level: int) -> Rounded:
        """Number after number exchanged for a simpler one, the simplest result first.

        Where there are few, and none can be exchanged by itself any more, two move at once.
        """
        few = len(found.values) <= _FEW
        better: Rounded | None = found
        while better is not None:
            found = better
            better = self.simpler(found, self._exchanged(found.values, level))
            if better is None and few:
                better = self.simpler(found, self._exchanged(found.values, level, at_once=True))
        return found

    def simpler(self, found: Rounded, options: Iterable[Values]) -> Rounded | None:
        """Of the options that are simpler than what is found, the first whose loss is allowed."""
        ranks = {each: simplicity(each) for each in options}
        left = sorted((e for e in ranks if ranks[e] < found.simplicity), key=ranks.__getitem__)
        for k in range(0, len(left), _TRIALS):
            allowed = [one for one in self.worked(left[k : k + _TRIALS]) if self.allows(one)]
            if allowed:
                return min(allowed)
        return None

    def _exchanged(self, values: Values, level: int, *, at_once: bool = False) -> Iterator[Values]:
        """The numbers with one exchanged for another that lies near or is there already.

        Where there are few, also those with a length at 0, an integer or a half, and the biases
        that then suit best. With ``at_once`` also all numbers of one size, or of two sizes, get
        one, and the biases follow a length to any number that is there already.
        """
        is_bias, follow = self.losses.is_bias, []
        moves = [(i,) for i in range(len(values))]
        for places in moves + (self._same_in_two(values) if at_once else []):
            first, others = values[places[0]], [v for k, v in enumerate(values) if k not in places]
            middle = float(sum(abs(values[k]) for k in places)) / len(places)
            middle = -middle if first < 0 else middle
            leads = len(values) <= _FEW and not is_bias[places[0]]
            rough = near(middle, 2, others if at_once else ()) if leads else []
            for other in near(middle, level, others):
                new = {k: other if values[k] * first >= 0 else -other for k in places}
                exchanged = tuple(new.get(k, value) for k, value in enumerate(values))
                far = max(abs(float(new[k]) - self.start[k]) for k in places)
                if exchanged != values and far <= _NEAR:
                    yield exchanged
                    if other in rough:
                        follow.append(exchanged)
        if follow:
            fitted = self.losses.with_best_biases(_floats(follow))
            for row, exchanged in zip(fitted, follow, strict=True):
                pairs = zip(is_bias, _to_level(row, level), exchanged, strict=True)
                yield tuple(bias if is_one else length for is_one, bias, length in pairs)

    def _same_in_two(self, values: Values) -> list[tuple[int, ...]]:
        """The places of all numbers of one size, or of two, lengths and biases apart.

        A number that is there twice costs nothing more, so alone neither of the two can leave; and
        two that are nearly equal can become one only where both give way.
        """
        places: dict[tuple[bool, Fraction], list[int]] = {}
        for i, (value, is_one) in enumerate(zip(values, self.losses.is_bias, strict=True)):
            if value:
                places.setdefault((bool(is_one), abs(value)), []).append(i)
        return [
            tuple(sorted({*places[one], *places[other]}))
            for one, other in combinations_with_replacement(places, 2)
            if one[0] == other[0]
        ]


def _to_level(numbers: Floats, level: int) -> Values:
    return tuple(Fraction(float(value)).limit_denominator(level) for value in numbers)


def _floats(values: Sequence[Values]) -> Floats:
    return np.asarray([[float(value) for value in row] for row in values])
