"""Toy models, transformers, autoencoders, networks trained in torch, beside the exact ones.

Every name below is imported when it is first used, so that ``import torchsim`` costs next to
nothing. It needs the extra ``sim``.

>>> import torchsim
>>> spec = torchsim.TrainingSpec((torchsim.ModelSpec.of(2, 1, "1/2"),), trainer="exact")
>>> run = torchsim.train(spec)
>>> round(float(run.trained[0].loss.min()), 10)  # an antipodal pair
0.076282447
"""

from __future__ import annotations

from handcalc.lazy import importer

TYPE_CHECKING = (
    False  # type checkers take it as true; importing typing would cost more than all else
)
if TYPE_CHECKING:
    from . import figures as figures
    from .attention.data import Contexts as Contexts
    from .attention.data import Repeats as Repeats
    from .attention.data import TokenChain as TokenChain
    from .attention.run import AttentionRun as AttentionRun
    from .attention.run import TrainedAttention as TrainedAttention
    from .attention.specification import AttentionSpec as AttentionSpec
    from .attention.specification import AttentionTraining as AttentionTraining
    from .autoencoders.run import SaeRun as SaeRun
    from .autoencoders.run import TrainedSae as TrainedSae
    from .autoencoders.specification import SaeSpec as SaeSpec
    from .autoencoders.specification import SaeTraining as SaeTraining
    from .comparison import AttentionComparison as AttentionComparison
    from .comparison import Comparison as Comparison
    from .comparison import DatasetComparison as DatasetComparison
    from .comparison import NetworkComparison as NetworkComparison
    from .comparison import SaeComparison as SaeComparison
    from .comparison import compare as compare
    from .datasets.run import DatasetRun as DatasetRun
    from .datasets.run import TrainedOnDataset as TrainedOnDataset
    from .datasets.specification import DatasetSpec as DatasetSpec
    from .datasets.specification import DatasetTraining as DatasetTraining
    from .experiments import sae as sae
    from .experiments import train as train
    from .going_on import go_on as go_on
    from .merging import merge as merge
    from .networks.run import NetworkRun as NetworkRun
    from .networks.run import TrainedNetwork as TrainedNetwork
    from .networks.specification import NetworkSpec as NetworkSpec
    from .networks.specification import NetworkTraining as NetworkTraining
    from .presets import AttentionPreset as AttentionPreset
    from .presets import DatasetPreset as DatasetPreset
    from .presets import NetworkPreset as NetworkPreset
    from .presets import Preset as Preset
    from .presets import SaePreset as SaePreset
    from .presets import preset as preset
    from .run import Trained as Trained
    from .run import TrainingRun as TrainingRun
    from .saving import load as load
    from .saving import save as save
    from .saving import save_weights as save_weights
    from .specification import ModelSpec as ModelSpec
    from .specification import TrainingSpec as TrainingSpec
    from .sweeping import sweep as sweep
    from .sweeps.grid import SweepGrid as SweepGrid
    from .sweeps.run import SweepRun as SweepRun
    from .training.probes import ProbeRecord as ProbeRecord

__all__ = [
    "AttentionComparison",
    "AttentionPreset",
    "AttentionRun",
    "AttentionSpec",
    "AttentionTraining",
    "Comparison",
    "Contexts",
    "DatasetComparison",
    "DatasetPreset",
    "DatasetRun",
    "DatasetSpec",
    "DatasetTraining",
    "ModelSpec",
    "NetworkComparison",
    "NetworkPreset",
    "NetworkRun",
    "NetworkSpec",
    "NetworkTraining",
    "Preset",
    "ProbeRecord",
    "Repeats",
    "SaeComparison",
    "SaePreset",
    "SaeRun",
    "SaeSpec",
    "SaeTraining",
    "SweepGrid",
    "SweepRun",
    "TokenChain",
    "Trained",
    "TrainedAttention",
    "TrainedNetwork",
    "TrainedOnDataset",
    "TrainedSae",
    "TrainingRun",
    "TrainingSpec",
    "compare",
    "figures",
    "go_on",
    "load",
    "merge",
    "preset",
    "sae",
    "save",
    "save_weights",
    "sweep",
    "train",
]

# the public names by the module that defines them, the same as the imports for type checkers above
_HOMES = {
    "": ("figures",),
    "attention.data": ("Contexts", "Repeats", "TokenChain"),
    "attention.run": ("AttentionRun", "TrainedAttention"),
    "attention.specification": ("AttentionSpec", "AttentionTraining"),
    "autoencoders.run": ("SaeRun", "TrainedSae"),
    "autoencoders.specification": ("SaeSpec", "SaeTraining"),
    "comparison": (
        "AttentionComparison",
        "Comparison",
        "DatasetComparison",
        "NetworkComparison",
        "SaeComparison",
        "compare",
    ),
    "datasets.run": ("DatasetRun", "TrainedOnDataset"),
    "datasets.specification": ("DatasetSpec", "DatasetTraining"),
    "experiments": ("sae", "train"),
    "going_on": ("go_on",),
    "merging": ("merge",),
    "networks.run": ("NetworkRun", "TrainedNetwork"),
    "networks.specification": ("NetworkSpec", "NetworkTraining"),
    "presets": (
        "AttentionPreset",
        "DatasetPreset",
        "NetworkPreset",
        "Preset",
        "SaePreset",
        "preset",
    ),
    "run": ("Trained", "TrainingRun"),
    "saving": ("load", "save", "save_weights"),
    "specification": ("ModelSpec", "TrainingSpec"),
    "sweeping": ("sweep",),
    "sweeps.grid": ("SweepGrid",),
    "sweeps.run": ("SweepRun",),
    "training.probes": ("ProbeRecord",),
}


if not TYPE_CHECKING:  # a type checker refuses a name that is not imported above
    __getattr__ = importer(__name__, _HOMES, globals())


def __dir__() -> list[str]:
    return sorted(__all__)
