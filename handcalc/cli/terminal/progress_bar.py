"""A progress bar that appears after one second."""

from __future__ import annotations

import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from handcalc.cli.report import Session


NOTHING_YET = "nothing was done yet"
_PATIENCE = 1.0  # seconds


class ProgressBar:
    """Call it with (done, total); it draws a bar on standard error where somebody looks.

    Used in a ``with`` block, whose end wipes the bar away; what was done is known afterwards, too.
    """

    def __init__(self, session: Session, doing: str, *, time_left: bool = False) -> None:
        self._session, self._time_left = session, time_left
        self._is_seen = not session.json and sys.stderr.isatty()
        self._drawn: tuple[Progress, TaskID] | None = None
        self._counts: tuple[int, int] | None = None
        self.begin(doing)

    def begin(self, doing: str) -> None:
        """Begin a stage of the work, with a bar of its own."""
        self._stop()
        self._doing, self._start = doing, monotonic()

    def __call__(self, done: int, total: int) -> None:
        """So much is done, of so much that is to be done by what is known so far."""
        self._counts = done, total
        if self._is_seen and self._drawn is None and monotonic() - self._start >= _PATIENCE:
            self._drawn = self._session.terminal.bar(self._doing, time_left=self._time_left)
        if self._drawn is not None:
            bar, task = self._drawn
            bar.update(task, completed=done, total=total)

    def so_far(self, sentence: str) -> str:
        """How far the work is; ``{}`` in the sentence stands for "3 of 8"."""
        if self._counts is None:
            return NOTHING_YET
        done, total = self._counts
        return sentence.format(f"{done:,} of {total:,}")

    def __enter__(self) -> ProgressBar:
        """Nothing is drawn yet."""
        return self

    def __exit__(self, *_: Any) -> None:
        """Wipe the bar away."""
        self._stop()

    def _stop(self) -> None:
        if self._drawn is not None:
            self._drawn[0].stop()
        self._drawn = None
