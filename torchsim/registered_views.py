"""The views of what is trained, registered with handcalc's ``display``."""

from __future__ import annotations

from handcalc.views.text import register
from torchsim.attention.run import AttentionRun, TrainedAttention
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.autoencoders.run import SaeRun, TrainedSae
from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.comparison import Compared, Comparison
from torchsim.comparison.attention import AttentionCompared, AttentionComparison
from torchsim.comparison.autoencoders import SaeCompared, SaeComparison
from torchsim.comparison.datasets import DatasetCompared, DatasetComparison
from torchsim.comparison.networks import NetworkCompared, NetworkComparison
from torchsim.datasets.run import DatasetRun, TrainedOnDataset
from torchsim.datasets.specification import DatasetSpec, DatasetTraining
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.networks.specification import NetworkSpec, NetworkTraining
from torchsim.presets.experiment import Preset
from torchsim.presets.one_trainer import OneTrainerPreset
from torchsim.run import Trained, TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.sweeps.grid import SweepGrid
from torchsim.sweeps.run import SweepRun
from torchsim.sweeps.specification import SweepSpec
from torchsim.views.attention_comparisons import ATTENTION_COMPARISONS
from torchsim.views.attention_runs import (
    ATTENTION_RUNS,
    attention_trained_markdown,
    attention_trained_text,
)
from torchsim.views.attention_specifications import (
    attention_markdown,
    attention_text,
    attention_training_markdown,
    attention_training_text,
)
from torchsim.views.comparisons import (
    compared_markdown,
    compared_text,
    comparison_markdown,
    comparison_page,
)
from torchsim.views.dataset_comparisons import DATASET_COMPARISONS
from torchsim.views.dataset_runs import DATASET_RUNS, DATASET_TRAINED
from torchsim.views.dataset_specifications import (
    dataset_markdown,
    dataset_text,
    dataset_training_markdown,
    dataset_training_text,
)
from torchsim.views.network_comparisons import NETWORK_COMPARISONS
from torchsim.views.network_runs import NETWORK_RUNS, NETWORK_TRAINED
from torchsim.views.network_specifications import (
    network_markdown,
    network_text,
    network_training_markdown,
    network_training_text,
)
from torchsim.views.one_by_one import one_trainer_markdown, one_trainer_text
from torchsim.views.pictured import PicturedRun, PicturedSweep, one_trained
from torchsim.views.runs import run_markdown, run_page, trained_markdown, trained_text
from torchsim.views.sae_comparisons import SAE_COMPARISONS
from torchsim.views.sae_runs import SAE_RUNS, SAE_TRAINED, plot_sae
from torchsim.views.sae_specifications import (
    sae_markdown,
    sae_text,
    sae_training_markdown,
    sae_training_text,
)
from torchsim.views.specifications import (
    model_markdown,
    model_text,
    preset_markdown,
    preset_text,
    spec_markdown,
    spec_text,
)
from torchsim.views.sweeps import grid_markdown, grid_text, sweep_markdown, sweep_page

register(ModelSpec, model_text, model_markdown)
register(TrainingSpec, spec_text, spec_markdown)
register(Preset, preset_text, preset_markdown)
register(Trained, trained_text, trained_markdown, pictured=one_trained)
register(TrainingRun, run_page, run_markdown, pictured=PicturedRun)
register(Comparison, comparison_page, comparison_markdown)
register(Compared, compared_text, compared_markdown)
register(AttentionSpec, attention_text, attention_markdown)
register(AttentionTraining, attention_training_text, attention_training_markdown)
register(OneTrainerPreset, one_trainer_text, one_trainer_markdown)
register(TrainedAttention, attention_trained_text, attention_trained_markdown)
register(AttentionRun, ATTENTION_RUNS.page, ATTENTION_RUNS.markdown)
register(AttentionComparison, ATTENTION_COMPARISONS.page, ATTENTION_COMPARISONS.markdown)
register(AttentionCompared, ATTENTION_COMPARISONS.one_text, ATTENTION_COMPARISONS.one_markdown)
register(SweepGrid, grid_text, grid_markdown)
register(SweepSpec, grid_text, grid_markdown)
register(SweepRun, sweep_page, sweep_markdown, pictured=PicturedSweep)
register(SaeSpec, sae_text, sae_markdown)
register(SaeTraining, sae_training_text, sae_training_markdown)
register(TrainedSae, SAE_TRAINED.text, SAE_TRAINED.markdown, plot=plot_sae)
register(SaeRun, SAE_RUNS.page, SAE_RUNS.markdown)
register(SaeComparison, SAE_COMPARISONS.page, SAE_COMPARISONS.markdown)
register(SaeCompared, SAE_COMPARISONS.one_text, SAE_COMPARISONS.one_markdown)
register(NetworkSpec, network_text, network_markdown)
register(NetworkTraining, network_training_text, network_training_markdown)
register(TrainedNetwork, NETWORK_TRAINED.text, NETWORK_TRAINED.markdown)
register(NetworkRun, NETWORK_RUNS.page, NETWORK_RUNS.markdown)
register(NetworkComparison, NETWORK_COMPARISONS.page, NETWORK_COMPARISONS.markdown)
register(NetworkCompared, NETWORK_COMPARISONS.one_text, NETWORK_COMPARISONS.one_markdown)
register(DatasetSpec, dataset_text, dataset_markdown)
register(DatasetTraining, dataset_training_text, dataset_training_markdown)
register(TrainedOnDataset, DATASET_TRAINED.text, DATASET_TRAINED.markdown)
register(DatasetRun, DATASET_RUNS.page, DATASET_RUNS.markdown)
register(DatasetComparison, DATASET_COMPARISONS.page, DATASET_COMPARISONS.markdown)
register(DatasetCompared, DATASET_COMPARISONS.one_text, DATASET_COMPARISONS.one_markdown)
