"""A bar for work that takes longer than one likes to look at nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress, TaskID

    from handcalc.cli.report import Session


_PATIENCE = 1.0  # seconds


@contextmanager
def show_progress(
    session: Session, doing: str, *, time_left: bool = False
) -> Iterator[Callable[[int, int], None] | None]:
    """Give the block what to call with (done, total), or None where nobody looks.

    The bar stands on standard error, appears after a second, and is gone with the block; it guesses
    the ``time_left`` where that is asked for.
    """
    if session.json or not sys.stderr.isatty():
        yield None
        return
    bar = _Bar(session, doing, time_left)
    try:
        yield bar.show
    finally:
        bar.stop()


class _Bar:
    """A bar that is drawn once there is something to wait for."""

    def __init__(self, session: Session, doing: str, time_left: bool) -> None:
        self._session, self._doing, self._time_left = session, doing, time_left
        self._start = monotonic()
        self._drawn: tuple[Progress, TaskID] | None = None

    def show(self, done: int, total: int) -> None:
        """So much is done, of so much that is to be done by what is known so far."""
        if self._drawn is None and monotonic() - self._start >= _PATIENCE:
            self._drawn = self._session.terminal.bar(self._doing, time_left=self._time_left)
        if self._drawn is not None:
            bar, task = self._drawn
            bar.update(task, completed=done, total=total)

    def stop(self) -> None:
        """Wipe the bar away."""
        if self._drawn is not None:
            self._drawn[0].stop()
