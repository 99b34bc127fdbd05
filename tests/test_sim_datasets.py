"""Toy models trained on data sets: the slopes, the same every time, beside what is exact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch

import handcalc
import torchsim
from handcalc import InputError
from torchsim import (
    DatasetRun,
    DatasetSpec,
    DatasetTraining,
    TrainedOnDataset,
    figures,
    storage,
)
from torchsim.comparison.datasets import (
    compare_datasets,
    loss_in_fractions,
    polygon_radius,
    polygon_weights,
    shared_pairs,
)
from torchsim.datasets import training
from torchsim.datasets.points import UNSEEN, data_points, unseen_points
from torchsim.datasets.training import DatasetDescent, set_losses
from torchsim.presets import preset
from torchsim.run import History
from torchsim.sampling import initial
from torchsim.views.dataset_runs import dataset_run_data

QUICK: Any = {"steps": 40}


def written(model: DatasetSpec, W: torch.Tensor, b: torch.Tensor) -> TrainedOnDataset:
    """A model with one restart of these weights."""
    on_set = set_losses(W, b, data_points(model)).mean()[None]
    unseen = set_losses(W, b, unseen_points(model))
    history = History((1,), torch.zeros(1, 1, dtype=torch.float64))
    judged = on_set, unseen.mean()[None], unseen.std()[None] / UNSEEN**0.5
    return TrainedOnDataset(model, W[None], b[None], *judged, history)


# -- data points ----------------------------------------------------------------------------------


def test_data_points_have_length_1_and_begin_alike() -> None:
    few, many = (data_points(DatasetSpec.of(20, 2, T, "9/10", seed=3)) for T in (7, 3000))
    assert few.shape == (7, 20)
    assert torch.equal(few, many[:7])
    assert torch.allclose(many.norm(dim=1), torch.ones(3000, dtype=torch.float64))
    assert (many >= 0).all()


def test_active_features_are_as_many_as_the_sparsity_says() -> None:
    X = data_points(DatasetSpec.of(100, 2, 4000, "19/20"))
    assert float((X > 0).sum(1).double().mean()) == pytest.approx(5, abs=0.15)


def test_unseen_inputs_are_in_no_data_set() -> None:
    model = DatasetSpec.of(100, 2, 2000, "19/20")
    seen, unseen = data_points(model), unseen_points(model)
    assert not torch.equal(seen[:10], unseen[:10])
    assert torch.equal(unseen, unseen_points(DatasetSpec.of(100, 2, 5, "19/20")))


# -- training -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(6, 2), (5, 3), (30, 2)])
def test_a_step_is_that_of_torch(n: int, m: int) -> None:
    model = DatasetSpec.of(n, m, 12, "2/3", steps=9, warm_up=3, rate=5e-2, decay=0.1)
    descent = DatasetDescent(DatasetTraining((model,), restarts=3), 0)
    W, b = (descent.weights[name].clone().requires_grad_() for name in ("W", "b"))
    optimiser = torch.optim.AdamW([W, b], weight_decay=0)
    X = data_points(model)
    for step in range(9):
        rate = optimiser.param_groups[0]["lr"] = model.rate_at(step)
        optimiser.zero_grad()
        h = torch.einsum("tn,rnm->rtm", X, W)
        output = torch.relu(torch.einsum("rtm,rnm->rtn", h, W) + b[:, None])
        loss = (output - X).square().sum(2).mean(1)
        loss.sum().backward()
        found, _ = descent.loss_and_slopes()
        assert torch.allclose(found[:, 0], loss.detach(), atol=1e-12)
        optimiser.step()
        descent.advance()
        with torch.no_grad():  # decay comes after the step
            for weight in (W, b):
                weight.mul_(1 - model.decay * rate)
        assert torch.allclose(descent.weights["W"], W.detach(), atol=1e-8)
        assert torch.allclose(descent.weights["b"], b.detach(), atol=1e-8)


def test_the_rate_warms_up_and_falls() -> None:
    model = DatasetSpec.of(5, 2, 3, "1/2", steps=100, warm_up=10, rate=1)
    rates = [model.rate_at(step) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 1e-3
    assert DatasetSpec.of(5, 2, 3, "1/2", warm_up=0).rate_at(0) == 1e-2


def test_a_run_is_the_same_every_time_and_restarts_do_not_mix() -> None:
    model = DatasetSpec.of(20, 2, 8, "4/5", **QUICK)
    few, again, more = (torchsim.train(model, restarts=count).trained[0] for count in (2, 2, 4))
    assert torch.equal(few.W, again.W)
    assert torch.allclose(few.W, more.W[:2], atol=1e-12)
    assert not torch.allclose(few.W[0], few.W[1])
    assert more.best == int(more.loss.argmin())


# -- restarts that diverge ------------------------------------------------------------------------

SOUND, PARTLY, LOST = (DatasetSpec.of(n, 2, 8, "2/3", **QUICK) for n in (9, 8, 7))


@pytest.fixture
def wild(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 8 features the second restart begins at infinity, of 7 all do; no rate takes one there."""

    def beginning(models: Any, restarts: Any, *rest: Any) -> tuple[torch.Tensor, torch.Tensor]:
        W, b = initial(models, restarts, *rest)
        if models[0].features < 9:
            W[1 if models[0].features == 8 else slice(None)] = torch.inf
        return W, b

    monkeypatch.setattr(training, "initial", beginning)


@pytest.mark.usefixtures("wild")
def test_a_restart_that_diverges_is_a_row_and_the_others_are_trained_on(tmp_path: Path) -> None:
    run = torchsim.train([LOST, SOUND, PARTLY], restarts=3, keep=tmp_path)
    lost, sound, partly = run.trained
    assert torch.equal(sound.W, torchsim.train(SOUND, restarts=3).trained[0].W)
    assert (sound.diverged, sound.is_lost) == ((None,) * 3, False)
    assert (lost.diverged, lost.is_lost, lost.agreed) == ((1, 1, 1), True, 0)
    assert (partly.diverged, partly.standing) == ((None, 1, None), (0, 2))
    assert partly.W[1].isnan().all()
    for losses in (partly.loss, partly.unseen):
        assert losses.isinf().tolist() == [False, True, False]
    assert partly.lowest == float(partly.loss[partly.best]) == float(partly.loss[[0, 2]].min())
    assert partly.mean_unseen == pytest.approx(float(partly.unseen[[0, 2]].mean()))
    columns = run.columns()
    assert columns["diverged"] == [3, 0, 1]
    assert columns["best restart"][0] is columns["held"][0] is None
    for found, kept in zip(run.trained, storage.load(tmp_path).trained, strict=True):
        assert found.diverged == kept.diverged
        assert torch.equal(found.unseen, kept.unseen)
    record = json.loads((tmp_path / "record.json").read_text())
    assert [each["diverged"] for each in record["models"]] == [
        {"1": 1, "2": 1, "3": 1},
        {},
        {"2": 1},
    ]


@pytest.mark.usefixtures("wild")
def test_pages_comparisons_and_figures_of_restarts_that_diverged() -> None:
    run = torchsim.train([LOST, SOUND, PARTLY], restarts=3)
    lost, _, partly = run.trained
    for page in (str(run), run._repr_markdown_()):
        assert "Model 1: diverged by step 1." in page
        assert "Model 3: 1 of 3 restarts diverged by step 1." in page
    assert "All 3 restarts diverged by step 1" in str(lost)
    assert "1 of 3 restarts diverged by step 1; the others end between" in " ".join(
        str(partly).split()
    )
    assert repr(lost).endswith("8 data points, diverged by step 1>")
    told = json.loads(json.dumps(dataset_run_data(run), allow_nan=False))["models"]
    assert told[0]["W"] is told[0]["h"] is told[0]["held"] is None
    assert told[2]["unseen_losses"][1] is None
    assert [each.model for each in torchsim.compare(run).models] == [SOUND, PARTLY]
    for kind in figures.kinds(run):
        figures.draw(kind, run)
        assert "inf" not in figures.describe(kind, run)
    plt.close("all")


@pytest.mark.usefixtures("wild")
def test_a_run_of_which_nothing_is_left_is_refused() -> None:
    with pytest.raises(InputError, match=r"lower the learning rate from 0\.01 to 0\.001") as caught:
        torchsim.train(LOST, restarts=2)
    assert caught.value.code == "diverged"


# -- beside what is exact -------------------------------------------------------------------------


def test_a_polygon_memorises_points_that_share_nothing() -> None:
    model = DatasetSpec.of(100, 2, 6, "19/20", seed=61)
    X = data_points(model)
    assert shared_pairs(X) == 0
    weights = polygon_weights(model)
    assert weights is not None
    assert loss_in_fractions(*weights, X) < 1e-30
    W, b = weights
    trained = written(model, W, b)
    assert trained.point_dimensionality.tolist() == pytest.approx([1 / 3] * 6)
    smaller = W * 0.99, b  # the radius is the least there is
    assert loss_in_fractions(*smaller, X) > 1e-4
    assert polygon_weights(DatasetSpec.of(100, 2, 50, "19/20", seed=61)) is None


def test_the_polygon_is_exact_by_hand() -> None:
    """A hexagon has r² = 2: six points of two features each, x = (3/5, 4/5), come back exactly."""
    corners = ["sqrt(2) 0", "sqrt(2)/2 sqrt(6)/2", "-sqrt(2)/2 sqrt(6)/2"]
    corners += ["-sqrt(2) 0", "-sqrt(2)/2 -sqrt(6)/2", "sqrt(2)/2 -sqrt(6)/2"]
    v = handcalc.parse_matrix("; ".join(corners))
    shares = [handcalc.exact("3/5"), handcalc.exact("4/5")]
    W = [[share * part for part in row] for row in v for share in shares]
    model = handcalc.ToyModel(W, [-share for _ in v for share in shares])  # (1 − r²) x
    assert polygon_radius(6, 2) == pytest.approx(2**0.5)
    for t in range(6):
        x = [share if s == t else 0 for s in range(6) for share in shares]
        assert not any(handcalc.forward(model, x).difference)


def test_a_comparison_has_what_is_exact() -> None:
    models = [DatasetSpec.of(30, 2, T, "9/10", **QUICK) for T in (1, 3, 40)]
    run = torchsim.train(models, restarts=2)
    for found, trained in zip(compare_datasets(run).models, run.trained, strict=True):
        assert found.exact is not None
        assert float(found.exact) == pytest.approx(found.loss, abs=1e-12)
        X = trained.points
        assert found.constant == pytest.approx(float((X - X.mean(0)).square().sum(1).mean()))
        assert found.shared == shared_pairs(X)
        assert len(found.points) == len(X)
    assert compare_datasets(run).models[0].radius == 1
    assert torchsim.compare(run).columns()["points"] == [1, 3, 40]


# -- the experiment -------------------------------------------------------------------------------


def test_the_claim_on_weights_by_hand() -> None:
    known = preset("double-descent")

    def spec(T: int) -> DatasetSpec:
        return DatasetSpec.of(100, 2, T, "19/20", seed=61)

    few, many = spec(6), spec(500)
    polygon = polygon_weights(few)
    assert polygon is not None
    angles = torch.arange(5, dtype=torch.float64) * (2 * torch.pi / 5)
    five = torch.zeros(100, 2, dtype=torch.float64)
    five[:5] = torch.stack([angles.cos(), angles.sin()], 1)
    mean = data_points(many).mean(0)
    mean[:5] = -0.1
    nothing = torch.zeros(100, 2, dtype=torch.float64), torch.zeros(100, dtype=torch.float64)
    rough = torch.ones(100, 2, dtype=torch.float64) / 4, nothing[1]

    def holds(few_on: Any, between_on: Any, many_on: Any) -> bool:
        sizes = (few, spec(50), many)
        each = zip(sizes, (few_on, between_on, many_on), strict=True)
        trained = tuple(written(model, *weights) for model, weights in each)
        return bool(known.claim.holds(DatasetRun(DatasetTraining(sizes, 1), trained, 0.0, "cpu")))

    features = five, mean
    assert holds(polygon, rough, features)
    assert not holds(nothing, rough, features)  # nothing memorised
    assert not holds(polygon, nothing, features)  # no descent twice
    assert not holds(polygon, rough, nothing)  # no feature
    assert not holds(polygon, rough, rough)


def test_a_small_run_bears_its_claim_out() -> None:
    known = preset("double-descent")
    assert known.claim.holds(torchsim.train(known, small=True))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [61, 62])
def test_the_full_size_bears_its_claim_out(seed: int) -> None:
    """Of two seeds whose first six data points share no feature."""
    known = preset("double-descent")
    assert known.claim.holds(torchsim.train(known, seed=seed))


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ({"points": 0}, "points", "points is from 1 to 65,536, not 0"),
        ({"points": "5"}, "points", "whole number"),
        ({"features": 2000}, "features", "features is from 1 to 1,024"),
        ({"hidden": 0}, "hidden", "hidden is from 1"),
        ({"steps": 0}, "steps", "steps is from 1"),
        ({"rate": 0}, "rate", "The rate is above 0"),
        ({"decay": 2}, "decay", "The decay is"),
        ({"decay": False}, "decay", "The decay is"),
        ({"decay": np.zeros(2)}, "decay", "The decay is"),
        ({"warm_up": -1}, "warm_up", "warm_up is 0 or more steps, not -1"),
        ({"seed": -1}, "seed", "seed"),
        ({"sparsity": "2"}, "sparsity", "A sparsity is a probability"),
        ({"sparsity": "1"}, "sparsity", "at least one input in a hundred must have one, not 0 %"),
        ({"sparsity": "9999/10000"}, "sparsity", r"not 0\.09 %"),
    ],
)
def test_what_is_no_configuration(more: dict[str, Any], code: str, said: str) -> None:
    given: dict[str, Any] = {"features": 9, "hidden": 2, "points": 5, "sparsity": "1/2"} | more
    with pytest.raises(InputError, match=said) as caught:
        DatasetSpec.of(**given)
    assert caught.value.code == code


def test_floats_and_arrays_are_taken_as_short_fractions() -> None:
    exact = DatasetSpec.of(9, 2, 5, "3/10", rate=0.25, decay=0)
    for S in (0.1 + 0.2, np.float32(0.3), torch.tensor(0.3)):
        assert DatasetSpec.of(9, 2, 5, S, rate=np.float32(0.25), decay=torch.tensor(0.0)) == exact


def test_what_is_no_run() -> None:
    wide = DatasetSpec.of(1024, 2, 1 << 16, "1/2")
    with pytest.raises(InputError, match="fewer restarts or data points") as caught:
        DatasetTraining((wide,), 8)
    assert caught.value.code == "size"
    model = DatasetSpec.of(9, 2, 5, "1/2")
    with pytest.raises(InputError, match="a toy model on a data set has one trainer"):
        torchsim.train(model, trainer="exact")
    with pytest.raises(InputError, match="DatasetSpec has its own"):
        torchsim.train(model, steps=5)
