"""Families of embeddings: which features share dimensions, and in which shape.

Features that overlap, directly or through others, share a part of the hidden space; parts do not
overlap. A family says which parts there are. It is decided by directions and by rows of zeros:
lengths and biases are free.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import degrees, pi
from typing import Literal, TypeAlias

from handcalc.superposition.model.geometry import clusters
from handcalc.superposition.model.shapes import (
    Arrows,
    ExactArrows,
    FloatArrows,
    Regular,
    arrangements,
    shape_name,
)
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined, listed

Kind: TypeAlias = Regular | Literal["other", "dedicated", "dropped"]

KINDS: tuple[Kind, ...] = (
    "k-gon", "simplex", "cube", "prism", "antiprism", "other", "pair", "dedicated", "dropped",
)  # fmt: skip
"""All of them, in the order of a family's parts."""

TOLERANCE = 0.1
"""In radians, 5.7°: how far angles of floats may be off the shape that they are named by."""

_RIGHT = 1e-9  # radians: angles so near to 90° are right angles of floats
_MENTIONED = 1e-6  # radians: a larger difference from the shape is told
_FEW = 6  # different angles, or features on a line, that a sentence has room for
_CROSSES = {2: "a square", 3: "an octahedron", 4: "a 16-cell, the cross-polytope of 4 dimensions"}
_COUNTS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight")


@dataclass(frozen=True, slots=True)
class Part:
    """Features (from 1) that share ``rank`` dimensions, or those that are dropped, and their shape.

    ``features`` ascend; those of a k-gon go around it, from the least to the lesser of its
    neighbours, those of a prism or antiprism around its upper ring, then around its lower one.
    Different parts are at right angles to each other. ``other`` is what has no name here.
    """

    kind: Kind
    features: tuple[int, ...]
    rank: int

    @property
    def name(self) -> str:
        """The name of the shape, as "pentagon"; where it has none the kind."""
        return shape_name(self.kind, len(self.features))


@dataclass(frozen=True, slots=True)
class Family:
    """The name of an embedding's family, its parts, and a sentence that says them.

    ``name`` is ``dropped`` where all rows are zero; ``orthogonal`` where features have a dimension
    of their own or are dropped; ``antipodal`` where there are antipodal pairs beside such features
    (three pairs are an octahedron); ``triangle``, ``pentagon`` and so on, ``tetrahedron``,
    ``4-simplex`` and so on, ``cube``, ``square antiprism`` and so on where there is one such shape
    beside such features; else ``mixed``. ``parts`` come in the order of ``KINDS``. ``off`` tells by
    how many radians angles miss all that.
    """

    name: str
    parts: tuple[Part, ...]
    sentence: str
    off: float = field(default=0.0, compare=False)

    @property
    def is_recognised(self) -> bool:
        """Whether all parts have a name."""
        return all(part.kind != "other" for part in self.parts)


def family(W: ToyModel | Iterable[Iterable[float]], tolerance: float = TOLERANCE) -> Family:
    """The family of an embedding, by directions and by rows of zeros; lengths and biases are free.

    A ``ToyModel`` is decided exactly. Among rows of floats, as from training, one up to the length
    ``tolerance`` counts as zero, and an angle between two as the one that it misses by up to
    ``tolerance`` radians. Everything that names models names them by this function, to 0.1
    (5.7°) unless it says otherwise; what is off by more than a millionth is told in the sentence.
    A square is two antipodal pairs. Where parts would need more dimensions than there are, right
    angles count less nearly. Errors: ``tolerance`` outside 1e-12 to 0.25, ``ragged``, ``empty``,
    ``not_finite``.

    Source: Elhage et al. 2022, "The Geometry of Superposition", for the shapes.

    >>> found = family(ToyModel("1 0; 0 1; 0 -1/2"))
    >>> found.name, found.sentence
    ('antipodal', 'Features 2 and 3 are an antipodal pair; feature 1 has a dimension of its own.')
    >>> family(ToyModel("1 1 1; 1 -1 -1; -1 1 -1; -1 -1 1")).name
    'tetrahedron'
    >>> family([[1, 0.01], [-0.5, 0.87], [-0.44, -0.75]]).name
    'triangle'
    """
    if isinstance(W, ToyModel):
        rows: Arrows = ExactArrows.of(W)
        within, room = 0.0, W.m
    else:
        rows = floats = FloatArrows.of(W, tolerance)
        within, room = tolerance, floats.room
    # Parts are at right angles, so their ranks fit into the m dimensions there are. Where they do
    # not, angles that only come near 90° were taken for right ones, and a part fell apart that is
    # one. So what counts as a right angle is narrowed until the ranks fit.
    found = _parts(rows, within)
    while sum(part.rank for part, _ in found) > room and within > _RIGHT:
        within /= 2
        found = _parts(rows, within)
    parts = [part for part, _ in found]
    off = max(_between(rows, parts), *(by for _, by in found), 0.0)
    dropped = tuple(i + 1 for i, unit in enumerate(rows.units) if unit is None)
    if dropped:
        parts.append(Part("dropped", dropped, 0))
    parts.sort(key=lambda part: KINDS.index(part.kind))
    sentence = "; ".join(_said(parts, rows))
    whole = f"{sentence[0].upper()}{sentence[1:]}.{_how_far(off, rows, dropped)}"
    return Family(_name(parts), tuple(parts), whole, off)


def _parts(rows: Arrows, within: float) -> list[tuple[Part, float]]:
    """The parts that have arrows, right angles counting to ``within`` radians, and how far off."""
    arrows = (i for i, unit in enumerate(rows.units) if unit is not None)
    joined_up = clusters(arrows, lambda i, j: rows.overlap(i, j, within))
    return [_part(rows, tuple(sorted(cluster))) for cluster in joined_up]


def _part(rows: Arrows, features: tuple[int, ...]) -> tuple[Part, float]:
    """The shape of features that overlap, if it has a name, and by how much they miss it."""
    if len(features) == 1:
        return Part("dedicated", (features[0] + 1,), 1), 0.0
    for kind, order, shape in arrangements(rows, features):
        off = rows.off(shape)
        if off is not None:
            return Part(kind, tuple(i + 1 for i in order), shape.rank), off
    return Part("other", tuple(i + 1 for i in features), rows.rank(features)), 0.0


def _between(rows: Arrows, parts: Sequence[Part]) -> float:
    """By how many radians parts miss the right angle."""
    if isinstance(rows, ExactArrows):
        return 0.0
    members = [[i - 1 for i in part.features] for part in parts]
    off = (
        abs(rows.angle(i, j) - pi / 2)
        for ours, theirs in combinations(members, 2)
        for i in ours
        for j in theirs
    )
    return max(off, default=0.0)


def _how_far(off: float, rows: Arrows, dropped: Sequence[int]) -> str:
    """What is not exactly as a sentence says."""
    long = max((rows.lengths[i - 1] for i in dropped), default=0.0)
    said = []
    if off > _MENTIONED:
        said.append(f"angles are off by up to {degrees(off):.2g}°")
    if long > _MENTIONED:
        said.append(f"what is dropped is up to {long:.2g} long")
    return f" {' and '.join(said).capitalize()}." if said else ""


def _name(parts: Sequence[Part]) -> str:
    shapes = [part for part in parts if part.kind not in ("dedicated", "dropped")]
    if not shapes:
        return "orthogonal" if any(part.rank for part in parts) else "dropped"
    if all(part.kind == "pair" for part in shapes):
        return "antipodal"
    if len(shapes) == 1 and shapes[0].kind != "other":
        return shapes[0].name
    return "mixed"


def _said(parts: Sequence[Part], rows: Arrows) -> Iterator[str]:
    """What a sentence says of each part, of the dedicated features together."""
    yield from (_shape(part, rows) for part in parts if part.kind not in ("dedicated", "dropped"))
    pairs = sum(part.kind == "pair" for part in parts)
    if pairs > 1:
        corners = _CROSSES.get(pairs, f"a cross-polytope of {pairs} dimensions")
        yield f"these pairs point to the corners of {corners}"
    dedicated = [part.features[0] for part in parts if part.kind == "dedicated"]
    if dedicated:
        owned = "have dimensions of their" if len(dedicated) > 1 else "has a dimension of its"
        yield f"{_named(dedicated)} {owned} own"
    for part in parts:
        if part.kind == "dropped":
            yield f"{_named(part.features)} {'are' if len(part.features) > 1 else 'is'} dropped"


def _shape(part: Part, rows: Arrows) -> str:
    named = _named(part.features)
    if part.kind == "pair":
        return f"{named} are an antipodal pair"
    if part.kind != "other":
        return f"{named} point to the corners of {_corners(part, rows)}"
    if part.rank > 1:
        return f"{named} share {part.rank} dimensions, {_lengths_and_angles(part, rows)}"
    first, *others = part.features
    along = [first, *(i for i in others if rows.angle(first - 1, i - 1) < pi / 2)]
    against = [i for i in others if i not in along]
    if not against:
        return f"{named} point one way along one line"
    return f"{_named(along)} and, the other way, {_named(against)} share one line"


def _corners(part: Part, rows: Arrows) -> str:
    """Which corners a part's features point to."""
    if part.kind == "simplex" and part.rank > 3:
        cell = ", the 5-cell" if part.rank == 4 else ""
        return f"a regular simplex in {part.rank} dimensions ({part.name}{cell})"
    if part.kind in ("k-gon", "simplex"):
        order = ", in this order" if part.kind == "k-gon" and len(part.features) > 3 else ""
        return f"a regular {part.name}{order}"
    if part.kind == "cube":
        return "a cube, in this order around two opposite faces"
    around = "in this order around its two bases"
    return f"a {part.name}, {around}, {_lengths_and_angles(part, rows)}"


def _lengths_and_angles(part: Part, rows: Arrows) -> str:
    """How long arrows are, and which angles are between them."""
    features = [i - 1 for i in part.features]
    lengths = [rows.lengths[i] for i in features]
    long = f"with lengths from {min(lengths):.3g} to {max(lengths):.3g}"
    if rows.are_equally_long(features):
        long = "all equally long"
    counts = rows.angle_counts(features)
    pairs = sum(count for _, count in counts)
    if len(counts) > _FEW or (len(counts) == pairs and pairs > 3):
        low, high = counts[0][0], counts[-1][0]
        return f"{long}, at {len(counts)} different angles from {_degrees(low)} to {_degrees(high)}"
    each = joined(
        [
            f"{_degrees(angle)} ({count} times)" if count > 1 else _degrees(angle)
            for angle, count in counts
        ]
    )
    if len(counts) == 1:
        return f"{long}, with angles of {each}"
    return f"{long}; their angles take {_COUNTS[len(counts)]} values: {each}"


def _degrees(angle: float) -> str:
    return f"{round(angle, 1):g}°"


def _named(features: Sequence[int]) -> str:
    return f"feature{'s' if len(features) > 1 else ''} {listed(features)}"
