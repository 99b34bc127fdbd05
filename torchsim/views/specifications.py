"""What is to be trained, in words: a configuration, several, a specification, an experiment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.decimals import short_text
from handcalc.numbers.exact import to_float, to_text
from handcalc.views.layout import INDENT, Paragraph, Sized, columns, fitting, spaced, to_type
from handcalc.views.markdown import code, joined, prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from handcalc.wording import counted
from torchsim.settings import activation_word
from torchsim.specification import STEPS

if TYPE_CHECKING:
    import sympy

    from torchsim.presets import AnyPreset, Preset
    from torchsim.specification import Device, ModelSpec, TrainingSpec


MOST_LINES = 40
DEVICES: dict[Device, str] = {"cpu": "the CPU", "cuda": "the GPU"}
_FEW = 4  # numbers that a cell has room for
_NONE = "-"  # a setting that a model has not
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
    kind = activation_word(model.activation)
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
        Paragraph(notation.words(how_trained(spec))),
    )


def spec_markdown(spec: TrainingSpec) -> str:
    """The models that are to be trained, and how."""
    rows = _spec_rows(spec)
    listed = [model_markdown(spec.models[0])]
    if rows:
        listed = [table(rows[0], rows[1:]), _left(spec), prose(in_common(spec.models))]
    return joined(f"**{_spec_title(spec)}**", *listed, prose(how_trained(spec)))


def preset_text(preset: Preset, notation: PlainNotation) -> RenderableType:
    """What an experiment shows, what is known of it, and how to do it."""
    return experiment_text(preset, _told(preset), notation)


def preset_markdown(preset: Preset) -> str:
    """What an experiment shows, what is known of it, and how to do it."""
    return experiment_markdown(preset, _told(preset))


def experiment_text(
    preset: AnyPreset, told: Iterable[str], notation: PlainNotation
) -> RenderableType:
    """An experiment of either kind: its title, what is told of it, and how to do it."""
    return spaced(
        heading(preset.title, notation),
        *(Paragraph(notation.words(text)) for text in told),
        Group(*(to_type(line, " " * INDENT) for line in doing(preset.name))),
    )


def experiment_markdown(preset: AnyPreset, told: Iterable[str]) -> str:
    """The same for a notebook."""
    title = f"**{prose(preset.title)}**"
    return joined(title, *map(prose, told), code("\n".join(doing(preset.name))))


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


def how_trained(spec: TrainingSpec) -> str:
    """The trainer and its settings, in a sentence."""
    starts = f"{restarts(spec)}, on {DEVICES[spec.device]}"
    if spec.trainer == "exact":
        steps = f" The {spec.steps:,} steps make no difference: it stops by itself."
        return f"By descent on the exact loss, {starts}.{'' if spec.steps == STEPS else steps}"
    rate = f"at a learning rate of {spec.rate:g}{_FALLING.get(spec.schedule, '')}"
    decay = f", decay {spec.decay:g}" if spec.optimiser == "adamw" and spec.decay else ""
    return (
        f"On samples, in {counted(spec.steps, 'step')} of {counted(spec.batch, 'input')} by "
        f"{_OPTIMISERS[spec.optimiser]} {rate}{decay}, in {spec.dtype} by the {spec.kernel} "
        f"kernel; {starts}."
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


def doing(preset: str) -> Iterator[str]:
    """The same from a terminal and from Python.

    >>> list(doing("by-hand"))[0]
    'handcalc train by-hand --small'
    """
    yield f"handcalc train {preset} --small"
    yield f'run = torchsim.train("{preset}", small=True)'


def restarts(spec: TrainingSpec) -> str:
    """How many restarts a model has: 8 restarts each, or of a single model 8 restarts.

    And whether they begin at weights that were given.
    """
    count = counted(spec.restarts, "restart")
    each = " each" if len(spec.models) > 1 else ""
    return f"{count}{each}{'' if spec.start is None else ' from given weights'}"


# --------------------------------------------------------------------------------------------------
# The models of a run beside each other: what tells them apart, and what they have in common.


def model_data(model: ModelSpec) -> Mapping[str, object]:
    """What a model is, exactly: S is one for all, one for each feature or set, or there is none."""
    sparsities: list[str | None] = [*map(to_text, model.sparsities)] or [None]
    return {
        "features": model.features,
        "hidden": model.hidden,
        "activation": model.activation,
        "distribution": model.distribution.sentence(),
        "sparsity": sparsities[0] if len(set(sparsities)) == 1 else sparsities,
        "importance": list(map(to_text, model.importance)),
        "seed": model.seed,
    }


def model_labels(models: Sequence[ModelSpec]) -> dict[str, list[str]]:
    """What tells the models of a run apart: a column for each thing in which they differ."""
    return varying(model_settings(models))


def varying(settings: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The settings in which models differ.

    >>> varying({"S": ["0", "1/2"], "seed": ["0", "0"]})
    {'S': ['0', '1/2']}
    """
    return {name: cells for name, cells in settings.items() if len(set(cells)) > 1}


def setting_labels(settings: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """How cells were trained: a column for each setting in which they differ.

    >>> setting_labels([{"rate": 0.001, "batch": 64}, {"rate": None, "batch": 64}])
    {'rate': ['0.001', '-']}
    """
    names = settings[0] if settings else ()
    return varying({name: [setting_text(each[name]) for each in settings] for name in names})


def setting_text(value: object) -> str:
    """A setting as tables have it; one that makes no difference is a dash."""
    if value is None:
        return _NONE
    return f"{value:g}" if isinstance(value, float) else str(value)


def in_common(models: Sequence[ModelSpec], but: Sequence[str] = ()) -> str:
    """What ``model_labels`` leaves out, as all models have it in common, in a sentence.

    ``but`` are settings that other models differ in.

    >>> from torchsim.specification import ModelSpec
    >>> in_common([ModelSpec.of(3, 2, s) for s in ("0", "1/2")])[:60]
    'All models: 3 features in 2 dimensions, ReLU, features drawn'
    """
    same = {
        name: cells[0]
        for name, cells in model_settings(models).items()
        if len(set(cells)) == 1 and name not in but and cells[0] != _NONE
    }
    if "size" in same:
        n, m = models[0].features, models[0].hidden
        same["size"] = f"{counted(n, 'feature')} in {counted(m, 'dimension')}"
    if not same:
        return "The models have no setting in common."
    told = ", ".join(TOLD.get(name, "{}").format(cell) for name, cell in same.items())
    return f"{'All models' if len(models) > 1 else 'Model'}: {told}."


def label_text(labels: Mapping[str, Sequence[str]], i: int) -> str:
    """What tells model i, from 0, from the others, as sentences and titles say it.

    >>> label_text({"size": ["2 to 1"], "S": ["0.5"], "rate": ["0.001"], "batch": ["-"]}, 0)
    '2 to 1, S = 0.5, rate 0.001'
    """
    return ", ".join(
        TOLD.get(name, "{}").format(cells[i]) for name, cells in labels.items() if cells[i] != _NONE
    )


TOLD = {
    "sets": "sets {}",
    "S": "S = {}",
    **{
        name: f"{name} {{}}"
        for name in (
            "importance",
            "seed",
            "trainer",
            "restarts",
            "rate",
            "schedule",
            "batch",
            "steps",
        )
    },
}
"""How a sentence says a setting."""


def model_settings(models: Sequence[ModelSpec]) -> dict[str, list[str]]:
    """What can be told of each model, setting by setting."""
    return {
        "size": [f"{model.features} to {model.hidden}" for model in models],
        "kind": [activation_word(model.activation) for model in models],
        "inputs": [model.distribution.phrase for model in models],
        "sets": _sets(models),
        "S": [text or _NONE for text in _decimals([model.sparsities for model in models])],
        "importance": _decimals([model.importance for model in models]),
        "seed": [str(model.seed) for model in models],
    }


def _sets(models: Sequence[ModelSpec]) -> list[str]:
    """The sets that are drawn together, where models of one kind differ in them."""
    kinds = [model.distribution.phrase for model in models]
    sets = [getattr(model.distribution, "sets", ()) for model in models]
    if len(set(zip(kinds, sets, strict=True))) == len(set(kinds)):
        return [_NONE] * len(models)
    listed = (["{" + ", ".join(map(str, members)) + "}" for members in each] for each in sets)
    return [" ".join(each) or _NONE for each in listed]


def _decimals(rows: Sequence[Sequence[sympy.Expr]]) -> list[str]:
    """Each model's numbers as decimals; one where they are all the same, the ends of many.

    They have four digits, or as many as tell them apart, and from 0 and 1.
    """
    values = {0.0, 1.0}.union(to_float(value) for row in rows for value in row)
    digits = next(
        (d for d in range(4, 17) if len({f"{value:.{d}g}" for value in values}) == len(values)), 17
    )
    texts = []
    for row in rows:
        each = [f"{to_float(value):.{digits}g}" for value in row]
        if len(set(each)) == 1:
            each = each[:1]
        texts.append(" ".join(each if len(each) <= _FEW else (*each[:2], "…", each[-1])))
    return texts
