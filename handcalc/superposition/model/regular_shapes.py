"""Shapes with a name: polygons, simplices, cubes, prisms and antiprisms, known by their angles.

A shape is told by directions; lengths are free. Cross-polytopes are not here: their arrows are
antipodal pairs at right angles to each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from math import acos, atan, atan2, cos, hypot, pi, sin, sqrt, tau
from typing import Literal, TypeAlias

from handcalc.superposition.model.angles import Arrangement, Arrows, Pair, dot, unit_of, without

Regular: TypeAlias = Literal["pair", "k-gon", "simplex", "cube", "prism", "antiprism"]

_POLYGONS = {3: "triangle", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}
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
        return _POLYGONS.get(features, f"{features}-gon")
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
    axis = unit_of(axis)
    heights = [*(dot(unit, axis) for unit in above), *(-dot(unit, axis) for unit in below)]
    if max(heights) - min(heights) > _LEVEL or not 0 < min(heights) <= max(heights) < 1:
        return None
    flat = [without(unit, [axis]) for unit in (*above, *below)]
    x = unit_of(flat[0])
    y = max((without(unit, [x]) for unit in flat), key=lambda rest: hypot(*rest))
    if hypot(*y) == 0:
        return None
    y = unit_of(y)
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
