"""What outputs lose at the most where more than so many features are active: a closed form.

Where feature i is active, (x − ReLU(z))² ≤ (x − z)², as x ≥ 0; where it is not, ReLU(z)² ≤ z² and
ReLU(z)² ≤ (b₊ + Σ G₊x)². Each is a square c + Σ hⱼxⱼ of independent features, whose mean over all
inputs is known, and that over the inputs with k features active is a sum of products, too. What is
left of the first without the second, up to some k, is what more active features can lose. Derived
here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tails:
    """Bounds of all outputs (n,), and their slopes by b (n,) and by G (n, n)."""

    bounds: Floats
    by_b: Floats
    by_G: Floats


def tails(G: Floats, b: Floats, p: Floats, order: int) -> Tails:
    """Where more than ``order`` features are active: ``G`` (n, n), ``b`` (n,), ``p`` (n,) below 1.

    >>> one = tails(np.eye(2), np.zeros(2), np.array([0.5, 0.5]), 1)  # all is kept
    >>> one.bounds.tolist()
    [0.0, 0.0]
    """
    n = len(b)
    own = np.eye(n, dtype=bool)
    others = np.where(own, 0.0, G)  # what the rest of row i does to output i
    kept = 1 - np.diagonal(G)
    with_own = _squares(kept / 2 - b, -others, p, order - 1)
    spread = kept * kept / 12
    left = _counts(p, order - 1)
    on = p * (with_own.value + spread * left)
    on_b = p * -with_own.by_c
    on_G = p[:, None] * -with_own.by_h
    on_G[own] = p * (-with_own.by_c / 2 - kept / 6 * left)
    plain = _squares(b, others, p, order)
    risen = _squares(np.maximum(b, 0), np.maximum(others, 0), p, order)
    lower = risen.value < plain.value
    off_b = np.where(lower, risen.by_c * (b > 0), plain.by_c)
    off_G = np.where(lower[:, None], risen.by_h * (others > 0), plain.by_h)
    off_G[own] = 0
    off = np.minimum(risen.value, plain.value)
    return Tails(on + (1 - p) * off, on_b + (1 - p) * off_b, on_G + (1 - p)[:, None] * off_G)


@dataclass(frozen=True, slots=True)
class _Squares:
    """E[(c + Σ hⱼxⱼ)²; more than so many active] of each row (n,), and its slopes."""

    value: Floats
    by_c: Floats
    by_h: Floats


def _squares(c: Floats, h: Floats, p: Floats, most: int) -> _Squares:
    """Of row i over the features but i, with more than ``most`` of them active: h[i, i] is 0.

    With odds o = p/S, the inputs with k active have the mean P(none)·(c² e_k + c Σ hⱼoⱼ e_{k−1}
    + ⅓ Σ hⱼ²oⱼ e_{k−1} + ½ Σ_{j<l} hⱼhₗoⱼoₗ e_{k−2}), where each e is the elementary symmetric sum
    of the odds of the features that are not named before it.
    """
    mean = c + h @ p / 2
    value = mean * mean + h * h @ (p / 3 - p * p / 4)
    by_c = 2 * mean
    by_h = mean[:, None] * p + 2 * h * (p / 3 - p * p / 4)
    o = p / (1 - p)
    rest = np.where(np.eye(len(p), dtype=bool), 0.0, o)  # row i: the odds of the others
    none = np.exp(np.sum(np.log1p(-p)) - np.log1p(-p))  # P(none of the others), (n,)
    first = rest.sum(1)
    e = [np.ones(len(p)), first, (first * first - (rest * rest).sum(1)) / 2]
    cube = (rest**3).sum(1)
    e.append((first**3 - 3 * first * (rest * rest).sum(1) + 2 * cube) / 6)
    for k in range(most + 1):
        less = _without(e, rest, k - 1)  # e_{k−1} without feature j, (n, n)
        by_odds = rest * less
        pairs, pair_slopes = _pairs(e, rest, h, k - 2)
        linear = (h * by_odds).sum(1)
        square = c * c * e[k] + c * linear + (h * h * by_odds).sum(1) / 3 + pairs / 2
        value = value - none * square
        by_c = by_c - none * (2 * c * e[k] + linear)
        by_h = by_h - none[:, None] * ((c[:, None] + 2 / 3 * h) * by_odds + pair_slopes / 2)
    return _Squares(np.maximum(value, 0), by_c, by_h)


def _without(e: list[Floats], rest: Floats, k: int) -> Floats:
    """e_k of the odds of row i but feature j's, (n, n): with o taken in it is that + o·e_{k−1}."""
    if k < 0:
        return np.zeros_like(rest)
    found = np.ones_like(rest)
    for order in range(1, k + 1):
        found = e[order][:, None] - rest * found
    return found


def _pairs(e: list[Floats], rest: Floats, h: Floats, k: int) -> tuple[Floats, Floats]:
    """Σ_{j<l} hⱼhₗoⱼoₗ e_k of the others, (n,), and its slopes by h (n, n); k is at most 1."""
    if k < 0:
        return np.zeros(len(rest)), np.zeros_like(rest)
    w = h * rest
    total = w.sum(1)
    slopes = rest * (total[:, None] - w)
    value = (total * total - (w * w).sum(1)) / 2
    if k == 0:
        return value, slopes
    # e₁ without j and l is e₁ − oⱼ − oₗ
    wo, lead = w * rest, e[1]
    weighed = wo.sum(1)
    twice = total * weighed - (w * wo).sum(1)  # Σ_{j<l} wⱼwₗ(oⱼ + oₗ)
    by_twice = rest * (weighed[:, None] - wo) + rest * rest * (total[:, None] - w)
    return lead * value - twice, lead[:, None] * slopes - by_twice


def _counts(p: Floats, most: int) -> Floats:
    """P(more than ``most`` of the features but i are active), of each i (n,)."""
    zeros = np.zeros((len(p), len(p)))
    return _squares(np.ones(len(p)), zeros, p, most).value
