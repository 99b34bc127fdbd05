"""``optimum --prove`` stopped and gone on with: what is kept, and what is made of it."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from handcalc.cli.work import proofs
from handcalc.storage.kept_file import KeptFile
from handcalc.superposition.certificates import proving
from handcalc.superposition.certificates.search.covering import Search
from tests.cli_runs import Run, Shell, interrupted, interruptible
from tests.proof_runs import PAIR, boxes, kept_files, pair, words

LARGER = ["optimum", "--features=3", "--hidden=2", "--sparsity=9/10", "--prove", "--jobs=2"]

pytestmark = pytest.mark.usefixtures("compiled_proofs")


# -- what is kept ---------------------------------------------------------------------------------


def stop_in_round(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Ctrl-C in a round of the search, and never again."""
    rounds = itertools.count(1)
    before = Search._round

    def round_with_a_stop(self: Search, *rest: Any) -> None:
        if next(rounds) == number:
            signal.raise_signal(signal.SIGINT)
        before(self, *rest)

    monkeypatch.setattr(Search, "_round", round_with_a_stop)


def test_stopped_and_gone_on_with_is_the_same_proof(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "proof.npz"
    stop_in_round(monkeypatch, 4)
    done = shell(*PAIR)
    assert (done.code, done.out) == (130, "")
    assert words(done.err).startswith("Interrupted: ")
    assert "boxes are looked at; the same command goes on from there." in words(done.err)
    again = "handcalc optimum --features 2 --hidden 1 --sparsity 1/2 --prove --jobs 1"
    assert done.err.endswith(f"Try: {again}\n")
    assert len(kept_files()) == 1
    done = shell(*PAIR, f"--certificate={file}")
    assert done.code == 0
    assert words(done.err).startswith("Going on from ")
    assert file.read_bytes() == pair().certificate.to_bytes()


def test_time_that_is_up_ends_in_a_bound_that_is_gone_on_from(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "proof.npz"
    clock = itertools.count()
    with monkeypatch.context() as patched:
        patched.setattr(proving, "monotonic", lambda: float(next(clock)))
        done = shell(*PAIR, "--seconds=7")
    assert (done.code, done.err) == (0, "")
    said = words(done.out)
    assert "Not finished: " in said
    assert "halves of them that wait to be looked at:" in said
    assert "of 64 restarts ended here." in said
    assert "The same command goes on from there: handcalc optimum --features 2" in said
    assert max(map(len, (line for line in done.out.splitlines() if "handcalc" not in line))) <= 80
    with monkeypatch.context() as patched:
        patched.setattr(proving, "monotonic", lambda: float(next(clock)))
        found = shell(*PAIR, "--seconds=3", "--json").json()
        lost = shell(*PAIR, "--seconds=3", "--no-state")
    assert found["proved"]["status"] == "unfinished"
    assert found["proved"]["waiting"] > 0
    assert 0 <= Fraction(found["proved"]["lower"]) < Fraction(found["loss"])
    assert "not a proof. Not finished, after" in found["sentence"]
    assert "Nothing of it is kept, as --no-state says." in words(lost.out)
    shell(*PAIR, f"--certificate={file}")
    assert file.read_bytes() == pair().certificate.to_bytes()


def test_no_state_keeps_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    stop_in_round(monkeypatch, 2)
    done = shell(*PAIR, "--no-state")
    assert done.code == 130
    assert "nothing of it is kept" in words(done.err)
    assert kept_files() == []


def test_ctrl_c_in_the_check_keeps_the_search(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = proving.recompute_margins

    def stopped(*given: Any, **options: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return before(*given, **options)

    with monkeypatch.context() as patched:
        patched.setattr(proving, "recompute_margins", stopped)
        done = shell(*PAIR, "--json")
    assert (done.code, done.json()["error"]["code"]) == (130, "interrupted")
    leaves = pair().checked.leaves
    said = f"all boxes are looked at, {leaves} of {leaves} of them checked"
    assert said in done.json()["error"]["message"]
    assert words(shell(*PAIR).err) == f"Going on from {boxes()} boxes."
    assert words(shell(*PAIR, "--fresh").err) == ""


def test_a_state_is_kept_from_time_to_time(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[bytes] = []
    monkeypatch.setattr(proofs, "_BETWEEN", 0.0)
    monkeypatch.setattr(proofs, "_SHARE", 0)
    monkeypatch.setattr(KeptFile, "put", lambda _, state: kept.append(state))
    assert shell(*PAIR).code == 0
    assert len(kept) > 3


def test_questions_have_files_of_their_own(shell: Shell) -> None:
    assert shell(*PAIR).code == 0
    other = ["--importance=1 9/10", "--importance=1", "--seed=1"]
    for option in other:
        assert shell(*PAIR, option).code == 0
    assert len(kept_files()) == 3
    assert all(len(file.name) < 140 for file in kept_files())


@pytest.mark.parametrize("what", ["garbage", "cut", "foreign", "left out"])
def test_what_cannot_be_gone_on_with_is_set_aside(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    stop_in_round(monkeypatch, 12)
    assert shell(*PAIR).code == 130
    (file,) = kept_files()
    if what == "garbage":
        file.write_bytes(b"not a zip")
    elif what == "cut":
        file.write_bytes(file.read_bytes()[:-60])
    elif what == "foreign":
        assert shell(*PAIR, "--importance=1 9/10").code == 0
        (other,) = (each for each in kept_files() if each != file)
        other.replace(file)
    else:
        leave_out_a_box(file)
    done = shell(*PAIR)
    assert done.code == 0
    assert "cannot be gone on with. It " in words(done.err)
    assert "the proof began anew." in words(done.err)
    assert "Proved: " in done.out
    assert f"{boxes()} boxes" in done.out
    assert len(kept_files(".damaged")) == 1
    assert words(shell(*PAIR).err) == f"Going on from {boxes()} boxes."


def leave_out_a_box(file: Path) -> None:
    """A state that is whole, and wrong: it says of a box that was bounded that it is elsewhere."""
    with np.load(file) as arrays:
        found = {name: arrays[name] for name in arrays.files}
    found["code"][np.flatnonzero(found["code"] == 0)[0]] = 1
    np.savez_compressed(file, **found)


def test_two_runs_at_once(shell: Shell) -> None:
    assert shell(*PAIR).code == 0
    with KeptFile(kept_files()[0]):
        done = shell(*PAIR)
    assert done.code == 2
    assert "Another run is at work on" in done.err
    assert done.err.endswith(f"Try: handcalc {' '.join(PAIR)} --no-state\n")


def test_a_state_folder_that_cannot_be_is_a_warning(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("HANDCALC_STATE_DIR", str(tmp_path / "file"))
    done = shell(*PAIR)
    assert done.code == 0
    assert "cannot be kept" in done.err
    assert "Proved: " in done.out


def test_a_full_disk_stops_nothing(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("handcalc.storage.kept_file.write", full)
    done = shell(*PAIR)
    assert done.code == 0
    assert "cannot be kept" in words(done.err)
    assert "No space left on device" in words(done.err)
    stop_in_round(monkeypatch, 3)
    done = shell(*PAIR)
    assert done.code == 130
    assert "not all of it is kept. What is worked out cannot be kept in" in words(done.err)


@pytest.fixture
def busy_proof() -> Iterator[subprocess.Popen[bytes]]:
    """A proof that takes half a minute, in a process of its own."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with interruptible(*LARGER, **pipes) as process:
        yield process


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent here in POSIX's way")
def test_ctrl_c_in_a_process(
    shell: Shell, busy_proof: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    time.sleep(12)
    out, err = interrupted(busy_proof)
    assert (busy_proof.returncode, out) == (130, b"")
    assert words(err.decode()).startswith("Interrupted: ")
    files = [tmp_path / "resumed.npz", tmp_path / "unbroken.npz"]
    done: list[Run] = [
        shell(*LARGER, f"--certificate={files[0]}"),
        shell(*LARGER, f"--certificate={files[1]}", "--no-state"),
    ]
    assert words(done[0].err).startswith("Going on from ")
    assert all("Proved: " in run.out for run in done)
    assert files[0].read_bytes() == files[1].read_bytes()
