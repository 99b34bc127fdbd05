"""README keeps its word: its two commands, its transcripts, its Python examples.

``python -m tests.test_readme`` writes the transcripts anew, for a person to read over.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from packaging.requirements import Requirement

import handcalc
from tests.guarded import CONFIGURATION

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = "import sys; from handcalc.cli import main; sys.argv[0] = 'handcalc'; main()"


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced code block of README and the line on which it starts."""

    language: str
    body: str
    line: int


def blocks(text: str) -> list[Block]:
    return [
        Block(match["language"], match["body"], text.count("\n", 0, match.start()) + 1)
        for match in FENCE.finditer(text)
    ]


def transcript(body: str) -> list[tuple[str, str]]:
    """The commands of a console block, each with the output shown below it."""
    head, *turns = re.split(r"^\$ ", body, flags=re.MULTILINE)
    assert head == "", f"a transcript begins with a command, not with {head!r}"
    pairs = (turn.partition("\n") for turn in turns)
    return [(command, output) for command, _, output in pairs]


def answer(command: str, state: Path) -> str:
    """What ``handcalc …`` prints on 80 columns without colour, both streams together."""
    program, *arguments = shlex.split(command)
    assert program == "handcalc", f"only handcalc is run from transcripts, not {program!r}"
    surroundings = {"COLUMNS": "80", "NO_COLOR": "1", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        cwd=ROOT,
        env={**os.environ, **surroundings, "HANDCALC_STATE_DIR": str(state)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return done.stdout


def refreshed(text: str) -> str:
    """README with every transcript as the commands answer today."""

    def again(match: re.Match[str]) -> str:
        if match["language"] != "console":
            return match[0]
        with TemporaryDirectory() as state:
            commands = [command for command, _ in transcript(match["body"])]
            turns = [f"$ {one}\n{shown(answer(one, Path(state)))}" for one in commands]
        return "```console\n" + "\n".join(turns) + "```"

    return FENCE.sub(again, text)


def shown(output: str) -> str:
    return "".join(f"{line}\n" for line in tidy(output))


def tidy(text: str) -> list[str]:
    """Lines without trailing blanks, and no empty lines around them."""
    return [line.rstrip() for line in text.strip("\n").splitlines()]


BLOCKS = blocks(README)
CONSOLE = [block for block in BLOCKS if block.language == "console"]
PYTHON = [block for block in BLOCKS if block.language == "python"]


def test_the_first_two_blocks_are_one_command_each() -> None:
    first, second = (block.body for block in BLOCKS[:2])
    made = "python3 -m venv .venv && . .venv/bin/activate"
    assert first == f"{made} && python -m pip install . && handcalc exercise 1\n"
    assert second == 'python -m pip install ".[dev]" -c constraints.txt && python -m pytest\n'


def test_the_opening_says_what_this_is_and_what_it_is_not() -> None:
    opening = README.partition("```")[0]
    assert "toy model of superposition" in opening
    assert "handcalcs" in opening


def test_what_the_base_install_brings_is_what_it_requires() -> None:
    said = re.search(r"The base install brings ([^:]*):", README)
    assert said is not None
    named = re.split(r",\s+|\s+and\s+", said[1])
    required = [Requirement(text).name for text in CONFIGURATION["project"]["dependencies"]]
    assert sorted(named) == sorted(required)


def test_there_is_something_to_run_again() -> None:
    assert [pair for block in CONSOLE for pair in transcript(block.body)]


@pytest.mark.parametrize("block", CONSOLE, ids=lambda block: f"line-{block.line}")
def test_the_transcript_is_what_the_command_prints(block: Block, tmp_path: Path) -> None:
    for command, output in transcript(block.body):
        assert tidy(answer(command, tmp_path)) == tidy(output), command


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: f"line-{block.line}")
def test_the_python_example_is_right(block: Block) -> None:
    test = doctest.DocTestParser().get_doctest(block.body, {}, "README.md", None, block.line)
    assert test.examples
    assert doctest.DocTestRunner().run(test).failed == 0


def test_a_figure_needs_no_import_but_that_of_torchsim(tmp_path: Path) -> None:
    """What README writes in its lines, in the order of a notebook, in a fresh Python."""
    trained, drawn = (
        found
        for begin in (r"torchsim\.train\([^`]*small=True", r"torchsim\.figures\.draw\([^`]*run")
        for found in re.findall(rf"`({begin}\))`", README)
    )
    code = f"import torchsim; run = {trained}; print(type({drawn}).__name__)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "HANDCALC_STATE_DIR": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "ShownFigure\n"), done.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_completion_is_what_readme_says(shell: str) -> None:
    variable = f"_HANDCALC_COMPLETE={shell}_source"
    assert variable in README
    done = subprocess.run(
        [sys.executable, "-c", RUN],
        env={**os.environ, "_HANDCALC_COMPLETE": f"{shell}_source", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "_HANDCALC_COMPLETE" in done.stdout


def test_every_file_that_readme_points_to_is_there() -> None:
    linked = re.findall(r"\]\((?!#|https?:)([^)#]+)", README)
    assert [target for target in linked if not (ROOT / target).exists()] == []


def test_it_opens_with_pictures_that_say_what_the_command_draws(tmp_path: Path) -> None:
    opening = README.partition("**toy model")[0]
    command = re.search(r"`(handcalc show best --sparsity=)3/10 --svg best-dense.svg`", opening)
    assert command is not None
    for name, sparsity in (("best-dense", "3/10"), ("best-sparse", "9/10")):
        drawn = ROOT / "docs" / "figures" / f"{name}.svg"
        assert f"(docs/figures/{name}.svg)" in opening
        answer(f"{command[1]}{sparsity} --svg {tmp_path / 'drawn.svg'}", tmp_path)
        said = [
            re.search("<desc>.*</desc>", file.read_text(encoding="utf-8"))
            for file in (drawn, tmp_path / "drawn.svg")
        ]
        assert [found and found[0] for found in said] == [said[0] and said[0][0]] * 2


@pytest.mark.parametrize("shell", [name for name in ("bash", "sh") if shutil.which(name)])
def test_its_commands_can_be_pasted(shell: str, tmp_path: Path) -> None:
    for block in BLOCKS:
        if block.language == "sh":
            file = tmp_path / "pasted"
            file.write_text(block.body, encoding="utf-8")
            done = subprocess.run(
                [shell, "-n", str(file)], capture_output=True, text=True, check=False
            )
            assert (done.returncode, done.stderr) == (0, ""), block.body


def test_a_changed_transcript_would_be_noticed(tmp_path: Path) -> None:
    assert transcript("$ handcalc --version\nhandcalc 0.0.0\n") == [
        ("handcalc --version", "handcalc 0.0.0\n")
    ]
    assert tidy(answer("handcalc --version", tmp_path)) == [f"handcalc {handcalc.__version__}"]


if __name__ == "__main__":
    (ROOT / "README.md").write_text(refreshed(README), encoding="utf-8")
