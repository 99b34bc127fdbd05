"""Between which two numbers the loss of a wide model on sparse inputs lies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from handcalc.display import fields_text
from handcalc.errors import InputError
from handcalc.inputs.containers import as_int
from handcalc.processes.cores import cores
from handcalc.superposition.numeric.arrays import Array, Arrays, fitted, gram, models_in
from handcalc.superposition.numeric.expansion.few_active import Outputs, add_orders
from handcalc.superposition.numeric.expansion.tails import tails
from handcalc.wording import brief

Floats = NDArray[np.float64]

MOST_ORDER = 3
_SHARED = 64  # features from which threads share the outputs out
_EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True, repr=False)
class LossBounds:
    """L of each model is at least ``lower`` and at most ``upper``, (models,).

    ``orders`` (models, order + 1) is what is lost with 0, 1, … features active, which together is
    ``lower``; ``beyond`` (models,) the probability that more are. Both bounds are wider by more
    than floating point can have lost.
    """

    lower: Floats
    upper: Floats
    orders: Floats
    beyond: Floats

    __repr__ = fields_text


def loss_bounds(
    W: Array, b: Array, sparsity: object, importance: object = 1.0, *, order: int = 2
) -> LossBounds:
    """L = Σᵢ Iᵢ E[(xᵢ − ReLU(WWᵀx + b)ᵢ)²] of each model, by the inputs with few features active.

    L = Σ_k L_k over the number k of active features; the orders up to ``order`` are closed forms of
    n·C(n, k) terms each, and the rest lies between 0 and a closed form of its own. So bounds are
    close where p·n is small. Features are active independently.

    Args:
        W: (models, n, m), of NumPy.
        b: (models, n).
        sparsity: S, above 0: one number, or what fits (models, n).
        importance: Fits (models, n).
        order: From 0 to 3; 2 takes about a second for 400 features, 3 for 80.

    Raises:
        InputError: ``array``, ``wrong_shape``, ``sparsity``, ``importance``, ``order``.

    Source: the expansion is that of Elhage et al. 2022, "Mathematical Understanding"; the closed
    forms and bounds are derived here.

    >>> W = np.asarray([[[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]])  # antipodal: L = (1 − S)²/3
    >>> found = loss_bounds(W, np.zeros((1, 3)), 0.99, order=2)
    >>> bool(found.lower[0] <= 0.01**2 / 3 <= found.upper[0] < 1.02 * 0.01**2 / 3)
    True
    """
    return _bounded(W, b, sparsity, importance, order, slopes=False)[0]


def loss_bounds_and_gradients(
    W: Array, b: Array, sparsity: object, importance: object = 1.0
) -> tuple[LossBounds, Floats, Floats]:
    """The bounds of order 2, with ∂upper/∂W (models, n, m) and ∂upper/∂b (models, n).

    To descend on ``upper`` is to lower what the loss is known to stay below. Errors: those of
    ``loss_bounds``.

    >>> W = np.asarray([[[1.0], [-1.0]]])  # an antipodal pair: longer or shorter is worse
    >>> found, by_W, by_b = loss_bounds_and_gradients(W, np.zeros((1, 2)), 0.999)
    >>> bool((abs(by_W) < 1e-5).all())
    True
    """
    found, by_W, by_b = _bounded(W, b, sparsity, importance, 2, slopes=True)
    return found, by_W, by_b


def _bounded(
    W: Array, b: Array, sparsity: object, importance: object, order: int, *, slopes: bool
) -> tuple[LossBounds, Floats, Floats]:
    if as_int(order) not in range(MOST_ORDER + 1):
        raise InputError("order", f"order is from 0 to {MOST_ORDER}, not {brief(order)}.")
    arrays = Arrays.of(W, b)
    W, b = models_in(arrays, W, b)
    weights = fitted(arrays, "importance", importance, tuple(b.shape))
    S = fitted(arrays, "sparsity", sparsity, tuple(b.shape))
    if not bool(((S > 0) & (S <= 1)).all()):
        raise InputError(
            "sparsity",
            "Each S is above 0 and at most 1: where a feature is always active there is no order "
            "with few.",
        )
    if not bool((weights >= 0).all()):
        raise InputError("importance", "Each importance is a number of at least 0.")
    each = [_model(*one, order, slopes) for one in zip(W, b, 1 - S, weights, strict=True)]
    lower, upper, orders, beyond, by_W, by_b = map(np.array, zip(*each, strict=True))
    return LossBounds(lower, upper, orders, beyond), by_W, by_b


def _model(
    W: Floats, b: Floats, p: Floats, importance: Floats, order: int, slopes: bool
) -> tuple[float, float, Floats, float, Floats, Floats]:
    """Lower and upper bound, orders, the probability beyond, and the upper bound's slopes."""
    n, m = W.shape
    G = gram(W[None])[0]
    outputs = _few_active(G, b, p, order, slopes)
    rest = tails(G, b, p, order)
    none = np.exp(np.sum(np.log1p(-p)))
    orders = none * outputs.orders[:, : order + 1]
    everything = tails(G, b, p, -1).bounds
    # Sums of n numbers within sums of n numbers, none of them negative but 1/3 − 2E[xR₁] + 2E[R₂],
    # whose parts are at most p and what is bounded here.
    lost = (4 * n + m + 100) * _EPSILON * (everything + orders.sum(1) + p)
    by_order = importance @ orders
    lower = float(by_order.sum() - importance @ lost)
    upper = float(by_order.sum() + importance @ (rest.bounds + lost))
    beyond = _beyond(p, order)
    by_G = importance[:, None] * (none * outputs.by_G + rest.by_G)
    by_b = importance * (none * outputs.by_b + rest.by_b)
    return max(lower, 0.0), upper, by_order, beyond, (by_G + by_G.T) @ W, by_b


def _few_active(G: Floats, b: Floats, p: Floats, order: int, slopes: bool) -> Outputs:
    n = len(b)
    rows, bias, odds = (
        np.require(values, np.float64, ["C", "W", "O"]) for values in (G, b, p / (1 - p))
    )
    orders = np.zeros((n, MOST_ORDER + 1))
    outputs = Outputs(rows, bias, odds, orders, np.zeros(n), np.zeros((n, n)))
    parts = min(n, cores()) if n >= _SHARED else 1
    if parts == 1:
        add_orders(outputs, order, slopes, 0, 1)
        return outputs
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(lambda part: add_orders(outputs, order, slopes, part, parts), range(parts)))
    return outputs


def _beyond(p: Floats, order: int) -> float:
    """P(more than ``order`` features are active), by adding features one after the other."""
    chances = np.zeros(order + 2)  # of 0, 1, … active, the last one of more
    chances[0] = 1
    for each in p:
        moved = chances * each
        chances -= moved
        chances[1:] += moved[:-1]
        chances[-1] += moved[-1]
    return float(chances[-1])
