"""``handcalc train``, ``compare`` and ``figure`` of sparse autoencoders."""

from __future__ import annotations

import signal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import handcalc
import torchsim
import torchsim.autoencoders.training
from handcalc.cli.commands import directions
from handcalc.cli.names import SAE_PRESETS
from tests.cli_kinds import is_refused, is_trained_kept_listed_and_compared, words
from tests.cli_runs import Shell
from torchsim.autoencoders import specification
from torchsim.presets import preset
from torchsim.training.checkpoint import TrainingProgress

QUICK = ("train", "sae-antipodal", "--small", "--steps=2")
SHORT = ("--small", "--steps=2", "--restarts=2")


def test_text(shell: Shell) -> None:
    done = shell(*QUICK)
    assert (done.code, done.err) == (0, "")
    page = words(done.out)
    assert all(len(line) <= 80 for line in done.out.splitlines() if "runs/" not in line)
    assert "model S loss never on agreed" in page
    assert "Here it does not hold: more steps, or another seed, may come closer." in page
    assert words(preset("sae-antipodal").story) in page
    assert "Beside what is exact: handcalc compare" in page


def test_json_is_what_the_run_holds(shell: Shell, tmp_path: Path) -> None:
    done = shell(*QUICK, f"--out={tmp_path / 'run'}", "--json").json()
    run = torchsim.load(tmp_path / "run")
    assert isinstance(run, torchsim.SaeRun)
    assert (done["preset"], done["trainer"]) == ("sae-antipodal", "sae")
    for found, trained in zip(done["models"], run.trained, strict=True):
        assert found["loss"] == float(trained.loss[trained.best])
        assert found["W_dec"] == trained.W_dec[trained.best].tolist()
        assert (found["W"], found["l1"]) == ([["1", "0"], ["0", "1"], ["0", "-1"]], "1/10")
        assert found["threshold"] is None
        assert found["history"]["steps"] == [1, 2]


@pytest.mark.parametrize("name", SAE_PRESETS)
def test_every_preset_is_trained_kept_listed_and_compared(shell: Shell, name: str) -> None:
    is_trained_kept_listed_and_compared(shell, name, SHORT, "sae")
    [listed] = [each for each in shell("runs", "--json").json()["runs"] if each["preset"] == name]
    assert "--csv" not in words(shell("runs", listed["name"]).out)
    assert shell("runs", f"--delete={listed['name']}").code == 0


def test_ctrl_c_keeps_what_is_done(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    real, pressed = torchsim.autoencoders.training.train, []

    def pressing(spec: Any, **hooks: Any) -> Any:
        def heard(progress: TrainingProgress) -> None:
            hooks["on_progress"](progress)
            if progress.done == 7 and not pressed:
                pressed.append(progress)
                signal.raise_signal(signal.SIGINT)

        return real(spec, **{**hooks, "on_progress": heard})

    monkeypatch.setattr(torchsim.autoencoders.training, "train", pressing)
    command = ("train", "sae-antipodal", "--small", "--steps=5")
    stopped = shell(*command)
    assert "7 of 10 steps are done; the same command goes on from there." in words(stopped.err)
    assert "Going on from where it was stopped." in shell(*command).err
    went_on, unbroken = (shell(*command, *more, "--json").json() for more in ([], ["--no-state"]))
    assert went_on["read_from_disk"]
    assert went_on["models"] == unbroken["models"]


def test_compare_has_the_keys(shell: Shell) -> None:
    shell("train", "sae-topk", *SHORT)
    one, two, _ = shell("compare", "--json").json()["models"]
    assert one["true"]["exact"]["loss"] == "1307599/96000000"
    assert one["exact_loss"] == one["loss"] == one["exact"]["value"]
    assert (two["exact"], two["exact_loss"], two["true"]["exact"]) == (None, None, None)
    assert two["standard_error"] > 0
    for each in (one, two):
        assert len(each["nearest"]) == len(each["shrinkage"]) == 3
        assert each["best_code"] <= each["sampled_loss"]
        assert each["sentences"]


def test_figures_are_drawn(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell("train", "sae-latents", *SHORT)
    done = shell("figure", "sae-latents", "--json").json()
    assert (done["kind"], done["file"]) == ("dictionary", "sae-latents-dictionary.png")
    assert "latents 6: loss" in done["sentence"]
    assert (tmp_path / "sae-latents-dictionary.png").read_bytes()[:4] == b"\x89PNG"
    losses = shell("figure", "sae-latents", "--kind=losses", "--dark", "--svg=l.svg", "--json")
    assert "restarts come to the best of their model" in losses.json()["sentence"]


OWN = ("sae", "--W=1 0; 0 1; 0 -1", "--sparsity=9/10", "--l1=1/10", "--train")
FEW = ("--steps=300", "--restarts=2")


def test_one_is_trained_on_a_W_of_ones_own(shell: Shell, tmp_path: Path) -> None:
    done = shell(*OWN, *FEW, "--ways", "--gradient", "--x=1 0 0", f"--png={tmp_path / 'd.png'}")
    assert (done.code, done.err) == (0, "")
    assert all(len(line) <= 80 for line in done.out.splitlines() if "sae-" not in line)
    for told in (
        "A trained sparse autoencoder, the best of 2 restarts",
        "In fractions it loses 0.0136",
        "your SAE",
        "Each feature by the latent nearest to it",
        "in W_enc",
        "The run is in",
    ):
        assert told in words(done.out), told
    assert (tmp_path / "d.png").read_bytes()[:4] == b"\x89PNG"
    again = shell(*OWN, *FEW, "--ways", "--json").json()
    assert again["read_from_disk"]
    assert [way["name"] for way in again["ways"]][-2:] == ["decoder", "given"]
    [model] = again["models"]
    exact = model["exact"]
    assert again["ways"][-1]["own_loss"] == exact["loss"]
    assert float(Fraction(exact["loss"])) == pytest.approx(exact["value"], abs=1e-12)
    assert exact["value"] == pytest.approx(model["loss"], rel=0.05)
    assert (model["dead"], model["dead_is_proved"]) == ([], False)
    tied = handcalc.SparseAutoencoder.of_features("1 0; 0 1; 0 -1", "1/10")
    own = handcalc.sae_loss(tied, "1 0; 0 1; 0 -1", "9/10", "1/10")
    assert [way["own_loss"] for way in again["ways"][:4]] == [None, None, str(own.value), None]
    assert model["W"] == [["1", "0"], ["0", "1"], ["0", "-1"]]
    assert "Trained, and worked by hand" in shell("compare").out
    drawn = shell("figure", again["run"], f"--png={tmp_path / 'f.png'}", "--json").json()
    assert (drawn["preset"], drawn["kind"]) == ("sae", "dictionary")


NINE = ("sae", f"--W={'; '.join(['1'] * 9)}", "--sparsity=1/2", "--train", *FEW)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*OWN, *FEW, "--x=1 0"), "3 numbers"),
        ((*OWN, *FEW, "--x=1 0 a"), "--x"),
        ((*NINE, "--ways"), "for at most 8 features, not 9"),
        ((*NINE, "--gradient"), "this takes 708588 faces"),
        ((*OWN, *FEW, "--latents=300", "--x=1 0 0"), "at most 20000 sets of latents"),
        ((*OWN, *FEW, "--latents=400", "--ways"), "faces of cubes"),
    ],
)
def test_what_cannot_be_worked_beside_is_refused_before_the_training(
    shell: Shell, arguments: tuple[str, ...], said: str
) -> None:
    done = shell(*arguments)
    assert done.code in (2, 3)
    assert said in words(done.err)
    assert shell("runs", "--json").json()["runs"] == []


def test_what_fails_after_the_training_says_that_the_run_is_kept(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*_: Any, **__: Any) -> Any:
        raise handcalc.InputError("too_complicated", "This is too much.")

    monkeypatch.setattr(handcalc, "sae_gradient", failing)
    done = shell(*OWN, *FEW, "--gradient")
    assert done.code == 2
    assert "This is too much. The SAE is trained, and kept: this shows it." in words(done.err)
    [listed] = shell("runs", "--json").json()["runs"]
    _, where = words(done.err).split("Try: handcalc runs ")
    assert where.endswith(listed["name"])
    assert f"The run {listed['name']}" in shell("runs", where).out
    assert "kept" not in shell(*OWN, *FEW, "--gradient", "--no-state").err


@pytest.mark.parametrize("kind", ["topk", "jumprelu"])
def test_other_kinds_are_trained_and_not_worked_exactly(shell: Shell, kind: str) -> None:
    own = [each for each in OWN if kind == "jumprelu" or not each.startswith("--l1")]
    done = shell(*own, "--steps=2", "--kind", kind, "--latents=4", "--no-state", "--json").json()
    assert (done["models"][0]["kind"], done["run"]) == (kind, None)
    assert len(done["models"][0]["W_dec"]) == 4
    refused = shell(*own, "--steps=2", "--kind", kind, "--ways")
    assert refused.code == 2
    assert "that of the kind l1" in words(refused.err)


def test_a_typed_dictionary_has_its_row_among_the_ways_out(shell: Shell) -> None:
    typed = ("sae", "--W=1 0; 0 1; 0 -1", "--sparsity=1/2", "--ways")
    names = [way["name"] for way in shell(*typed, "--json").json()["ways"]]
    assert names == ["superposition", "orthogonal", "dictionary", "decoder"]
    found = shell(*typed, "--dictionary=1 0; 0 1", "--json").json()["ways"]
    assert [way["name"] for way in found] == [*names, "given"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*OWN, "--dictionary=1 0"), "--dictionary is for an SAE that is given"),
        ((*OWN[:-1], "--latents=2"), "--latents is for a training: say --train, too"),
        (("sae", "--W=1; -1", "--train"), "--sparsity=1/2"),
        ((*OWN[:3], "--train", "--kind=topk", "--k=9", "--steps=2"), "k is from 1 to the number"),
        ((*OWN, "--k=2"), "--k is for the kind topk"),
        ((*OWN, "--kind=topk"), "--l1 is a price of activations, and the kind topk has none"),
        ((*OWN, "--kind=l2"), "--kind"),
    ],
)
def test_what_does_not_go_with_a_training(
    shell: Shell, arguments: tuple[str, ...], said: str
) -> None:
    done = shell(*arguments)
    assert done.code != 0
    assert said in words(done.err)


def test_the_kinds_are_those_of_torchsim() -> None:
    assert directions.SAE_KINDS == specification.KINDS


@pytest.mark.parametrize(
    ("arguments", "said", "suggestion"),
    [
        (
            ("train", "sae-topk", "--trainer=exact"),
            "--trainer is for toy models; sae-topk is trained in one way.",
            "handcalc train sae-topk",
        ),
        (
            ("train", "sae-topk", "--weights=x"),
            "sae-topk trains sparse autoencoders, whose weights are in --json",
            "handcalc train sae-topk",
        ),
        (("train", "sae-top"), "There is no preset 'sae-top'", "handcalc train sae-topk"),
        (("code", "sae-topk"), "trains sparse autoencoders", "handcalc train sae-topk --json"),
    ],
)
def test_what_is_refused(
    shell: Shell, arguments: tuple[str, ...], said: str, suggestion: str
) -> None:
    is_refused(shell, arguments, said, suggestion)


def test_what_is_for_other_kinds(shell: Shell, tmp_path: Path) -> None:
    shell("train", "sae-topk", *SHORT)
    assert "this one is of sparse autoencoders" in words(shell("compare", "--models=1").err)
    wrong = shell("figure", "sae-topk", "--kind=gram", f"--png={tmp_path / 'x.png'}")
    assert 'is "dictionary" or "losses", not "gram"' in words(wrong.err)
    assert "has others" in words(shell("runs", "sae-topk", f"--csv={tmp_path / 'x.csv'}").err)
