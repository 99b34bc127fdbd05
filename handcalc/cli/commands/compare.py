"""The command that lays a training run beside what is exact: ``compare``."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from handcalc.cli.command import command, no_state_option
from handcalc.cli.long_runs.best_models import known_best
from handcalc.cli.long_runs.folders import loaded, named, refusing, run_folder
from handcalc.cli.options.completion import PRESETS
from handcalc.cli.options.training import with_torch
from handcalc.cli.report import Report, Session
from handcalc.cli.terminal.progress_bar import show_progress

if TYPE_CHECKING:
    from rich.console import RenderableType

    from handcalc.cli.terminal.terminal import Terminal
    from torchsim.comparison import Comparison
    from torchsim.comparison.best_store import KnownBest
    from torchsim.run import TrainingRun


_TOGETHER = 12  # models: some seconds of work


def _runs(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Presets that begin so, and folders."""
    presets = [CompletionItem(name) for name in PRESETS if name.startswith(incomplete)]
    return [*presets, CompletionItem(incomplete, type="dir")]


@command("compare", example="handcalc compare by-hand")
@click.argument("run", required=False, shell_complete=_runs)
@no_state_option
@click.pass_obj
def compare(session: Session, /, run: str | None, no_state: bool) -> Report:
    """Lay a training run beside the hand calculation.

    For each trained model: its exact loss and how far that is above the best one known, its shape,
    the nearest named embedding, and what one could have written by hand instead. RUN is a folder
    or a preset's name; the latest run if left out. The best models found are kept, and not searched
    for again.
    """
    with_torch()
    folder = run_folder(run)
    trained = loaded(folder)
    gc.enable()  # this can take a while, and leaves much behind
    with refusing():
        best, warnings = known_best(session, trained, no_state=no_state)
        found = _compared(session, trained, best)
    return Report(
        data=lambda: _data(found, folder),
        text=lambda terminal: _page(found, folder, terminal),
        warnings=warnings,
    )


def _compared(session: Session, run: TrainingRun, best: Sequence[KnownBest | None]) -> Comparison:
    """The comparison, some models at a time, so that one sees how far it is."""
    from torchsim.comparison import Comparison, compare

    parts, total = [], len(run.trained)
    with show_progress(session, "Comparing", time_left=True) as show:
        for first in range(0, total, _TOGETHER):
            some = slice(first, first + _TOGETHER)
            spec = replace(run.spec, models=run.spec.models[some])
            part = replace(run, spec=spec, trained=run.trained[some])
            parts.append(compare(part, best=best[some]))
            if show is not None:
                show(min(first + _TOGETHER, total), total)
    models = tuple(each for part in parts for each in part.models)
    return Comparison(models, parts[0].within, parts[0].tolerance)


def _data(found: Comparison, folder: Path) -> Mapping[str, object]:
    from torchsim.views.comparisons import comparison_data

    return {**comparison_data(found), "run": str(folder)}


def _page(found: Comparison, folder: Path, terminal: Terminal) -> RenderableType:
    from torchsim.views.comparisons import comparison_page

    return comparison_page(found, terminal.notation, named(folder))
