"""Commands without an ID take the exercise at hand; what comes through a pipe; help and version."""

from __future__ import annotations

import os
import subprocess

import pytest

import exercises
import handcalc
from tests.cli_runs import MODULE, Shell, outside, surroundings
from tests.practice_runs import flat, typing

W = "--W=1 0; 0 1; 0 0"


def first_line(text: str) -> str:
    return text.splitlines()[0]


# -- without an ID --------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["exercise", "hint", "solution"])
def test_without_an_id_it_is_the_first_that_is_not_solved(shell: Shell, command: str) -> None:
    done = shell(command)
    assert done.code == 0
    said = "No ID was given: this is exercise 1, the first that is not solved."
    assert first_line(done.out) == said
    assert shell(command, "--json").json()["position"] == 1


@pytest.mark.parametrize("before", [("exercise", "3"), ("hint", "3"), ("solution", "3")])
def test_or_the_last_that_was_opened(shell: Shell, before: tuple[str, ...]) -> None:
    shell(*before)
    assert "exercise 3, the last that you opened." in first_line(shell("hint").out)
    shell("exercise", "2", "--W=1 1; 1 1; 1 1")
    assert "exercise 2, the last that you opened." in first_line(shell("hint").out)


def test_a_solved_one_is_left_for_the_next(shell: Shell) -> None:
    assert shell("exercise", "1", W, "--b=0 0 1/4").code == 0
    assert "exercise 2, the first that is not solved." in first_line(shell("exercise").out)
    assert shell("hint").out.startswith("No ID was given: this is exercise 2, the last that")


def test_an_answer_without_an_id(shell: Shell) -> None:
    done = shell("exercise", W, "--b=0 0 1/4")
    assert done.code == 0
    assert first_line(done.out).startswith("No ID was given: this is exercise 1,")
    assert "Exercise 1: solved" in done.out


def test_at_a_terminal_it_is_said_before_anything_is_asked(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch)
    assert first_line(shell("exercise").out).startswith("No ID was given: this is exercise 1,")


def test_courses_and_no_state_are_kept_apart(shell: Shell) -> None:
    shell("exercise", "3", "--no-state")
    assert "exercise 1, " in first_line(shell("hint", "--no-state").out)
    assert "exercise 1, " in first_line(shell("hint").out)


def test_next_is_an_exercise_that_was_opened(shell: Shell) -> None:
    shell("next")
    assert "exercise 1, the last that you opened." in first_line(shell("hint").out)


# -- ids that are nearly right --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "tried"),
    [
        ("999", "handcalc exercises"),
        ("best-bias-spars", "handcalc hint best-bias-sparse"),
        ("Best bias sparse", "handcalc hint best-bias-sparse"),
        ("exact_loss", "handcalc hint exact-loss"),
        ("dropping", "handcalc hint beat-dropping"),
    ],
)
def test_a_near_id_is_suggested(shell: Shell, typed: str, tried: str) -> None:
    done = shell("hint", typed)
    assert done.code == 2
    assert f"from 1 to {len(exercises.load_all())}" in flat(done.err)
    assert done.err.endswith(f"Try: {tried}\n")


# -- a pipe ---------------------------------------------------------------------------------------

SAID = "Something came through standard input, and was not read."


def test_what_came_through_a_pipe_is_named_and_not_taken() -> None:
    done = outside("exercise", "1", given=b"1 0; 0 1; 0 0\n")
    assert done.returncode == 0
    said = done.stdout.decode().splitlines()[-3:]
    assert said[0] == f"{SAID} To have it graded:"
    assert said[1].endswith("W alone: handcalc exercise 1 --W=-")
    assert said[2].endswith("b = …: handcalc exercise 1 --file=-")
    graded = outside("exercise", "1", "--W=-", given=b"1 0; 0 1; 0 0\n")
    assert b"not yet" in graded.stdout
    graded = outside("exercise", "1", "--file=-", given=b"W = 1 0; 0 1; 0 0\nb = 0 0 1/4")
    assert b"solved" in graded.stdout
    number = outside("exercise", "7", given=b"1/2")
    assert number.stdout.decode().splitlines()[-1].endswith("handcalc exercise 7 --answer=-")


def test_the_commands_of_a_script_are_left_to_its_shell() -> None:
    """As in a notebook's cell that begins with %%bash: bash reads them from the same pipe."""
    command = " ".join(f"'{word}'" for word in MODULE)
    script = f"{command} exercise 1\n{command} version\n"
    done = subprocess.run(
        ["/bin/sh"], input=script, env=surroundings(), capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith(f"handcalc {handcalc.__version__}\n")


def test_an_empty_pipe_and_one_that_stays_open_show_the_exercise() -> None:
    assert SAID.encode() not in outside("exercise", "1").stdout
    ours, theirs = os.pipe()
    try:
        done = subprocess.run(
            [*MODULE, "exercise", "1"],
            env=surroundings(), stdin=ours, capture_output=True, timeout=60, check=True,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    assert b"Exercise 1: " in done.stdout
    assert SAID.encode() not in done.stdout


# -- help, version --------------------------------------------------------------------------------


def test_version_and_help_are_commands_too(shell: Shell) -> None:
    assert shell("version") == shell("--version")
    assert shell("help") == shell("--help")
    assert shell("help", "dev", "new") == shell("dev", "new", "--help")
    assert shell("help", "loss", "--json").json()["help"] == shell(
        "loss", "--help", "--json"
    ).json()["help"]  # fmt: skip


def test_help_on_what_is_no_command(shell: Shell) -> None:
    assert shell("help", "los").err.endswith("Try: handcalc help loss\n")
    done = shell("help", "loss", "steps")
    assert (done.code, done.err.splitlines()[-1]) == (2, "Try: handcalc help")


# -- suggestions ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "tried"),
    [
        (("rest",), "handcalc reset --help"),
        (("rset", "--all"), "handcalc reset --help"),
        (("reset",), "handcalc progress"),
        (("solution", "1", "--yess"), "handcalc solution --help"),
        (("runs", "--delet", "x"), "handcalc runs --help"),
    ],
)
def test_nothing_is_suggested_that_takes_something_away(
    shell: Shell, typed: tuple[str, ...], tried: str
) -> None:
    done = shell(*typed)
    assert (done.code, done.err.splitlines()[-1]) == (2, f"Try: {tried}")


@pytest.mark.parametrize(
    ("typed", "tried"),
    [
        (("foward", "--W=1 0; 0 1"), 'handcalc forward --W="1 0; 0 1"'),
        (("forward", "--liner", "--W=1"), "handcalc forward --linear --W=1"),
        (("loss", "--W=1,5 0; 0 1", "--b=0"), 'handcalc loss --W="1.5 0; 0 1" --b=0'),
        (("loss", "--W", "1,5 0; 0 1", "--linear"), 'handcalc loss --W="1.5 0; 0 1" --linear'),
        (("optimum", "--features=2"), "handcalc optimum --features=2 --sparsity=1/2"),
        (("show", "antipodl", "--x=1"), "handcalc show antipodal --x=1"),
        (
            ("exercise", "1", "--answer=1"),
            'handcalc exercise 1 --W="1 1; 0 2; 0 0" --b="0 1/2 0"',
        ),
        (("exercise", "1", "--b=1"), 'handcalc exercise 1 --W="1 1; 0 2; 0 0" --b=1'),
        (("exercise", "1", "--watch=a", "--json-"), "handcalc exercise 1 --watch=a --json"),
    ],
)
def test_suggestions_are_whole_commands(shell: Shell, typed: tuple[str, ...], tried: str) -> None:
    assert shell(*typed).err.splitlines()[-1] == f"Try: {tried}"


def test_an_answer_that_cannot_be_read_is_mended_as_a_command(shell: Shell) -> None:
    done = shell("exercise", "1", "--W=1 0 0; 0 1 0", "--student=ada")
    again = '   handcalc exercise 1 --student ada --W="1 0; 0 1; 0 0"'
    assert again in (done.out + done.err).splitlines()


def test_a_single_row_looks_cut_off(shell: Shell) -> None:
    done = shell("exercise", "1", "--W=[1,0]")
    said = flat(done.out + done.err)
    assert "One row of W arrived. If you typed more, they stood behind a ;" in said
    for each in ("bash, zsh, fish", "PowerShell", "cmd"):
        assert f"{each} " in said
    assert "behind a ; without quotes" in flat(shell("geometry", "--W=[1,0]").out)
