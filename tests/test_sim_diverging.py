"""One model, or one restart, whose numbers run off: it is told, and the others are trained on."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import pytest
import torch

import torchsim
from handcalc import InputError, plot
from tests.cli_runs import Shell
from torchsim import (
    AttentionSpec,
    Contexts,
    ModelSpec,
    NetworkSpec,
    SaeSpec,
    SweepGrid,
    TokenChain,
    TrainingSpec,
    figures,
)
from torchsim.restarts import divergence
from torchsim.specification import Kernel
from torchsim.training.divergence import without_lost
from torchsim.views.attention_runs import attention_run_data
from torchsim.views.comparisons import comparison_data
from torchsim.views.network_runs import network_run_data
from torchsim.views.runs import run_data
from torchsim.views.sae_runs import sae_run_data

PAIR = ModelSpec.of(2, 1, "1/2")
HUGE = ModelSpec.of(2, 1, "1/2", importance=10**36)  # the squares of its slopes are no float32
TRIO = ModelSpec.of(3, 2, "1/2")
KERNELS: tuple[Kernel, ...] = ("plain", "fused")


def spec_of(*models: ModelSpec, kernel: Kernel = "plain", steps: int = 200) -> TrainingSpec:
    """A short run on samples."""
    return TrainingSpec(models, "sampled", 3, steps=steps, batch=64, rate=1e-2, kernel=kernel)


def some_diverge() -> torchsim.TrainingRun:
    """One model, of whose restarts the second and third run off."""
    W = torch.tensor([[[1.0], [-1.0]], [[1e30], [1.0]], [[1e25], [1.0]]])
    return torchsim.train(PAIR, trainer="sampled", steps=200, start=(W, torch.zeros(3, 2)))


# --------------------------------------------------------------------------------------------------
# Toy models.


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("models", [(PAIR, HUGE, TRIO), (HUGE, PAIR), (TRIO, HUGE)])
def test_the_others_are_trained_as_without_it(
    kernel: Kernel, models: tuple[ModelSpec, ...]
) -> None:
    run = torchsim.train(spec_of(*models, kernel=kernel))
    for model, found in zip(models, run.trained, strict=True):
        if model is HUGE:
            assert found.is_lost
            assert found.diverged == (found.history.steps[0],) * 3
            assert found.W.isnan().all()
            assert found.loss.isinf().all()
            assert found.standard_error.isnan().all()
            continue
        [alone] = torchsim.train(spec_of(model, kernel=kernel)).trained
        assert torch.equal(found.W, alone.W)
        assert torch.equal(found.history.losses, alone.history.losses)
        assert torch.equal(found.loss, alone.loss)
        assert found.diverged == (None,) * 3


def test_the_best_is_one_that_did_not_diverge() -> None:
    run = some_diverge()
    [found] = run.trained
    assert (found.best, found.standing, found.is_lost) == (0, (0,), False)
    assert found.diverged[0] is None
    assert None not in found.diverged[1:]
    assert found.loss[1:].isinf().all()
    assert found.lowest == float(found.loss[0]) < 0.08
    assert run.columns()["agreed"] == [1]
    assert run.columns()["diverged"] == [2]
    assert "2 of 3 restarts diverged, the first by step 2; the other ends at" in " ".join(
        str(found).split()
    )
    assert "Model 1: 2 of 3 restarts diverged" in str(run)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_run_that_is_stopped_goes_on_bit_for_bit(tmp_path: Path, kernel: Kernel) -> None:
    spec = spec_of(PAIR, HUGE, TRIO, kernel=kernel)
    whole, asked = torchsim.train(spec), 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > 40

    with pytest.raises(KeyboardInterrupt, match="stopped after"):
        torchsim.train(spec, keep=tmp_path, should_stop=stop)
    resumed = torchsim.train(spec, keep=tmp_path)
    for run in (resumed, torchsim.load(tmp_path)):
        for found, other in zip(run.trained, whole.trained, strict=True):
            assert found.diverged == other.diverged
            for ours, theirs in ((found.W, other.W), (found.history.losses, other.history.losses)):
                assert torch.equal(ours.nan_to_num(7), theirs.nan_to_num(7))


def test_a_run_of_nothing_else_is_refused() -> None:
    for spec in (spec_of(HUGE), spec_of(HUGE, replace(HUGE, seed=1))):
        with pytest.raises(InputError, match=r"model 1, restart 1 .* step 2; lower .*") as caught:
            torchsim.train(spec)
        assert caught.value.code == "diverged"


def test_pages_and_data_of_a_model_that_came_to_nothing() -> None:
    run = torchsim.train(spec_of(PAIR, HUGE, TRIO))
    page = str(run)
    assert "diverged by step 2  0 of 3" in page
    assert "Model 2: diverged by step 2." in page
    assert "Model 2: diverged by step 2." in run._repr_markdown_()
    lost = run.trained[1]
    assert "All 3 restarts diverged by step 2: a weight" in str(lost)
    assert "All 3 restarts diverged by step 2" in lost._repr_markdown_()
    assert repr(lost) == "<Trained: 2 features in 1 dimension, diverged by step 2>"
    data = json.loads(json.dumps(run_data(run), allow_nan=False))
    assert data["models"][1]["diverged"] == {"1": 2, "2": 2, "3": 2}
    assert data["models"][1]["W"] is None
    assert data["models"][0]["diverged"] == {}
    assert run.columns()["best restart"][1] is None
    assert run.to_frame().shape[0] == 3


def test_comparisons_and_figures_leave_it_out_and_say_so() -> None:
    run = torchsim.train(spec_of(PAIR, HUGE, TRIO))
    found = torchsim.compare(run)
    assert found.numbers == (1, 3)
    assert found.failed == {2: "diverged by step 2."}
    assert "1 model failed. Model 2: diverged by step 2." in str(found)
    assert comparison_data(found)["failed"] == [{"model": 2, "why": "diverged by step 2."}]
    with pytest.raises(InputError, match=r"No model came to anything\. Model 2: diverged"):
        torchsim.compare(run, models=[2])
    for kind in figures.kinds(run):
        figures.draw(kind, run)
    assert "model 3: 3 → 2" in figures.describe("losses", run)
    with pytest.raises(InputError, match="Model 2 came to nothing: it diverged by step 2"):
        figures.draw("losses", run, models=[2])
    for draw in (plot.losses, plot.arrows, plot.gram):
        draw(run)
        draw(some_diverge())
    with pytest.raises(InputError, match="This model came to nothing"):
        plot.losses(run.trained[1])
    plt.close("all")


def test_commands_take_a_run_with_such_a_model(shell: Shell, tmp_path: Path) -> None:
    run = tmp_path / "run"
    torchsim.train(spec_of(PAIR, HUGE, TRIO), keep=run)
    page = shell("compare", str(run))
    assert (page.code, page.err) == (0, "")
    assert "1 model failed. Model 2: diverged by step 2." in page.out
    drawn = shell("figure", str(run), "--png", str(tmp_path / "one.png"))
    assert drawn.code == 0, drawn.err
    assert shell("runs", str(run)).code == 0
    table = tmp_path / "table.csv"
    assert shell("runs", str(run), "--csv", str(table)).code == 0
    assert table.read_text().splitlines()[2].count("inf") == 1
    other = tmp_path / "networks"
    torchsim.train([KINDS[0][1], KINDS[0][0]], restarts=2, keep=other)
    page = shell("compare", str(other))
    assert (page.code, page.err) == (0, "")
    assert "1 model failed. Model 1: diverged by step" in page.out
    assert "Model 2" in page.out
    [lost] = shell("compare", str(other), "--json").json()["failed"]
    assert lost["model"] == 1
    assert shell("figure", str(other), "--png", str(tmp_path / "two.png")).code == 0


def test_nothing_goes_on_from_a_nan() -> None:
    with pytest.raises(InputError, match=r"2 of 3 restarts diverged, .* nothing goes on") as no:
        torchsim.go_on(some_diverge())
    assert no.value.code == "start"


def test_exact_descents_that_cannot_begin() -> None:
    start = ([[[1], [-1]], [[1e200], [1]]], [[0, 0], [0, 0]])
    [found] = torchsim.train(PAIR, start=start).trained
    assert found.diverged == (None, 1)
    assert found.loss.tolist() == [pytest.approx(0.076282447), float("inf")]
    with pytest.raises(InputError, match="by step 1; bring its importances nearer to 1"):
        torchsim.train(PAIR, start=([[1e200], [1]], [0, 0]))


def test_words() -> None:
    assert divergence((None, 3)) == "1 of 2 restarts diverged by step 3"
    assert divergence((4, 3)) == "diverged by step 4"


# --------------------------------------------------------------------------------------------------
# A cell of a sweep that comes to nothing fails, as before; one with a restart left does not.


def test_a_cell_that_came_to_nothing_failed(tmp_path: Path) -> None:
    grid = SweepGrid.of(
        2, 1, "1/2", importance=["1", str(10**36)], trainer="sampled", restarts=2, steps=60,
        batch=32,
    )  # fmt: skip
    run = torchsim.sweep(grid, keep=tmp_path)
    assert list(run.failed) == [2]
    assert "restart 1 became infinite or NaN by step" in run.failed[2]
    assert run.cell(1).trained is not None
    again = torchsim.load(tmp_path)
    assert again.failed == run.failed
    merged = torchsim.merge([torchsim.train(spec_of(PAIR, HUGE)), run])
    assert list(merged.failed) == [2, 4]


# --------------------------------------------------------------------------------------------------
# The other kinds.

NETWORK = NetworkSpec.of(2, 2, "absolute", 0, steps=40, batch=8)
SAE = SaeSpec.of("1; -1", 2, "1/5", "1/2", steps=40, batch=8)
ATTENTION = AttentionSpec(
    TokenChain(5, 8, 0), layers=1, d_model=4, d_head=2, steps=30, batch=4, warm_up=0
)
COUNTS = AttentionSpec(Contexts.bigrams([[2, 1], [1, 2]]), layers=0, d_model=1, steps=30)
KINDS = [
    (NETWORK, NetworkSpec.of(2, 2, "absolute", 0, 10**200, steps=40, batch=8), network_run_data),
    (SAE, SaeSpec.of("1; -1", 2, 10**200, "1/2", steps=40, batch=8), sae_run_data),
    (ATTENTION, replace(ATTENTION, rate=1e30, clip=None), attention_run_data),
    (COUNTS, replace(COUNTS, rate=1e30, clip=None, warm_up=0), attention_run_data),
]


@pytest.mark.parametrize(("model", "wild", "data"), KINDS)
def test_other_kinds_go_on_beside_a_model_that_came_to_nothing(
    tmp_path: Path, model: Any, wild: Any, data: Any
) -> None:
    with pytest.raises(InputError, match=r"model 1, restart 1 became infinite or NaN") as caught:
        torchsim.train(wild, restarts=2)
    assert caught.value.code == "diverged"
    run = torchsim.train([wild, model], restarts=2, keep=tmp_path)
    lost, found = run.trained
    [alone] = torchsim.train(model, restarts=2).trained
    assert lost.is_lost
    assert lost.loss.isinf().all()
    assert torch.equal(found.loss, alone.loss)
    assert torch.equal(found.history.losses, alone.history.losses)
    assert torch.equal(torchsim.load(tmp_path).trained[1].loss, found.loss)
    for shown in (str(run), str(lost), run._repr_markdown_(), lost._repr_markdown_()):
        assert "diverged by step" in shown
    assert "diverged by step" in repr(lost)
    told = json.loads(json.dumps(data(run), allow_nan=False))["models"]
    assert told[0]["agreed"] == 0
    assert told[0]["diverged"].keys() == {"1", "2"}
    assert run.columns()["diverged"] == [2, 0]
    assert len(without_lost(run).trained) == 1
    compared = torchsim.compare(run)
    assert (len(compared.models), compared.numbers, list(compared.failed)) == (1, (2,), [1])
    assert list(compared.columns()["model"]) == [2]
    for page in (str(compared), compared._repr_markdown_()):
        assert "1 model failed. Model 1: diverged by step" in page
    for kind in figures.kinds(run):
        figures.draw(kind, run)
    plt.close("all")


def test_a_restart_of_a_network_that_diverges_leaves_the_others() -> None:
    from torchsim.networks.specification import NetworkTraining
    from torchsim.networks.training import NetworkDescent

    spec = NetworkTraining((NETWORK,), restarts=3)
    descent, usual = NetworkDescent(spec, 0), NetworkDescent(spec, 0)
    descent.weights["b"][1, 0] = torch.inf
    for _ in range(40):
        descent.advance()
        usual.advance()
    for name, weight in descent.weights.items():
        assert weight[1].isnan().all()
        assert torch.equal(weight[::2], usual.weights[name][::2])
