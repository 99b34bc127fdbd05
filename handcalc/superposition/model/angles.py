"""The rows of W as arrows: their lengths and the angles between them, exactly or to a tolerance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import combinations
from math import atan2, degrees, hypot, inf, isfinite, pi, sin, tau
from typing import TypeAlias

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
        return {
            (i, j): 2 * atan2(_apart(u, v, -1), _apart(u, v, 1))
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
        _check(rows)
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


def _apart(u: Row, v: Row, sign: int) -> float:
    return hypot(*(p + sign * q for p, q in zip(u, v, strict=True)))


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


def _check(rows: Sequence[Row]) -> None:
    if not rows or not rows[0]:
        raise InputError("empty", "W has no numbers: give one row of floats for each feature.")
    if len({len(row) for row in rows}) > 1:
        raise InputError("ragged", "Every row of W has as many numbers as the first.")
    if not all(isfinite(cell) for row in rows for cell in row):
        raise InputError("not_finite", "Every number of W is finite; there is a nan or infinity.")
