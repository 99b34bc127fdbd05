"""What changes a right answer and leaves it right: turned arrows, features in another order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import permutations
from math import isclose
from typing import TypeAlias

import sympy

from exercises.checks import (
    Check,
    HasGeometry,
    LossAtMost,
    ReconstructsInput,
    ReconstructsSet,
    SameModel,
)
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, to_float
from handcalc.superposition.model.geometry import Geometry, geometry
from handcalc.superposition.model.same_model import Sameness, permuted, rotated, same_model
from handcalc.superposition.model.toy_model import ToyModel

Order: TypeAlias = "tuple[int, ...]"
"""For each feature of the new model, from 0, the feature of the old one that it is."""

_ZERO, _ONE = sympy.Integer(0), sympy.Integer(1)
_MOST = 6  # features of which all orders are looked at
# rotations and reflections with fractions, by angles that are no simple fraction of a turn
_TURNS: tuple[tuple[tuple[str, str], ...], ...] = (
    (("3/5", "4/5"), ("-4/5", "3/5")),
    (("5/13", "12/13"), ("12/13", "-5/13")),
)


def orders(check: Check, n: int) -> Iterator[Order]:
    """The orders of n features, but the first, that leave a check of models as it is.

    With more than six features only those that swap two neighbours are looked at.

    >>> from exercises.course import load
    >>> list(orders(load("correlated-pairs").key().check, 4))[:2]
    [(0, 1, 3, 2), (1, 0, 2, 3)]
    >>> list(orders(load("perfect-reconstruction").key().check, 3))
    []
    """
    leaves = _LEAVES.get(type(check))
    if leaves is None:
        return
    first = tuple(range(n))
    candidates: Iterable[Order] = permutations(first)
    if n > _MOST:
        candidates = ((*first[:i], i + 1, i, *first[i + 2 :]) for i in range(n - 1))
    yield from (order for order in candidates if order != first and leaves(check, order))


def turned_copies(model: ToyModel) -> Iterator[ToyModel]:
    """The model with its arrows rotated, and reflected; in a line, only reflected.

    In more than two dimensions the first two axes turn.

    >>> [copy.W for copy in turned_copies(ToyModel("1; -1/2"))]
    [((-1,), (1/2,))]
    >>> next(turned_copies(ToyModel("1 0"))).W
    ((3/5, 4/5),)
    """
    if model.m == 1:
        yield rotated(model, ((-_ONE,),))
        return
    beyond = [[_ONE if i == j else _ZERO for j in range(model.m)] for i in range(2, model.m)]
    for turn in _TURNS:
        within = [[*row, *[_ZERO] * len(beyond)] for row in ToyModel(turn).W]
        yield rotated(model, [*within, *beyond])


def alike_copies(check: Check, solution: ToyModel, model: ToyModel) -> Iterator[ToyModel]:
    """The solution, its features in an order that the check does not tell from theirs, each once.

    Only copies whose arrows stand at the angles of the model's are given: as nearest floats, so
    that whoever needs to know exactly must look again.

    >>> from exercises.course import load
    >>> pair, other = ToyModel("1 0; 0 1; 0 -1"), ToyModel("2 0; 0 1; -3 0")
    >>> next(alike_copies(load("beat-dropping").key().check, pair, other)).W
    ((0, 1), (1, 0), (0, -1))
    """
    # in floats, since there can be 720 orders whose angles are compared
    shape = geometry(solution)
    have, wanted = _cosines(shape), _cosines(geometry(model))
    seen: set[tuple[Vector, Vector]] = set()
    for order in (tuple(range(model.n)), *orders(check, model.n)):
        lengths, b = (tuple(values[i] for i in order) for values in (shape.norms, solution.b))
        near = all(
            isclose(have[i][j], wanted[k][m], abs_tol=1e-9)
            for k, i in enumerate(order)
            for m, j in enumerate(order)
        )
        if near and (lengths, b) not in seen:
            seen.add((lengths, b))
            yield permuted(solution, order)


def _cosines(shape: Geometry) -> list[list[float]]:
    """cos of the angle between each two embeddings; 0 where one of them is."""
    lengths = [to_float(norm) for norm in shape.norms]
    return [
        [to_float(g) / (p * q) if p * q else 0.0 for g, q in zip(row, lengths, strict=True)]
        for row, p in zip(shape.gram, lengths, strict=True)
    ]


def moved_features(same: Sameness) -> list[int]:
    """The features (from 1) that stand in another place."""
    return [i for i, j in enumerate(same.permutation, 1) if i != j]


def only_turned(first: ToyModel, second: ToyModel) -> bool:
    """Whether W is the same up to rotation and reflection, each feature with its own row.

    >>> pair = ToyModel("1 0; 0 1; 0 -1")
    >>> [only_turned(pair, ToyModel(W, b="1")) for W in ("0 1; -1 0; 1 0", "0 1; 1 0; 0 -1")]
    [True, False]
    """
    same = same_model(ToyModel(first.W), ToyModel(second.W))
    return bool(same) and not moved_features(same)


def _leaves_set(check: ReconstructsSet, order: Order) -> bool:
    pieces = {(frozenset(each.corners), frozenset(each.features)) for each in check.pieces}
    return pieces == {
        (
            frozenset(tuple(x[i] for i in order) for x in corners),
            frozenset(order.index(i - 1) + 1 for i in features),
        )
        for corners, features in pieces
    }


def _leaves_loss(check: LossAtMost, order: Order) -> bool:
    if not _same(check.importance, order):
        return False
    patterns = check.distribution.patterns(len(order))
    # which sets of features are on together, and how often: the same when features change places
    chances = {pattern.active: pattern.probability for pattern in patterns}
    moved = {
        tuple(sorted(order.index(i - 1) + 1 for i in active)): chance
        for active, chance in chances.items()
    }
    return moved == chances


def _leaves_geometry(check: HasGeometry, order: Order) -> bool:
    def entries(name: Callable[[int], int]) -> Mapping[frozenset[int], sympy.Expr]:
        angles = {frozenset(map(name, each.features)): each.cosine for each in check.angles}
        return angles | {frozenset([name(each.feature)]): each.length for each in check.lengths}

    return entries(lambda i: i) == entries(lambda i: order.index(i - 1) + 1)


def _same(values: Vector, order: Order) -> bool:
    return all(equal(values[i], values[j]) for i, j in enumerate(order))


_LEAVES: Mapping[type, Callable[..., bool]] = {
    ReconstructsInput: lambda check, order: _same(check.x, order),
    ReconstructsSet: _leaves_set,
    LossAtMost: _leaves_loss,
    HasGeometry: _leaves_geometry,
    # only where no row is fixed, and the model itself does not change
    SameModel: lambda check, order: not check.rows and permuted(check.model, order) == check.model,
}
