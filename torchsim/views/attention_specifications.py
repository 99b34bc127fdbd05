"""Attention-only models that are to be trained, in words: one, several, an experiment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import RenderableType

from handcalc.views.layout import Paragraph
from handcalc.views.markdown import prose
from handcalc.views.notation import PlainNotation
from handcalc.wording import counted
from torchsim.attention.data import Contexts, Repeats, TokenChain
from torchsim.attention.specification import AttentionSpec
from torchsim.views.one_by_one import training_markdown, training_page
from torchsim.views.specifications import varying

if TYPE_CHECKING:
    from torchsim.attention.data import Data
    from torchsim.attention.specification import AttentionTraining

_WHAT = "attention-only model"


def attention_text(model: AttentionSpec, notation: PlainNotation) -> RenderableType:
    """A configuration in a few sentences."""
    return Paragraph(notation.words(attention_sentence(model)))


def attention_markdown(model: AttentionSpec) -> str:
    """A configuration in a few sentences."""
    return prose(attention_sentence(model))


def attention_sentence(model: AttentionSpec) -> str:
    """The model, what it is trained on, and how.

    >>> print(attention_sentence(AttentionSpec(TokenChain(4, 8), layers=0, positions=False)))
    0 layers, d_model 32, no W_pos. Chains of 4 tokens, each with its own permutation, 8 places, \
noise 1/10. 1,200 steps of 64 sequences by AdamW, at a rate of 0.003, decay 0.01, after 100 steps \
of warm-up, down a cosine to 0.1 of it; gradients cut to 1. Seed 0.
    """
    told = [_size(model), "positions learnt" if model.positions else "no W_pos"]
    if model.layers and not model.self_attention:
        told.append("no place sees itself")
    if model.layers and model.scale is None:
        told.append("scores not scaled")
    data = data_phrase(model.data)
    return f"{', '.join(told)}. {data[0].upper()}{data[1:]}. {_how(model)} Seed {model.seed}."


def data_phrase(data: Data) -> str:
    """What the sequences are.

    >>> data_phrase(Repeats.fixed(16, 24, 8))
    'repeats of 8 different tokens out of 16, 24 places'
    """
    if isinstance(data, TokenChain):
        tokens = counted(data.d_vocab, "token")
        noise = f"noise {data.noise}"
        return f"chains of {tokens}, each with its own permutation, {data.n_ctx} places, {noise}"
    if isinstance(data, Repeats):
        period = str(data.shortest)
        if data.longest != data.shortest:
            period += f" to {data.longest}"
        return f"repeats of {period} different tokens out of {data.d_vocab}, {data.n_ctx} places"
    contexts = counted(len(data.contexts), "context")
    return f"counts of {counted(data.d_vocab, 'token')} after {contexts} of length {data.n_ctx}"


def _size(model: AttentionSpec) -> str:
    width = f"d_model {model.d_model}"
    return f"{model.in_short}, {width}" + (f", d_head {model.d_head}" if model.layers else "")


def _how(model: AttentionSpec) -> str:
    batch = f" of {model.batch:,} sequences"
    if isinstance(model.data, Contexts):
        batch = " on all contexts"
    decay = f", decay {model.decay:g}" if model.decay else ""
    warm = f", after {counted(model.warm_up, 'step')} of warm-up" if model.warm_up else ""
    fall = f", down a cosine to {model.final:g} of it" if model.final < 1 else ""
    clip = "" if model.clip is None else f"; gradients cut to {model.clip:g}"
    how = f"{model.steps:,} steps{batch} by AdamW, at a rate of {model.rate:g}"
    return f"{how}{decay}{warm}{fall}{clip}."


# --------------------------------------------------------------------------------------------------
# Several: what tells them apart, and what they have in common.


def labels(models: Sequence[AttentionSpec]) -> dict[str, list[str]]:
    """What tells the models of a run apart: a column for each thing in which they differ.

    >>> chain = TokenChain()
    >>> labels([AttentionSpec(chain, layers=1), AttentionSpec(chain)])
    {'layers': ['1', '2']}
    """
    return varying(_settings(models))


def in_common(models: Sequence[AttentionSpec]) -> str:
    """What ``labels`` leaves out, as all models have it in common, in a sentence."""
    same = {name: cells[0] for name, cells in _settings(models).items() if len(set(cells)) == 1}
    if all(isinstance(model.data, Contexts) for model in models):
        same.pop("batch", None)  # which makes no difference
    quiet = {"sees itself": "yes", "positions": "yes", "scale": "sqrt"}
    told = [
        _TOLD.get(name, name + " {}").format(cell)
        for name, cell in same.items()
        if cell and quiet.get(name) != cell
    ]
    return f"{'All models' if len(models) > 1 else 'Model'}: {', '.join(told)}."


_TOLD = {
    "layers": "layers: {}",
    "heads": "heads in a layer: {}",
    "sees itself": "a place sees itself: {}",
    "positions": "positions learnt: {}",
    "data": "{}",
    "steps": "{} steps",
}


def _settings(models: Sequence[AttentionSpec]) -> dict[str, list[str]]:
    """What can be told of each model, setting by setting."""

    def each(name: str) -> list[str]:
        return [str(getattr(model, name)) for model in models]

    def of_heads(cells: list[str]) -> list[str]:  # nothing where a model has none
        return [cell if m.layers else "" for cell, m in zip(cells, models, strict=True)]

    def said(name: str) -> list[str]:
        return ["yes" if getattr(model, name) else "no" for model in models]

    return {
        "data": _data_labels([model.data for model in models]),
        "layers": each("layers"),
        "heads": of_heads(each("heads")),
        "d_model": each("d_model"),
        "d_head": of_heads(each("d_head")),
        "sees itself": of_heads(said("self_attention")),
        "positions": said("positions"),
        "scale": of_heads([model.scale or "none" for model in models]),
        "steps": [f"{model.steps:,}" for model in models],
        "batch": each("batch"),
        "rate": [f"{model.rate:g}" for model in models],
        "decay": [f"{model.decay:g}" for model in models],
        "seed": each("seed"),
    }


def _data_labels(data: Sequence[Data]) -> list[str]:
    """A few words for each, or the whole phrase where these do not tell different data apart."""
    if len(set(data)) == 1:
        return [data_phrase(data[0])] * len(data)
    short = [_in_short(each) for each in data]
    return short if len(set(short)) == len(set(data)) else [data_phrase(each) for each in data]


def _in_short(data: Data) -> str:
    if isinstance(data, TokenChain):
        return f"chain, noise {data.noise}"
    if isinstance(data, Contexts):
        return f"{counted(len(data.contexts), 'context')}"
    one = data.shortest == data.longest
    return f"period {data.shortest}" if one else f"periods {data.shortest} to {data.longest}"


def attention_training_text(spec: AttentionTraining, notation: PlainNotation) -> RenderableType:
    """The models that are to be trained, and how."""
    models = spec.models
    return training_page(
        spec, _WHAT, labels(models), in_common(models), attention_sentence, notation
    )


def attention_training_markdown(spec: AttentionTraining) -> str:
    """The same for a notebook."""
    models = spec.models
    return training_markdown(spec, _WHAT, labels(models), in_common(models), attention_sentence)
