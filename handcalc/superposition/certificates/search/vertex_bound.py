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
"""

from __future__ import annotations

import numpy as np

from handcalc.superposition.certificates.cover import GRAIN
from handcalc.superposition.certificates.search.compiler import exactly
from handcalc.superposition.certificates.search.tangent import (
    SHIFT,
    CornerCases,
    Floats,
    Scratch,
    Whole,
    all_means,
    choose_tangent,
    own_means,
    touch_at,
)

WIDEST = -3
"""No piece of a bias is wider than 2⁻ᵏ, k from here on."""


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
    cases: CornerCases,
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
def span_row(
    cases: CornerCases, i: int, low: Floats, high: Floats, work: Scratch
) -> tuple[float, float]:
    """The b below which output i is dead in all of a box, and that above which its bound rises.

    The lowest corner of row i of the Gram matrix is left in ``work.low``.
    """
    n, m = low.shape
    bottom, top = 0.0, -np.inf
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
    for a in range(cases.weights.shape[0]):
        # From there on E[z⁺] ≥ E[xᵢ] at the tangent's row, and the bound rises with b.
        end = cases.means[a, i]
        for j in range(n):
            end -= min(work.gram[i, j], 0.0) * cases.means[a, j]
        top = max(top, end)
    return bottom, top


@exactly
def touch_pieces(
    cases: CornerCases,
    i: int,
    bias: float,
    ends: int,
    work: Scratch,
    region: Floats,
    in_region: bool,
) -> None:
    """T, T·y' and θ of each piece of bᵢ, whose tangent touches where it is nearest to ``bias``."""
    kinds, count = cases.weights.shape
    n = work.low.shape[0]
    for k in range(ends - 1):
        left, right = work.edges[k], work.edges[k + 1]
        at = min(max(bias, left), right)
        all_means(cases.sets, work.gram[i], at, work.means)
        own_means(cases.sets, i, work.low, left, work.parts)
        work.low[i] -= SHIFT
        own_means(cases.sets, i, work.low, left, work.others)
        work.low[i] += SHIFT
        inside = in_region and left >= region[i, 0] and right <= region[i, 1]
        inside = inside and k < ends - 2  # the last piece has no upper end
        work.is_inside[k] = 1.0 if inside else 0.0
        for a in range(kinds):
            found = work.touch[a, k]
            touch_at(cases, a, work.gram[i], at, work.means, found)
            rise = 0.0
            for s in range(count):
                rise += cases.weights[a, s] * (work.parts[s] - work.others[s])
            found[n + 2] = rise / SHIFT


@exactly
def row_at(i: int, vertex: int, low: Floats, high: Floats, work: Scratch) -> float:
    """All Wᵢ·Wⱼ at a vertex of a box, in ``work.row``; returns the tangent of |Wᵢ|² there.

    A vertex has a bit for each free entry.
    """
    n, m = low.shape
    for j in range(n):
        total, bit = 0.0, 0
        for r in range(n):
            for k in range(m):
                on = 0
                if high[r, k] > low[r, k]:
                    on = vertex >> bit & 1
                    bit += 1
                if r == i:
                    work.centre[0, k] = high[r, k] if on else low[r, k]
                if r == j:
                    work.centre[1, k] = high[r, k] if on else low[r, k]
        for k in range(m):
            total += work.centre[0, k] * work.centre[1, k]
        work.row[j] = total
    touching = 0.0
    for k in range(m):
        touching += work.tangent[i, k] * (2 * work.centre[0, k] - work.tangent[i, k])
    return touching


@exactly
def lower_row(
    cases: CornerCases, i: int, vertex: int, ends: int, touching: float, work: Scratch
) -> None:
    """The bound of output i at a vertex, the least over all pieces of bᵢ, and over those outside.

    ``touching`` is the tangent of |Wᵢ|².
    """
    kinds, count = cases.weights.shape
    n = work.row.shape[0]
    square = work.row[i]
    for a in range(kinds):
        work.least[a, vertex] = work.outside[a, vertex] = cases.squares[a, i]  # where it is dead
        work.breadth[a, vertex] = 0.0
    for e in range(ends):
        own_means(cases.sets, i, work.row, work.edges[e], work.parts)
        for a in range(kinds):
            mean = 0.0
            for s in range(count):
                mean += cases.weights[a, s] * work.parts[s]
            for k in range(max(e - 1, 0), min(e + 1, ends - 1)):
                touch = work.touch[a, k]
                left_over = 2 * (touch[i] - touch[n + 2])
                loss = cases.squares[a, i] - touch[n + 1] - 2 * mean
                loss += 2 * touch[n] * work.edges[e] + 2 * touch[n + 2] * square
                loss += left_over * (touching if left_over > 0 else square)
                for j in range(n):
                    if j != i:
                        loss += 2 * touch[j] * work.row[j]
                if loss < work.least[a, vertex]:
                    work.least[a, vertex] = loss
                    work.breadth[a, vertex] = work.edges[k + 1] - work.edges[k]
                if work.is_inside[k] == 0:
                    work.outside[a, vertex] = min(work.outside[a, vertex], loss)


@exactly
def bound_pieces(
    cases: CornerCases,
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
    kinds = cases.weights.shape[0]
    free = 0
    for i in range(n):
        for k in range(m):
            free += high[i, k] > low[i, k]
    vertices = 1 << free
    work.total[:, :vertices] = 0.0
    work.extra[:, :vertices] = np.inf
    work.broadest[:, :vertices] = 0.0
    for i in range(n):
        bias = biases[i] * GRAIN
        bottom, top = span_row(cases, i, low, high, work)
        top = np.ceil(max(top, bias + width) * 4096 + 1) / 4096
        ends = cut_biases(bottom, top, bias, width, widest, work.edges)
        if ends == 0:
            return -np.inf, 0.0
        if in_region:
            ends = add_edge(work.edges, ends, region[i, 0])
            ends = add_edge(work.edges, ends, region[i, 1])
        touch_pieces(cases, i, bias, ends, work, region, in_region)
        for v in range(vertices):
            lower_row(cases, i, v, ends, row_at(i, v, low, high, work), work)
            for a in range(kinds):
                weight = cases.importance[a, i]
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
    cases: CornerCases,
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
