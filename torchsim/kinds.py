"""All kinds of what is trained, and who trains each; and sweeps, of toy models."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, TypeAlias

import torchsim.attention.training
import torchsim.autoencoders.training
import torchsim.datasets.training
import torchsim.networks.training
import torchsim.training
from torchsim.attention.run import AttentionRun, TrainedAttention
from torchsim.attention.specification import AttentionTraining
from torchsim.autoencoders.run import SaeRun, TrainedSae
from torchsim.autoencoders.specification import SaeTraining
from torchsim.datasets.run import DatasetRun, TrainedOnDataset
from torchsim.datasets.specification import DatasetTraining
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.networks.specification import NetworkTraining
from torchsim.run import Trained, TrainingRun
from torchsim.specification import TrainingSpec
from torchsim.sweeps.run import SweepRun
from torchsim.sweeps.specification import SweepSpec
from torchsim.training.checkpoint import Checkpointer, TrainingProgress
from torchsim.training.probes import Probe, check_probe
from torchsim.training.starts import StartWeights

OneTrainerSpec: TypeAlias = AttentionTraining | SaeTraining | NetworkTraining | DatasetTraining
OneTrainerRun: TypeAlias = AttentionRun | SaeRun | NetworkRun | DatasetRun
"""Kinds with one trainer: all but toy models on fresh samples or the exact loss."""
AnySpec: TypeAlias = TrainingSpec | OneTrainerSpec
AnyRun: TypeAlias = TrainingRun | OneTrainerRun
AnyTrained: TypeAlias = Trained | TrainedAttention | TrainedSae | TrainedNetwork | TrainedOnDataset
KeptSpec: TypeAlias = AnySpec | SweepSpec
KeptRun: TypeAlias = AnyRun | SweepRun
"""What a folder holds: a run, or a sweep of many."""

_TRAINERS: dict[type[AnySpec], ModuleType] = {
    TrainingSpec: torchsim.training,
    AttentionTraining: torchsim.attention.training,
    SaeTraining: torchsim.autoencoders.training,
    NetworkTraining: torchsim.networks.training,
    DatasetTraining: torchsim.datasets.training,
}
"""Each has ``train`` and ``estimate``."""


def train(
    spec: AnySpec,
    *,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    keeping: Checkpointer | None = None,
    should_stop: Callable[[], bool] | None = None,
    probe: Probe | None = None,
    start: StartWeights | None = None,
) -> AnyRun:
    """The run of a specification, by the trainer of its kind.

    Errors: ``probe`` for one that is not for this kind; those of ``train`` in the ``training`` of
    its kind.

    >>> from torchsim.specification import ModelSpec
    >>> train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=2)).spec.restarts
    2
    """
    check_probe(spec, probe)
    hooks: dict[str, Any] = {
        "on_progress": on_progress,
        "keeping": keeping,
        "should_stop": should_stop,
    }
    own = {"probe": probe, "start": start}  # which toy models alone have
    hooks |= {name: value for name, value in own.items() if value is not None}
    run: AnyRun = _TRAINERS[type(spec)].train(spec, **hooks)
    return run


def estimate(spec: AnySpec) -> float:
    """About how many seconds ``train`` takes. Errors: ``device``.

    >>> from torchsim.specification import ModelSpec
    >>> estimate(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), "sampled", restarts=1, batch=8)) > 0
    True
    """
    seconds: float = _TRAINERS[type(spec)].estimate(spec)
    return seconds
