"""The Tab key: names of embeddings and exercises, in three shells, without heavy imports."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from handcalc.cli.names import exercise_names
from handcalc.cli.program import run
from handcalc.cli.report import CommandError, ReportedError
from tests.cli_runs import ROOT, outside, surroundings


def completions(
    words: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    """What the shell is offered after ``handcalc`` and these words."""
    monkeypatch.setenv("_HANDCALC_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"handcalc {words}")
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" "))))
    assert run([]) == 0
    return capsys.readouterr().out.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("ex", ["plain,exercise", "plain,exercises"]),
        ("show ", ["plain,antipodal", "plain,triangle", "plain,one-example"]),
        ("show anti", ["plain,antipodal"]),
        ("exercise ", ["plain,1", "plain,perfect-reconstruction"]),
        ("hint p", ["plain,perfect-reconstruction"]),
        ("solution 1", ["plain,1"]),
        ("forward --l", ["plain,--linear"]),
        ("exercise 1 --W - --no", ["plain,--no-state"]),
        ("exercise 1 --W @nowhere --no", ["plain,--no-state"]),
        ("exercise 1 --file ", ["file,"]),
        ("verify three", ["plain,three-in-two-half", "file,three"]),
        ("show antipodal --svg ", ["file,"]),
    ],
)
def test_what_is_offered(
    words: str,
    offered: list[str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert set(offered) <= set(completions(words, capsys, monkeypatch))


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys\nfrom handcalc.cli.program import run\nassert run([]) == 0\n"
        "print([name for name in ('sympy', 'numpy', 'flint', 'lark') if name in sys.modules])"
    )
    asked = {
        "_HANDCALC_COMPLETE": "bash_complete",
        "COMP_WORDS": "handcalc exercise ",
        "COMP_CWORD": "2",
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=surroundings(**asked),
        capture_output=True,
        text=True,
        check=True,
    )
    first, *others, heavy, _ = done.stdout.split("\n")
    assert (first, heavy) == ("plain,perfect-reconstruction", "[]")
    assert "plain,1" in others


def test_completion_is_silent_about_its_troubles(monkeypatch: pytest.MonkeyPatch) -> None:
    def shadowed() -> None:
        raise CommandError(ReportedError("shadowed", "Another package is in the way."))

    monkeypatch.setattr("handcalc.cli.names.require_our_exercises", shadowed)
    assert exercise_names(None, None, "") == []  # type: ignore[arg-type]  # neither is looked at


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is what is tried here")
def test_bash_itself(tmp_path: Path) -> None:
    program = tmp_path / "handcalc"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m handcalc "$@"\n')
    program.chmod(0o755)
    script = (
        'eval "$(_HANDCALC_COMPLETE=bash_source handcalc)"\n'
        "COMP_WORDS=(handcalc show tri); COMP_CWORD=2\n"
        '_handcalc_completion handcalc; echo "${COMPREPLY[@]}"\n'
    )
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607 - the bash that the person has
        env=surroundings(PATH=path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("triangle\n", "")


def test_an_unknown_shell() -> None:
    assert outside(env={"_HANDCALC_COMPLETE": "nonsense_source"}).returncode == 1
