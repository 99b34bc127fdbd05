"""Work shared out: everything is handed over once, and a process that dies loses its task alone."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import active_children, get_context
from pathlib import Path
from typing import Any

import pytest

from handcalc.errors import InputError
from handcalc.processes import jobs, time_limits
from handcalc.processes.jobs import AT_ONCE, ProcessDiedError, Processes, work_through

KILL = getattr(signal, "SIGKILL", signal.SIGTERM)
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")


def squared(task: int) -> int:
    """A negative task kills the process that works on it."""
    if task < 0:
        os.kill(os.getpid(), KILL)
    return task * task


def killed_once(path: str) -> str:
    """The first process that comes to this file dies; the next one does the task."""
    if not Path(path).exists():
        Path(path).touch()
        os.kill(os.getpid(), KILL)
    return path


def refused_at_three(task: int) -> int:
    if task == 3:
        raise InputError("three", "Not three.", suggestion="4")
    return task


class UnfitError(Exception):
    """One that cannot be read back where it goes."""

    def __init__(self, first: int, second: int) -> None:
        super().__init__(f"{first} and {second}")


def acts(task: str) -> object:
    """What a process may do beside its work."""
    if task == "unfit":
        raise UnfitError(1, 2)
    if task == "leave":
        raise SystemExit(3)
    if task == "lambda":
        return lambda: None
    if task == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if task == "exit":
        os._exit(3)
    return os.getpid()


@pytest.fixture(autouse=True)
def no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_GRACE", 0)


def shared_out(
    function: Callable[[Any], Any], tasks: Any, executor: Executor | None
) -> tuple[list[Any], list[Any]]:
    """What was handed over, and what was lost, each as it came."""
    done: list[Any] = []
    lost: list[Any] = []
    work_through(
        function,
        tasks,
        lambda task, result: done.append((task, result)),
        executor,
        lambda task, why: lost.append((task, why)),
    )
    return done, lost


# -- everything comes once ------------------------------------------------------------------------


@pytest.mark.parametrize("made", [ThreadPoolExecutor, Processes, lambda _: None])
def test_every_task_is_handed_over_once(made: Callable[[int], Executor | None]) -> None:
    executor = made(2)
    done, lost = shared_out(squared, iter(range(50)), executor)
    assert sorted(done) == [(task, task**2) for task in range(50)]
    assert lost == []
    if executor is not None:
        executor.shutdown()


class Counted(Executor):
    """One that does a task when more are asked for, and remembers how many it had at most."""

    def __init__(self) -> None:
        self.given: list[tuple[Future[Any], Callable[..., Any], Any]] = []
        self.most = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **_: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.given.append((future, fn, args))
        self.most = max(self.most, len(self.given))
        if len(self.given) == AT_ONCE:
            while self.given:
                waiting, function, given = self.given.pop()
                waiting.set_result(function(*given))
        return future


def test_others_have_a_bounded_number_of_tasks() -> None:
    executor = Counted()
    taken = 0

    def tasks() -> Iterator[int]:
        nonlocal taken
        for taken in range(1, 3 * AT_ONCE + 1):
            assert len(executor.given) < AT_ONCE
            yield taken

    done, _ = shared_out(squared, tasks(), executor)
    assert sorted(done) == [(task, task**2) for task in range(1, 3 * AT_ONCE + 1)]
    assert executor.most == AT_ONCE


def test_processes_have_a_task_each() -> None:
    taken: list[int] = []
    done: list[int] = []

    def tasks() -> Iterator[int]:
        for task in range(9):
            assert len(taken) - len(done) < 2
            taken.append(task)
            yield task

    with Processes(2) as executor:
        work_through(squared, tasks(), lambda task, _: done.append(task), executor)
    assert sorted(done) == taken == list(range(9))


# -- processes that die ---------------------------------------------------------------------------


@POSIX
def test_a_task_that_kills_its_process_is_lost_alone() -> None:
    tasks = [*range(1, 11), -7, *range(11, 21)]
    with Processes(2) as executor:
        done, lost = shared_out(squared, tasks, executor)
        assert sorted(done) == [(task, task**2) for task in range(1, 21)]
        assert lost == [(-7, "Its process was ended by SIGKILL, perhaps for lack of memory.")]
        assert executor.submit(squared, 3).result() == 9


@POSIX
def test_a_task_whose_process_died_by_chance_is_done_again(tmp_path: Path) -> None:
    paths = [str(tmp_path / str(at)) for at in range(6)]
    with Processes(2) as executor:
        done, lost = shared_out(killed_once, paths, executor)
    assert Counter(done) == Counter((path, path) for path in paths)
    assert lost == []


@POSIX
def test_only_deadly_tasks_are_all_lost() -> None:
    with Processes(3) as executor:
        done, lost = shared_out(squared, range(-1, -8, -1), executor)
    assert done == []
    assert sorted(task for task, _ in lost) == list(range(-7, 0))


@POSIX
def test_without_a_place_for_lost_tasks_that_is_an_error() -> None:
    done: list[int] = []
    said = "leave the process that works on it alive, and one did not: Its process was ended by SIG"
    with Processes(2) as executor, pytest.raises(InputError, match=said) as caught:
        work_through(squared, [1, 2, -1, 3], lambda task, _: done.append(task), executor)
    assert caught.value.code == "process_died"
    assert sorted(done) == [1, 2, 3]


@POSIX
def test_how_a_process_died_is_said() -> None:
    with Processes(1) as executor:
        for act, said in (("segfault", "ended by SIGSEGV.$"), ("exit", "left with exit code 3.$")):
            with pytest.raises(ProcessDiedError, match=said):
                executor.submit(acts, act).result()


@POSIX
def test_a_process_that_dies_while_it_waits_costs_nothing() -> None:
    with Processes(1) as executor:
        first = executor.submit(acts, "pid").result()
        os.kill(first, KILL)
        done, lost = shared_out(squared, range(5), executor)
    assert (sorted(done), lost) == ([(task, task**2) for task in range(5)], [])


def test_a_task_may_take_longer_than_the_longest_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limits, "_LONGEST_WAIT", 0.01)
    with Processes(1) as executor:
        assert executor.submit(time.sleep, 0.2).result() is None


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [ThreadPoolExecutor, Processes])
def test_an_error_of_a_task_goes_up_and_what_was_begun_is_handed_over(
    made: Callable[[int], Executor],
) -> None:
    done: list[int] = []
    with made(2) as executor, pytest.raises(InputError, match=r"Not three\.") as caught:
        work_through(refused_at_three, range(9), lambda task, _: done.append(task), executor)
    assert (caught.value.code, caught.value.suggestion) == ("three", "4")
    assert {0, 1, 2} <= set(done)
    assert len(done) == len(set(done))
    assert 3 not in done


def test_an_error_tells_where_it_was_raised() -> None:
    with Processes(1) as executor:
        with pytest.raises(InputError, match="three") as caught:
            executor.submit(refused_at_three, 3).result()
        assert "in refused_at_three" in str(caught.value.__cause__)
        with pytest.raises(RuntimeError, match="UnfitError: 1 and 2"):
            executor.submit(acts, "unfit").result()
        with pytest.raises(SystemExit, match="3"):
            executor.submit(acts, "leave").result()
        with pytest.raises(Exception, match="pickle"):
            executor.submit(acts, "lambda").result()
        with pytest.raises(Exception, match="pickle"):
            executor.submit(acts, lambda: None).result()
        first = executor.submit(acts, "pid").result()
        assert executor.submit(acts, "pid").result() == first  # nothing of that ended it


def test_what_hands_over_may_fail_and_is_not_asked_again() -> None:
    asked: list[int] = []

    def on_done(task: int, _: int) -> None:
        asked.append(task)
        raise OSError("the disk is full")

    with ThreadPoolExecutor(2) as executor, pytest.raises(OSError, match="the disk is full"):
        work_through(squared, range(9), on_done, executor)
    assert len(asked) == 1


def test_ctrl_c_waits_for_what_is_begun() -> None:
    done: list[int] = []

    def on_done(task: int, _: int) -> None:
        done.append(task)
        if len(done) == 3:
            raise KeyboardInterrupt("^C")

    with Processes(2) as executor, pytest.raises(KeyboardInterrupt, match="C"):
        work_through(squared, range(100), on_done, executor)
    assert set(done) in ({0, 1, 2, 3}, {0, 1, 2})


# -- somebody else's executor ---------------------------------------------------------------------


@POSIX
def test_work_that_is_given_up_ends_at_once_and_leaves_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def given_up(processes: Processes, patience: float) -> list[Future[None]]:
        waiting: list[Future[None]] = []
        with suppress(KeyboardInterrupt), processes:
            waiting += [processes.submit(time.sleep, 60) for _ in range(3)]
            time.sleep(patience)
            raise KeyboardInterrupt
        return waiting

    for patience in (0.0, 0.3, 1.0, 2.5, 2.5, 2.5):  # as they start, and at their tasks
        processes = Processes(2)
        waiting = given_up(processes, patience)
        assert len(waiting) == 3
        assert all(isinstance(each.exception(), ProcessDiedError) for each in waiting)
        assert not active_children()
        processes.shutdown()  # again, which does no harm
    assert capfd.readouterr() == ("", "")


def test_somebody_elses_executor_that_breaks_is_said() -> None:
    done: list[int] = []
    said = r"must do all tasks that it takes, and it broke on the way \(.*\); what was done before"
    pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
    with pool as executor, pytest.raises(InputError, match=said) as caught:
        work_through(squared, [1, 2, -1, 3], lambda task, _: done.append(task), executor)
    assert caught.value.code == "broken_executor"
    assert isinstance(caught.value.__cause__, BrokenProcessPool)
    assert done == [1, 2]


class Refusing(ThreadPoolExecutor):
    """One that breaks after a while: nothing more is taken, or all it has is given up."""

    def __init__(self, takes: int, gives_up: bool) -> None:
        super().__init__(1)
        self.takes, self.gives_up = takes, gives_up

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        self.takes -= 1
        if self.takes >= 0:
            return super().submit(fn, *args, **named)
        if not self.gives_up:
            raise BrokenExecutor
        given_up: Future[Any] = Future()
        given_up.cancel()
        return given_up


@pytest.mark.parametrize("gives_up", [False, True])
def test_what_came_before_it_broke_is_handed_over(gives_up: bool) -> None:
    done: list[int] = []
    with (
        Refusing(5, gives_up) as executor,
        pytest.raises(InputError, match=r"broke on the way; what was done before is handed over"),
    ):
        work_through(squared, range(9), lambda task, _: done.append(task), executor)
    assert len(done) == len(set(done)) <= 5


class Lossy(ThreadPoolExecutor):
    """One that says itself that a task's process died, each time."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        if args[0] < 0:
            return super().submit(self._die)
        return super().submit(fn, *args, **named)

    def _die(self) -> None:
        raise ProcessDiedError("Four of its processes died.")


def test_others_may_say_that_a_process_died() -> None:
    with Lossy(2) as executor:
        done, lost = shared_out(squared, [1, -1, 2], executor)
    assert sorted(done) == [(1, 1), (2, 4)]
    assert lost == [(-1, "Four of its processes died.")]


def test_an_error_of_handcalc_is_whole_in_another_process() -> None:
    error = InputError("x", "No.", text="1 x", row=1, column=3, suggestion="1 1")
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301 - what was just made
    assert type(copied) is InputError
    assert (str(copied), vars(copied), copied.caret) == ("No.", vars(error), error.caret)
