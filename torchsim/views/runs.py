"""A training run for people and for programs: a line or an entry for each model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.exact import to_float, to_text
from handcalc.superposition.model.families import TOLERANCE
from handcalc.superposition.phases.regimes import REPRESENTED
from handcalc.views.columns import columns, fitting
from handcalc.views.json.results import finite
from handcalc.views.layout import Paragraph, Sized, spaced
from handcalc.views.markdown.blocks import joined as joined_blocks
from handcalc.views.markdown.blocks import prose
from handcalc.views.markdown.blocks import table as markdown_table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from handcalc.views.text.diagram import LETTERS
from handcalc.wording import counted, joined
from torchsim.presets.experiment import represented, shape

if TYPE_CHECKING:
    import sympy

    from torchsim.presets.phase_change import PhaseGrid
    from torchsim.run import Trained, TrainingRun
    from torchsim.specification import Device, ModelSpec, TrainingSpec


TITLE = "The trained models, the best of their restarts"
MOST_LINES = 40
_FEW = 4  # numbers that a cell has room for
DEVICES: dict[Device, str] = {"cpu": "the CPU", "cuda": "the GPU"}
_NEARLY = {"exact": "a millionth", "sampled": "1 per cent"}  # as TrainingRun.agreed counts


def model_data(model: ModelSpec) -> Mapping[str, object]:
    """What a model is, exactly: S is one for all, or one for each feature or set."""
    sparsities = [to_text(block.sparsity) for block in model.blocks]
    return {
        "features": model.features,
        "hidden": model.hidden,
        "activation": model.activation,
        "distribution": model.distribution.sentence(),
        "sparsity": sparsities[0] if len(set(sparsities)) == 1 else sparsities,
        "importance": list(map(to_text, model.importance)),
        "seed": model.seed,
    }


def run_data(run: TrainingRun) -> Mapping[str, object]:
    """The models, each with the best of its restarts, and how they were trained."""
    return {
        "trainer": run.spec.trainer,
        "models": [_model(run, i) for i in range(len(run.trained))],
        "wall_seconds": run.wall_seconds,
        "device": run.spec.device,
        "device_name": run.device,
    }


def _model(run: TrainingRun, i: int) -> Mapping[str, object]:
    trained = run.trained[i]
    best = trained.best
    exact = trained.exact_loss
    return {
        **model_data(trained.model),
        "W": trained.W[best].tolist(),
        "b": trained.b[best].tolist(),
        "exact_loss": None if exact is None else finite(float(exact[best])),
        "sampled_loss": finite(float(trained.sampled_loss[best])),
        "standard_error": finite(float(trained.standard_error[best])),
        "restarts": len(trained.loss),
        "agreed": run.agreed(i),
        "held": list(represented(trained)),
        "family": shape(trained).name,
    }


def run_page(run: TrainingRun, notation: PlainNotation, title: str = TITLE) -> RenderableType:
    """The table under a title, what its columns count, and how the models were trained."""
    return spaced(
        Group(heading(title, notation), run_table(run, notation)),
        Paragraph(notation.words(legend(run))),
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
    rows = [
        [str(i + 1), *labelled, *_results(run, i)]
        for i, labelled in zip(range(min(len(run.trained), MOST_LINES)), cells, strict=False)
    ]
    return [heads, *rows]


def tried(run: TrainingRun) -> str:
    """How the models were trained, in a sentence."""
    spec = run.spec
    models = counted(len(spec.models), "model")
    starts = restarts(spec)
    how = "by descent on the exact loss"
    if spec.trainer == "sampled":
        how = f"on samples, in {spec.steps:,} steps of {spec.batch:,} inputs"
    note = ""
    if any(trained.exact_loss is None for trained in run.trained):
        note = " A loss with ± is a mean over samples, with its standard error."
    device = f"{DEVICES[spec.device]} ({run.device})"
    return (
        f"{models}, {starts}, trained {how}, on {device}, in {run.wall_seconds:.1f} seconds.{note}"
    )


def restarts(spec: TrainingSpec) -> str:
    """How many restarts a model has: 8 restarts each, or of a single model 8 restarts."""
    count = counted(spec.restarts, "restart")
    return f"{count} each" if len(spec.models) > 1 else count


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


def _results(run: TrainingRun, i: int) -> list[str]:
    trained = run.trained[i]
    return [
        loss_text(trained),
        f"{run.agreed(i)} of {len(trained.loss)}",
        f"{len(represented(trained))} of {trained.model.features}",
        shape(trained).name,
    ]


def loss_text(trained: Trained) -> str:
    """The loss of the best restart, with its standard error where it is a mean over samples."""
    best = trained.best
    if trained.exact_loss is not None:
        return number(float(trained.exact_loss[best]))
    error = float(trained.standard_error[best])
    return f"{number(float(trained.sampled_loss[best]))} ± {error:.1g}"


def number(value: float) -> str:
    """Five digits of a loss.

    >>> number(0.0830895928), number(1.8279e-05), number(0.0)
    ('0.083090', '1.8279e-05', '0')
    """
    return f"{value:#.5g}" if value else "0"


def model_labels(models: Sequence[ModelSpec]) -> dict[str, list[str]]:
    """What tells the models of a run apart: a column for each thing in which they differ."""
    return {name: cells for name, cells in _settings(models).items() if len(set(cells)) > 1}


def in_common(models: Sequence[ModelSpec]) -> str:
    """What ``model_labels`` leaves out, as all models have it in common, in a sentence.

    >>> from torchsim.specification import ModelSpec
    >>> in_common([ModelSpec.of(3, 2, s) for s in ("0", "1/2")])[:60]
    'All models: 3 features in 2 dimensions, ReLU, features drawn'
    """
    same = {name: cells[0] for name, cells in _settings(models).items() if len(set(cells)) == 1}
    if "size" in same:
        n, m = models[0].features, models[0].hidden
        same["size"] = f"{counted(n, 'feature')} in {counted(m, 'dimension')}"
    if not same:
        return "The models have no setting in common."
    told = ", ".join(TOLD.get(name, "{}").format(cell) for name, cell in same.items())
    return f"{'All models' if len(models) > 1 else 'Model'}: {told}."


TOLD = {"S": "S = {}", "importance": "importance {}", "seed": "seed {}"}
"""How a sentence says a setting."""

_DRAWN = {
    "SparseUniform": "features drawn independently",
    "OneActive": "one feature active at a time",
    "Correlated": "correlated sets of features",
    "Anticorrelated": "anticorrelated sets of features",
}


def _settings(models: Sequence[ModelSpec]) -> dict[str, list[str]]:
    """What can be told of each model, setting by setting."""
    sparsities = [[block.sparsity for block in model.blocks] for model in models]
    return {
        "size": [f"{model.features} to {model.hidden}" for model in models],
        "kind": ["ReLU" if model.activation == "relu" else "linear" for model in models],
        "inputs": _inputs(models),
        "S": _decimals(sparsities),
        "importance": _decimals([model.importance for model in models]),
        "seed": [str(model.seed) for model in models],
    }


def _inputs(models: Sequence[ModelSpec]) -> list[str]:
    """How features are drawn, with the sets where models of one kind differ in them."""
    kinds = [type(model.distribution).__name__ for model in models]
    sets = [getattr(model.distribution, "sets", ()) for model in models]
    if len(set(zip(kinds, sets, strict=True))) == len(set(kinds)):
        sets = [()] * len(models)
    listed = (["{" + ", ".join(map(str, members)) + "}" for members in each] for each in sets)
    return [
        " ".join([_DRAWN.get(kind, kind), *each]) for kind, each in zip(kinds, listed, strict=True)
    ]


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
