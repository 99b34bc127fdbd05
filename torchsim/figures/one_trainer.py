"""Figures of kinds with one trainer: which suit a run, who draws each, and what they show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from torchsim.attention.run import AttentionRun
from torchsim.autoencoders.run import SaeRun
from torchsim.comparison.attention import compare_attention
from torchsim.comparison.autoencoders import compare_autoencoders
from torchsim.comparison.datasets import compare_datasets
from torchsim.comparison.networks import compare_networks
from torchsim.datasets.run import DatasetRun
from torchsim.figures.attention import history, patterns, tables
from torchsim.figures.autoencoders import dictionaries, sae_history
from torchsim.figures.datasets import dataset_history, points
from torchsim.figures.kinds import Kind
from torchsim.figures.networks import decoders, network_history, neurons
from torchsim.kinds import OneTrainerRun
from torchsim.networks.run import NetworkRun


@dataclass(frozen=True, slots=True)
class FiguresOf:
    """The figures of a kind of run.

    ``suited`` has the kinds that suit a run, the one that shows most first; ``shown`` what the
    module of a kind draws, with the sentence that is asked for.
    """

    modules: dict[Kind, ModuleType]
    suited: Callable[[Any], tuple[Kind, ...]]
    shown: Callable[[Kind, Any, object], tuple[object, ...]]


def _attention_kinds(run: AttentionRun) -> tuple[Kind, ...]:
    has_heads = any(trained.model.layers for trained in run.trained)
    return ("attention", "losses", "tables") if has_heads else ("tables", "losses")


def _attention_shown(kind: Kind, run: AttentionRun, tokens: object) -> tuple[object, ...]:
    if kind == "tables":
        return (run,)
    compared = compare_attention(run)  # once, as it takes longer than the drawing
    return (run, compared, tokens) if kind == "attention" else (run, compared)


def _network_kinds(run: NetworkRun) -> tuple[Kind, ...]:
    return ("decoders", "neurons", "losses") if decoders.suits(run) else ("neurons", "losses")


ONE_TRAINER: dict[type[OneTrainerRun], FiguresOf] = {
    AttentionRun: FiguresOf(
        {"attention": patterns, "tables": tables, "losses": history},
        _attention_kinds,
        _attention_shown,
    ),
    SaeRun: FiguresOf(
        {"dictionary": dictionaries, "losses": sae_history},
        lambda _: ("dictionary", "losses"),
        lambda _, run, __: (run, compare_autoencoders(run)),
    ),
    NetworkRun: FiguresOf(
        {"decoders": decoders, "neurons": neurons, "losses": network_history},
        _network_kinds,
        lambda kind, run, _: (run, compare_networks(run)) if kind == "losses" else (run,),
    ),
    DatasetRun: FiguresOf(
        {"points": points, "losses": dataset_history},
        lambda _: ("points", "losses"),
        lambda _, run, __: (run, compare_datasets(run)),
    ),
}
