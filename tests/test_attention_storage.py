"""Runs of attention-only models on a disk: what comes back, what is refused, what goes on."""

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
from handcalc.errors import InputError
from tests.attention_runs import CHAIN, COIN, MODELS, SPEC, made_up, same_result
from tests.damaged_runs import refusals_of_flipped_bits
from tests.kept_kinds import goes_on, refuses_tensors, survives_its_data
from torchsim import storage
from torchsim.attention.data import Contexts, Repeats, TokenChain
from torchsim.attention.run import AttentionRun
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.storage.specifications import spec_from_data, spec_to_data


def loaded(folder: Path) -> AttentionRun:
    run = torchsim.load(folder)
    assert isinstance(run, AttentionRun)
    return run


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_run_survives_its_folder(tmp_path: Path, dtype: Any) -> None:
    run = made_up(replace(SPEC, dtype=dtype))
    torchsim.save(run, tmp_path / "run")
    again = loaded(tmp_path / "run")
    assert same_result(run, again)
    assert (again.wall_seconds, again.device) == (12.5, "a made-up device")


def test_other_programs_read_the_folder(tmp_path: Path) -> None:
    run = made_up()
    storage.save(run, tmp_path, "induction")
    spec = json.loads((tmp_path / "spec.json").read_text())
    assert (spec["preset"], spec["spec"]["kind"]) == ("induction", "attention")
    assert spec["spec"]["models"][0]["data"]["noise"] == "1/3"
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["trainer"] == "attention"
    best = run.trained[0].best
    assert record["models"][0]["best"] == best + 1
    scores = run.trained[0].scores
    assert scores is not None
    assert record["models"][0]["induction"] == scores.induction[best].tolist()
    assert record["models"][2]["induction"] is None
    tensors = load_file(tmp_path / "weights.safetensors")
    assert torch.equal(tensors["model1.W_O"], run.trained[0].weights.W_O)
    assert "model2.W_pos" not in tensors


def test_a_kept_run_goes_on(tmp_path: Path) -> None:
    run = torchsim.train(SPEC)
    goes_on(run, tmp_path, 9)
    with pytest.raises(InputError, match="holds another run"):
        torchsim.train(replace(SPEC, restarts=2), keep=tmp_path)


def test_toy_models_and_these_are_other_runs(tmp_path: Path) -> None:
    toys = torchsim.train(torchsim.ModelSpec.of(2, 1, "1/2"), restarts=2, keep=tmp_path / "toys")
    torchsim.save(made_up(), tmp_path / "attention")
    with pytest.raises(InputError, match="holds another run"):
        torchsim.train(SPEC, keep=tmp_path / "toys")
    with pytest.raises(InputError, match="holds another run"):
        torchsim.train(toys.spec, keep=tmp_path / "attention")
    assert [folder.name for folder in storage.runs(tmp_path)] == ["toys", "attention"]


# -- specifications -------------------------------------------------------------------------------


@st.composite
def datas(draw: st.DrawFn) -> Any:
    V = draw(st.integers(2, 30))
    if draw(st.booleans()):
        return TokenChain(V, draw(st.integers(2, 40)), draw(st.fractions(0, 1)))
    longest = draw(st.integers(1, V))
    shortest = draw(st.integers(1, longest))
    return draw(st.sampled_from([COIN, Repeats(V, longest + 3, shortest, longest)]))


@st.composite
def specs(draw: st.DrawFn) -> AttentionTraining:
    def model() -> AttentionSpec:
        floats = st.floats(1e-9, 1)
        return AttentionSpec(
            draw(datas()),
            layers=draw(st.integers(0, 8)),
            heads=draw(st.integers(1, 16)),
            d_model=draw(st.integers(1, 64)),
            positions=draw(st.booleans()),
            self_attention=draw(st.booleans()),
            scale=draw(st.sampled_from(("sqrt", None))),
            rate=draw(floats),
            betas=(draw(st.floats(0, 0.99)), 0.5),
            final=draw(floats),
            clip=draw(st.one_of(st.none(), floats)),
            seed=draw(st.integers(0, 2**32 - 1)),
        )

    models = tuple(model() for _ in range(draw(st.integers(1, 3))))
    return AttentionTraining(models, draw(st.integers(1, 50)), dtype="float64")


@given(spec=specs())
def test_a_specification_survives_its_data(spec: AttentionTraining) -> None:
    survives_its_data(spec)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m.update(layers="2"), r'"models\[0\]\.layers" is a whole number, not "2"'),
        (lambda m: m.update(layers=99), r'"models\[0\]": The number of layers is .* not 99'),
        (lambda m: m.update(positions=1), r'"models\[0\]\.positions" is true or false, not 1'),
        (lambda m: m.update(clip="1"), r'"models\[0\]\.clip" is a number, or null, not "1"'),
        (lambda m: m.update(scale=2), r'"models\[0\]\.scale" is a text in quotes, or null'),
        (lambda m: m.update(betas=[0.5]), r'"models\[0\]": The betas are two numbers'),
        (lambda m: m.update(head=1), r'no key "head"; is "heads" meant'),
        (lambda m: m.pop("rate"), r'lacks the key "rate"'),
        (lambda m: m["data"].update(noise="1/0"), r'"models\[0\]": '),
        (lambda m: m["data"].update(noise="2"), r"The noise is a fraction from 0 to 1, not 2"),
        (
            lambda m: m["data"].update(kind="chains"),
            r'whose "kind" is "chain" or .*, not \{"kind": "chains"',
        ),
        (lambda m: m["data"].update(d_vocab=10**12), r"from 2 to 512, not 1000000000000"),
    ],
)
def test_a_file_of_ones_own_is_read_carefully(change: Callable[[Any], object], said: str) -> None:
    data: Any = json.loads(json.dumps(spec_to_data(SPEC)))
    change(data["models"][0])
    with pytest.raises(InputError, match=said) as caught:
        spec_from_data(data, "spec.json")
    assert caught.value.code == "run_file"


# -- damage ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["spec.json", "record.json", "weights.safetensors"])
def test_no_bit_changes_the_run_unnoticed(tmp_path: Path, name: str) -> None:
    refused = refusals_of_flipped_bits(made_up(), tmp_path, name, 80, same_result)
    assert len(refused) > 40
    assert all("folder" in message for message in refused)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda t: t.pop("model1.W_K"), r'lacks the tensor "model1\.W_K"'),
        (lambda t: t.update({"model2.W_pos": torch.zeros(3, 8, 4)}), r'a tensor "model2\.W_pos"'),
        (lambda t: t.update({"model9.W_E": torch.zeros(1)}), r'a tensor "model9\.W_E" that no'),
        (lambda t: t.update({"model1.W_U": torch.zeros(3, 5, 4)}), r"\(3, 5, 4\), and must have"),
        (lambda t: t.pop("model1.chances"), r'lacks the tensor "model1\.chances"'),
        (lambda t: t.update({"model3.induction": torch.zeros(3, 1, 1)}), r'"model3\.induction"'),
        (lambda t: t.update({"model4.history_losses": torch.zeros(9, 3)}), r"shape \(9, 3\)"),
    ],
)
def test_tensors_that_are_not_those_of_the_run(
    tmp_path: Path, change: Callable[[dict[str, torch.Tensor]], object], said: str
) -> None:
    refuses_tensors(made_up(), tmp_path, change, said)


def test_counts_of_any_size_are_kept(tmp_path: Path) -> None:
    large = Contexts(("a", "b"), ((0,),), (((1 << 53) - 1, 1),))
    spec = AttentionTraining((replace(MODELS[3], data=large),), restarts=1)
    torchsim.save(made_up(spec), tmp_path)
    assert loaded(tmp_path).spec == spec
    assert loaded(tmp_path).spec.models[0].data == large
    assert CHAIN.data != large
