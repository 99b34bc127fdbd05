"""Who shares the work: this process alone, several of this machine, or the workers of a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager

from handcalc.cli.failures import of_input
from handcalc.cli.report import CommandError, Session
from handcalc.errors import InputError
from handcalc.processes.cluster import check_address, cluster
from handcalc.processes.cores import cores
from handcalc.processes.jobs import Processes


@contextmanager
def open_executor(
    session: Session, jobs: int | None, scheduler: str | None, *, few: bool = False
) -> Iterator[Executor | None]:
    """What ``--jobs`` and ``--scheduler`` ask for, or None where this process does it all.

    Without either there is a process a core; not where there are ``few`` tasks, which are sooner
    done here.
    """
    with ExitStack() as stack:
        count = jobs or (1 if few else cores())
        executor: Executor | None = None
        if scheduler is not None:

            def on_wait(said: str) -> None:
                if not session.json:
                    session.terminal.complain(said)

            with _refusing():
                executor = stack.enter_context(cluster(scheduler, on_wait=on_wait))
        elif count > 1:
            executor = stack.enter_context(Processes(count))
        yield executor


def check_scheduler(scheduler: str | None) -> None:
    """Refuse what is no scheduler's address, also where nothing is left for its workers to do."""
    if scheduler is not None:
        with _refusing():
            check_address(scheduler)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except InputError as error:
        where = "--scheduler" if error.code == "scheduler_address" else None
        raise CommandError(of_input(error, where)) from error
