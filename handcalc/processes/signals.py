"""The signals that ask a process to stop: Ctrl-C, SIGTERM, and a terminal that is closed.

All three end work in the same way, as ``KeyboardInterrupt``, so that whatever keeps what is done on
Ctrl-C keeps it on the others too. Nothing here changes a signal that somebody ignores, as ``nohup``
does.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Set
from contextlib import contextmanager
from types import FrameType
from typing import Any

STOPPING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
"""Those that this platform has; Windows has no SIGHUP."""

_OWN = (signal.SIG_DFL, signal.default_int_handler)  # nobody else has taken the signal


class StopSignal(KeyboardInterrupt):
    """A signal of ``STOPPING``, by its ``number``, as the exception that Ctrl-C raises.

    >>> StopSignal(signal.SIGTERM).name
    'SIGTERM'
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.number = number

    @property
    def name(self) -> str:
        """As it is known, such as SIGTERM."""
        return signal.Signals(self.number).name


def raise_on_signals() -> None:
    """From now on SIGTERM and SIGHUP raise StopSignal in the main thread, as Ctrl-C raises."""
    for number in STOPPING:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _raise)


class StopAsked:
    """Whether a stop was asked for, and by which signal; to be called as ``should_stop``."""

    def __init__(self) -> None:
        self.number: int | None = None

    def __call__(self) -> bool:
        """Whether it was."""
        return self.number is not None

    def hear(self, number: int, _: FrameType | None) -> None:
        """The first one is remembered; the second one does not wait."""
        if self.number is not None:
            raise StopSignal(number)
        self.number = number


@contextmanager
def stop_asked() -> Iterator[StopAsked]:
    """Let the first signal be asked for in the block, at the next boundary; the second raises.

    Outside the main thread nothing changes, and nothing is heard.

    >>> with stop_asked() as should_stop:
    ...     signal.raise_signal(signal.SIGINT)
    ...     should_stop()
    True
    """
    asked = StopAsked()
    before: dict[int, Any] = {}
    try:
        for number in STOPPING:
            handler = signal.getsignal(number)
            if handler in (*_OWN, _raise):
                before[number] = signal.signal(number, asked.hear)
    except ValueError:  # outside the main thread, where nothing interrupts
        pass
    try:
        yield asked
    except KeyboardInterrupt as error:
        if asked.number is None or isinstance(error, StopSignal):
            raise
        raise StopSignal(asked.number) from error  # who stops at a boundary need not know why
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def held_back(numbers: Set[int]) -> Iterator[None]:
    """Let signals wait, in this thread and in what it starts, where they can be held back.

    A process that is started here inherits that, until it says otherwise: only this one hears them.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, numbers)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _raise(number: int, _: FrameType | None) -> None:
    raise StopSignal(number)
