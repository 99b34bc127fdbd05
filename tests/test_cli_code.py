"""``code``: what it prints is run, and computes what the exact model does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

import numpy as np
import pytest
import torch

import handcalc
from handcalc.cli.names import EMBEDDINGS, TOY_PRESETS
from handcalc.numbers.exact import to_float
from tests.cli_runs import ROOT, Shell, outside

OWN = {
    "numbers": ("1 0; 0 1; 1/3 -1/4", "0 1/7 -2"),
    "roots": ("sqrt(3)/2 -1/2; -sqrt(2) 1; cos(2*pi/7) 2", "sqrt(5)/3"),
    "one dimension": ("1; -1", None),
    "six features": ("1 0; 0 1; -1 0; 0 -1; 1 1; 1/2 1/3", "1/2"),
    "long numbers": ("123456789012345678901/987654321098765432109 1; 1 0", None),
}
INPUTS = ["1", "1/2", "0"]


def run_code(code: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(code, "printed", "exec"), names)  # noqa: S102 - it is what a reader pastes
    assert capsys.readouterr().out.strip()
    return names


def check(model: handcalc.ToyModel, codes: dict[str, str], capsys: object) -> None:
    """Both codes compute what the exact forward pass does, one input or many at a time."""
    assert isinstance(capsys, pytest.CaptureFixture)
    n = len(model.W)
    inputs = [[1] * n, ["1/2"] * n, *([int(i == j) for i in range(n)] for j in range(n))]
    exact = [[to_float(value) for value in handcalc.forward(model, each).output] for each in inputs]
    given = np.array([[0.5 if value == "1/2" else float(value) for value in x] for x in inputs])
    ours = run_code(codes["numpy"], capsys)["model"]
    assert callable(ours)
    np.testing.assert_allclose(ours(given), exact, rtol=0, atol=1e-12)
    np.testing.assert_allclose(ours(given[0]), exact[0], rtol=0, atol=1e-12)
    theirs = run_code(codes["torch"], capsys)["model"]
    assert callable(theirs)
    np.testing.assert_allclose(theirs(torch.tensor(given)).numpy(), exact, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_of_an_embedding(shell: Shell, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    check(handcalc.embedding(name).model, shell("code", name, "--json").json(), capsys)


@pytest.mark.parametrize("linear", [[], ["--linear"]])
@pytest.mark.parametrize(("W", "b"), OWN.values(), ids=OWN)
def test_of_ones_own(
    shell: Shell,
    W: str,
    b: str | None,
    linear: Sequence[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    given = [f"--W={W}", *([f"--b={b}"] if b else []), *linear]
    activation = "linear" if linear else "relu"
    model = handcalc.ToyModel(W, b, activation=activation)
    check(model, shell("code", *given, "--json").json(), capsys)


def test_of_the_best(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    found = shell("code", "best", "--sparsity=9/10", "--json").json()
    names = run_code(found["numpy"], capsys)
    best = shell("optimum", "--sparsity=9/10", "--restarts=8", "--json").json()
    W, b = names["W"], names["b"]
    assert isinstance(W, np.ndarray)
    assert isinstance(b, np.ndarray)
    model = handcalc.ToyModel.from_floats(W, b, max_denominator=10**9)
    loss = to_float(handcalc.expected_loss(model, "9/10").value)
    assert loss == pytest.approx(float(best["loss"]), rel=1e-6)


def test_one_library_is_a_program_of_its_own(shell: Shell) -> None:
    both = shell("code", "triangle").out
    for library in ("numpy", "torch"):
        alone = shell("code", "triangle", f"--{library}").out
        assert alone in both
        assert alone == shell("code", "triangle", f"--{library}", "--json").json()[library] + "\n"
        assert f"# {library}\n" not in alone
        assert len(alone.splitlines()) <= 12
        done = subprocess.run(
            [sys.executable, "-c", alone], capture_output=True, text=True, check=False
        )
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", TOY_PRESETS)
def test_a_training_runs(shell: Shell, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = shell("code", name).out
    assert code == shell("code", name, "--json").json()["torch"] + "\n"
    assert max(map(len, code.splitlines())) <= 88
    names = run_code(code.replace("range(3000)", "range(2)"), capsys)
    model = __import__("torchsim").preset(name).spec(small=True).models[-1]
    assert (names["n"], names["m"], names["S"]) == (model.features, model.hidden, 0.9)


def test_the_training_by_hand_finds_the_pair(
    shell: Shell, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.manual_seed(0)
    names = run_code(shell("code", "by-hand", "--sparsity=4/5").out, capsys)
    W, b = (names[each].detach().numpy().astype(float) for each in ("W", "b"))  # type: ignore[attr-defined]  # tensors of torch
    model = handcalc.ToyModel.from_floats(W, b, max_denominator=1000)
    loss = to_float(handcalc.expected_loss(model, "4/5").value)
    best = shell("show", "best", "--sparsity=4/5", "--json").json()["loss"]
    assert loss < 1.05 * float(best["decimal"] if isinstance(best, dict) else best)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give the name of an embedding or --W, one of them."),
        (["triangle", "--W=1 0; 0 1"], "not both"),
        (["triangle", "--b=1"], "--b comes with --W"),
        (["induction"], "induction trains attention-only models, and handcalc code writes toy"),
        (["triangel"], "Try: handcalc code triangle"),
        (["best"], "handcalc code best --sparsity=1/2"),
        (["best", "--sparsity=2"], "--sparsity could not be read"),
        (["triangle", "--sparsity=1/2"], "--sparsity belongs to best"),
        (["by-hand", "--numpy"], "--numpy belongs to a model"),
        (["by-hand", "--sparsity=2"], "--sparsity could not be read"),
        (["--W=1 a"], "--W could not be read"),
    ],
)
def test_what_is_refused(shell: Shell, arguments: Sequence[str], said: str) -> None:
    done = shell("code", *arguments)
    assert done.code in (2, 3)
    assert done.out == ""
    assert said in done.err


def test_nothing_heavy_is_imported_to_print_it() -> None:
    line = "import sys; from handcalc.cli.program import run; code = run({}); "
    line += "print(sorted({{'numpy', 'torch', 'matplotlib'}} & {{*sys.modules}}))"
    for arguments in (["code", "triangle"], ["code", "by-hand"], ["code", "--W=1 0; 0 1"]):
        done = subprocess.run(
            [sys.executable, "-c", line.format(arguments)],
            cwd=ROOT, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.splitlines()[-1] == "[]", arguments


def test_it_is_ascii_wherever_it_is_sent() -> None:
    assert outside("code", "triangle").stdout.isascii()
