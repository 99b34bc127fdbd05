"""Runs of networks with neurons on a disk: what comes back, what is refused, what goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
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
from torchsim import NetworkRun, NetworkSpec, NetworkTraining, storage

QUICK: Any = {"steps": 6, "batch": 16}
MODELS = (
    NetworkSpec.of(3, 2, "identity", "1/2", "1 3/4 sqrt(2)/2", **QUICK),
    NetworkSpec.of(3, 4, "absolute", "19/20", seed=7, **QUICK),
    NetworkSpec.of(2, 1, activation="linear", tied=False, distribution=OneActive(2), **QUICK),
)
SPEC = NetworkTraining(MODELS, restarts=2)


@pytest.fixture(scope="module")
def run() -> NetworkRun:
    return torchsim.train(SPEC)


def loaded(folder: Path) -> NetworkRun:
    found = torchsim.load(folder)
    assert isinstance(found, NetworkRun)
    return found


def test_a_run_survives_its_folder(tmp_path: Path, run: NetworkRun) -> None:
    torchsim.save(run, tmp_path / "run")
    again = loaded(tmp_path / "run")
    assert same_result(run, again)
    assert (again.wall_seconds, again.device) == (run.wall_seconds, run.device)
    assert again.trained[0].history.steps == run.trained[0].history.steps
    exact, before = again.trained[1].exact_loss, run.trained[1].exact_loss
    assert exact is not None
    assert before is not None
    assert exact.value == before.value


def test_other_programs_read_the_folder(tmp_path: Path, run: NetworkRun) -> None:
    storage.save(run, tmp_path, "computation")
    spec = json.loads((tmp_path / "spec.json").read_text())
    assert (spec["preset"], spec["spec"]["kind"]) == ("computation", "network")
    one, two, three = spec["spec"]["models"]
    assert (one["importance"], one["tied"], one["task"]) == (
        ["1", "3/4", "sqrt(2)/2"], True, "identity",
    )  # fmt: skip
    assert two["distribution"] == {"kind": "independent", "sparsity": ["19/20"]}
    assert (three["activation"], three["distribution"]) == ("linear", {"kind": "one-active"})
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["trainer"] == "network"
    found = run.trained[1].neurons()
    assert found is not None
    assert record["models"][1]["held"] == [list(each) for each in found.held]
    assert record["models"][2]["held"] is None
    tensors = load_file(tmp_path / "weights.safetensors")
    assert torch.equal(tensors["model2.W_out"], run.trained[1].W_out)
    assert "model1.W_out" not in tensors


@pytest.mark.parametrize("stopped", [3, 9])
def test_a_kept_run_goes_on(tmp_path: Path, run: NetworkRun, stopped: int) -> None:
    goes_on(run, tmp_path, stopped)
    refuses_others(run, tmp_path, ATTENTION, "networks with neurons")


# -- specifications -------------------------------------------------------------------------------


@st.composite
def specs(draw: st.DrawFn) -> NetworkTraining:
    def model() -> NetworkSpec:
        n = draw(st.integers(2, 4))
        return NetworkSpec.of(
            n, draw(st.integers(1, 9)), draw(st.sampled_from(("identity", "absolute"))),
            importance=[draw(st.fractions(0, 2)) for _ in range(n)], **some_inputs(draw, n),
            activation=draw(st.sampled_from(("relu", "linear", "gelu"))),
            output=draw(st.sampled_from(("relu", "linear", "tanh"))), tied=draw(st.booleans()),
            steps=draw(st.integers(1, 10**6)), rate=draw(st.floats(1e-9, 1)),
            seed=draw(st.integers(0, 2**32 - 1)),
        )  # fmt: skip

    models = tuple(model() for _ in range(draw(st.integers(1, 3))))
    return NetworkTraining(models, draw(st.integers(1, 50)))


@given(spec=specs())
def test_a_specification_survives_its_data(spec: NetworkTraining) -> None:
    survives_its_data(spec)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(neurons="2"), r'"models\[0\]\.neurons" is a whole number, not "2"'),
        (lambda m: m.update(neurons=0), r'"models\[0\]": neurons is from 1 to 1,024, not 0'),
        (lambda m: m.update(task="square"), r'"models\[0\]": The task is "identity"'),
        (lambda m: m.update(activation="softmax"), r'"models\[0\]": The activation is'),
        (lambda m: m.update(tied=1), r'"models\[0\]\.tied"'),
        (lambda m: m["importance"].pop(), r'"models\[0\]": '),
        (lambda m: m["importance"].__setitem__(0, "0.5.1"), r'"models\[0\]\.importance\[0\]"'),
        (lambda m: m.update(neuron=1), r'no key "neuron"; is "neurons" meant'),
        (lambda m: m.pop("rate"), r'lacks the key "rate"'),
        (lambda m: m["distribution"].update(sparsity=["2"]), r'"models\[0\]": '),
    ],
)
def test_a_file_of_ones_own_is_read_carefully(change: Callable[[Any], object], said: str) -> None:
    is_read_carefully(SPEC, change, said)


# -- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["spec.json", "record.json", "weights.safetensors"])
def test_no_bit_changes_the_run_unnoticed(tmp_path: Path, run: NetworkRun, name: str) -> None:
    refused = refusals_of_flipped_bits(run, tmp_path, name, 60)
    assert len(refused) > 30


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("model2.W_out"), r'lacks the tensor "model2\.W_out"'),
        (lambda t: t.update({"model1.W_out": torch.zeros(2)}), r'a tensor "model1\.W_out"'),
        (lambda t: t.update({"model9.b": torch.zeros(1)}), r'"model9\.b" that no'),
        (lambda t: t.update({"model1.b": torch.zeros(2, 4)}), r"\(2, 4\), and must have"),
        (lambda t: t.update({"model3.history_losses": torch.zeros(9, 2)}), r"shape \(9, 2\)"),
    ],
)
def test_tensors_that_are_not_those_of_the_run(
    tmp_path: Path, run: NetworkRun, change: Callable[[dict[str, torch.Tensor]], object], said: str
) -> None:
    refuses_tensors(run, tmp_path, change, said)
