"""The numeric twin against the exact engine, finite differences and closed forms."""

from __future__ import annotations

from fractions import Fraction
from math import nextafter
from random import Random

import numpy as np
import pytest
from hypothesis import given, target
from hypothesis import strategies as st

from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric import expected_losses, expected_losses_and_gradients
from tests.oracles.float_models import INDEPENDENT, KINDS, LARGEST, SIZES, FloatCase, hard_case
from tests.oracles.loss_models import Inputs
from tests.sampling import FEWER
from tests.twin_cases import gradient_error, loss_error, smooth_models

BOUND = 1e-12
ANTIPODAL = np.asarray([[[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]])
ORTHOGONAL = np.asarray([[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]])
NONE = np.zeros((1, 3))


def hard_cases(count: int, kind: str, seed: int) -> list[FloatCase]:
    random = Random(seed)  # noqa: S311 - a repeatable draw, no secret
    return [hard_case(random, random.choice([1, 2, 2, 3, 3, 4]), kind) for _ in range(count)]


# -- against the exact engine ---------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize("kind", KINDS)
def test_losses_are_exact_but_for_rounding(kind: str, activation: Activation) -> None:
    errors = [loss_error(case, activation) for case in hard_cases(60, kind, 5)]
    assert max(errors) <= BOUND


@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_exact_but_for_rounding(kind: str, activation: Activation) -> None:
    errors = [gradient_error(case, activation) for case in hard_cases(30, kind, 6)]
    assert max(errors) <= BOUND


def test_five_features() -> None:
    random = Random(7)  # noqa: S311 - a repeatable draw, no secret
    cases = [hard_case(random, 5, kind) for kind in KINDS for _ in range(5)]
    assert max(map(loss_error, cases)) <= BOUND
    assert max(map(gradient_error, cases)) <= BOUND


def numbers() -> st.SearchStrategy[float]:
    signed = st.sampled_from([sign * size for size in SIZES for sign in (1, -1)])
    return st.one_of(signed, st.floats(-LARGEST, LARGEST, allow_subnormal=False)).map(
        lambda value: 0.0 if abs(value) < 1e-100 else value
    )


@st.composite
def float_cases(draw: st.DrawFn) -> FloatCase:
    """Cases of up to three independent features, many biases within a few ulps of a corner."""
    n, m = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    W = draw(st.tuples(*[st.tuples(*[numbers()] * m)] * n))
    overlaps = (np.asarray(W) @ np.asarray(W).T).tolist()
    b = []
    for row in overlaps:
        corner = -sum(a for a in row if draw(st.booleans()))
        beside = nextafter(corner, draw(st.sampled_from([-LARGEST, corner, LARGEST])))
        close = 0.0 if abs(beside) < 1e-100 else max(-LARGEST, min(LARGEST, beside))
        b.append(draw(st.one_of(st.just(close), numbers())))
    chances = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0, 1).filter(_is_plain))
    sparsities = draw(st.tuples(*[chances] * n))
    importance = draw(st.tuples(*[st.one_of(st.sampled_from([0.0, 1.0]), chances)] * n))
    sets = tuple((i,) for i in range(n))
    inputs = Inputs(INDEPENDENT, sets, tuple(map(Fraction, sparsities)))
    return FloatCase(W, tuple(b), inputs, importance)


def _is_plain(chance: float) -> bool:
    """Whether the exact engine takes it: fractions have at most 512 bits."""
    return chance == 0 or chance > 1e-100


@given(float_cases())
def test_no_loss_is_worse_than_the_bound(case: FloatCase) -> None:
    error = loss_error(case)
    target(error)
    assert error <= BOUND


@FEWER
@given(float_cases())
def test_no_gradient_is_worse_than_the_bound(case: FloatCase) -> None:
    error = gradient_error(case)
    target(error)
    assert error <= BOUND


def test_large_rows_that_are_nearly_orthogonal() -> None:
    """A product of matrices would not do: the overlap is what rounding leaves of 10⁵ − 10⁵."""
    W = ((-469.84393925302214, -516.5701560652642), (172.19005202175472, -156.61464641767404))
    inputs = Inputs(INDEPENDENT, ((0,), (1,)), (Fraction(0), Fraction(1)))
    case = FloatCase(W, (0.0, 0.9958186646532367), inputs, (0.0, 1.0))
    assert loss_error(case) <= BOUND / 10
    assert gradient_error(case) <= BOUND / 10


# -- by other routes ------------------------------------------------------------------------------


@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize(
    "inputs",
    [
        SparseUniform("1/3"),
        OneActive(6),
        Correlated([(1, 4), (2, 3, 6)], "1/4"),
        Anticorrelated([(6, 2), (1, 3)], "1/4 1/2 0 1/3"),
    ],
    ids=lambda inputs: type(inputs).__name__,
)
def test_gradients_are_slopes_of_the_loss(inputs: Distribution, activation: Activation) -> None:
    W, b = smooth_models(5, 6, 3, seed=8)
    importance = 0.9 ** np.arange(6)

    def losses(V: np.ndarray, c: np.ndarray) -> np.ndarray:
        moved = W + 1e-6 * V, b + 1e-6 * c
        return expected_losses(*moved, inputs, importance=importance, activation=activation)

    _, by_W, by_b = expected_losses_and_gradients(
        W, b, inputs, importance=importance, activation=activation
    )
    for seed in range(10):
        V, c = smooth_models(5, 6, 3, seed)
        slopes = (losses(V, c) - losses(-V, -c)) / 2e-6
        expected = (by_W * V).sum(axis=(1, 2)) + (by_b * c).sum(axis=1)
        assert np.abs(slopes - expected).max() < 1e-6 * (1 + np.abs(expected).max())


@pytest.mark.parametrize("S", [0.0, 0.25, 0.9, 1.0])
def test_closed_forms(S: float) -> None:
    p = 1 - S
    corrected = expected_losses(ANTIPODAL, np.asarray([[0, 0.5, 0.5]]), sparsity=S)
    assert float(expected_losses(ANTIPODAL, NONE, sparsity=S)[0]) == pytest.approx(p**2 / 3)
    assert float(expected_losses(ORTHOGONAL, NONE, sparsity=S)[0]) == pytest.approx(p / 3)
    assert float(corrected[0]) == pytest.approx((3 * S**2 + 14 * S + 7) / 48)


@pytest.mark.parametrize(
    ("k", "length", "bias", "loss"),
    [(5, 1.1704596, -0.2822973, 0.06874), (6, 1.3205263, -0.6181351, 0.04819)],
)
def test_published_polygons_are_stationary(k: int, length: float, bias: float, loss: float) -> None:
    """One feature active at a time, n = 6 (Chen et al. 2023)."""
    angles = 2 * np.pi * np.arange(k) / k
    W, b = np.zeros((1, 6, 2)), np.full((1, 6), -1.0)
    W[0, :k], b[0, :k] = length * np.stack([np.cos(angles), np.sin(angles)], axis=1), bias
    L, by_W, by_b = expected_losses_and_gradients(W, b, OneActive(6))
    assert float(L[0]) == pytest.approx(loss, abs=6e-6)
    assert max(np.abs(by_W).max(), np.abs(by_b).max()) < 1e-6


def test_ten_features_are_two_models_of_five() -> None:
    """Two models side by side, in dimensions of their own, do not disturb one another."""
    (W, b), joint = smooth_models(2, 5, 2, seed=9), np.zeros((1, 10, 4))
    joint[0, :5, :2], joint[0, 5:, 2:] = W
    parts = expected_losses_and_gradients(W, b, sparsity=0.5)
    L, by_W, by_b = expected_losses_and_gradients(joint, b.reshape(1, 10), sparsity=0.5)
    assert float(L[0]) == pytest.approx(float(parts[0].sum()), rel=1e-13)
    assert np.allclose(by_W[0, :5, :2], parts[1][0], rtol=0, atol=1e-13)
    assert np.allclose(by_W[0, 5:, 2:], parts[1][1], rtol=0, atol=1e-13)
    assert np.allclose(by_b.reshape(2, 5), parts[2], rtol=0, atol=1e-13)


@pytest.mark.parametrize("sizes", [(6, 5), pytest.param((6, 6), marks=pytest.mark.slow)], ids=sum)
def test_up_to_twelve_features_without_the_gradient(sizes: tuple[int, int]) -> None:
    n, parts, start = sum(sizes), 0.0, 0
    W, b = np.zeros((1, n, 4)), np.zeros((1, n))
    for k, size in enumerate(sizes):
        V, c = smooth_models(1, size, 2, seed=13 + k)
        W[:, start : start + size, 2 * k : 2 * k + 2], b[:, start : start + size] = V, c
        parts += float(expected_losses(V, c, sparsity=0.75)[0])
        start += size
    assert float(expected_losses(W, b, sparsity=0.75)[0]) == pytest.approx(parts, rel=1e-13)


def test_permuting_the_features_permutes_the_gradient() -> None:
    (W, b), order = smooth_models(4, 4, 2, seed=10), [2, 0, 3, 1]
    S, importance = np.asarray([0.1, 0.5, 0.9, 0.3]), np.asarray([1, 0.9, 0.5, 0.1])
    before = expected_losses_and_gradients(W, b, sparsity=S, importance=importance)
    after = expected_losses_and_gradients(
        W[:, order], b[:, order], sparsity=S[order], importance=importance[order]
    )
    assert np.allclose(after[0], before[0], rtol=1e-13, atol=0)
    assert np.allclose(after[1], before[1][:, order], rtol=0, atol=1e-13)
    assert np.allclose(after[2], before[2][:, order], rtol=0, atol=1e-13)


def test_at_the_kink_relu_is_off() -> None:
    """The orthogonal embedding: ∂L/∂b₃ is 0 from the left and −p from the right."""
    b = np.asarray([[0, 0, 0.0], [0, 0, 1e-12]])
    _, _, by_b = expected_losses_and_gradients(ORTHOGONAL.repeat(2, axis=0), b, sparsity=0.75)
    assert by_b[0].tolist() == [0, 0, 0]
    assert by_b[1, 2] == pytest.approx(-0.25)


@pytest.mark.parametrize("tiny", [5e-324, 1e-310, 1e-160])
def test_numbers_that_underflow_stay_finite(tiny: float) -> None:
    W = np.asarray([[[tiny, 1.0], [1.0, -tiny], [tiny, tiny]]])
    for b in ([[0.0, -tiny, tiny]], [[-tiny, tiny - 1, 0.0]]):
        found = expected_losses_and_gradients(W, np.asarray(b), sparsity=0.5)
        assert all(np.isfinite(values).all() for values in found)
