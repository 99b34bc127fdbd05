"""A training run beside the best known models and what one could have written by hand."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import replace

import torchsim.comparison
from handcalc.cli.long_runs.folders import known_best, loaded, named, refusing, run_folder
from handcalc.cli.report import Report, Session
from handcalc.cli.terminal import ProgressBar
from torchsim.comparison import Comparison
from torchsim.comparison.best_store import KnownBest
from torchsim.run import TrainingRun
from torchsim.views.comparisons import comparison_data, comparison_page

_TOGETHER = 12  # models: some seconds of work


def compare(session: Session, run: str | None, *, no_state: bool) -> Report:
    """What a run came to, model by model."""
    folder = run_folder(run)
    trained = loaded(folder)
    gc.enable()  # this can take a while, and leaves much behind
    with refusing():
        best, warnings = known_best(session, trained, no_state=no_state)
        found = _compared(session, trained, best)
    return Report(
        data=lambda: {**comparison_data(found), "run": str(folder)},
        text=lambda terminal: comparison_page(found, terminal.notation, named(folder)),
        warnings=warnings,
    )


def _compared(session: Session, run: TrainingRun, best: Sequence[KnownBest | None]) -> Comparison:
    """The comparison, some models at a time, so that one sees how far it is."""
    parts, total = [], len(run.trained)
    with ProgressBar(session, "Comparing", time_left=True) as bar:
        for first in range(0, total, _TOGETHER):
            some = slice(first, first + _TOGETHER)
            spec = replace(run.spec, models=run.spec.models[some])
            part = replace(run, spec=spec, trained=run.trained[some])
            parts.append(torchsim.comparison.compare(part, best=best[some]))
            bar(min(first + _TOGETHER, total), total)
    models = tuple(each for part in parts for each in part.models)
    return Comparison(models, parts[0].within, parts[0].tolerance)
