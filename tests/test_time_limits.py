"""Tasks in processes that can be killed: whoever is late or dies is replaced, none is left."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable

import pytest

from handcalc.processes.time_limits import Died, TimedOut, within_time_limit

_LONG = 60.0  # seconds: nobody waits for them


def spin() -> None:
    while True:
        pass


ACTS: dict[str, Callable[[], object]] = {
    "sleep": lambda: time.sleep(600),
    "spin": spin,
    "kill": lambda: os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM)),
    "abort": os.abort,
    "leave": lambda: sys.exit(3),
    "pid": os.getpid,
}


def prepare(offset: int) -> Callable[[object], object]:
    """Here, and again in every process that is started."""
    return lambda task: ACTS[task]() if isinstance(task, str) else task + offset


def dies_at_once(_: object) -> Callable[[object], object]:
    os._exit(7)


def test_results_come_with_their_positions() -> None:
    for processes in (1, 3):
        found = within_time_limit(prepare, 10, range(20), seconds=_LONG, processes=processes)
        assert sorted(found) == [(i, i + 10) for i in range(20)]
    assert list(within_time_limit(prepare, 0, [], seconds=_LONG)) == []


def test_what_dies_takes_nothing_with_it(capfd: pytest.CaptureFixture[str]) -> None:
    tasks = [1, "kill", 2, "abort", "leave", 3]
    found = dict(within_time_limit(prepare, 0, tasks, seconds=_LONG, processes=2))
    assert [found[i] for i in (0, 2, 5)] == [1, 2, 3]
    assert all(isinstance(found[i], Died) for i in (1, 3, 4))
    if os.name == "posix":
        assert [found[i].exit_code for i in (1, 3)] == [-signal.SIGKILL, -signal.SIGABRT]
    assert found[4] == Died(3)
    assert "Traceback" not in capfd.readouterr().err


def test_what_is_late_is_ended() -> None:
    tasks = ["sleep", 1, "spin", 2]
    found = dict(within_time_limit(prepare, 0, tasks, seconds=3.0, processes=2))
    assert found == {0: TimedOut(), 1: 1, 2: TimedOut(), 3: 2}


def test_a_process_is_kept_for_the_next_task_and_gone_in_the_end() -> None:
    found = list(within_time_limit(prepare, 0, ["pid", "pid", "kill", "pid"], seconds=_LONG))
    (_, first), (_, second), _, (_, third) = found
    assert first == second != third
    begun = within_time_limit(prepare, 0, ["pid", "sleep"], seconds=_LONG)
    pids = [first, third, next(begun)[1]]
    begun.close()
    for pid in pids:
        with pytest.raises(OSError, match=r"No such process|parameter"):
            os.kill(pid, 0)


def test_where_no_process_starts_that_is_said() -> None:
    with pytest.raises(RuntimeError, match="No process starts here: exit code 7"):
        list(within_time_limit(dies_at_once, 0, [1], seconds=_LONG))


def test_a_time_limit_of_centuries_is_one() -> None:
    for seconds in (1e7, 1e10, 1e300):
        found = list(within_time_limit(prepare, 1, [1], seconds=seconds))
        assert found == [(0, 2)]
