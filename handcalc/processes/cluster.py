"""Work on the machines of a Dask cluster, as on any executor: its scheduler's address is enough.

What is done there is imported there, so handcalc must be installed on every worker, and be the same
version: another one might give other numbers.
"""

from __future__ import annotations

import logging
import pydoc
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import handcalc
from handcalc.errors import InputError, require
from handcalc.processes.jobs import ProcessDiedError

if TYPE_CHECKING:
    import distributed

_SCHEMES = ("tcp", "tls", "ws", "wss")
_CONNECTING = 10  # seconds
_VERSION = "handcalc.__version__"
_LOGGERS = ("distributed", "distributed.client", "tornado.application")


@contextmanager
def cluster(
    address: str, *, patience: float = 60.0, on_wait: Callable[[str], None] | None = None
) -> Iterator[Executor]:
    """The workers of the Dask scheduler at an address, such as "tcp://10.0.0.5:8786", as executor.

    Where it has no workers yet, so many seconds of ``patience`` are waited for the first, and
    ``on_wait`` hears a sentence. A task whose workers died, as often as the scheduler allows, has a
    ``ProcessDiedError`` for a result. What is not done at the end of the block is given up.

    Errors: ``missing_extra``; ``scheduler_address``; ``scheduler``, where there is none, or no
    worker, or another version.

    >>> with cluster("tcp://localhost"):
    ...     pass
    Traceback (most recent call last):
    ...
    handcalc.errors.InputError: A scheduler's address is HOST:PORT, not "tcp://localhost".
    """
    check_address(address)
    require("cluster", "distributed")
    with _quiet():
        client = _connected(address)
        try:
            _wait_for_workers(client, address, patience, on_wait)
            _check_versions(client)
            yield _Workers(client)
        finally:
            client.close()  # the scheduler gives up what its client still waits for


class _Workers(Executor):
    """Dask's own executor, with the errors that ``work_through`` knows."""

    def __init__(self, client: distributed.Client) -> None:
        from distributed import KilledWorker  # an extra, which takes a second
        from distributed import scheduler as theirs

        self._client, self._killed = client, KilledWorker
        names = ("NoWorkerError", "NoValidWorkerError")  # the first is younger
        self._nobody = tuple(getattr(theirs, name) for name in names if hasattr(theirs, name))
        # each call is done, though another of the same function with the same task was before
        self._executor = client.get_executor(pure=False)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        """As any executor does; the call is pickled, and imported there."""
        handed_on: Future[Any] = Future()
        try:
            theirs = self._executor.submit(_call, handcalc.__version__, fn, args, named)
        except Exception as error:
            if self._client.status == "running":
                raise  # what cannot be pickled, for example
            raise BrokenExecutor("its scheduler is gone") from error
        # who cancels what this gives cancels what the scheduler has
        handed_on.add_done_callback(lambda mine: mine.cancelled() and theirs.cancel())
        theirs.add_done_callback(lambda done: self._hand_on(done, handed_on))
        return handed_on

    def _hand_on(self, theirs: Future[Any], mine: Future[Any]) -> None:
        if not mine.set_running_or_notify_cancel():
            return
        if theirs.cancelled():  # not by anyone here
            mine.set_exception(BrokenExecutor("its scheduler is gone, or gave a task up"))
            return
        error = theirs.exception()
        if isinstance(error, self._killed):
            times = getattr(error, "allowed_failures", 0) + 1
            often = "a worker" if times == 1 else f"{times} workers, one after the other,"
            mine.set_exception(
                ProcessDiedError(f"It was on {often} that died: their logs say why.")
            )
        elif isinstance(error, self._nobody):  # for as long as the scheduler is set to wait
            mine.set_exception(BrokenExecutor("its scheduler has had no worker for too long"))
        elif error is not None:
            mine.set_exception(error)
        else:
            mine.set_result(theirs.result())


def _call(version: str, function: Callable[..., Any], args: Any, named: Any) -> Any:
    """On a worker, which may have joined after all others were looked at."""
    if handcalc.__version__ != version:
        raise _other_version(version, handcalc.__version__, "a worker")
    return function(*args, **named)


# --------------------------------------------------------------------------------------------------
# Whether there is such a scheduler, with workers that can do this.


def check_address(address: str) -> None:
    """Refuse what is no address of a scheduler, whether one is there or not.

    Dask itself would wait for what cannot be one, and for long. Errors: ``scheduler_address``.

    >>> check_address("tcp://10.0.0.5:8786")
    """
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        known = parts.scheme in _SCHEMES and bool(parts.hostname and parts.port)
        is_one = known and not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
    except ValueError:  # a port that is none, a bracket that is open
        is_one = False
    if not is_one:
        raise InputError(
            "scheduler_address",
            f'A scheduler\'s address is HOST:PORT, not "{address}".',
            suggestion="tcp://127.0.0.1:8786",
        )


def _connected(address: str) -> distributed.Client:
    import distributed  # as above

    try:
        with warnings.catch_warnings(action="ignore"):  # of other versions: looked at below
            return distributed.Client(address, timeout=_CONNECTING, set_as_default=False)
    except (OSError, ImportError) as error:
        raise InputError(
            "scheduler",
            f"There must be a Dask scheduler at {address}, and none answers within {_CONNECTING} "
            f"seconds: {str(error).rstrip('.')}.",
            suggestion="dask scheduler",
        ) from error


def _wait_for_workers(
    client: distributed.Client, address: str, patience: float, on_wait: Callable[[str], None] | None
) -> None:
    if client.scheduler_info()["workers"]:
        return
    if on_wait is not None:
        on_wait(f"The scheduler at {address} has no workers yet: waiting up to {patience:g} s.")
    try:
        client.wait_for_workers(1, timeout=patience)
    except TimeoutError as error:
        raise InputError(
            "scheduler",
            f"The scheduler at {address} must have a worker, and none came in {patience:g} s.",
            suggestion=f"dask worker {address}",
        ) from error


def _check_versions(client: distributed.Client) -> None:
    mine = handcalc.__version__
    # a function of Python's own, which is there whatever is installed; None where nothing is
    found = client.run(pydoc.locate, _VERSION, on_error="return")
    for worker, theirs in sorted(found.items()):
        if theirs != mine:
            raise _other_version(mine, theirs, f"the worker {worker}")


def _other_version(mine: str, theirs: object, who: str) -> InputError:
    has = (
        "no handcalc that can be imported" if not isinstance(theirs, str) else f"handcalc {theirs}"
    )
    return InputError(
        "scheduler",
        f"All workers must have handcalc {mine}, as this process has, and {who} has {has}.",
        suggestion=f'pip install "handcalc=={mine}"',
    )


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Dask's logs say nothing: what matters of them is raised here as an error."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)
