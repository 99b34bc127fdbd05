"""What trained models are measured by: closed forms, published losses, and what cannot be known."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from handcalc.superposition.loss.distribution import Anticorrelated, Correlated, OneActive
from torchsim import ModelSpec, TrainingSpec
from torchsim.comparison import best_known as module
from torchsim.comparison.best_known import best_known, linear_best
from torchsim.comparison.best_store import KnownBest
from torchsim.training.exact import train_group
from torchsim.training.losses import exact_losses


def known(model: ModelSpec) -> KnownBest:
    (best,) = best_known([model])
    assert best is not None
    return best


def loss_of(model: ModelSpec, best: KnownBest) -> float:
    """The exact loss of the weights that are said to be the best."""
    found = exact_losses(model, torch.from_numpy(best.W)[None], torch.from_numpy(best.b)[None])
    assert found is not None
    return float(found[0])


def v(p: float) -> float:
    return p / 3 - p * p / 4


# -- ReLU models ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "loss", "digits"),
    [
        (ModelSpec.of(2, 1, "1/2"), 0.0762824470, 10),
        (ModelSpec.of(3, 2, "1/2"), 0.0762824470, 10),
        (ModelSpec.of(3, 2, "0.478162340928575"), 0.0818277742439342, 14),
        (ModelSpec.of(3, 2, 0), 0.0830895928, 10),
        (ModelSpec.of(6, 2, distribution=OneActive(6)), 0.04819, 5),
    ],
    ids=["pair", "pair and one", "where the triangle ends", "triangle", "hexagon"],
)
def test_published_losses(model: ModelSpec, loss: float, digits: int) -> None:
    best = known(model)
    assert best.loss == pytest.approx(loss, rel=0, abs=0.6 * 10**-digits)
    assert best.loss == pytest.approx(loss_of(model, best), rel=1e-12)
    assert (best.proved, best.restarts >= best.agreed) == (False, True)


def test_features_that_differ_in_sparsity_and_importance() -> None:
    """Better than keeping either feature alone."""
    model = ModelSpec.of(2, 1, "9/10 1/2", "1 1/4")
    best = known(model)
    assert best.loss == pytest.approx(loss_of(model, best), rel=1e-12)
    assert best.loss < linear_best(model) == pytest.approx(min(v(0.1), v(0.5) / 4))


def test_models_of_one_kind_are_searched_in_one_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever their seeds, and each problem once; what is found for one is found for its likes."""
    calls: list[int] = []
    search = module.search

    def counted(problems: list[object]) -> object:
        calls.append(len(problems))
        return search(problems)

    monkeypatch.setattr(module, "search", counted)
    models = [
        ModelSpec.of(2, 1, "1/2"),
        ModelSpec.of(3, 2, "9/10"),
        ModelSpec.of(2, 1, "1/2", seed=5),
        ModelSpec.of(2, 1, "3/4", "1 1/2"),
        ModelSpec.of(2, 1, "1/2", activation="linear"),
        ModelSpec.of(9, 2, "1/2"),
    ]
    found = best_known(models)
    assert calls == [2, 1]
    assert found[0] is found[2]
    assert [best is None for best in found] == [False] * 5 + [True]


@pytest.mark.parametrize(
    "model",
    [
        ModelSpec.of(4, 2, distribution=OneActive(4)),
        ModelSpec.of(3, 3, "1/2"),
        ModelSpec.of(3, 5, "1/2"),
        ModelSpec.of(3, 1, "0 1 1/2", "0 1 1"),
        ModelSpec.of(
            20, 10, distribution=Anticorrelated([(2 * i + 1, 2 * i + 2) for i in range(10)], 0)
        ),
    ],
    ids=["two pairs", "one each", "one to spare", "two do not matter", "ten pairs"],
)
def test_problems_without_loss(model: ModelSpec) -> None:
    best = known(model)
    assert (best.loss, best.proved, best.restarts) == (0, True, 0)
    assert (best.W.shape, best.b.shape) == ((model.features, model.hidden), (model.features,))
    if model.features <= 12:
        assert loss_of(model, best) < 1e-15


def test_no_models_ask_for_nothing() -> None:
    assert best_known([]) == ()


# -- linear models --------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [3, 20])
def test_the_most_important_features_are_kept_exactly(n: int) -> None:
    model = ModelSpec.of(
        n, 2, "7/10", [Fraction(7, 10) ** i for i in range(n)], activation="linear"
    )
    best = known(model)
    assert best.loss == pytest.approx(sum(0.7**i * v(0.3) for i in range(2, n)), rel=1e-14)
    assert np.array_equal(best.W, np.eye(n)[:, :2])
    assert np.allclose(best.b, [0, 0, *[0.15] * (n - 2)], rtol=0, atol=1e-16)
    assert best.loss == pytest.approx(loss_of(model, best), rel=1e-13)
    assert (best.proved, best.restarts) == (True, 0)


def test_what_counts_is_importance_times_variance() -> None:
    """Feature 2 is half as important as feature 1, which is met too rarely to be kept."""
    model = ModelSpec.of(3, 1, "19/20 1/4 1", "1 1/2 1", activation="linear")
    best = known(model)
    assert best.W.tolist() == [[0], [1], [0]]
    assert best.loss == pytest.approx(v(0.05), rel=1e-14)


def test_dimensions_to_spare_lie_idle() -> None:
    best = known(ModelSpec.of(3, 4, "1/2 1 1/4", activation="linear"))
    assert best.loss == 0
    assert best.W.tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]


@pytest.mark.parametrize(
    "model",
    [
        ModelSpec.of(4, 2, "0 1/4 1/2 9/10", "1 1/2 1 2", activation="linear"),
        ModelSpec.of(4, 2, distribution=OneActive(4), activation="linear"),
        ModelSpec.of(
            4, 2, distribution=Correlated([(1, 3), (2, 4)], "1/4 1/2"), activation="linear"
        ),
        ModelSpec.of(
            4,
            1,
            importance="1 1/4 1 1/4",
            distribution=Anticorrelated([(1, 3), (2, 4)], "1/3"),
            activation="linear",
        ),
    ],
    ids=["independent", "one active", "correlated", "anticorrelated"],
)
def test_the_closed_form_is_where_descents_end(model: ModelSpec) -> None:
    ((_, _, history),) = train_group(
        TrainingSpec((model,), restarts=8),
        (0,),
        None,
        lambda _: None,
        lambda _: None,
        lambda: False,
    )
    best = known(model)
    assert best.loss == pytest.approx(loss_of(model, best), rel=1e-12)
    assert best.loss == pytest.approx(float(history.losses[-1].min()), rel=1e-10)
    assert bool((history.losses >= best.loss * (1 - 1e-12)).all())


def test_features_drawn_together_that_weigh_differently_are_not_known() -> None:
    inputs = Correlated([(1, 2)], "1/2")
    linear, relu = (
        ModelSpec.of(3, 2, importance="1 1/2 1", distribution=inputs, activation=activation)
        for activation in ("linear", "relu")
    )
    assert best_known([linear]) == (None,)
    assert linear_best(linear) == pytest.approx(v(0.5) / 2)  # feature 2 is dropped
    assert known(relu).loss < linear_best(relu)


def test_a_relu_never_needs_more_than_the_best_linear_model() -> None:
    models = [ModelSpec.of(3, 2, S, "1 9/10 4/5") for S in ("0", "1/10", "1/2", "9/10")]
    for model, best in zip(models, best_known(models), strict=True):
        assert best is not None
        assert best.loss <= linear_best(model) * (1 + 1e-12)
    assert linear_best(models[0]) == pytest.approx(0.8 / 12)
