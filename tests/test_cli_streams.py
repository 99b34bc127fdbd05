"""Pipes, narrow encodings, dumb terminals, closed streams: nothing raises, nothing is lost."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from handcalc.cli.terminal import Terminal
from tests.cli_runs import MODULE, Shell, onto_full_disk, outside, outside_together, surroundings

SHOW = ["show", "antipodal"]
FORWARD = ["forward", "--W=1 0; 0 √2; 0 −½"]
GRADED = ["exercise", "1", "--W=1 0; 0 1; 0 -1", "--no-state"]
UNREADABLE = ["forward", "--W=√2 ★ 3!"]
HELP = ["forward", "--help"]
COMMANDS = [SHOW, FORWARD, GRADED, UNREADABLE, HELP]
CODES = [0, 0, 1, 3, 0]
NARROW = ["ascii", "cp1252"]

Runs = dict[str, list[subprocess.CompletedProcess[bytes]]]


@pytest.fixture(scope="module")
def runs() -> Runs:
    """Every command into a pipe, in every encoding, all at once."""
    encodings = [*NARROW, "utf-8"]
    results = outside_together(
        [(c, {"PYTHONIOENCODING": name}) for name in encodings for c in COMMANDS]
    )
    size = len(COMMANDS)
    return {name: results[k * size : (k + 1) * size] for k, name in enumerate(encodings)}


@pytest.mark.parametrize("encoding", NARROW)
def test_narrow_encodings(runs: Runs, encoding: str) -> None:
    assert [done.returncode for done in runs[encoding]] == CODES
    texts = [(done.stdout + done.stderr).decode(encoding) for done in runs[encoding]]
    show, forward, graded, unreadable, page = texts
    assert "x2 - x3" in show
    assert "xhat" in show
    assert "sqrt(2)" in forward
    assert "x2 >= " in forward
    assert "Exercise 1" in graded
    assert "sqrt2 <U+2605> 3!" in unreadable
    assert "Usage: handcalc forward" in page
    questions = [(done.stdout + done.stderr).count(b"?") for done in runs["utf-8"]]
    assert [text.count("?") for text in texts] == questions  # "?" is what a loss would look like


@pytest.mark.parametrize("encoding", NARROW)
def test_the_caret_stays_below_its_character(runs: Runs, encoding: str) -> None:
    lines = runs[encoding][3].stderr.decode(encoding).splitlines()
    at = next(k for k, line in enumerate(lines) if line.strip() == "^")
    assert lines[at - 1].strip() == "sqrt2 <U+2605> 3!"
    assert lines[at - 1][lines[at].index("^")] == "<"


def test_a_pipe_gets_symbols_and_no_colour(runs: Runs) -> None:
    assert [done.returncode for done in runs["utf-8"]] == CODES
    assert "x̂₂" in runs["utf-8"][0].stdout.decode()
    assert all(b"\x1b" not in done.stdout + done.stderr for done in runs["utf-8"])


@pytest.mark.parametrize("encoding", [*NARROW, "utf-8"])
def test_eighty_columns(runs: Runs, encoding: str) -> None:
    for done in runs[encoding]:
        lines = (done.stdout + done.stderr).decode(encoding).splitlines()
        assert [line for line in lines if cell_len(line) > 80] == []


def on_a_terminal(*arguments: str, **env: str) -> bytes:
    """What a run shows on a terminal of its own."""
    pty = pytest.importorskip("pty", reason="Windows has no such terminals")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*MODULE, *arguments], env=surroundings(**env), stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    said = b""
    with suppress(OSError):  # Linux's way to say that the other end is closed
        while more := os.read(ours, 4096):
            said += more
    os.close(ours)
    assert process.wait(60) == 0
    return said


def test_colours_on_a_terminal_and_none_where_they_are_not_wanted() -> None:
    colour = re.compile(rb"\x1b\[[\d;]*\b(3[0-8]|9[0-7])\b")
    assert colour.search(on_a_terminal("show", "relu", TERM="xterm-256color"))
    plain = on_a_terminal("show", "relu", TERM="xterm-256color", NO_COLOR="1")
    assert not colour.search(plain)
    assert "x̂₂".encode() in plain
    assert b"\x1b" not in on_a_terminal("show", "relu", TERM="dumb")
    assert b"\x1b" not in on_a_terminal("show", "--json", TERM="xterm-256color", FORCE_COLOR="1")


def early_closed(arguments: Sequence[str]) -> tuple[int, bytes]:
    """The exit code and the complaints of a run whose reader goes away after one byte."""
    process = subprocess.Popen(
        [*MODULE, *arguments],
        env=surroundings(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    complaints = process.stderr.read()
    process.stderr.close()
    return process.wait(60), complaints


@pytest.mark.parametrize(
    ("arguments", "code"), [(SHOW, 0), ([*SHOW, "--json"], 0), (GRADED, 1), (["--help"], 0)]
)
def test_a_reader_who_goes_away(arguments: list[str], code: int) -> None:
    assert early_closed(arguments) == (code, b"")


@pytest.mark.parametrize("arguments", [["--version"], ["--version", "--json"]])
def test_a_full_disk_is_a_failure(arguments: list[str]) -> None:
    done = onto_full_disk(*arguments)
    assert done.returncode == 2
    assert b"Standard output cannot be written" in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="streams are closed here with a POSIX shell")
@pytest.mark.parametrize(
    ("arguments", "closed", "code"),
    [
        ("exercise 1", "<&-", 0),
        ("--version", ">&-", 0),
        ("forward", "2>&-", 2),
        ("show", ">&- 2>&- <&-", 0),
    ],
)
def test_closed_streams(arguments: str, closed: str, code: int) -> None:
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -m handcalc {arguments} {closed}"],  # noqa: S607 - any POSIX shell
        env=surroundings(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == code
    assert b"Traceback" not in done.stderr


def test_standard_input_is_read_to_its_end() -> None:
    done = outside("geometry", "--W", "-", given="1 0\r\n0 √2\r\n".encode())
    assert done.returncode == 0
    assert "√2" in done.stdout.decode()
    done = outside("geometry", "--W=-", given=b"1 " * 300_000)
    assert (done.returncode, b"500,000 characters, not 600,000" in done.stderr) == (3, True)


def test_a_terminal_obeys_no_text_of_others(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "a\x1b[31mb\u202ec\x9b2J"
    shown = r"a\x1b[31mb\u202ec\x9b2J"
    table = Table(hostile)
    table.add_row(Text(hostile, "bold"))
    pages = (hostile, Text(hostile), Text.assemble(("x", "red"), hostile), Group(table, hostile))
    for page in pages:
        for way in (Terminal().show, Terminal().complain):
            way(page)
            said = "".join(capsys.readouterr())
            assert shown in said
            assert all(character.isprintable() or character == "\n" for character in said)


def test_a_course_with_a_hostile_name_is_named_harmlessly(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    folder = tmp_path / "o\x1b[31mx\u202e"
    shutil.copytree(Path(__file__).parent / "data" / "course", folder)
    for command in (
        ("exercises",),
        ("exercise", "1"),
        ("hint", "1"),
        ("exercise", "1", "--W=1; 0"),
    ):
        done = Shell(capsys)(*command, f"--course={folder}", "--no-state")
        assert r"o\x1b[31mx\u202e" in "".join((done.out + done.err).split())
        assert all(c.isprintable() or c == "\n" for c in done.out + done.err)
