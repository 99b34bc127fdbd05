"""The best models known, for the commands that show them: kept beside the runs, searched once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from handcalc.cli.report import Session
from handcalc.cli.terminal.progress_bar import show_progress
from handcalc.storage.state import state_folder

from .interruptible import interrupted

if TYPE_CHECKING:
    from torchsim.comparison.best_store import KnownBest
    from torchsim.run import TrainingRun


def best_folder() -> Path:
    """The folder of the best models known."""
    return state_folder() / "best-known"


def known_best(
    session: Session, run: TrainingRun, *, no_state: bool
) -> tuple[tuple[KnownBest | None, ...], tuple[str, ...]]:
    """The best known of each model of a run, and what went wrong in keeping them.

    What is not kept yet is searched for, and kept as it comes.
    """
    from torchsim.comparison.best_known import best_of_run
    from torchsim.comparison.best_store import BestStore

    store = BestStore(None if no_state else best_folder())
    done = "nothing was done yet"

    def told(so_far: int, total: int) -> None:
        nonlocal done
        done = f"the best of {so_far:,} of {total:,} models is found"
        if show is not None:
            show(so_far, total)

    with show_progress(session, "Searching for the best", time_left=True) as show:
        try:
            best = best_of_run(run, store, told)
        except KeyboardInterrupt as stop:
            kept = "nothing of it is kept"
            if not no_state and not store.trouble:
                kept = "the same command goes on from there"
            raise interrupted(session, stop, done, kept, None) from None
    return best, tuple(store.trouble)
