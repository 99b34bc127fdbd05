"""``optimum --prove``: what is proved, what is kept of a proof, and what is refused."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import handcalc
from handcalc import Proof, certify
from handcalc.cli.terminal import Terminal
from handcalc.cli.work import proofs
from handcalc.display import latex_of
from handcalc.storage.kept_file import KeptFile
from handcalc.superposition.certificates import proving
from handcalc.superposition.certificates.search.covering import Search
from handcalc.views import markdown
from tests.cli_runs import ROOT, Run, Shell, interrupted, interruptible, outside

PAIR = ["optimum", "--features=2", "--hidden=1", "--sparsity=1/2", "--prove", "--jobs=1"]
LARGER = ["optimum", "--features=3", "--hidden=2", "--sparsity=9/10", "--prove", "--jobs=2"]

pytestmark = pytest.mark.usefixtures("compiled_proofs")


def words(text: str) -> str:
    return " ".join(text.split())


def kept_files(suffix: str = ".npz") -> list[Path]:
    folder = Path(os.environ["HANDCALC_STATE_DIR"]) / "proofs"
    return sorted(folder.glob(f"*{suffix}"))


@cache
def pair() -> Proof:
    return certify(2, 1, "1/2", threads=1)


# -- what is said ---------------------------------------------------------------------------------


def test_the_page_says_what_is_proved(shell: Shell) -> None:
    done = shell(*PAIR, "--no-state")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    said = words(done.out)
    assert "Expected loss L = 0.0762824469895636" in said
    assert "Proved: no embedding loses less, and only its copies lose as little" in said
    assert "449 boxes cover all embeddings" in said
    assert "above the least. 37 of 64 restarts of the search ended here." in said
    assert "With --certificate FILE what this rests on is written" in said
    assert "not a proof" not in said
    assert kept_files() == []


def test_json_says_what_is_proved(shell: Shell) -> None:
    found = shell(*PAIR, "--json").json()
    assert (found["command"], found["status"], found["error"]) == ("optimum", "ok", None)
    assert found["sentence"].startswith("Features 1 and 2 are an antipodal pair. Proved, by 449")
    proved = found["proved"]
    assert (proved["status"], proved["boxes"], proved["regions"]) == ("proved", 449, 1)
    assert 0 <= proved["gap"] < 1e-60
    assert (proved["waiting"], proved["certificate"]) == (0, None)
    assert proved["seconds"] > 0
    assert proved["convexity"] > 0
    lower = Fraction(proved["lower"])
    assert 0 < lower <= pair().checked.lower
    assert pair().checked.lower - lower < Fraction(1, 10**39)


def test_a_bound_is_never_rounded_up(shell: Shell) -> None:
    found = shell(*PAIR, "--json").json()
    assert Fraction(found["proved"]["lower"]) < Fraction(found["loss"])
    assert len(found["proved"]["lower"]) > len(found["loss"])


def test_an_ascii_terminal_without_colour() -> None:
    done = outside(*PAIR, env={"PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "TERM": "dumb"})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"\x1b" not in done.stdout
    assert b"Proved: no embedding loses less" in done.stdout


def test_print_and_notebook() -> None:
    proof = pair()
    assert repr(proof).startswith("<Proof: Proved, by 449 boxes: no embedding loses less")
    for page in (str(proof), proof._repr_markdown_()):
        assert "Proved: no embedding loses less" in words(page)
        assert "certificate works all of it out again" in words(page)
        assert "not a proof" not in page
    assert markdown.proof(proof).count("$$") % 2 == 0
    assert r"\hat{x}" in latex_of(proof)


def test_less_than_a_proof_says_so() -> None:
    proof = certify(2, 1, "1/2", threads=1, seconds=0)
    assert (proof.status, proof.lower, proof.waiting) == ("unfinished", 0, 1)
    assert "nothing rules out that an embedding loses less" in proof.sentence
    assert "Best found: 37 of 64 restarts ended here; not a proof." in words(str(proof))
    checked = replace(proof.checked, lower=Fraction(1, 15))
    bounded = replace(proof, checked=checked, status="bounded")
    said = "Bounded: no embedding loses less than 0.06666666666, at most 0.00962 below the best"
    assert said in words(str(bounded))
    assert repr(bounded).startswith("<Proof: Bounded, by 1 boxes")


# -- the certificate ------------------------------------------------------------------------------


def test_the_certificate_is_written_and_proves_the_same(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "proof.npz"
    done = shell(*PAIR, f"--certificate={file}")
    assert f"Wrote {file}." in done.out.replace("\n", "")
    assert f"handcalc verify {file}" in done.out.replace("\n", "")
    assert "With --certificate" not in done.out
    assert file.read_bytes() == pair().certificate.to_bytes()
    assert handcalc.check_certificate(handcalc.load_certificate(file)) == pair().checked
    again = shell(*PAIR, f"--certificate={file}", "--json").json()
    assert again["proved"]["certificate"] == str(file)
    assert "Replaced" in shell(*PAIR, f"--certificate={file}").out


def test_what_would_fail_in_the_end_is_refused_first(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handcalc, "optimum", None, raising=False)
    done = shell(*PAIR, f"--certificate={tmp_path / 'nowhere' / 'proof.npz'}")
    assert (done.code, done.out) == (2, "")
    assert "there is no folder" in words(done.err)
    other = tmp_path / "notes.txt"
    other.write_text("mine", encoding="utf-8")
    done = shell(*PAIR, f"--certificate={other}", "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "file_exists")
    assert other.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "option", ["--seconds=5", "--jobs=2", "--certificate=f", "--fresh", "--no-state"]
)
def test_options_of_a_proof_belong_to_it(shell: Shell, option: str) -> None:
    asked = PAIR[:4]
    done = shell(*asked, option)
    assert (done.code, done.out) == (2, "")
    assert f"{option.partition('=')[0]} belongs to a proof, with --prove." in done.err
    assert done.err.endswith(f"Try: handcalc {' '.join(asked)} {option} --prove\n")


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (["--features=7", "--hidden=2", "--sparsity=1/2"], "size", "up to 6 features"),
        (["--features=5", "--hidden=2", "--sparsity=1/2"], "size", "on together; here there are 5"),
        (["--features=2", "--hidden=2", "--sparsity=1/2"], "lossless", "No proof is needed."),
        (["--features=3", "--hidden=1", "--sparsity=1/2"], "unbounded", "A proof needs every"),
        (["--features=2", "--hidden=1", "--sparsity=sqrt(2)/2"], "irrational", "as fractions, not"),
    ],
)
def test_what_cannot_be_proved(shell: Shell, asked: list[str], code: str, said: str) -> None:
    done = shell("optimum", *asked, "--prove")
    assert (done.code, done.out) == (2, "")
    assert said in words(done.err)
    plain = words(done.err).partition("Try: ")[2]
    assert plain.startswith("handcalc optimum --features")
    assert "--prove" not in plain
    answered = shell("optimum", *asked, "--prove", "--json")
    assert (answered.code, answered.json()["error"]["code"]) == (2, code)


@pytest.mark.parametrize(
    "command", [[*PAIR], ["verify", "proof.npz"]], ids=["optimum --prove", "verify"]
)
def test_without_numba_it_says_what_to_install(command: list[str]) -> None:
    code = f"""
import importlib.util
found = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "numba" else found(name, *rest)
import sys
sys.modules["numba"] = None
from handcalc.cli.program import run
assert run({command}) == 2
import handcalc
assert "Proof" in repr(handcalc.Proof)
try:
    handcalc.certify(2, 1, "1/2")
except handcalc.InputError as error:
    assert error.code == "missing_extra"
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "This needs numba, which is not installed." in done.stderr
    assert 'pip install "handcalc[optimum]"' in done.stderr


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
    assert "Best found: 37 of 64 restarts ended here; not a proof." in said
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
    assert "all boxes are looked at, 184 of 184 of them checked" in done.json()["error"]["message"]
    assert words(shell(*PAIR).err) == "Going on from 449 boxes."
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
    assert "449 boxes" in done.out
    assert len(kept_files(".damaged")) == 1
    assert words(shell(*PAIR).err) == "Going on from 449 boxes."


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


# -- while it runs --------------------------------------------------------------------------------


class Drawn:
    """A bar and its one task, which write down what they show."""

    def __init__(self, doing: str, seen: list[str]) -> None:
        self.doing, self.seen = doing, seen

    def update(self, _: Drawn, **shown: Any) -> None:
        self.doing = shown.get("description", self.doing)
        self.seen.append(self.doing)

    def stop(self) -> None:
        self.seen.append("gone")


def test_the_bar_has_the_bound_so_far(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def bar(_: Terminal, doing: str, *, time_left: bool) -> tuple[Drawn, Drawn]:
        assert time_left == (doing == "Descending")
        drawn = Drawn(doing, seen)
        return drawn, drawn

    monkeypatch.setattr(Terminal, "bar", bar)
    monkeypatch.setattr("handcalc.cli.terminal._PATIENCE", 0)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert shell(*PAIR, "--no-state").code == 0
    assert [doing for doing, _ in itertools.groupby(seen) if "L" not in doing][-4:] == [
        "Boxes",
        "gone",
        "Checking",
        "gone",
    ]
    bounds = [float(doing.partition("≥ ")[2]) for doing in seen if "≥" in doing]
    assert bounds == sorted(bounds)
    assert 0 < bounds[0] < bounds[-1] == pytest.approx(0.0762824, abs=1e-6)
    assert all(len(doing) < 22 for doing in seen)


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
