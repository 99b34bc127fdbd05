"""The descent to bigram tables W_E W_U of few dimensions, from several starts, in float64."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from handcalc.bfgs import Floats, minimise

_SEED = 0
_STARTS = {100: 20, 300: 8}  # for so many numbers in W_E and W_U at most
_FEW_STARTS = 4  # for more
_SAME = 1e-6  # of the loss: descents that differ by less ended together
_UNSEEN = 0.1  # of the mean count, added to every count before a logarithm is taken


@dataclass(frozen=True, slots=True)
class Descended:
    """The factors of the lowest table, and how many of the descents ended there."""

    W_E: list[list[float]]
    W_U: list[list[float]]
    starts: int
    agreed: int


def search(
    weights: Sequence[Sequence[float]],
    d: int,
    on_progress: Callable[[int, int], None] | None = None,
) -> Descended:
    """Descend from random factors, and from the best ones for squares of the log counts.

    The same weights of shape (V, V) and the same d give the same descents.

    >>> search([[1, 2, 4], [2, 2, 2], [4, 2, 1]], 1).starts
    21
    """
    w = np.asarray(weights) / np.sum(weights)
    V, done = len(w), 0
    fitting = (count for most, count in _STARTS.items() if 2 * V * d <= most)
    count = next(fitting, _FEW_STARTS)
    streams = (np.random.default_rng([_SEED, V, d, k]) for k in range(count))
    squares = _balanced(np.log(w + _UNSEEN / w.size), d)
    whole = np.concatenate([part.ravel() for part in squares])
    starts = np.stack([whole, *(stream.normal(size=2 * V * d) for stream in streams)])

    def tell(more: int) -> None:
        nonlocal done
        done += more
        if on_progress is not None:
            on_progress(done, len(starts))

    ends = minimise(lambda X, _: _losses_and_gradients(w, d, X), starts, tell)
    best = int(ends.F.argmin())
    least = float(ends.F[best])
    E, U = (part[0] for part in _factors(ends.X[best : best + 1], V, d))
    E = np.where(w.any(axis=1, keepdims=True), E, 0)  # of a token that nothing follows it is free
    W_E, W_U = _balanced(E @ U, d)
    agreed = int((ends.F - least <= _SAME * max(least, _SAME)).sum())
    return Descended(W_E.tolist(), W_U.tolist(), len(starts), agreed)


def _losses_and_gradients(w: Floats, d: int, X: Floats) -> tuple[Floats, Floats]:
    """Σ w(x, y)(log Σ_z e^T_xz − T_xy) of T = W_E W_U for factors X (models, 2Vd), and ∂/∂X."""
    E, U = _factors(X, len(w), d)
    often = w.sum(axis=1)  # how often each current token is met, (V,)
    T = E @ U  # (models, V, V)
    top = T.max(axis=2, keepdims=True)
    powers = np.exp(T - top)
    sums = powers.sum(axis=2, keepdims=True)
    F = (often * (np.log(sums) + top)[:, :, 0]).sum(axis=1) - (w * T).sum(axis=(1, 2))
    slope = powers / sums * often[:, None] - w  # ∂F/∂T
    parts = (slope @ U.swapaxes(1, 2), E.swapaxes(1, 2) @ slope)
    return F, np.concatenate([part.reshape(len(X), -1) for part in parts], axis=1)


def _factors(X: Floats, V: int, d: int) -> tuple[Floats, Floats]:
    """W_E (models, V, d) and W_U (models, d, V)."""
    return X[:, : V * d].reshape(-1, V, d), X[:, V * d :].reshape(-1, d, V)


def _balanced(T: Floats, d: int) -> tuple[Floats, Floats]:
    """Factors of a table of which softmax sees the same: rows of sum 0, columns of equal lengths.

    Those of the d largest singular values; the first large entry of each row of W_U is positive.
    """
    left, sizes, right = np.linalg.svd(T - T.mean(axis=1, keepdims=True))
    roots = np.sqrt(sizes[:d])
    W_E, W_U = np.zeros((len(T), d)), np.zeros((d, len(T)))
    W_E[:, : len(roots)] = left[:, :d] * roots
    W_U[: len(roots)] = roots[:, None] * right[:d]
    for k, row in enumerate(W_U):
        lengths = np.abs(row)
        if row[int(np.argmax(lengths >= lengths.max() * (1 - _SAME)))] < 0:
            W_E[:, k], W_U[k] = -W_E[:, k], -row
    return W_E, W_U
