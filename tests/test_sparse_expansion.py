"""The loss by how many features are active: beside the exact one, sampling, and its own bounds."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from math import comb

import numpy as np
import pytest

from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.expected_loss import loss_by_active
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.superposition.numeric import expected_losses
from handcalc.superposition.numeric.expansion import (
    LossBounds,
    loss_bounds,
    loss_bounds_and_gradients,
)
from handcalc.superposition.numeric.expansion.tails import tails

Arrays = tuple[np.ndarray, ...]


def random_models(count: int, n: int, m: int, seed: int = 0) -> Arrays:
    """W, b and importances, with some features left out and some biases 0."""
    rng = np.random.default_rng(seed)
    W, b = rng.normal(size=(count, n, m)) / m**0.5, rng.normal(size=(count, n)) * 0.3
    W[rng.uniform(size=(count, n)) < 0.2] = 0
    b[rng.uniform(size=(count, n)) < 0.3] = 0
    return W, b, rng.uniform(size=(count, n))


def width(found: LossBounds) -> np.ndarray:
    return found.upper - found.lower


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_every_order_is_what_the_exact_loss_has(n: int) -> None:
    rng = np.random.default_rng(n)
    for _ in range(6):
        W = [[f"{k}/4" for k in rng.integers(-5, 6, 2)] for _ in range(n)]
        b = [f"{k}/8" for k in rng.integers(-4, 5, n)]
        importance = [f"{k}/3" for k in rng.integers(0, 4, n)]
        model = ToyModel(W, b)
        exact = [to_float(value) for value in loss_by_active(model, importance)]
        V = np.array([[to_float(x) for x in row] for row in model.W])
        c = np.array([to_float(x) for x in model.b])
        weights = np.array([float(Fraction(x)) for x in importance])
        p = 0.125  # exact in binary
        found = loss_bounds(V[None], c[None], 1 - p, weights, order=min(n, 3))
        for k, value in enumerate(found.orders[0]):
            assert value / (p**k * (1 - p) ** (n - k)) == pytest.approx(
                exact[k], rel=1e-13, abs=1e-14
            )


@pytest.mark.parametrize("order", range(4))
@pytest.mark.parametrize("S", [0.3, 0.9, 0.99, 0.9999])
def test_the_loss_lies_between_the_bounds(order: int, S: float) -> None:
    for n, m in ((1, 1), (2, 1), (4, 2), (7, 3), (9, 2)):
        W, b, importance = random_models(40, n, m)
        exact = expected_losses(W, b, sparsity=S, importance=importance)
        found = loss_bounds(W, b, S, importance, order=order)
        assert np.all(found.lower <= exact)
        assert np.all(exact <= found.upper)
        if order >= n:
            assert np.all(width(found) < 1e-11)


def test_a_sparsity_for_each_feature() -> None:
    W, b, importance = random_models(40, 6, 3, seed=1)
    S = np.random.default_rng(2).uniform(0.6, 1, size=(40, 6))
    exact = expected_losses(W, b, sparsity=S, importance=importance)
    for order in range(4):
        found = loss_bounds(W, b, S, importance, order=order)
        assert np.all((found.lower <= exact) & (exact <= found.upper))


def test_bounds_close_with_every_order_and_with_sparsity() -> None:
    W, b, _ = random_models(10, 8, 4)
    for S, times in ((0.9, 1), (0.99, 5)):
        widths = [width(loss_bounds(W, b, S, order=order)) for order in range(4)]
        assert all(np.all(more > times * fewer) for more, fewer in pairwise(widths))
    found = loss_bounds(W, b, 0.999, order=3)
    assert np.all(width(found) < 1e-7 * found.upper)


def test_what_is_beyond_is_a_tail_of_the_binomial() -> None:
    n, p = 30, 0.05
    W, b = np.zeros((1, n, 1)), np.zeros((1, n))
    for order in range(4):
        first = sum(comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(order + 1))
        assert loss_bounds(W, b, 1 - p, order=order).beyond[0] == pytest.approx(1 - first)


@pytest.mark.parametrize("order", range(-1, 4))
def test_a_tail_is_the_mean_of_its_square(order: int) -> None:
    """The closed form beside a sum over all sets of active features."""
    rng = np.random.default_rng(order + 1)
    n = 5
    G, b, p = rng.normal(size=(n, n)), rng.normal(size=n), rng.uniform(0.05, 0.6, size=n)
    found = tails(G, b, p, order).bounds
    on, plain, risen = np.zeros(n), np.zeros(n), np.zeros(n)
    for bits in range(1 << n):
        A = [j for j in range(n) if bits >> j & 1]
        if len(A) <= order:
            continue
        chance = np.prod([p[j] if j in A else 1 - p[j] for j in range(n)])
        for i in range(n):
            h = -G[i, A] + (np.array(A, int) == i)
            if i in A:
                on[i] += chance * second_moment(-b[i], h)
            else:
                plain[i] += chance * second_moment(b[i], G[i, A])
                risen[i] += chance * second_moment(max(b[i], 0), np.maximum(G[i, A], 0))
    assert found == pytest.approx(on + np.minimum(plain, risen), rel=1e-11, abs=1e-13)


def second_moment(c: float, h: np.ndarray) -> float:
    """E[(c + h·x)²] of uniform x."""
    return float((c + h.sum() / 2) ** 2 + (h * h).sum() / 12)


def test_slopes_are_those_of_the_upper_bound() -> None:
    W, b, importance = random_models(6, 6, 3, seed=3)
    b += 0.01  # away from the kinks at 0
    W += 0.01
    S = np.full((1, 6), 0.8)
    _, by_W, by_b = loss_bounds_and_gradients(W, b, S, importance)
    step = 1e-6
    for values, slopes in ((W, by_W), (b, by_b)):
        for place in np.ndindex(*values.shape[1:]):
            ends = []
            for sign in (1, -1):
                moved = values.copy()
                moved[(slice(None), *place)] += sign * step
                given = (moved, b) if values is W else (W, moved)
                ends.append(loss_bounds(*given, S, importance).upper)
            numeric = (ends[0] - ends[1]) / (2 * step)
            assert slopes[(slice(None), *place)] == pytest.approx(numeric, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize(("n", "m", "p"), [(80, 20, 0.004), (400, 30, 0.0005)])
def test_sampling_agrees(n: int, m: int, p: float) -> None:
    rng = np.random.default_rng(4)
    W = rng.normal(size=(1, n, m)) / m**0.5
    W /= np.linalg.norm(W, axis=2, keepdims=True)
    b = np.full((1, n), -0.02)
    found = loss_bounds(W, b, 1 - p)
    G, count = W[0] @ W[0].T, 20_000
    x = rng.uniform(size=(count, n)) * (rng.uniform(size=(count, n)) < p)
    losses = np.square(x - np.maximum(x @ G + b, 0)).sum(1)
    error = losses.std() / count**0.5
    assert found.lower[0] - 5 * error < losses.mean() < found.upper[0] + 5 * error
    assert error < 0.05 * losses.mean()
    assert width(found)[0] < 0.1 * losses.mean()


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    W, b, _ = random_models(1, 70, 5)
    few = loss_bounds(W, b, 0.99)
    monkeypatch.setattr("handcalc.superposition.numeric.expansion.bounds.cores", lambda: 1)
    one = loss_bounds(W, b, 0.99)
    assert (few.lower, few.upper) == (one.lower, one.upper)


@pytest.mark.parametrize(
    ("asked", "match"),
    [
        ({"sparsity": 0.0}, "S is above 0"),
        ({"sparsity": 1.5}, "S is above 0"),
        ({"sparsity": 0.9, "order": 4}, "order is from 0 to 3, not 4"),
        ({"sparsity": 0.9, "order": "two"}, "order is from 0 to 3"),
        ({"sparsity": 0.9, "importance": -1.0}, "importance is a number of at least 0"),
        ({"sparsity": [0.9, 0.9]}, "sparsity must fit the shape"),
    ],
)
def test_what_cannot_be_bounded_is_said(asked: dict[str, object], match: str) -> None:
    with pytest.raises(InputError, match=match):
        loss_bounds(np.ones((1, 3, 1)), np.zeros((1, 3)), **asked)  # type: ignore[arg-type] # wrong on purpose
