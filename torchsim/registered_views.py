"""The views of what is trained, registered with handcalc's ``display``."""

from __future__ import annotations

from handcalc.views.text import register
from torchsim.comparison import Compared, Comparison
from torchsim.presets.experiment import Preset
from torchsim.run import Trained, TrainingRun
from torchsim.specification import ModelSpec, TrainingSpec
from torchsim.views.comparisons import (
    compared_markdown,
    compared_text,
    comparison_markdown,
    comparison_page,
)
from torchsim.views.runs import run_markdown, run_page, trained_markdown, trained_text
from torchsim.views.specifications import (
    model_markdown,
    model_text,
    preset_markdown,
    preset_text,
    spec_markdown,
    spec_text,
)

register(ModelSpec, model_text, model_markdown)
register(TrainingSpec, spec_text, spec_markdown)
register(Preset, preset_text, preset_markdown)
register(Trained, trained_text, trained_markdown)
register(TrainingRun, run_page, run_markdown)
register(Comparison, comparison_page, comparison_markdown)
register(Compared, compared_text, compared_markdown)
