"""Where descents begin: at random, and at minima with two features exchanged or one moved."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np

from handcalc.superposition.search.descent import Floats
from handcalc.superposition.search.minima import Minimum

__all__ = ["Starts", "exchanges", "moves", "random_starts"]

Starts: TypeAlias = tuple[Floats, Floats]
"""W of shape (starts, n, m) and b of shape (starts, n)."""


def random_starts(n: int, m: int, seed: int, first: int, count: int) -> Starts:
    """So many starts, counted from ``first``: W normal with mean 0 and variance 1/m, and b = 0.

    A start depends on the seed, n, m and its own number alone. Random biases would leave many
    outputs dead: negative for every input.

    >>> W, b = random_starts(3, 2, seed=0, first=0, count=5)
    >>> bool(np.all(W[4] == random_starts(3, 2, seed=0, first=4, count=1)[0][0]))
    True
    """
    streams = (np.random.default_rng([seed, n, m, k]) for k in range(first, first + count))
    W = np.stack([stream.normal(size=(n, m)) for stream in streams]) / np.sqrt(m)
    return W, np.zeros((count, n))


def exchanges(minimum: Minimum, alike: Sequence[int]) -> Starts:
    """A minimum with the rows and biases exchanged of each two features that are not alike.

    >>> pair = Minimum(0.1, ((1.0,), (-1.0,), (0.0,)), (0.0, 0.0, 0.25), 0.0, 1)
    >>> exchanges(pair, alike=(0, 0, 2))[0][:, :, 0].tolist()
    [[0.0, -1.0, 1.0], [1.0, 0.0, -1.0]]
    """
    n = len(alike)
    pairs = [(i, j) for i, j in combinations(range(n), 2) if alike[i] != alike[j]]
    order = np.tile(np.arange(n), (len(pairs), 1))  # (pairs, n)
    for row, (i, j) in zip(order, pairs, strict=True):
        row[[i, j]] = j, i
    return np.asarray(minimum.W)[order], np.asarray(minimum.b)[order]


def moves(minimum: Minimum, W: Floats) -> Starts:
    """A minimum with one row turned to a new direction: that of each row of each start in W.

    ``W`` has shape (starts, n, m). The row gets the mean length, and the feature the mean bias, of
    all that are kept: so one that was dropped can find a place between them. Where none is kept the
    row is the one in W itself.

    >>> lone = Minimum(0.1, ((2.0,), (0.0,)), (0.0, 0.25), 0.0, 1)
    >>> moves(lone, np.asarray([[[-1.0], [-3.0]]]))[0][:, :, 0].tolist()
    [[-2.0, 0.0], [2.0, -2.0]]
    """
    count, n, m = W.shape
    lengths = np.linalg.norm(minimum.W, axis=1)  # (n,)
    kept = lengths > np.max(lengths) / 10
    if kept.any():
        W = W * (np.mean(lengths[kept]) / np.linalg.norm(W, axis=2, keepdims=True))
    moved = np.eye(n, dtype=np.bool_)  # (moves, n)
    rows = np.where(moved[:, :, None], W[:, None], np.asarray(minimum.W))  # (starts, moves, n, m)
    b = np.where(
        moved, np.mean(minimum.b, where=kept) if kept.any() else 0, minimum.b
    )  # (moves, n)
    return rows.reshape(count * n, n, m), np.tile(b, (count, 1))
