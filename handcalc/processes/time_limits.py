"""Tasks with a time limit each, in processes that can be killed and replaced.

What a task costs cannot always be known beforehand, and code in one process can neither be stopped
from outside nor outlive a crash. So each task goes to one of a few processes that wait for tasks,
each at a pipe of its own: one that is late or dies is replaced, and only its task is lost.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from queue import Empty, LifoQueue
from threading import Lock, Thread
from time import monotonic
from types import ModuleType
from typing import Any, TypeVar

from handcalc.processes.signals import held_back

Task = TypeVar("Task")
Result = TypeVar("Result")
Setting = TypeVar("Setting")
_Prepare = Callable[[Any], Callable[[Any], Any]]

_READY = "ready"
# Ctrl-C and the end of a terminal: the process that started this one hears them
_UNHEARD = {getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}
_MOST_FALSE_STARTS = 3
_LONGEST_WAIT = 3600.0  # seconds: systems refuse to wait for years at once


@dataclass(frozen=True, slots=True)
class TimedOut:
    """A task that was not done within its time."""


@dataclass(frozen=True, slots=True)
class Died:
    """A task whose process died: ``exit_code`` is that of the process, minus a signal's number."""

    exit_code: int | None


def within_time_limit(
    prepare: Callable[[Setting], Callable[[Task], Result]],
    setting: Setting,
    tasks: Sequence[Task],
    *,
    seconds: float,
    processes: int = 1,
) -> Generator[tuple[int, Result | TimedOut | Died], None, None]:
    """The position of each task and its result, in the order in which they are done.

    Each process calls ``prepare(setting)`` once, which gives the function for its tasks, and that
    takes what time it takes. ``prepare`` stands at the top of a module, so that another process can
    import it. However the iteration ends, by Ctrl-C too, no process is left.

    >>> from operator import attrgetter
    >>> sorted(within_time_limit(attrgetter, "real", [3, 4], seconds=60))
    [(0, 3), (1, 4)]
    """
    waiting = deque(enumerate(tasks))
    workers = [_Worker(prepare, setting) for _ in range(min(processes, len(tasks)))]
    try:
        for worker in workers:
            worker.start()
        while waiting or any(worker.position is not None for worker in workers):
            for worker in workers:
                if waiting and worker.is_idle and worker.begin(*waiting[0], seconds):
                    waiting.popleft()
            for worker in _ready_or_late(workers):
                position, outcome = worker.position, worker.outcome()
                if position is not None:
                    yield position, outcome
    finally:
        for worker in workers:
            worker.kill()


@dataclass(frozen=True, slots=True)
class Busy:
    """A task for which no process came free in time."""


class TimedProcesses:
    """Processes that wait for tasks, each with its time limit, from any thread.

    They are started as they are first asked, and ``prepare(setting)`` is called in each, as in
    ``within_time_limit``. ``close`` ends them all. Where they do not ``imports_script``, they leave
    the script that runs here alone, and what it defines is not to be found there.

    >>> from operator import attrgetter
    >>> processes = TimedProcesses(attrgetter, "real", 1)
    >>> processes.ask(3, seconds=60, patience=60)
    3
    >>> processes.close()
    """

    def __init__(
        self, prepare: _Prepare, setting: object, processes: int, *, imports_script: bool = False
    ) -> None:
        self._workers = [_Worker(prepare, setting, imports_script) for _ in range(processes)]
        self._free: LifoQueue[_Worker] = LifoQueue()  # those that are started already first
        for worker in self._workers:
            self._free.put(worker)

    def ask(self, task: object, *, seconds: float, patience: float) -> Any:
        """The result of a task, or ``TimedOut``, ``Died`` or, after so much patience, ``Busy``."""
        try:
            worker = self._free.get(timeout=patience)
        except Empty:
            return Busy()
        try:
            return worker.done(task, seconds)
        finally:
            self._free.put(worker)

    def close(self) -> None:
        """End every process, whatever it is doing; who waits for one hears that it died."""
        for worker in self._workers:
            worker.end()


class _Worker:
    """A process that does one task at a time; ``position`` is that of its task, if it has one."""

    def __init__(self, prepare: _Prepare, setting: object, imports_script: bool = False) -> None:
        self._arguments = (prepare, setting)
        self._imports_script = imports_script
        self._process: SpawnProcess
        self.pipe: Connection
        self.is_idle = False
        self.position: int | None = None
        self.deadline = float("inf")
        self._false_starts = 0
        self._ended = False
        self._in_use = Lock()  # by the thread whose task it does

    def start(self) -> None:
        """Start a process, which says when it is ready."""
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, *self._arguments), daemon=True)
        with held_back(_UNHEARD), nullcontext() if self._imports_script else _without_script():
            self._process.start()
        theirs.close()  # so that the end of the process is the end of the pipe
        self.is_idle, self.position, self.deadline = False, None, float("inf")

    def begin(self, position: int, task: object, seconds: float) -> bool:
        """Hand a task over; not if the process died while it had nothing to do."""
        try:
            self.pipe.send(task)
        except OSError:
            self.is_idle = False
            return False
        self.is_idle, self.position, self.deadline = False, position, monotonic() + seconds
        return True

    def outcome(self) -> Any:
        """What the process has to say, or what became of it, and another in its place."""
        if not self.pipe.poll():  # its time is up
            self._replace()
            return TimedOut()
        try:
            outcome = self.pipe.recv()
        except (EOFError, OSError):
            self._process.join()
            outcome = Died(self._process.exitcode)
            # a process may die of a task, and one without a task by mischance, and not again
            self._false_starts = 0 if self.position is not None else self._false_starts + 1
            if self._false_starts > _MOST_FALSE_STARTS:
                code = outcome.exit_code
                raise RuntimeError(f"No process starts here: exit code {code}.") from None
            self._replace()
        else:
            self._false_starts = 0
            self.is_idle, self.position, self.deadline = True, None, float("inf")
        return outcome

    def _replace(self) -> None:
        self.kill()
        self.is_idle, self.position = False, None
        if not self._ended:
            self.start()

    def done(self, task: object, seconds: float) -> Any:
        """What comes of one task; the process is started, or replaced, where that is needed."""
        with self._in_use:
            if not self._ended and not hasattr(self, "_process"):
                self.start()
            while not self._ended and not (self.is_idle and self.begin(0, task, seconds)):
                self._wait()
                self.outcome()  # that it is ready, or that it died and another starts in its place
            if self.position is None:  # it was ended before it had the task
                return Died(None)
            self._wait()
            return self.outcome()

    def end(self) -> None:
        """End the process for good, from any thread: none takes its place."""
        self._ended = True
        process = getattr(self, "_process", None)
        if process is not None and process.pid is not None:
            process.kill()
        with self._in_use:  # the thread that waited for it is the one that hears of its end
            self.kill()

    def _wait(self) -> None:
        while not _ready_or_late([self]):  # after the longest wait it still has time
            pass

    def kill(self) -> None:
        """End the process, whatever it is doing, and wait until it is gone; again does no harm."""
        if hasattr(self, "_process"):
            if self._process.pid is not None:
                self._process.kill()
                self._process.join()
            self.pipe.close()


def _ready_or_late(workers: Sequence[_Worker]) -> list[_Worker]:
    """Wait for the first worker that has something to say, or whose time is up; or for none yet."""
    first = min(worker.deadline for worker in workers)
    patience = min(max(0.0, first - monotonic()), _LONGEST_WAIT)
    speaking = wait([worker.pipe for worker in workers], patience)
    now = monotonic()
    return [worker for worker in workers if worker.pipe in speaking or worker.deadline <= now]


def _serve(pipe: Connection, prepare: _Prepare, setting: object) -> None:
    """Do tasks as they come, until there is nobody to do them for."""
    for number in _UNHEARD:
        signal.signal(number, signal.SIG_IGN)
    Thread(target=_leave_with_parent, daemon=True).start()
    work = prepare(setting)
    pipe.send(_READY)
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        pipe.send(work(task))


def _leave_with_parent() -> None:
    """End this process as soon as the one that started it is gone, however that ended."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


@contextmanager
def _without_script() -> Iterator[None]:
    """Let a new process leave alone the script that runs here.

    It would import it first, and a script without ``if __name__ == "__main__":`` begin again.
    """
    script = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = script
