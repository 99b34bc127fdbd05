"""Where things stand in a drawing of a model, whatever it is drawn with: characters or SVG.

A model of two dimensions has one pane, seen from above; one of three has two, from the front and
from above; one of one dimension is a line. One scale serves all axes and all panes. It is that of
the unit circle, and longer arrows make everything smaller: so 0.88 never looks like 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import atan2, cos, degrees, hypot, isfinite, pi, radians, sin
from typing import TypeAlias

import sympy

from handcalc.derivation import Claim, Expression, Number
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.model.geometry import described
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined

MOST_DIMENSIONS = 3
MOST_LABELS = 40  # more than so many find no room on any page
_AT_ONCE = 6  # features that a drawing shows at a glance
_MOST_NAMED = 4  # features, or runs of them, in a label
_MOST_TOLD = 12  # features whose arrows are told one by one
_RUN = 3  # numbers in a row that are written as 1-3


SharedBias: TypeAlias = tuple[tuple[int, ...], sympy.Expr]
"""Features, and the bias that they have."""


@dataclass(frozen=True, slots=True)
class Shaft:
    """One or more arrows with the same end: their features, and where that is in the pane.

    ``depth`` is how far the end stands out of the page, towards the reader where it is above 0.
    """

    features: tuple[int, ...]
    x: float
    y: float
    depth: float = 0.0

    @property
    def length(self) -> float:
        """How long it looks."""
        return hypot(self.x, self.y)


@dataclass(frozen=True, slots=True)
class Pane:
    """One view of all arrows, longest first: ``shafts`` have a length here, ``points`` have none.

    ``points`` are zero rows of W, and arrows that the reader looks along. ``name`` is "" where
    there is one pane only.
    """

    name: str
    shafts: tuple[Shaft, ...]
    points: tuple[Shaft, ...]


def is_drawn(model: ToyModel) -> bool:
    """Whether there is a drawing: of one, two and three dimensions.

    >>> is_drawn(ToyModel("1 0; 0 1")), is_drawn(ToyModel("1 0 0 0; 0 1 0 0"))
    (True, False)
    """
    return model.m <= MOST_DIMENSIONS and isfinite(reach(model))


def is_drawn_unasked(model: ToyModel) -> bool:
    """Whether a drawing shows at a glance: up to six features in the plane.

    >>> is_drawn_unasked(ToyModel("1 0; 0 1; 0 -1")), is_drawn_unasked(ToyModel("1; -1"))
    (True, False)
    """
    return model.m == 2 and model.n <= _AT_ONCE


def why_not_drawn(m: int) -> str:
    """Why a model of m dimensions has no drawing, and what says the same.

    >>> why_not_drawn(4)[:58]
    'Arrows in 4 dimensions have no drawing: a page has two dim'
    """
    if m <= MOST_DIMENSIONS:
        return "Arrows as long as these have no drawing: their lengths are no floats."
    return (
        f"Arrows in {m} dimensions have no drawing: a page has two dimensions, and two views make "
        "three. Their overlaps say the same: G = W Wᵀ has a row and a column for each feature."
    )


def refuse_undrawn(model: ToyModel) -> None:
    """Refuse a model that has no drawing, with the code ``not_drawn``."""
    if not is_drawn(model):
        raise InputError("not_drawn", why_not_drawn(model.m))


def reach(model: ToyModel) -> float:
    """How far a drawing goes from the origin: to the unit circle, or to the longest arrow.

    >>> reach(ToyModel("1/2 0; 0 1/4")), reach(ToyModel("0 3"))
    (1.0, 3.0)
    """
    return max(1.0, *(hypot(*map(to_float, row)) for row in model.W))


def panes(model: ToyModel, nearness: float) -> tuple[Pane, ...]:
    """The views of a model with up to three dimensions.

    ``nearness``, above 0, is the distance at which two ends look like one: their arrows share a
    label, and an arrow that is no longer is a point.

    >>> (pane,) = panes(ToyModel("1 0; 1 0; 0 0"), 0.01)
    >>> pane.shafts, pane.points
    ((Shaft(features=(1, 2), x=1.0, y=0.0, depth=0.0),), (Shaft(features=(3,), x=0.0, y=0.0, \
depth=0.0),))
    """
    rows = [tuple(map(to_float, row)) for row in model.W]
    if model.m == 1:
        return (_pane("", [(x, 0.0, 0.0) for (x,) in rows], nearness),)
    if model.m == 2:
        return (_pane("", [(x, y, 0.0) for x, y in rows], nearness),)
    front = [(x, z, -y) for x, y, z in rows]
    return (
        _pane("Front view: dimension 1 right, 3 up", front, nearness),
        _pane("Top view: dimension 1 right, 2 up", rows, nearness),
    )


def _pane(name: str, ends: Sequence[tuple[float, ...]], nearness: float) -> Pane:
    groups: list[list[int]] = []
    for i, end in enumerate(ends):
        for group in groups:
            first = ends[group[0]]
            same_side = _side(end, nearness) == _side(first, nearness)
            if same_side and hypot(end[0] - first[0], end[1] - first[1]) < nearness:
                group.append(i)
                break
        else:
            groups.append([i])
    seen = [Shaft(tuple(i + 1 for i in group), *ends[group[0]]) for group in groups]
    seen.sort(key=lambda shaft: -shaft.length)
    shafts = tuple(shaft for shaft in seen if shaft.length >= nearness)
    points = tuple(shaft for shaft in seen if shaft.length < nearness)
    return Pane(name, shafts, points)


def _side(end: tuple[float, ...], nearness: float) -> int:
    """For what is seen as a point: whether it comes out of the page (1), goes in (-1) or neither.

    >>> _side((0.0, 0.0, -1.0), 0.01), _side((1.0, 0.0, -1.0), 0.01)
    (-1, 0)
    """
    x, y, depth = end
    if hypot(x, y) >= nearness or abs(depth) < nearness:
        return 0
    return 1 if depth > 0 else -1


def label_places(shaft: Shaft, step: float) -> Iterator[tuple[float, float]]:
    """Where a label may stand, from the arrow's end: beyond it first, then beside, then further.

    ``step`` is the least distance. Distances to the right and up, the best first.
    """
    away = atan2(shaft.y, shaft.x) if shaft.length else radians(-135)
    for far in (1.0, 1.35, 1.8, 2.4, 3.2):
        for turn in (0, 30, -30, 60, -60, 90, -90, 120, -120, 150, -150, 180):
            angle = away + radians(turn)
            yield far * step * cos(angle), far * step * sin(angle)


def circle(count: int) -> Iterator[tuple[float, float]]:
    """So many points of the unit circle."""
    for k in range(count):
        yield cos(2 * pi * k / count), sin(2 * pi * k / count)


def numbers(features: Sequence[int], dash: str = "-") -> str:
    """Features by their numbers, three and more in a row as one.

    >>> numbers([1, 2]), numbers([1, 2, 3, 5])
    ('1, 2', '1-3, 5')
    """
    runs: list[list[int]] = []
    for feature in features:
        if runs and feature == runs[-1][-1] + 1:
            runs[-1].append(feature)
        else:
            runs.append([feature])
    parts: list[str] = []
    for run in runs:
        long = len(run) >= _RUN
        parts += [f"{run[0]}{dash}{run[-1]}"] if long else map(str, run)
    return ", ".join(parts)


def label(features: Sequence[int], *, unicode: bool) -> str:
    """The same as a label of a few characters: the first of very many.

    >>> label([1, 2, 3], unicode=True), label([1, 3, 5, 7, 9], unicode=False)
    ('1–3', '1, 3, 5, ...')
    """
    parts = numbers(features, "–" if unicode else "-").split(", ")
    if len(parts) > _MOST_NAMED:
        parts = [*parts[: _MOST_NAMED - 1], "…" if unicode else "..."]
    return ", ".join(parts)


# --------------------------------------------------------------------------------------------------
# What two models with the same arrows may differ in, and the drawing in words.


def biases(model: ToyModel) -> tuple[SharedBias, ...]:
    """The biases that differ, each with its features; none where all are 0.

    >>> biases(ToyModel("1 0; 0 1; 0 -1", "0 1/2 1/2"))
    (((1,), 0), ((2, 3), 1/2))
    """
    entries, _ = model.elements()
    if not any(entries.b):
        return ()
    found: dict[int, list[int]] = {}  # by the first feature that has it
    for i, b in enumerate(entries.b):
        first = next((k for k in found if entries.b[k] == b), i)
        found.setdefault(first, []).append(i + 1)
    return tuple((tuple(features), model.b[k]) for k, features in found.items())


def in_words(model: ToyModel) -> Claim:
    """The arrows of a drawing in words.

    >>> in_words(ToyModel("1 0 0; 0 0 -1")).sentence
    'Feature 1 has the arrow ({}, {}, {}); feature 2 has the arrow ({}, {}, {}). At a right angle: \
features 1 and 2.'
    """
    if model.n > _MOST_TOLD:
        lengths = [hypot(*map(to_float, row)) for row in model.W]
        words = f"{model.n} arrows, with lengths from {min(lengths):.3g} to {max(lengths):.3g}."
        return Claim(words)
    known = described(model)
    if model.m != MOST_DIMENSIONS:
        return known
    parts: list[str] = []
    values: list[Expression] = []
    for i, row in enumerate(model.W, 1):
        if any(row):
            parts.append(f"feature {i} has the arrow ({{}}, {{}}, {{}})")
            values += map(Number, row)
        else:
            parts.append(f"feature {i} has no arrow: its row of W is zero")
    each = "; ".join(parts)
    words = f"{each[:1].upper()}{each[1:]}. {known.sentence}".rstrip()
    return Claim(words, tuple(values))


def outputs_in_words(model: ToyModel) -> Claim:
    """What becomes of Wh: the bias, and ReLU where there is one.

    >>> outputs_in_words(ToyModel("1 0; 0 1; 0 -1", "0 1/2 1/2", "linear")).sentence
    'b is {} for feature 1 and {} for features 2, 3. There is no ReLU.'
    """
    relu = "What is negative becomes 0, by ReLU."
    end = relu if model.activation == "relu" else "There is no ReLU."
    known = biases(model)
    if not known:
        return Claim(f"There is no bias. {end}")
    if len(known) == 1:
        return Claim(f"b is {{}} for every feature. {end}", (Number(known[0][1]),))
    each = [
        f"{{}} for feature{'s' if len(features) > 1 else ''} {numbers(features)}"
        for features, _ in known
    ]
    return Claim(f"b is {joined(each)}. {end}", tuple(Number(value) for _, value in known))


def whole_in_words(model: ToyModel) -> tuple[Claim, Claim]:
    """All that a drawing shows: the arrows, and what becomes of Wh."""
    return in_words(model), outputs_in_words(model)


def points_in_words(pane: Pane) -> list[str]:
    """Which arrows of a pane are seen as points because the reader looks along them.

    >>> front, top = panes(ToyModel("1 0 0; 0 1 0; 0 0 1"), 0.01)
    >>> points_in_words(front), points_in_words(top)
    (['Arrow 2 points away from you'], ['Arrow 3 points at you'])
    """
    said = []
    for shaft in pane.points:
        if shaft.depth:
            point = "points" if len(shaft.features) == 1 else "point"
            where = "at you" if shaft.depth > 0 else "away from you"
            said.append(
                f"Arrow{'s' * (point == 'point')} {numbers(shaft.features)} {point} {where}"
            )
    return said


def direction(shaft: Shaft) -> float:
    """The direction in degrees, counter-clockwise from the right."""
    return degrees(atan2(shaft.y, shaft.x))
