"""Sparse autoencoders trained: an experiment with its claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from handcalc.cli.report import Report, Session
from torchsim.autoencoders.run import SaeRun
from torchsim.presets import SaePreset
from torchsim.views.sae_runs import sae_run_data, sae_run_table

from .one_trainer import experiment_report, train_experiment
from .train import refuse_weights


def train(session: Session, chosen: SaePreset, asked: Mapping[str, Any]) -> Report:
    """Train an experiment, or read what was trained before."""
    refuse_weights(chosen, asked, "trains sparse autoencoders, whose weights are")
    done = train_experiment(session, chosen, asked)
    run = cast("SaeRun", done.run)  # what an SaeTraining comes to
    return experiment_report(
        chosen,
        done,
        lambda: sae_run_data(run),
        lambda terminal: sae_run_table(run, terminal.notation),
    )
