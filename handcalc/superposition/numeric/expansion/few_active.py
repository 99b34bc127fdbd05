"""What each output loses with at most three features active, order by order, as compiled loops."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from handcalc.superposition.numeric.expansion.cubes import (
    exactly,
    first_of3,
    firsts1,
    firsts2,
    inlined,
    squares1,
    squares2,
    squares3,
    steps1,
    steps2,
)

Floats = NDArray[np.float64]


class Outputs(NamedTuple):
    """All outputs of a model, zᵢ = bᵢ + Σⱼ Gᵢⱼxⱼ, and where the answers go.

    ``odds`` (n,) are pⱼ/Sⱼ, so that P(A) is Π_{j∈A} oddsⱼ times P(nothing is active). ``orders``
    (n, 4) takes what outputs lose with 0, 1, 2 and 3 features active, but for that probability;
    ``by_b`` (n,) and ``by_G`` (n, n) the slopes of the first three together.
    """

    G: Floats
    b: Floats
    odds: Floats
    orders: Floats
    by_b: Floats
    by_G: Floats


@exactly
def add_orders(outputs: Outputs, order: int, slopes: bool, part: int, parts: int) -> None:
    """Every output that is ``part`` modulo ``parts``: no output needs what another wrote."""
    for i in range(part, outputs.b.shape[0], parts):
        _nothing(outputs, i, slopes)
        if order >= 1:
            _one(outputs, i, slopes)
        if order >= 2:
            _pairs_with_own(outputs, i, slopes)
            _pairs(outputs, i, slopes)
        if order >= 3:
            _triples(outputs, i)


@inlined
def _nothing(outputs: Outputs, i: int, slopes: bool) -> None:
    """L = R₁(b)²."""
    output = max(outputs.b[i], 0.0)
    outputs.orders[i, 0] = output * output
    for k in range(1, 4):
        outputs.orders[i, k] = 0.0
    if slopes:
        outputs.by_b[i] = 2.0 * output
        for j in range(outputs.b.shape[0]):
            outputs.by_G[i, j] = 0.0


@inlined
def _one(outputs: Outputs, i: int, slopes: bool) -> None:
    """Feature i itself: 1/3 − 2E[xR₁] + 2E[R₂]; another one: 2E[R₂]."""
    b, odds = outputs.b[i], outputs.odds
    for j in range(outputs.b.shape[0]):
        high = b + outputs.G[i, j]
        loss = 2.0 * squares1(b, high)
        mean, with_x = firsts1(b, high)
        if j == i:
            loss += 1.0 / 3.0 - 2.0 * with_x
        outputs.orders[i, 1] += odds[j] * loss
        if slopes:
            if j == i:
                _, step, squared = steps1(b, high)
                mean -= step
                with_x -= squared
            outputs.by_b[i] += 2.0 * odds[j] * mean
            outputs.by_G[i, j] += 2.0 * odds[j] * with_x


@inlined
def _pairs_with_own(outputs: Outputs, i: int, slopes: bool) -> None:
    """Feature i and another one."""
    b, own, odds = outputs.b[i], outputs.G[i, i], outputs.odds
    total = 0.0
    for j in range(outputs.b.shape[0]):
        if j == i:
            continue
        a = outputs.G[i, j]
        mean, with_own, with_x = firsts2(b, own, a)
        total += odds[j] * (1.0 / 3.0 - 2.0 * with_own + 2.0 * squares2(b, own, a))
        if slopes:
            step, squared, crossed = steps2(b, own, a)
            weight = 2.0 * odds[i] * odds[j]
            outputs.by_b[i] += weight * (mean - step)
            outputs.by_G[i, i] += weight * (with_own - squared)
            outputs.by_G[i, j] += weight * (with_x - crossed)
    outputs.orders[i, 2] += odds[i] * total


@inlined
def _pairs(outputs: Outputs, i: int, slopes: bool) -> None:
    """Two other features: 2E[R₂], nothing where z stays below 0."""
    b, odds, n = outputs.b[i], outputs.odds, outputs.b.shape[0]
    for j in range(n):
        if j == i:
            continue
        a = outputs.G[i, j]
        top, total = b + max(a, 0.0), 0.0
        for k in range(j + 1, n):
            c = outputs.G[i, k]
            if k == i or top + max(c, 0.0) <= 0.0:
                continue
            total += odds[k] * squares2(b, a, c)
            if slopes:
                mean, with_x, with_y = firsts2(b, a, c)
                weight = 2.0 * odds[j] * odds[k]
                outputs.by_b[i] += weight * mean
                outputs.by_G[i, j] += weight * with_x
                outputs.by_G[i, k] += weight * with_y
        outputs.orders[i, 2] += 2.0 * odds[j] * total


@inlined
def _triples(outputs: Outputs, i: int) -> None:
    """Three features, feature i among them or not."""
    b, own, odds, n = outputs.b[i], outputs.G[i, i], outputs.odds, outputs.b.shape[0]
    for j in range(n):
        if j == i:
            continue
        for k in range(j + 1, n):
            if k == i:
                continue
            a, c = outputs.G[i, j], outputs.G[i, k]
            loss = 1.0 / 3.0 - 2.0 * first_of3(b, own, a, c) + 2.0 * squares3(b, own, a, c)
            total = odds[i] * loss
            top = b + max(a, 0.0) + max(c, 0.0)
            for t in range(k + 1, n):
                d = outputs.G[i, t]
                if t != i and top + max(d, 0.0) > 0.0:
                    total += 2.0 * odds[t] * squares3(b, a, c, d)
            outputs.orders[i, 3] += odds[j] * odds[k] * total
