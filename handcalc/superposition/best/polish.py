"""A minimum found in floating point, taken to many digits by exact arithmetic.

The parts of an embedding (``families``) are put on axes of their own, with zeros where a rotation
of the axes can make them, so that no rotation is left. Parts do not overlap, so each is polished
alone: by Newton's method, with the slopes of the loss worked out exactly at every step and its
second derivatives as floats. The exact slopes of the whole loss judge what comes out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, hypot, inf, isfinite, log10
from typing import TYPE_CHECKING, TypeAlias

import sympy

from handcalc.errors import InputError, require
from handcalc.numbers.decimals import to_decimals
from handcalc.numbers.exact import elements, to_float
from handcalc.numbers.field import Element, Field
from handcalc.numbers.linear_algebra import gram
from handcalc.superposition.loss.derivatives import hessian, output_slopes
from handcalc.superposition.loss.distribution import Block
from handcalc.superposition.loss.expected_loss import LossSetting, squared_error
from handcalc.superposition.loss.gradient import loss_gradient
from handcalc.superposition.loss.moments import DrawnBlock, SupportWeights
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.families import Family, family
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief

if TYPE_CHECKING:
    import numpy as np


MAX_DIGITS = 140
_SPARE = 5  # decimals of an entry beyond the digits that are asked for
_SAME = 1e-5  # up to which a length found in floating point, or the cosine of an angle, is zero
_FAR = 1e-3  # more than any entry of a minimum moves by
_CHANGE = 1e-6  # the part of itself by which the loss changes at most, …
_NO_CHANGE = 1e-12  # … beside so much
_SIMPLE = 12  # the largest denominator of the fractions that are tried before any step
_SLOW = 1e-10  # what a step leaves of the slopes where the second derivatives are not good enough
_STALLED = 0.5  # what it leaves where it does not help, …
_PATIENCE = 3  # … and how often that may be
_FLOAT = 1e-16
_FLOAT_PLACES = 20
_FLAT = 1e-12  # the part of the largest curvature that is told from none

_Rows: TypeAlias = "tuple[tuple[float, ...], ...]"
_Numbers: TypeAlias = "list[Fraction]"
_Slopes: TypeAlias = "list[list[Element]]"


@dataclass(frozen=True, slots=True)
class Polished:
    """A stationary point to many digits: a model of fractions, and how far off it is.

    ``loss`` is the exact expected loss of ``model``; ``slope`` the largest |∂L/∂entry| there over
    all entries of W and b, worked out exactly and rounded to a float (at a kink, of the steeper
    side). Where all went well, it is below 10 to the power of −``digits``.
    """

    model: ToyModel
    loss: sympy.Expr
    slope: float
    digits: int
    family: Family


def polished(
    W: Iterable[Iterable[float]], b: Iterable[float], problem: Problem, digits: int = 50
) -> Polished:
    """The stationary point next to a minimum found in floating point, to many digits.

    ``W`` has shape (n, m), ``b`` length n, with slopes of about 1e-9. Lengths up to 1e-5 and angles
    that far from 90° come out as exact zeros if the loss is stationary there; a dropped feature has
    the bias P(xᵢ ≠ 0)/2, a lone one W = 1 and b = 0, exactly. All other entries are independent,
    with 5 decimals more than ``digits``. Where no better point is found next to the start, the
    start itself comes back, with its slope. Errors: ``digits`` outside 1 to 140, ``wrong_shape``,
    ``not_finite``, ``missing_extra``. Source: derived here.

    >>> pair = polished([[0.969], [-0.969]], [0.0977, 0.0977], Problem.of(2, 1, sparsity="1/2"), 20)
    >>> float(pair.loss), pair.slope < 1e-20, pair.family.name
    (0.07628244698956357, True, 'antipodal')
    """
    require("optimum", "numpy")
    if not 1 <= digits <= MAX_DIGITS:
        typed = brief(digits)
        raise InputError("digits", f"From 1 to {MAX_DIGITS} digits are worked out, not {typed}.")
    start = _Start.of(W, b, problem, digits + _SPARE)
    loss = to_float(_loss(start.setting(*start.given())))
    near: list[Polished] = []
    for groups in start.groupings():
        found = start.judge(*start.polish(groups), digits)
        if abs(to_float(found.loss) - loss) <= _CHANGE * loss + _NO_CHANGE:
            near.append(found)
        if near and near[-1].slope < 10.0**-digits:
            return near[-1]
    given = start.judge(*start.given(), digits)
    return min([given, *near], key=lambda each: each.slope)


@dataclass(frozen=True, slots=True)
class _Start:
    """The minimum to polish, and how many ``places`` after the point entries end with."""

    W: _Rows
    b: tuple[float, ...]
    problem: Problem
    places: int

    @classmethod
    def of(
        cls, W: Iterable[Iterable[float]], b: Iterable[float], problem: Problem, places: int
    ) -> _Start:
        """The start, checked."""
        rows = tuple(tuple(float(cell) for cell in row) for row in W)
        biases = tuple(float(cell) for cell in b)
        n, m = problem.features, problem.hidden
        if len(rows) != n or len(biases) != n or any(len(row) != m for row in rows):
            raise InputError("wrong_shape", f"W has {n} rows of {m} numbers here, and b has {n}.")
        if not all(isfinite(cell) for row in (*rows, biases) for cell in row):
            raise InputError("not_finite", "Every number of W and b is finite.")
        return cls(rows, biases, problem, places)

    def given(self) -> tuple[list[_Numbers], _Numbers]:
        """W and b as they were given, as fractions."""
        *W, b = [
            [to_decimals(Fraction(x), _FLOAT_PLACES) for x in row] for row in (*self.W, self.b)
        ]
        return W, b

    def matters(self, i: int) -> bool:
        """Whether feature i is ever active, and its error counts."""
        return bool(self.problem.importance[i] and self.problem.probability[i])

    def groupings(self) -> Iterator[list[list[int]]]:
        """Which features (from 0) to polish together, those in no group being dropped.

        First by parts, without features that do not matter, then with them; then all together.
        """
        groups = [[i - 1 for i in p.features] for p in family(self.W, _SAME).parts if p.rank]
        kept = [[i for i in group if self.matters(i)] for group in groups]
        if kept != groups:
            yield [group for group in kept if group]
        yield groups
        together = [i for i, row in enumerate(self.W) if any(row)]
        if together and [together] != groups:
            yield [together]

    def polish(self, groups: list[list[int]]) -> tuple[list[_Numbers], _Numbers]:
        """W and b with each group polished, on axes of its own."""
        n, m = self.problem.features, self.problem.hidden
        W, b, used = [[Fraction(0)] * m for _ in range(n)], [*map(self._idle_bias, range(n))], 0
        for group in sorted(map(sorted, groups)):
            part = _Part.of(self, group, m - used)
            if not part.rank:
                continue
            entries = _polish_part(part, self.places)
            for p, i in enumerate(group):
                W[i][used : used + part.rank] = entries[p * part.rank : (p + 1) * part.rank]
                b[i] = entries[len(group) * part.rank + p]
            used += part.rank
        return W, b

    def setting(self, W: list[_Numbers], b: _Numbers) -> LossSetting:
        """What the loss of a model is worked out from."""
        problem = self.problem
        return LossSetting.of(ToyModel(W, b), problem.distribution, problem.importance, False)

    def judge(self, W: list[_Numbers], b: _Numbers, digits: int) -> Polished:
        """A model with its exact loss and slopes."""
        setting = self.setting(W, b)
        slope = max(map(abs, _slopes(setting)[1]))
        if any(self.matters(i) and not b[i] and not any(row) for i, row in enumerate(W)):
            found = loss_gradient(setting.model, setting.distribution, setting.importance)
            sides = (slope for row in (*found.W, found.b) for slope in row)
            slope = max(abs(to_float(side)) for each in sides for side in (each.left, each.right))
        tolerance = _SAME if slope > _SAME * _SAME else _SAME * _SAME
        named = family([[float(w) for w in row] for row in W], tolerance)
        return Polished(setting.model, _loss(setting), slope, digits, named)

    def _idle_bias(self, i: int) -> Fraction:
        """The bias of a dropped feature: as it was where it keeps the output off, else P/2."""
        if self.b[i] < -_SAME and self.matters(i):
            return to_decimals(Fraction(self.b[i]), _FLOAT_PLACES)
        return _fraction(self.problem.probability[i], self.places) / 2


@dataclass(frozen=True, slots=True)
class _Part:
    """Features (from 0) on axes of their own, to be polished alone.

    ``entries`` are those of W, of shape (features, ``rank``), row by row, and then of b; those in
    ``free`` may move. ``setting`` holds all but the entries.
    """

    rank: int
    entries: tuple[Fraction, ...]
    free: tuple[int, ...]
    setting: LossSetting

    @classmethod
    def of(cls, start: _Start, features: Sequence[int], room: int) -> _Part:
        """The part on at most ``room`` axes, with zeros in its first rows by their choice."""
        rows, zeros = _upright([start.W[i] for i in features], room)
        rank = len(rows[0])
        entries = [*(w for row in rows for w in row), *(start.b[i] for i in features)]
        free = tuple(sorted(set(range(len(entries))) - {p * rank + k for p, k in zeros}))
        rounded = tuple(to_decimals(Fraction(entry), _FLOAT_PLACES) for entry in entries)
        return cls(rank, rounded, free, _setting(start, features, rank))

    def at(self, entries: Sequence[Fraction]) -> LossSetting:
        """The setting with these entries."""
        field = self.setting.draws.field
        values = tuple(map(field.rational, entries))
        count = len(values) // (self.rank + 1)
        W = tuple(values[p * self.rank : (p + 1) * self.rank] for p in range(count))
        return replace(self.setting, W=W, gram=gram(W), bias=values[count * self.rank :])

    def unbiased(self) -> _Part:
        """The same with the biases that are nearly 0 held there."""
        first = len(self.entries) // (self.rank + 1) * self.rank
        none = {k for k in self.free if k >= first and abs(self.entries[k]) < _SAME}
        entries = (Fraction(0) if k in none else entry for k, entry in enumerate(self.entries))
        free = tuple(k for k in self.free if k not in none)
        return replace(self, entries=tuple(entries), free=free)

    def inverse_hessian(self, entries: Sequence[Fraction], gram: _Slopes) -> np.ndarray:
        """The inverse of the second derivatives in the free entries, where those are not flat."""
        # Pseudo-inverse: a flat direction, such as that along a family of minima, has no slope to
        # follow, and rounding would else lead far away on it.
        import numpy as np

        near = [to_decimals(entry, _FLOAT_PLACES) for entry in entries]
        rows = hessian(self.at(near), gram)
        matrix = np.asarray([[rows[p][q].to_float() for q in self.free] for p in self.free])
        inverse: np.ndarray = np.linalg.pinv(matrix, rcond=_FLAT, hermitian=True)
        return inverse


def _polish_part(part: _Part, places: int) -> Sequence[Fraction]:
    """The entries of a part at the stationary point next to it, if need be nearly.

    Simple fractions, and biases at 0 exactly, come first: second derivatives can jump there.
    """
    simple = [entry.limit_denominator(_SIMPLE) for entry in part.entries]
    if _distance(simple, part.entries) < _FAR and not any(_slopes(part.at(simple))[1]):
        return simple
    unbiased = part.unbiased()
    if unbiased.free != part.free:
        entries = _newton(unbiased, places)
        if max(map(abs, _slopes(part.at(entries))[1])) < 10.0 ** (_SPARE - places):
            return entries
    return _newton(part, places)


def _newton(part: _Part, places: int) -> Sequence[Fraction]:
    """The entries after steps of Newton's method, or where these do not help, the best of them."""
    # Slopes are exact, second derivatives floats: so one inverse serves many steps, each of which
    # adds the digits that a float has right. It is made anew where a step leaves more than _SLOW of
    # the slopes, while steps are still long. A step's reach, times what slopes shrink by, is what
    # the next one would move: below the last place that is asked for, that is the end.
    best = entries = part.entries
    least = last = reach = inf
    inverse, patience = None, _PATIENCE
    while patience and _distance(entries, part.entries) < _FAR:
        gram, slopes = _slopes(part.at(entries))
        steepest = max(abs(slopes[k]) for k in part.free)
        left, last = steepest / last, steepest
        best, least = (entries, steepest) if steepest < least else (best, least)
        if inverse is None or (left > _SLOW and reach > _FLOAT):
            inverse = part.inverse_hessian(entries, gram)
        steps = -(inverse @ [slopes[k] for k in part.free])
        reach = float(abs(steps).max())
        entries = _step(entries, dict(zip(part.free, steps.tolist(), strict=True)), places)
        if reach * (left or 1.0) < 10.0**-places:
            return entries
        patience -= left > _STALLED
    return best


def _step(
    entries: Sequence[Fraction], steps: Mapping[int, float], places: int
) -> tuple[Fraction, ...]:
    """The entries after a step, with no more decimals than a step of floats can set."""
    reach = max(map(abs, steps.values()))
    known = places if reach == 0 else min(places, _FLOAT_PLACES - floor(log10(reach)))
    moved = (entry + Fraction(steps.get(k, 0.0)) for k, entry in enumerate(entries))
    return tuple(to_decimals(entry, known) for entry in moved)


def _distance(these: Sequence[Fraction], those: Sequence[Fraction]) -> float:
    return max(abs(float(p - q)) for p, q in zip(these, those, strict=True))


def _slopes(setting: LossSetting) -> tuple[_Slopes, list[float]]:
    """Dᵢⱼ = Iᵢ ∂Lᵢ/∂Gᵢⱼ, and the slopes in W, (D + Dᵀ)W row by row, and b; kinks are left out."""
    gram, bias = output_slopes(setting)
    D = [[value for (value,) in row] for row in gram]
    columns = list(zip(*setting.W, strict=True))
    slopes = []
    for i, row in enumerate(D):  # L depends on W by G = W Wᵀ alone, where Wᵢ stands twice
        both = [d + other[i] for d, other in zip(row, D, strict=True)]
        slopes += [sum((d * w for d, w in zip(both, c, strict=True)), both[0] * 0) for c in columns]
    slopes += [value for (value,) in bias]
    return D, [slope.to_float() for slope in slopes]


def _loss(setting: LossSetting) -> sympy.Expr:
    total = setting.draws.field.rational(0)
    for i, weight in enumerate(setting.weights):
        (error,) = squared_error(setting.draws, "relu", i, setting.bias[i], setting.gram[i])
        total += weight * error
    return total.to_sympy()


def _setting(start: _Start, features: Sequence[int], rank: int) -> LossSetting:
    """What the loss of some features is worked out from, but for their W and b, in fractions."""
    problem, field = start.problem, Field()

    def near(value: sympy.Expr) -> Element:
        return field.rational(_fraction(value, 2 * start.places))

    importance = tuple(problem.importance[i] for i in features)
    blocks = problem.blocks
    drawn = (_restricted(block, features, near) for block in blocks)
    return LossSetting(
        model=ToyModel([[0] * max(1, rank)] * len(features)),
        distribution=problem.distribution,
        importance=importance,
        draws=SupportWeights(
            field, tuple(block for block in drawn if block.supports), shared=False
        ),
        W=(),
        gram=(),
        bias=(),
        weights=tuple(map(near, importance)),
        sparsity=None,
    )


def _restricted(
    block: Block, features: Sequence[int], near: Callable[[sympy.Expr], Element]
) -> DrawnBlock:
    """How some of the features are drawn, whatever the others do; they count from 0 again."""
    off = near(block.sparsity or sympy.Integer(0))
    on, one = 1 - off, off * 0 + 1
    drawn: dict[tuple[int, ...], Element] = {}
    for support, q in block.supports:
        mine = tuple(features.index(i) for i in support if i in features)
        drawn[mine] = drawn.get(mine, one * 0) + near(q) * on
    off += drawn.pop((), one * 0)
    return DrawnBlock(off, one, tuple(drawn.items()))


def _upright(
    rows: Sequence[Sequence[float]], room: int
) -> tuple[list[list[float]], set[tuple[int, int]]]:
    """Rows on axes of their own, and the places (row, axis) that the choice of axes makes zero.

    A row that those before it do not span starts an axis, its last, as long as there is room.
    """
    axes: list[list[float]] = []
    first: list[int] = []
    for p, row in enumerate(rows):
        rest = list(row)
        for axis in axes:
            along = _dot(rest, axis)
            rest = [r - along * a for r, a in zip(rest, axis, strict=True)]
        if hypot(*rest) > _SAME and len(axes) < room:
            axes.append([r / hypot(*rest) for r in rest])
            first.append(p)
    zeros = {(p, k) for k, p in enumerate(first) for k in range(k + 1, len(axes))}
    upright = [
        [0.0 if (p, k) in zeros else _dot(row, axis) for k, axis in enumerate(axes)]
        for p, row in enumerate(rows)
    ]
    return upright, zeros


def _dot(u: Sequence[float], v: Sequence[float]) -> float:
    return sum(p * q for p, q in zip(u, v, strict=True))


def _fraction(value: sympy.Expr, places: int) -> Fraction:
    """An exact number as a fraction: itself, or if it is none, one to about so many places."""
    _, (number,) = elements(value)
    if number.is_rational:
        return number.to_fraction()
    near = Fraction(0)
    for _ in range(places // 15 + 1):
        near += Fraction((number - near).to_float())
    return to_decimals(near, places)
