"""What was trained, for people and for programs: a run, a line for each model, or one model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.superposition.model.families import TOLERANCE
from handcalc.superposition.phases.regimes import REPRESENTED
from handcalc.views.json import finite
from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.views.markdown import joined as joined_blocks
from handcalc.views.markdown import prose
from handcalc.views.markdown import table as markdown_table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from handcalc.views.text.diagram import LETTERS
from handcalc.wording import counted, joined, lasted
from torchsim.comparison.held_parts import shapes_sentence
from torchsim.presets.experiment import shape
from torchsim.restarts import diverged_data, divergence
from torchsim.views.specifications import (
    DEVICES,
    MOST_LINES,
    in_common,
    model_data,
    model_labels,
    model_sentence,
    restarts,
)

if TYPE_CHECKING:
    from torchsim.presets.phase_change import PhaseGrid
    from torchsim.run import Trained, TrainingRun


TITLE = "The trained models, the best of their restarts"
_NEARLY = {"exact": "a millionth", "sampled": "1 per cent"}  # as TrainingRun.agreed counts
_MOST_ROWS, _MOST_COLUMNS = 20, 7  # of numbers, for a page 80 columns wide
_PLACES = 4
_MOST_TOLD = 10  # models with restarts that diverged


def run_data(run: TrainingRun) -> Mapping[str, object]:
    """The models, each with the best of its restarts, and how they were trained."""
    return {
        "trainer": run.spec.trainer,
        "kernel": run.spec.kernel if run.spec.trainer == "sampled" else None,
        "start": run.spec.start,
        "models": [trained_data(trained, run.agreed(i)) for i, trained in enumerate(run.trained)],
        "wall_seconds": run.wall_seconds,
        "device": run.spec.device,
        "device_name": run.device,
    }


def trained_data(trained: Trained, agreed: int | None) -> Mapping[str, object]:
    """A model and the best of its restarts, with how many of them agreed.

    ``diverged`` has the restarts, from 1, that did, and by which step; where that is all of them
    there are no numbers of a best one.
    """
    best = trained.best
    exact, is_lost = trained.exact_loss, trained.is_lost
    return {
        **model_data(trained.model),
        "W": None if is_lost else trained.W[best].tolist(),
        "b": None if is_lost else trained.b[best].tolist(),
        "exact_loss": None if exact is None else finite(float(exact[best])),
        "sampled_loss": finite(float(trained.sampled_loss[best])),
        "standard_error": finite(float(trained.standard_error[best])),
        "restarts": len(trained.loss),
        "agreed": agreed,
        "held": None if is_lost else list(trained.held),
        "family": None if is_lost else shape(trained).name,
        "diverged": diverged_data(trained),
    }


def run_page(run: TrainingRun, notation: PlainNotation, title: str = TITLE) -> RenderableType:
    """The table under a title, what its columns count, and how the models were trained."""
    return spaced(
        Group(heading(title, notation), run_table(run, notation)),
        Paragraph(notation.words(legend(run))),
        *(Paragraph(notation.words(text)) for text in divergences(run)),
        Paragraph(notation.words(tried(run))),
    )


def run_table(run: TrainingRun, notation: PlainNotation) -> RenderableType:
    """The table: what tells the models apart, the loss, how many restarts agreed, the shape."""
    models = [trained.model for trained in run.trained]
    return Group(
        Sized(lambda width: Text(notation.words(_lines(run, width)))),
        Text(),
        Paragraph(notation.words(in_common(models))),
    )


def run_markdown(run: TrainingRun) -> str:
    """The same as Markdown, with every column."""
    heads, *rows = fitting(_rows(run), 0, ())
    rest = len(run.trained) - len(rows)
    return joined_blocks(
        f"**{TITLE}**",
        markdown_table(heads, rows),
        f"… and {rest:,} more, in `run.trained`." if rest else "",
        prose(in_common([trained.model for trained in run.trained])),
        prose(legend(run)),
        *map(prose, divergences(run)),
        prose(tried(run)),
    )


def _lines(run: TrainingRun, width: int) -> str:
    rows = _rows(run)
    lines = columns(fitting(rows, width, ("held", "agreed")), width)
    rest = len(run.trained) + 1 - len(rows)
    return f"{lines}\n… and {rest:,} more: --json has them all." if rest else lines


def _rows(run: TrainingRun) -> list[list[str]]:
    """The table's rows, heads first."""
    named = model_labels([trained.model for trained in run.trained])
    heads = ["model", *named, "loss", "agreed", "held", "shape"]
    cells = zip(*named.values(), strict=True) if named else ([()] * len(run.trained))
    rows = [heads]
    for i, (trained, labelled) in enumerate(zip(run.trained, cells, strict=True)):
        if i < MOST_LINES:
            agreed = f"{run.agreed(i)} of {len(trained.loss)}"
            held = f"{len(trained.held)} of {trained.model.features}"
            results = [divergence(trained.diverged), agreed, "", ""]
            if not trained.is_lost:
                results = [loss_text(trained), agreed, held, shape(trained).name]
            rows.append([str(i + 1), *labelled, *results])
    return rows


def tried(run: TrainingRun) -> str:
    """How the models were trained, in a sentence."""
    spec = run.spec
    models = counted(len(spec.models), "model")
    starts = restarts(spec)
    how = "by descent on the exact loss"
    if spec.trainer == "sampled":
        work = f"{counted(spec.steps, 'step')} of {counted(spec.batch, 'input')}"
        how = f"on samples, in {work} by the {spec.kernel} kernel"
    note = ""
    if any(trained.exact_loss is None for trained in run.trained):
        note = " A loss with ± is a mean over samples, with its standard error."
    device = f"{DEVICES[spec.device]} ({run.device})"
    return f"{models}, {starts}, trained {how}, on {device}, in {lasted(run.wall_seconds)}.{note}"


def legend(run: TrainingRun) -> str:
    """What the columns ``agreed`` and ``held`` of the table count, and what a shape leaves out."""
    nearly = _NEARLY[run.spec.trainer]
    agreed = f"A restart agreed if its loss is at most {nearly} above the best one."
    return f"{agreed} {held_sentence()}"


def held_sentence() -> str:
    """From which length on a feature is held, and up to which one it is dropped.

    >>> held_sentence()
    'An arrow alone in its dimension is 1 long; from 0.5 on it is held, up to 0.1 it is dropped.'
    """
    return (
        f"An arrow alone in its dimension is 1 long; from {REPRESENTED:g} on it is held, "
        f"up to {TOLERANCE:g} it is dropped."
    )


def loss_text(trained: Trained) -> str:
    """The loss of the best restart, with its standard error where it is a mean over samples."""
    best = trained.best
    if trained.exact_loss is not None:
        return number(float(trained.exact_loss[best]))
    error = float(trained.standard_error[best])
    return f"{number(float(trained.sampled_loss[best]))} ± {error:.1g}"


def ends_text(trained: Any) -> str:
    """Between which losses the restarts end that did not diverge, and how many did.

    A sentence without its full stop, of trained models of every kind.
    """
    ends = trained.loss[list(trained.standing)]
    low, high = (number(float(each)) for each in (ends.min(), ends.max()))
    told = divergence(trained.diverged)
    if told:
        others = f"others end between {low} and {high}" if len(ends) > 1 else f"other ends at {low}"
        return f"{told[0].upper()}{told[1:]}; the {others}"
    return f"The restarts end between {low} and {high}"


def lost_sentence(trained: Any) -> str:
    """That every restart of a model diverged, so that there is nothing of it to show."""
    last = max(step for step in trained.diverged if step is not None)
    which = "It" if len(trained.diverged) == 1 else f"All {len(trained.diverged)} restarts"
    return f"{which} diverged by step {last}: a weight or the loss became infinite or NaN."


def divergences(run: Any) -> Iterator[str]:
    """Of which models of a run restarts diverged, a sentence each for the first few."""
    told = [
        f"Model {i}: {divergence(trained.diverged)}."
        for i, trained in enumerate(run.trained, 1)
        if any(trained.diverged)
    ]
    yield from told[:_MOST_TOLD]
    if len(told) > _MOST_TOLD:
        yield f"So did restarts of {counted(len(told) - _MOST_TOLD, 'other model')}."


def number(value: float) -> str:
    """Five digits of a loss.

    >>> number(0.0830895928), number(1.8279e-05), number(0.0)
    ('0.083090', '1.8279e-05', '0')
    """
    return f"{value:#.5g}" if value else "0"


# --------------------------------------------------------------------------------------------------
# One trained model: its best restart, number by number where there is room, and its shape.


def trained_text(trained: Trained, notation: PlainNotation) -> RenderableType:
    """The configuration, W and b of the best restart, its loss and its shape."""
    rows = _weight_rows(trained)
    return spaced(
        heading(_title(trained), notation),
        Paragraph(notation.words(model_sentence(trained.model))),
        *([Text(notation.words(columns(rows, 80)))] if rows else []),
        *(Paragraph(notation.words(text)) for text in _said(trained)),
    )


def trained_markdown(trained: Trained) -> str:
    """The configuration, W and b of the best restart, its loss and its shape."""
    rows = _weight_rows(trained)
    return joined_blocks(
        f"**{_title(trained)}**",
        prose(model_sentence(trained.model)),
        markdown_table(rows[0], rows[1:]) if rows else "",
        *map(prose, _said(trained)),
    )


def _title(trained: Trained) -> str:
    count = len(trained.loss)
    return "A trained model" if count == 1 else f"A trained model, the best of {count} restarts"


def _weight_rows(trained: Trained) -> list[list[str]]:
    """W and b as decimals, a row for each feature, heads first; nothing where they fill pages."""
    n, m = trained.model.features, trained.model.hidden
    if n > _MOST_ROWS or m > _MOST_COLUMNS or trained.is_lost:
        return []
    W, b = trained.W[trained.best].tolist(), trained.b[trained.best].tolist()
    heads = ["feature", *(f"W{k}" for k in range(1, m + 1)), "b"]
    numbers = ([*row, bias] for row, bias in zip(W, b, strict=True))
    return [
        heads,
        *(
            [str(i), *(f"{value:z.{_PLACES}f}" for value in row)]
            for i, row in enumerate(numbers, 1)
        ),
    ]


def _said(trained: Trained) -> Iterator[str]:
    if trained.is_lost:
        yield lost_sentence(trained)
        return
    kind = "Sampled" if trained.exact_loss is None else "Exact"
    yield f"{kind} loss {loss_text(trained)}."
    if len(trained.loss) > 1:
        yield f"{ends_text(trained)}."
    n, m = trained.model.features, trained.model.hidden
    named = shape(trained)
    held_here = f"{len(trained.held)} of {counted(n, 'feature')} in {counted(m, 'dimension')}"
    yield f"It holds {held_here}. {held_sentence()}"
    yield f"{named.name.capitalize()}: {named.sentence}"
    if named.name == "mixed" and len(trained.held) < n:
        yield f"The held features by themselves: {shapes_sentence(trained)}."
    if not _weight_rows(trained):
        yield f"W ({n} × {m}) and b are trained.W[trained.best] and trained.b[trained.best]."


# --------------------------------------------------------------------------------------------------
# The last feature of a grid of models: what becomes of it, in letters.


def phase_lines(grid: PhaseGrid) -> Iterator[str]:
    """The last feature's fate as a picture in letters, and how often each fate came up."""
    n, m = grid.features, grid.hidden
    room = "one dimension" if m == 1 else f"{m} dimensions"
    yield f"What becomes of feature {n} of {n} in {room}:"
    yield ""
    last = len(grid.importances) - 1
    ends = {last: f"{float(grid.importances[last]):g}", 0: f"{float(grid.importances[0]):g}"}
    for i in range(last, -1, -1):
        letters = " ".join(LETTERS[fate] for fate in reversed(grid.fates[i]))
        yield f"{ends.get(i, ''):>6} {letters}"
    dense, sparse = (f"{float(grid.densities[k]):g}" for k in (-1, 0))
    yield f"   p = {dense}".ljust(7 + 2 * len(grid.densities) - 1 - len(sparse)) + sparse


def phase_sentence(grid: PhaseGrid) -> str:
    """What the letters stand for, how often each came up, and what goes which way."""
    counts = Counter(fate for row in grid.fates for fate in row)
    said = joined([f"{LETTERS[fate]} {fate} ({counts[fate]})" for fate in LETTERS])
    return (
        f"At {counts.total()} points: {said}. Upwards the importance of feature {grid.features}, "
        "to the right the density p = 1 - S, ever sparser; both in logarithms."
    )
