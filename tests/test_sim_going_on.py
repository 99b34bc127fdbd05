"""Trainings that begin at weights of their own, or where another run came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import torchsim
from handcalc import InputError
from tests.cli_runs import Shell
from tests.test_sim_training import assert_same
from torchsim import ModelSpec, ProbeRecord, TrainingSpec, storage
from torchsim.sampling import initial
from torchsim.training import train

MODELS = (ModelSpec.of(2, 1, "1/2"), ModelSpec.of(3, 2, "9/10"), ModelSpec.of(2, 1, "0"))
SPEC = TrainingSpec(MODELS, "sampled", restarts=2, steps=100, batch=16, rate=0.01)
PAIR = MODELS[0]
KERNELS = pytest.mark.parametrize("kernel", ["plain", "fused"])


@pytest.mark.parametrize("spec", [SPEC, replace(SPEC, trainer="exact", kernel=None)])
def test_a_start_at_the_drawn_weights_is_the_usual_one(spec: TrainingSpec) -> None:
    dtype = torch.float32 if spec.trainer == "sampled" else torch.float64
    drawn = [initial([model], range(2), torch.device("cpu"), dtype) for model in MODELS]
    run = torchsim.train(spec, start=([W for W, _ in drawn], [b for _, b in drawn]))
    assert run.spec.start is not None
    assert_same(replace(run, spec=spec), train(spec))


@KERNELS
def test_a_run_goes_on_where_it_came_to(kernel: str) -> None:
    """With hardly any rate the weights stay what they were, and the first loss is the last."""
    run = train(replace(SPEC, kernel=kernel))
    still = torchsim.go_on(run, steps=3, rate=1e-30)
    for before, after in zip(run.trained, still.trained, strict=True):
        assert torch.allclose(after.W, before.W, atol=1e-6)
        assert torch.allclose(after.b, before.b, atol=1e-6)
        assert after.model == replace(before.model, seed=1)
    assert (still.spec.kernel, still.spec.steps, still.spec.rate) == (kernel, 3, 1e-30)


@KERNELS
def test_other_inputs_are_drawn(kernel: str) -> None:
    run = train(replace(SPEC, kernel=kernel))
    on = torchsim.go_on(run)
    again = torchsim.train(run.spec, start=run)
    assert not torch.equal(on.trained[0].history.losses, again.trained[0].history.losses)


def test_it_ends_lower() -> None:
    run = torchsim.train(PAIR, trainer="sampled", restarts=4, steps=300)
    on = torchsim.go_on(run, steps=3000, schedule="cosine")
    assert bool((on.trained[0].loss < run.trained[0].loss).all())
    assert (on.spec.schedule, on.spec.restarts) == ("cosine", 4)


def test_the_exact_trainer_takes_it_to_the_minimum() -> None:
    run = torchsim.train(PAIR, trainer="sampled", restarts=4, steps=2000)
    on = torchsim.go_on(run, trainer="exact")
    assert on.spec.trainer == "exact"
    assert float(on.trained[0].loss.min()) == pytest.approx(0.0762824470, abs=1e-9)
    back = torchsim.go_on(on, steps=1, rate=1e-30)
    W, found = on.trained[0].W, back.trained[0].W
    assert torch.allclose(W.float(), found, atol=1e-6)


@pytest.mark.parametrize("given", [[[1.0], [-1.0]], np.array([[1.0], [-1.0]]), [[[1], [-1]]] * 3])
def test_weights_of_ones_own(given: object) -> None:
    seen: list[ProbeRecord] = []
    restarts = 3 if np.ndim(given) == 3 else 1
    b = np.zeros((restarts, 2) if restarts == 3 else 2)
    asked = {"trainer": "sampled", "steps": 1, "probe": seen.append}
    run = torchsim.train(PAIR, start=(given, b), **asked)
    assert run.spec.restarts == restarts
    assert seen[0].W.shape == (1, restarts, 2, 1)
    # Adam's first step is as long as the rate, in every weight that has a slope
    assert torch.allclose(seen[0].W.abs(), torch.ones(1), atol=2e-3)


# -- kept ------------------------------------------------------------------------------------------


def stopping(after: int) -> Callable[[], bool]:
    """Says yes after so many questions."""
    asked = iter(range(after + 1))
    return lambda: next(asked, None) is None


@pytest.mark.parametrize(
    "spec", [SPEC, replace(SPEC, kernel="fused"), replace(SPEC, trainer="exact", kernel=None)]
)
def test_it_is_kept_stopped_and_gone_on_with_bit_for_bit(
    tmp_path: Path, spec: TrainingSpec
) -> None:
    run = train(SPEC)
    asked = {"trainer": spec.trainer} | ({} if spec.trainer == "exact" else {"steps": 60})
    whole = torchsim.go_on(run, **asked)
    with pytest.raises(KeyboardInterrupt, match="stopped after"):
        torchsim.go_on(run, **asked, keep=tmp_path, should_stop=stopping(20))
    resumed = torchsim.go_on(run, **asked, keep=tmp_path)
    assert_same(resumed, whole)
    again = torchsim.load(tmp_path)
    assert_same(again, whole)
    assert again.spec == whole.spec
    assert_same(torchsim.go_on(run, **asked, keep=tmp_path), whole)  # read, as it is there
    # and it can be done again from its record alone
    assert_same(torchsim.train(again.spec, start=again.start), whole)


def test_a_state_with_no_start_is_no_trouble(tmp_path: Path) -> None:
    """Killed before its first state was kept, the same call begins at the same weights."""
    start = (np.array(ONE), np.zeros(2))
    asked = {"trainer": "sampled", "steps": 30, "start": start, "keep": tmp_path}
    with pytest.raises(KeyboardInterrupt, match="stopped"):
        torchsim.train(PAIR, **asked, should_stop=lambda: True)
    assert {each.name for each in tmp_path.iterdir()} >= {"spec.json", "start.safetensors"}
    (tmp_path / "checkpoint.safetensors").unlink(missing_ok=True)
    run = torchsim.train(PAIR, **asked)
    W, b = run.start
    assert W.tolist() == [ONE]
    assert b.tolist() == [[0.0, 0.0]]
    assert_same(run, torchsim.train(PAIR, trainer="sampled", steps=30, start=start))


def test_another_start_is_another_run(tmp_path: Path) -> None:
    asked = {"trainer": "sampled", "steps": 10, "keep": tmp_path}
    torchsim.train(PAIR, **asked, start=(ONE, [0, 0]))
    for start in (([[1.0], [-0.5]], [0, 0]), None):
        with pytest.raises(InputError, match="holds this run as it began at other weights") as no:
            torchsim.train(PAIR, **asked, restarts=1, start=start)
        assert no.value.code == "other_run"
    run = torchsim.train(PAIR, **asked, start=(ONE, [0, 0]))
    assert run.spec.start is not None
    with pytest.raises(InputError, match="of a run that began at weights of its own: give them"):
        torchsim.train(run.spec)
    with pytest.raises(InputError, match="began at other weights than start= has"):
        torchsim.train(run.spec, start=([[1.0], [-0.5]], [0, 0]))
    with pytest.raises(InputError, match="is a SHA-256 or None, not 'x'"):
        replace(run.spec, start="x")


def test_what_was_not_kept_is_saved_with_its_start(tmp_path: Path) -> None:
    run = torchsim.go_on(train(SPEC), steps=1)
    torchsim.save(run, tmp_path / "run")
    again = torchsim.load(tmp_path / "run")
    assert_same(again, run)
    for ours, theirs in zip(again.start, run.start, strict=True):
        assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))
    assert "2 restarts each from given weights, trained on samples" in " ".join(str(again).split())
    with pytest.raises(InputError, match="one of these runs began at weights of its own") as no:
        torchsim.merge([run])
    assert no.value.code == "start"


def test_a_start_that_was_changed_is_told(tmp_path: Path) -> None:
    asked = {"trainer": "sampled", "steps": 10}
    torchsim.train(PAIR, **asked, start=(ONE, [0, 0]), keep=tmp_path / "one")
    torchsim.train(PAIR, **asked, start=([[1.0], [-0.5]], [0, 0]), keep=tmp_path / "other")
    file = tmp_path / "one" / "start.safetensors"
    file.write_bytes((tmp_path / "other" / "start.safetensors").read_bytes())
    with pytest.raises(InputError, match=r"it holds other weights than its spec\.json says"):
        torchsim.load(tmp_path / "one")
    file.unlink()
    with pytest.raises(InputError, match=r"There is no file .*start\.safetensors"):
        torchsim.load(tmp_path / "one")


def test_commands_take_such_a_run(shell: Shell, tmp_path: Path) -> None:
    torchsim.go_on(train(SPEC), steps=20, keep=tmp_path / "run")
    folder = str(tmp_path / "run")
    for command in ("compare", "runs"):
        done = shell(command, folder)
        assert (done.code, done.err) == (0, "")
    assert "2 restarts each from given weights" in " ".join(done.out.split())
    storage.delete(folder)
    assert not (tmp_path / "run").exists()


ONE = [[1.0], [-1.0]]


@pytest.mark.parametrize(
    ("asked", "start", "said"),
    [
        (PAIR, 3, "start= is a run, or \\(W, b\\), not 3."),
        (PAIR, ([[1.0, -1.0]], [0, 0]), "W of model 1 must have the shape \\(restarts, 2, 1\\)"),
        (PAIR, (ONE, [0, 0, 0]), "b of model 1 must have .* not \\(1, 3\\)."),
        (PAIR, ([ONE, ONE], [[0, 0]]), "as many restarts as the other, not \\(1, 2\\)."),
        (PAIR, ("x", [0, 0]), "W is an array of numbers, not 'x'."),
        (PAIR, ([[1.0], [float("nan")]], [0, 0]), "finite numbers; W has an infinity or a NaN."),
        (SPEC, (ONE, [0, 0]), "The list of W has 2 for 3 to be trained"),
        (replace(SPEC, models=(PAIR,)), (ONE, [0, 0]), "take restarts=1."),
        ("bigrams", (ONE, [0, 0]), "start= is for toy models."),
        (["by-hand", "introduction"], (ONE, [0, 0]), "start= is for one run"),
    ],
)
def test_what_is_refused(asked: object, start: object, said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        torchsim.train(asked, start=start)
    assert refused.value.code == "start"


def test_what_going_on_refuses() -> None:
    with pytest.raises(InputError, match="takes a run of toy models, not 'x'"):
        torchsim.go_on("x")  # type: ignore[arg-type]  # what is refused
    with pytest.raises(InputError, match="steps= makes no difference to the exact trainer"):
        torchsim.go_on(train(SPEC), trainer="exact", steps=5)
