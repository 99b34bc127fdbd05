"""``handcalc train`` of attention-only models: what it says, keeps, writes and refuses."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

import torchsim
import torchsim.attention.training
from handcalc.cli.names import ATTENTION_PRESETS
from tests.cli_kinds import is_refused, words
from tests.cli_runs import Shell
from torchsim.attention.run import AttentionRun
from torchsim.presets import preset
from torchsim.training.checkpoint import TrainingProgress

QUICK = ("train", "induction", "--small", "--steps=2")


def test_text(shell: Shell) -> None:
    done = shell(*QUICK)
    assert (done.code, done.err) == (0, "")
    page = words(done.out)
    assert all(len(line) <= 80 for line in done.out.splitlines() if "runs/" not in line)
    assert "model layers loss right induction previous token agreed" in page
    assert "by chance 0.165" in page
    assert "by chance 0.099" in page
    assert "above 0.85" in page
    assert "Here it does not hold: more steps, or another seed, may come closer." in page
    assert words(preset("induction").story) in page
    assert "The run is in" in page


def test_json_is_what_the_run_holds(shell: Shell, tmp_path: Path) -> None:
    done = shell(*QUICK, f"--out={tmp_path / 'run'}", "--json").json()
    run = torchsim.load(tmp_path / "run")
    assert isinstance(run, AttentionRun)
    assert (done["preset"], done["trainer"]) == ("induction", "attention")
    assert done["claim"]["holds"] is False
    for found, trained in zip(done["models"], run.trained, strict=True):
        scores = trained.scores
        assert scores is not None
        assert found["loss"] == float(trained.loss[trained.best])
        assert found["induction"] == scores.induction[trained.best].tolist()
        assert found["induction_chance"] == scores.induction_chance
        assert found["history"]["steps"] == list(trained.history.steps)
        assert found["data"] == {"kind": "chain", "d_vocab": 12, "n_ctx": 32, "noise": "1/10"}
        assert (found["layers"], found["steps"]) == (trained.model.layers, 2)


@pytest.mark.parametrize("name", ATTENTION_PRESETS)
def test_every_preset_is_trained_kept_and_listed(shell: Shell, name: str) -> None:
    done = shell("train", name, "--small", "--steps=2", "--restarts=2")
    assert done.code == 0
    assert words(preset(name).title) in words(done.out)
    again = shell("train", name, "--small", "--steps=2", "--restarts=2")
    assert "It was trained before" in again.out
    [listed] = [each for each in shell("runs", "--json").json()["runs"] if each["preset"] == name]
    assert (listed["finished"], listed["latest"]) == (True, True)
    assert shell("runs", f"--delete={listed['name']}").code == 0
    assert shell("runs", "--json").json()["runs"] == []


def test_counts_have_their_entropy_beside_them(shell: Shell) -> None:
    done = shell("train", "skip-trigrams", "--small", "--steps=2", "--restarts=1")
    assert "above entropy" in done.out
    assert "induction" not in done.out
    models = shell(
        "train", "skip-trigrams", "--small", "--steps=2", "--restarts=1", "--json"
    ).json()
    assert {model["entropy"] for model in models["models"]} == {"1/2*log(2)"}
    assert {model["induction"] for model in models["models"]} == {None}


def test_ctrl_c_keeps_what_is_done(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    real, pressed = torchsim.attention.training.train, []

    def pressing(spec: Any, **hooks: Any) -> Any:
        def heard(progress: TrainingProgress) -> None:
            hooks["on_progress"](progress)
            if progress.done == 7 and not pressed:
                pressed.append(progress)
                signal.raise_signal(signal.SIGINT)

        return real(spec, **{**hooks, "on_progress": heard})

    monkeypatch.setattr(torchsim.attention.training, "train", pressing)
    command = ("train", "induction", "--small", "--steps=5")
    stopped = shell(*command)
    assert "7 of 10 steps are done; the same command goes on from there." in words(stopped.err)
    assert "handcalc train induction --small --steps 5" in stopped.err
    assert "Going on from where it was stopped." in shell(*command).err
    went_on, unbroken = (shell(*command, *more, "--json").json() for more in ([], ["--no-state"]))
    assert went_on["read_from_disk"]
    assert went_on["models"] == unbroken["models"]


def test_periods_are_told_apart(shell: Shell) -> None:
    page = shell("train", "fixed-period", "--small", "--steps=2").out
    assert "periods 6 to 12" in page
    assert "period 8" in page


def test_the_last_model_is_written_for_the_circuit(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "last.safetensors"
    done = shell(*QUICK, f"--weights={file}")
    assert f"Wrote {file}." in words(done.out)
    assert f"handcalc circuit --file {file}" in words(done.out)
    assert load_file(file)["blocks.1.attn.W_Q"].shape == (1, 32, 32)
    circuit: dict[str, Any] = shell("circuit", f"--file={file}", "--json").json()
    assert circuit["vocabulary"] == list("abcdefghijkl")
    again = shell(*QUICK, f"--weights={file}", "--json").json()
    assert (again["weights"], again["read_from_disk"]) == (str(file), True)


def test_names_of_tokens_go_with_the_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "last.safetensors"
    done = shell("train", "skip-trigrams", "--small", "--steps=2", f"--weights={file}")
    assert '--vocabulary="<s> keep in at mind bay"' in done.out.replace("'", '"')


def test_a_file_that_cannot_be_is_refused_before_the_work(shell: Shell, tmp_path: Path) -> None:
    done = shell(*QUICK, f"--weights={tmp_path / 'no' / 'file'}")
    assert done.code != 0
    assert "--weights: the file" in words(done.err)
    assert shell("runs", "--json").json()["runs"] == []


@pytest.mark.parametrize(
    ("arguments", "said", "suggestion"),
    [
        (
            ("train", "induction", "--trainer=exact"),
            "--trainer is for toy models; induction is trained in one way.",
            "handcalc train induction",
        ),
        (
            ("train", "induction", "--kernel=fused"),
            "--kernel is for toy models; induction is trained in one way.",
            "handcalc train induction",
        ),
        (
            ("train", "by-hand", "--small", "--weights=x"),
            "--weights is for attention-only models; by-hand trains toy models",
            "handcalc train by-hand --small",
        ),
        (("train", "inductions"), "There is no preset 'inductions'", "handcalc train induction"),
        (("train", "induction", "--restarts=5000"), "from 1 to 1024, not 5000", ""),
    ],
)
def test_what_is_refused(
    shell: Shell, arguments: tuple[str, ...], said: str, suggestion: str
) -> None:
    is_refused(shell, arguments, said, suggestion)


def test_what_is_to_be_typed_next_works(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    page = shell(*QUICK).out
    assert "handcalc compare\n" in page
    assert "handcalc figure induction\n" in page
    assert "Trained, and worked by hand" in shell("compare").out
    assert shell("figure", "induction").code == 0
    assert (tmp_path / "induction-attention.png").exists()
