"""The descent on functions whose minima are known, some of them with kinks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import rosen, rosen_der

from handcalc import bfgs
from handcalc.bfgs import Floats, Integers, Reached, Value, minimise


def bowls(X: Floats, which: Integers) -> tuple[Floats, Floats]:
    """Σ kᵢ(xᵢ − start's number)² with k from 1 to 10⁴."""
    stiffness = np.geomspace(1, 1e4, X.shape[1])
    away = X - which[:, None]
    return np.sum(stiffness * away * away, axis=1), 2 * stiffness * away


def rosenbrock(X: Floats, _: Integers) -> tuple[Floats, Floats]:
    return rosen(X.T), rosen_der(X.T).T


def halves(X: Floats, _: Integers) -> tuple[Floats, Floats]:
    """Curved 100 times more strongly above 0 than below, as where an output starts to rise."""
    stiffness = np.where(X > 0, 100.0, 1.0)
    return np.sum(stiffness * X * X, axis=1), 2 * stiffness * X


def creased(X: Floats, _: Integers) -> tuple[Floats, Floats]:
    """|x₁| + x₂²: its slope never comes near to 0."""
    slopes = np.stack([np.sign(X[:, 0]), 2 * X[:, 1]], axis=1)
    return np.abs(X[:, 0]) + X[:, 1] ** 2, slopes


def starts(count: int, d: int) -> Floats:
    return np.random.default_rng(8).normal(size=(count, d)) * 3


def reached(value: Value, X: Floats) -> Reached:
    return minimise(value, X, lambda _: None)


def test_every_start_reaches_its_own_minimum() -> None:
    ends = reached(bowls, starts(40, 5))
    assert np.allclose(ends.X, np.arange(40)[:, None], rtol=0, atol=1e-9)


@pytest.mark.parametrize(("value", "at"), [(rosenbrock, 1.0), (halves, 0.0)])
def test_curved_functions(value: Value, at: float) -> None:
    ends = reached(value, starts(20, 2))
    assert np.allclose(ends.X, at, rtol=0, atol=1e-9)
    assert np.max(np.abs(ends.G)) < 1e-10


def test_a_crease_is_followed_to_its_lowest_point() -> None:
    ends = reached(creased, starts(20, 2))
    assert np.allclose(ends.X, 0, rtol=0, atol=1e-6)


def test_losses_and_gradients_are_those_at_the_ends() -> None:
    ends = reached(rosenbrock, starts(7, 4))
    F, G = rosenbrock(ends.X, np.arange(7))
    assert (ends.F.tolist(), ends.G.tolist()) == (F.tolist(), G.tolist())


def test_flat_ground_is_left_as_it_is() -> None:
    X = starts(3, 2)
    ends = reached(lambda Y, _: (np.ones(len(Y)), np.zeros_like(Y)), X)
    assert ends.X.tolist() == X.tolist()


def test_little_room_makes_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for eight at a time each start still goes its own way, and all are counted."""
    counts: list[int] = []
    wide = reached(rosenbrock, starts(30, 3))
    monkeypatch.setattr(bfgs, "_ROOM", 1)
    narrow = minimise(rosenbrock, starts(30, 3), counts.append)
    assert narrow.X.tolist() == wide.X.tolist()
    assert sum(counts) == 30
    assert max(counts) <= 8
