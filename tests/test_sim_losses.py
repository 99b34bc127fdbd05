"""Losses of trained models: exact ones by two routes, and sampled ones beside them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from handcalc import ToyModel
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.model.toy_model import Activation
from handcalc.superposition.numeric import expected_losses
from tests.sim_devices import DEVICES
from torchsim import ModelSpec
from torchsim.training.losses import exact_losses, input_moments, sampled_losses

INPUTS: dict[str, Distribution] = {
    "dense": SparseUniform(0),
    "sparse": SparseUniform("0 1/4 1/2 9/10 1"),
    "one active": OneActive(5),
    "correlated": Correlated([(1, 4), (2, 3, 5)], "1/4 3/4"),
    "anticorrelated": Anticorrelated([(5, 2), (1, 3)], "1/2 0 1/3"),
}
EACH = pytest.mark.parametrize("inputs", INPUTS.values(), ids=INPUTS)
BOTH = pytest.mark.parametrize("activation", ["relu", "linear"])
WEIGHTS = "1 9/10 1/2 0 2"


def model(inputs: Distribution, activation: Activation) -> ModelSpec:
    return ModelSpec.of(5, 2, importance=WEIGHTS, distribution=inputs, activation=activation)


def restarts(count: int, n: int, m: int, device: str = "cpu") -> tuple[torch.Tensor, torch.Tensor]:
    """Weights as they are drawn, and biases, of some restarts."""
    generator = torch.Generator().manual_seed(7)
    W = torch.randn(count, n, m, generator=generator, dtype=torch.float64) * 0.6
    b = torch.randn(count, n, generator=generator, dtype=torch.float64) * 0.2
    return W.to(device), b.to(device)


def exact(spec: ModelSpec, W: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    found = exact_losses(spec, W, b)
    assert found is not None
    return found


# -- exact losses ---------------------------------------------------------------------------------


@EACH
@BOTH
def test_exact_losses_are_those_of_the_numeric_twin(
    inputs: Distribution, activation: Activation
) -> None:
    """Linear ones are worked out from two moments of the inputs, by another route than the twin."""
    W, b = restarts(6, 5, 2)
    weights = [1, 0.9, 0.5, 0, 2]
    known = expected_losses(W.numpy(), b.numpy(), inputs, importance=weights, activation=activation)
    assert np.allclose(exact(model(inputs, activation), W, b).numpy(), known, rtol=1e-13, atol=0)


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_exact_losses_are_those_of_the_exact_engine(activation: Activation) -> None:
    W, b = restarts(2, 3, 2)
    spec = ModelSpec.of(3, 2, "1/2", "1 1/2 1/4", activation=activation)
    for k, loss in enumerate(exact(spec, W, b).tolist()):
        rows = [[Fraction(value) for value in row] for row in W[k].tolist()]
        known = expected_loss(
            ToyModel(rows, [Fraction(value) for value in b[k].tolist()], activation),
            SparseUniform("1/2"),
            "1 1/2 1/4",
        )
        assert loss == pytest.approx(float(known.value), rel=1e-13)


@EACH
def test_moments_of_the_inputs(inputs: Distribution) -> None:
    """Against sums over all patterns of active features."""
    mean, second = np.zeros(5), np.zeros((5, 5))
    for pattern in inputs.patterns(5):
        on = np.isin(np.arange(1, 6), pattern.active).astype(float)
        mean += float(pattern.probability) * on / 2
        second += float(pattern.probability) * (np.outer(on, on) / 4 + np.diag(on) / 12)
    found_mean, covariance = input_moments(model(inputs, "linear"))
    assert np.allclose(found_mean.numpy(), mean, rtol=0, atol=1e-15)
    assert np.allclose(covariance.numpy(), second - np.outer(mean, mean), rtol=0, atol=1e-15)


def test_a_relu_loss_needs_at_most_twelve_features() -> None:
    inputs = OneActive(12)
    W, b = restarts(1, 12, 3)
    with_relu = exact(ModelSpec.of(12, 3, distribution=inputs), W, b)
    without = exact(ModelSpec.of(12, 3, distribution=inputs, activation="linear"), W, b)
    assert 0 < float(with_relu) < float(without)
    assert exact_losses(ModelSpec.of(13, 3, "1/2"), *restarts(1, 13, 3)) is None


def test_single_precision_is_taken_as_the_numbers_it_holds() -> None:
    W, b = (values.float() for values in restarts(3, 5, 2))
    for activation in ("relu", "linear"):
        spec = model(INPUTS["sparse"], activation)
        found = exact(spec, W, b)
        assert found.dtype == torch.float64
        assert torch.equal(found, exact(spec, W.double(), b.double()))
        assert sampled_losses(spec, W, b, 100)[0].dtype == torch.float64


def test_training_leaves_nothing_behind() -> None:
    """Weights that ask for gradients are judged all the same."""
    W, b = restarts(2, 5, 2)
    spec = model(INPUTS["sparse"], "relu")
    assert torch.equal(exact(spec, W.clone().requires_grad_(), b), exact(spec, W, b))


# -- sampled losses -------------------------------------------------------------------------------


@pytest.mark.parametrize("device", DEVICES)
@EACH
@BOTH
def test_sampled_losses_agree_with_exact_ones(
    inputs: Distribution, activation: Activation, device: str
) -> None:
    W, b = restarts(6, 5, 2, device)
    spec = model(inputs, activation)
    known = exact(spec, W, b)
    mean, error = sampled_losses(spec, W, b)
    assert float(((mean - known) / error).abs().max()) < 5
    assert float((error / known).max()) < 0.01


@pytest.mark.parametrize(("n", "m"), [(20, 5), (80, 20)])
def test_large_linear_models(n: int, m: int) -> None:
    W, b = restarts(3, n, m)
    spec = ModelSpec.of(n, m, "9/10", [Fraction(7, 10) ** i for i in range(n)], activation="linear")
    mean, error = sampled_losses(spec, W, b, 1 << 14)
    assert float(((mean - exact(spec, W, b)) / error).abs().max()) < 5
    assert float((error / mean).max()) < 0.03


def test_the_standard_error_is_that_of_means_of_other_inputs() -> None:
    """Seeds choose the inputs: the means of 40 seeds scatter as far as one of them says."""
    W, b = restarts(1, 3, 2)
    found = [sampled_losses(ModelSpec.of(3, 2, "1/2", seed=seed), W, b, 4096) for seed in range(40)]
    means = torch.stack([mean[0] for mean, _ in found])
    scatter = float(means.std() / torch.stack([error[0] for _, error in found]).mean())
    assert 0.7 < scatter < 1.4  # the spread of 40 is known to 11 %
    known = exact(ModelSpec.of(3, 2, "1/2"), W, b)
    assert abs(float(means.mean() - known[0])) < 5 * float(means.std()) / 40**0.5


def test_restarts_meet_the_same_inputs() -> None:
    W, b = restarts(1, 5, 2)
    spec = model(INPUTS["sparse"], "relu")
    mean, error = sampled_losses(spec, W.expand(3, -1, -1), b.expand(3, -1), 5000)
    assert mean.unique().numel() == error.unique().numel() == 1


def test_how_many_samples_are_held_at_once_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    W, b = restarts(4, 5, 2)
    spec = model(INPUTS["correlated"], "relu")
    whole = sampled_losses(spec, W, b, 5000)
    monkeypatch.setattr("torchsim.training.losses._TOGETHER", 700 * b.numel())
    parts = sampled_losses(spec, W, b, 5000)
    assert torch.allclose(whole[0], parts[0], rtol=1e-12, atol=0)
    assert torch.allclose(whole[1], parts[1], rtol=1e-10, atol=0)


def test_no_loss_has_no_error() -> None:
    pair = torch.tensor([[[1.0, 0.0], [0.0, 1.0]]])
    mean, error = sampled_losses(ModelSpec.of(2, 2, "1/2"), pair, torch.zeros(1, 2), 1000)
    assert (float(mean), float(error)) == (0, 0)
