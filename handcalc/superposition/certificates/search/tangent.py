"""Where the bound on a box touches: what one thread works with, and the choice of the tangents."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np

from handcalc.superposition.certificates.cover import GRAIN, STEPS
from handcalc.superposition.certificates.search.clipped_means import one, three, two
from handcalc.superposition.certificates.search.compiler import exactly

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Whole: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

SHIFT = 2.0**-6
"""By how much an entry is moved to find a slope."""
_PIECES = 96  # of a bias, at most
_FINEST = 2.0**-16  # a bias is looked for in steps down to this
_COARSE = 8  # parts of a side that tangents are rounded to


class CornerCases(NamedTuple):
    """A problem in floats, at some corner cases: sets of features that are on together, and costs.

    ``sets`` (sets, 3) has features, −1 where there are fewer; ``weights`` (cases, sets) how likely
    each is, ``importance`` (cases, n), ``squares`` and ``means`` (cases, n) those of x, ``most``
    (cases,) the loss to stay above.
    """

    sets: Whole
    weights: Floats
    importance: Floats
    squares: Floats
    means: Floats
    most: Floats


class Scratch(NamedTuple):
    """What one thread works with."""

    centre: Floats  # (n, m)
    tangent: Floats  # (n, m)
    gram: Floats  # (n, n)
    slopes: Floats  # (n, n)
    low: Floats  # (n,), the lowest corner of a row of the Gram matrix
    row: Floats  # (n,)
    bias: Floats  # (n,)
    parts: Floats  # (sets,)
    others: Floats  # (sets,)
    means: Floats  # (sets, 4)
    edges: Floats  # (pieces + 1,)
    touch: Floats  # (cases, pieces, n + 3), T and T·y' and θ
    is_inside: Floats  # (pieces,)
    least: Floats  # (cases, vertices), of a row
    outside: Floats  # (cases, vertices), of a row with its bias outside
    total: Floats  # (cases, vertices)
    extra: Floats  # (cases, vertices), what the cheapest row outside costs more
    breadth: Floats  # (cases, vertices), of the piece where a row is least
    broadest: Floats  # (cases, vertices), over all rows


def scratch(cases: CornerCases, hidden: int, vertices: int) -> Scratch:
    """Room for boxes of so many vertices."""
    n, count, kinds = cases.squares.shape[1], len(cases.sets), len(cases.weights)
    shapes: tuple[tuple[int, ...], ...] = (
        (max(n, 2), hidden),
        (n, hidden),
        *((n, n),) * 2,
        *((n,),) * 3,
        *((count,),) * 2,
        (count, 4),
        (_PIECES + 1,),
        (kinds, _PIECES, n + 3),
        (_PIECES,),
        *((kinds, vertices),) * 6,
    )
    return Scratch(*map(np.empty, shapes))


@exactly
def own_means(sets: Whole, i: int, g: Floats, b: float, parts: Floats) -> None:
    """E[xᵢ z⁺] of each set of features that are on."""
    for s in range(sets.shape[0]):
        parts[s] = 0.0
        p, q, r = sets[s, 0], sets[s, 1], sets[s, 2]
        if i not in (p, q, r):
            continue
        if q < 0:
            parts[s] = one(b, g[i])[1]
        elif r < 0:
            parts[s] = two(b, g[i], g[p + q - i])[1]
        elif i == p:
            parts[s] = three(b, g[i], g[q], g[r])[1]
        elif i == q:
            parts[s] = three(b, g[i], g[p], g[r])[1]
        else:
            parts[s] = three(b, g[i], g[p], g[q])[1]


@exactly
def all_means(sets: Whole, g: Floats, b: float, means: Floats) -> None:
    """E[z⁺], and E[xⱼ z⁺] of its features, of each set of features that are on."""
    for s in range(sets.shape[0]):
        p, q, r = sets[s, 0], sets[s, 1], sets[s, 2]
        if p < 0:
            means[s, 0] = max(b, 0.0)
        elif q < 0:
            means[s, 0], means[s, 1] = one(b, g[p])
        elif r < 0:
            means[s, 0], means[s, 1], means[s, 2] = two(b, g[p], g[q])
        else:
            means[s, 0], means[s, 1], means[s, 2], means[s, 3] = three(b, g[p], g[q], g[r])


@exactly
def touch_at(cases: CornerCases, a: int, g: Floats, b: float, means: Floats, found: Floats) -> None:
    """T = E[(x, 1) z⁺] of a case, from the means of all sets, and T·y behind it."""
    n = g.shape[0]
    found[: n + 2] = 0.0
    for s in range(cases.sets.shape[0]):
        weight = cases.weights[a, s]
        found[n] += weight * means[s, 0]
        for k in range(3):
            j = cases.sets[s, k]
            if j >= 0:
                found[j] += weight * means[s, k + 1]
    for j in range(n):
        found[n + 1] += found[j] * g[j]
    found[n + 1] += found[n] * b


@exactly
def row_loss(
    cases: CornerCases, i: int, g: Floats, b: float, means: Floats, found: Floats
) -> float:
    """What output i loses in the first case; T is left in ``found``."""
    all_means(cases.sets, g, b, means)
    touch_at(cases, 0, g, b, means, found)
    loss: float = cases.squares[0, i] - 2 * found[i] + found[g.shape[0] + 1]
    return loss


@exactly
def best_bias(
    cases: CornerCases, i: int, g: Floats, start: float, step: float, means: Floats, found: Floats
) -> float:
    """A bias that loses about as little as any near ``start``."""
    least = row_loss(cases, i, g, start, means, found)
    while step > _FINEST * 2:
        moved = False
        for side in (-1, 1):
            tried = start + side * step
            loss = row_loss(cases, i, g, tried, means, found)
            if loss < least:
                least, start, moved = loss, tried, True
                break
        if not moved:
            step *= 0.4
    return start


@exactly
def gram_of(rows: Floats, gram: Floats) -> None:
    """All Wᵢ·Wⱼ of the first rows, as many as ``gram`` has."""
    for i in range(gram.shape[0]):
        for j in range(gram.shape[0]):
            total = 0.0
            for k in range(rows.shape[1]):
                total += rows[i, k] * rows[j, k]
            gram[i, j] = total


@exactly
def slope_row(cases: CornerCases, i: int, work: Scratch) -> None:
    """The best bias of output i in the first case, and its slopes by all Wᵢ·Wⱼ, there."""
    found, g = work.touch[0, 0], work.gram[i]
    least, bias = 1e300, 0.0
    for t in range(7):
        tried = -0.4 + 0.15 * t
        loss = row_loss(cases, i, g, tried, work.means, found)
        if loss < least:
            least, bias = loss, tried
    bias = best_bias(cases, i, g, bias, 0.07, work.means, found)
    work.bias[i] = bias
    row_loss(cases, i, g, bias, work.means, found)
    for j in range(g.shape[0]):
        middle, rise = g[j], 0.0
        g[j] = middle + SHIFT
        own_means(cases.sets, i, g, bias, work.parts)
        g[j] = middle - SHIFT
        own_means(cases.sets, i, g, bias, work.others)
        g[j] = middle
        for s in range(cases.sets.shape[0]):
            rise += cases.weights[0, s] * (work.parts[s] - work.others[s])
        work.slopes[i, j] = 2 * found[j] - rise / SHIFT


@exactly
def choose_tangent(
    cases: CornerCases,
    low: Floats,
    high: Floats,
    work: Scratch,
    rows: Whole,
    biases: Whole,
    width: float,
    stiffness: float,
) -> None:
    """Where to touch: half way to the least loss of the box, as the slopes at its centre say.

    Any place gives a bound, so it is rounded, which keeps certificates short. ``rows`` (n, m) is
    left in parts of a side, ``biases`` (n,) in grains.
    """
    n, m = low.shape
    grain = max(width / 16, GRAIN)
    for i in range(n):
        for k in range(m):
            work.centre[i, k] = 0.5 * (low[i, k] + high[i, k])
    gram_of(work.centre, work.gram)
    for i in range(n):
        slope_row(cases, i, work)
    for i in range(n):
        for k in range(m):
            half = 0.5 * (high[i, k] - low[i, k])
            rows[i, k] = 0
            work.tangent[i, k] = low[i, k]
            if half > 0:
                slope = 0.0
                for j in range(n):
                    slope += (
                        cases.importance[0, i] * work.slopes[i, j]
                        + cases.importance[0, j] * work.slopes[j, i]
                    ) * work.centre[j, k]
                hard = stiffness * max(cases.importance[0, i] * cases.squares[0, i], 1e-9)
                share = 0.25 * min(max(-slope / hard / half, -1.0), 1.0)
                rows[i, k] = _COARSE * round(STEPS // _COARSE * (0.5 + share))
                work.tangent[i, k] += 2 * half * rows[i, k] / STEPS
    gram_of(work.tangent, work.gram)
    for i in range(n):
        bias = best_bias(cases, i, work.gram[i], work.bias[i], 0.04, work.means, work.touch[0, 0])
        biases[i] = round(bias / grain) * round(grain / GRAIN)
