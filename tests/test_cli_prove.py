"""``optimum --prove``: what is proved and said of it, and what is refused."""

from __future__ import annotations

import itertools
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import handcalc
from handcalc import certify
from handcalc.cli.terminal import Terminal
from handcalc.display import latex_of
from handcalc.views import markdown
from tests.cli_runs import ROOT, Shell, outside
from tests.proof_runs import PAIR, boxes, kept_files, pair, words

pytestmark = pytest.mark.usefixtures("compiled_proofs")


# -- what is said ---------------------------------------------------------------------------------


def test_the_page_says_what_is_proved(shell: Shell) -> None:
    done = shell(*PAIR, "--no-state")
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    said = words(done.out)
    assert "Expected loss L = 0.0762824469895636" in said
    assert "Proved: no embedding loses less, and only its copies lose as little" in said
    assert f"{boxes()} boxes cover all embeddings" in said
    agreed = pair().optimum.agreed
    assert f"above the least. {agreed} of 64 restarts of the search ended here." in said
    assert "With --certificate FILE what this rests on is written" in said
    assert "not a proof" not in said
    assert kept_files() == []


def test_json_says_what_is_proved(shell: Shell) -> None:
    found = shell(*PAIR, "--json").json()
    assert (found["command"], found["status"], found["error"]) == ("optimum", "ok", None)
    assert found["sentence"].startswith("Features 1 and 2 are an antipodal pair. Proved, by ")
    proved = found["proved"]
    assert (proved["status"], proved["boxes"], proved["regions"]) == ("proved", boxes(), 1)
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
    assert repr(proof).startswith(f"<Proof: Proved, by {boxes()} boxes: no embedding")
    for page in (str(proof), proof._repr_markdown_()):
        assert "Proved: no embedding loses less" in words(page)
        assert "certificate works all of it out again" in words(page)
        assert "not a proof" not in page
    assert markdown.proof(proof).count("$$") % 2 == 0
    assert r"\hat{x}" in latex_of(proof)


def test_less_than_a_proof_says_so() -> None:
    proof = certify(2, 1, "1/2", threads=1, seconds=0)
    assert (proof.status, proof.lower, proof.waiting) == ("unfinished", 0, 1)
    assert "this run has not ruled out yet that an embedding loses less" in proof.sentence
    assert "of 64 restarts ended here." in words(str(proof))  # a certificate is in the package
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
        (["--features=3", "--hidden=1", "--sparsity=1/2"], "unbounded", "A proof needs Iᵢ"),
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
