"""The copies of a model among the boxes: features exchanged, and the plane turned or reflected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from math import ceil, floor

import numpy as np

from handcalc.superposition.certificates.claim import CertifiedClaim, free_entries
from handcalc.superposition.certificates.cover import Floats, Region

_END = 2.0**-16  # regions end at multiples of this
_SAME = 1e-9


def copies(claim: CertifiedClaim, W: Floats, b: Floats) -> list[tuple[Floats, Floats]]:
    """Every W and b that is the same model by the symmetry of the problem, turned as boxes are.

    ``W`` and ``b`` in the order of the problem's features. None where the rows leave a direction
    free.
    """
    found: list[tuple[Floats, Floats]] = []
    rows, biases = W[list(claim.order)], b[list(claim.order)]
    for order in _exchanges(claim.alike):
        own = rows[list(order)]
        lengths = (own**2).sum(1)
        if any(
            alike and lengths[i] > lengths[i - 1] + _SAME for i, alike in enumerate(claim.alike)
        ):
            continue
        for turned in _turned(own):
            if not any(
                abs(turned - other).max() < _SAME and abs(biases[list(order)] - c).max() < _SAME
                for other, c in found
            ):
                found.append((turned, biases[list(order)]))
    return found


def region_around(W: Floats, b: Floats, radius: float) -> Region:
    """All W and b that differ by up to about ``radius`` in each free entry."""
    low, high = W.copy(), W.copy()
    for i, k in free_entries(*W.shape):
        low[i, k], high[i, k] = _ends(float(W[i, k]), radius)
    return Region(low, high, np.array([_ends(float(each), radius) for each in b]))


def _ends(value: float, radius: float) -> tuple[float, float]:
    return floor((value - radius) / _END) * _END, ceil((value + radius) / _END) * _END


def _exchanges(alike: Sequence[bool]) -> Iterator[tuple[int, ...]]:
    """All orders of rows that exchange those that are alike."""
    classes: list[list[int]] = []
    for i, joins in enumerate(alike):
        if joins:
            classes[-1].append(i)
        else:
            classes.append([i])
    for each in product(*map(permutations, classes)):
        yield tuple(i for part in each for i in part)


def _turned(W: Floats) -> Iterator[Floats]:
    """W with its first rows on and above the axes; both reflections where either will do."""
    n, m = W.shape
    turn = np.linalg.qr(W[:m].T, mode="complete")[0]
    found = W @ turn
    signs: list[tuple[int, ...]] = []
    for k in range(m):
        own = found[k, k] if k < n else 0.0
        if abs(own) > _SAME:
            signs.append((1 if own > 0 else -1,))
        else:
            signs.append((1, -1))
    for flips in product(*signs):
        turned = found * np.array(flips)
        for i in range(min(n, m)):
            turned[i, i + 1 :] = 0.0
        yield turned
