"""That the loss is strictly convex on a region: a lower bound on its second derivatives there.

With yᵢ = (Wᵢ·W₁, …, Wᵢ·Wₙ, bᵢ) and zᵢ = yᵢ·(x, 1), the loss of output i has in yᵢ the gradient
2E[(x, 1) zᵢ⁺] − 2E[xᵢ(x, 1); zᵢ > 0] and the second derivatives

    2E[(x, 1)(x, 1)ᵀ; zᵢ > 0] − 2E[xᵢ (x, 1)(x, 1)ᵀ δ(zᵢ)].

On a box of yᵢ the first are at least, as matrices, those of the inputs with zᵢ > 0 at the box's
lowest corner, since x ≥ 0. The second are an integral over the plane zᵢ = 0, which is enclosed
entry by entry on a grid of the other inputs. They are inserted into the second derivatives in
(W, b), whose matrix is enclosed for the whole region; where z is 0 on inputs that have weight, the
first bound holds from either side. Source: derived here.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from handcalc.superposition.certificates.checker.leaf import ROUNDING, kept, touching
from handcalc.superposition.certificates.claim import free_entries
from handcalc.superposition.certificates.cover import Region

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float64]]"

_HALVINGS = 8  # of a region, before it is given up
_CELLS = {1: 1, 2: 2048, 3: 192}
"""Parts of each side of the cube of all features but one, by how many features are on."""
_FLATTEST = 2.0**-12  # slopes that are less are not divided by
_STEP = 2.0**-16  # for a slope from two values of a convex function
_SLACK = 2.0**-30  # for the rounding of sums of numbers of size 1, which is below 1e-12


class CaseArrays(NamedTuple):
    """One case: sets of features that are on (sets, 3), how likely they are, and costs (n,)."""

    sets: np.ndarray[Any, np.dtype[np.int64]]
    weights: Floats
    importance: Floats
    active: Floats


def convexity(case: CaseArrays, region: Region) -> float:
    """A μ such that all second derivatives of the loss on the region are at least μ.

    In the free entries of W and in b. Where it cannot be shown at once, it is shown part by part.
    0 where it could not be shown.
    """
    least, parts = np.inf, [(region, 0)]
    while parts:
        part, halvings = parts.pop()
        found = _convexity_of_part(case, part)
        if found > 0:
            least = min(least, found)
        elif halvings < _HALVINGS:
            parts += [(half, halvings + 1) for half in _halves(part)]
        else:
            return 0.0
    return float(least)


def _halves(region: Region) -> tuple[Region, Region]:
    """A region halved along its widest entry."""
    sides = np.append((region.high - region.low).ravel(), np.ptp(region.biases, axis=1))
    widest, count = int(sides.argmax()), region.low.size
    low, high, biases = region.low.copy(), region.high.copy(), region.biases.copy()
    if widest < count:
        place = np.unravel_index(widest, region.low.shape)
        low[place] = high[place] = (low[place] + high[place]) / 2
        return Region(region.low, high, biases), Region(low, region.high, biases)
    upper = biases.copy()
    biases[widest - count, 1] = upper[widest - count, 0] = biases[widest - count].mean()
    return Region(low, high, biases), Region(low, high, upper)


def _convexity_of_part(case: CaseArrays, region: Region) -> float:
    """``convexity`` by one enclosure of all second derivatives."""
    n, m = region.low.shape
    low, high = _gram(region)
    size = n * m + n
    middle, radius = np.zeros((size, size)), np.zeros((size, size))
    W, spread = (region.low + region.high) / 2, (region.high - region.low) / 2
    for i in range(n):
        below = np.append(low[i], region.biases[i, 0])
        above = np.append(high[i], region.biases[i, 1])
        curve = _row_curvature(case, i, below, above)
        if curve is None:
            return 0.0
        jacobian, moves = _jacobian(i, W), _jacobian(i, spread)
        moves[n] = 0  # bᵢ is an entry of yᵢ wherever it lies
        weight = case.importance[i]
        product_ = abs(curve)
        middle += weight * jacobian.T @ curve @ jacobian
        crossed = abs(jacobian).T @ product_ @ moves
        radius += weight * (crossed + crossed.T + moves.T @ product_ @ moves)
        slopes, errors = _row_slopes(case, i, below, above)
        for j in range(n):
            for k in range(m):
                a, c = i * m + k, j * m + k
                middle[a, c] += weight * slopes[j]
                middle[c, a] += weight * slopes[j]
                radius[a, c] += weight * errors[j]
                radius[c, a] += weight * errors[j]
    kept_ = [i * m + k for i, k in free_entries(n, m)] + list(range(n * m, size))
    # vᵀRv ≤ Σ vⱼ²·(row j of R) for a symmetric R ≥ 0
    rounded = len(kept_) * _SLACK * (1 + abs(middle).max() + radius.max())
    worst = np.diag(radius[np.ix_(kept_, kept_)].sum(1) + rounded)
    matrix = middle[np.ix_(kept_, kept_)] - worst
    guess = float(np.linalg.eigvalsh(matrix).min()) * (1 - 2.0**-20) - _SLACK
    return guess if guess > 0 and _is_positive(matrix, guess) else 0.0


def _gram(region: Region) -> tuple[Floats, Floats]:
    """The least and greatest Wᵢ·Wⱼ on a region, exact."""
    pairs = [(region.low, region.low), (region.low, region.high)]
    pairs += [(region.high, region.low), (region.high, region.high)]
    found = np.array([left[:, None, :] * right[None, :, :] for left, right in pairs])
    least, most = found.min(0), found.max(0)
    for i in range(len(least)):
        squares = np.array([region.low[i] ** 2, region.high[i] ** 2])
        crosses = (region.low[i] < 0) & (region.high[i] > 0)
        least[i, i] = np.where(crosses, 0.0, squares.min(0))
        most[i, i] = squares.max(0)
    return least.sum(2), most.sum(2)


def _jacobian(i: int, W: Floats) -> Floats:
    """The derivatives of yᵢ in all entries of W, row by row, and in b: (n + 1, n·m + n)."""
    n, m = W.shape
    found = np.zeros((n + 1, n * m + n))
    for j in range(n):
        found[j, i * m : i * m + m] += W[j]
        found[j, j * m : j * m + m] += W[i]
    found[n, n * m + i] = 1
    return found


def _row_slopes(case: CaseArrays, i: int, below: Floats, above: Floats) -> tuple[Floats, Floats]:
    """The middle and radius of ∂Lᵢ/∂(Wᵢ·Wⱼ) on a box of yᵢ: both parts of it rise with yᵢ."""
    n = len(below) - 1
    found, total = np.empty(n + 1), np.empty(n + 1)
    middle, radius = np.empty(n), np.empty(n)
    touching(case.sets, case.weights, below, found, total)
    least = total.copy()
    touching(case.sets, case.weights, above, found, total)
    most = total.copy()
    for j in range(n):
        ends = []
        for corner, sign in ((below, -1), (above, 1)):
            moved = corner.copy()
            moved[j] += sign * _STEP
            here, there = (kept(case.sets, case.weights, i, y, found) for y in (corner, moved))
            error = ROUNDING * (here + there)
            ends.append(sign * (there - here) / _STEP + sign * error / _STEP)
        first, last = 2 * least[j] - 2 * ends[1], 2 * most[j] - 2 * ends[0]
        middle[j], radius[j] = (first + last) / 2, (last - first) / 2 + _SLACK
    return middle, radius


def _row_curvature(case: CaseArrays, i: int, below: Floats, above: Floats) -> Floats | None:
    """A matrix that all second derivatives of Lᵢ on a box of yᵢ are at least; None if unknown."""
    n = len(below) - 1
    total = np.zeros((n + 1, n + 1))
    for on_padded, weight in zip(case.sets, case.weights, strict=True):
        on = [int(j) for j in on_padded if j >= 0]
        if weight == 0:
            continue
        places = [*on, n]
        part = 2 * _always_on(below[places])
        if i in on:
            bounds = _on_plane(on.index(i), below[places], above[places])
            if bounds is None:
                return None
            least, most = bounds
            part -= least + most
            part -= np.diag((most - least).sum(1))  # vᵀRv ≤ Σ vⱼ²·(row j of |R|)
        total[np.ix_(places, places)] += weight * part
    return total


def _always_on(below: Floats) -> Floats:
    """E[(x, 1)(x, 1)ᵀ] over inputs with z > 0 at the lowest y, or over nearly all of them.

    Cell by cell of all features but the steepest, whose interval with z > 0 is known.
    """
    k = len(below) - 1
    if k == 0:
        return np.array([[float(below[0] > 0)]])
    steepest = int(abs(below[:k]).argmax())
    others = [j for j in range(k) if j != steepest]
    count = _CELLS[k]
    lows, highs = _cells(count, len(others))
    rest = np.full(lows.shape[1], below[k] - _SLACK)
    for j, low, high in zip(others, lows, highs, strict=True):
        rest = rest + np.minimum(below[j] * low, below[j] * high)
    slope = below[steepest]
    if slope == 0:
        low_x, high_x = np.zeros_like(rest), np.where(rest > 0, 1.0, 0.0)
    elif slope > 0:
        low_x, high_x = (-rest / slope).clip(0, 1), np.ones_like(rest)
    else:
        low_x, high_x = np.zeros_like(rest), (-rest / slope).clip(0, 1)
    moments: list[list[Floats]] = [[] for _ in range(k)]
    for j, (low, high) in zip(
        [steepest, *others], [(low_x, high_x), *zip(lows, highs, strict=True)], strict=True
    ):
        moments[j] = [(high**p - low**p) / p for p in (1, 2, 3)]
    found = np.empty((k + 1, k + 1))
    for a, c in product(range(k + 1), repeat=2):
        value = np.ones_like(rest)
        for j in range(k):
            value = value * moments[j][(a == j) + (c == j)]
        found[a, c] = value.sum()
    return found


def _cells(count: int, axes: int) -> tuple[Floats, Floats]:
    """The ends of cells of a cube, ``count`` along each axis: (axes, cells) each."""
    grids = np.meshgrid(*[np.arange(count)] * axes, indexing="ij")
    cells = np.array([grid.ravel() for grid in grids]).reshape(axes, count**axes)
    return cells / count, (cells + 1) / count


def _on_plane(own: int, below: Floats, above: Floats) -> tuple[Floats, Floats] | None:
    """E[xᵢ (x, 1)(x, 1)ᵀ δ(z)] on a box of y, from below and above; None if unknown.

    One feature whose slope is never 0 is solved for, and the others are taken cell by cell.
    """
    k = len(below) - 1
    least_z = below[k] + np.minimum(below[:k], 0).sum()
    most_z = above[k] + np.maximum(above[:k], 0).sum()
    if least_z > 0 or most_z < 0:
        return np.zeros((k + 1, k + 1)), np.zeros((k + 1, k + 1))
    has_sign = (below[:k] > 0) | (above[:k] < 0)
    sure = np.where(has_sign, np.minimum(abs(below[:k]), abs(above[:k])), 0)
    solved = int(sure.argmax())
    if sure[solved] < _FLATTEST:
        return None
    others = [j for j in range(k) if j != solved]
    count = _CELLS[k]
    low_cells, high_cells = _cells(count, len(others))
    lows = dict(zip(others, low_cells, strict=True))
    highs = dict(zip(others, high_cells, strict=True))
    low_rest = np.full(count ** len(others), below[k])
    high_rest = np.full(count ** len(others), above[k])
    for j in others:
        low_rest = low_rest + np.minimum(below[j] * lows[j], below[j] * highs[j])
        high_rest = high_rest + np.maximum(above[j] * lows[j], above[j] * highs[j])
    quotients = np.array(
        [-rest / g for rest in (low_rest, high_rest) for g in (below[solved], above[solved])]
    )
    low_x, high_x = quotients.min(0) - _SLACK, quotients.max(0) + _SLACK
    possible = (high_x >= 0) & (low_x <= 1)
    certain = (low_x >= 0) & (high_x <= 1)
    lows[solved], highs[solved] = low_x.clip(0, 1), high_x.clip(0, 1)
    volume = 1 / count ** len(others)
    found = []
    for counted, values, g in ((certain, lows, 0.0), (possible, highs, 1.0)):
        slope = sure[solved] if g else max(abs(below[solved]), abs(above[solved]))
        weights = counted * values[own] * volume / slope
        columns = np.array([*(values[j] for j in range(k)), np.ones_like(low_x)])
        found.append((columns * weights) @ columns.T)
    rounded = _SLACK * (1 + found[1].max())
    return found[0] - rounded, found[1] + rounded


def _is_positive(matrix: Floats, shift: float) -> bool:
    """Whether matrix − shift·1 is positive definite, by its pivots in fractions."""
    size = len(matrix)
    rows = [[Fraction(float(cell)) for cell in row] for row in (matrix + matrix.T) / 2]
    for j in range(size):
        rows[j][j] -= Fraction(shift)
    for j in range(size):
        if rows[j][j] <= 0:
            return False
        for r in range(j + 1, size):
            factor = rows[r][j] / rows[j][j]
            rows[r] = [a - factor * b for a, b in zip(rows[r], rows[j], strict=True)]
    return True
