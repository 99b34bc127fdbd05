"""``torchsim.train`` from Python: what it takes, what it refuses, how a run is kept and shown."""

from __future__ import annotations

import errno
import io
import os
import re
import signal
import sys
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch

import torchsim
from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import Correlated, OneActive
from tests.full_disk import filling_up
from tests.sim_runs import refusal, same_result
from torchsim import ModelSpec, TrainingRun, TrainingSpec, preset
from torchsim.training.checkpoint import TrainingProgress
from torchsim.views import bar

PAIR = ModelSpec.of(2, 1, "1/2")
SPEC = TrainingSpec((PAIR,), restarts=2)
LONG = ModelSpec.of(2, 1, Fraction(1, 3**12_000))
SAMPLED: Any = {"trainer": "sampled", "restarts": 2, "steps": 60}


def test_what_is_trained() -> None:
    by_hand = preset("by-hand")
    small = by_hand.spec(small=True, restarts=1)
    cases: list[tuple[Callable[[], TrainingRun], TrainingSpec]] = [
        (lambda: torchsim.train("by-hand", small=True, restarts=1), small),
        (lambda: torchsim.train(by_hand, small=True, restarts=1), small),
        (lambda: torchsim.train(PAIR, restarts=2), SPEC),
        (lambda: torchsim.train([PAIR], restarts=2), SPEC),
        (lambda: torchsim.train(SPEC), SPEC),
        (
            lambda: torchsim.train((PAIR, ModelSpec.of(2, 1, "1/3")), restarts=2),
            replace(SPEC, models=(PAIR, ModelSpec.of(2, 1, "1/3"))),
        ),
    ]
    for train, spec in cases:
        assert train().spec == spec


def test_a_list_of_wholes_is_a_run_each() -> None:
    other = replace(SPEC, restarts=1)
    first, second = torchsim.train([SPEC, other])
    assert (first.spec, second.spec) == (SPEC, other)


@pytest.mark.parametrize(
    ("asked", "options", "code", "said"),
    [
        (SPEC, {"restarts": 4}, "ignored", "restarts=4 makes no difference: a TrainingSpec says"),
        (SPEC, {"small": True}, "ignored", "small=True makes no difference"),
        (SPEC, {"device": "cpu"}, "ignored", "device='cpu' makes no difference"),
        (PAIR, {"small": True}, "ignored", "it is for presets"),
        ([PAIR], {"seed": 0}, "ignored", "seed=0 makes no difference: a model has its own"),
        (PAIR, {"steps": 10}, "ignored", "10 steps make no difference"),
        ("by-hand", {"steps": 10}, "ignored", "10 steps make no difference"),
        ([SPEC], {"keep": "x"}, "keep", "One folder keeps one run"),
        ([], {}, "models", "There is nothing to train"),
        ([PAIR, "by-hand"], {}, "models", "this list has both"),
        (3, {}, "models", "torchsim.train takes a preset's name"),
        ([3], {}, "models", "torchsim.train takes a preset's name"),
        ("by hand", {}, "unknown_preset", "There is no preset 'by hand'"),
        (LONG, {"keep": "x"}, "too_many_digits", "at most 1,000 digits"),
        ("'", {}, "unknown_preset", "There is no preset"),
        ([SPEC, "nonsense"], {}, "ignored|unknown_preset", "There is no preset 'nonsense'"),
        (PAIR, {"restarts": 0}, "size", "number of restarts is a whole number from 1"),
        ([[]], {}, "models", "torchsim.train takes a preset's name"),
        (PAIR, {"trainer": "exakt"}, "trainer", "The trainer is \"auto\" or .*, not 'exakt'"),
        ("by-hand", {"trainer": ""}, "trainer", "The trainer is"),
        (PAIR, {"device": "gpu"}, "device", 'The device is "auto" or "cpu" or "cuda", not \'gpu\''),
        ("by-hand", {"keep": "x\0y"}, "unwritable", "No run can be kept in x.y: embedded null"),
    ],
)
def test_what_is_refused(
    monkeypatch: pytest.MonkeyPatch, asked: Any, options: Any, code: str, said: str
) -> None:
    """Before anything is trained."""
    monkeypatch.setattr(torchsim.training, "train", lambda *_, **__: pytest.fail("it trains"))
    with pytest.raises(InputError, match=said) as refused:
        torchsim.train(asked, **options)
    assert refused.value.code in code.split("|")


def test_a_kept_run_goes_on_and_is_read_once_it_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C stops at the next step, with all that is done kept, and then is Ctrl-C again."""
    folder, heard = tmp_path / "run", []
    before = signal.getsignal(signal.SIGINT)

    def press(told: TrainingProgress) -> None:
        heard.append(told.done)
        if told.done == 25:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt, match="stopped by SIGINT"):
        torchsim.train(PAIR, keep=str(folder), on_progress=press, **SAMPLED)
    assert signal.getsignal(signal.SIGINT) is before
    assert heard[-1] == 25
    heard.clear()
    run = torchsim.train(
        PAIR, keep=folder, on_progress=lambda told: heard.append(told.done), **SAMPLED
    )
    assert (heard[0], heard[-1]) == (25, 60)
    assert same_result(run, torchsim.train(PAIR, **SAMPLED))
    monkeypatch.setattr(torchsim.training, "train", lambda *_, **__: pytest.fail("it trains"))
    assert same_result(torchsim.train(PAIR, keep=folder, **SAMPLED), run)
    assert same_result(torchsim.load(str(folder)), run)
    with pytest.raises(InputError, match="holds another run"):
        torchsim.train(PAIR, keep=folder)


def test_ctrl_c_is_heard_beside_a_stop_of_ones_own(tmp_path: Path) -> None:
    def press(told: TrainingProgress) -> None:
        if told.done == 25:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt, match="stopped by SIGINT"):
        torchsim.train(
            PAIR, keep=tmp_path / "run", on_progress=press, should_stop=lambda: False, **SAMPLED
        )
    heard: list[int] = []
    torchsim.train(
        PAIR, keep=tmp_path / "run", on_progress=lambda told: heard.append(told.done), **SAMPLED
    )
    assert heard[0] == 25


@pytest.mark.skipif(sys.platform != "linux", reason="the files of a process have no names")
def test_a_stop_whose_state_finds_no_room_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ExitStack() as stack:

        def stop() -> bool:
            stack.enter_context(filling_up(monkeypatch, tmp_path, 1))
            return True

        with (
            pytest.warns(UserWarning, match=r"Not all .* is kept\..*No space left") as warned,
            pytest.raises(KeyboardInterrupt, match="stopped"),
        ):
            torchsim.train(PAIR, keep=tmp_path / "run", should_stop=stop, **SAMPLED)
    assert warned[0].filename == __file__


def test_a_folder_that_cannot_be_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for call in (torchsim.load, lambda folder: torchsim.train(PAIR, keep=folder)):
        with pytest.raises(InputError, match=os.strerror(errno.ENAMETOOLONG)) as caught:
            call("n" * 300)
        assert caught.value.code == "unwritable"
    with pytest.raises(InputError, match="There is no run in ~ nobody"):
        torchsim.load("~ nobody/run")
    assert list(tmp_path.iterdir()) == []


def train_into(ends: list[torchsim.TrainingRun], folder: Path) -> None:
    ends.append(torchsim.train(SPEC, keep=folder))


@pytest.mark.skipif(sys.platform != "linux", reason="the files of a process have no names")
def test_a_disk_that_fills_up_is_warned_of_and_the_run_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, ends = torchsim.train(SPEC), []
    for k in range(1, 40):
        folder = tmp_path / f"{k}"
        with filling_up(monkeypatch, folder, k), warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            error = refusal(partial(train_into, ends, folder))
        if error is not None:
            assert (error.code, ends) == ("unwritable", [])  # before anything is trained
            continue
        assert same_result(ends[-1], whole)
        if not warned:
            break
        assert re.search(
            "The run is not kept.*No space left.*torchsim.save", str(warned[0].message)
        )
        torchsim.save(ends[-1], tmp_path / "elsewhere" / f"{k}")
    assert same_result(torchsim.load(folder), whole)
    assert len(ends) > 1


def words(text: str) -> str:
    return " ".join(text.replace("*", "").split())


def test_a_specification_says_what_its_models_have_in_common() -> None:
    common = {
        "by-hand": "All models: 3 features in 2 dimensions, ReLU, features drawn independently, ",
        "introduction": "All models: 5 features in 2 dimensions, ReLU, ",
        "demonstrating": "All models: 20 features in 5 dimensions, features drawn independently, "
        "importance 1 0.7 … 0.00114, seed 0.",
    }
    for name, said in common.items():
        spec = preset(name).spec(small=True)
        for page in (str(spec), spec._repr_markdown_()):
            assert said in words(page)


def test_models_that_share_no_setting() -> None:
    odd = ModelSpec.of(
        3, 2, importance="1 1/2 1/4", distribution=OneActive(3), activation="linear", seed=1
    )
    page = words(str(TrainingSpec((PAIR, odd))))
    assert "2 models to train" in page
    assert "The models have no setting in common." in page


def test_models_that_differ_in_their_sets_alone() -> None:
    def of(*sets: tuple[int, int], seed: int = 0) -> ModelSpec:
        return ModelSpec.of(4, 2, Correlated(sets, "1/2"), seed=seed)

    differ = str(TrainingSpec((of((1, 2)), of((1, 3), (2, 4)))))
    assert "1      {1, 2}\n" in differ
    assert "2      {1, 3} {2, 4}\n" in differ
    same = str(TrainingSpec((of((1, 2)), of((1, 2), seed=1))))
    assert "ReLU, correlated sets of features, S = 0.5," in words(same)


def test_numbers_that_differ_late_are_told_apart() -> None:
    """And what is nearly 1 is not shown as 1."""
    spec = TrainingSpec(tuple(ModelSpec.of(2, 1, S) for S in ("0.99996", "0.99999")))
    assert re.search(r"1 +0\.99996\n *2 +0\.99999\n", str(spec))
    seeds = TrainingSpec(tuple(ModelSpec.of(2, 1, "1/3", seed=seed) for seed in (0, 1)))
    assert "S = 0.3333," in words(str(seeds))
    assert "S = 0.99999," in words(str(torchsim.train(ModelSpec.of(2, 1, "0.99999"), restarts=1)))


def test_steps_that_make_no_difference_are_said() -> None:
    page = words(str(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), steps=500)))
    assert "The 500 steps make no difference: it stops by itself." in page
    assert "steps" not in words(str(TrainingSpec((ModelSpec.of(2, 1, "1/2"),))))


def test_held_and_dropped_are_told_apart() -> None:
    """A feature between the two lengths is neither."""
    run = torchsim.train(TrainingSpec((ModelSpec.of(3, 1, "9/10"),), restarts=1))
    W = torch.tensor([[[1.0], [0.3], [0.05]]], dtype=run.trained[0].W.dtype)
    run = replace(run, trained=(replace(run.trained[0], W=W),))
    lengths = "from 0.5 on it is held, up to 0.1 it is dropped."
    for page in (str(run), run._repr_markdown_(), str(run.trained[0])):
        assert lengths in words(page)
    assert "It holds 1 of 3 features in 1 dimension." in words(str(run.trained[0]))
    found = torchsim.compare(run)
    assert found.models[0].dropped == (3,)
    for page in (str(found), found._repr_markdown_()):
        assert "A feature is dropped if its arrow is at most 0.1 long." in words(page)
        assert "Each model is the best of its restarts." in words(page)
    whole = torchsim.compare(torchsim.train(SPEC))
    assert "A feature is dropped" not in words(str(whole))


def test_a_single_model_has_its_restarts_and_not_each() -> None:
    run = torchsim.train(SPEC)
    assert "1 model, 2 restarts, trained" in words(str(run))
    assert "loss, 2 restarts, on the CPU." in words(str(run.spec))
    several = TrainingSpec((PAIR, PAIR), restarts=2)
    assert "loss, 2 restarts each, on the CPU." in words(str(several))


def test_a_bar_for_a_terminal_and_for_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    for made in (Screen(), io.StringIO()):
        monkeypatch.setattr(sys, "stderr", made)
        torchsim.train(PAIR, progress=True, **SAMPLED)
        assert "Training" in made.getvalue()
        assert "60/60" in made.getvalue()


def test_a_bar_below_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    class Cell:
        """What IPython.display has, as far as the bar uses it."""

        HTML = staticmethod(str)

        @classmethod
        def display(cls, html: str, display_id: bool) -> Cell:
            assert display_id
            shown.append(html)
            return cls()

        def update(self, html: str) -> None:
            shown.append(html)

    monkeypatch.setattr(bar, "_is_notebook", lambda: True)
    monkeypatch.setattr(bar, "import_module", lambda _: Cell)
    torchsim.train(PAIR, progress=True, **SAMPLED)
    assert 'Training <progress value="60" max="60"></progress> 60 of 60' in shown
    assert (shown[0], shown[-1]) == ("", "")


def test_a_kernel_may_be_left_to_torchsim() -> None:
    model = ModelSpec.of(2, 1, "1/2")
    some = {"trainer": "sampled", "steps": 2, "restarts": 1}
    for kernel, taken in (("auto", "fused"), (None, "fused"), ("plain", "plain")):
        run = torchsim.train(model, kernel=kernel, **some)
        assert run.spec.kernel == taken
    with pytest.raises(InputError, match="belongs to the trainer on samples") as caught:
        torchsim.train(model, trainer="exact", kernel="plain")
    assert caught.value.code == "ignored"
