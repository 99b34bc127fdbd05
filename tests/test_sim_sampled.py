"""Training on samples: a step by hand, learning, and the same numbers however it is cut."""

from __future__ import annotations

from dataclasses import replace
from math import cos, pi
from typing import get_args

import pytest
import torch
from torch import Tensor

from handcalc import Correlated, InputError
from tests.sim_devices import DEVICES
from torchsim import ModelSpec, TrainingSpec
from torchsim.restarts import diverged_steps
from torchsim.run import History
from torchsim.sampling import Sampler, initial
from torchsim.specification import Device, Kernel, Optimiser
from torchsim.training import plain, train
from torchsim.training.checkpoint import State
from torchsim.training.losses import loss_and_gradient
from torchsim.training.plain import PlainDescent
from torchsim.training.sampled import train_group

MODELS = (
    ModelSpec.of(3, 2, "9/10"),
    ModelSpec.of(3, 2, "0", "1 1/2 1/4", activation="linear"),
    ModelSpec.of(3, 2, "1/2", seed=5),
)
CPU = torch.device("cpu")
KERNELS = get_args(Kernel)


def spec_of(models: tuple[ModelSpec, ...] = MODELS, **parts: object) -> TrainingSpec:
    chosen = {"trainer": "sampled", "restarts": 3, "steps": 25, "batch": 32, "rate": 0.01, **parts}
    return TrainingSpec(models, **chosen)  # type: ignore[arg-type]  # any part, by its name


def trained(spec: TrainingSpec, group: tuple[int, ...]) -> list[tuple[Tensor, Tensor, History]]:
    return train_group(spec, group, None, lambda _: None, lambda _: None, lambda: False)


def same(
    ours: list[tuple[Tensor, Tensor, History]], theirs: list[tuple[Tensor, Tensor, History]]
) -> bool:
    """Whether weights, biases and histories are equal, bit for bit."""
    return all(
        torch.equal(W, other_W)
        and torch.equal(b, other_b)
        and seen.steps == other_seen.steps
        and torch.equal(seen.losses, other_seen.losses)
        for (W, b, seen), (other_W, other_b, other_seen) in zip(ours, theirs, strict=True)
    )


def close(
    ours: list[tuple[Tensor, Tensor, History]], theirs: list[tuple[Tensor, Tensor, History]]
) -> bool:
    """Whether they differ by no more than rounding, in double precision, after some steps."""
    return all(
        torch.allclose(W, other_W, rtol=0, atol=1e-12)
        and torch.allclose(b, other_b, rtol=0, atol=1e-12)
        and seen.steps == other_seen.steps
        and torch.allclose(seen.losses, other_seen.losses, rtol=0, atol=1e-12)
        for (W, b, seen), (other_W, other_b, other_seen) in zip(ours, theirs, strict=True)
    )


def copied(state: State) -> State:
    return replace(state, tensors={name: t.clone() for name, t in state.tensors.items()})


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("optimiser", "kept"), [("adam", 1.0), ("adamw", 1 - 0.25 * 0.5)])
def test_the_first_step_by_hand(optimiser: Optimiser, kept: float, kernel: Kernel) -> None:
    """θ := kept·θ − rate·g/(|g| + ε): the first moments of Adam are g and g²; AdamW shrinks."""
    model = ModelSpec.of(3, 2, "1/2")
    spec = spec_of(
        (model,), restarts=2, steps=1, rate=0.25, decay=0.5, optimiser=optimiser, dtype="float64"
    )
    spec = replace(spec, kernel=kernel)
    [(W, b, history)] = trained(spec, (0,))

    start, zero = initial([model], range(2), CPU, torch.float64)
    x = Sampler.of([model], range(2), CPU, torch.float64).inputs(0, 32)
    found = loss_and_gradient(start, zero, x, torch.ones(2, 3, dtype=torch.float64))
    g, c = found.W / 3, found.b / 3  # of the mean over features
    assert g.abs().min() > 1e-3
    torch.testing.assert_close(W, kept * start - 0.25 * g / (g.abs() + 1e-8), rtol=0, atol=1e-14)
    torch.testing.assert_close(b, -0.25 * c / (c.abs() + 1e-8), rtol=0, atol=1e-14)
    assert history.steps == (1,)
    torch.testing.assert_close(history.losses[0], found.losses, rtol=0, atol=1e-14)


@pytest.mark.parametrize("kernel", KERNELS)
def test_torch_and_autograd_take_the_same_steps(kernel: Kernel) -> None:
    """The recipe written plainly, with the notebook's loss, a falling rate and an optimiser."""
    model = ModelSpec.of(3, 2, "1/2", "1 1/2 1/4")
    spec = spec_of(
        (model,), restarts=2, steps=30, schedule="cosine", dtype="float64", kernel=kernel
    )
    [(W, b, history)] = trained(spec, (0,))

    sampler = Sampler.of([model], range(2), CPU, torch.float64)
    plain_W, plain_b = (t.requires_grad_() for t in initial([model], range(2), CPU, torch.float64))
    importance = torch.tensor([1, 1 / 2, 1 / 4], dtype=torch.float64)[None, :, None]
    optimiser = torch.optim.AdamW([plain_W, plain_b])
    seen = []
    for step in range(30):
        x = sampler.inputs(step, 32)
        output = torch.relu(plain_W @ plain_W.mT @ x + plain_b[:, :, None])
        losses = (importance * (x - output) ** 2).mean((1, 2))
        optimiser.param_groups[0]["lr"] = 0.01 * cos(pi / 2 * step / 29)
        optimiser.zero_grad()
        losses.sum().backward()
        optimiser.step()
        seen.append(3 * losses.detach())
    torch.testing.assert_close(W, plain_W.detach(), rtol=0, atol=1e-13)
    torch.testing.assert_close(b, plain_b.detach(), rtol=0, atol=1e-13)
    assert history.steps == tuple(range(1, 31))
    torch.testing.assert_close(history.losses, torch.stack(seen), rtol=0, atol=1e-13)


@pytest.mark.parametrize("device", DEVICES)
def test_a_small_run_learns(device: Device) -> None:
    """At S = 0.9 it comes below dropping one feature, the variance of x: p/3 − p²/4."""
    spec = spec_of((MODELS[0],), restarts=8, steps=500, batch=1024, rate=0.02, device=device)
    [(_, _, history)] = trained(spec, (0,))
    one_dropped = 0.1 / 3 - 0.05**2
    assert history.steps == tuple(range(5, 501, 5))
    assert history.losses[0].min() > one_dropped
    assert history.losses[-1].min() < 0.8 * one_dropped


@pytest.mark.parametrize("device", DEVICES)
def test_the_same_twice(device: Device) -> None:
    spec = spec_of(device=device)
    assert same(trained(spec, (0, 1, 2)), trained(spec, (0, 1, 2)))
    other = replace(spec, models=tuple(replace(model, seed=1) for model in MODELS))
    assert not same(trained(spec, (0,)), trained(other, (0,)))


@pytest.mark.parametrize("optimiser", ["adam", "adamw"])
def test_a_model_depends_on_what_is_trained_beside_it_by_rounding_alone(
    optimiser: Optimiser,
) -> None:
    spec = spec_of(optimiser=optimiser, dtype="float64", kernel="plain")
    together = trained(spec, (0, 1, 2))
    assert all(close(trained(spec, (i,)), [together[i]]) for i in range(3))
    assert not close([together[0]], [together[1]])
    fewer = trained(replace(spec, restarts=2), (0, 1, 2))
    first = [(W[:2], b[:2], History(seen.steps, seen.losses[:, :2])) for W, b, seen in together]
    assert close(fewer, first)


@pytest.mark.parametrize("cached", [1, 3 * 32 * 2, 3 * 32 * 7])
def test_blocks_change_nothing_but_rounding(monkeypatch: pytest.MonkeyPatch, cached: int) -> None:
    spec = spec_of(dtype="float64", kernel="plain")
    whole = trained(spec, (0, 1, 2))
    monkeypatch.setattr(plain, "_CACHED", cached)
    places = [
        (j, k)
        for block in plain.blocks(spec, (0, 1, 2))
        for j in range(3)[block.models]
        for k in range(3)[block.restarts]
    ]
    assert sorted(places) == [(j, k) for j in range(3) for k in range(3)]
    assert len(list(plain.blocks(spec, (0, 1, 2)))) > 1
    assert close(trained(spec, (0, 1, 2)), whole)


def test_features_that_are_drawn_together() -> None:
    drawn = Correlated([(1, 2)], "1/2 1/4")
    model = ModelSpec.of(3, 2, distribution=drawn)
    [(W, _, history)] = trained(spec_of((model,), steps=200, batch=256), (0,))
    assert W.shape == (3, 3, 2)
    assert (history.losses[-1] < history.losses[0]).all()


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("stop", [1, 124, 125, 249])
def test_going_on_gives_what_the_unbroken_run_gives(device: Device, stop: int) -> None:
    """Steps in the middle of what one record covers (three steps), and at its end."""
    spec = spec_of(steps=250, schedule="linear", device=device, kernel="plain")
    states: list[State] = []

    def save(state: State) -> None:
        if state.step == stop:
            states.append(copied(state))

    unbroken = train_group(spec, (0, 1, 2), None, lambda _: None, save, lambda: False)
    done: list[int] = []
    [kept] = states
    taken_up = train_group(spec, (0, 1, 2), kept, done.append, lambda _: None, lambda: False)
    assert same(taken_up, unbroken)
    assert done == [stop, *[1] * (250 - stop)]


def test_a_stop_is_heard_before_a_step() -> None:
    offered: list[int] = []
    with pytest.raises(KeyboardInterrupt, match="after 7 of 25 steps"):
        train_group(
            spec_of(),
            (0,),
            None,
            lambda _: None,
            lambda state: offered.append(state.step),
            lambda: len(offered) == 7,
        )
    assert offered == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("steps", [20, 1000])
def test_an_infinity_is_noticed_with_its_place(device: Device, steps: int) -> None:
    descent = PlainDescent(spec_of(steps=steps, device=device), (0, 2))
    for _ in range(3):
        descent.advance()
    descent.weights[1, 2, 0, 0] = torch.inf

    while descent.step < steps:
        descent.advance()
    other, own = (history for _, _, history in descent.results())
    assert diverged_steps(other.steps, other.losses) == (None,) * 3
    assert diverged_steps(own.steps, own.losses) == (None, None, 4 if steps == 20 else 10)
    assert descent.weights[1, 2].isnan().all()
    assert descent.weights[1, :2].isfinite().all()


@pytest.mark.parametrize("device", DEVICES)
def test_a_rate_that_is_too_high_diverges(device: Device) -> None:
    with pytest.raises(InputError, match=r"model 1, restart 1 .* from 1e\+06 to 100000") as caught:
        train(spec_of((MODELS[0],), steps=100, rate=1e6, device=device))
    assert caught.value.code == "diverged"
