"""Runs of toy models on data sets on a disk: what comes back, what is refused, what goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

import torchsim
from handcalc import OneActive
from tests.attention_runs import SPEC as ATTENTION
from tests.damaged_runs import refusals_of_flipped_bits, same_result
from tests.kept_kinds import (
    goes_on,
    is_read_carefully,
    refuses_others,
    refuses_tensors,
    some_inputs,
    survives_its_data,
)
from torchsim import DatasetRun, DatasetSpec, DatasetTraining, storage

QUICK: Any = {"steps": 6, "warm_up": 2}
MODELS = (
    DatasetSpec.of(9, 2, 3, "2/3", **QUICK),
    DatasetSpec.of(9, 2, 40, "2/3", seed=7, decay=0, **QUICK),
    DatasetSpec.of(4, 3, 1, distribution=OneActive(4), **QUICK),
)
SPEC = DatasetTraining(MODELS, restarts=2)


@pytest.fixture(scope="module")
def run() -> DatasetRun:
    return torchsim.train(SPEC)


def loaded(folder: Path) -> DatasetRun:
    found = torchsim.load(folder)
    assert isinstance(found, DatasetRun)
    return found


def test_a_run_survives_its_folder(tmp_path: Path, run: DatasetRun) -> None:
    torchsim.save(run, tmp_path / "run")
    again = loaded(tmp_path / "run")
    assert same_result(run, again)
    assert (again.wall_seconds, again.device) == (run.wall_seconds, run.device)
    assert again.trained[0].history.steps == run.trained[0].history.steps
    assert torch.equal(again.trained[1].points, run.trained[1].points)
    assert torch.equal(again.trained[1].hidden, run.trained[1].hidden)


def test_other_programs_read_the_folder(tmp_path: Path, run: DatasetRun) -> None:
    storage.save(run, tmp_path, "double-descent")
    spec = json.loads((tmp_path / "spec.json").read_text())
    assert (spec["preset"], spec["spec"]["kind"]) == ("double-descent", "dataset")
    one, two, three = spec["spec"]["models"]
    assert (one["points"], one["warm_up"], two["decay"], two["seed"]) == (3, 2, 0.0, 7)
    assert one["distribution"] == {"kind": "independent", "sparsity": ["2/3"]}
    assert three["distribution"] == {"kind": "one-active"}
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["trainer"] == "dataset"
    best = run.trained[1].best
    assert record["models"][1]["unseen"] == float(run.trained[1].unseen[best])
    tensors = load_file(tmp_path / "weights.safetensors")
    assert torch.equal(tensors["model2.W"], run.trained[1].W)


@pytest.mark.parametrize("stopped", [3, 9])
def test_a_kept_run_goes_on(tmp_path: Path, run: DatasetRun, stopped: int) -> None:
    goes_on(run, tmp_path, stopped)
    refuses_others(run, tmp_path, ATTENTION, "toy models on data sets")


# -- specifications -------------------------------------------------------------------------------


@st.composite
def specs(draw: st.DrawFn) -> DatasetTraining:
    def model() -> DatasetSpec:
        n = draw(st.integers(2, 4))
        return DatasetSpec.of(
            n, draw(st.integers(1, 9)), draw(st.integers(1, 1 << 16)),
            **some_inputs(draw, n, Fraction(19, 20)),
            steps=draw(st.integers(1, 10**6)), rate=draw(st.floats(1e-9, 1)),
            warm_up=draw(st.integers(0, 10**6)), decay=draw(st.floats(0, 1)),
            seed=draw(st.integers(0, 2**32 - 1)),
        )  # fmt: skip

    models = tuple(model() for _ in range(draw(st.integers(1, 3))))
    return DatasetTraining(models, draw(st.integers(1, 50)))


@given(spec=specs())
def test_a_specification_survives_its_data(spec: DatasetTraining) -> None:
    survives_its_data(spec)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(points="2"), r'"models\[0\]\.points" is a whole number, not "2"'),
        (lambda m: m.update(points=0), r'"models\[0\]": points is from 1 to 65,536, not 0'),
        (lambda m: m.update(warm_up=-1), r'"models\[0\]": warm_up is 0 or more steps, not -1'),
        (lambda m: m.update(decay=2.0), r'"models\[0\]": The decay is'),
        (lambda m: m.update(point=1), r'no key "point"; is "points" meant'),
        (lambda m: m.pop("rate"), r'lacks the key "rate"'),
        (lambda m: m["distribution"].update(sparsity=["2"]), r'"models\[0\]": '),
        (lambda m: m["distribution"].update(sparsity=["1"]), "at least one input in a hundred"),
    ],
)
def test_a_file_of_ones_own_is_read_carefully(change: Callable[[Any], object], said: str) -> None:
    is_read_carefully(SPEC, change, said)


# -- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["spec.json", "record.json", "weights.safetensors"])
def test_no_bit_changes_the_run_unnoticed(tmp_path: Path, run: DatasetRun, name: str) -> None:
    refused = refusals_of_flipped_bits(run, tmp_path, name, 60)
    assert len(refused) > 30


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("model2.unseen"), r'lacks the tensor "model2\.unseen"'),
        (lambda t: t.update({"model1.h": torch.zeros(2)}), r'a tensor "model1\.h"'),
        (lambda t: t.update({"model9.b": torch.zeros(1)}), r'"model9\.b" that no'),
        (lambda t: t.update({"model1.b": torch.zeros(2, 4)}), r"\(2, 4\), and must have"),
        (lambda t: t.update({"model3.history_losses": torch.zeros(9, 2)}), r"shape \(9, 2\)"),
    ],
)
def test_tensors_that_are_not_those_of_the_run(
    tmp_path: Path, run: DatasetRun, change: Callable[[dict[str, torch.Tensor]], object], said: str
) -> None:
    refuses_tensors(run, tmp_path, change, said)
