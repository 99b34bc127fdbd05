"""The numeric twin on many models: batches, other array libraries, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import array_api_strict
import numpy as np
import pytest

from handcalc import InputError
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric import expected_losses, expected_losses_and_gradients
from tests.twin_cases import smooth_models

W, b = smooth_models(9, 4, 2, seed=11)


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_a_batch_is_its_models_one_by_one(activation: Activation) -> None:
    """Each with sparsities and importances of its own."""
    S, importance = np.random.default_rng(12).random((2, 9, 4))
    batch = expected_losses_and_gradients(
        W, b, sparsity=S, importance=importance, activation=activation
    )
    for k in range(9):
        alone = expected_losses_and_gradients(
            W[k : k + 1],
            b[k : k + 1],
            SparseUniform([Fraction(value) for value in S[k].tolist()]),
            importance=importance[k],
            activation=activation,
        )
        for many, one in zip(batch, alone, strict=True):
            assert np.allclose(many[k], one[0], rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(
    ("inputs", "blocks"),
    [
        (SparseUniform(), 4),
        (Correlated([(1, 3)]), 3),
        (Anticorrelated([(4, 2, 1)]), 2),
    ],
)
def test_a_sparsity_for_each_model(inputs: Distribution, blocks: int) -> None:
    S = np.linspace(0, 1, 9)
    found = expected_losses(W, b, inputs, sparsity=S[:, None])
    each = expected_losses(W, b, inputs, sparsity=np.repeat(S[:, None], blocks, axis=1))
    assert found.tolist() == each.tolist()
    for k, one in enumerate(S.tolist()):
        known = with_sparsity(inputs, Fraction(one))
        assert float(expected_losses(W, b, known)[k]) == pytest.approx(float(found[k]), rel=1e-13)


def with_sparsity(inputs: Distribution, S: Fraction) -> Distribution:
    if isinstance(inputs, SparseUniform):
        return SparseUniform(S)
    assert isinstance(inputs, Correlated | Anticorrelated)
    return type(inputs)(inputs.sets, S)


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_how_many_are_worked_at_once_changes_nothing(activation: Activation) -> None:
    whole = expected_losses_and_gradients(W, b, sparsity=0.3, activation=activation)
    for at_once in (1, 4, 9, 100):
        parts = expected_losses_and_gradients(
            W, b, sparsity=0.3, activation=activation, at_once=at_once
        )
        for many, found in zip(whole, parts, strict=True):
            assert np.allclose(many, found, rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_the_loss_alone_is_the_same(activation: Activation) -> None:
    inputs = Correlated([(1, 2)], "1/3")
    alone = expected_losses(W, b, inputs, activation=activation)
    both = expected_losses_and_gradients(W, b, inputs, activation=activation)
    assert alone.tolist() == both[0].tolist()


def test_no_models_have_no_losses() -> None:
    L, by_W, by_b = expected_losses_and_gradients(W[:0], b[:0], sparsity=0.5)
    assert (L.shape, by_W.shape, by_b.shape) == ((0,), (0, 4, 2), (0, 4))


def test_lists_and_fractions_serve_beside_arrays() -> None:
    fractions = [Fraction(1, 2), 0, 1, Fraction(1, 4)]
    found = expected_losses(W, b, sparsity=fractions, importance=fractions)
    exact = expected_losses(W, b, SparseUniform(fractions), importance=[0.5, 0.0, 1.0, 0.25])
    assert found.tolist() == exact.tolist()


def test_whole_numbers_and_single_precision_become_double() -> None:
    found = expected_losses(np.asarray([[[1], [2]]]), np.zeros((1, 2), dtype="f4"), sparsity=0)
    assert found.dtype == np.float64


def test_what_comes_in_is_left_as_it_is() -> None:
    given = W.copy(), b.copy()
    expected_losses_and_gradients(W, b, sparsity=0.5)
    assert np.array_equal(W, given[0])
    assert np.array_equal(b, given[1])


@pytest.mark.parametrize("activation", ["relu", "linear"])
@pytest.mark.parametrize(
    "inputs", [SparseUniform("1/3"), OneActive(4), Anticorrelated([(1, 3)], "1/2")]
)
def test_a_library_that_has_only_the_array_api(
    inputs: Distribution, activation: Activation
) -> None:
    strict = array_api_strict.asarray(W), array_api_strict.asarray(b)
    importance = array_api_strict.asarray([1.0, 0.5, 0.25, 0.125])
    theirs = expected_losses_and_gradients(
        *strict, inputs, importance=importance, activation=activation
    )
    ours = expected_losses_and_gradients(
        W, b, inputs, importance=np.asarray(importance), activation=activation
    )
    for strict_values, values in zip(theirs, ours, strict=True):
        assert isinstance(strict_values, type(importance))
        assert np.allclose(np.asarray(strict_values), values, rtol=1e-14, atol=1e-15)


# -- what is refused ------------------------------------------------------------------------------

REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("array", "such as NumPy's or PyTorch's, not list and ndarray;", {"W": [[[1.0]]]}),
    ("wrong_shape", r"must have the shape \(models, n, m\), not \(4, 2\);", {"W": W[0]}),
    ("wrong_shape", r"\(models, n, m\), not \(9, 4, 0\);", {"W": W[:, :, :0]}),
    ("wrong_shape", r"one number a feature, \(9, 4\), not \(9, 3\)", {"b": b[:, :3]}),
    ("wrong_shape", r"\(9, 1\) or \(9, 4\); not \(9,\)", {"sparsity": np.full(9, 0.5)}),
    ("wrong_shape", r"importance must fit .* not \(1, 9, 4\)", {"importance": b[None]}),
    ("sparsity", "leaves S open: give it a sparsity", {"sparsity": None}),
    ("sparsity", "has a sparsity of its own", {"distribution": OneActive(4)}),
    ("sparsity", "is a probability, from 0 to 1", {"sparsity": 1.5}),
    ("sparsity", "is a probability, from 0 to 1", {"sparsity": float("nan")}),
    ("importance", "a number of at least 0", {"importance": [1, 1, 1, -1]}),
    ("activation", 'is "relu" or "linear", not \'gelu\'', {"activation": "gelu"}),
    ("at_once", "must be at least 1, not 0", {"at_once": 0}),
]


@pytest.mark.parametrize("door", [expected_losses, expected_losses_and_gradients])
@pytest.mark.parametrize(("code", "message", "changes"), REFUSED)
def test_refusals(
    door: Callable[..., Any], code: str, message: str, changes: dict[str, Any]
) -> None:
    asked = {"W": W, "b": b, "sparsity": 0.5, **changes}
    with pytest.raises(InputError, match=message) as caught:
        door(**asked)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")


@pytest.mark.parametrize(
    ("door", "n", "rows", "most"),
    [(expected_losses, 13, 3**13, 12), (expected_losses_and_gradients, 11, 3**11, 10)],
)
def test_too_many_features_that_can_be_active_together(
    door: Callable[..., Any], n: int, rows: int, most: int
) -> None:
    many = np.zeros((1, n, 2)), np.zeros((1, n))
    with pytest.raises(InputError, match=rf"tables of {rows} rows; .* \({most} independent") as no:
        door(*many, sparsity=0.5)
    assert no.value.code == "too_complicated"


def test_features_of_which_few_are_active_together() -> None:
    losses = expected_losses(np.zeros((1, 13, 2)), np.zeros((1, 13)), OneActive(13))
    assert float(losses[0]) == pytest.approx(1 / 3)
