"""Every page at 40, 80 and 300 columns: no word is broken, and prose stays narrow."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from handcalc.cli.program import program
from handcalc.views.layout import READABLE
from tests.cli_runs import Shell

W = "--W=1 0; 0 1; 0 -1"
PAGES: list[Sequence[str]] = [
    [],
    ["show"],
    ["show", "antipodal"],
    ["show", "best"],
    ["show", "best", "--sparsity=1/2"],
    ["forward", W],
    ["forward", W, "--x=1 1/4 1/2"],
    ["geometry", W],
    ["loss", W],
    ["loss", W, "--sparsity=9/10"],
    ["code", "triangle"],
    ["exercises"],
    ["next"],
    ["exercise", "1"],
    ["exercise", "10"],
    ["exercise", "13"],
    ["exercise", "1", W],
    ["exercise", "1", W, "--steps"],
    ["exercise", "1", "--W=1 0; 0 1; 0 0", "--b=0 0 1/4"],
    ["exercise", "1", "--W=1 a"],
    ["hint", "1", "--level=1"],
    ["solution", "1"],
    ["progress"],
    ["train"],
    ["version"],
    # refusals
    ["foward"],
    ["forward"],
    ["exercise", "99"],
    ["exercise", "1", "--W=1", "0"],
    ["exercise", "1", "--W=[1,0]"],
    ["loss", W, "--oops"],
    ["loss", W, "--sparsity=2"],
    ["show", "nope"],
    ["reset"],
    ["train", "nope"],
]
HELP = [
    ["--help"],
    *([name, "--help"] for name in program.commands),
    ["dev", "new", "--help"],
    ["dev", "check", "--help"],
]
FRAME = re.compile(r"[\s│╭╮╰╯─|]+")


def page(shell: Shell, arguments: Sequence[str]) -> str:
    done = shell(*arguments)
    assert "fault of handcalc" not in done.err
    return done.out + done.err


def words(text: str) -> list[str]:
    return [word.strip("[]") for word in FRAME.split(text) if word.strip("[]")]


def broken(narrow: str, wide: str) -> list[tuple[str, str]]:
    """Words that are cut in two, the first part at a line's end: together they stand in ``wide``.

    >>> broken("a feat\\nure here", "a feature here")
    [('feat', 'ure')]
    """
    known = set(words(wide))
    found = words(narrow)
    return [
        (first, second)
        for first, second in pairwise(found)
        if first + second in known and first not in known
    ]


@pytest.mark.parametrize("width", ["40", "80"])
@pytest.mark.parametrize("arguments", PAGES + HELP, ids=" ".join)
def test_no_word_is_broken(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str], width: str
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    wide = page(shell, arguments)
    monkeypatch.setenv("COLUMNS", width)
    narrow = page(shell, arguments)
    assert broken(narrow, wide) == []
    if arguments in HELP and width == "80":  # in columns, the pieces of a word are apart
        assert [word for word in words(narrow) if word not in set(words(wide))] == []


@pytest.mark.parametrize("arguments", PAGES + HELP, ids=" ".join)
def test_prose_stays_narrow_enough_to_read(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, arguments: Sequence[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    wide = page(shell, arguments)
    long = [line for line in wide.splitlines() if len(line) > READABLE]
    prose = [line for line in long if "handcalc " not in line and re.search("[a-z]{3}", line)]
    assert prose == []


def test_at_40_columns_lines_fit_but_for_commands(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    for arguments in PAGES:
        if arguments[:1] == ["code"]:
            continue  # a program, to be copied
        for line in page(shell, arguments).splitlines():
            assert len(line) <= 40 or re.search(r"handcalc |--W=", line), (arguments, line)


def test_a_path_stays_whole_to_be_copied(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    file = tmp_path / "a-name-that-is-longer-than-a-line-of-forty.svg"
    assert str(file) in shell("show", "triangle", f"--svg={file}").out
    assert (
        f"{file.parent}/none/a.svg"
        in shell("show", "triangle", f"--svg={file.parent}/none/a.svg").err
    )
    assert str(os.environ["HANDCALC_STATE_DIR"]) in shell("runs").out
