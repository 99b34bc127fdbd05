"""Networks with neurons trained: an experiment with its claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from handcalc.cli.report import Report, Session
from torchsim.networks.run import NetworkRun
from torchsim.presets import NetworkPreset
from torchsim.views.network_runs import network_run_data, network_run_table

from .one_trainer import experiment_report, train_experiment
from .train import refuse_weights


def train(session: Session, chosen: NetworkPreset, asked: Mapping[str, Any]) -> Report:
    """Train an experiment, or read what was trained before."""
    refuse_weights(chosen, asked, "trains networks with neurons, whose weights are")
    done = train_experiment(session, chosen, asked)
    run = cast("NetworkRun", done.run)  # what a NetworkTraining comes to
    return experiment_report(
        chosen,
        done,
        lambda: network_run_data(run),
        lambda terminal: network_run_table(run, terminal.notation),
    )
