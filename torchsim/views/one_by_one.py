"""What views of kinds with one trainer have in common: how runs are trained, experiments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from rich.console import RenderableType
from rich.text import Text

from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.views.markdown import joined, prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from handcalc.wording import counted, lasted
from torchsim.views.specifications import (
    DEVICES,
    MOST_LINES,
    experiment_markdown,
    experiment_text,
)

if TYPE_CHECKING:
    from torchsim.kinds import OneTrainerRun, OneTrainerSpec
    from torchsim.presets import AnyOneTrainer

Labels: TypeAlias = "dict[str, list[str]]"
"""A column for each thing that tells models apart."""
NONE = "-"
"""The cell of a model that has no such thing."""


def starts(spec: OneTrainerSpec) -> str:
    """How many restarts each model has, and on which device, in a sentence."""
    each = " each" if len(spec.models) > 1 else ""
    left = len(spec.models) - MOST_LINES
    more = f" The other {left:,} models are in spec.models." if left > 0 else ""
    count = f"{counted(spec.restarts, 'restart')}{each}"
    return f"{count}, in {spec.dtype}, on {DEVICES[spec.device]}.{more}"


def tried(run: OneTrainerRun) -> str:
    """How many models were trained, on what, and how long it took."""
    device = f"{DEVICES[run.spec.device]} ({run.device})"
    count = counted(run.spec.restarts, "restart") + (" each" if len(run.trained) > 1 else "")
    models = counted(len(run.trained), "model")
    return f"{models}, {count}, trained on {device}, in {lasted(run.wall_seconds)}."


def training_page(
    spec: OneTrainerSpec,
    what: str,
    labels: Labels,
    common: str,
    sentence: Callable[[Any], str],
    notation: PlainNotation,
) -> RenderableType:
    """The models that are to be trained, and how."""
    rows = _rows(labels)
    body: list[RenderableType] = [Paragraph(notation.words(sentence(spec.models[0])))]
    if rows:
        body = [
            Sized(lambda width: Text(notation.words(columns(fitting(rows, width, ()), width)))),
            Paragraph(notation.words(common)),
        ]
    title = heading(f"{counted(len(spec.models), what)} to train", notation)
    return spaced(title, *body, Paragraph(notation.words(starts(spec))))


def training_markdown(
    spec: OneTrainerSpec, what: str, labels: Labels, common: str, sentence: Callable[[Any], str]
) -> str:
    """The same for a notebook."""
    rows = _rows(labels)
    body = [prose(sentence(spec.models[0]))]
    if rows:
        body = [table(rows[0], rows[1:]), prose(common)]
    title = f"**{counted(len(spec.models), what)} to train**"
    return joined(title, *body, prose(starts(spec)))


def common_sentence(settings: Labels, told: Callable[[str, str], str]) -> str:
    """What all models have in common, setting by setting, each in words; "-" is none.

    >>> common_sentence({"T": ["3", "3"], "S": ["0", "1"], "sets": ["-", "-"]}, "{} {}".format)
    'All models: T 3.'
    """
    same = {name: cells[0] for name, cells in settings.items() if len(set(cells)) == 1}
    said = ", ".join(told(name, cell) for name, cell in same.items() if cell != NONE)
    several = any(len(cells) > 1 for cells in settings.values())
    return f"{'All models' if several else 'Model'}: {said}."


def telling_names(
    labels: Labels, told: Callable[[str, str], str], count: int, but: Sequence[str] = ()
) -> list[str]:
    """A few words that tell each of so many models from the others; "" where nothing does.

    ``but`` are settings that go without saying.

    >>> telling_names({"T": ["3", "4"]}, "{} {}".format, 2)
    ['T 3', 'T 4']
    """
    return [
        ", ".join(
            told(name, cells[i])
            for name, cells in labels.items()
            if cells[i] != NONE and name not in but
        )
        for i in range(count)
    ]


def _rows(labels: Labels) -> Sequence[Sequence[str]]:
    """What tells the models apart, heads first; nothing where all are alike."""
    if not labels:
        return []
    cells = list(zip(*labels.values(), strict=True))[:MOST_LINES]
    return [["model", *labels], *([str(i), *row] for i, row in enumerate(cells, 1))]


def one_trainer_text(preset: AnyOneTrainer, notation: PlainNotation) -> RenderableType:
    """What an experiment shows, what is known of it, and how to do it."""
    return experiment_text(preset, _told(preset), notation)


def one_trainer_markdown(preset: AnyOneTrainer) -> str:
    """What an experiment shows, what is known of it, and how to do it."""
    return experiment_markdown(preset, _told(preset))


def _told(preset: AnyOneTrainer) -> Iterator[str]:
    yield preset.story
    yield f"What is known: {preset.claim.sentence}"
    full, small = (
        f"{counted(len(extent.models(preset.seed)), 'model')} from "
        f"{counted(extent.restarts, 'start')}"
        for extent in (preset.full, preset.small)
    )
    yield f"In full size it trains {full}, for a quick look {small}."
    yield f"Source: {preset.source}."
