"""An experiment with toy models on data sets."""

from __future__ import annotations

from torchsim.datasets.specification import DatasetSpec, DatasetTraining
from torchsim.presets.one_trainer import ModelsExtent, OneTrainerPreset

DatasetExtent = ModelsExtent[DatasetSpec]


class DatasetPreset(OneTrainerPreset[DatasetSpec, DatasetTraining]):
    """An experiment with data sets: its story, its models in two sizes, its claim."""

    training = DatasetTraining
