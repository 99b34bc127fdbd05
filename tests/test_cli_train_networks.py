"""``handcalc train``, ``compare`` and ``figure`` of networks with neurons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from matplotlib.text import Text

import handcalc
import torchsim
from handcalc.cli.names import NETWORK_PRESETS
from tests.cli_kinds import is_refused, is_trained_kept_listed_and_compared
from tests.cli_runs import Shell
from torchsim import NetworkRun, NetworkSpec
from torchsim.figures import describe, draw, kinds, rendered
from torchsim.figures.networks.decoders import balanced

SHORT = ("--small", "--steps=2", "--restarts=2")


def test_json_is_what_the_run_holds(shell: Shell, tmp_path: Path) -> None:
    done = shell("train", "computation", *SHORT, f"--out={tmp_path / 'run'}", "--json").json()
    run = torchsim.load(tmp_path / "run")
    assert isinstance(run, NetworkRun)
    assert (done["preset"], done["trainer"]) == ("computation", "network")
    for found, trained in zip(done["models"], run.trained, strict=True):
        assert found["loss"] == float(trained.loss[trained.best])
        assert found["W_out"] == trained.W_out[trained.best].tolist()
        assert (found["task"], found["tied"]) == ("absolute", False)
        assert found["history"]["steps"] == [1, 2]
        assert len(found["held"]) == trained.model.neurons


@pytest.mark.parametrize("name", [each for each in NETWORK_PRESETS if each != "computation-large"])
def test_every_preset_is_trained_kept_listed_and_compared(shell: Shell, name: str) -> None:
    is_trained_kept_listed_and_compared(shell, name, SHORT, "network")


def test_compare_has_the_keys(shell: Shell) -> None:
    shell("train", "computation", *SHORT)
    six, four, _ = shell("compare", "--json").json()["models"]
    assert (six["own"], six["gap_percent"], six["named"]) == ("0", None, [])
    assert (four["own"], four["exact_loss"]) == ("5/48", four["loss"])
    [named] = four["named"]
    exact = handcalc.network_loss(handcalc.network("asymmetric").network, "absolute", "1/2")
    assert (named["name"], named["exact"]) == ("asymmetric", str(exact.value))
    assert four["sentences"]


def test_a_figure_is_drawn(shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell("train", "computation", *SHORT)
    done = shell("figure", "computation", "--json").json()
    assert (done["kind"], done["file"]) == ("neurons", "computation-neurons.png")
    assert (tmp_path / "computation-neurons.png").read_bytes()[:4] == b"\x89PNG"


@pytest.fixture(scope="module")
def run() -> NetworkRun:
    models = [
        NetworkSpec.of(3, m, task, "1/2", steps=20, batch=32)
        for m, task in ((2, "identity"), (4, "absolute"))
    ]
    linear = NetworkSpec.of(3, 2, sparsity="1/2", activation="linear", steps=20, batch=32)
    return torchsim.train([*models, linear], restarts=2)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", ["neurons", "losses"])
def test_each_kind_is_drawn_and_says_what_it_shows(run: NetworkRun, kind: Any, dark: bool) -> None:
    figure = draw(kind, run, dark)
    assert figure.get_label() == describe(kind, run)
    assert figure.get_suptitle()
    assert len(figure.axes) >= 3
    assert rendered(figure, ".png")[:4] == b"\x89PNG"


def test_neurons_are_marked_by_what_they_hold(run: NetworkRun) -> None:
    figure = draw("neurons", run)
    found = [text.get_text() for text in figure.findobj(Text)]
    trained = run.trained[1].neurons()
    assert trained is not None
    marks = [{0: "–", 1: "•"}.get(len(each), str(len(each))) for each in trained.held]
    assert all(found.count(mark) >= marks.count(mark) for mark in marks)
    assert "W_in, by feature" in found
    assert "W_out, by feature" in found


def test_which_kinds_suit_a_run(run: NetworkRun) -> None:
    assert kinds(run) == ("neurons", "losses")
    with pytest.raises(handcalc.InputError, match='is "neurons" or "losses", not "gram"'):
        draw("gram", run)
    with pytest.raises(handcalc.InputError, match="not for networks with neurons") as caught:
        draw("neurons", run, models=[1])
    assert caught.value.code == "ignored"


def linear_run() -> NetworkRun:
    models = [
        NetworkSpec.of(
            4, 2, sparsity="3/4", activation="linear", tied=tied, steps=300, batch=64, rate=2e-2
        )
        for tied in (True, False)
    ]
    return torchsim.train(models, restarts=2)


def test_balanced_weights_are_the_same_network() -> None:
    for trained in linear_run().trained:
        weights = trained.weights()
        inward, outward = balanced(weights)
        product = weights.get("W_out", weights["W_in"]) @ weights["W_in"].T
        assert torch.allclose(outward @ inward.T, product, atol=1e-9)
        assert torch.allclose(inward.T @ inward, outward.T @ outward, atol=1e-9)
        assert float(inward[0, 0]) > 0
        assert abs(float(inward[0, 1])) < 1e-9
        skew = torch.tensor([[2.0, 0.3], [-0.5, 0.7]]).double()
        if not trained.model.tied:
            other = {
                "W_in": weights["W_in"] @ skew,
                "W_out": weights["W_out"] @ torch.linalg.inv(skew).T,
            }
            for one, two in zip(balanced(other), (inward, outward), strict=True):
                assert torch.allclose(one, two, atol=1e-8)


@pytest.mark.parametrize("dark", [False, True])
def test_a_decoder_is_drawn_beside_its_encoder(dark: bool) -> None:
    linear = linear_run()
    assert kinds(linear) == ("decoders", "neurons", "losses")
    figure = draw("decoders", linear, dark)
    tied, untied = figure.axes
    assert (len(tied.lines), len(untied.lines)) == (0, 8)  # a dashed line and a ring for each row
    _, outward = balanced(linear.trained[1].weights())
    rings = [list(map(float, line.get_xydata()[0])) for line in untied.lines[1::2]]
    assert rings == outward.tolist()
    assert figure.get_label() == describe("decoders", linear)
    assert rendered(figure, ".png")[:4] == b"\x89PNG"


def test_a_weight_of_nothing_is_drawn_too() -> None:
    none = {"W_in": torch.zeros(3, 2).double(), "W_out": torch.zeros(3, 2).double()}
    assert not any(each.any() for each in balanced(none))


@pytest.mark.parametrize(
    ("arguments", "said", "suggestion"),
    [
        (
            ("train", "untied", "--trainer=exact"),
            "--trainer is for toy models; untied is trained in one way.",
            "handcalc train untied",
        ),
        (
            ("train", "untied", "--weights=x"),
            "untied trains networks with neurons, whose weights are in --json",
            "handcalc train untied",
        ),
        (("code", "untied"), "trains networks with neurons", "handcalc train untied --json"),
    ],
)
def test_what_is_refused(
    shell: Shell, arguments: tuple[str, ...], said: str, suggestion: str
) -> None:
    is_refused(shell, arguments, said, suggestion)
