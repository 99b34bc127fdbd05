"""Families of embeddings: which features share dimensions, and in which shape.

Features that overlap, directly or through others, share a part of the hidden space; parts do not
overlap. A family says which parts there are. It is decided by directions and by rows of zeros:
lengths and biases are free.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import atan2, hypot, isfinite, pi, sin, tau
from typing import Literal, TypeAlias

from handcalc.errors import InputError
from handcalc.field import Element
from handcalc.superposition.geometry import gram_elements
from handcalc.superposition.inertia import symmetric_inertia
from handcalc.superposition.toy_model import ToyModel
from handcalc.wording import joined

__all__ = ["Family", "Kind", "Part", "family"]

Kind: TypeAlias = Literal["dropped", "dedicated", "pair", "k-gon", "other"]
_Row: TypeAlias = "tuple[float, ...]"

_ORDER: tuple[Kind, ...] = ("k-gon", "other", "pair", "dedicated", "dropped")
_POLYGONS = {3: "triangle", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}
_TOLERANCES = 1e-12, 0.25


@dataclass(frozen=True, slots=True)
class Part:
    """Features (from 1) that share ``rank`` dimensions, or those that are dropped, and their shape.

    ``features`` ascend; those of a k-gon go around it, from the least to the lesser of its
    neighbours. Different parts are at right angles to each other.
    """

    kind: Kind
    features: tuple[int, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Family:
    """The name of an embedding's family, its parts, and a sentence that says them.

    ``name`` is ``dropped`` where all rows are zero; ``orthogonal`` where features have a dimension
    of their own or are dropped; ``antipodal`` where there are antipodal pairs beside such features;
    ``triangle``, ``pentagon`` and so on where there is one regular k-gon beside such features; else
    ``mixed``. ``parts`` come as k-gons, other shapes, pairs, dedicated features, dropped ones.
    """

    name: str
    parts: tuple[Part, ...]
    sentence: str


def family(W: ToyModel | Iterable[Iterable[float]], tolerance: float = 1e-6) -> Family:
    """The family of an embedding, by directions and by rows of zeros; lengths and biases are free.

    A ``ToyModel`` is decided exactly. Among rows of floats, as from training, one up to the length
    ``tolerance`` counts as zero, and an angle between two as the one that it misses by up to
    ``tolerance`` radians: 0.1 (6°) names a pentagon that is somewhat out of shape. A square is two
    antipodal pairs. Errors: ``tolerance`` outside 1e-12 to 0.25, ``ragged``, ``empty``,
    ``not_finite``.

    Source: Elhage et al. 2022, "The Geometry of Superposition", for the shapes.

    >>> found = family(ToyModel("1 0; 0 1; 0 -1/2"))
    >>> found.name, found.sentence
    ('antipodal', 'Features 2 and 3 are an antipodal pair; feature 1 has a dimension of its own.')
    >>> family([[1, 0.01], [-0.5, 0.87], [-0.44, -0.75]], tolerance=0.1).name
    'triangle'
    """
    rows = _Exact.of(W) if isinstance(W, ToyModel) else _Near.of(W, tolerance)
    found = [_part(rows, features) for features in _clusters(rows)]
    dropped = tuple(i + 1 for i, unit in enumerate(rows.units) if unit is None)
    if dropped:
        found.append(Part("dropped", dropped, 0))
    parts = tuple(sorted(found, key=lambda part: _ORDER.index(part.kind)))
    sentence = "; ".join(_said(parts))
    return Family(_name(parts), parts, f"{sentence[0].upper()}{sentence[1:]}.")


def _clusters(rows: _Rows) -> list[tuple[int, ...]]:
    """Features (from 0) that are not zero, joined by overlaps, in ascending order."""
    left = [i for i, unit in enumerate(rows.units) if unit is not None]
    clusters = []
    while left:
        cluster = [left.pop(0)]
        for i in cluster:
            reached = [j for j in left if rows.overlap(i, j)]
            left = [j for j in left if j not in reached]
            cluster += reached
        clusters.append(tuple(sorted(cluster)))
    return clusters


def _part(rows: _Rows, features: tuple[int, ...]) -> Part:
    kind: Kind = "other"
    rank = rows.rank(features)
    if len(features) == 1:
        kind = "dedicated"
    elif rank == 1 and len(features) == 2 and rows.are_opposite(*features):
        kind = "pair"
    elif rank == 2 and len(features) >= 3:
        around = rows.around(features)
        if rows.are_regular(around):
            kind, features = "k-gon", around
    return Part(kind, tuple(i + 1 for i in features), rank)


def _name(parts: Sequence[Part]) -> str:
    shapes = [part for part in parts if part.kind not in ("dedicated", "dropped")]
    if not shapes:
        return "orthogonal" if any(part.rank for part in parts) else "dropped"
    if all(part.kind == "pair" for part in shapes):
        return "antipodal"
    if len(shapes) == 1 and shapes[0].kind == "k-gon":
        return _polygon(shapes[0])
    return "mixed"


def _polygon(part: Part) -> str:
    k = len(part.features)
    return _POLYGONS.get(k, f"{k}-gon")


def _said(parts: Sequence[Part]) -> Iterator[str]:
    """What a sentence says of each part, of the dedicated features together."""
    yield from (_shape(part) for part in parts if part.kind in ("k-gon", "other", "pair"))
    dedicated = [part.features[0] for part in parts if part.kind == "dedicated"]
    if dedicated:
        owned = "have dimensions of their" if len(dedicated) > 1 else "has a dimension of its"
        yield f"{_named(dedicated)} {owned} own"
    for part in parts:
        if part.kind == "dropped":
            yield f"{_named(part.features)} {'are' if len(part.features) > 1 else 'is'} dropped"


def _shape(part: Part) -> str:
    named = _named(part.features)
    if part.kind == "pair":
        return f"{named} are an antipodal pair"
    if part.kind == "other":
        room = f"{part.rank} dimensions" if part.rank > 1 else "one dimension"
        return f"{named} share {room} in no regular shape"
    order = ", in this order" if len(part.features) > 3 else ""
    return f"{named} point to the corners of a regular {_polygon(part)}{order}"


def _named(features: Sequence[int]) -> str:
    return f"feature{'s' if len(features) > 1 else ''} {joined(features)}"


@dataclass(frozen=True, slots=True)
class _Rows(ABC):
    """The rows of W, and what a family asks about them; features count from 0.

    ``units`` are their directions, nearly, and None for a row of zeros.
    """

    units: tuple[_Row | None, ...]

    @abstractmethod
    def overlap(self, i: int, j: int) -> bool:
        """Whether two directions are not at a right angle."""

    @abstractmethod
    def are_opposite(self, i: int, j: int) -> bool:
        """Whether two directions are opposite."""

    @abstractmethod
    def are_regular(self, around: Sequence[int]) -> bool:
        """Whether k ≥ 3 directions of one plane, in the order around, make equal angles."""

    @abstractmethod
    def rank(self, features: Sequence[int]) -> int:
        """How many dimensions the rows of some features span."""

    def directions(self, features: Sequence[int]) -> list[_Row]:
        """The directions of features whose rows are not zero."""
        return [unit for i in features if (unit := self.units[i]) is not None]

    def around(self, features: tuple[int, ...]) -> tuple[int, ...]:
        """Features of one plane by angle, from the first to the lesser of its neighbours."""
        units = self.directions(features)
        across = max((_without(unit, units[:1]) for unit in units), key=lambda rest: hypot(*rest))
        angles = [atan2(_dot(u, across), _dot(u, units[0])) % tau for u in units]
        angles[0] = 0.0
        order = [i for _, i in sorted(zip(angles, features, strict=True))]
        return (order[0], *order[:0:-1]) if order[-1] < order[1] else tuple(order)


@dataclass(frozen=True, slots=True)
class _Exact(_Rows):
    """Rows of exact numbers, decided by their overlaps."""

    gram: tuple[tuple[Element, ...], ...]

    @classmethod
    def of(cls, model: ToyModel) -> _Exact:
        """The rows of a model's W."""
        W = model.elements()[1].W
        floats = (tuple(cell.to_float() for cell in row) for row in W)
        zeros = (not any(row) for row in W)
        units = tuple(None if zero else _unit(row) for row, zero in zip(floats, zeros, strict=True))
        return cls(units, gram_elements(W))

    def overlap(self, i: int, j: int) -> bool:
        """Whether Gᵢⱼ ≠ 0."""
        return bool(self.gram[i][j])

    def are_opposite(self, i: int, j: int) -> bool:
        """Whether Gᵢⱼ < 0; the two are on one line."""
        return self.gram[i][j].sign() < 0

    def are_regular(self, around: Sequence[int]) -> bool:
        """Whether neighbours have equal cosines, by Gᵢⱼ²/GᵢᵢGⱼⱼ and the sign of Gᵢⱼ.

        Once around, equal angles between neighbours are 2π/k each.
        """
        G = self.gram
        squares = set()
        for i, j in pairwise([*around, around[0]]):
            squares.add((G[i][j].sign(), G[i][j] * G[i][j] / (G[i][i] * G[j][j])))
        return len(squares) == 1

    def rank(self, features: Sequence[int]) -> int:
        """The rank of the overlaps, by exact elimination."""
        return symmetric_inertia([[self.gram[i][j] for j in features] for i in features])[2]


@dataclass(frozen=True, slots=True)
class _Near(_Rows):
    """Rows of floats, decided by the angles between them, to a tolerance in radians."""

    tolerance: float

    @classmethod
    def of(cls, W: Iterable[Iterable[float]], tolerance: float) -> _Near:
        """The rows of W; those up to the length ``tolerance`` are zero."""
        least, most = _TOLERANCES
        if not least <= tolerance <= most:
            raise InputError(
                "tolerance",
                f"A tolerance is an angle from {least} to {most} in radians, not {tolerance}.",
            )
        rows = [tuple(float(cell) for cell in row) for row in W]
        _check(rows)
        units = tuple(None if hypot(*row) <= tolerance else _unit(row) for row in rows)
        return cls(units, tolerance)

    def overlap(self, i: int, j: int) -> bool:
        """Whether the angle is not 90°."""
        return not self._is_near(i, j, pi / 2)

    def are_opposite(self, i: int, j: int) -> bool:
        """Whether the angle is 180°."""
        return self._is_near(i, j, pi)

    def are_regular(self, around: Sequence[int]) -> bool:
        """Whether each angle is that of a regular k-gon."""
        k = len(around)
        return all(
            self._is_near(around[p], around[q], min(q - p, k - q + p) * tau / k)
            for p, q in combinations(range(k), 2)
        )

    def rank(self, features: Sequence[int]) -> int:
        """How many directions are more than the tolerance away from all before them."""
        basis: list[_Row] = []
        for unit in self.directions(features):
            rest = _without(unit, basis)
            if hypot(*rest) > sin(self.tolerance):
                basis.append(_unit(rest))
        return len(basis)

    def _is_near(self, i: int, j: int, angle: float) -> bool:
        u, v = self.directions([i, j])
        apart = hypot(*(p - q for p, q in zip(u, v, strict=True)))
        together = hypot(*(p + q for p, q in zip(u, v, strict=True)))
        return abs(2 * atan2(apart, together) - angle) <= self.tolerance


def _check(rows: Sequence[_Row]) -> None:
    if not rows or not rows[0]:
        raise InputError("empty", "W has no numbers: give one row of floats for each feature.")
    if len({len(row) for row in rows}) > 1:
        raise InputError("ragged", "Every row of W has as many numbers as the first.")
    if not all(isfinite(cell) for row in rows for cell in row):
        raise InputError("not_finite", "Every number of W is finite; there is a nan or infinity.")


def _unit(row: _Row) -> _Row:
    length = hypot(*row) or 1.0
    return tuple(cell / length for cell in row)


def _dot(u: _Row, v: _Row) -> float:
    return sum(p * q for p, q in zip(u, v, strict=True))


def _without(row: _Row, basis: Sequence[_Row]) -> _Row:
    """A row less its part in the span of orthonormal rows."""
    for unit in basis:
        along = _dot(row, unit)
        row = tuple(cell - along * part for cell, part in zip(row, unit, strict=True))
    return row
