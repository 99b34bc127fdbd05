"""Many tasks on several cores or machines: results as they come, and what is lost when one dies.

A task goes to ``function(task)``, where function stands at the top of a module, so that another
process can import it. A stop loses nothing but what was begun; a process that dies loses its task.
"""

from __future__ import annotations

import pickle
import signal
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ThreadPoolExecutor,
)
from dataclasses import dataclass, field
from itertools import islice
from queue import SimpleQueue
from time import sleep
from types import TracebackType
from typing import Any, Generic, NoReturn, TypeVar

from handcalc.errors import InputError, WorkLostError
from handcalc.processes.time_limits import Died, TimedProcesses
from handcalc.wording import brief

AT_ONCE = 1000
"""An executor that is not ``Processes`` has so many tasks at most: it keeps a queue of them."""

_GRACE = 0.5  # seconds

Task = TypeVar("Task")
Result = TypeVar("Result")


class ProcessDiedError(Exception):
    """What an executor has in place of a task's result; its text is a sentence that says why."""


class Processes(ThreadPoolExecutor):
    """Processes of this machine that never hear Ctrl-C or the end of a terminal.

    Only the one that started them does; they end with it, however it ends. Where one dies, its task
    has a ``ProcessDiedError`` for a result, the others do not notice, and another takes its place.

    They are started afresh (``spawn``), so threads of this process do not matter; a script of one's
    own needs ``if __name__ == "__main__":`` around what it does.

    >>> with Processes(1) as processes:
    ...     processes.submit(divmod, 7, 2).result()
    (3, 1)
    """

    def __init__(self, workers: int) -> None:
        super().__init__(workers)  # each thread waits for a process
        self.workers = workers
        self._processes = TimedProcesses(_prepare, None, workers, imports_script=True)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """As any executor does; what is called, and what it is given, goes to the process."""
        return super().submit(self._call, fn, args, named)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """As any executor does; when all is done, the processes end."""
        super().shutdown(wait, cancel_futures=cancel_futures)
        if wait:
            self._processes.close()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:  # whoever wanted what is begun has waited for it
            self._processes.close()
        super().__exit__(kind, error, trace)

    def _call(self, *call: Any) -> Any:
        outcome = self._processes.ask(pickle.dumps(call), seconds=float("inf"), patience=0)
        if isinstance(outcome, Died):
            raise ProcessDiedError(_how(outcome.exit_code))
        result, error, there = pickle.loads(outcome)  # noqa: S301 - from a process of our own
        if error is not None:
            raise error from _ElsewhereError(there)
        return result


def check_executor(executor: object) -> None:
    """Refuse what is no executor; None is none that is asked for. Errors: ``executor``.

    >>> check_executor(None)
    """
    if executor is not None and not isinstance(executor, Executor):
        raise InputError(
            "executor",
            "An executor is one of concurrent.futures, such as a ProcessPoolExecutor, that of a "
            f"Dask client, or None, not {brief(executor)}.",
        )


def work_through(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    on_done: Callable[[Task, Result], None],
    executor: Executor | None = None,
    on_lost: Callable[[Task, str], None] | None = None,
    on_stop: Callable[[], None] | None = None,
) -> None:
    """Call ``on_done(task, function(task))`` for each task, in the order in which they finish.

    Without an executor the tasks are done here, one after the other. ``Processes`` are given as
    many tasks at a time as there are processes, any other executor ``AT_ONCE``; more are taken from
    ``tasks`` as results come.

    A task whose process dies is done once more, with nothing beside it; if it dies then, too, there
    is ``on_lost(task, why)``, with a sentence, and the others go on. Before any error goes on up,
    and before ``KeyboardInterrupt`` does, what is being worked on is waited for and handed over:
    all that came is handed over once, and again only where ``on_done`` was interrupted. ``on_stop``
    is called before that wait; a second Ctrl-C ends it.

    Errors: ``WorkLostError``: ``process_died``, where ``on_lost`` is left out, and
    ``broken_executor``, where somebody else's executor breaks.

    >>> found = []
    >>> work_through(abs, [-1, 2], lambda task, result: found.append((task, result)))
    >>> found
    [(-1, 1), (2, 2)]
    """
    if executor is None:
        for task in tasks:
            on_done(task, function(task))
        return
    shared = _SharedOut(function, on_done, on_lost, executor)
    try:
        shared.work(iter(tasks))
    except KeyboardInterrupt:
        if on_stop is not None:
            on_stop()
        shared.hand_over_rest()
        raise
    finally:
        for future in shared.waiting:
            future.cancel()


@dataclass(frozen=True, slots=True)
class _SharedOut(Generic[Task, Result]):
    """Tasks that an executor has: ``waiting`` for their results, or to be done again alone."""

    function: Callable[[Task], Result]
    on_done: Callable[[Task, Result], None]
    on_lost: Callable[[Task, str], None] | None
    executor: Executor
    waiting: dict[Future[Result], Task] = field(default_factory=dict)
    finished: SimpleQueue[Future[Result]] = field(default_factory=SimpleQueue)
    died: list[Task] = field(default_factory=list)

    def work(self, tasks: Iterator[Task]) -> None:
        """Keep the executor busy until there is nothing left."""
        # processes get one task each: Ctrl-C waits for what is begun, and a queue would be begun
        at_once = self.executor.workers if isinstance(self.executor, Processes) else AT_ONCE
        while True:
            # to do a task alone the others must end first, so several are kept for that
            if len(self.died) < at_once:
                for task in islice(tasks, at_once - len(self.waiting)):
                    self._begin(task)
            if self.waiting:
                self._take()
            elif self.died:
                self._begin(self.died.pop())
                self._take(alone=True)
            else:
                return

    def hand_over_rest(self) -> None:
        """Wait for what is being worked on; whatever is wrong with it, something else was first."""
        for future, task in list(self.waiting.items()):
            if future.cancel():
                continue
            try:
                result = future.result()
            except Exception:  # noqa: BLE001, S112 - the first error is the one that goes up
                continue
            self.on_done(task, result)
            del self.waiting[future]

    def _begin(self, task: Task) -> None:
        try:
            future = self.executor.submit(self.function, task)
        except RuntimeError as error:  # broken, or shut down before
            self._broken(error)
        self.waiting[future] = task
        future.add_done_callback(self.finished.put)

    def _take(self, *, alone: bool = False) -> None:
        """Hand the next result over; or keep its task, if its process died, to be done alone."""
        future = self.finished.get()
        task = self.waiting[future]
        try:
            result = future.result()
        except ProcessDiedError as error:
            sleep(_GRACE)  # a signal that ended that process comes here, too: KeyboardInterrupt
            del self.waiting[future]
            if isinstance(self.executor, Processes) and not alone:
                self.died.append(task)
            else:
                self._lose(task, error)
            return
        except (BrokenExecutor, CancelledError) as error:
            self._broken(error)
        except BaseException:
            del self.waiting[future]
            self.hand_over_rest()
            raise
        self.on_done(task, result)
        del self.waiting[future]

    def _lose(self, task: Task, error: ProcessDiedError) -> None:
        if self.on_lost is not None:
            self.on_lost(task, str(error))
            return
        self.hand_over_rest()
        raise WorkLostError(
            "process_died",
            f"Every task must leave the process that works on it alive, and one did not: {error}",
            suggestion="executor=None, to see what that task does",
        ) from error

    def _broken(self, error: RuntimeError | CancelledError) -> NoReturn:
        sleep(_GRACE)  # as above
        self.hand_over_rest()
        why = f" ({error})" if str(error) else ""
        raise WorkLostError(
            "broken_executor",
            "The executor must do all tasks that it takes, and it broke on the way"
            f"{why}; what was done before is handed over.",
            suggestion="the same once more, with an executor that is started anew",
        ) from error


# --------------------------------------------------------------------------------------------------
# In another process: a call comes as bytes, and its result or its error goes back as bytes.


class _ElsewhereError(Exception):
    """Where an error was raised in another process: a traceback, as text."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def _prepare(_: None) -> Callable[[bytes], bytes]:
    return _answer


def _answer(call: bytes) -> bytes:
    try:
        function, args, named = pickle.loads(call)  # noqa: S301 - from the process that started this one
        return pickle.dumps((function(*args, **named), None, ""))
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised there
        there = "".join(traceback.format_exception(error))
        try:
            answer = pickle.dumps((None, error, there))
            pickle.loads(answer)  # noqa: S301 - as it will be there
        except Exception:  # noqa: BLE001 - an error may hold anything
            answer = pickle.dumps((None, RuntimeError(f"{type(error).__name__}: {error}"), there))
        return answer


def _how(exit_code: int | None) -> str:
    """How a process died, as a sentence."""
    if exit_code is None:
        return "Its process died."
    if exit_code >= 0:
        return f"Its process left with exit code {exit_code}."
    try:
        name = signal.Signals(-exit_code).name
    except ValueError:  # a signal without a name
        name = f"signal {-exit_code}"
    perhaps = ", perhaps for lack of memory" if name == "SIGKILL" else ""
    return f"Its process was ended by {name}{perhaps}."
