"""Whatever is refused, what is to be typed instead is a whole command that takes nothing away."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Iterator, Sequence

import click
import pytest

import exercises
from handcalc.cli.program import program
from handcalc.cli.suggestions import destroys
from tests.cli_runs import ROOT, Shell

W = "--W=1 0; 0 1; 0 -1"
REFUSED: list[Sequence[str]] = [
    ["foward"],
    ["rest"],
    ["reset"],
    ["--nonsense"],
    ["forward"],
    ["forward", "--w=1"],
    ["forward", "--W"],
    ["forward", W, "--x=1", "1/4", "1/2"],
    ["forward", W, "--x=1,5"],
    ["forward", W, "--x=1 2"],
    ["forward", W, "surplus"],
    ["forward", "--W=1 0 0; 0 1 0", "--b=1 1 1"],
    ["forward", "--W={1", "0}"],
    ["geometry", W, "--b=1"],
    ["geometry", "--W=1 a"],
    ["loss", W, "--sparsity=2"],
    ["loss", W, "--distribution=correlated"],
    ["loss", W, "--distribution=corelated"],
    ["loss", W, "--distribution=correlated", "--sets=a b"],
    ["loss", W, "--sets=1 2"],
    ["show", "antipodl"],
    ["show", "best", "--x=1"],
    ["show", "relu", "--sparsity=1/2"],
    ["show", "--x=1"],
    ["code"],
    ["code", "relus"],
    ["optimum"],
    ["optimum", "--features=99"],
    ["phases", "--grid=3"],
    ["exercise", "99"],
    ["exercise", "best-bias"],
    ["exercise", "1", "--answer=1"],
    ["exercise", "1", "--b=1"],
    ["exercise", "7", W],
    ["exercise", "1", "--watch=a", "--W=1"],
    ["exercise", "1", "--W=1 0 0; 0 1 0"],
    ["exercise", "1", "--W=1", "0"],
    ["exercise", "7", "--answer=0,5"],
    ["hint", "1", "--level=99"],
    ["solution", "1", "--yess"],
    ["progress", "--export=a", "--import=b"],
    ["train", "by-han"],
    ["train", "by-hand", "--steps=3"],
    ["train", "--small"],
    ["compare", "nowhere"],
    ["figure", "by-han"],
    ["figure", "by-hand", "--out=a.gif"],
    ["runs", "--delet=x"],
    ["runs", "--delete=nowhere"],
    ["grade"],
    ["dev"],
    ["dev", "new"],
    ["dev", "new", "Two Arrows"],
    ["dev", "nwe"],
    ["sweep", "--features=3", "--hidden=2", "--sparsity=0", "--importance=;"],
    ["help", "los"],
]
LEADS = ("Try: ", "Type instead: ")


def suggested(text: str) -> Iterator[str]:
    """What is to be typed, behind its lead or on the line after the next."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        for lead in LEADS:
            if line.startswith(lead):
                yield line.removeprefix(lead)
            elif line == lead.strip() and i + 2 < len(lines):
                yield lines[i + 2].strip()


@pytest.mark.parametrize("arguments", REFUSED, ids=" ".join)
def test_what_is_suggested_is_a_whole_command(shell: Shell, arguments: Sequence[str]) -> None:
    done = shell(*arguments)
    assert done.code != 0
    for each in suggested(done.out + done.err):
        if each.startswith("pip "):
            continue
        assert each.startswith("handcalc"), each
        assert not destroys(each)
        check(shlex.split(each)[1:])


@pytest.mark.parametrize(
    ("typed", "again"),
    [
        (["--png", "z.png"], "--svg z.svg"),
        (["--png=z.png"], "--svg=z.svg"),
        (["--out", "x.svg"], "--svg x.svg"),
        (["--output=/"], "--svg=/.svg"),
        (["--out", "--linear"], "--svg --linear"),
    ],
)
def test_other_names_of_a_drawing(shell: Shell, typed: list[str], again: str) -> None:
    done = shell("forward", W, *typed)
    assert f'handcalc forward --W="1 0; 0 1; 0 -1" {again}\n' in done.err


def test_an_exercise_by_the_word_of_its_number(shell: Shell) -> None:
    done = shell("exercise", "one")
    assert "Try: handcalc exercise perfect-reconstruction" in done.err


@pytest.mark.parametrize("command", ["exercise", "hint", "solution"])
def test_a_position_below_one(shell: Shell, command: str) -> None:
    done = shell(command, "-1")
    assert done.code == 2
    last = len(exercises.load_all())
    assert f'There is no exercise "-1": positions go from 1 to {last}.' in done.err
    assert done.err.endswith("Try: handcalc exercises\n")


def test_what_is_given_is_not_suggested_again(shell: Shell) -> None:
    done = shell("forward", W, "--svg", "a.svg", "--png", "z.png")
    assert "Try: handcalc forward --help" in done.err


def check(words: Sequence[str]) -> None:
    """Each word is a command, an option of it, a value or an argument: click reads them all."""
    context: click.Context = program.make_context("handcalc", list(words), resilient_parsing=True)
    assert not words or words[0] in program.commands or words[0].startswith("--")
    command: click.Command = program
    rest = list(words)
    while isinstance(command, click.Group) and rest and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
    known = {name for each in command.params for name in each.opts}
    named = {word.partition("=")[0] for word in rest if word.startswith("--")}
    assert named <= known, (context.info_name, words)


def test_no_text_of_ours_suggests_to_take_something_away() -> None:
    texts = [
        keyword.value.value
        for package in ("handcalc", "exercises", "torchsim")
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "suggestion"
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    ]
    assert len(texts) > 10
    assert [text for text in texts if destroys(text)] == []
