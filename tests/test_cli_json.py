"""``--json``: exactly one object on standard output, on every path."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import time
from pathlib import Path

import pytest

import handcalc
from handcalc.cli.report import Report, envelope, wants_json
from tests.cli_runs import ROOT, Shell, interrupted, interruptible, outside

COMMON = ["schema", "command", "status", "error"]


@pytest.mark.parametrize(
    ("arguments", "code", "command", "status"),
    [
        ([], 0, "handcalc", "ok"),
        (["--help"], 0, "handcalc", "ok"),
        (["-h"], 0, "handcalc", "ok"),
        (["--version"], 0, "handcalc", "ok"),
        (["forward", "--help"], 0, "forward", "ok"),
        (["show"], 0, "show", "ok"),
        (["geometry", "--W=1"], 0, "geometry", "ok"),
        (["optimum", "--features=2", "--sparsity=0"], 0, "optimum", "ok"),
        (["optimum"], 2, "optimum", "error"),
        (["train"], 0, "train", "ok"),
        (["train", "nothing"], 2, "train", "error"),
        (["compare"], 2, "compare", "error"),
        (["figure"], 2, "figure", "error"),
        (["sweep"], 2, "sweep", "error"),
        (["exercises"], 0, "exercises", "ok"),
        (["exercise", "1"], 0, "exercise", "shown"),
        (["hint", "1"], 0, "hint", "ok"),
        (["solution", "1"], 0, "solution", "ok"),
        (["frobnicate"], 2, "handcalc", "error"),
        (["--nonsense"], 2, "handcalc", "error"),
        (["forward"], 2, "forward", "error"),
        (["forward", "--W"], 2, "forward", "error"),
        (["forward", "--W=@nowhere"], 2, "forward", "error"),
        (["forward", f"--W=@{ROOT}"], 2, "forward", "error"),
        (["forward", "--W=1 0; 0 oops"], 3, "forward", "unreadable"),
        (["show", "nothing"], 2, "show", "error"),
        (["exercise", "nothing"], 2, "exercise", "error"),
        (["exercise", "1", "--W=oops"], 3, "exercise", "unreadable"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_one_object_wherever_json_stands(
    shell: Shell, arguments: list[str], code: int, command: str, status: str
) -> None:
    places = {0, len(arguments)} if arguments[-1:] != ["--W"] else {0}
    for place in places:
        done = shell(*arguments[:place], "--json", *arguments[place:])
        found = done.json()
        assert done.code == code
        assert list(found)[:4] == COMMON
        assert (found["schema"], found["command"], found["status"]) == (1, command, status)
        assert (found["error"] is None) == (code == 0)
        assert done.out.isascii()
        assert "\x1b" not in done.out


def test_an_error_has_its_five_keys(shell: Shell) -> None:
    error = shell("forward", "--W=1 0; 0 oops", "--json").json()["error"]
    assert error["code"] == "unknown_name"
    assert (error["row"], error["column"]) == (1, 8)
    assert {"code", "message", "row", "column", "suggestion"} <= set(error)


def test_help_and_version_are_in_the_object(shell: Shell) -> None:
    assert shell("--version", "--json").json()["version"] == handcalc.__version__
    assert "Usage: handcalc forward" in shell("forward", "--help", "--json").json()["help"]


def test_a_fault_of_our_own(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("half of nothing")

    monkeypatch.setattr("handcalc.superposition.model.geometry._shares", fails)
    done = shell("geometry", "--W=1 0", "--json")
    assert done.code == 4
    error = done.json()["error"]
    assert error["code"] == "internal"
    assert "ZeroDivisionError: half of nothing" in error["message"]
    assert "geometry.py" in error["message"]
    said = shell("geometry", "--W=1 0")
    assert (said.code, said.out) == (4, "")
    assert "fault of handcalc" in said.err


def test_a_fault_while_the_object_is_made(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handcalc.views.json.geometry", lambda _: {"half": object()})
    done = shell("geometry", "--W=1 0", "--json")
    assert done.code == 4
    assert done.json()["error"]["code"] == "internal"


def test_an_interruption(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("handcalc.superposition.model.geometry._shares", interrupted)
    done = shell("geometry", "--W=1 0", "--json")
    assert done.code == 130
    assert done.json()["error"]["code"] == "interrupted"
    said = shell("geometry", "--W=1 0")
    assert (said.code, said.out, said.err) == (130, "", "\nInterrupted.\n")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a named pipe is what the run waits for")
def test_ctrl_c_from_outside(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    both = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with interruptible("forward", f"--W=@{pipe}", "--json", **both) as process:
        end = opened(pipe, process)
        out, err = interrupted(process)
        os.close(end)
    assert (process.returncode, err) == (130, b"")
    assert json.loads(out)["error"]["code"] == "interrupted"


def opened(pipe: Path, process: subprocess.Popen[bytes]) -> int:
    """Our end of a named pipe, once the program waits for text at the other."""
    for _ in range(600):
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:  # which is: nobody reads yet
                raise
        assert process.poll() is None, "the program ended before it read the pipe"
        time.sleep(0.1)
    pytest.fail("the program does not read the pipe")


def test_in_a_process_of_its_own() -> None:
    done = outside("--oops", "--json")
    assert (done.returncode, done.stderr) == (2, b"")
    assert json.loads(done.stdout)["error"]["code"] == "usage"


def test_the_common_keys_win() -> None:
    report = Report(lambda: {"schema": 7, "status": "no", "h": ["1"]}, lambda _: "", "ok")
    assert json.loads(envelope(report, "forward")) == {
        "schema": 1,
        "command": "forward",
        "status": "ok",
        "error": None,
        "h": ["1"],
    }


def test_what_asks_for_json() -> None:
    assert wants_json(["--json"])
    assert wants_json(["forward", "--", "--json"])
    assert wants_json(["--json=1"])
    assert not wants_json(["--jsonl", "json"])
