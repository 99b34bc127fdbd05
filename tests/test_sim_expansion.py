"""Models too wide for the exact loss: bounds beside samples, and a descent on the upper one."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import torchsim
from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import OneActive
from handcalc.superposition.numeric import expected_losses
from torchsim.comparison.expansion import bounds, refine
from torchsim.run import Trained
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.training.losses import sampled_losses


@pytest.fixture(scope="module")
def wide() -> Trained:
    model = ModelSpec.of(24, 8, "499/500", " ".join(f"{20 - k % 7}/20" for k in range(24)))
    spec = TrainingSpec((model,), "sampled", restarts=2, steps=800, batch=256)
    return torchsim.train(spec).trained[0]


def test_samples_lie_within_the_bounds(wide: Trained) -> None:
    for restart in (0, 1):
        found = bounds(wide, restart)
        assert found is not None
        W, b = wide.W[restart : restart + 1], wide.b[restart : restart + 1]
        mean, error = sampled_losses(wide.model, W, b, 1 << 18)
        assert found.lower[0] - 5 * error < mean < found.upper[0] + 5 * error
        assert found.upper[0] - found.lower[0] < error


def test_the_best_restart_is_meant(wide: Trained) -> None:
    one, best = bounds(wide), bounds(wide, wide.best)
    assert one is not None
    assert best is not None
    assert one.upper == best.upper


def test_a_descent_is_known_to_be_better(wide: Trained) -> None:
    found = refine(wide, steps=150)
    assert found.after.upper[0] < found.before.lower[0]
    mean, error = sampled_losses(wide.model, found.W[None], found.b[None], 1 << 17)
    assert found.after.lower[0] - 5 * error < mean < found.after.upper[0] + 5 * error


def test_where_the_loss_is_known_it_lies_within() -> None:
    spec = TrainingSpec((ModelSpec.of(6, 3, "9/10 19/20 1/2 9/10 99/100 9/10"),), restarts=2)
    trained = torchsim.train(spec).trained[0]
    found = bounds(trained)
    assert found is not None
    assert trained.exact_loss is not None
    exact = float(trained.exact_loss[trained.best])
    assert found.lower[0] <= exact <= found.upper[0]
    end = refine(trained, steps=60)
    S = np.array([[0.9, 0.95, 0.5, 0.9, 0.99, 0.9]])
    reached = expected_losses(end.W.numpy()[None], end.b.numpy()[None], sparsity=S)
    assert end.after.lower[0] <= reached[0] <= end.after.upper[0]


def test_what_has_no_bounds() -> None:
    for model in (
        ModelSpec.of(3, 2, "1/2", activation="linear"),
        ModelSpec.of(3, 2, distribution=OneActive(3)),
        ModelSpec.of(3, 2, "0 1/2 1/2"),
        ModelSpec.of(8, 2, "1/2"),  # four at a time
    ):
        trained = torchsim.train(TrainingSpec((model,), restarts=1)).trained[0]
        assert bounds(trained) is None
        with pytest.raises(InputError, match="drawn independently, none of them always on"):
            refine(trained)


def test_steps_are_asked_for(wide: Trained) -> None:
    with pytest.raises(InputError, match="At least one step is asked for, not 0"):
        refine(wide, steps=0)


def test_a_comparison_says_them(wide: Trained) -> None:
    run = torchsim.TrainingRun(
        TrainingSpec((wide.model,), "sampled", restarts=2), (wide,), 1.0, "cpu"
    )
    [found] = torchsim.compare(run).models
    assert found.at_least is not None
    assert found.at_most is not None
    assert f"at least {found.at_least:.6g} and at most {found.at_most:.6g}" in found.sentence
    few = torchsim.train(TrainingSpec((ModelSpec.of(3, 2, "1/2"),), restarts=1))
    [exact] = torchsim.compare(few).models
    assert (exact.at_least, exact.at_most) == (None, None)


def test_weights_stay_as_they_are(wide: Trained) -> None:
    before = wide.W.clone()
    refine(wide, steps=3)
    assert torch.equal(wide.W, before)
