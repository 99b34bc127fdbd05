"""The bound on one leaf of a cover, worked out again, with what its roundings may come to.

As in ``search.vertex_bound`` the loss is bounded by a function that is concave in each row of W and
in each bias, at the vertices of the box; but nothing of that module is used here.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np

from handcalc.superposition.certificates.checker.compiler import exactly
from handcalc.superposition.certificates.checker.means import line_means, plane_means, space_means

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Whole: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

ROUNDING = 2.0**-44
"""What a sum of means may be wrong by, in parts of the sum of its terms' sizes."""
PLACE = 2.0**24
"""Where tangents touch is rounded to 1/PLACE, so that it is exact as a float."""
_STEP = 2.0**-6


@exactly
def pattern_means(on: Whole, y: Floats, found: Floats) -> None:
    """E[z⁺] and E[xⱼ z⁺] of z = y·(x, 1) for a set of features that are on; 0 for all others."""
    n = len(y) - 1
    found[:] = 0.0
    p, q, r = on
    if p < 0:
        found[n] = max(y[n], 0.0)
    elif q < 0:
        found[n], found[p] = line_means(y[n], y[p])
    elif r < 0:
        found[n], found[p], found[q] = plane_means(y[n], y[p], y[q])
    else:
        found[n], found[p], found[q], found[r] = space_means(y[n], y[p], y[q], y[r])


@exactly
def kept(sets: Whole, weights: Floats, i: int, y: Floats, found: Floats) -> float:
    """Kᵢ = E[xᵢ z⁺] in one case."""
    total = 0.0
    for s in range(len(sets)):
        if weights[s] > 0 and (sets[s, 0] == i or sets[s, 1] == i or sets[s, 2] == i):
            pattern_means(sets[s], y, found)
            total += weights[s] * found[i]
    return total


@exactly
def touching(sets: Whole, weights: Floats, y: Floats, found: Floats, total: Floats) -> None:
    """T = E[(x, 1) z⁺] in one case."""
    total[:] = 0.0
    for s in range(len(sets)):
        if weights[s] > 0:
            pattern_means(sets[s], y, found)
            for j in range(len(y)):
                total[j] += weights[s] * found[j]


@exactly
def piece_ends(
    bottom: float,
    top: float,
    bias: float,
    width: float,
    widest: float,
    cuts: Floats,
    ends: Floats,
) -> int:
    """Where b is cut: below ``bottom`` the output is dead, above ``top`` the bound rises.

    Ascending: at ``bias``, in steps from it that double up to ``widest``, at ``cuts`` and at
    ``top``, which is there twice. Returns how many there are, or 0 where there is no room.
    """
    room = len(ends) - len(cuts) - 3
    bias = max(bias, bottom)
    count = 0
    away = 0.0
    while bias - away > bottom and count < room:
        count += 1
        ends[count] = bias - away
        away += min(away, widest) if away > 0 else width
    for k in range(1, count // 2 + 1):  # from the lowest
        ends[k], ends[count + 1 - k] = ends[count + 1 - k], ends[k]
    ends[0] = bottom
    away = width
    while bias + away < top and count < room:
        count += 1
        ends[count] = bias + away
        away += min(away, widest)
    if count >= room:
        return 0
    for _ in range(2):
        count += 1
        ends[count] = max(top, bottom)
    for at in cuts:
        if bottom < at < top:
            place = count
            while ends[place] > at:
                ends[place + 1] = ends[place]
                place -= 1
            ends[place + 1] = at
            count += 1
    return count + 1


@exactly
def row_at(
    i: int, vertex: int, low: Floats, high: Floats, own: Floats, other: Floats, y: Floats
) -> None:
    """Wᵢ and all Wᵢ·Wⱼ at a vertex of a box, one bit for each free entry."""
    n, m = low.shape
    for j in range(n):
        y[j] = 0.0
        bits = vertex
        for r in range(n):
            for k in range(m):
                value = low[r, k]
                if high[r, k] > low[r, k]:
                    if bits & 1:
                        value = high[r, k]
                    bits >>= 1
                if r == i:
                    own[k] = value
                if r == j:
                    other[k] = value
        for k in range(m):
            y[j] += own[k] * other[k]


@exactly
def span(
    i: int,
    low: Floats,
    high: Floats,
    touch: Floats,
    active: Floats,
    floor: Floats,
    there: Floats,
) -> tuple[float, float]:
    """Between which b output i has to be bounded: below it is dead, above its bound rises.

    Left are the lowest Wᵢ·Wⱼ in ``floor``, and those where the tangent touches in ``there``.
    From the top on E[z⁺] ≥ E[z] ≥ E[xᵢ] at the tangent, which is at least the slope of Kᵢ.
    """
    n, m = low.shape
    bottom, top = 0.0, active[i] / 2
    for j in range(n):
        below = above = place = 0.0
        for k in range(m):
            a, c = low[i, k] * low[j, k], high[i, k] * high[j, k]
            d, e = low[i, k] * high[j, k], high[i, k] * low[j, k]
            if i == j:
                d = e = 0.0 if low[i, k] < 0 < high[i, k] else a
            below += min(a, c, d, e)
            above += max(a, c, d, e)
            place += touch[i, k] * touch[j, k]
        floor[j] = below
        there[j] = np.round(place * PLACE) / PLACE
        bottom -= max(above, 0.0)
        top -= min(there[j], 0.0) * active[j] / 2
    return bottom, top


@exactly
def least_rise(
    sets: Whole, weights: Floats, i: int, left: float, floor: Floats, found: Floats
) -> float:
    """A number that ∂Kᵢ/∂|Wᵢ|² is never below in a box: from two values of the convex Kᵢ."""
    floor[-1] = left
    rise = kept(sets, weights, i, floor, found)
    floor[i] -= _STEP
    before = kept(sets, weights, i, floor, found)
    floor[i] += _STEP
    slope: float = max((rise - before - ROUNDING * (rise + before)) / _STEP, 0.0)
    return slope


@exactly
def leaf_margin(
    sets: Whole,
    weights: Floats,
    importance: Floats,
    active: Floats,
    most: float,
    low: Floats,
    high: Floats,
    touch: Floats,
    biases: Floats,
    width: float,
    widest: float,
    region: Floats,
    in_region: bool,
    room: Floats,
    per_vertex: Floats,
) -> float:
    """By how much the loss in a box certainly stays above ``most``, in one case.

    ``active`` is P(xᵢ ≠ 0), ``touch`` (n, m) the W of the tangents, ``biases`` (n,) their b; a
    piece of a bias is from ``width`` to ``widest`` wide. With ``in_region``, some bias i lies
    outside ``region[i]``. ``room`` (8, 256) and ``per_vertex`` (5, vertices) are to work with.
    """
    n, m = low.shape
    y, there, found, total = room[0, : n + 1], room[1, : n + 1], room[2, : n + 1], room[3, : n + 1]
    floor, own, other, ends = room[4, : n + 1], room[5, :m], room[6, :m], room[7]
    sums, cheapest, least, outside, last = per_vertex
    sums[:] = 0.0
    cheapest[:] = np.inf
    for i in range(n):
        square = active[i] / 3
        bottom, top = span(i, low, high, touch, active, floor, there)
        top = np.ceil(max(top, biases[i] + width) * 4096 + 1) / 4096
        cuts = region[i, : 2 if in_region else 0]
        count = piece_ends(bottom, top, biases[i], width, widest, cuts, ends)
        if count == 0:
            return -np.inf
        least[:] = square
        outside[:] = square
        size = square
        for piece in range(count - 1):
            left, right = ends[piece], ends[piece + 1]
            is_inside = in_region and left >= region[i, 0] and right <= region[i, 1]
            is_inside = is_inside and piece < count - 2  # the last piece has no upper end
            there[n] = min(max(biases[i], left), right)
            touching(sets, weights, there, found, total)
            constant = terms = 0.0
            for j in range(n + 1):
                constant += total[j] * there[j]
                terms += abs(total[j] * there[j])
            theta = least_rise(sets, weights, i, left, floor, found)
            over = 2 * (total[i] - theta)
            for v in range(len(sums)):
                row_at(i, v, low, high, own, other, y)
                tangent = 0.0
                for k in range(m):
                    tangent += touch[i, k] * (2 * own[k] - touch[i, k])
                fixed = square - constant + 2 * theta * y[i]
                fixed += over * (tangent if over > 0 else y[i])
                for j in range(n):
                    if j != i:
                        fixed += 2 * total[j] * y[j]
                        size = max(size, 2 * total[j] * abs(y[j]))
                size = max(size, terms, (2 * theta + abs(over)) * (abs(tangent) + y[i]))
                for end in (left, right):
                    mean = last[v]  # of the right end of the piece before
                    if end == right or piece == 0:
                        y[n] = end
                        mean = last[v] = kept(sets, weights, i, y, found)
                    loss = fixed + 2 * total[n] * end - 2 * mean
                    size = max(size, 2 * mean, 2 * total[n] * abs(end))
                    least[v] = min(least[v], loss)
                    if not is_inside:
                        outside[v] = min(outside[v], loss)
        # No more than eight kinds of terms, none larger than ``size``.
        for v in range(len(sums)):
            sums[v] += importance[i] * (least[v] - 8 * n * ROUNDING * size)
            cheapest[v] = min(cheapest[v], importance[i] * (outside[v] - least[v]))
    margin = np.inf
    for v in range(len(sums)):
        margin = min(margin, sums[v] + (cheapest[v] if in_region else 0.0))
    shown: float = margin - most - n * ROUNDING
    return shown


@exactly
def leaf_margins(
    sets: Whole,
    weights: Floats,
    importance: Floats,
    active: Floats,
    most: Floats,
    low: Floats,
    high: Floats,
    touch: Floats,
    biases: Floats,
    widths: Floats,
    widest: Floats,
    in_region: Whole,
    regions: Floats,
    room: Floats,
    per_vertex: Floats,
    margins: Floats,
) -> None:
    """The least ``leaf_margin`` over all cases of each box."""
    for t in range(len(low)):
        margins[t] = np.inf
        for a in range(len(weights)):
            margin = leaf_margin(
                sets,
                weights[a],
                importance[a],
                active[a],
                most[a],
                low[t],
                high[t],
                touch[t],
                biases[t],
                widths[t],
                widest[t],
                regions[max(in_region[t], 0)],
                in_region[t] >= 0,
                room,
                per_vertex,
            )
            margins[t] = min(margins[t], margin)
