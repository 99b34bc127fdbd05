"""Comparisons of the kinds with one trainer: of the models that came to something, by number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from torchsim.attention.run import AttentionRun
from torchsim.autoencoders.run import SaeRun
from torchsim.comparison.attention import AttentionComparison, compare_attention
from torchsim.comparison.autoencoders import SaeComparison, compare_autoencoders
from torchsim.comparison.chosen_models import failed_of
from torchsim.comparison.datasets import DatasetComparison, compare_datasets
from torchsim.comparison.networks import NetworkComparison, compare_networks
from torchsim.datasets.run import DatasetRun
from torchsim.kinds import OneTrainerRun
from torchsim.networks.run import NetworkRun
from torchsim.training.divergence import without_lost

OneTrainerComparison: TypeAlias = (
    AttentionComparison | SaeComparison | NetworkComparison | DatasetComparison
)
_COMPARES: Mapping[type[OneTrainerRun], Callable[..., OneTrainerComparison]] = {
    AttentionRun: lambda run, _: compare_attention(run),  # it takes a moment
    SaeRun: compare_autoencoders,
    NetworkRun: compare_networks,
    DatasetRun: compare_datasets,
}


def compare_one_trainer(
    run: OneTrainerRun, on_progress: Callable[[int, int], None] | None = None
) -> Any:
    """The comparison of a run, with what came to nothing in ``failed``.

    ``on_progress`` hears how many of how many models are done.

    >>> from torchsim.networks.specification import NetworkSpec, NetworkTraining
    >>> from torchsim.networks.training import train
    >>> model = NetworkSpec.of(1, 2, "absolute", "1/2", steps=60, batch=64)
    >>> compare_one_trainer(train(NetworkTraining((model,), restarts=2))).numbers
    (1,)
    """
    found = _COMPARES[type(run)](without_lost(run), on_progress)
    return replace(found, failed=failed_of(run))
