"""All kinds of what is trained: toy models, attention-only ones, and sweeps of toy models."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from torchsim import training
from torchsim.attention.run import AttentionRun, TrainedAttention
from torchsim.attention.specification import AttentionTraining
from torchsim.attention.training import estimate as estimate_attention
from torchsim.attention.training import train as train_attention
from torchsim.run import Trained, TrainingRun
from torchsim.specification import TrainingSpec
from torchsim.sweeps.run import SweepRun
from torchsim.sweeps.specification import SweepSpec
from torchsim.training.checkpoint import Checkpointer, TrainingProgress

AnySpec: TypeAlias = TrainingSpec | AttentionTraining
AnyRun: TypeAlias = TrainingRun | AttentionRun
AnyTrained: TypeAlias = Trained | TrainedAttention
KeptSpec: TypeAlias = AnySpec | SweepSpec
KeptRun: TypeAlias = AnyRun | SweepRun
"""What a folder holds: a run, or a sweep of many."""


def train(
    spec: AnySpec,
    *,
    on_progress: Callable[[TrainingProgress], None] | None = None,
    keeping: Checkpointer | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> AnyRun:
    """The run of a specification, by the trainer of its kind.

    Errors: those of ``torchsim.training.train`` and ``torchsim.attention.training.train``.

    >>> from torchsim.specification import ModelSpec
    >>> train(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), restarts=2)).spec.restarts
    2
    """
    if isinstance(spec, AttentionTraining):
        return train_attention(
            spec, on_progress=on_progress, keeping=keeping, should_stop=should_stop
        )
    return training.train(spec, on_progress=on_progress, keeping=keeping, should_stop=should_stop)


def estimate(spec: AnySpec) -> float:
    """About how many seconds ``train`` takes. Errors: ``device``.

    >>> from torchsim.specification import ModelSpec
    >>> estimate(TrainingSpec((ModelSpec.of(2, 1, "1/2"),), "sampled", restarts=1, batch=8)) > 0
    True
    """
    if isinstance(spec, AttentionTraining):
        return estimate_attention(spec)
    return training.estimate(spec)
