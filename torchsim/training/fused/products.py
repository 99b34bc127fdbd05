"""A model down and up again on some samples: products of a few rows with many columns.

Samples are columns, x (n, count) and h (m, count), as in h = Wᵀx, and every innermost loop runs
along them: compiled, it takes as many at once as a processor's vectors hold. Two rows of what comes
out and four of what goes in are worked together where there are so many, and the first of them
write where the others add: what is loaded is used often, and little is stored.
"""

from __future__ import annotations

import numpy as np

from torchsim.training.fused.compiled import Floats, reordered


@reordered
def multiply(out: Floats, weights: Floats, rows: Floats, start: Floats, count: int) -> None:
    """out = weights · rows + start on ``count`` columns, ``start`` (outputs,) added to each.

    ``out`` is (outputs, …), ``rows`` (inputs, …); ``weights`` (outputs, inputs) may have columns
    more.
    """
    for o in range(0, out.shape[0] - 1, 2):
        _two(out, o, weights, rows, start, count)
    if out.shape[0] % 2:
        _one(out, out.shape[0] - 1, weights, rows, start, count)


@reordered
def _two(out: Floats, o: int, w: Floats, rows: Floats, start: Floats, count: int) -> None:
    """Rows ``o`` and ``o + 1`` of a product."""
    inputs, p, s, t = rows.shape[0], o + 1, start[o], start[o + 1]
    done = min(inputs, 4)
    if inputs >= 4:
        a0, a1, a2, a3 = w[o, 0], w[o, 1], w[o, 2], w[o, 3]
        b0, b1, b2, b3 = w[p, 0], w[p, 1], w[p, 2], w[p, 3]
        for k in range(count):
            x0, x1, x2, x3 = rows[0, k], rows[1, k], rows[2, k], rows[3, k]
            out[o, k] = s + a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
            out[p, k] = t + b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
    elif inputs >= 2:
        done, a0, a1, b0, b1 = 2, w[o, 0], w[o, 1], w[p, 0], w[p, 1]
        for k in range(count):
            out[o, k] = s + a0 * rows[0, k] + a1 * rows[1, k]
            out[p, k] = t + b0 * rows[0, k] + b1 * rows[1, k]
    else:
        a0, b0 = w[o, 0], w[p, 0]
        for k in range(count):
            out[o, k] = s + a0 * rows[0, k]
            out[p, k] = t + b0 * rows[0, k]
    _add_to_two(out, o, w, rows, done, count)


@reordered
def _add_to_two(out: Floats, o: int, w: Floats, rows: Floats, j: int, count: int) -> None:
    """Add to rows ``o`` and ``o + 1`` what the inputs from ``j`` on bring."""
    inputs, p = rows.shape[0], o + 1
    while inputs - j >= 4:
        a0, a1, a2, a3 = w[o, j], w[o, j + 1], w[o, j + 2], w[o, j + 3]
        b0, b1, b2, b3 = w[p, j], w[p, j + 1], w[p, j + 2], w[p, j + 3]
        for k in range(count):
            x0, x1, x2, x3 = rows[j, k], rows[j + 1, k], rows[j + 2, k], rows[j + 3, k]
            out[o, k] += a0 * x0 + a1 * x1 + a2 * x2 + a3 * x3
            out[p, k] += b0 * x0 + b1 * x1 + b2 * x2 + b3 * x3
        j += 4
    while j < inputs:
        a0, b0 = w[o, j], w[p, j]
        for k in range(count):
            out[o, k] += a0 * rows[j, k]
            out[p, k] += b0 * rows[j, k]
        j += 1


@reordered
def _one(out: Floats, o: int, w: Floats, rows: Floats, start: Floats, count: int) -> None:
    """Row ``o`` of a product."""
    inputs, s, a0, j = rows.shape[0], start[o], w[o, 0], 1
    for k in range(count):
        out[o, k] = s + a0 * rows[0, k]
    while inputs - j >= 4:
        a0, a1, a2, a3 = w[o, j], w[o, j + 1], w[o, j + 2], w[o, j + 3]
        for k in range(count):
            below = a0 * rows[j, k] + a1 * rows[j + 1, k]
            out[o, k] += below + a2 * rows[j + 2, k] + a3 * rows[j + 3, k]
        j += 4
    while j < inputs:
        a0 = w[o, j]
        for k in range(count):
            out[o, k] += a0 * rows[j, k]
        j += 1


@reordered
def errors(
    z: Floats, i: int, x: Floats, floor: np.floating, scale: np.floating, count: int
) -> tuple[np.floating, np.floating]:
    """Row i of z becomes D = scale·(x̂ᵢ − xᵢ) where x̂ᵢ = max(zᵢ, floor) is above it, else 0.

    Returns Σ (x̂ᵢ − xᵢ)² and Σ D.
    """
    none = z.dtype.type(0)
    squares, slope = none, none
    for k in range(count):
        # written so that a NaN stays one
        error = (floor if z[i, k] <= floor else z[i, k]) - x[i, k]
        squares += error * error
        passed = none if z[i, k] <= floor else scale * error
        slope += passed
        z[i, k] = passed
    return squares, slope


@reordered
def add_outer(out: Floats, rows: Floats, columns: Floats, count: int) -> None:
    """Add rows · columnsᵀ to ``out``: Σ over ``count`` samples of one times the other.

    ``rows`` is (n, …), ``columns`` (m, …); columns of ``out`` (n, m) beyond m stay as they are.
    """
    n, m = rows.shape[0], columns.shape[0]
    for i in range(0, n - 1, 2):
        for j in range(0, m - 1, 2):
            a = b = c = d = out.dtype.type(0)
            for k in range(count):
                a += rows[i, k] * columns[j, k]
                b += rows[i, k] * columns[j + 1, k]
                c += rows[i + 1, k] * columns[j, k]
                d += rows[i + 1, k] * columns[j + 1, k]
            out[i, j] += a
            out[i, j + 1] += b
            out[i + 1, j] += c
            out[i + 1, j + 1] += d
    if m % 2:
        for i in range(n):
            out[i, m - 1] += _dot(rows, i, columns, m - 1, count)
    if n % 2:
        for j in range(m - m % 2):
            out[n - 1, j] += _dot(rows, n - 1, columns, j, count)


@reordered
def _dot(rows: Floats, i: int, columns: Floats, j: int, count: int) -> np.floating:
    total = rows.dtype.type(0)
    for k in range(count):
        total += rows[i, k] * columns[j, k]
    return total
