"""A command to be copied stands on one line, however long it is: a line end would make it two."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

import exercises
from handcalc.cli.program import program
from handcalc.errors import InputError
from tests.cli_runs import Shell
from tests.practice_runs import COURSE, RIGHT, WRONG, typing
from torchsim.storage import load_spec

LONG = {"one word": "l" * 120, "with blanks": "a folder with a name " * 6 + "'n' $x"}
SWEEP = ("sweep", "--features=2", "--hidden=1", "--sparsity=1/2", "--restarts=1", "--device=cpu")


@pytest.fixture(params=LONG.values(), ids=LONG)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A folder that is not there yet, with a name that is longer than a line."""
    return str(tmp_path / request.param)


@pytest.fixture
def course(folder: str) -> str:
    shutil.copytree(COURSE, folder)
    return folder


def check(text: str, folder: str, least: int = 1) -> None:
    """Each command stands on its line up to its end, and names the folder as a shell takes it."""
    lines = [line for line in text.splitlines() if "handcalc " in line]
    assert len(lines) >= least, text
    for line in lines:
        words = shlex.split(line[line.index("handcalc ") :])
        assert any(word.endswith(folder) for word in words), text


def test_about_a_run(shell: Shell, folder: str) -> None:
    done = shell(*SWEEP, f"--out={folder}", "--no-state")
    check(done.out, folder, least=2)
    (where,) = (line for line in done.out.splitlines() if line.startswith("The run is in "))
    assert shlex.split(where)[-1] == folder
    check(shell("figure", f"--run={folder}", "--dark").err, folder)
    check(shell("figure", "by-hand", f"--run={folder}").err, folder)
    check(shell("figure", folder, "--run=sweep").err, folder)


PAGES: dict[str, Sequence[str]] = {
    "exercise": ("exercise", "1"),
    "wrong": ("exercise", "1", *WRONG["two-in-one"]),
    "right": ("exercise", "1", *RIGHT["two-in-one"]),
    "next": ("next",),
    "hint": ("hint", "1"),
    "another hint": ("hint", "1", "--level=2"),
    "list": ("exercises",),
    "progress": ("progress",),
    "reset": ("reset",),
}


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_about_a_course(shell: Shell, course: str, page: Sequence[str]) -> None:
    done = shell(*page, f"--course={course}")
    check(done.out + done.err, course)


def test_at_the_end_of_a_course(shell: Shell, course: str) -> None:
    for name, answer in RIGHT.items():
        assert shell("exercise", name, *answer, f"--course={course}").code == 0
    check(shell("next", f"--course={course}").out, course)


def test_at_the_prompt(shell: Shell, course: str, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch).append("h")
    out = shell("exercise", "1", f"--course={course}").out
    check(out, course, least=1)
    assert "No answer, nothing changed. Come back with: handcalc exercise 1 --course" in out


def test_for_authors(shell: Shell, folder: str) -> None:
    Path(folder).mkdir()
    check(shell("dev", "check", folder).out, folder)
    check(shell("dev", "new", "two-arrows", f"--dir={folder}").out, folder)
    (Path(folder) / "manifest.toml").write_text("exercises = 1")
    check(shell("exercises", f"--course={folder}").err, folder)


def test_where_an_exercise_is_printed(course: str) -> None:
    exercise = exercises.load(1, course)
    check(str(exercise), course, least=2)
    check(str(exercises.grade(exercise, "1; 0")), course)


def test_names_with_blanks_are_one_word(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for typed, tried in (
        (("show", "best", "--svg=a b.svg"), 'handcalc show best --sparsity=1/2 --svg="a b.svg"'),
        (("figure", "by-hand", "--out=a b.gif"), '--out="a b.png"'),
        (("figure", "--out=a b.png"), 'handcalc figure by-hand --out="a b.png"'),
        (("exercise", "1", "--watch=a b"), '--file="a b" --json'),
    ):
        assert shell(*typed, "--json").json()["error"]["suggestion"] == tried
    with pytest.raises(InputError, match="There is no run") as refused:
        load_spec(Path("a b"))
    assert refused.value.suggestion == 'handcalc train by-hand --out="a b"'


def test_an_answer_that_is_to_be_typed_instead() -> None:
    exercise = exercises.load(1)
    seventh = "1" * 30 + "/7"
    turned = exercises.grade(exercise, [[seventh] * 3, ["0", "1", "0"]])
    assert turned.error is not None
    assert turned.error.suggestion is not None
    assert len(turned.error.suggestion) > 80
    assert f"   {turned.error.suggestion}" in str(turned).splitlines()


def test_a_suggestion_of_several_lines(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "answer.txt"
    file.write_text("Ada", encoding="utf-8")
    said = shell("exercise", "1", f"--file={file}").err.splitlines()
    assert said[-4:] == ["Type instead:", "", "  W = 1 1; 0 2; 0 0", "  b = 0 0 0"]


@pytest.mark.parametrize("width", ["40", "80"])
def test_the_example_of_every_help_page(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, width: str
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for name, command in program.commands.items():
        example = str(command.epilog).removeprefix("Example: ") if command.epilog else ""
        lines = [line.rstrip() for line in shell(name, "--help").out.splitlines()]
        assert any(line.endswith(example) for line in lines), name
        assert example in shell(name, "--help", "--json").json()["help"]


def test_a_command_in_a_statement(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = shell("exercise", "22").out.splitlines()
    assert '   handcalc loss --W="1 0; 0 1; 1 1; 2 0" --sparsity=3/4 \\' in lines
    assert '   --distribution=correlated --sets="1 2; 3 4"' in lines
