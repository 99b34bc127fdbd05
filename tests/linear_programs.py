"""Sparse recovery by linear programs in floating point: another way to what circuits decide.

Nothing here knows of circuits. Whether every k-sparse x comes back is asked support by support and
sign by sign. For small whole numbers an optimum is at a bound or far from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product
from typing import Any

import numpy as np
from scipy.optimize import linprog

_CLEAR = 1e-7
Array = np.ndarray[Any, Any]


def least(costs: Array, rows: Array, *, free: int = 0) -> float | None:
    """The least costs·y with rows·y = (0, …, 0, 1) and y ≥ 0, its first ``free`` entries any.

    None where no y fits.
    """
    right = np.zeros(len(rows))
    right[-1] = 1
    bounds = [(None, None)] * free + [(0, None)] * (len(costs) - free)
    found = linprog(costs, A_eq=rows, b_eq=right, bounds=bounds, method="highs")
    assert found.status in (0, 2), found.message
    return float(found.fun) if found.status == 0 else None


def is_unique(A: Array, k: int) -> bool:
    """Whether every 2k columns are independent."""
    count = min(2 * k, A.shape[1])
    return all(_are_independent(A, columns) for columns in combinations(range(A.shape[1]), count))


def is_unique_nonnegative(A: Array, k: int) -> bool:
    """Whether no u, w ≥ 0 on two disjoint sets of at most k places have A u = A w."""
    for first, second in _disjoint(A.shape[1], k):
        signed = np.hstack([A[:, first], -A[:, second]])
        size = signed.shape[1]
        if least(np.zeros(size), np.vstack([signed, np.ones(size)])) is not None:
            return False
    return True


def is_shortest(A: Array, k: int) -> bool:
    """Whether for u ≠ 0 on k places no w elsewhere with A u = A w has ‖w‖₁ ≤ ‖u‖₁."""
    n = A.shape[1]
    for chosen in combinations(range(n), min(k, n)):
        outside = A[:, [i for i in range(n) if i not in chosen]]
        for signs in product((1, -1), repeat=len(chosen)):
            inside = A[:, list(chosen)] * np.array(signs)
            size, more = inside.shape[1], 2 * outside.shape[1]
            rows = np.vstack(
                [
                    np.hstack([inside, -outside, outside]),
                    np.concatenate([np.ones(size), np.zeros(more)]),
                ]
            )
            found = least(np.concatenate([np.zeros(size), np.ones(more)]), rows)
            if found is not None and found <= 1 + _CLEAR:
                return False
    return True


def is_shortest_nonnegative(A: Array, k: int) -> bool:
    """Whether no kernel vector that is ≥ 0 but at k places, and not 0, has a sum ≤ 0."""
    n = A.shape[1]
    for chosen in combinations(range(n), min(k, n)):
        if not _are_independent(A, chosen):
            return False
        order = [*chosen, *(i for i in range(n) if i not in chosen)]
        outside = [0.0 if i in chosen else 1.0 for i in order]
        found = least(np.ones(n), np.vstack([A[:, order], outside]), free=len(chosen))
        if found is not None and found <= _CLEAR:
            return False
    return True


def _are_independent(A: Array, columns: tuple[int, ...]) -> bool:
    return bool(np.linalg.matrix_rank(A[:, list(columns)]) == len(columns))


def _disjoint(n: int, k: int) -> Iterator[tuple[list[int], list[int]]]:
    """Pairs of disjoint sets of at most k places such that any other pair lies inside one."""
    for size in range(max(0, n - k), min(k, n) + 1) if n <= 2 * k else [k]:
        for first in combinations(range(n), size):
            rest = [i for i in range(n) if i not in first]
            for second in combinations(rest, min(k, len(rest))):
                yield list(first), list(second)
