"""The named embedding that lies nearest to trained weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from handcalc.superposition.model.families import family
from torchsim.by_hand.objective import Floats
from torchsim.by_hand.shapes import Shape, makeup

__all__ = ["Nearest", "nearest"]

_SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Nearest:
    """A named embedding, how far its arrows are from trained ones, and how far its biases."""

    name: str
    distance: float
    bias_distance: float


def nearest(W: Floats, b: Floats, known: Sequence[Shape]) -> Nearest | None:
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

    >>> from torchsim.by_hand.shapes import shapes
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


def _comparable(W: Floats, known: Sequence[Shape]) -> list[Shape]:
    """The shapes made of the parts that W has, if these have names; else those of its rank."""
    named = family(W.tolist())
    parts = makeup(named)
    same = [shape for shape in known if shape.makeup == parts]
    if same and named.is_recognised:
        return same
    rank = sum(part.rank for part in named.parts)
    return [shape for shape in known if shape.rank == rank]


def _is_nearer(one: Nearest, other: Nearest) -> bool:
    if abs(one.distance - other.distance) > _SAME:
        return one.distance < other.distance
    return one.bias_distance < other.bias_distance - _SAME


def _nearest(W: Floats, b: Floats, shape: Shape) -> Nearest:
    """One shape, its rows given to features in the nearest of all ways."""
    overlaps = np.linalg.svd(W.T @ shape.rows[shape.orders], compute_uv=False).sum(-1)
    orders = shape.orders[overlaps >= overlaps.max() - _SAME]
    apart = np.linalg.norm(b - shape.bias[orders], axis=-1)
    rows = shape.rows[orders[0]]
    u, _, v = np.linalg.svd(W.T @ rows)
    return Nearest(shape.name, float(np.linalg.norm(W @ (u @ v) - rows)), float(apart.min()))
