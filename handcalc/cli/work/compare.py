"""``compare``: what was trained beside what is exact, model by model, cell by cell."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import RenderableType

import torchsim.comparison
from handcalc.cli.failures import GOES_ON, LOST, interruption
from handcalc.cli.report import CommandError, Report, ReportedError, Session
from handcalc.cli.terminal import ProgressBar
from handcalc.cli.typed_text import Given
from handcalc.views.notation import PlainNotation
from torchsim.attention.run import AttentionRun
from torchsim.autoencoders.run import SaeRun
from torchsim.comparison.best_known import best_of_trained
from torchsim.comparison.best_store import BestStore, KnownBest
from torchsim.comparison.chosen_models import ChosenModels
from torchsim.datasets.run import DatasetRun
from torchsim.kinds import OneTrainerRun
from torchsim.networks.run import NetworkRun
from torchsim.run import Trained
from torchsim.views.attention_comparisons import (
    ATTENTION_COMPARISONS,
    attention_comparison_data,
)
from torchsim.views.comparison_views import failed_data
from torchsim.views.comparisons import comparison_data, comparison_page
from torchsim.views.dataset_comparisons import DATASET_COMPARISONS, dataset_comparison_data
from torchsim.views.network_comparisons import NETWORK_COMPARISONS, network_comparison_data
from torchsim.views.sae_comparisons import SAE_COMPARISONS, sae_comparison_data

from .model import read_wholes
from .runs import best_folder, folder_word, load_run, refusing, run_folder


def compare(session: Session, run: str | None, models: Given | None, *, no_state: bool) -> Report:
    """What a run came to, model by model, or those of its models that are named."""
    numbers = None if models is None else read_wholes(models)
    folder = run_folder(run)
    trained = load_run(folder)
    gc.enable()  # this can take a while, and leaves much behind
    if isinstance(trained, OneTrainerRun):
        refuse_models(models, trained)
        return _compare_one_trainer(session, trained, folder)
    with refusing():
        chosen = ChosenModels.of(trained, numbers)
        best, warnings = known_best(session, chosen.trained, no_state=no_state)
        with ProgressBar(session, "Comparing", time_left=True) as bar:
            found = torchsim.comparison.compare_models(chosen, best, on_progress=bar)
    return Report(
        data=lambda: {**comparison_data(found), "run": str(folder)},
        text=lambda terminal: comparison_page(found, terminal.notation, folder_word(folder)),
        warnings=warnings,
    )


def refuse_models(models: Given | None, run: OneTrainerRun) -> None:
    """Refuse ``--models`` for a run of another kind than toy models."""
    if models is not None:
        message = f"--models is for runs of toy models; this one is of {run.called}."
        raise CommandError(ReportedError("usage", message))


def _compare_one_trainer(session: Session, run: OneTrainerRun, folder: Path) -> Report:
    """The same of a kind with one trainer, beside what is exact."""
    kind = _ONE_TRAINER[type(run)]
    with ProgressBar(session, "Comparing", time_left=True) as bar:
        found = torchsim.comparison.compare_one_trainer(run, bar)
    return Report(
        data=lambda: {**kind.data(found), **failed_data(found), "run": str(folder)},
        text=lambda terminal: kind.page(found, terminal.notation, folder_word(folder)),
    )


@dataclass(frozen=True, slots=True)
class _Compares:
    """How the comparison of a kind is shown as data and as a page."""

    data: Callable[[Any], Mapping[str, object]]
    page: Callable[[Any, PlainNotation, str], RenderableType]


_ONE_TRAINER: dict[type[OneTrainerRun], _Compares] = {
    AttentionRun: _Compares(attention_comparison_data, ATTENTION_COMPARISONS.page),
    SaeRun: _Compares(sae_comparison_data, SAE_COMPARISONS.page),
    NetworkRun: _Compares(network_comparison_data, NETWORK_COMPARISONS.page),
    DatasetRun: _Compares(dataset_comparison_data, DATASET_COMPARISONS.page),
}


def known_best(
    session: Session, models: Sequence[Trained], *, no_state: bool
) -> tuple[tuple[KnownBest | None, ...], tuple[str, ...]]:
    """The best known of each trained model, and what went wrong in keeping them.

    What is not kept yet is searched for, and kept as it comes.
    """
    store = BestStore(None if no_state else best_folder())
    bar = ProgressBar(session, "Searching for the best", time_left=True)
    try:
        with bar:
            best = best_of_trained(models, store, bar)
    except KeyboardInterrupt as stop:
        kept = LOST if no_state or store.trouble else GOES_ON
        done = bar.so_far("the best of {} models is found")
        raise interruption(session, stop, done, kept) from None
    return best, tuple(store.trouble)
