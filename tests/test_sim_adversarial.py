"""The worst push of an input: beside a closed form, and beside a fine search."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

import torchsim
from handcalc import InputError
from tests.cli_runs import Shell
from torchsim import ModelSpec, TrainingRun, TrainingSpec, storage
from torchsim.comparison.adversarial import sample_losses, vulnerability, worst_pushes
from torchsim.figures import describe, draw, kinds, rendered
from torchsim.training import train


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def largest(A: Tensor, e: Tensor, length: float) -> float:
    """The largest ‖e − Aδ‖² with ‖δ‖ = length, by its secular equation: (λ − AᵀA)δ = −Aᵀe."""
    values, axes = torch.linalg.eigh(A.T @ A)
    g = axes.T @ (A.T @ e)
    low, high = float(values[-1]), float(values[-1]) + float(g.norm()) / length + 1
    for _ in range(200):
        middle = (low + high) / 2
        too_long = float((g / (middle - values)).norm()) > length
        low, high = (middle, high) if too_long else (low, middle)
    push = axes @ (-g / (high - values))
    return float((e - A @ push).square().sum())


def test_the_push_of_a_linear_model_is_the_closed_form() -> None:
    model = ModelSpec.of(5, 2, "1/2", activation="linear")
    W, b = drawn(5, 2), drawn(5, seed=1) / 4
    x = drawn(20, 5, seed=2).abs()
    pushes = worst_pushes(model, W, b, x, 0.1)
    assert torch.allclose(pushes.norm(dim=1), 0.1 * x.norm(dim=1))
    found = sample_losses(model, W, b, x, pushes)
    A = W @ W.T
    expected = [largest(A, one - A @ one - b, 0.1 * float(one.norm())) for one in x]
    assert found.tolist() == pytest.approx(expected, rel=1e-4)


def test_the_push_of_two_features_is_that_of_a_fine_search() -> None:
    """All directions, a thousandth of a degree apart or so, through the ReLUs."""
    model = ModelSpec.of(2, 1, "1/2")
    W, b = torch.tensor([[1.1], [-0.9]]).double(), torch.tensor([0.09, -0.05]).double()
    angles = torch.linspace(0, 2 * torch.pi, 20_001, dtype=torch.float64)
    circle = torch.stack((angles.cos(), angles.sin()), 1)
    x = drawn(12, 2, seed=3).abs()
    x[::3, 0] = 0
    found = sample_losses(model, W, b, x, worst_pushes(model, W, b, x, 0.3))
    for one, loss in zip(x, found.tolist(), strict=True):
        around = 0.3 * one.norm() * circle
        most = sample_losses(model, W, b, one.expand_as(around), around).max()
        assert loss == pytest.approx(float(most), rel=1e-3)


def test_without_superposition_a_push_is_passed_on_as_it_is() -> None:
    trained = train(TrainingSpec((ModelSpec.of(3, 3, "1/2"),), restarts=4)).trained[0]
    found = vulnerability(trained, 0.2)
    assert found.relative == pytest.approx(1, abs=1e-3)
    assert found.features_a_dimension == pytest.approx(1, abs=1e-4)
    assert found.clean == pytest.approx(0, abs=1e-6)


@pytest.mark.slow
def test_the_experiment_is_borne_out() -> None:
    known = torchsim.preset("adversarial")
    run = torchsim.train(known, small=True)
    assert known.claim.holds(run)
    turned = torchsim.TrainingRun(run.spec, run.trained[::-1], 1.0, "cpu")
    assert not known.claim.holds(turned)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"epsilon": 0}, "The epsilon is"),
        ({"samples": 0}, "number of samples"),
        ({"samples": 1}, "None of 1 input has an active feature"),
    ],
)
def test_what_is_refused(given: dict[str, float], said: str) -> None:
    trained = train(TrainingSpec((ModelSpec.of(2, 1, "99/100"),), restarts=1)).trained[0]
    with pytest.raises(InputError, match=said):
        vulnerability(trained, **given)


# -- the figure -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def along() -> TrainingRun:
    return train(TrainingSpec(tuple(ModelSpec.of(5, 2, S) for S in ("0", "9/10")), restarts=4))


@pytest.mark.parametrize("dark", [False, True])
def test_the_figure_has_both_along_the_density(along: TrainingRun, dark: bool) -> None:
    figure = draw("vulnerability", along, dark)
    found = [vulnerability(each) for each in along.trained]
    above, below, beside = figure.axes
    for axes, name in ((above, "relative"), (below, "features_a_dimension")):
        [line] = axes.lines
        assert list(line.get_xdata()) == [1, 10]
        assert list(line.get_ydata()) == [getattr(each, name) for each in found]
    assert list(beside.lines[0].get_ydata()) == [each.relative for each in found]
    assert figure.get_label() == describe("vulnerability", along)
    assert "S = 0.9: " in figure.get_label()
    assert rendered(figure, ".png")[:4] == b"\x89PNG"


def test_the_figure_suits_models_that_differ_in_one_sparsity(along: TrainingRun) -> None:
    assert "vulnerability" in kinds(along)
    last = along.spec.models[1]
    rarer, never = (ModelSpec.of(5, 2, S) for S in ("0 1/2 1/2 1/2 1/2", "1"))
    heavier = ModelSpec.of(5, 2, "1/2", "1 1 1 1 2")
    for other in (rarer, never, heavier, last):
        spec = replace(along.spec, models=(other, last))
        assert "vulnerability" not in kinds(replace(along, spec=spec))


def test_the_experiment_has_its_own_figure(
    along: TrainingRun, shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, kind in (("adversarial", "vulnerability"), ("introduction", "embeddings")):
        storage.save(along, tmp_path / name, name)
        assert shell("figure", f"./{name}", "--json").json()["kind"] == kind
    one = shell("figure", "./adversarial", "--models=1", "--no-state", "--json").json()
    assert one["kind"] == "embeddings"
