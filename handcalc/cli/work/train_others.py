"""Sparse autoencoders, networks and models on data sets, trained: an experiment with its claim."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from handcalc.cli.report import Report, Session
from torchsim.autoencoders.run import SaeRun
from torchsim.datasets.run import DatasetRun
from torchsim.kinds import OneTrainerRun
from torchsim.networks.run import NetworkRun
from torchsim.presets import DatasetPreset, NetworkPreset, SaePreset
from torchsim.presets.one_trainer import OneTrainerPreset
from torchsim.views.dataset_runs import DATASET_RUNS, dataset_run_data
from torchsim.views.network_runs import NETWORK_RUNS, network_run_data
from torchsim.views.run_views import RunView
from torchsim.views.sae_runs import SAE_RUNS, sae_run_data

from .one_trainer import experiment_report, train_experiment
from .train import refuse_weights


@dataclass(frozen=True, slots=True)
class _Shows:
    """How the runs of a kind are shown, as data and as pages."""

    data: Callable[[Any], Mapping[str, object]]
    view: RunView


_SHOWS: dict[type[OneTrainerRun], _Shows] = {
    SaeRun: _Shows(sae_run_data, SAE_RUNS),
    NetworkRun: _Shows(network_run_data, NETWORK_RUNS),
    DatasetRun: _Shows(dataset_run_data, DATASET_RUNS),
}


_CALLED: dict[type[OneTrainerPreset[Any, Any]], str] = {
    SaePreset: SaeRun.called,
    NetworkPreset: NetworkRun.called,
    DatasetPreset: DatasetRun.called,
}


def train(
    session: Session,
    chosen: SaePreset | NetworkPreset | DatasetPreset,
    asked: Mapping[str, Any],
) -> Report:
    """Train an experiment, or read what was trained before."""
    refuse_weights(chosen, asked, f"trains {_CALLED[type(chosen)]}, whose weights are")
    done = train_experiment(session, chosen, asked)
    run: Any = done.run
    shows = _SHOWS[type(run)]
    return experiment_report(
        chosen,
        done,
        lambda: shows.data(run),
        lambda terminal: shows.view.table(run, terminal.notation),
    )
