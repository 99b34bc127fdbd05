"""An experiment with attention-only models."""

from __future__ import annotations

from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.presets.one_trainer import ModelsExtent, OneTrainerPreset

AttentionExtent = ModelsExtent[AttentionSpec]


class AttentionPreset(OneTrainerPreset[AttentionSpec, AttentionTraining]):
    """An experiment with attention-only models: its story, its models in two sizes, its claim."""

    training = AttentionTraining
