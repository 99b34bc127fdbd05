"""Sparse autoencoders that are to be trained, in words: one, or several."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import RenderableType

from handcalc.numbers.exact import to_text
from handcalc.views.layout import Paragraph
from handcalc.views.markdown import prose
from handcalc.views.notation import PlainNotation
from handcalc.wording import brief, counted
from torchsim.autoencoders.specification import SaeSpec, SaeTraining
from torchsim.views.one_by_one import training_markdown, training_page
from torchsim.views.specifications import model_settings, varying

_WHAT = "sparse autoencoder"
_LONG = 60  # characters of a W that a sentence has room for
_TOLD = {
    "W": "W = {}",
    "kind": "of the kind {}",
    "S": "S = {}",
    "inputs": "{}",
    "λ": "λ = {}",
    "k": "k = {}",
    "b_dec": "b_dec {}",
}


def sae_text(model: SaeSpec, notation: PlainNotation) -> RenderableType:
    """A configuration in a few sentences."""
    return Paragraph(notation.words(sae_sentence(model)))


def sae_markdown(model: SaeSpec) -> str:
    """A configuration in a few sentences."""
    return prose(sae_sentence(model))


def sae_sentence(model: SaeSpec) -> str:
    """What is trained, on which h, and how.

    >>> print(sae_sentence(SaeSpec.of("1; -1", 2, "1/5", "1/2", decoder_bias=True)))
    l1, λ = 1/5, 2 latents in 1 dimension, with a bias of the decoder, on h of W = 1; -1. Each \
feature is off with probability S = 1/2, independently. An active feature is uniform on [0, 1]. \
4,000 steps of 1,024 inputs by Adam, at a rate of 0.01, down a cosine to 0. Seed 0.
    """
    bias = ", with a bias of the decoder" if model.decoder_bias else ""
    W = _matrix(model)
    where = f"h of W = {W}" if len(W) <= _LONG else f"h of {counted(model.model.n, 'feature')}"
    steps = f"{counted(model.steps, 'step')} of {counted(model.batch, 'input')}"
    return (
        f"{model.in_short}{bias}, on {where}. {model.distribution.sentence()} An active feature is "
        f"uniform on [0, 1]. {steps} by Adam, at a rate of {model.rate:g}, down a cosine to 0. "
        f"Seed {model.seed}."
    )


def _matrix(model: SaeSpec) -> str:
    return "; ".join(" ".join(map(to_text, row)) for row in model.model.W)


def sae_labels(models: Sequence[SaeSpec]) -> dict[str, list[str]]:
    """What tells the models of a run apart: a column for each thing in which they differ.

    >>> sae_labels([SaeSpec.of("1; -1", k, "1/5", "1/2") for k in (1, 2)])
    {'latents': ['1', '2']}
    """
    return varying(_settings(models))


def sae_in_common(models: Sequence[SaeSpec]) -> str:
    """What ``sae_labels`` leaves out, as all models have it in common, in a sentence."""
    same = {name: cells[0] for name, cells in _settings(models).items() if len(set(cells)) == 1}
    quiet = {"b_dec": "0", "W": "", "bandwidth": ""}
    told = [_told(name, cell) for name, cell in same.items() if cell and quiet.get(name) != cell]
    return f"{'All models' if len(models) > 1 else 'Model'}: {', '.join(told)}."


def _told(name: str, cell: str) -> str:
    """A setting in words: "1 feature", "2 features"."""
    if name in ("features", "latents", "steps"):
        return counted(int(cell.replace(",", "")), name.removesuffix("s"))
    return _TOLD.get(name, name + " {}").format(cell)


def _settings(models: Sequence[SaeSpec]) -> dict[str, list[str]]:
    """What can be told of each model, setting by setting; nothing where a kind does not have it."""
    inputs = model_settings([model.inputs for model in models])
    matrices = [_matrix(model) for model in models]
    one_W = len(set(matrices)) == 1 and len(matrices[0]) > _LONG
    return {
        "W": [""] * len(models) if one_W else [brief(W).strip("'") for W in matrices],
        "features": [str(model.model.n) for model in models],
        "kind": [model.kind for model in models],
        "latents": [str(model.latents) for model in models],
        "λ": ["" if model.kind == "topk" else to_text(model.l1) for model in models],
        "k": [str(model.k) if model.kind == "topk" else "" for model in models],
        "inputs": inputs["inputs"],
        "S": inputs["S"],
        "b_dec": ["trained" if model.decoder_bias else "0" for model in models],
        "steps": [f"{model.steps:,}" for model in models],
        "batch": [str(model.batch) for model in models],
        "rate": [f"{model.rate:g}" for model in models],
        "seed": inputs["seed"],
        "bandwidth": [f"{m.bandwidth:g}" if m.kind == "jumprelu" else "" for m in models],
    }


def sae_training_text(spec: SaeTraining, notation: PlainNotation) -> RenderableType:
    """The models that are to be trained, and how."""
    models = spec.models
    labels, common = sae_labels(models), sae_in_common(models)
    return training_page(spec, _WHAT, labels, common, sae_sentence, notation)


def sae_training_markdown(spec: SaeTraining) -> str:
    """The same for a notebook."""
    models = spec.models
    labels, common = sae_labels(models), sae_in_common(models)
    return training_markdown(spec, _WHAT, labels, common, sae_sentence)


def sae_names(models: Sequence[SaeSpec]) -> list[str]:
    """A few words that tell each model from the others; "" where nothing does.

    >>> sae_names([SaeSpec.of("1; -1", k, "1/5", "1/2") for k in (1, 2)])
    ['latents 1', 'latents 2']
    """
    labels = sae_labels(models)
    spoken = {"S": "S = {}", "λ": "λ = {}", "k": "k = {}", "kind": "{}", "inputs": "{}"}
    named = []
    for i in range(len(models)):
        told = [
            spoken.get(name, name + " {}").format(cells[i])
            for name, cells in labels.items()
            if cells[i]
        ]
        named.append(", ".join(told))
    return named
