"""What is to be trained, in words: a configuration, a specification, an experiment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.decimals import short_text
from handcalc.views.columns import columns, fitting
from handcalc.views.layout import INDENT, Paragraph, Sized, spaced, to_type
from handcalc.views.markdown.blocks import code, joined, prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from handcalc.wording import counted
from torchsim.views.runs import DEVICES, MOST_LINES, in_common, model_labels, restarts

if TYPE_CHECKING:
    from torchsim.presets import Preset
    from torchsim.specification import ModelSpec, TrainingSpec


_SEVERAL = 6  # importances that are listed each
_OPTIMISERS = {"adam": "Adam", "adamw": "AdamW"}
_FALLING = {"linear": ", falling to 0 along a line", "cosine": ", falling to 0 along a cosine"}


def model_text(model: ModelSpec, notation: PlainNotation) -> RenderableType:
    """A configuration in a few sentences."""
    return Paragraph(notation.words(model_sentence(model)))


def model_markdown(model: ModelSpec) -> str:
    """A configuration in a few sentences."""
    return prose(model_sentence(model))


def model_sentence(model: ModelSpec) -> str:
    """How many features in how few dimensions, their inputs and importances, and the seed.

    >>> from torchsim.specification import ModelSpec
    >>> print(model_sentence(ModelSpec.of(3, 2, "1/2")))
    3 features in 2 dimensions, ReLU. Each feature is off with probability S = 1/2, \
independently. An active feature is uniform on [0, 1]. The importances are all 1. Seed 0.
    """
    kind = "ReLU" if model.activation == "relu" else "linear"
    size = f"{counted(model.features, 'feature')} in {counted(model.hidden, 'dimension')}, {kind}"
    return (
        f"{size}. {model.distribution.sentence()} An active feature is uniform on [0, 1]. "
        f"The importances are {_importances(model)}. Seed {model.seed}."
    )


def spec_text(spec: TrainingSpec, notation: PlainNotation) -> RenderableType:
    """The models that are to be trained, and how."""
    return spaced(
        heading(_spec_title(spec), notation),
        *_spec_models(spec, notation),
        Paragraph(notation.words(_how(spec))),
    )


def spec_markdown(spec: TrainingSpec) -> str:
    """The models that are to be trained, and how."""
    rows = _spec_rows(spec)
    listed = [model_markdown(spec.models[0])]
    if rows:
        listed = [table(rows[0], rows[1:]), _left(spec), prose(in_common(spec.models))]
    return joined(f"**{_spec_title(spec)}**", *listed, prose(_how(spec)))


def preset_text(preset: Preset, notation: PlainNotation) -> RenderableType:
    """What an experiment shows, what is known of it, and how to do it."""
    return spaced(
        heading(preset.title, notation),
        *(Paragraph(notation.words(text)) for text in _told(preset)),
        Group(*(to_type(line, " " * INDENT) for line in _doing(preset))),
    )


def preset_markdown(preset: Preset) -> str:
    """What an experiment shows, what is known of it, and how to do it."""
    told = map(prose, _told(preset))
    return joined(f"**{prose(preset.title)}**", *told, code("\n".join(_doing(preset))))


def _importances(model: ModelSpec) -> str:
    each = list(map(short_text, model.importance))
    if len(set(model.importance)) == 1:
        return f"all {each[0]}"
    return ", ".join(each if len(each) <= _SEVERAL else [*each[:3], "…", each[-1]])


def _spec_title(spec: TrainingSpec) -> str:
    return f"{counted(len(spec.models), 'model')} to train"


def _spec_rows(spec: TrainingSpec) -> Sequence[Sequence[str]]:
    """What tells the models apart, heads first; nothing where all are alike."""
    named = model_labels(spec.models)
    if not named:
        return []
    heads = ["model", *named]
    cells = list(zip(*named.values(), strict=True))[:MOST_LINES]
    return [heads, *([str(i), *row] for i, row in enumerate(cells, 1))]


def _spec_models(spec: TrainingSpec, notation: PlainNotation) -> Iterator[RenderableType]:
    rows = _spec_rows(spec)
    if not rows:
        yield model_text(spec.models[0], notation)
        return
    yield Sized(lambda width: Text(notation.words(columns(fitting(rows, width, ()), width))))
    if _left(spec):
        yield Text(notation.words(_left(spec)))
    yield Paragraph(notation.words(in_common(spec.models)))


def _left(spec: TrainingSpec) -> str:
    left = len(spec.models) - MOST_LINES
    return f"… and {left:,} more, in spec.models." if left > 0 else ""


def _how(spec: TrainingSpec) -> str:
    """The trainer and its settings, in a sentence."""
    starts = f"{restarts(spec)}, on {DEVICES[spec.device]}"
    if spec.trainer == "exact":
        return f"By descent on the exact loss, {starts}."
    rate = f"at a learning rate of {spec.rate:g}{_FALLING.get(spec.schedule, '')}"
    decay = f", decay {spec.decay:g}" if spec.optimiser == "adamw" and spec.decay else ""
    return (
        f"On samples, in {spec.steps:,} steps of {spec.batch:,} inputs by "
        f"{_OPTIMISERS[spec.optimiser]} {rate}{decay}, in {spec.dtype}; {starts}."
    )


def _told(preset: Preset) -> Iterator[str]:
    yield preset.story
    yield f"What is known: {preset.claim.sentence}"
    full, small = (preset.full.models(preset.seed), preset.small.models(preset.seed))
    yield (
        f"In full size it trains {counted(len(full), 'model')}, "
        f"for a quick look {counted(len(small), 'model')}."
    )
    yield f"Source: {preset.source}."


def _doing(preset: Preset) -> Iterator[str]:
    """The same from a terminal and from Python."""
    yield f"handcalc train {preset.name} --small"
    yield f'run = torchsim.train("{preset.name}", small=True)'
