"""What handcalc itself shows is read back: on the terminal, as Markdown, as JSON and as Python."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from textwrap import indent

import pytest

from handcalc import ToyModel, embedding, geometry, parse_matrix, parse_vector
from handcalc.numbers.exact import to_text
from handcalc.views import latex
from tests.cli_runs import Shell
from tests.refusing import refusal

MODELS = {
    "antipodal": embedding("antipodal").model,
    "triangle": embedding("triangle").model,
    "fractions": ToyModel("1 0; 0 -1/2; 2/3 -√2/2", b="-1/2 1/3 1+√5"),
    "one dimension": ToyModel("1; -1/2", b="1/4 -1/4"),
    "one feature": ToyModel("1 -1/2 0", b="1/3"),
    "one number": ToyModel("-1/2", b="1/2"),
}


def in_ascii(text: str) -> str:
    """What stands in for it on a terminal that has ASCII alone."""
    looks = dict.fromkeys("⎡⎢⎣", "[") | dict.fromkeys("⎤⎥⎦", "]") | {"−": "-", "x̂": "x^"}
    for look, plain in looks.items():
        text = text.replace(look, plain)
    return text


def as_json(model: ToyModel) -> str:
    W = [[to_text(cell) for cell in row] for row in model.W]
    return json.dumps({"schema": 1, "W": W, "b": [to_text(cell) for cell in model.b]}, indent=2)


VIEWS: dict[str, Callable[[ToyModel], str]] = {
    "terminal": str,
    "repr": repr,
    "Markdown": lambda model: str(model._repr_markdown_()),
    "JSON": as_json,
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_a_whole_model_gives_its_w_and_its_b(
    model: ToyModel, view: Callable[[ToyModel], str]
) -> None:
    text = view(model)
    assert (parse_matrix(text), parse_vector(text)) == (model.W, model.b)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_the_parts_of_a_model_are_read_back(model: ToyModel) -> None:
    W = str(model).partition("\nb = ")[0]
    for shown in (W, in_ascii(W), latex.matrix(model.W), f"$$ {latex.matrix(model.W)} $$"):
        assert parse_matrix(shown) == model.W
    bias = str(model)[len(W) + 1 :].split("\nx̂")[0]
    for shown in (bias, in_ascii(bias), latex.vector(model.b)):
        assert parse_vector(shown) == model.b


@pytest.mark.parametrize(
    "put",
    [
        lambda text: f"```\n{text}\n```",
        lambda text: f"~~~text\n{text}\n~~~\n",
        lambda text: indent(text, "    "),
        lambda text: indent(text, "> "),
        lambda text: indent(f"```\n{text}\n```", "> "),
    ],
)
def test_a_model_is_read_back_from_a_letter(put: Callable[[str], str]) -> None:
    model = ToyModel("(1+√5)/2 0; (1-√5)/2 1; 0 -1", b="0 (1-√5)/2 1")
    for shown in (str(model), in_ascii(str(model)), repr(model), model._repr_markdown_()):
        assert parse_matrix(put(shown)) == model.W
        assert parse_vector(put(shown)) == model.b


def test_a_gram_matrix_is_read_back() -> None:
    found = geometry(MODELS["fractions"])
    shown = str(found)
    start = shown.index("─\n", shown.index("Gram matrix")) + 2
    assert parse_matrix(shown[start : shown.index("\n\n", start)]) == found.gram


def test_decimals_that_are_shown_are_read_as_they_stand() -> None:
    """≈ says that they are rounded; the text holds no more of them."""
    model = ToyModel("; ".join(f"cos({2 * k}π/5) sin({2 * k}π/5)" for k in range(5)))
    found = parse_matrix(str(model))
    for row, shown in zip(model.W, found, strict=True):
        assert all(abs(a - b) <= Fraction(1, 10**6) for a, b in zip(row, shown, strict=True))


def test_two_matrices_are_not_one() -> None:
    shown = str(ToyModel("1 0; 0 1")).partition("\nb =")[0]
    assert refusal(parse_matrix, f"{shown}\n{shown}").code


COMMANDS = {
    "forward": ("forward", "--x=1"),
    "geometry": ("geometry",),
    "loss": ("loss", "--sparsity=1/2"),
}
WRITTEN = ["1/2 √3/2; 0 1; -1/3 -√2", "1 0 2", "1; -1/3", "1 0; 0 1; -1 0; 0 -1; 1/7 -2√5"]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("is_ascii", [False, True])
def test_what_a_command_writes_is_read_from_a_file(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: tuple[str, ...],
    written: str,
    is_ascii: bool,
) -> None:
    shell, file = Shell(capsys), tmp_path / "own.txt"
    shown = shell(command[0], f"--W={written}", *command[1:]).out
    file.write_text(in_ascii(shown) if is_ascii else shown, encoding="utf-8")
    asked = shell("geometry", f"--W={written}", "--json").json()
    assert shell("geometry", f"--W=@{file}", "--json").json() == asked
    if "\nb = " in shown:
        assert shell("forward", f"--W={written}", f"--b=@{file}").code == 0


@pytest.mark.parametrize("name", ["antipodal", "one-example", "bias-corrected", "triangle"])
def test_a_page_about_a_model_is_read_from_a_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    shell, file = Shell(capsys), tmp_path / "page.txt"
    file.write_text(shell("show", name).out, encoding="utf-8")
    found = shell("forward", f"--W=@{file}", "--json").json()
    assert parse_matrix("; ".join(" ".join(row) for row in found["W"])) == embedding(name).model.W


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("W = 1 0; 0 1; 0 1\nW[2,1] = -1", "W[2,1] = … changes W"),
        ("W = 1 0; 0 1; 0 1; W(3,2) = -1", "W(3,2) = … changes W"),
        ("W = 1 0; 0 1\nW_{21} = 5", "W_{21} = … changes W"),
        ("W = 1 0; 0 1\nw[0] = 5", "w[0] = … changes W"),
        (r"\mathbf{W} = 1 0; 0 1, \mathbf{W}_{21} = 5", "changes W"),
        ("W = ⎡ 1 0 ⎤\n    ⎣ 0 1 ⎦\n\n2 3", "the brackets behind W = end"),
        ("1 0\n\n    ⎡ 1 0 ⎤\nW = ⎢ 0 1 ⎥\n    ⎣ 1 1 ⎦", '"1 0" stands before W ='),
        ("W = 1 0; 0 1\nW += 1", "W + = … changes W"),
        ("2 W = 1 0; 0 1", '"2" stands before W ='),
        ("1/2 W = 1 0; 0 1", '"1/2" stands before W ='),
        ("transpose W = 1 0 0; 0 1 0", '"transpose" stands before W ='),
        ("b = [1 1]; not W = 1 0; 0 1", '"not" stands before W ='),
        ("b = 1 1\n2 W = 1 0; 0 1", '"2" stands before W ='),
        ("1 0\nW = 0 1", '"1 0" stands before W = and has no name'),
        ("    1 0\nW = 0 1\n    0 -1", '"1 0" stands before W = and has no name'),
        ("W = [[1 0]\n ...\n [0 1]]", "Dots stand for numbers that were left out"),
        ("1 0\n...\n0 1", "Dots stand for numbers that were left out"),
        ("[[1. 0.]\n [0. 1.]\n ...\n [1. 1.]]", "Dots stand for numbers that were left out"),
        ("array([[1, 0],\n       ...,\n       [0, 1]])", "Dots stand for numbers"),
        ("tensor([[1., 0.],\n        ...,\n        [0., 1.]])", "Dots stand for numbers"),
        (">>> W\n...\n1 0\n0 1", "not known"),
        ("W ≈ ⎡ 0.123457   0 ⎤   feature 1\n    ⎣ 0   1 ⎦   feature 2", "rounded"),
        ("W* = 1 0; 0 1", "not known"),
    ],
)
def test_nothing_in_a_file_is_left_out(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, text: str, said: str
) -> None:
    file = tmp_path / "a.txt"
    file.write_text(text, encoding="utf-8")
    done = Shell(capsys)("geometry", f"--W=@{file}", "--json")
    assert done.code == 3
    assert said in done.json()["error"]["message"]
