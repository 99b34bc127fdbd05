"""Toy models that are to be trained on data sets, in words: one, or several."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from handcalc.views.layout import Paragraph
from handcalc.views.markdown import prose
from handcalc.views.notation import PlainNotation
from handcalc.wording import counted
from torchsim.datasets.specification import DatasetSpec, DatasetTraining
from torchsim.views.one_by_one import (
    common_sentence,
    telling_names,
    training_markdown,
    training_page,
)
from torchsim.views.specifications import model_settings, varying

_WHAT = "toy model on a data set"
_COUNTED = {
    "features": "feature",
    "dimensions": "dimension",
    "T": "data point",
    "steps": "step",
}
_TOLD = {"S": "S = {}", "inputs": "{}", "sets": "sets {}", "warm-up": "warm-up {}"}


def dataset_text(model: DatasetSpec, notation: PlainNotation) -> RenderableType:
    """A configuration in a few sentences."""
    return Paragraph(notation.words(dataset_sentence(model)))


def dataset_markdown(model: DatasetSpec) -> str:
    """A configuration in a few sentences."""
    return prose(dataset_sentence(model))


def dataset_sentence(model: DatasetSpec) -> str:
    """What is trained, on which data points, and how.

    >>> print(dataset_sentence(DatasetSpec.of(9, 2, 5, "1/2")))
    9 features in 2 dimensions, 5 data points. Each feature is off with probability S = 1/2, \
independently; an active one is uniform on [0, 1], and a data point then divided by its length. \
2,000 steps of AdamW on all data points, at a rate of 0.01 after 100 steps of warm-up, down a \
cosine to 0, decay 0.01. Seed 0.
    """
    drawn = model.distribution.sentence().rstrip(".")
    warm = f" after {counted(model.warm_up, 'step')} of warm-up" if model.warm_up else ""
    decay = f", decay {model.decay:g}" if model.decay else ""
    return (
        f"{model.in_short}. {drawn}; an active one is uniform on [0, 1], and a data point then "
        f"divided by its length. {counted(model.steps, 'step')} of AdamW on all data points, at a "
        f"rate of {model.rate:g}{warm}, down a cosine to 0{decay}. Seed {model.seed}."
    )


def dataset_labels(models: Sequence[DatasetSpec]) -> dict[str, list[str]]:
    """What tells the models of a run apart: a column for each thing in which they differ.

    >>> dataset_labels([DatasetSpec.of(9, 2, T, "1/2") for T in (3, 4)])
    {'T': ['3', '4']}
    """
    return varying(_settings(models))


def dataset_in_common(models: Sequence[DatasetSpec]) -> str:
    """What ``dataset_labels`` leaves out, as all models have it in common, in a sentence.

    >>> dataset_in_common([DatasetSpec.of(9, 2, T, "1/2") for T in (3, 4)])[:43]
    'All models: 9 features, 2 dimensions, featu'
    """
    return common_sentence(_settings(models), _told)


def dataset_names(models: Sequence[DatasetSpec]) -> list[str]:
    """A few words that tell each model from the others; "" where nothing does.

    >>> dataset_names([DatasetSpec.of(9, 2, T, "1/2") for T in (1, 4)])
    ['1 data point', '4 data points']
    """
    return telling_names(dataset_labels(models), _told, len(models))


def _told(name: str, cell: str) -> str:
    """A setting in words."""
    if name in _COUNTED:
        return counted(int(cell.replace(",", "")), _COUNTED[name])
    return _TOLD.get(name, name + " {}").format(cell)


def _settings(models: Sequence[DatasetSpec]) -> dict[str, list[str]]:
    """What can be told of each model, setting by setting; T is how many data points there are."""
    drawn = model_settings([model.inputs for model in models])
    return {
        "features": [str(model.features) for model in models],
        "dimensions": [str(model.hidden) for model in models],
        "T": [f"{model.points:,}" for model in models],
        **{name: drawn[name] for name in ("inputs", "sets", "S")},
        "steps": [f"{model.steps:,}" for model in models],
        "rate": [f"{model.rate:g}" for model in models],
        "warm-up": [f"{model.warm_up:,}" for model in models],
        "decay": [f"{model.decay:g}" for model in models],
        "seed": drawn["seed"],
    }


def dataset_training_text(spec: DatasetTraining, notation: PlainNotation) -> RenderableType:
    """The models that are to be trained, and how."""
    labels, common = dataset_labels(spec.models), dataset_in_common(spec.models)
    return training_page(spec, _WHAT, labels, common, dataset_sentence, notation)


def dataset_training_markdown(spec: DatasetTraining) -> str:
    """The same for a notebook."""
    labels, common = dataset_labels(spec.models), dataset_in_common(spec.models)
    return training_markdown(spec, _WHAT, labels, common, dataset_sentence)
