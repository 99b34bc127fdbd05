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
from torchsim.comparison.networks import NetworkCompared, NetworkComparison
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.networks.specification import NetworkSpec, NetworkTraining
from torchsim.presets.experiment import Preset
from torchsim.presets.one_trainer import OneTrainerPreset
from torchsim.run import Trained, TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.sweeps.grid import SweepGrid
from torchsim.sweeps.run import SweepRun
from torchsim.sweeps.specification import SweepSpec
from torchsim.views.attention_comparisons import (
    attention_compared_markdown,
    attention_compared_text,
    attention_comparison_markdown,
    attention_comparison_page,
)
from torchsim.views.attention_runs import (
    attention_run_markdown,
    attention_run_page,
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
from torchsim.views.network_comparisons import (
    network_compared_markdown,
    network_compared_text,
    network_comparison_markdown,
    network_comparison_page,
)
from torchsim.views.network_runs import (
    network_run_markdown,
    network_run_page,
    network_trained_markdown,
    network_trained_text,
)
from torchsim.views.network_specifications import (
    network_markdown,
    network_text,
    network_training_markdown,
    network_training_text,
)
from torchsim.views.one_by_one import one_trainer_markdown, one_trainer_text
from torchsim.views.pictured import PicturedRun, PicturedSweep, one_trained
from torchsim.views.runs import run_markdown, run_page, trained_markdown, trained_text
from torchsim.views.sae_comparisons import (
    sae_compared_markdown,
    sae_compared_text,
    sae_comparison_markdown,
    sae_comparison_page,
)
from torchsim.views.sae_runs import (
    plot_sae,
    sae_run_markdown,
    sae_run_page,
    sae_trained_markdown,
    sae_trained_text,
)
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
register(AttentionRun, attention_run_page, attention_run_markdown)
register(AttentionComparison, attention_comparison_page, attention_comparison_markdown)
register(AttentionCompared, attention_compared_text, attention_compared_markdown)
register(SweepGrid, grid_text, grid_markdown)
register(SweepSpec, grid_text, grid_markdown)
register(SweepRun, sweep_page, sweep_markdown, pictured=PicturedSweep)
register(SaeSpec, sae_text, sae_markdown)
register(SaeTraining, sae_training_text, sae_training_markdown)
register(TrainedSae, sae_trained_text, sae_trained_markdown, plot=plot_sae)
register(SaeRun, sae_run_page, sae_run_markdown)
register(SaeComparison, sae_comparison_page, sae_comparison_markdown)
register(SaeCompared, sae_compared_text, sae_compared_markdown)
register(NetworkSpec, network_text, network_markdown)
register(NetworkTraining, network_training_text, network_training_markdown)
register(TrainedNetwork, network_trained_text, network_trained_markdown)
register(NetworkRun, network_run_page, network_run_markdown)
register(NetworkComparison, network_comparison_page, network_comparison_markdown)
register(NetworkCompared, network_compared_text, network_compared_markdown)
