"""Named embeddings as arrays: the textbook's shapes for any n and m, and the walk of 3 → 2."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations
from math import atan, cos, sin, sqrt, tau
from typing import TypeAlias

import numpy as np

from handcalc.numbers.exact import to_float
from handcalc.superposition.best.canonical_form import Turned, recognised
from handcalc.superposition.model.embeddings import embeddings
from handcalc.superposition.model.families import KINDS, Family, Kind, family
from handcalc.superposition.model.shapes import POLYGONS, shape_name
from torchsim.specification import ModelSpec

MOST_NAMED = 8
"""Named embeddings, and simple exact weights, are sought for so many features at most.

Each way to give the rows of a shape to features is tried: 2520 for an octagon of 8 features, and
201,600 for a nonagon among 10.
"""

Floats: TypeAlias = np.ndarray
Makeup: TypeAlias = "tuple[tuple[Kind, int], ...]"
_Group: TypeAlias = "tuple[Kind, int]"  # so many features in a shape


@dataclass(frozen=True, slots=True, eq=False)
class NamedShape:
    """A named embedding: ``rows`` (n, m) and ``bias`` (n,), its ``rank`` and what it is made of.

    ``orders`` (ways, n) are the different ways to give its rows to features: feature i gets row
    ``orders[w, i]``. Ways that differ by a turn of the hidden space are there once.
    """

    name: str
    rows: Floats
    bias: Floats
    orders: np.ndarray
    rank: int
    makeup: Makeup


def makeup(named: Family) -> Makeup:
    """What a family is made of: the kind of each part, and how many features it has.

    >>> makeup(family([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
    (('pair', 2), ('dedicated', 1))
    """
    return _sorted((part.kind, len(part.features)) for part in named.parts)


def _sorted(groups: Iterable[_Group]) -> Makeup:
    """The largest first."""
    return tuple(sorted(groups, key=lambda group: (-group[1], KINDS.index(group[0]))))


def shapes(features: int, hidden: int) -> tuple[NamedShape, ...]:
    """The named embeddings of n features in m dimensions, unit lengths and b = 0.

    ``orthogonal``: as many features as there is room for have a dimension each, the others are
    dropped. ``antipodal``: one antipodal pair or more, the other dimensions each with a feature,
    the others dropped. ``triangle``, ``pentagon`` and so on, ``tetrahedron`` and other simplices,
    ``cube`` and ``square antiprism``: one of them, the same of the others; ``triangle + pair``: the
    one at right angles to the other. For 3 → 2 they are those of the by-hand walk, with its b, in
    its order; "relu", which has the W and b of "antipodal", goes by that name.

    >>> [shape.name for shape in shapes(3, 2)]
    ['orthogonal', 'interfering', 'antipodal', 'one-example', 'bias-corrected', 'triangle']
    >>> [shape.name for shape in shapes(5, 2)]
    ['orthogonal', 'antipodal', 'antipodal', 'triangle', 'pentagon']
    >>> [shape.name for shape in shapes(5, 3)][3:]
    ['triangle + pair', 'triangle', 'pentagon', 'tetrahedron']
    """
    if (features, hidden) == (3, 2):
        return tuple(_walk())
    kinds: list[_Group] = [("pair", 2), *(("k-gon", k) for k in POLYGONS)]
    kinds += [("simplex", k) for k in range(4, hidden + 2)]
    kinds += [("cube", 8), ("antiprism", 8)]
    room = [group for group in kinds if group[1] <= features and _rank(group) <= hidden]
    return tuple(_shape(groups, features, hidden) for groups in _choices(room, features, hidden))


def _walk() -> Iterator[NamedShape]:
    orders = np.asarray(list(permutations(range(3))))
    for found in embeddings():
        if found.name != "relu":
            rows = np.asarray([[to_float(cell) for cell in row] for row in found.model.W])
            bias = np.asarray([to_float(cell) for cell in found.model.b])
            named = family(found.model)
            rank = sum(part.rank for part in named.parts)
            yield NamedShape(found.name, rows, bias, orders, rank, makeup(named))


def _choices(groups: Sequence[_Group], n: int, m: int) -> Iterator[tuple[_Group, ...]]:
    """No shape, and any number of each that n features in m dimensions have room for."""
    yield ()
    for i, group in enumerate(groups):
        k, rank = group[1], _rank(group)
        if k <= n and rank <= m:
            for others in _choices(groups[i:], n - k, m - rank):
                yield (group, *others)


def _rank(group: _Group) -> int:
    kind, k = group
    return {"pair": 1, "dedicated": 1, "k-gon": 2, "simplex": k - 1}.get(kind, 3)


def _named(groups: Sequence[_Group]) -> str:
    """The family's name; of several shapes what they are, the largest first."""
    names = [shape_name(*group) for group in _sorted(groups)]
    counts = Counter(names)
    if not names:
        return "orthogonal"
    if set(names) == {"pair"}:
        return "antipodal"
    plurals = {name: "tetrahedra" if name == "tetrahedron" else f"{name}s" for name in counts}
    return " + ".join(f"{k} {plurals[name]}" if k > 1 else name for name, k in counts.items())


def _shape(groups: Sequence[_Group], n: int, m: int) -> NamedShape:
    """A shape of regular groups, and of as many dedicated features as fit."""
    taken, used = sum(k for _, k in groups), sum(map(_rank, groups))
    dedicated: list[_Group] = [("dedicated", 1)] * min(m - used, n - taken)
    laid = [*_sorted(groups), *dedicated]
    rows = np.zeros((n, m))
    first = axis = 0
    for group in laid:
        k, rank = group[1], _rank(group)
        rows[first : first + k, axis : axis + rank] = _corners(group)
        first, axis = first + k, axis + rank
    orders = []
    for members in _members(tuple(range(n)), laid):
        order = [0] * n
        rest = (i for i in range(n) if i not in members)
        for row, i in enumerate((*members, *rest)):
            order[i] = row
        orders.append(order)
    dropped: list[_Group] = [("dropped", n - first)] if n > first else []
    return NamedShape(
        _named(groups), rows, np.zeros(n), np.asarray(orders), axis, _sorted([*laid, *dropped])
    )


def _corners(group: _Group) -> Floats:
    """The unit vectors of k features in the shape of a group."""
    kind, k = group
    if kind in ("dedicated", "pair"):
        return np.asarray([[1.0], [-1.0]][:k])
    if kind == "k-gon":
        return np.asarray([[cos(tau * i / k), sin(tau * i / k)] for i in range(k)])
    if kind == "simplex":
        centred = np.eye(k) - 1 / k
        corners: Floats = np.linalg.svd(centred)[0][:, : k - 1] * sqrt(k / (k - 1))
        return corners
    # a cube, or the square antiprism with equal edges: two squares, one above the other
    height = atan(1 / sqrt(2)) if kind == "cube" else atan(8**-0.25)
    twist = 0 if kind == "cube" else tau / 8
    turns = [(1, tau * i / 4) for i in range(4)] + [(-1, twist + tau * i / 4) for i in range(4)]
    across, up = cos(height), sin(height)
    return np.asarray([[across * cos(t), across * sin(t), side * up] for side, t in turns])


def _members(
    features: tuple[int, ...], groups: Sequence[_Group], after: int = -1
) -> Iterator[tuple[int, ...]]:
    """The ways to fill groups with features: members of the first, then those of the next.

    Groups of one shape that follow one another are filled in ascending order of their least
    members, the first of them from ``after`` on.
    """
    if not groups:
        yield ()
        return
    group, *others = groups
    k = group[1]
    for chosen in combinations(features, k):
        if chosen[0] < after:
            continue
        rest = tuple(i for i in features if i not in chosen)
        alike = bool(others) and others[0] == group
        for members in _members(rest, others, chosen[0] if alike else -1):
            yield from ((*around, *members) for around in _arrangements(group[0], chosen))


def _arrangements(kind: Kind, chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The different ways to give the corners of one shape to features, up to its symmetries."""
    if kind in ("dedicated", "pair", "simplex"):
        yield chosen
    elif kind == "k-gon":  # in a circle, up to turning and reflecting it
        first, *others = chosen
        for order in permutations(others):
            if len(order) < 2 or order[0] < order[-1]:
                yield (first, *order)
    else:
        yield from (tuple(chosen[i] for i in order) for order in _unlike(kind))


@cache
def _unlike(kind: Kind) -> list[list[int]]:
    """The ways to give 8 corners to features, of those that a turn or reflection unites just one.

    Such ways have one Gram matrix. Corner 0, which is like all others, goes to feature 0.
    """
    corners = _corners((kind, 8))
    gram = (corners @ corners.T).round(6)
    places = np.asarray([(0, *order) for order in permutations(range(1, 8))])  # of each feature
    _, first = np.unique(gram[places[:, :, None], places[:, None, :]], axis=0, return_index=True)
    members: list[list[int]] = np.argsort(places[np.sort(first)], axis=1).tolist()
    return members


# --------------------------------------------------------------------------------------------------
# The named embedding that lies nearest to trained weights.


_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Nearest:
    """A named embedding, how far its arrows are from trained ones, and how far its biases."""

    name: str
    distance: float
    bias_distance: float


def nearest(W: Floats, b: Floats, known: Sequence[NamedShape]) -> Nearest | None:
    """The name with the least ‖PWQ − W′‖_F over permutations P and orthogonal Q.

    ``W`` has shape (n, m), ``b`` length n; ``known`` are the ``shapes(n, m)``. All features may be
    exchanged, alike or not: a name says which shape there is, and not whose. As in families, biases
    are free: ‖Pb − b′‖ decides only between names of one W, "antipodal" and "bias-corrected", say;
    a triangle whose biases are 1/2 is a triangle. What follows on W Wᵀx + b, ReLU or nothing, does
    not enter. Of names that are equal in all this the first is taken.

    Where all parts of W have a name it is compared with embeddings made of the same parts, else
    with those of the same rank, so that nothing in space is near to a plane polygon; None where
    none of them is known.

    Q is best by Procrustes: the least ‖WQ − W′‖² is ‖W‖² + ‖W′‖² − 2σ, with σ the sum of the
    singular values of WᵀW′.

    >>> from torchsim.comparison.named_shapes import shapes
    >>> turned = np.asarray([[0.6, 0.8], [-0.8, 0.6], [1.6, -1.2]])
    >>> found = nearest(turned, np.asarray([0.0, 0.5, 0.0]), shapes(3, 2))
    >>> found.name, round(found.distance, 12), round(found.bias_distance, 12)
    ('antipodal', 1.0, 0.5)
    """
    best: Nearest | None = None
    for shape in _comparable(W, known):
        found = _nearest(W, b, shape)
        if best is None or _is_nearer(found, best):
            best = found
    return best


def _comparable(W: Floats, known: Sequence[NamedShape]) -> list[NamedShape]:
    """The shapes made of the parts that W has, if these have names; else those of its rank."""
    named = family(W.tolist())
    parts = makeup(named)
    same = [shape for shape in known if shape.makeup == parts]
    if same and named.is_recognised:
        return same
    rank = sum(part.rank for part in named.parts)
    return [shape for shape in known if shape.rank == rank]


def _is_nearer(one: Nearest, other: Nearest) -> bool:
    """Whether one is nearer, by more than rounding; where both are as near, its biases."""
    if abs(one.distance - other.distance) > _SAME:
        return one.distance < other.distance
    return one.bias_distance < other.bias_distance - _SAME


def _nearest(W: Floats, b: Floats, shape: NamedShape) -> Nearest:
    """One shape, its rows given to features in the nearest of all ways."""
    overlaps = np.linalg.svd(W.T @ shape.rows[shape.orders], compute_uv=False).sum(-1)
    orders = shape.orders[overlaps >= overlaps.max() - _SAME]
    apart = np.linalg.norm(b - shape.bias[orders], axis=-1)
    rows = shape.rows[orders[0]]
    u, _, v = np.linalg.svd(W.T @ rows)
    return Nearest(shape.name, float(np.linalg.norm(W @ (u @ v) - rows)), float(apart.min()))


# --------------------------------------------------------------------------------------------------
# Trained arrows as they are named: features that are always on may have theirs turned round.


_NO_OVERLAP = 0.01  # up to which trained features count as at a right angle


def turned(W: Floats, b: Floats, model: ModelSpec) -> Turned:
    """The weights and their family, with as few arrows turned as give all its parts a name.

    Whatever says the shape of a trained model says this one. Where xₖ is never off, Wₖ → −Wₖ with
    biases to match is another model of the same loss: see ``best.canonical_form``.

    >>> W = np.asarray([[1, 0], [0.5, 0.75**0.5], [-0.5, 0.75**0.5]])
    >>> found = turned(W, np.zeros(3), ModelSpec.of(3, 2, 0))
    >>> found.family.name, found.turned, np.round(found.b, 3).tolist()
    ('triangle', (2,), [0.5, 1.0, 0.5])
    """
    return recognised(W.tolist(), b.tolist(), model, right=_NO_OVERLAP)
