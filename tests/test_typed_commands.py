"""Commands that were really typed, with what must and must not come out: tests/data/typed.jsonl.

Each in a folder of its own; those of kind ``pty`` at a real terminal, and those that need an
environment of their own, or what an earlier command left, in a process of their own.
tests/test_typed_cases.py reads the texts of the same table, and counts all.
"""

from __future__ import annotations

import io
import json
import os
import re
import select
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli_runs import MODULE, Shell, outside, surroundings
from tests.test_typed_cases import CASES

COMMANDS = [case for case in CASES if case["kind"] == "cli"]
AT_A_TERMINAL = [case for case in COMMANDS if case.get("pty")]
TWICE = [case for case in COMMANDS if "args2" in case]
ONCE = [case for case in COMMANDS if case not in AT_A_TERMINAL and case not in TWICE]
OUTSIDE = [case for case in ONCE if "env" in case or "before" in case]
INSIDE = [case for case in ONCE if case not in OUTSIDE]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, ...], Path]:
    """The state folders that the commands in ``before`` leave, each command run once."""
    found = {}
    for command in {tuple(case["before"]) for case in OUTSIDE if "before" in case}:
        state = tmp_path_factory.mktemp("state")
        done = outside(*command, env={"HANDCALC_STATE_DIR": str(state)})
        assert done.returncode == 0, done.stderr
        found[command] = state
    return found


def written(files: Mapping[str, Any], folder: Path) -> None:
    """Put the files of a case in a folder: text, text to be repeated, or bytes as "…#hex"."""
    for name, content in files.items():
        if isinstance(content, list):
            ((text, times),) = (entry["repeat"] for entry in content)
            (folder / name).write_text(text * times, encoding="utf-8")
        elif content.endswith("#hex"):
            (folder / name).write_bytes(bytes.fromhex(content.removesuffix("#hex")))
        else:
            (folder / name).write_text(content, encoding="utf-8")


def faults(expected: Mapping[str, Any], code: int, out: str, err: str) -> list[str]:
    """Each expectation of a case that an exit status and what was written do not meet.

    A refusal is said on standard error; all else is to stand in the output itself.
    """
    out = out if code == 0 else out + err
    met = {
        "exit": lambda codes: code in codes,
        "stdout_has": lambda text: text in out,
        "stdout_has_any": lambda texts: any(text in out for text in texts),
        "stdout_re": lambda pattern: re.search(pattern, out),
        "stdout_lacks": lambda text: text not in out,
        "stderr_lacks": lambda text: text not in err,
    }
    found = [f"{key}: {asked}" for key, asked in expected.items() if not met[key](asked)]
    return found + ["a traceback"] * ("Traceback" in out + err)


@pytest.mark.slow
@pytest.mark.parametrize("case", OUTSIDE, ids=lambda case: case["id"])
def test_a_typed_command_does_what_was_meant(
    case: dict[str, Any], tmp_path: Path, trained: Mapping[tuple[str, ...], Path]
) -> None:
    written(case.get("files", {}), tmp_path)
    env = dict(case.get("env", {}))
    if "before" in case:
        env["HANDCALC_STATE_DIR"] = str(trained[tuple(case["before"])])
    done = outside(*case["args"], env=env, given=case["input"].encode(), cwd=tmp_path)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert faults(case["expect"], done.returncode, out, err) == [], out + err
    if "--out" in case["args"]:
        assert (tmp_path / case["args"][-1]).stat().st_size > 1000


@pytest.mark.parametrize("case", INSIDE, ids=lambda case: case["id"])
def test_a_typed_command_does_what_was_meant_in_this_process(
    case: dict[str, Any], tmp_path: Path, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(case.get("files", {}), tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(case["input"].encode())))
    done = shell(*case["args"])
    assert faults(case["expect"], done.code, done.out, done.err) == [], done.out + done.err


def test_an_expectation_that_is_not_met_is_found() -> None:
    expected = {"exit": [0], "stdout_has": "b", "stdout_re": "^c", "stdout_lacks": "a"}
    assert faults(expected, 1, "a", "") == [f"{key}: {text}" for key, text in expected.items()]
    assert faults({"exit": [0]}, 0, "", "Traceback (most recent call last)") == ["a traceback"]


@pytest.mark.slow
@pytest.mark.parametrize("case", TWICE, ids=lambda case: case["id"])
def test_one_name_however_it_is_typed_draws_one_variant(case: dict[str, Any]) -> None:
    assert case["args"] != case["args2"]
    first, second = (outside(*case[key]) for key in ("args", "args2"))
    assert first.returncode == second.returncode == 0
    assert json.loads(first.stdout)["variant"] == json.loads(second.stdout)["variant"]


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminals")
@pytest.mark.parametrize("case", AT_A_TERMINAL, ids=lambda case: case["id"])
def test_nothing_is_graded_before_b_was_asked_for_by_itself(case: dict[str, Any]) -> None:
    ours, theirs = os.openpty()
    env = surroundings(TERM="dumb")
    with subprocess.Popen(
        [*MODULE, *case["args"]], stdin=theirs, stdout=theirs, stderr=theirs, env=env
    ) as process:
        os.close(theirs)
        try:
            shown = shown_until(ours, "W (3 rows of 2")
            os.write(ours, case["input"].encode())
            shown = shown_until(ours, "b (3 numbers")
            assert "What came out" not in shown
            os.write(ours, b"\n")  # at the prompt of b: zeros
            assert "You gave no b" in shown_until(ours, "What came out")
        finally:
            process.kill()
            os.close(ours)


def shown_until(terminal: int, text: str) -> str:
    """What the terminal shows, up to where ``text`` has come; a minute of silence is a failure."""
    shown = ""
    while text not in shown:
        ready, _, _ = select.select([terminal], [], [], 60)
        assert ready, f"{text!r} did not come: {shown}"
        shown += os.read(terminal, 4096).decode(errors="replace")
    return shown
