"""Runs of sparse autoencoders on a disk: what comes back, what is refused, what goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file

import torchsim
from handcalc import InputError, OneActive
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
from torchsim import SaeRun, SaeSpec, SaeTraining, storage
from torchsim.autoencoders.codes import NAMES
from torchsim.storage.layouts import LAYOUTS
from torchsim.storage.specifications import spec_from_data, spec_to_data

QUICK: Any = {"steps": 6, "batch": 16}
MODELS = (
    SaeSpec.of("1 0; 0 1; 0 -1", 3, "1/10", "1/2", decoder_bias=True, **QUICK),
    SaeSpec.of("cos(2pi/5); sqrt(2); -1/3", 4, 0, "1/3", kind="topk", k=2, **QUICK),
    SaeSpec.of("1; -1", 2, "sqrt(2)/10", kind="jumprelu", distribution=OneActive(2), **QUICK),
)
SPEC = SaeTraining(MODELS, restarts=2)


@pytest.fixture(scope="module")
def run() -> SaeRun:
    return torchsim.train(SPEC)


def loaded(folder: Path) -> SaeRun:
    found = torchsim.load(folder)
    assert isinstance(found, SaeRun)
    return found


def test_a_run_survives_its_folder(tmp_path: Path, run: SaeRun) -> None:
    torchsim.save(run, tmp_path / "run")
    again = loaded(tmp_path / "run")
    assert same_result(run, again)
    assert (again.wall_seconds, again.device) == (run.wall_seconds, run.device)
    assert again.trained[0].history.steps == run.trained[0].history.steps
    assert again.trained[0].exact_loss.value == run.trained[0].exact_loss.value


def test_other_programs_read_the_folder(tmp_path: Path, run: SaeRun) -> None:
    storage.save(run, tmp_path, "sae-antipodal")
    spec = json.loads((tmp_path / "spec.json").read_text())
    assert (spec["preset"], spec["spec"]["kind"]) == ("sae-antipodal", "sae")
    one, two, three = spec["spec"]["models"]
    assert (one["W"], one["l1"]) == ([["1", "0"], ["0", "1"], ["0", "-1"]], "1/10")
    assert one["distribution"] == {"kind": "independent", "sparsity": ["1/2"]}
    assert two["W"] == [["-1/4 + sqrt(5)/4"], ["sqrt(2)"], ["-1/3"]]
    assert (three["l1"], three["distribution"]) == ("sqrt(2)/10", {"kind": "one-active"})
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["trainer"] == "sae"
    best = run.trained[0].best
    assert record["models"][0]["best"] == best + 1
    assert record["models"][0]["on"] == run.trained[0].on[best].tolist()
    tensors = load_file(tmp_path / "weights.safetensors")
    assert torch.equal(tensors["model2.W_dec"], run.trained[1].W_dec)


@pytest.mark.parametrize("stopped", [3, 9])
def test_a_kept_run_goes_on(tmp_path: Path, run: SaeRun, stopped: int) -> None:
    goes_on(run, tmp_path, stopped)


def test_sae_keeps_its_run_too(tmp_path: Path) -> None:
    heard: list[int] = []
    given: Any = {"sparsity": "1/2", "restarts": 2, **QUICK}
    first = torchsim.sae("1; -1", 2, "1/5", keep=tmp_path, **given,
                         on_progress=lambda p: heard.append(p.done))  # fmt: skip
    assert heard == [1, 2, 3, 4, 5, 6]
    assert same_result(first, loaded(tmp_path))
    assert same_result(first, torchsim.sae("1; -1", 2, "1/5", keep=tmp_path, **given))
    with pytest.raises(InputError, match="another run") as caught:
        torchsim.sae("1; -1", 2, "1/6", keep=tmp_path, **given)
    assert caught.value.code == "other_run"


def test_a_bias_of_the_model_makes_no_other_run() -> None:
    import handcalc

    biased = handcalc.ToyModel("1; -1", b="1/11 1/11")
    specs = [SaeSpec.of(each, 2, "1/5", "1/2") for each in (biased, "1; -1")]
    assert specs[0] == specs[1]


def test_kinds_are_other_runs(tmp_path: Path, run: SaeRun) -> None:
    torchsim.save(run, tmp_path)
    refuses_others(run, tmp_path, ATTENTION, "sparse autoencoders")


# -- specifications -------------------------------------------------------------------------------


@st.composite
def specs(draw: st.DrawFn) -> SaeTraining:
    def model() -> SaeSpec:
        n, latents = draw(st.integers(2, 4)), draw(st.integers(1, 9))
        m = draw(st.integers(1, n))
        cell = st.sampled_from(("0", "1", "-1/2", "sqrt(3)/2", "cos(2pi/5)"))
        W = [[draw(cell) for _ in range(m)] for _ in range(n)]
        kind = draw(st.sampled_from(("l1", "topk", "jumprelu")))
        return SaeSpec.of(
            W, latents, draw(st.fractions(0, 2)), **some_inputs(draw, n), kind=kind,
            k=draw(st.integers(1, latents)) if kind == "topk" else None,
            steps=draw(st.integers(1, 10**6)), rate=draw(st.floats(1e-9, 1)),
            seed=draw(st.integers(0, 2**32 - 1)), decoder_bias=draw(st.booleans()),
            bandwidth=draw(st.floats(1e-9, 1)) if kind == "jumprelu" else None,
        )  # fmt: skip

    models = tuple(model() for _ in range(draw(st.integers(1, 3))))
    return SaeTraining(models, draw(st.integers(1, 50)))


@given(spec=specs())
def test_a_specification_survives_its_data(spec: SaeTraining) -> None:
    survives_its_data(spec)


def test_what_does_nothing_in_a_kind_is_kept_as_it_was() -> None:
    old = replace(SPEC, models=tuple(replace(each, bandwidth=0.5) for each in SPEC.models))
    assert spec_from_data(json.loads(json.dumps(spec_to_data(old)))) == old


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(latents="2"), r'"models\[0\]\.latents" is a whole number, not "2"'),
        (lambda m: m.update(latents=0), r'"models\[0\]": latents is from 1 to 1,024, not 0'),
        (lambda m: m.update(l1="-1"), r'"models\[0\]": l1, the price of an activation'),
        (lambda m: m.update(l1="cheap"), r'"models\[0\]\.l1\[0\]"'),
        (lambda m: m["W"][1].__setitem__(0, "0.5.1"), r'"models\[0\]\.W\[1\]\[0\]"'),
        (lambda m: m["W"].append(["1"]), r'"models\[0\]": '),
        (lambda m: m.update(kind="l2"), r'"models\[0\]": '),
        (
            lambda m: m.update(kind="topk", k=4),
            r'"models\[0\]": k is from 1 to the number of latents',
        ),
        (lambda m: m.update(latent=1), r'no key "latent"; is "latents" meant'),
        (lambda m: m.pop("rate"), r'lacks the key "rate"'),
        (lambda m: m["distribution"].update(sparsity=["2"]), r'"models\[0\]": '),
    ],
)
def test_a_file_of_ones_own_is_read_carefully(change: Callable[[Any], object], said: str) -> None:
    is_read_carefully(SPEC, change, said)


# -- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["spec.json", "record.json", "weights.safetensors"])
def test_no_bit_changes_the_run_unnoticed(tmp_path: Path, run: SaeRun, name: str) -> None:
    refused = refusals_of_flipped_bits(run, tmp_path, name, 60)
    assert len(refused) > 30
    assert all("folder" in message for message in refused)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("model1.W_enc"), r'lacks the tensor "model1\.W_enc"'),
        (lambda t: t.update({"model2.scale": torch.zeros(2)}), r'a tensor "model2\.scale"'),
        (lambda t: t.update({"model9.W_dec": torch.zeros(1)}), r'"model9\.W_dec" that no'),
        (lambda t: t.update({"model1.on": torch.zeros(2, 4)}), r"\(2, 4\), and must have"),
        (lambda t: t.update({"model3.history_losses": torch.zeros(9, 2)}), r"shape \(9, 2\)"),
    ],
)
def test_tensors_that_are_not_those_of_the_run(
    tmp_path: Path, run: SaeRun, change: Callable[[dict[str, torch.Tensor]], object], said: str
) -> None:
    refuses_tensors(run, tmp_path, change, said)


def test_every_weight_has_a_tensor(run: SaeRun) -> None:
    parts = LAYOUTS[SaeTraining].parts(run.trained[0])
    assert set(NAMES) < set(parts)
