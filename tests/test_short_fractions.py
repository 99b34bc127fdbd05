"""Floats where torchsim takes them: the short fraction that each stands for, within bounds."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import torchsim
from handcalc import InputError, SparseUniform, exact
from handcalc.inputs.floats import is_narrow, is_rounded, short_fraction, short_fractions
from torchsim import ModelSpec, NetworkSpec, SaeSpec, SweepGrid, TrainingSpec
from torchsim.views.specifications import model_data

FLOATS = st.floats(1e-12, 1e6)


@given(st.integers(-(10**12), 10**12), st.integers(-8, 4))
def test_a_decimal_of_up_to_twelve_digits_is_itself(digits: int, power: int) -> None:
    text = f"{digits}e{power}"
    if len(str(abs(digits)).rstrip("0")) <= 12 and not (is_narrow(float(text)) and digits % 10**6):
        assert short_fraction(float(text)) == Fraction(text)


@given(st.integers(1, 1000), st.integers(1, 1000))
def test_a_fraction_is_itself_in_both_widths(p: int, q: int) -> None:
    assert short_fraction(p / q) == Fraction(p, q)
    narrow = float(np.float32(p / q))
    found = short_fraction(narrow)
    assert np.float32(float(found)) == np.float32(narrow)


@given(FLOATS)
def test_it_is_as_near_as_is_said_and_shorter(value: float) -> None:
    found, at = short_fraction(value), Fraction(value)
    off = abs(found - at)
    if is_narrow(value):
        assert np.float32(float(found)) == np.float32(value)
    elif is_rounded(value):
        assert off <= Fraction(1, 10**9) * min(at, abs(1 - at))
    else:
        assert off <= Fraction(1, 1 << 48) * at
    assert found == short_fraction(value)
    assert short_fraction(-value) == -found


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.1 + 0.2, "3/10"),
        (0.7**14, "678223072849/10^14"),
        (0.9999999999999, None),
        (0.0, "0"),
        (1e30, "10^30"),
        (float(np.float32(0.9)), "9/10"),
        (float(np.float32(0.1) + np.float32(0.2)), "3/10"),
        (2.0**-30, "1/2^30"),
    ],
)
def test_what_was_meant(value: float, expected: str | None) -> None:
    found = short_fraction(value)
    if expected is None:
        assert 0 < 1 - found < Fraction(2, 10**13)  # and so no sparsity becomes 1
    else:
        assert found == Fraction(str(exact(expected)))


@given(FLOATS)
def test_the_shortest_in_reach_is_found(value: float) -> None:
    if is_rounded(value) and not is_narrow(value):
        at, found = Fraction(value), short_fraction(value)
        nearest = at.limit_denominator(max(found.denominator - 1, 1))
        assert abs(nearest - at) > Fraction(1, 10**9) * min(at, abs(1 - at)) or nearest == found


# --------------------------------------------------------------------------------------------------
# Where they are taken.

ALIKE: list[Any] = [
    [0.25, 0.9],
    (0.25, "9/10"),
    np.array([0.25, 0.9]),
    np.array([0.25, 0.9], np.float32),
    torch.tensor([0.25, 0.9]),
    torch.tensor([0.25, 0.9], dtype=torch.float64, requires_grad=True),
    [np.float32(0.25), torch.tensor(0.9)],
]


@pytest.mark.parametrize("given_", ALIKE, ids=lambda each: type(each).__name__)
def test_arrays_lists_and_tensors_are_alike(given_: Any) -> None:
    model = ModelSpec.of(2, 1, given_, given_)
    assert model == ModelSpec.of(2, 1, "1/4 9/10", "1/4 9/10")
    assert model_data(model)["importance"] == ["1/4", "9/10"]
    network = NetworkSpec.of(2, 2, sparsity=given_, importance=given_)
    assert network.distribution == model.distribution
    assert SaeSpec.of("1; -1", 2, "1/5", given_).distribution == model.distribution
    grid = SweepGrid.of(2, 1, given_, [given_])
    assert grid == SweepGrid.of(2, 1, ["1/4", "9/10"], ["1/4 9/10"])


def test_a_run_has_the_fraction_in_its_record() -> None:
    run = torchsim.train(ModelSpec.of(2, 1, sparsity=0.5, importance=np.float32(0.1)), restarts=2)
    assert run.spec == TrainingSpec((ModelSpec.of(2, 1, "1/2", "1/10"),), restarts=2)
    assert "importance 0.1" in str(run)
    assert repr(run.spec.models[0].importance) == "(1/10, 1/10)"


def test_what_is_rounded_is_said() -> None:
    with pytest.warns(
        UserWarning, match=r"importance: 0\.0047\d+ is no short .* and 4 more"
    ) as told:
        model = ModelSpec.of(20, 5, 0.9, 0.7 ** np.arange(20))
    assert told[0].filename == __file__
    for k, weight in enumerate(model.importance):
        assert abs(Fraction(str(weight)) / Fraction(7, 10) ** k - 1) < Fraction(11, 10**10)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ModelSpec.of(10, 5, 0.9, 0.7 ** np.arange(10))
        SweepGrid.of(2, 1, np.linspace(0, 0.95, 20))


@pytest.mark.parametrize(
    ("bad", "code", "said"),
    [
        (float("nan"), "float", "A float such as nan is no number"),
        ([0.5, np.inf], "float", "A float such as inf is no number"),
        (-0.5, None, "not -1/2"),
        (True, "boolean", "A number is asked for, not True; type 1 instead"),
        (np.array([True, False]), "boolean", "not True; type 1"),
        ({0.5}, "wrong_shape", "Numbers in their order"),
        (np.zeros(3), "wrong_shape", "2 features"),
        (0.5 + 0j, "not_exact", "An exact number is a text"),
    ],
)
def test_what_is_no_number_is_refused_as_ever(bad: Any, code: str | None, said: str) -> None:
    for name in ("sparsity", "importance"):
        with pytest.raises(InputError, match=said) as caught:
            ModelSpec.of(2, 1, **({"sparsity": "1/2"} | {name: bad}))
        assert caught.value.code == (code or name)


def test_a_sparsity_past_one_is_refused() -> None:
    with pytest.raises(InputError, match="from 0 to 1, not 3/2"):
        ModelSpec.of(2, 1, 1.5)


def test_rates_of_any_library() -> None:
    for rate in (0.01, np.float32(0.01), np.float64(0.01), torch.tensor(0.01), Fraction(1, 100)):
        assert NetworkSpec.of(2, 2, sparsity=0.5, rate=rate).rate == 0.01  # type: ignore[arg-type]  # of any library
        spec = TrainingSpec((ModelSpec.of(2, 1, 0.5),), "sampled", rate=rate)  # type: ignore[arg-type]  # of any library
        assert spec.rate == 0.01
    grid = SweepGrid.of(2, 1, "1/2", rate=np.array([0.01, 0.1], np.float32), trainer="sampled")
    assert grid.rate == (0.01, 0.1)
    for bad in ("1/100", np.array([0.1, 0.2]), np.bool_(True), None, float("nan")):
        with pytest.raises(InputError, match="The rate is above 0, and at most 1, not"):
            NetworkSpec.of(2, 2, sparsity=0.5, rate=bad)  # type: ignore[arg-type]  # of any library


def test_exact_entry_points_refuse_floats_still() -> None:
    with pytest.raises(InputError, match=r"A float such as 0\.5 is only near a number"):
        exact(0.5)
    with pytest.raises(InputError, match="is only near a number"):
        SparseUniform(0.5)


def test_texts_and_exact_numbers_stay() -> None:
    assert short_fractions("1/2 1/3", "sparsity") == "1/2 1/3"
    assert short_fractions(1, "sparsity") == 1
