"""An experiment with sparse autoencoders."""

from __future__ import annotations

from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.presets.one_trainer import ModelsExtent, OneTrainerPreset

SaeExtent = ModelsExtent[SaeSpec]


class SaePreset(OneTrainerPreset[SaeSpec, SaeTraining]):
    """An experiment with sparse autoencoders: its story, its models in two sizes, its claim."""

    training = SaeTraining
