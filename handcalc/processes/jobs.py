"""Many tasks on several cores: results as they come; a stop loses nothing but what was begun.

A task goes to ``function(task)``, where function stands at the top of a module, so that another
process can import it.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import suppress
from itertools import islice
from multiprocessing import get_context
from time import sleep
from typing import Any, TypeVar

from handcalc.processes.signals import held_back

_UNHEARD = {getattr(signal, name) for name in ("SIGINT", "SIGHUP") if hasattr(signal, name)}
_GRACE = 0.5  # seconds

Task = TypeVar("Task")
Result = TypeVar("Result")


class Processes(ProcessPoolExecutor):
    """Processes of this machine that never hear Ctrl-C or the end of a terminal.

    Only the one that started them does.

    They are started afresh (``spawn``), so threads of this process do not matter; a script of one's
    own needs ``if __name__ == "__main__":`` around what it does.
    """

    def __init__(self, workers: int) -> None:
        with held_back(_UNHEARD):  # Python's own tracker of resources starts here
            context = get_context("spawn")
            super().__init__(workers, mp_context=context, initializer=_ignore_signals)
        self.workers = workers

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """As any executor does; child processes start with signals held back."""
        with held_back(_UNHEARD):
            return super().submit(fn, *args, **named)


def work_through(
    function: Callable[[Task], Result],
    tasks: Iterable[Task],
    on_done: Callable[[Task, Result], None],
    executor: Executor | None = None,
) -> None:
    """Call ``on_done(task, function(task))`` for each task, in the order in which they finish.

    Without an executor the tasks are done here, one after the other. ``Processes`` are given as
    many tasks at a time as there are processes, any other executor all at once. On Ctrl-C what is
    being worked on elsewhere is waited for and handed over; then ``KeyboardInterrupt`` goes on up.

    >>> found = []
    >>> work_through(abs, [-1, 2], lambda task, result: found.append((task, result)))
    >>> found
    [(-1, 1), (2, 2)]
    """
    if executor is None:
        for task in tasks:
            on_done(task, function(task))
        return
    waiting: dict[Future[Result], Task] = {}
    try:
        _hand_out(executor, function, iter(tasks), on_done, waiting)
    except KeyboardInterrupt:
        for future, task in waiting.items():
            with suppress(BrokenExecutor):  # SIGTERM may have gone to all processes of a group
                if not future.cancel():
                    on_done(task, future.result())
        raise
    except BrokenExecutor:
        sleep(_GRACE)  # the signal that ended those processes comes here too: KeyboardInterrupt
        raise
    finally:
        for future in waiting:
            future.cancel()


def _hand_out(
    executor: Executor,
    function: Callable[[Task], Result],
    tasks: Iterator[Task],
    on_done: Callable[[Task, Result], None],
    waiting: dict[Future[Result], Task],
) -> None:
    """Keep the executor busy; ``waiting`` holds what it has been given and has not handed over."""
    # a pool takes in more tasks than it works on, and Ctrl-C would wait for those too, so processes
    # get one task each; a cluster is far away, and needs a queue of its own
    at_once = executor.workers if isinstance(executor, Processes) else None
    while True:
        room = None if at_once is None else at_once - len(waiting)
        for task in islice(tasks, room):
            waiting[executor.submit(function, task)] = task
        if not waiting:
            return
        done, _ = wait(waiting, return_when=FIRST_COMPLETED)
        for future in done:
            on_done(waiting[future], future.result())
            del waiting[future]


def _ignore_signals() -> None:
    for number in _UNHEARD:
        signal.signal(number, signal.SIG_IGN)
