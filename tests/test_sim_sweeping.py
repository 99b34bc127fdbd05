"""Grids of models: every combination, once, in a stated order."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handcalc.errors import InputError
from torchsim.specification import ModelSpec, TrainingSpec, grid

NUMBERS = st.lists(
    st.sampled_from(["0", "1/4", "1/2", "3/4", "1"]), min_size=1, max_size=3, unique=True
)


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=2, unique=True),
    st.lists(st.integers(1, 3), min_size=1, max_size=2, unique=True),
    NUMBERS,
    NUMBERS,
    st.sampled_from([("relu",), ("linear",), ("linear", "relu")]),
    st.lists(st.integers(0, 9), min_size=1, max_size=3, unique=True),
)
def test_every_combination_in_order(
    features: list[int],
    hidden: list[int],
    sparsity: list[str],
    importance: list[str],
    activation: Any,
    seed: list[int],
) -> None:
    models = grid(
        features=features,
        hidden=hidden,
        sparsity=sparsity,
        importance=importance,
        activation=activation,
        seed=seed,
    )
    place = 0
    for n, m, s, i, a, k in product(features, hidden, sparsity, importance, activation, seed):
        assert models[place] == ModelSpec.of(n, m, s, i, activation=a, seed=k)
        place += 1
    assert len(models) == place == len(set(models))


def test_one_value_needs_no_list_and_a_text_is_one_value() -> None:
    (model,) = grid(features=3, hidden=2, sparsity="0 1/2 1", importance="1 1/2 1/4")
    assert model == ModelSpec.of(3, 2, "0 1/2 1", "1 1/2 1/4")


def test_values_for_each_feature_stand_in_lists_of_their_own() -> None:
    models = grid(features=2, hidden=1, sparsity=[("0", "1/2"), "1/3"], seed=range(2))
    assert models == (
        ModelSpec.of(2, 1, "0 1/2", seed=0),
        ModelSpec.of(2, 1, "0 1/2", seed=1),
        ModelSpec.of(2, 1, "1/3", seed=0),
        ModelSpec.of(2, 1, "1/3", seed=1),
    )


def test_models_of_a_kind_are_trained_together() -> None:
    models = grid(features=[2, 3], hidden=1, sparsity=["0", "1/2"])
    assert TrainingSpec(models).groups == ((0, 1), (2, 3))


@pytest.mark.slow
def test_a_full_sweep_is_taken() -> None:
    assert len(grid(features=1, hidden=1, sparsity="0", seed=range(1 << 14))) == 16384


def test_one_model_too_many_is_refused() -> None:
    with pytest.raises(InputError, match=r"to 16384 models, not 16385 .*at most 16384 .* of seed"):
        grid(features=1, hidden=1, sparsity="0", seed=range((1 << 14) + 1))


def test_too_many_says_how_many_and_what_to_give() -> None:
    with pytest.raises(InputError, match=r"not 20000 .*: give at most 163 values of seed inste"):
        grid(features=[1, 2], hidden=1, sparsity=["0"] * 50, seed=range(200))
    huge = range(10**9)
    with pytest.raises(InputError, match=f"not {10**18} .*: give fewer values of features"):
        grid(features=huge, hidden=huge, sparsity="0")


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"sparsity": []}, "at least one sparsity; none is given"),
        ({"seed": range(0)}, "at least one seed; none is given"),
        ({"sparsity": ["1/2", "0", "2/4"]}, "Models 1 and 3 of the sweep are the same"),
        ({"seed": [1, 1]}, "Models 1 and 2 .*; for another start, give another seed"),
        ({"sparsity": ["2"]}, "A sparsity is a probability, from 0 to 1, not 2"),
        ({"sparsity": [0.5]}, "0.5"),
        ({"importance": ["-1"]}, "An importance is at least 0, not -1"),
        ({"importance": ["1 1/2 1/4"]}, "each of the 2 features, not 3"),
        ({"activation": "tanh"}, "activation is .*, not 'tanh'"),
        ({"features": [2, 0]}, "number of features is a whole number from 1, not 0"),
        ({"hidden": "1"}, "number of hidden dimensions is a whole number from 1, not '1'"),
    ],
)
def test_what_no_sweep_takes(changes: Any, match: str) -> None:
    asked: Any = {"features": 2, "hidden": 1, "sparsity": "1/2"}
    with pytest.raises(InputError, match=match):
        grid(**{**asked, **changes})
