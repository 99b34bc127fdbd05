"""``@file`` and ``-`` stand for text; mistakes of usage are refused in sentences."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.cli_runs import Shell


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> io.BytesIO:
    """Bytes that stand on standard input."""
    given = io.BytesIO()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(given))
    return given


def type_in(given: io.BytesIO, text: str) -> None:
    given.write(text.encode())
    given.seek(0)


def test_a_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "w.txt"
    file.write_text("W =\n1 0\n0 1\n0 -1\n", encoding="utf-8")
    found = shell("forward", f"--W=@{file}", "--x", "1 0 0", "--json").json()
    assert found["output"] == ["1", "0", "0"]
    assert shell("forward", "--W", f"@{file}", "--x", "1 0 0").code == 0


def test_an_error_in_a_file_names_the_file(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "w.txt"
    file.write_text("1 0\n0 3!\n0 -1\n", encoding="utf-8")
    error = shell("geometry", f"--W=@{file}", "--json").json()["error"]
    assert (error["code"], error["row"], error["column"]) == ("factorial", 2, 4)
    assert error["option"] == f"--W=@{file}"


@pytest.mark.parametrize("dash", [["--b", "-"], ["--b=-"]])
def test_standard_input(shell: Shell, typed: io.BytesIO, dash: list[str]) -> None:
    type_in(typed, "-1 0 1\n")
    found = shell("forward", "--W=1 0; 0 1; 0 -1", *dash, "--x=1 0 0", "--json").json()
    assert found["z"] == ["0", "0", "1"]


def test_standard_input_is_read_once(shell: Shell, typed: io.BytesIO) -> None:
    type_in(typed, "1 0; 0 1\n")
    done = shell("forward", "--W=-", "--b", "-", "--json")
    assert done.code == 2
    assert "--W reads standard input already" in done.json()["error"]["message"]


@pytest.mark.parametrize(
    ("value", "code"), [("@", "missing_file"), ("@nowhere.txt", "missing_file")]
)
def test_no_file(shell: Shell, value: str, code: str) -> None:
    done = shell("forward", f"--W={value}", "--json")
    assert done.code == 2
    assert done.json()["error"]["code"] == code


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["forward"], "Missing option '--W'"),
        (["forward", "--W"], "requires an argument"),
        (["forward", "--W", "--b", "1"], "--W needs a value; --b is an option"),
        (["forward", "--W", "--b=1"], "--W needs a value; --b=1 is an option"),
        (["forward", "--w=1"], "No such option"),
        (["forward", "--W=1", "surplus"], "unexpected extra argument"),
        (["frobnicate"], "No such command"),
        (["--nonsense"], "No such option"),
        (["grade"], "Say what to grade: a FILE"),
        (["hint", "1", "--level", "0"], "Invalid value for '--level': 0 is not in the range"),
        (["hint", "1", "--level", "many"], "'--level': 'many' is not a whole number."),
        (["grade", "a", "--timeout", "long"], "'--timeout': 'long' is not a number."),
        (["forward", "--W=1", "--json=yes"], "does not take a value"),
    ],
)
def test_usage(shell: Shell, arguments: list[str], said: str) -> None:
    if "--json=yes" not in arguments:
        done = shell(*arguments)
        assert (done.code, done.out) == (2, "")
        assert said in done.err
        assert "Try: handcalc" in done.err or "Type instead: " in done.err or said in done.err
    asked = shell(*arguments, "--json")
    assert asked.code == 2
    error = asked.json()["error"]
    assert said in error["message"]
    assert asked.json()["status"] == "error"


@pytest.mark.parametrize(
    ("arguments", "suggestion"),
    [
        (["forwrd"], "handcalc forward"),
        (["forward", "--liner", "--W=1"], "--linear"),
        (["forward", "--w=1"], "--W"),
        (["geometry", "--W=1", "--b=1"], "handcalc geometry --help"),
        (["forward", "--JSON", "--W=1"], "--json"),
        (["forward"], "handcalc forward --help"),
        (["--nonsense"], "handcalc --help"),
    ],
)
def test_usage_says_what_to_type_instead(
    shell: Shell, arguments: list[str], suggestion: str
) -> None:
    assert shell(*arguments, "--json").json()["error"]["suggestion"] == suggestion
    assert suggestion in shell(*arguments).err


def test_an_unknown_option_names_the_ones_there_are(shell: Shell) -> None:
    said = shell("geometry", "--W=1", "--b=1").err
    assert said.startswith(
        "No such option --b: handcalc geometry takes --W, --rows, --draw, --svg,\n"
        "--anyway, --json and --help.\n"
    )
