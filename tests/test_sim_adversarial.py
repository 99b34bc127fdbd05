"""The worst push of an input: beside a closed form, and beside a fine search."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

import torchsim
from handcalc import InputError
from torchsim import ModelSpec, TrainingSpec
from torchsim.comparison.adversarial import sample_losses, vulnerability, worst_pushes
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
    ("given", "said"), [({"epsilon": 0}, "The epsilon is"), ({"samples": 0}, "number of samples")]
)
def test_what_is_refused(given: dict[str, float], said: str) -> None:
    trained = train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=1)).trained[0]
    with pytest.raises(InputError, match=said):
        vulnerability(trained, **given)
