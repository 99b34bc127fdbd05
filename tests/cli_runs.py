"""Ways to run the command line: inside this process, which is quick, or in one of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from handcalc.cli.program import run
from handcalc.processes.signals import STOPPING

ROOT = Path(__file__).resolve().parent.parent
MODULE = [sys.executable, "-m", "handcalc"]
_FULL = Path("/dev/full")


@dataclass(frozen=True, slots=True)
class Run:
    """What one command line did."""

    code: int
    out: str
    err: str

    def json(self) -> dict[str, Any]:
        """The one JSON object on standard output; nothing may stand beside it."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        assert self.err == ""
        return found


class Shell:
    """Runs command lines inside this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> Run:
        self._capsys.readouterr()
        code = run(arguments)
        return Run(code, *self._capsys.readouterr())


def surroundings(**more: str) -> dict[str, str]:
    """The environment of the tests, 80 columns wide, with the source tree on Python's path."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **more}


def outside(
    *arguments: str,
    env: Mapping[str, str] | None = None,
    given: bytes = b"",
    cwd: Path = ROOT,
    timeout: int = 300,
) -> subprocess.CompletedProcess[bytes]:
    """One run in a process of its own, in bytes."""
    return subprocess.run(
        [*MODULE, *arguments],
        cwd=cwd,
        env=surroundings(**(env or {})),
        input=given,
        capture_output=True,
        check=False,
        timeout=timeout,
    )


def onto_full_disk(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    """One run in a process of its own whose standard output is a full disk, as Linux has one."""
    if not _FULL.exists():
        pytest.skip(f"{_FULL} is Linux's full disk")
    with _FULL.open("wb") as full:
        return subprocess.run(
            [*MODULE, *arguments],
            env=surroundings(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )


@contextmanager
def interruptible(*arguments: str, **streams: int) -> Iterator[subprocess.Popen[bytes]]:
    """A run that hears signals even where the tests were told not to; it is over with the block."""
    process = subprocess.Popen(
        [*MODULE, *arguments],
        env=surroundings(TERM="xterm-256color"),
        preexec_fn=_hear_signals,  # noqa: PLW1509 - it sets a signal and takes no lock
        **streams,  # type: ignore[call-overload]  # mypy sees any option here
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def interrupted(process: subprocess.Popen[bytes]) -> tuple[bytes, bytes]:
    """What a run still says once Ctrl-C is heard: Python is deaf on its way into a wait."""
    for _ in range(30):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return process.communicate(timeout=10)
    raise AssertionError("Ctrl-C was not heard")


def _hear_signals() -> None:
    for number in STOPPING:
        signal.signal(number, signal.SIG_DFL)


def outside_together(
    commands: Sequence[tuple[Sequence[str], Mapping[str, str]]],
) -> list[subprocess.CompletedProcess[bytes]]:
    """Many runs at once, in the order given."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        waiting = [pool.submit(outside, *arguments, env=env) for arguments, env in commands]
        return [one.result() for one in waiting]
