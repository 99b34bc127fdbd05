"""An experiment with networks that have neurons."""

from __future__ import annotations

from torchsim.networks.specification import NetworkSpec, NetworkTraining
from torchsim.presets.one_trainer import ModelsExtent, OneTrainerPreset

NetworkExtent = ModelsExtent[NetworkSpec]


class NetworkPreset(OneTrainerPreset[NetworkSpec, NetworkTraining]):
    """An experiment with networks of neurons: its story, its models in two sizes, its claim."""

    training = NetworkTraining
