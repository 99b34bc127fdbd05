"""``forward``, ``geometry`` and ``show``: what they answer, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

import handcalc
from handcalc.cli.names import EMBEDDINGS
from handcalc.cli.work.model import LARGEST, MOST
from tests.cli_runs import Run, Shell

ANTIPODAL = "--W=1 0; 0 1; 0 -1"


def unreadable(done: Run) -> str:
    """What was said of a value that could not be read."""
    assert (done.code, done.out) == (3, "")
    return done.err


def refused(done: Run) -> str:
    """What was said of a command line that was refused."""
    assert (done.code, done.out) == (2, "")
    return done.err


def test_forward_as_the_readme_has_it(shell: Shell) -> None:
    done = shell("forward", ANTIPODAL, "--b=0 1/2 1/2", "--x=1 1/4 1/2", "--json")
    assert done.code == 0
    found = done.json()
    assert (found["schema"], found["command"], found["status"]) == (1, "forward", "ok")
    assert found["error"] is None
    assert found["h"] == ["1", "-1/4"]
    assert found["z"] == found["output"] == ["1", "1/4", "3/4"]
    assert found["difference"] == ["0", "0", "1/4"]
    assert found["notes"] == []


@pytest.mark.parametrize(
    "x", [["--x=-1 0 1/2"], ["--x", "-1 0 1/2"], ["--x", "[-1, 0, 1/2]"], ["--x=−1 0 ½"]]
)
def test_a_leading_minus_after_an_equals_sign_and_after_a_space(shell: Shell, x: list[str]) -> None:
    found = shell("forward", "--W", "-1 0; 0 -1; 0 1", "--b", "-1 0 1", *x, "--json").json()
    assert found["z"] == ["-2", "-1/2", "3/2"]
    assert found["output"] == ["0", "0", "3/2"]
    assert "outside [0, 1]" in found["notes"][0]


def test_one_number_is_for_all_features(shell: Shell) -> None:
    found = shell("forward", ANTIPODAL, "--b=1/2", "--x=1/4", "--json").json()
    assert found["z"] == ["3/4", "1/2", "1/2"]


def test_without_x_the_input_is_symbols(shell: Shell) -> None:
    found = shell("forward", ANTIPODAL, "--json").json()
    assert found["h"] == ["x1", "x2 - x3"]
    assert found["cases"][0] is None
    assert "x2 >= x3" in found["cases"][1]
    assert "x₂ ≥ x₃" in shell("forward", ANTIPODAL).out


def test_symbols_and_numbers_mix(shell: Shell) -> None:
    found = shell("forward", ANTIPODAL, "--x=x1 0 x3", "--json").json()
    assert found["output"] == ["x1", "0", "x3"]


def test_linear_leaves_relu_out(shell: Shell) -> None:
    found = shell("forward", ANTIPODAL, "--x=1 0 1", "--linear", "--json").json()
    assert found["output"] == ["1", "-1", "1"]


def test_geometry(shell: Shell) -> None:
    found = shell("geometry", "--W=1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", "--json").json()
    assert found["gram"][0] == ["1", "-1/2", "-1/2"]
    assert found["W"][0] == ["1", "0"]
    assert not {"b", "activation"} & set(found)
    assert found["norms"] == ["1", "1", "1"]
    assert found["interference"] == ["1/2", "1/2", "1/2"]
    assert found["dimensionality"] == ["2/3", "2/3", "2/3"]
    assert found["capacity"] == "2"


def test_text_is_for_people(shell: Shell) -> None:
    done = shell("geometry", "--W=1 0; 0 1; 0 -1")
    assert "dimensionality" in done.out
    assert "{" not in done.out
    assert done.err == ""


@pytest.mark.parametrize("option", ["--W", "--b", "--x"])
def test_the_option_at_fault_is_named(shell: Shell, option: str) -> None:
    values = {"--W": "1 0; 0 1; 0 -1", "--b": "0 0 0", "--x": "1 0 0", option: "1 0 3!"}
    arguments = ["forward", *(f"{name}={value}" for name, value in values.items())]
    said = unreadable(shell(*arguments))
    assert said.startswith(f"{option} could not be read, row 1, character ")
    assert "\n  1 0 3!\n" in said
    error = shell(*arguments, "--json").json()["error"]
    assert (error["code"], error["option"], error["row"]) == ("factorial", option, 1)
    assert shell(*arguments, "--json").code == 3


def test_a_wrong_shape_names_its_option(shell: Shell) -> None:
    assert "--b could not be read" in unreadable(shell("forward", ANTIPODAL, "--b=1 2"))
    assert "--x could not be read" in unreadable(shell("forward", ANTIPODAL, "--x=1 2"))


@pytest.mark.parametrize(
    ("arguments", "option", "suggestion"),
    [
        (["forward", ANTIPODAL, "--x=x1 x3"], "--x", None),
        (["forward", ANTIPODAL, "--b=0,0,0,25"], "--b", None),
        (["forward", ANTIPODAL, "--b=0,5; 0,5; 0,25"], "--b", "0.5; 0.5; 0.25"),
        (["show", "antipodal", "--x=0,5; 0,5; 0,25"], "--x", "0.5; 0.5; 0.25"),
        (["exercise", "1", ANTIPODAL, "--b=0,5; 0,5; 0,25"], "--b", "0.5; 0.5; 0.25"),
    ],
)
def test_a_wrong_length_has_its_place(
    shell: Shell, arguments: list[str], option: str, suggestion: str | None
) -> None:
    assert "^" in unreadable(shell(*arguments))
    error = shell(*arguments, "--json").json()["error"]
    assert (error["option"], error["row"], error["suggestion"]) == (option, 1, suggestion)
    assert error["column"] > 1


def test_a_model_too_large_for_a_page(shell: Shell) -> None:
    largest = "1;" * MOST
    assert f"at most {MOST} features" in refused(shell("geometry", f"--W={largest}1"))
    largest = "1;" * LARGEST
    assert shell("forward", f"--W={largest}", "--json").code == 0
    assert shell("forward", f"--W={largest}1", "--x=1", "--json").code == 0
    for x in ([], ["--x=x1 " + "0 " * LARGEST]):
        done = shell("forward", f"--W={largest}1", *x)
        assert f"With symbols in x, steps are worked out for at most {LARGEST}" in refused(done)


def test_show_lists_the_names_that_the_shell_completes(shell: Shell) -> None:
    found = shell("show", "--json").json()["embeddings"]
    assert tuple(entry["name"] for entry in found) == EMBEDDINGS
    assert tuple(known.name for known in handcalc.embeddings()) == EMBEDDINGS
    out = shell("show").out
    assert all(name in out for name in EMBEDDINGS)


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_show_works_one_through(shell: Shell, name: str) -> None:
    done = shell("show", name)
    known = handcalc.embedding(name)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{name}: {known.title}\n")
    assert known.story.split(". ")[0][:40] in done.out
    assert max(map(len, done.out.splitlines())) <= 80
    found = shell("show", name, "--json").json()
    assert (found["command"], found["name"], found["status"]) == ("show", name, "ok")
    assert found["example"]["x"] == [str(value) for value in known.example]


def test_show_with_an_input_of_ones_own(shell: Shell) -> None:
    found = shell("show", "antipodal", "--x=1 0 1/3", "--json").json()
    assert found["example"]["output"] == ["1", "-1/3", "1/3"]
    assert "(1, 0, 1/3)" in shell("show", "antipodal", "--x=1 0 1/3").out
    assert "--x could not be read" in unreadable(shell("show", "antipodal", "--x=1 0"))


def test_show_an_unknown_name(shell: Shell) -> None:
    for typed, meant in (("antipodl", "antipodal"), ("TRIANGLE", "triangle")):
        said = refused(shell("show", typed))
        assert said.endswith(f"Try: handcalc show {meant}\n")
        assert [line for line in said.splitlines() if line.endswith(" ")] == []
    assert refused(shell("show", "nope")).endswith("bias-corrected, relu, triangle.\n")
    done = shell("show", "antipodl", "--json")
    assert done.code == 2
    assert done.json()["status"] == "error"
    assert done.json()["error"]["code"] == "unknown_embedding"
    assert done.json()["error"]["suggestion"] == "antipodal"


@pytest.mark.parametrize("option", ["--x=1 0 0", "--svg=a.svg"])
def test_show_needs_a_name_for_its_options(shell: Shell, option: str) -> None:
    assert "needs the name of an embedding" in refused(shell("show", option))


def test_show_writes_the_drawing(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "arrows.svg"
    first = shell("show", "triangle", f"--svg={file}")
    assert first.code == 0
    assert "Wrote" in first.out
    assert file.read_text(encoding="utf-8").lstrip().startswith("<svg")
    file.write_text("something else", encoding="utf-8")
    assert "Replaced" in shell("show", "triangle", f"--svg={file}").out
    assert "<svg" in file.read_text(encoding="utf-8")
    assert shell("show", "triangle", f"--svg={file}", "--json").json()["svg"] == str(file)


def test_show_where_nothing_can_be_written(shell: Shell, tmp_path: Path) -> None:
    said = refused(shell("show", "triangle", f"--svg={tmp_path / 'nowhere' / 'arrows.svg'}"))
    assert "cannot be written" in said
