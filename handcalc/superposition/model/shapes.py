"""Arrows and the shapes that they may have: polygons, simplices, cubes, prisms and antiprisms.

The rows of W are arrows, of exact numbers or of floats. Angles tell a shape; lengths are free.
Cross-polytopes are not here: they are antipodal pairs at right angles.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations
from math import acos, atan, atan2, cos, degrees, dist, hypot, inf, isfinite, pi, sin, sqrt, tau
from operator import add
from typing import Literal, TypeAlias

from handcalc.errors import InputError
from handcalc.numbers.field import Element
from handcalc.numbers.linear_algebra import rank
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import brief

Row: TypeAlias = "tuple[float, ...]"
Pair: TypeAlias = "tuple[int, int]"

_TOLERANCES = 1e-12, 0.25
_FLOAT = 1e-6  # radians: an exact angle is that of a shape, or misses it by more
_SMALLEST = 1e-290  # a row of floats that is shorter has lost digits
_SHOWN = 0.1  # degrees: angles of floats that show as one number are one value


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A shape that arrows may have: the angle of each pair, and what decides it exactly.

    Features count from 0. ``angles`` holds radians. The shape is there exactly if the arrows span
    ``rank`` dimensions and all pairs of each group in ``equal`` make equal angles.
    """

    rank: int
    angles: dict[Pair, float]
    equal: tuple[tuple[Pair, ...], ...]


@dataclass(frozen=True)
class Arrows(ABC):
    """The rows of W; features count from 0.

    ``units`` are their directions, nearly, and None for a row of zeros; ``lengths`` their lengths.
    """

    units: tuple[Row | None, ...]
    lengths: tuple[float, ...]

    @abstractmethod
    def overlap(self, i: int, j: int, within: float) -> bool:
        """Whether two arrows are not at a right angle; to ``within`` radians if they are floats."""

    @abstractmethod
    def off(self, shape: Arrangement) -> float | None:
        """By how many radians the angles of a shape are missed; None if it is not that shape."""

    @abstractmethod
    def rank(self, features: Sequence[int]) -> int:
        """How many dimensions some arrows span."""

    @abstractmethod
    def are_equally_long(self, features: Sequence[int]) -> bool:
        """Whether some arrows have one length."""

    @abstractmethod
    def angle_counts(self, features: Sequence[int]) -> list[tuple[float, int]]:
        """The different angles between some arrows in degrees, ascending, and how many pairs."""

    @cached_property
    def angles(self) -> dict[Pair, float]:
        """The angle in radians of each pair i < j of arrows that are not zero."""
        # 2 atan(‖u − v‖/‖u + v‖) is good to the last digit at every angle; the cosine would lose
        # half of the digits near 0 and π, and so would near-misses of antipodal pairs.
        # Source: Kahan 2006, "How Futile are Mindless Assessments of Roundoff".
        return {
            (i, j): 2 * atan2(dist(u, v), hypot(*map(add, u, v)))
            for j, v in enumerate(self.units)
            if v is not None
            for i, u in enumerate(self.units[:j])
            if u is not None
        }

    def angle(self, i: int, j: int) -> float:
        """The angle between two arrows in radians."""
        return self.angles[min(i, j), max(i, j)]

    def directions(self, features: Sequence[int]) -> list[Row]:
        """The directions of features whose rows are not zero."""
        return [unit for i in features if (unit := self.units[i]) is not None]

    def around(self, features: Sequence[int]) -> tuple[int, ...]:
        """Features of one plane by angle, from the first to the lesser of its neighbours."""
        units = self.directions(features)
        across = max((without(unit, units[:1]) for unit in units), key=lambda rest: hypot(*rest))
        angles = [atan2(dot(u, across), dot(u, units[0])) % tau for u in units]
        angles[0] = 0.0
        order = [i for _, i in sorted(zip(angles, features, strict=True))]
        return (order[0], *order[:0:-1]) if order[-1] < order[1] else tuple(order)


@dataclass(frozen=True)
class ExactArrows(Arrows):
    """Rows of exact numbers, decided by their Gram matrix."""

    gram: tuple[tuple[Element, ...], ...]

    @classmethod
    def of(cls, model: ToyModel) -> ExactArrows:
        """The rows of a model's W."""
        entries, _ = model.elements()
        W = entries.W
        units = tuple(_direction(row) if any(row) else None for row in W)
        lengths = tuple(hypot(*(cell.to_float() for cell in row)) for row in W)
        return cls(units, lengths, entries.gram)

    def overlap(self, i: int, j: int, within: float) -> bool:  # noqa: ARG002 - for floats
        """Whether Gᵢⱼ ≠ 0."""
        return bool(self.gram[i][j])

    def off(self, shape: Arrangement) -> float | None:
        """0, if the shape is there exactly.

        Floats find which corner is which feature; that angles are equal is decided exactly.
        """
        if any(abs(self.angle(*pair) - angle) > _FLOAT for pair, angle in shape.angles.items()):
            return None
        features = sorted({i for pair in shape.angles for i in pair})
        if self.rank(features) != shape.rank:
            return None
        groups = ({self._cosine(i, j) for i, j in group} for group in shape.equal)
        return 0.0 if all(len(group) == 1 for group in groups) else None

    def rank(self, features: Sequence[int]) -> int:
        """The rank of the overlaps, by exact elimination."""
        return rank([[self.gram[i][j] for j in features] for i in features])

    def are_equally_long(self, features: Sequence[int]) -> bool:
        """Whether all Gᵢᵢ are equal."""
        return len({self.gram[i][i] for i in features}) == 1

    def angle_counts(self, features: Sequence[int]) -> list[tuple[float, int]]:
        """Told apart exactly, by their cosines."""
        found: dict[object, list[float]] = {}
        for i, j in combinations(features, 2):
            found.setdefault(self._cosine(i, j), []).append(degrees(self.angle(i, j)))
        return sorted((angles[0], len(angles)) for angles in found.values())

    def _cosine(self, i: int, j: int) -> tuple[int, Element]:
        """The sign of the cosine, and its square Gᵢⱼ²/GᵢᵢGⱼⱼ, which needs no root."""
        G = self.gram
        return G[i][j].sign(), G[i][j] * G[i][j] / (G[i][i] * G[j][j])


@dataclass(frozen=True)
class FloatArrows(Arrows):
    """Rows of floats, decided by the angles between them, to a tolerance in radians."""

    tolerance: float
    room: int  # dimensions of the hidden space

    @classmethod
    def of(cls, W: Iterable[Iterable[float]], tolerance: float) -> FloatArrows:
        """The rows of W; those up to the length ``tolerance`` count as zero."""
        least, most = _TOLERANCES
        if not least <= tolerance <= most:
            raise InputError(
                "tolerance",
                f"A tolerance is an angle from {least} to {most} in radians, "
                f"not {brief(tolerance)}.",
            )
        rows = [tuple(float(cell) for cell in row) for row in W]
        if not rows or not rows[0]:
            raise InputError("empty", "W has no numbers: give one row of floats for each feature.")
        if len({len(row) for row in rows}) > 1:
            raise InputError("ragged", "Every row of W has as many numbers as the first.")
        if not all(isfinite(cell) for row in rows for cell in row):
            raise InputError(
                "not_finite", "Every number of W is finite; there is a nan or infinity."
            )
        lengths = tuple(hypot(*row) for row in rows)
        units = tuple(
            None if length <= tolerance else unit_of(row)
            for row, length in zip(rows, lengths, strict=True)
        )
        return cls(units, lengths, tolerance, len(rows[0]))

    def overlap(self, i: int, j: int, within: float) -> bool:
        """Whether the angle is further from 90°."""
        return abs(self.angle(i, j) - pi / 2) > within

    def off(self, shape: Arrangement) -> float | None:
        """The most by which an angle misses that of the shape, if that is within the tolerance."""
        most = max(abs(self.angle(*pair) - angle) for pair, angle in shape.angles.items())
        return most if most <= self.tolerance else None

    def rank(self, features: Sequence[int]) -> int:
        """How many directions are more than the tolerance away from the span of those before.

        The next is always the one that is farthest from it, so that noise is not made larger.
        """
        basis: list[Row] = []
        rests = self.directions(features)
        rest = rests[0]
        while hypot(*rest) > sin(self.tolerance):
            basis.append(unit_of(rest))
            rests = [without(each, basis[-1:]) for each in rests]
            rest = max(rests, key=lambda each: hypot(*each))
        return len(basis)

    def are_equally_long(self, features: Sequence[int]) -> bool:
        """Whether lengths differ by a millionth at most."""
        lengths = [self.lengths[i] for i in features]
        return max(lengths) - min(lengths) <= _FLOAT * max(lengths)

    def angle_counts(self, features: Sequence[int]) -> list[tuple[float, int]]:
        """Those that lie within a tenth of a degree count as one, their mean."""
        groups: list[list[float]] = []
        for angle in sorted(degrees(self.angle(i, j)) for i, j in combinations(features, 2)):
            if groups and angle - groups[-1][0] <= _SHOWN:
                groups[-1].append(angle)
            else:
                groups.append([angle])
        return [(sum(group) / len(group), len(group)) for group in groups]


def dot(u: Row, v: Row) -> float:
    """Σ uₖvₖ."""
    return sum(p * q for p, q in zip(u, v, strict=True))


def without(row: Row, basis: Sequence[Row]) -> Row:
    """A row less its part in the span of orthonormal rows."""
    for unit in basis:
        along = dot(row, unit)
        row = tuple(cell - along * part for cell, part in zip(row, unit, strict=True))
    return row


def _direction(row: Sequence[Element]) -> Row:
    """The direction of exact numbers, be they past the range of floats."""
    floats = tuple(cell.to_float() for cell in row)
    if _SMALLEST < hypot(*floats) < inf:
        return unit_of(floats)
    largest = reduce(lambda a, b: b if (b * b - a * a).sign() > 0 else a, row)
    return unit_of(tuple(largest.sign() * (cell / largest).to_float() for cell in row))


def unit_of(row: Row) -> Row:
    """The direction of a row; one of zeros stays as it is."""
    length = hypot(*row) or 1.0
    return tuple(cell / length for cell in row)


# --------------------------------------------------------------------------------------------------
# Which shapes arrows may have, and the angles by which each is known.


Regular: TypeAlias = Literal["pair", "k-gon", "simplex", "cube", "prism", "antiprism"]

POLYGONS = {3: "triangle", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}
_BASES = {3: "triangular", 4: "square", 5: "pentagonal", 6: "hexagonal"}
_MOST_IN_RINGS = 12  # features of a prism or antiprism that is looked for
_LEVEL = 0.3  # how far the heights of the corners of one ring may be apart
_CUBE = atan(1 / sqrt(2))  # the height of a cube's corners above its middle, as an angle

_Found: TypeAlias = "tuple[Regular, tuple[int, ...], Arrangement]"


def shape_name(kind: str, features: int) -> str:
    """The name of a ``Regular`` shape of so many features; what is none keeps its own.

    >>> shape_name("k-gon", 3), shape_name("simplex", 4), shape_name("antiprism", 8)
    ('triangle', 'tetrahedron', 'square antiprism')
    >>> shape_name("k-gon", 9), shape_name("simplex", 5), shape_name("pair", 2)
    ('9-gon', '4-simplex', 'pair')
    """
    if kind == "k-gon":
        return POLYGONS.get(features, f"{features}-gon")
    if kind == "simplex":
        return "tetrahedron" if features == 4 else f"{features - 1}-simplex"
    if kind in ("prism", "antiprism"):
        return f"{_BASES[features // 2]} {kind}"
    return kind


def arrangements(rows: Arrows, features: Sequence[int]) -> Iterator[_Found]:
    """The shapes that two features or more (from 0) with arrows may have, the most regular first.

    Each with its features in the order in which they go around it, ring by ring.
    """
    k = len(features)
    if k == 2:
        pair: Pair = (features[0], features[1])
        yield "pair", pair, Arrangement(1, {pair: pi}, ())
        return
    around = rows.around(features)
    sides = tuple(zip(around, (*around[1:], around[0]), strict=True))
    turns = {
        (around[p], around[q]): min(q - p, k - q + p) * tau / k
        for p, q in combinations(range(k), 2)
    }
    yield "k-gon", around, Arrangement(2, turns, (sides,))  # equal sides, once around, are enough
    if k > 3:
        pairs = tuple(combinations(features, 2))
        angle = acos(-1 / (k - 1))
        yield "simplex", tuple(features), Arrangement(k - 1, dict.fromkeys(pairs, angle), (pairs,))
    if k % 2 == 0 and 6 <= k <= _MOST_IN_RINGS:
        yield from _rings(rows, features)


def _rings(rows: Arrows, features: Sequence[int]) -> Iterator[_Found]:
    """Cubes, prisms and antiprisms: two regular polygons in parallel planes, on one axis.

    Every way is tried to take half of the features for the upper ring.
    """
    prisms: list[_Found] = []
    first, *others = features
    for rest in combinations(others, len(others) // 2):
        upper = (first, *rest)
        lower = tuple(i for i in others if i not in rest)
        found = _on_an_axis(rows, upper, lower)
        if found is None:
            continue
        height, angles = found
        for twist in (0.0, pi / len(upper)):
            order = _ring(upper, angles, 0.0), _ring(lower, angles, twist)
            if twist == 0 and len(upper) == 4:
                yield "cube", (*order[0], *order[1]), _two_rings(*order, 0.0, _CUBE)
            kind: Regular = "antiprism" if twist else "prism"
            prisms.append((kind, (*order[0], *order[1]), _two_rings(*order, twist, height)))
    yield from prisms


def _on_an_axis(
    rows: Arrows, upper: Sequence[int], lower: Sequence[int]
) -> tuple[float, dict[int, float]] | None:
    """The height of two rings above and below their middle, and each feature's angle around.

    Both in radians; None where the features do not lie on two such rings.
    """
    above, below = (rows.directions(ring) for ring in (upper, lower))
    axis = tuple(
        sum(column[: len(above)]) - sum(column[len(above) :])
        for column in zip(*above, *below, strict=True)
    )
    if hypot(*axis) < _LEVEL:
        return None
    # The sum of the upper ring less the lower one points along the axis: what corners of a regular
    # polygon have across it cancels. Arrows without their part along it have angles in a plane.
    axis = unit_of(axis)
    heights = [*(dot(unit, axis) for unit in above), *(-dot(unit, axis) for unit in below)]
    if max(heights) - min(heights) > _LEVEL or not 0 < min(heights) <= max(heights) < 1:
        return None
    flat = [without(unit, [axis]) for unit in (*above, *below)]
    x = unit_of(flat[0])
    y = unit_of(max((without(unit, [x]) for unit in flat), key=lambda rest: hypot(*rest)))
    if not any(y):
        return None
    turns = (atan2(dot(unit, y), dot(unit, x)) for unit in flat)
    height = sum(heights) / len(heights)
    return atan2(height, sqrt(1 - height**2)), dict(zip((*upper, *lower), turns, strict=True))


def _ring(features: Sequence[int], angles: dict[int, float], start: float) -> tuple[int, ...]:
    """Features in the order of their angles, from the one that is nearest to ``start``."""

    def after(i: int, angle: float) -> float:
        return (angles[i] - angle) % tau

    nearest = min(features, key=lambda i: min(after(i, start), tau - after(i, start)))
    return tuple(sorted(features, key=lambda i: after(i, angles[nearest])))


def _two_rings(
    upper: Sequence[int], lower: Sequence[int], twist: float, height: float
) -> Arrangement:
    """Two regular polygons, ``height`` above and below the middle, the lower one twisted.

    A cube has the same angle along all edges, across all faces, and through the middle.
    """
    k = len(upper)
    corners = [*((i, 1, tau * p / k) for p, i in enumerate(upper))]
    corners += [(i, -1, twist + tau * p / k) for p, i in enumerate(lower)]
    angles: dict[Pair, float] = {}
    groups: dict[object, list[Pair]] = {}
    for (i, up, turn), (j, other, more) in combinations(corners, 2):
        cosine = up * other * sin(height) ** 2 + cos(height) ** 2 * cos(more - turn)
        angles[i, j] = acos(max(-1.0, min(1.0, cosine)))
        steps = round(2 * k * abs((more - turn + pi) % tau - pi) / tau)  # half steps around
        kind = round(angles[i, j], 9) if height == _CUBE else (up == other, steps)
        groups.setdefault(kind, []).append((i, j))
    return Arrangement(3, angles, tuple(map(tuple, groups.values())))
