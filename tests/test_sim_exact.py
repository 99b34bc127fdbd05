"""The exact trainer: known optima, mixed groups, and runs that were stopped and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    SparseUniform,
)
from handcalc.superposition.numeric import expected_losses_and_gradients
from tests.sim_devices import DEVICES
from torchsim import ModelSpec, TrainingSpec
from torchsim.comparison.best_known import best_known, linear_best
from torchsim.restarts import diverged_steps
from torchsim.run import History
from torchsim.sampling import initial
from torchsim.specification import Device
from torchsim.training import exact
from torchsim.training.checkpoint import State
from torchsim.training.exact import NumericLoss, chunks, train_group
from torchsim.training.losses import exact_losses

Ends = list[tuple[torch.Tensor, torch.Tensor, History]]

# found by 128 descents of the search, 2 % of them or more agreeing; k as in p = 20^(−k/9)
INTRODUCTION = {
    0: 0.182925,
    1: 0.2419942964,
    2: 0.2054430596,
    3: 0.1331654235,
    4: 0.0855398097,
    5: 0.0558496370,
    6: 0.0348615668,
    7: 0.0204886262,
    8: 0.0121109232,
    9: 0.0072551872,
}


def never() -> bool:
    return False


def ignored(_: Any) -> None:
    """Nobody listens."""


def trained(spec: TrainingSpec) -> Ends:
    """All models of a run that has one group."""
    (group,) = spec.groups
    return train_group(spec, group, None, ignored, ignored, never)


def best(ends: Ends, k: int = 0) -> float:
    return float(ends[k][2].losses[-1].min())


def gradients(model: ModelSpec, W: torch.Tensor, b: torch.Tensor) -> np.ndarray:
    """The lengths of the gradients by W and b, of shape (restarts,)."""
    importance = [float(value) for value in model.importance]
    _, by_W, by_b = expected_losses_and_gradients(
        W.numpy(),
        b.numpy(),
        model.distribution,
        importance=importance,
        activation=model.activation,
    )
    return np.sqrt((by_W**2).sum(axis=(1, 2)) + (by_b**2).sum(axis=1))


# -- where descents end ---------------------------------------------------------------------------


def test_three_features_in_two_dimensions_reach_their_optima() -> None:
    """With S from 0 to 0.95 the best of 32 restarts is the best known, found by another search."""
    sparsities = ["0", *(f"{k}/10" for k in range(1, 10)), "19/20"]
    models = tuple(ModelSpec.of(3, 2, S) for S in sparsities)
    ends = trained(TrainingSpec(models))
    for k, known in enumerate(best_known(models)):
        assert known is not None
        assert best(ends, k) == pytest.approx(known.loss, rel=0, abs=1e-12)


@pytest.mark.parametrize(
    ("model", "loss"),
    [
        (ModelSpec.of(3, 2, "1/2"), 0.0762824470),
        (ModelSpec.of(3, 2, "0.478162340928575"), 0.0818277742),
        (ModelSpec.of(3, 2, 0), 0.0830895928),
        (ModelSpec.of(2, 2, "1/2", activation="linear"), 0.0),
    ],
    ids=["pair", "triangle and pair", "triangle", "lossless"],
)
def test_published_losses(model: ModelSpec, loss: float) -> None:
    assert best(trained(TrainingSpec((model,)))) == pytest.approx(loss, rel=0, abs=6e-11)


def test_most_descents_with_one_active_feature_end_at_a_pentagon() -> None:
    """And the output without a row has the bias 1/12: Chen et al. 2023, their 5⁺."""
    model = ModelSpec.of(6, 2, distribution=OneActive(6))
    ((_, _, history),) = trained(TrainingSpec((model,), restarts=20))
    assert float(history.losses[-1].median()) == pytest.approx(0.06180, rel=0, abs=5e-6)


def introduction(which: tuple[int, ...]) -> TrainingSpec:
    importance = [Fraction(9, 10) ** i for i in range(5)]
    densities = [Fraction(20 ** (-k / 9)).limit_denominator(10**9) for k in which]
    return TrainingSpec(tuple(ModelSpec.of(5, 2, 1 - p, importance) for p in densities))


@pytest.mark.parametrize(
    "which", [(0, 9), pytest.param(tuple(range(10)), marks=pytest.mark.slow)], ids=["two", "all"]
)
def test_the_introduction_comes_within_a_thousandth_of_the_best_known(
    which: tuple[int, ...],
) -> None:
    ends = trained(introduction(which))
    for k, number in enumerate(which):
        assert INTRODUCTION[number] * (1 - 1e-9) < best(ends, k) < INTRODUCTION[number] * 1.001


@pytest.mark.parametrize(
    "inputs",
    [
        SparseUniform("0 1/4 1/2 9/10"),
        OneActive(4),
        Correlated([(1, 4), (2, 3)], "1/4 3/4"),
        Anticorrelated([(4, 2), (1, 3)], "1/2"),
    ],
    ids=lambda inputs: type(inputs).__name__,
)
@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_descents_end_where_the_loss_has_no_slope(inputs: Distribution, activation: Any) -> None:
    model = ModelSpec.of(
        4, 2, importance="1 1/2 1 1/4", distribution=inputs, activation=activation, seed=3
    )
    ((W, b, history),) = trained(TrainingSpec((model,), restarts=12))
    losses = exact_losses(model, W, b)
    assert losses is not None
    assert torch.allclose(history.losses[-1], losses, rtol=1e-12, atol=1e-14)
    # at a kink there is a slope on one side of the lowest point, so a few may have one
    assert np.median(gradients(model, W, b)) < 1e-11


def test_ten_features() -> None:
    model = ModelSpec.of(10, 3, distribution=OneActive(10))
    assert best(trained(TrainingSpec((model,), restarts=2))) < 0.3 * linear_best(model)


def test_linear_models_reach_their_closed_form() -> None:
    models = tuple(
        ModelSpec.of(5, 3, S, weights, activation="linear", seed=seed)
        for seed, (S, weights) in enumerate(
            [("1/2", None), ("0 1/4 1/2 3/4 9/10", None), ("1/10", "1 9/10 1/2 1/4 0")]
        )
    )
    ends = trained(TrainingSpec(models, restarts=4))
    for k, model in enumerate(models):
        assert best(ends, k) == pytest.approx(linear_best(model), rel=1e-10)


# -- what comes out, and in which order -----------------------------------------------------------

MIXED = TrainingSpec(
    (
        ModelSpec.of(3, 2, "1/2", activation="linear"),
        ModelSpec.of(3, 2, "9/10", "1 1/2 1/4", seed=4),
        ModelSpec.of(3, 2, "0 1/2 3/4"),
        ModelSpec.of(3, 2, "1/4", activation="linear", seed=4),
    ),
    restarts=5,
)


def test_models_of_one_group_are_trained_as_if_alone() -> None:
    together = trained(MIXED)
    for model, (W, b, history) in zip(MIXED.models, together, strict=True):
        ((V, c, alone),) = trained(TrainingSpec((model,), restarts=5))
        assert torch.allclose(W, V, rtol=0, atol=1e-6)
        assert torch.allclose(b, c, rtol=0, atol=1e-6)
        assert torch.allclose(history.losses[-1], alone.losses[-1], rtol=1e-12, atol=1e-15)


def test_losses_on_the_way() -> None:
    for model, (W, b, history) in zip(MIXED.models, trained(MIXED), strict=True):
        start = initial([model], range(5), torch.device("cpu"), torch.float64)
        before, after = exact_losses(model, *start), exact_losses(model, W, b)
        assert before is not None
        assert after is not None
        assert history.steps[:5] == (1, 2, 3, 4, 5)
        assert 10 < len(history.steps) < 40
        assert history.losses.shape == (len(history.steps), 5)
        assert torch.allclose(history.losses[0], before, rtol=1e-13, atol=0)
        assert torch.allclose(history.losses[-1], after, rtol=1e-12, atol=1e-15)
        assert bool((history.losses.diff(dim=0) <= 0).all())


def test_shapes_and_numbers() -> None:
    for W, b, history in trained(MIXED):
        assert (W.shape, b.shape) == ((5, 3, 2), (5, 3))
        assert {W.dtype, b.dtype, history.losses.dtype} == {torch.float64}


@pytest.mark.parametrize("device", DEVICES)
def test_every_device_reaches_the_same_losses(device: Device) -> None:
    spec = TrainingSpec(MIXED.models, restarts=8, device=device)
    for model, (W, b, history) in zip(spec.models, trained(spec), strict=True):
        ((_, _, known),) = trained(TrainingSpec((model,), restarts=8))
        assert (W.device.type, b.device.type) == ("cpu", "cpu")
        assert float(history.losses[-1].min()) == pytest.approx(
            float(known.losses[-1].min()), rel=1e-10
        )


# -- stopped, gone on with, gone wrong ------------------------------------------------------------


def after(evaluations: int, asked: list[None]) -> Callable[[], bool]:
    def should_stop() -> bool:
        asked.append(None)
        return len(asked) > evaluations

    return should_stop


def test_a_stopped_run_goes_on_to_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "_TOGETHER", {"cpu": 5 * 3 * 3**3})  # chunks of 5 descents
    group, asked = MIXED.groups[0], list[None]()
    whole = train_group(MIXED, group, None, ignored, ignored, after(1 << 30, asked))
    states: list[State] = []

    def save(state: State) -> None:
        tensors = {name: tensor.clone() for name, tensor in state.tensors.items()}
        states.append(State(state.group, state.step, tensors, state.numbers))

    with pytest.raises(KeyboardInterrupt, match=r"stopped after (5|10|15) of 20 descents"):
        train_group(MIXED, group, None, ignored, save, after(len(asked) * 3 // 4, []))
    assert [state.step for state in states] == [5, 10, 15][: len(states)]
    for kept in states:
        reports: list[int] = []
        ends = train_group(MIXED, group, kept, reports.append, ignored, never)
        assert (reports[0], sum(reports)) == (kept.step, 20)
        for (W, b, history), (V, c, known) in zip(ends, whole, strict=True):
            assert torch.equal(W, V)
            assert torch.equal(b, c)
            assert history.steps == known.steps
            assert torch.equal(history.losses, known.losses)


def test_a_state_of_chunks_of_another_size_counts_as_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What is left to descend is counted in chunks: else some instances would be left at starts."""
    group, states, reports = MIXED.groups[0], list[State](), list[int]()
    whole = train_group(MIXED, group, None, ignored, ignored, never)
    monkeypatch.setattr(exact, "_TOGETHER", {"cpu": 3 * 3 * 3**3})
    train_group(MIXED, group, None, ignored, states.append, never)
    monkeypatch.setattr(exact, "_TOGETHER", {"cpu": 5 * 3 * 3**3})
    assert states[0].step == 3
    ends = train_group(MIXED, group, states[0], reports.append, ignored, never)
    assert sum(reports) == 20
    for (W, b, _), (V, c, _) in zip(ends, whole, strict=True):
        assert torch.equal(W, V)
        assert torch.equal(b, c)


def test_chunks_cover_every_instance_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exact, "_TOGETHER", {"cpu": 6 * 3 * 3**3})
    found = list(chunks(MIXED, MIXED.groups[0]))
    assert [which.size for _, which in found] == [6, 4, 6, 4]
    assert sorted(np.concatenate([which for _, which in found]).tolist()) == list(range(20))
    for activation, which in found:
        assert {MIXED.models[k // 5].activation for k in which.tolist()} == {activation}


@pytest.mark.parametrize("at", [1, 3])
def test_no_step_leads_to_what_is_not_finite(monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    spec = TrainingSpec((ModelSpec.of(4, 1, "1/2"), *MIXED.models), restarts=5)
    calls = 0

    def failing(W: np.ndarray, b: np.ndarray, *given: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        L, by_W, by_b = expected_losses_and_gradients(W, b, *given, **named)
        if calls == at:
            L[8] = np.nan
        return L, by_W, by_b

    monkeypatch.setattr(exact, "_FEW", 100)
    usual = train_group(spec, spec.groups[1], None, ignored, ignored, never)
    monkeypatch.setattr(exact, "expected_losses_and_gradients", failing)
    found = train_group(spec, spec.groups[1], None, ignored, ignored, never)
    for i, ((W, b, way), (V, c, _)) in enumerate(zip(found, usual, strict=True)):
        is_hit = i == 2  # model 4 of all, whose restart 4 is at a start, or at a trial of a step
        steps = (None, None, None, 1, None) if is_hit and at == 1 else (None,) * 5
        assert diverged_steps(way.steps, way.losses) == steps
        kept = [k for k in range(5) if not (is_hit and k == 3)]
        assert torch.equal(W[kept], V[kept])
        assert torch.equal(b[kept], c[kept])
        assert bool(W.isnan().any()) == (is_hit and at == 1)


@pytest.mark.parametrize("activation", ["relu", "linear"])
def test_sharing_models_out_to_threads_changes_nothing(activation: Any) -> None:
    generator = np.random.default_rng(5)
    W, b = generator.normal(size=(101, 3, 2)), generator.normal(size=(101, 3))
    given = {"sparsity": generator.random((101, 3)), "importance": generator.random((101, 3))}
    whole = expected_losses_and_gradients(W, b, SparseUniform(), activation=activation, **given)
    for threads in (1, 2, 3):
        with ThreadPoolExecutor(threads) as pool:
            shared = NumericLoss(activation, "cpu", pool)(W, b, SparseUniform(), **given)
        for ours, theirs in zip(shared, whole, strict=True):
            assert ours.tolist() == theirs.tolist()
