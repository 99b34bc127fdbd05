"""Probes: what a function of one's own is shown on the way, and where it ends a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import torchsim
from handcalc import InputError
from tests.test_sim_training import InMemory, assert_same
from torchsim import ModelSpec, ProbeRecord, TrainingSpec
from torchsim.training import train

MODELS = (ModelSpec.of(2, 1, "1/2"), ModelSpec.of(3, 2, "9/10"), ModelSpec.of(2, 1, "0"))
SPEC = TrainingSpec(MODELS, "sampled", restarts=2, steps=250, batch=16, rate=0.01)
KERNELS = pytest.mark.parametrize("kernel", ["plain", "fused"])
BATCHED = replace(SPEC, models=MODELS[::2])


@KERNELS
def test_a_probe_sees_every_record_and_changes_nothing(kernel: str) -> None:
    spec = replace(SPEC, kernel=kernel)
    seen: list[ProbeRecord] = []
    run = train(spec, probe=seen.append)
    assert_same(run, train(spec))
    assert run.stopped == ()
    assert [look.models for look in seen] == [(0, 2)] * 84 + [(1,)] * 84  # every third step
    for group in ((0, 2), (1,)):
        own = [look for look in seen if look.models == group]
        steps = run.trained[group[0]].history.steps
        assert tuple(look.step for look in own) == own[-1].steps == steps
        for k, look in enumerate(own, 1):
            assert look.steps == steps[:k]
            assert torch.equal(look.losses, own[-1].losses[:k])
        for place, i in enumerate(group):
            assert torch.equal(own[-1].W[place], run.trained[i].W)
            assert torch.equal(own[-1].b[place], run.trained[i].b)
            assert torch.equal(own[-1].losses[:, place], run.trained[i].history.losses)


@KERNELS
def test_what_a_probe_sees_on_the_way_is_a_shorter_training(kernel: str) -> None:
    seen: list[ProbeRecord] = []
    train(replace(BATCHED, kernel=kernel), probe=seen.append)
    shorter = train(replace(BATCHED, kernel=kernel, steps=60))
    [look] = [look for look in seen if look.step == 60]
    for place, trained in enumerate(shorter.trained):
        assert torch.equal(look.W[place], trained.W)
        assert torch.equal(look.b[place], trained.b)


def test_what_a_probe_is_given_is_its_own() -> None:
    def spoil(look: ProbeRecord) -> None:
        for tensor in (look.W, look.b, look.losses):
            assert not tensor.requires_grad
            tensor.fill_(7)

    assert_same(train(BATCHED, probe=spoil), train(BATCHED))


@KERNELS
def test_true_ends_the_models_that_were_shown(kernel: str) -> None:
    spec = replace(SPEC, kernel=kernel)
    parts = []
    run = train(
        spec,
        probe=lambda look: look.models == (0, 2) and look.step >= 60,
        on_progress=lambda progress: parts.append(progress.part),
    )
    assert run.stopped == (1, 3)
    whole, shorter = train(spec), train(replace(BATCHED, kernel=kernel, steps=60))
    assert_same(
        replace(run, trained=run.trained[1:2], spec=replace(spec, models=MODELS[1:2])),
        replace(whole, trained=whole.trained[1:2], spec=replace(spec, models=MODELS[1:2])),
    )
    for ended, short, long in zip(
        run.trained[::2], shorter.trained, whole.trained[::2], strict=True
    ):
        assert ended.history.steps == long.history.steps[:20]
        assert torch.equal(ended.W, short.W)
        assert torch.equal(ended.loss, short.loss)
        assert torch.equal(ended.history.losses, long.history.losses[:20])
    assert parts == sorted(parts)
    assert parts[-1] == 1


@pytest.mark.parametrize("answer", [np.True_, torch.tensor(True), True])
def test_true_of_any_library_is_heard(answer: object) -> None:
    run = train(BATCHED, probe=lambda _: answer)
    assert run.stopped == (1, 2)
    assert run.trained[0].history.steps == (3,)


def test_true_at_the_last_step_changes_nothing() -> None:
    run = train(BATCHED, probe=lambda look: look.step == 250)
    assert run.stopped == ()
    assert_same(run, train(BATCHED))


@KERNELS
def test_what_is_kept_of_an_ended_run_is_gone_on_with(kernel: str) -> None:
    """Even where later models came to their end, and their states were due."""
    spec = replace(SPEC, kernel=kernel)
    keeping = InMemory()
    run = train(spec, keeping=keeping, probe=lambda look: look.models == (0, 2) and look.step == 60)
    assert (keeping.states[-1].group, keeping.states[-1].step) == (0, 60)
    seen: list[ProbeRecord] = []
    gone_on = train(spec, keeping=keeping, probe=seen.append)
    assert_same(gone_on, train(spec))
    assert (seen[0].step, run.stopped, gone_on.stopped) == (63, (1, 3), ())


def test_a_folder_keeps_it_as_a_stopped_one(tmp_path: Path) -> None:
    asked = {"keep": tmp_path / "run"}
    run = torchsim.train(SPEC, **asked, probe=lambda look: look.step >= 60)
    assert run.stopped == (1, 2, 3)
    with pytest.raises(InputError, match="not finished"):
        torchsim.load(tmp_path / "run")
    with pytest.raises(InputError, match="A probe stopped model 1 after 60 of 250 steps"):
        torchsim.save(run, tmp_path / "other")
    with pytest.raises(InputError, match="only finished runs are kept"):
        torchsim.merge([run])
    assert not (tmp_path / "other").exists()
    assert_same(torchsim.train(SPEC, **asked), train(SPEC))
    assert_same(torchsim.load(tmp_path / "run"), train(SPEC))


@pytest.mark.parametrize(
    ("asked", "more", "said"),
    [
        (SPEC, {"probe": 3}, "probe= is a function, or None, not 3."),
        (MODELS[0], {"probe": print}, "probe= is for the trainer on samples"),
        ("bigrams", {"probe": print}, "probe= is for toy models that are trained on samples."),
        (["by-hand", "bigrams"], {"probe": print}, "probe= is for the trainer on samples"),
        (SPEC, {"probe": lambda _: 0.5}, "A probe returns True to end the training"),
        (SPEC, {"probe": lambda look: look.W > 0}, "A probe returns True to end the training"),
    ],
)
def test_what_is_refused(asked: object, more: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        torchsim.train(asked, **more)
    assert refused.value.code == "probe"
