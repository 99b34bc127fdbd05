"""``train`` while it runs: how long it takes, Ctrl-C, a run that diverges."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields, replace
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

import torchsim.networks.training
import torchsim.training
import torchsim.training.fused
from handcalc.cli.work import training, waiting
from handcalc.cli.work.waiting import duration
from handcalc.errors import InputError
from tests.cli_runs import Shell, surroundings
from tests.test_cli_train import SAMPLED, SMALL, trained, words
from torchsim.run import TrainingRun
from torchsim.specification import TrainingSpec
from torchsim.training.checkpoint import State, TrainingProgress

pytestmark = pytest.mark.usefixtures("compiled_losses")


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.4, "about a second"),
        (8.6, "about 9 seconds"),
        (33, "about 35 seconds"),
        (95, "about 2 minutes"),
        (600, "about 10 minutes"),
        (7200, "about 2.0 hours"),
    ],
)
def test_a_duration_in_words(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_a_long_run_is_told_beforehand(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def estimate(spec: TrainingSpec) -> float:
        return 11.0 * len(spec.models)

    monkeypatch.setattr(torchsim.training, "estimate", estimate)
    told = shell("train", "by-hand", "--restarts=1", "--device=cpu")
    assert told.code == 0
    assert "This takes about 2 minutes on this CPU." in words(told.err)
    assert "the same command goes on from there" in words(told.err)
    assert "about 65 seconds:\n   handcalc train by-hand --device cpu --small\n" in told.err
    again = shell("train", "by-hand", "--restarts=1", "--device=cpu")
    assert again.err == ""  # it is there
    silent = shell("train", "by-hand", "--restarts=2", "--device=cpu", "--json")
    assert silent.json()["status"] == "ok"
    monkeypatch.setattr(training, "LONG", 1000.0)
    assert shell("train", "by-hand", "--restarts=3", "--device=cpu").err == ""


def test_compiling_is_told_where_it_takes_a_while(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    took = 0.2

    def compile_loop(_: str) -> float:
        time.sleep(took)
        return took

    monkeypatch.setattr(torchsim.training.fused, "compile_loop", compile_loop)
    asked = [*SAMPLED, "--steps=3", "--device=cpu"]
    assert shell(*asked, "--fresh").err == ""
    monkeypatch.setattr(waiting, "COMPILING", 0.02)
    assert words(shell(*asked, "--fresh").err) == (
        "Compiling the loop of the steps, once on this machine … Compiled in a second."
    )
    assert shell(*asked, "--fresh", "--kernel=plain").err == ""


def test_compiling_of_the_loss_is_told_as_well(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compile_losses() -> float:
        time.sleep(0.2)
        return 8.6

    monkeypatch.setattr(training, "compile_losses", compile_losses)
    monkeypatch.setattr(waiting, "COMPILING", 0.02)
    exact = ["train", "by-hand", "--small", "--trainer=exact", "--restarts=1", "--device=cpu"]
    assert words(shell(*exact, "--fresh").err) == (
        "Compiling the loops of the loss, once on this machine … Compiled in 9 seconds."
    )


def test_ctrl_c_does_not_wait_for_the_compiler(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compile_loop(_: str) -> float:
        signal.raise_signal(signal.SIGINT)
        time.sleep(0.01)  # here it is interrupted
        pytest.fail("it went on")

    monkeypatch.setattr(torchsim.training.fused, "compile_loop", compile_loop)
    stopped = shell(*SAMPLED, "--steps=3", "--device=cpu")
    assert (stopped.code, stopped.out) == (130, "")
    assert words(stopped.err).startswith("Interrupted: nothing was done yet; the same command")


Train = Callable[..., TrainingRun]


def pressing(times: int) -> Train:
    """A trainer during which Ctrl-C is pressed so often, and which stops at the third boundary."""

    def train(_: TrainingSpec, **hooks: Any) -> TrainingRun:
        for k in range(3):
            hooks["on_progress"](TrainingProgress(k + 1, 9))
            if hooks["keeping"] is not None:
                hooks["keeping"].save(State(0, k + 1))
            for _press in range(times if k == 1 else 0):
                signal.raise_signal(signal.SIGINT)
        if hooks["should_stop"]():
            raise KeyboardInterrupt
        pytest.fail("nobody asked it to stop")

    return train


@pytest.mark.parametrize(("times", "done"), [(1, 3), (2, 2)])
def test_the_second_ctrl_c_does_not_wait(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, times: int, done: int
) -> None:
    """What is said to be done is what is kept."""
    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(torchsim.training, "train", pressing(times))
    stopped = shell(*SMALL)
    assert (stopped.code, stopped.out) == (130, "")
    assert words(stopped.err) == (
        f"Interrupted: {done} of 72 descents are done; the same command goes on from there. "
        "Try: handcalc train by-hand --small"
    )
    assert signal.getsignal(signal.SIGINT) is before
    lost = shell(*SMALL, "--no-state", "--json")
    assert lost.code == 130
    error = lost.json()["error"]
    assert (error["code"], error["suggestion"]) == ("interrupted", None)
    assert error["message"].endswith("nothing of it is kept.")


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("SIGINT", 130, "Interrupted"),
        ("SIGTERM", 143, "Stopped by SIGTERM"),
        ("SIGHUP", 129, "Stopped by SIGHUP"),
    ],
)
def test_a_signal_keeps_what_is_done(  # noqa: PLR0915 - a story of many steps
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: int, said: str
) -> None:
    if not hasattr(signal, name):
        pytest.skip("there is no such signal here")
    train = torchsim.training.train

    def interrupted(spec: TrainingSpec, *, on_progress: Any, **hooks: Any) -> TrainingRun:
        def tell(progress: TrainingProgress) -> None:
            on_progress(progress)
            if progress.done == 40:
                signal.raise_signal(getattr(signal, name))

        return train(spec, on_progress=tell, **hooks)

    asked = [*SAMPLED, "--steps=90", "--device=cpu", "--json"]
    folder = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(torchsim.training, "train", interrupted)
        stopped = shell(*asked, f"--out={folder}")
    assert stopped.code == code
    message = f"{said}: 40 of 90 steps are done; the same command goes on from there."
    assert stopped.json()["error"]["message"] == message
    assert (folder / "checkpoint.safetensors").exists()
    for told in (shell("compare", str(folder)), shell("train", "by-hand", f"--out={folder}")):
        assert told.code == 2
        assert "not finished" in words(told.err)
        assert "--fresh" not in told.err  # which deletes the checkpoint
        suggested = told.err.partition("Try: ")[2]
        assert "handcalc train" not in told.err or "ANOTHER_FOLDER" in suggested  # another run
    assert (folder / "checkpoint.safetensors").exists()
    heard: list[int] = []

    def counted(spec: TrainingSpec, *, on_progress: Any, **hooks: Any) -> TrainingRun:
        def tell(progress: TrainingProgress) -> None:
            on_progress(progress)
            heard.append(progress.done)

        return train(spec, on_progress=tell, **hooks)

    monkeypatch.setattr(torchsim.training, "train", counted)
    resumed = trained(shell(*asked, f"--out={folder}"))
    assert (min(heard), max(heard)) == (40, 90)
    assert resumed == trained(shell(*asked, "--no-state"))


def test_a_run_that_diverges_is_no_fault_of_handcalc(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def diverging(*_: object, **__: object) -> TrainingRun:
        raise InputError("diverged", "Model 2 diverged at step 7.")

    monkeypatch.setattr(torchsim.training, "train", diverging)
    done = shell(*SMALL)
    assert (done.code, done.out) == (1, "")
    assert "Model 2 diverged at step 7." in done.err


@pytest.mark.parametrize("preset", ["by-hand", "untied"])
def test_a_model_that_came_to_nothing_is_a_row_that_says_so(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, preset: str
) -> None:
    kind = torchsim.training if preset == "by-hand" else torchsim.networks.training
    train = kind.train

    def diverging(spec: Any, **hooks: Any) -> Any:
        run = train(spec, **hooks)
        first, *others = run.trained
        lost = {"history": replace(first.history, losses=first.history.losses * nan)}
        for name in ("exact_loss", "sampled_loss", "loss", "tensors", "W", "b"):
            if name in {field.name for field in fields(first)}:
                found = getattr(first, name)
                several = isinstance(found, dict)
                lost[name] = {k: v * nan for k, v in found.items()} if several else found + inf
        return replace(run, trained=(replace(first, **lost), *others))

    monkeypatch.setattr(kind, "train", diverging)
    asked = ("train", preset, "--small", "--restarts=2", "--device=cpu")
    done = shell(*asked)
    assert done.code == 1
    assert "diverged by step" in done.out
    assert "Here it does not hold" in done.out
    again = shell(*asked, "--json").json()
    assert (again["status"], again["claim"]["holds"]) == ("partial", False)
    assert again["models"][0]["diverged"].keys() == {"1", "2"}


ALWAYS_DUE = """
from torchsim.storage import FolderCheckpointer
FolderCheckpointer.due = lambda self: True  # so that one sees from outside that it is under way
from handcalc.cli import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_a_real_process_is_stopped_by_sigterm() -> None:
    asked = ("train", "by-hand", "--small", "--trainer=sampled")
    runs = Path(os.environ["HANDCALC_STATE_DIR"]) / "runs"
    command = [sys.executable, "-c", ALWAYS_DUE, *asked, "--steps=10000000", "--device=cpu"]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=surroundings(), text=True, **pipes) as process:
        while process.poll() is None and not list(runs.glob("*/checkpoint.safetensors")):
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=240)
    assert (process.returncode, out) == (143, ""), err
    said = r"Stopped by SIGTERM: [\d,]+ of 10,000,000 steps are done; the same command goes on"
    assert re.search(said, words(err))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.parametrize("jobs", ["--jobs=1", "--jobs=2"])
def test_a_real_sweep_is_stopped_by_sigterm(jobs: str) -> None:
    asked = ("sweep", "--features=2..9", "--hidden=1", "--sparsity=1/2", "--trainer=sampled")
    shards = ("--rate=1e-3..1e-2 in 10 log", "--seeds=20", "--steps=2000", "--batch=256")  # 80
    command = [sys.executable, "-m", "handcalc", *asked, *shards, jobs]
    runs = Path(os.environ["HANDCALC_STATE_DIR"]) / "runs"
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=surroundings(), text=True, **pipes) as process:
        while process.poll() is None and not list(runs.glob("*/shards/*.safetensors")):
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=240)
    assert (process.returncode, out) == (143, ""), err
    said = r"Stopped by SIGTERM: [\d,]+ of 1,600 cells are done; the same command goes on"
    assert re.search(said, words(err))
