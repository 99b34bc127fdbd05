"""Grids: every combination, once, in a stated order, and in shards that never change."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import Correlated, OneActive
from torchsim import ModelSpec, SweepGrid, TrainingSpec
from torchsim.storage import spec_from_data, spec_to_data
from torchsim.sweeps.grid import AXES, OUTER
from torchsim.sweeps.specification import SweepSpec

NUMBERS = st.lists(
    st.sampled_from(["0", "1/4", "1/2", "3/4", "1"]), min_size=1, max_size=3, unique=True
)


def models_of(grid: SweepGrid) -> list[ModelSpec]:
    """Every cell's model, each made by itself."""
    return [grid.spec(range(i, i + 1)).models[0] for i in range(len(grid))]


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
    models = models_of(
        SweepGrid.of(features, hidden, sparsity, importance, activation=activation, seed=seed)
    )
    place = 0
    for n, m, s, i, a, k in product(features, hidden, sparsity, importance, activation, seed):
        assert models[place] == ModelSpec.of(n, m, s, i, activation=a, seed=k)
        place += 1
    assert len(models) == place == len(set(models))


def test_one_value_needs_no_list_and_a_text_is_one_value() -> None:
    [model] = models_of(SweepGrid.of(3, 2, "0 1/2 1", "1 1/2 1/4"))
    assert model == ModelSpec.of(3, 2, "0 1/2 1", "1 1/2 1/4")


def test_values_for_each_feature_stand_in_lists_of_their_own() -> None:
    assert models_of(SweepGrid.of(2, 1, [("0", "1/2"), "1/3"], seed=range(2))) == [
        ModelSpec.of(2, 1, "0 1/2", seed=0),
        ModelSpec.of(2, 1, "0 1/2", seed=1),
        ModelSpec.of(2, 1, "1/3", seed=0),
        ModelSpec.of(2, 1, "1/3", seed=1),
    ]


def test_kinds_of_inputs_with_their_sets() -> None:
    grid = SweepGrid.of(
        4, 2, "1/2", distribution=["independent", "correlated"], sets=[[(1, 2), (3, 4)], [(1, 3)]]
    )
    drawn = [model.distribution for model in models_of(grid)]
    assert drawn[1:] == [Correlated([(1, 2), (3, 4)], "1/2"), Correlated([(1, 3)], "1/2")]
    [lone] = models_of(SweepGrid.of(3, 1, distribution="one-active"))
    assert lone.distribution == OneActive(3)
    one = SweepGrid.of(4, 2, "1/2", distribution="correlated", sets=[(1, 2), (3, 4)])
    assert len(one) == 1


def test_how_cells_are_trained_are_axes_too() -> None:
    grid = SweepGrid.of(
        9,
        2,
        "1/2",
        rate=np.logspace(-4, -2, 3),
        optimiser=["adam", "adamw"],
        schedule=["constant", "cosine"],
        batch=[64, 128],
        steps=[10, 20],
    )
    assert len(grid) == 48
    specs = [grid.spec(range(i, i + 1)) for i in range(48)]
    assert len({(s.rate, s.optimiser, s.schedule, s.batch, s.steps) for s in specs}) == 48
    assert {spec.trainer for spec in specs} == {"sampled"}
    assert (specs[0].steps, specs[1].steps, specs[2].batch) == (10, 20, 128)


def test_the_trainer_is_that_of_the_number_of_features() -> None:
    grid = SweepGrid.of([8, 9], 2, "1/2")
    assert [grid.spec(range(i, i + 1)).trainer for i in (0, 1)] == ["exact", "sampled"]
    assert [grid.spec(range(i, i + 1)).restarts for i in (0, 1)] == [32, 8]


@given(st.lists(st.integers(1, 4), min_size=1, unique=True), st.integers(1, 90), st.booleans())
def test_shards_have_every_cell_once_and_cells_of_one_kind(
    features: list[int], seeds: int, both: bool
) -> None:
    grid = SweepGrid.of(
        features, [1, 2], "1/2", seed=range(seeds), activation=["relu", "linear"][: 1 + both]
    )
    shards = list(grid.shards())
    assert [cell for cells in shards for cell in cells] == list(range(len(grid)))
    for cells in shards:
        spec = grid.spec(cells)
        assert len(spec.groups) == 1
        ends = grid.coordinates(cells[0]), grid.coordinates(cells[-1])
        assert all(ends[0][name] == ends[1][name] for name in OUTER)


def test_a_million_cells_are_never_all_there() -> None:
    grid = SweepGrid.of([2, 3], 1, [f"{k}/500" for k in range(500)], seed=range(1000))
    assert (len(grid), repr(grid)) == (
        1_000_000,
        "<SweepGrid: 1,000,000 cells (2 features x 500 sparsity x 1000 seed)>",
    )
    assert grid.coordinates(999_999)["seed"] == 999
    assert sum(map(len, grid.shards())) == 1_000_000


def test_a_sweep_comes_back_from_its_data() -> None:
    grid = SweepGrid.of(
        [4, 9],
        2,
        ["1/2", "sqrt(2)/2"],
        ["1", "1/3"],
        distribution=["independent", "anticorrelated"],
        sets=[(1, 2), (3, 4)],
        seed=range(3),
    )
    sweep = SweepSpec((grid, TrainingSpec((ModelSpec.of(2, 1, "1/2"),))))
    assert spec_from_data(spec_to_data(sweep)) == sweep
    assert sweep.varying == ("features", "hidden", "distribution", "sparsity", "importance", "seed")
    assert set(sweep.varying) <= set(AXES)


def test_what_belongs_to_samples_tells_no_exact_cell_apart() -> None:
    exact, sampled = SweepGrid.of(2, 1, "1/2"), SweepGrid.of(9, 1, "1/2", steps=300)
    assert SweepSpec((exact, sampled)).varying == ("features",)
    two = SweepGrid.of(9, 1, "1/2", steps=[300, 400])
    assert SweepSpec((exact, two)).varying == ("features", "steps")


def test_a_grid_in_a_file_is_refused_by_its_part() -> None:
    data: Any = spec_to_data(SweepSpec((SweepGrid.of(2, 1, "1/2"),)))
    data["parts"][0]["seed"] = [1, 1]
    with pytest.raises(InputError, match=r'"spec.parts\[0\]": Values 1 and 2 of seed are the same'):
        spec_from_data(data, "spec.json")


def test_one_cell_too_many_is_refused() -> None:
    most = 1 << 24
    with pytest.raises(InputError, match=r"to 16777216 cells, not 16777217 .*at most 16777216 .*"):
        SweepGrid.of(1, 1, "0", seed=range(most + 1))


def test_too_many_says_how_many_and_what_to_give() -> None:
    with pytest.raises(InputError, match=r"not 20000000 .*: give at most 167772 values of seed"):
        SweepGrid.of([1, 2], 1, ["0"] * 50, seed=range(200_000))
    huge = range(10**9)
    with pytest.raises(InputError, match=f"not {10**18} .*: give fewer values of features"):
        SweepGrid.of(huge, huge, "0")


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"sparsity": []}, "at least one sparsity; none is given"),
        ({"seed": range(0)}, "at least one seed; none is given"),
        ({"sparsity": ["1/2", "0", "2/4"]}, "Values 1 and 3 of sparsity are the same, 1/2"),
        ({"sparsity": ["1/2", "1/2 1/2"]}, "Values 1 and 2 of sparsity are the same, 1/2"),
        ({"seed": [1, 1]}, "Values 1 and 2 of seed .*; for another start, give another seed"),
        ({"seed": [-1]}, "A seed is a whole number from 0 to"),
        ({"sparsity": ["2"]}, "A sparsity is a probability, from 0 to 1, not 2"),
        ({"sparsity": [1.5]}, "from 0 to 1, not 3/2"),
        ({"sparsity": None}, "needs at least one sparsity"),
        ({"importance": ["-1"]}, "An importance is at least 0, not -1"),
        ({"importance": ["1 1/2 1/4"]}, "each of the 2 features, not 3"),
        ({"features": [2, 3], "sparsity": ["1/2 1/3"]}, "each of the 3 features, not 2"),
        ({"activation": "tanh"}, 'not of "tanh"; train on samples'),
        ({"activation": "softmax"}, "activation is .*, not 'softmax'"),
        ({"features": [2, 0]}, "number of features is a whole number from 1, not 0"),
        ({"hidden": "1"}, "number of hidden dimensions is a whole number from 1, not '1'"),
        ({"distribution": "pairs"}, "distribution is .*, not 'pairs'"),
        ({"distribution": "correlated"}, "Correlated features come in sets"),
        ({"sets": [(1, 2)]}, "Sets belong to correlated and anticorrelated features"),
        ({"distribution": "correlated", "sets": [(1, 5)]}, "5"),
        ({"distribution": ["one-active", "independent"]}, "by themselves, without a sparsity"),
        ({"rate": 1e-2}, "The rate makes no difference to cells: .* trainer on samples"),
        ({"features": [2, 9], "steps": 5}, "The steps makes no difference to cells of 2 features"),
        ({"kernel": "plain"}, "The kernel makes no difference"),
        ({"trainer": "sampled", "rate": [-1.0]}, "rate is a number above 0, not -1.0"),
        ({"trainer": "sampled", "optimiser": "sgd"}, "optimiser is .*, not 'sgd'"),
        ({"trainer": "sampled", "batch": [0]}, "number of inputs a step is a whole number from 1"),
        ({"trainer": "best"}, "trainer is .*, not 'best'"),
        ({"features": 11, "trainer": "exact"}, "up to 10 features, not 11"),
        ({"restarts": 0}, "number of restarts is a whole number from 1"),
        ({"restarts": 10**400}, "number of restarts is at most 4,294,967,295"),
        ({"features": 10**400}, "number of features is at most 65,536"),
        ({"hidden": 1 << 20}, "number of hidden dimensions is at most 65,536, not 1048576"),
        ({"features": None}, "number of features is a whole number from 1, not None"),
        ({"features": [[1, 2]]}, r"number of features .*, not \[1, 2\]"),
        ({"features": b"x"}, "number of features .*, not b'x'"),
        ({"features": {2, 3}}, "order of the values of features, and a set has none: give a list"),
        ({"seed": {1: 2}}, "values of seed, and a dict has none: give a list"),
        ({"sparsity": frozenset({"0"})}, "values of sparsity, and a frozenset has none"),
        ({"sets": {1, 2}, "distribution": "correlated"}, "values of sets, and a set has none"),
        ({"seed": iter(())}, "at least one seed; none is given"),
        ({"activation": [["relu"]]}, r"activation is .*, not \['relu'\]"),
        ({"kernel": np.array([1, 2])}, "kernel is .*, not array"),
        ({"trainer": "sampled", "decay": np.array([])}, "decay is a number from 0, not array"),
        ({"trainer": "sampled", "rate": float("nan")}, "rate is a number above 0, not nan"),
        ({"trainer": "sampled", "rate": 10**400}, "rate is a number above 0, not 1000"),
        ({"trainer": "sampled", "rate": [1e300]}, "the rate is .* float32 holds .*, not 1e.300"),
        ({"trainer": "sampled", "rate": 1e-300}, "the rate is .* from 1.18e-38 to 3.4e.38"),
        ({"trainer": "sampled", "decay": 1e300}, "the decay is .* float32 .*, not 1e.300"),
        (
            {"trainer": "sampled", "decay": 1e30, "rate": 1e30},
            "the decay times the rate is .* not 1e.60",
        ),
        (
            {"trainer": "sampled", "importance": "1e300"},
            "an importance is .* float32 holds .*, not 1e.300",
        ),
    ],
)
def test_what_no_sweep_takes(changes: Any, match: str) -> None:
    asked: Any = {"features": 2, "hidden": 1, "sparsity": "1/2"}
    with pytest.raises(InputError, match=match):
        SweepGrid.of(**{**asked, **changes})


def test_what_is_no_sweep() -> None:
    grid = SweepGrid.of(2, 1, "1/2")
    for parts, match in (
        ((), "at least one SweepGrid"),
        ((3,), "not 3"),
        ((grid, grid), "Parts 1 and 2"),
    ):
        with pytest.raises(InputError, match=match):
            SweepSpec(parts)


def test_an_axis_may_come_from_what_is_read_once() -> None:
    grid = SweepGrid.of(2, 1, (f"{k}/10" for k in range(3)), seed=map(int, "210"))
    assert grid == SweepGrid.of(2, 1, ["0", "1/10", "1/5"], seed=[2, 1, 0])


@pytest.mark.parametrize(
    ("changes", "nearest"),
    [
        ({"distribution": "corelated"}, 'distribution="correlated"'),
        ({"trainer": "sampled", "optimiser": "adamm"}, 'optimiser="adam"'),
        ({"trainer": "sampled", "schedule": "cosin"}, 'schedule="cosine"'),
        ({"activation": "Linear"}, 'activation="linear"'),
        ({"trainer": "exacty"}, 'trainer="exact"'),
        ({"trainer": "sampled", "kernel": "fuse"}, 'kernel="fused"'),
        ({"trainer": "sampled", "optimiser": "sgd"}, None),
        ({"rate": 0.1}, 'trainer="sampled"'),
        ({"distribution": "correlated"}, "sets=[(1, 2), (3, 4)]"),
    ],
)
def test_a_misspelt_word_is_answered_with_the_nearest(changes: Any, nearest: str | None) -> None:
    asked: Any = {"features": 2, "hidden": 1, "sparsity": "1/2"}
    with pytest.raises(InputError, match=r".") as refused:
        SweepGrid.of(**(asked | changes))
    assert refused.value.suggestion == nearest


def test_numbers_of_float64_hold_what_those_of_float32_do_not() -> None:
    grid = SweepGrid.of(2, 1, "1/2", "10^40", trainer="sampled", rate=1e-40, dtype="float64")
    assert grid.rate == (1e-40,)
