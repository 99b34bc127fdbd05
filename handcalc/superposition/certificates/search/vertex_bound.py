"""A lower bound on the loss over a box of W, for all biases: the least of a concave function.

Output i loses E[xᵢ²] − 2Kᵢ + Qᵢ with Kᵢ = E[xᵢ zᵢ⁺], Qᵢ = E[(zᵢ⁺)²], zᵢ = Σⱼ (Wᵢ·Wⱼ)xⱼ + bᵢ. Both
are convex in yᵢ = (Wᵢ·W₁, …, Wᵢ·Wₙ, bᵢ), and Kᵢ rises in every entry, as x ≥ 0. So

- Qᵢ ≥ 2T·yᵢ − T·y', its tangent at any y', with T = E[(x, 1) z'⁺];
- −2Kᵢ is concave in each row of W by itself: Wᵢ·Wⱼ is affine in either row, and Wᵢ·Wᵢ is convex
  where Kᵢ rises.

What is left, 2Tᵢ|Wᵢ|², is convex in Wᵢ. As Kᵢ − θ|Wᵢ|² still rises for θ = ∂Kᵢ/∂Gᵢᵢ at the lowest
corner, only 2(Tᵢ − θ)|Wᵢ|² has to be replaced by its own tangent. Then all is concave in each row
and in each bias, so that it is least at a vertex. Biases are cut into pieces, each with a y' of its
own; the least over the pieces is concave, too. Source: derived here.

The bound is concave in the weights of the patterns and in the importances. So it holds for all
mixtures of some corner cases if it holds for these, which is how a range of S is covered.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

import numpy as np

from handcalc.superposition.certificates.cover import GRAIN, STEPS
from handcalc.superposition.certificates.search.clipped_means import one, three, two
from handcalc.superposition.certificates.search.compiler import exactly

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"
Whole: TypeAlias = "np.ndarray[Any, np.dtype[np.int64]]"

_COARSE = 8  # parts of a side that tangents are rounded to
_SHIFT = 2.0**-6  # by how much an entry is moved to find a slope
_PIECES = 96
WIDEST = -3
"""No piece of a bias is wider than 2⁻ᵏ, k from here on."""
_FINEST = 2.0**-16  # a bias is looked for in steps down to this


class Cases(NamedTuple):
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


def scratch(cases: Cases, hidden: int, vertices: int) -> Scratch:
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
def touch_at(cases: Cases, a: int, g: Floats, b: float, means: Floats, found: Floats) -> None:
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
def row_loss(cases: Cases, i: int, g: Floats, b: float, means: Floats, found: Floats) -> float:
    """What output i loses in the first case; T is left in ``found``."""
    all_means(cases.sets, g, b, means)
    touch_at(cases, 0, g, b, means, found)
    loss: float = cases.squares[0, i] - 2 * found[i] + found[g.shape[0] + 1]
    return loss


@exactly
def best_bias(
    cases: Cases, i: int, g: Floats, start: float, step: float, means: Floats, found: Floats
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
def choose_tangent(
    cases: Cases,
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
    found = work.touch[0, 0]
    grain = max(width / 16, GRAIN)
    for i in range(n):
        for k in range(m):
            work.centre[i, k] = 0.5 * (low[i, k] + high[i, k])
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(m):
                total += work.centre[i, k] * work.centre[j, k]
            work.gram[i, j] = total
    for i in range(n):
        g = work.gram[i]
        least, bias = 1e300, 0.0
        for t in range(7):
            tried = -0.4 + 0.15 * t
            loss = row_loss(cases, i, g, tried, work.means, found)
            if loss < least:
                least, bias = loss, tried
        bias = best_bias(cases, i, g, bias, 0.07, work.means, found)
        work.bias[i] = bias
        row_loss(cases, i, g, bias, work.means, found)
        for j in range(n):
            middle, rise = g[j], 0.0
            g[j] = middle + _SHIFT
            own_means(cases.sets, i, g, bias, work.parts)
            g[j] = middle - _SHIFT
            own_means(cases.sets, i, g, bias, work.others)
            g[j] = middle
            for s in range(cases.sets.shape[0]):
                rise += cases.weights[0, s] * (work.parts[s] - work.others[s])
            work.slopes[i, j] = 2 * found[j] - rise / _SHIFT
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
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(m):
                total += work.tangent[i, k] * work.tangent[j, k]
            work.gram[i, j] = total
        bias = best_bias(cases, i, work.gram[i], work.bias[i], 0.04, work.means, found)
        biases[i] = round(bias / grain) * round(grain / GRAIN)


@exactly
def cut_biases(
    bottom: float, top: float, bias: float, width: float, widest: float, edges: Floats
) -> int:
    """The ends of the pieces of b, finest around ``bias``, from where output i is dead to ``top``.

    From ``bias`` on they double up to ``widest``. ``top`` is there twice: the last piece is all
    that lies above, which is worst at its lower end. Returns how many ends there are; 0 where there
    is no room for them.
    """
    room = len(edges) - 5  # with both ends, and two more of a region
    bias = max(bias, bottom)
    count, away, step = 0, 0.0, width
    while bias - away > bottom and count < room:
        count += 1
        away += step
        step = min(away, widest)
    edges[0] = bottom
    away, step = 0.0, width
    for k in range(count, 0, -1):
        edges[k] = bias - away
        away += step
        step = min(away, widest)
    count += 1
    away = width
    while bias + away < top and count < room:
        edges[count] = bias + away
        count += 1
        away += min(away, widest)
    if count >= room:
        return 0
    edges[count] = edges[count + 1] = max(top, bottom + width)
    return count + 2


@exactly
def add_edge(edges: Floats, count: int, at: float) -> int:
    """The ends with one more between them, if it lies there; how many there are then."""
    if not edges[0] < at < edges[count - 1]:
        return count
    k = count
    while edges[k - 1] >= at:
        edges[k] = edges[k - 1]
        k -= 1
    edges[k] = at
    return count + 1


@exactly
def bound_box(
    cases: Cases,
    low: Floats,
    high: Floats,
    work: Scratch,
    rows: Whole,
    biases: Whole,
    width: float,
    stiffness: float,
    region: Floats,
    in_region: bool,
) -> tuple[float, int]:
    """By how much the loss stays above ``most`` in all of a box, in the worst case.

    ``low`` and ``high`` (n, m) are equal where an entry is fixed. ``width`` is that of the finest
    pieces of a bias. With ``in_region``, what is bounded is the loss where some bias i lies outside
    ``region[i]``. Where the bound touches is left in ``rows`` and ``biases``; behind the margin
    stands k, where no piece is wider than 2⁻ᵏ: while a wide piece is to blame, k rises.
    """
    choose_tangent(cases, low, high, work, rows, biases, width, stiffness)
    margin, best_cut, cut = -np.inf, WIDEST, WIDEST
    while True:
        found, blamed = bound_pieces(
            cases, low, high, work, biases, width, 2.0**-cut, region, in_region
        )
        if found > margin:
            margin, best_cut = found, cut
        if margin > 0 or blamed <= 2 * width:
            return margin, best_cut
        cut = max(cut + 1, int(np.ceil(-np.log2(blamed))) + 2)


@exactly
def bound_pieces(
    cases: Cases,
    low: Floats,
    high: Floats,
    work: Scratch,
    biases: Whole,
    width: float,
    widest: float,
    region: Floats,
    in_region: bool,
) -> tuple[float, float]:
    """``bound_box`` with pieces of biases from ``width`` to ``widest``, once tangents are chosen.

    Behind the margin stands the width of the piece where it is reached; 0 where there are too many.
    """
    n, m = low.shape
    kinds, count = cases.weights.shape
    free = 0
    for i in range(n):
        for k in range(m):
            free += high[i, k] > low[i, k]
    vertices = 1 << free
    work.total[:, :vertices] = 0.0
    work.extra[:, :vertices] = np.inf
    work.broadest[:, :vertices] = 0.0
    edges = work.edges
    for i in range(n):
        bias = biases[i] * GRAIN
        bottom = 0.0
        top = bias + width
        for j in range(n):
            least = most = 0.0
            for k in range(m):
                p, q = low[i, k] * low[j, k], high[i, k] * high[j, k]
                r, s = low[i, k] * high[j, k], high[i, k] * low[j, k]
                if i == j:
                    r = s = 0.0 if low[i, k] < 0 < high[i, k] else p
                least += min(p, q, r, s)
                most += max(p, q, r, s)
            work.low[j] = least
            bottom -= max(most, 0.0)
        for a in range(kinds):
            # From there on E[z⁺] ≥ E[xᵢ] at the tangent's row, and the bound rises with b.
            end = cases.means[a, i]
            for j in range(n):
                end -= min(work.gram[i, j], 0.0) * cases.means[a, j]
            top = max(top, end)
        top = np.ceil(top * 4096 + 1) / 4096
        ends = cut_biases(bottom, top, bias, width, widest, edges)
        if ends == 0:
            return -np.inf, 0.0
        if in_region:
            ends = add_edge(edges, ends, region[i, 0])
            ends = add_edge(edges, ends, region[i, 1])
        for k in range(ends - 1):
            left, right = edges[k], edges[k + 1]
            at = min(max(bias, left), right)
            all_means(cases.sets, work.gram[i], at, work.means)
            own_means(cases.sets, i, work.low, left, work.parts)
            work.low[i] -= _SHIFT
            own_means(cases.sets, i, work.low, left, work.others)
            work.low[i] += _SHIFT
            inside = in_region and left >= region[i, 0] and right <= region[i, 1]
            inside = inside and k < ends - 2  # the last piece has no upper end
            work.is_inside[k] = 1.0 if inside else 0.0
            for a in range(kinds):
                found = work.touch[a, k]
                touch_at(cases, a, work.gram[i], at, work.means, found)
                rise = 0.0
                for s in range(count):
                    rise += cases.weights[a, s] * (work.parts[s] - work.others[s])
                found[n + 2] = rise / _SHIFT
        for v in range(vertices):
            square = touching = 0.0
            for j in range(n):
                total, bit = 0.0, 0
                for r in range(n):
                    for k in range(m):
                        # the entries of rows i and j at this vertex, by the bits of free entries
                        if high[r, k] > low[r, k]:
                            on = v >> bit & 1
                            bit += 1
                        else:
                            on = 0
                        if r == i:
                            work.centre[0, k] = high[r, k] if on else low[r, k]
                        if r == j:
                            work.centre[1, k] = high[r, k] if on else low[r, k]
                for k in range(m):
                    total += work.centre[0, k] * work.centre[1, k]
                work.row[j] = total
            square = work.row[i]
            for k in range(m):
                touching += work.tangent[i, k] * (2 * work.centre[0, k] - work.tangent[i, k])
            for a in range(kinds):
                work.least[a, v] = work.outside[a, v] = cases.squares[a, i]  # where it is dead
                work.breadth[a, v] = 0.0
            for e in range(ends):
                own_means(cases.sets, i, work.row, edges[e], work.parts)
                for a in range(kinds):
                    mean = 0.0
                    for s in range(count):
                        mean += cases.weights[a, s] * work.parts[s]
                    for k in range(max(e - 1, 0), min(e + 1, ends - 1)):
                        touch = work.touch[a, k]
                        left_over = 2 * (touch[i] - touch[n + 2])
                        loss = cases.squares[a, i] - touch[n + 1] - 2 * mean
                        loss += 2 * touch[n] * edges[e] + 2 * touch[n + 2] * square
                        loss += left_over * (touching if left_over > 0 else square)
                        for j in range(n):
                            if j != i:
                                loss += 2 * touch[j] * work.row[j]
                        if loss < work.least[a, v]:
                            work.least[a, v] = loss
                            work.breadth[a, v] = edges[k + 1] - edges[k]
                        if work.is_inside[k] == 0:
                            work.outside[a, v] = min(work.outside[a, v], loss)
        for a in range(kinds):
            weight = cases.importance[a, i]
            for v in range(vertices):
                more = weight * (work.outside[a, v] - work.least[a, v])
                work.total[a, v] += weight * work.least[a, v]
                work.extra[a, v] = min(work.extra[a, v], more)
                work.broadest[a, v] = max(work.broadest[a, v], work.breadth[a, v])
    margin, blamed = np.inf, 0.0
    for a in range(kinds):
        for v in range(vertices):
            found_loss = work.total[a, v] + (work.extra[a, v] if in_region else 0.0)
            if found_loss - cases.most[a] < margin:
                margin, blamed = found_loss - cases.most[a], work.broadest[a, v]
    return margin, blamed


@exactly
def bound_boxes(
    cases: Cases,
    low: Floats,
    high: Floats,
    work: Scratch,
    rows: Whole,
    biases: Whole,
    widths: Floats,
    stiffness: float,
    region: Floats,
    in_region: Whole,
    margins: Floats,
    cuts: Whole,
) -> None:
    """``bound_box`` of many boxes, each in the region of its number, or in none below 0."""
    for t in range(low.shape[0]):
        inside = in_region[t] >= 0
        margins[t], cuts[t] = bound_box(
            cases,
            low[t],
            high[t],
            work,
            rows[t],
            biases[t],
            widths[t],
            stiffness,
            region[max(in_region[t], 0)],
            inside,
        )
