"""Networks with neurons that are to be trained, in words: one, or several."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from handcalc.views.layout import Paragraph
from handcalc.views.markdown import prose
from handcalc.views.notation import PlainNotation
from handcalc.wording import counted
from torchsim.networks.specification import NetworkSpec, NetworkTraining
from torchsim.settings import activation_word
from torchsim.specification import ModelSpec
from torchsim.views.one_by_one import (
    NONE,
    common_sentence,
    telling_names,
    training_markdown,
    training_page,
)
from torchsim.views.specifications import model_settings, varying

_WHAT = "network"
_TASKS = {"identity": "to give x back", "absolute": "to give |x|"}
_TOLD = {
    "features": "{} features",
    "neurons": "{} neurons",
    "task": "the task {}",
    "weights": "{} weights",
    "steps": "{} steps",
    "S": "S = {}",
    "importance": "importance {}",
    "kind": "{}",
    "output": "{} outputs",
    "inputs": "{}",
    "sets": "sets {}",
}


def network_text(model: NetworkSpec, notation: PlainNotation) -> RenderableType:
    """A configuration in a few sentences."""
    return Paragraph(notation.words(network_sentence(model)))


def network_markdown(model: NetworkSpec) -> str:
    """A configuration in a few sentences."""
    return prose(network_sentence(model))


def network_sentence(model: NetworkSpec) -> str:
    """What is trained, on which inputs, and how.

    >>> print(network_sentence(NetworkSpec.of(2, 4, "absolute", "1/2")))
    2 features, 4 ReLU neurons, to give |x|, with weights in and out of its own. Each feature is \
off with probability S = 1/2, independently. An active feature is uniform on [−1, 1]. 4,000 steps \
of 1,024 inputs by Adam, at a rate of 0.01, down a cosine to 0. Seed 0.
    """
    of = f"{activation_word(model.activation)} neuron"
    size = f"{counted(model.features, 'feature')}, {counted(model.neurons, of)}"
    if model.output != "relu":
        size += f", {activation_word(model.output)} outputs"
    layers = "with W_out = W_in" if model.tied else "with weights in and out of its own"
    interval = "[−1, 1]" if model.task == "absolute" else "[0, 1]"
    [importance] = _model_settings([model])["importance"]
    weighed = "" if importance == "1" else f" Importance {importance}."
    steps = f"{counted(model.steps, 'step')} of {counted(model.batch, 'input')}"
    return (
        f"{size}, {_TASKS[model.task]}, {layers}. {model.distribution.sentence()} An active "
        f"feature is uniform on {interval}.{weighed} {steps} by Adam, at a rate of {model.rate:g}, "
        f"down a cosine to 0. Seed {model.seed}."
    )


def network_labels(models: Sequence[NetworkSpec]) -> dict[str, list[str]]:
    """What tells the models of a run apart: a column for each thing in which they differ.

    >>> network_labels([NetworkSpec.of(2, m, "absolute", "1/2") for m in (3, 4)])
    {'neurons': ['3', '4']}
    """
    return varying(_settings(models))


def network_in_common(models: Sequence[NetworkSpec]) -> str:
    """What ``network_labels`` leaves out, as all models have it in common, in a sentence.

    >>> network_in_common([NetworkSpec.of(2, m, "absolute", "1/2") for m in (3, 4)])[:50]
    'All models: the task absolute, 2 features, ReLU, u'
    """
    return common_sentence(_settings(models), _told)


def _told(name: str, cell: str) -> str:
    """A setting in words."""
    return _TOLD.get(name, name + " {}").format(cell)


def _settings(models: Sequence[NetworkSpec]) -> dict[str, list[str]]:
    """What can be told of each model, setting by setting."""
    drawn = _model_settings(models)
    return {
        "task": [model.task for model in models],
        "features": [str(model.features) for model in models],
        "neurons": [str(model.neurons) for model in models],
        "kind": drawn["kind"],
        "output": [_output(model) for model in models],
        "weights": ["tied" if model.tied else "untied" for model in models],
        **{name: drawn[name] for name in ("inputs", "sets", "S", "importance")},
        "steps": [f"{model.steps:,}" for model in models],
        "batch": [str(model.batch) for model in models],
        "rate": [f"{model.rate:g}" for model in models],
        "seed": drawn["seed"],
    }


def _output(model: NetworkSpec) -> str:
    """The activation of the outputs, where it is not ReLU, as it is in the networks by hand."""
    return NONE if model.output == "relu" else activation_word(model.output)


def _model_settings(models: Sequence[NetworkSpec]) -> dict[str, list[str]]:
    """Those that toy models have, too."""
    return model_settings(
        [
            ModelSpec(
                each.features, each.neurons, each.distribution, each.importance, each.activation,
                each.seed,
            )
            for each in models
        ]
    )  # fmt: skip


def network_training_text(spec: NetworkTraining, notation: PlainNotation) -> RenderableType:
    """The models that are to be trained, and how."""
    labels, common = network_labels(spec.models), network_in_common(spec.models)
    return training_page(spec, _WHAT, labels, common, network_sentence, notation)


def network_training_markdown(spec: NetworkTraining) -> str:
    """The same for a notebook."""
    labels, common = network_labels(spec.models), network_in_common(spec.models)
    return training_markdown(spec, _WHAT, labels, common, network_sentence)


def network_names(models: Sequence[NetworkSpec], but: Sequence[str] = ()) -> list[str]:
    """A few words that tell each model from the others; "" where nothing does.

    ``but`` are settings that go without saying.

    >>> network_names([NetworkSpec.of(2, m, "absolute", "1/2") for m in (3, 4)])
    ['3 neurons', '4 neurons']
    """
    return telling_names(network_labels(models), _told, len(models), but)
