"""``torchsim.train`` from Python: what it takes, what it refuses, how a run is kept and shown."""

from __future__ import annotations

import io
import re
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import torchsim
from handcalc.errors import InputError
from tests.full_disk import filling_up
from tests.sim_runs import refusal, same_result
from torchsim import ModelSpec, TrainingRun, TrainingSpec, preset
from torchsim.keeping import Progress
from torchsim.views import bar

PAIR = ModelSpec.of(2, 1, "1/2")
SPEC = TrainingSpec((PAIR,), restarts=2)
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
        ([SPEC, "nonsense"], {}, "ignored|unknown_preset", "There is no preset 'nonsense'"),
        (PAIR, {"restarts": 0}, "size", "number of restarts is a whole number from 1"),
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

    def press(told: Progress) -> None:
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
