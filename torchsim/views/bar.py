"""A bar for training that somebody looks at: below a notebook's cell, else on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module
from time import monotonic
from typing import Any, TypeVar

from torchsim.training.checkpoint import TrainingProgress

Progress = TypeVar("Progress", bound=TrainingProgress)

_DOING = "Training"
_PAUSE = 0.2  # seconds between two looks of a notebook's bar


@contextmanager
def training_bar() -> Iterator[Callable[[TrainingProgress], None]]:
    """Give the block what to tell of its progress; the bar is wiped away in the end.

    Where standard error is no terminal and there is no notebook, one line says how far it came.
    """
    with _in_notebook() if _is_notebook() else _on_terminal() as tell:
        yield tell


@contextmanager
def told(
    on_progress: Callable[[Progress], None] | None, bar: bool
) -> Iterator[Callable[[Progress], None]]:
    """Give the block what tells of its progress: ``on_progress``, a bar, both, or nobody.

    >>> with told(print, bar=False) as tell:
    ...     tell(TrainingProgress(1, 2))
    TrainingProgress(done=1, total=2)
    """
    with training_bar() if bar else nullcontext() as shown:

        def tell(progress: Progress) -> None:
            if on_progress is not None:
                on_progress(progress)
            if shown is not None:
                shown(progress)

        yield tell


def _is_notebook() -> bool:
    """Whether a kernel runs this, as Jupyter's does; IPython in a terminal has none."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


@contextmanager
def _on_terminal() -> Iterator[Callable[[TrainingProgress], None]]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    console = Console(stderr=True, force_jupyter=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    left = TimeRemainingColumn(elapsed_when_finished=True)
    with Progress(*columns, left, console=console, transient=console.is_terminal) as bars:
        task = bars.add_task(_DOING, total=None)
        yield lambda told: bars.update(task, completed=told.done, total=told.total)


@contextmanager
def _in_notebook() -> Iterator[Callable[[TrainingProgress], None]]:
    ipython: Any = import_module("IPython.display")
    shown = ipython.display(ipython.HTML(""), display_id=True)
    last = -_PAUSE

    def tell(told: TrainingProgress) -> None:
        nonlocal last
        if monotonic() - last < _PAUSE and told.done < told.total:
            return
        last = monotonic()
        bar = f'<progress value="{told.done}" max="{told.total}"></progress>'
        shown.update(ipython.HTML(f"{_DOING} {bar} {told.done:,} of {told.total:,}"))

    try:
        yield tell
    finally:
        shown.update(ipython.HTML(""))
