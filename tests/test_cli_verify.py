"""``verify``: what a certificate proves, and what is said of one that proves nothing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from handcalc import Certificate, certify, load_certificate
from handcalc.cli.names import CERTIFICATES
from handcalc.cli.work import proofs
from handcalc.display import latex_of
from handcalc.superposition.certificates import stored
from handcalc.superposition.certificates.claim import CertifiedClaim
from handcalc.superposition.loss.problem import Problem
from handcalc.views import certificates
from tests.cli_runs import Shell, outside
from tests.proof_runs import words

pytestmark = pytest.mark.usefixtures("compiled_proofs")


@cache
def pair() -> Certificate:
    return certify(2, 1, "1/2", threads=1).certificate


def too_high() -> Certificate:
    """A certificate one of whose bounds is higher than can be shown."""
    margins = pair().cover.margins.copy()
    margins[5] = 1
    return replace(pair(), cover=replace(pair().cover, margins=margins))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    pair().save(tmp_path / "proof.npz")
    return tmp_path / "proof.npz"


def test_text(shell: Shell, file: Path) -> None:
    done = shell("verify", str(file))
    assert (done.code, done.err) == (0, "")
    assert max(map(len, done.out.splitlines())) <= 80
    said = words(done.out)
    assert said.startswith("A certificate: 2 features in 1 dimension")
    assert "Each feature is off with probability S = 1/2, independently." in said
    assert "W ≈ ⎡ 0.968970 ⎤ feature 1" in said
    assert "Proved: no embedding loses less, and only its copies lose as little" in said
    assert "The loss of this one is 0.0762824469895636, at most " in said
    boxes, leaves = pair().cover.boxes, len(pair().cover.margins)
    assert f"It rests on {boxes} boxes, {leaves} of them bounded, and on regions around" in said
    assert "The check took" in said


def test_json(shell: Shell, file: Path) -> None:
    found = shell("verify", str(file), "--json").json()
    assert (found["command"], found["status"], found["error"]) == ("verify", "ok", None)
    assert (found["features"], found["hidden"], found["interval"]) == (2, 1, None)
    assert found["loss"].startswith("0.07628244698956357")
    assert found["value"] == pytest.approx(float(found["loss"]))
    assert [len(found["W"]), len(found["b"]), found["activation"]] == [2, 2, "relu"]
    proved = found["proved"]
    assert (proved["status"], proved["boxes"], proved["leaves"]) == (
        "proved",
        pair().cover.boxes,
        len(pair().cover.margins),
    )
    assert Fraction(proved["lower"]) < Fraction(found["loss"])
    assert proved["gap"] < 1e-60
    assert proved["sentence"].startswith("Proved: no embedding loses less")


def test_a_proof_over_another_distribution(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "proof.npz"
    asked = ("--features=3", "--hidden=1", "--distribution=one-active", "--importance=1 1 2")
    proved = shell("optimum", *asked, "--prove", "--no-state", f"--certificate={file}", "--json")
    found = shell("verify", str(file), "--json").json()
    for name in ("distribution", "importance", "W", "b", "loss"):
        assert found[name] == proved.json()[name]
    for name in ("status", "lower", "gap", "boxes", "regions", "convexity"):
        assert found["proved"][name] == proved.json()["proved"][name]
    assert found["proved"]["status"] == "proved"


def test_an_unfinished_proof_is_a_bound(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "bound.npz"
    rounds = iter([False] * 5 + [True])
    proof = certify(2, 1, "1/2", threads=1, should_stop=lambda: next(rounds))
    proof.certificate.save(file)
    done = shell("verify", str(file))
    assert done.code == 0
    assert "Nothing is proved. This one loses 0.0762824469895636;" in words(done.out)
    assert "whether any loses less is open" in words(done.out)
    found = shell("verify", str(file), "--json").json()["proved"]
    assert (found["status"], found["gap"]) == ("bounded", proof.gap)


def test_one_that_claims_more_than_is_true(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "wrong.npz"
    too_high().save(file)
    done = shell("verify", str(file))
    assert (done.code, done.out) == (1, "")
    said = "The certificate proves nothing: leaf 6 of "
    assert said in words(done.err)
    assert "is said to stay 1 above the loss of the model" in words(done.err)
    answered = shell("verify", str(file), "--json")
    found = answered.json()
    assert (answered.code, found["status"], found["error"]["code"]) == (1, "error", "refused")
    assert said in found["error"]["message"]


def test_a_model_that_is_not_there(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "wrong.npz"
    replace(pair(), side=Fraction(3, 2)).save(file)
    done = shell("verify", str(file))
    assert (done.code, done.out) == (1, "")
    assert "The certificate proves nothing: " in words(done.err)


def test_what_is_no_certificate(shell: Shell, tmp_path: Path, file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 255
    cases = {"damaged.npz": bytes(content), "text.npz": b"Ada", "empty.npz": b""}
    for name, raw in cases.items():
        (tmp_path / name).write_bytes(raw)
        done = shell("verify", str(tmp_path / name))
        assert (done.code, done.out) == (3, ""), name
        assert f"{name} is no certificate, or a damaged one" in words(done.err)
        answered = shell("verify", str(tmp_path / name), "--json")
        assert (answered.code, answered.json()["status"]) == (3, "unreadable")
        assert answered.json()["error"]["code"] == "damaged"


def test_a_file_that_is_not_there(shell: Shell, tmp_path: Path) -> None:
    done = shell("verify", str(tmp_path / "none.npz"), "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "missing_file")
    done = shell("verify", str(tmp_path), "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "unreadable_file")
    done = shell("verify", "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "usage")


def test_one_that_comes_with_the_package(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stored.stored_names() == CERTIFICATES
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(proofs, "stored_content", {"two-in-one-half": pair().to_bytes()}.get)
    found = shell("verify", "two-in-one-half", "--json").json()
    assert (found["features"], found["proved"]["status"]) == (2, "proved")
    (tmp_path / "two-in-one-half").write_text("a file of that name comes first", encoding="utf-8")
    assert shell("verify", "two-in-one-half").code == 3

    def missing(name: str) -> bytes:
        raise FileNotFoundError(name)

    monkeypatch.setattr(proofs, "stored_content", missing)
    done = shell("verify", "three-in-two-half", "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "missing_file")


def test_an_ascii_terminal_without_colour(file: Path) -> None:
    env = {"PYTHONIOENCODING": "ascii", "NO_COLOR": "1", "TERM": "dumb"}
    done = outside("verify", str(file), env=env)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii()
    assert b"\x1b" not in done.stdout
    assert b"Proved: no embedding loses less" in done.stdout


def test_print_and_notebook(file: Path) -> None:
    certificate = load_certificate(file)
    assert repr(certificate) == (
        f"<Certificate: 2 features in 1 dimension, {pair().cover.boxes} boxes>"
    )
    for page in (str(certificate), certificate._repr_markdown_()):
        assert "A certificate: 2 features in 1 dimension" in page
        assert "nothing of it is believed before" in words(page)
    assert r"\begin{bmatrix}" in latex_of(certificate)
    checked = certify(2, 1, "1/2", threads=1).checked
    assert repr(checked) == "<Checked: proved, no loss is below 0.07628244698>"
    for page in (str(checked), checked._repr_markdown_()):
        assert f"It rests on {checked.leaves} boxes" in words(page)


def test_along_an_interval() -> None:
    ends = Fraction(1, 4), Fraction(1, 2)
    along = replace(pair(), claim=CertifiedClaim(Problem.of(2, 1, "1/4"), ends))
    checked = replace(certify(2, 1, "1/2", threads=1).checked, interval=ends)
    said, _ = certificates.checked_sentences(checked, along)
    assert said.startswith("Proved, for every S from 1/4 to 1/2: all best embeddings lie in small")
    said, _ = certificates.checked_sentences(replace(checked, is_proved=False), along)
    assert said == "Nothing is proved for every S from 1/4 to 1/2."
    assert "off with probability S, every S from 1/4 to 1/2" in words(str(along))
