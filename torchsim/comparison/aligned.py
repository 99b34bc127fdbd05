"""An embedding turned, and its features that are alike exchanged, to lie on another."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import permutations, product
from math import factorial, prod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from handcalc.superposition.best.canonical_form import reflectable_sets
from torchsim.specification import ModelSpec

Floats: TypeAlias = NDArray[np.float64]

_MOST_TURNED = 8  # features: with n there may be 2ⁿ⁻¹ choices of arrows
_MOST = 1 << 16  # orders that are tried: 8 features that are all alike have fewer


def aligned(choices: Sequence[Floats], target: Floats, kinds: Sequence[Hashable]) -> Floats:
    """P W Q nearest to the target: W a choice, Q orthogonal, P an order that keeps the kinds.

    Q is U V from the singular value decomposition U D V of (P W)ᵀ target, and the nearest P W has
    the largest sum of singular values less half its squared length. ``target`` and every choice
    have shape (n, m). Beyond 65,536 orders in all features stay in theirs.

    Source: Schönemann 1966, "A generalized solution of the orthogonal Procrustes problem".

    >>> W = np.asarray([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> target = np.asarray([[0.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
    >>> bool(np.allclose(aligned([W], target, [1, 1, 1]), target))
    True
    """
    orders = np.asarray(list(_orders(kinds, _MOST // len(choices))))
    ordered = np.concatenate([W[orders] for W in choices])  # (choices × orders, n, m)
    overlaps = np.einsum("oik,il->okl", ordered, target)
    near = np.linalg.svd(overlaps, compute_uv=False).sum(axis=1) - (ordered**2).sum((1, 2)) / 2
    nearest = int(near.round(9).argmax())
    U, _, V = np.linalg.svd(overlaps[nearest])
    found: Floats = ordered[nearest] @ U @ V
    return found


def turned_round(W: Floats, model: ModelSpec) -> list[Floats]:
    """W, and W with some of its rows negated, where that can be had at no cost.

    Features that are always on may be turned round: see ``best.canonical_form``. Only for up to 8
    features; for more W alone.

    >>> W = np.asarray([[1.0], [-0.5]])
    >>> [len(turned_round(W, ModelSpec.of(2, 1, s))) for s in ("0", "1/2")]
    [2, 1]
    """
    if model.features > _MOST_TURNED:
        return [W]
    found = []
    for rows in reflectable_sets(W.tolist(), model):
        signs = np.ones((len(W), 1))
        signs[list(rows)] = -1
        found.append(W * signs)
    return found


def alike(model: ModelSpec) -> tuple[Hashable, ...]:
    """For each feature what tells it from the others: importance, sparsity, and its set, if any.

    >>> kinds = alike(ModelSpec.of(3, 2, "1/2", importance="1 1 1/2"))
    >>> kinds[0] == kinds[1], kinds[0] == kinds[2]
    (True, False)
    """
    found: list[Hashable] = [None] * model.features
    for number, block in enumerate(model.blocks):
        members = {i for support, _ in block.supports for i in support}
        for i in members:
            own = number if len(members) > 1 else -1
            found[i] = (model.importance[i], block.sparsity, own)
    return tuple(found)


def _orders(kinds: Sequence[Hashable], most: int) -> Iterator[list[int]]:
    """Every order of the features in which each place keeps its kind; the given one first."""
    groups = [[i for i, k in enumerate(kinds) if k == kind] for kind in dict.fromkeys(kinds)]
    if prod(factorial(len(group)) for group in groups) > most:
        yield list(range(len(kinds)))
        return
    for chosen in product(*(permutations(group) for group in groups)):
        order = list(range(len(kinds)))
        for group, images in zip(groups, chosen, strict=True):
            for place, image in zip(group, images, strict=True):
                order[place] = image
        yield order
