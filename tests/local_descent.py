"""The bottom of the basin that a model lies in, by Newton steps on the loss in floats.

The slopes are those of the numeric twin, their changes are measured; no search, no closed form.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from handcalc.superposition.loss.distribution import Distribution
from handcalc.superposition.numeric import expected_losses_and_gradients

Point = np.ndarray
_WIDTH = 1e-5


def bottom(W: Point, b: Point, inputs: Distribution, steps: int = 60) -> tuple[float, Point, Point]:
    """The loss where no step of Newton's lowers it any more, and W and b there.

    The way begins at W of shape (n, m) and b of length n.
    """
    n, m = W.shape

    def at(x: Point) -> tuple[float, Point]:
        rows, bias = x[: n * m].reshape(1, n, m), x[n * m :].reshape(1, n)
        loss, slopes, slopes_in_b = expected_losses_and_gradients(rows, bias, inputs)
        return float(loss[0]), np.concatenate([slopes[0].ravel(), slopes_in_b[0]])

    x = np.concatenate([W.ravel(), b])
    loss, slope = at(x)
    for _ in range(steps):
        bend = curvature(lambda y: at(y)[1], x)
        below = None
        for damping in (0.0, 1e-3, 1e-2, 1e-1, 1.0, 10.0):
            candidate = x - newton(bend, slope, damping)
            found = at(candidate)
            if found[0] < loss:
                below = candidate, *found
                break
        if below is None:
            break
        x, loss, slope = below
    return loss, x[: n * m].reshape(n, m), x[n * m :]


def curvature(slope: Callable[[Point], Point], x: Point) -> Point:
    rows = [(slope(x + _WIDTH * e) - slope(x - _WIDTH * e)) / (2 * _WIDTH) for e in np.eye(len(x))]
    return (np.array(rows) + np.array(rows).T) / 2


def newton(bend: Point, slope: Point, damping: float) -> Point:
    """The step against the slope; where the loss is flat, as for a turn, it stays short."""
    values, axes = np.linalg.eigh(bend)
    return axes @ ((axes.T @ slope) / (np.maximum(np.abs(values), 1e-4) + damping))
