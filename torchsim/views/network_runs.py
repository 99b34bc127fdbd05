"""What training networks with neurons came to: a run, a line for each model, or one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.exact import to_float
from handcalc.views.json import finite
from handcalc.views.layout import Paragraph, Sized, columns, fitting, spaced
from handcalc.views.markdown import joined, prose, table
from handcalc.views.notation import PlainNotation
from handcalc.views.text import heading
from handcalc.wording import counted, listed
from torchsim.networks.neurons import Neurons
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.storage.network_specifications import network_model_keys
from torchsim.views.network_specifications import (
    network_in_common,
    network_labels,
    network_sentence,
)
from torchsim.views.one_by_one import tried
from torchsim.views.runs import number
from torchsim.views.specifications import MOST_LINES

TITLE = "The trained networks, the best of their restarts"
_LOSSES = (
    "Losses are means on inputs that training did not see. A restart agreed if its loss is at most "
    "1 per cent above the best one."
)
_NEURONS = (
    "A neuron holds a feature if it brings a quarter of it or more to its output: own are neurons "
    "that hold one, shared those that hold more. held: how many features some neuron holds."
)
_COUNTED = ("held", "inhibited", "monosemantic", "shared", "idle", "asymmetric")
_MOST_NEURONS, _MOST_FEATURES = 12, 4  # of numbers, for a page 80 columns wide


# --------------------------------------------------------------------------------------------------
# For programs.


def network_run_data(run: NetworkRun) -> Mapping[str, object]:
    """The models, each with the best of its restarts, and how they were trained."""
    return {
        "trainer": "network",
        "models": [_model(trained) for trained in run.trained],
        "wall_seconds": run.wall_seconds,
        "device": run.spec.device,
        "device_name": run.device,
    }


def _model(trained: TrainedNetwork) -> Mapping[str, object]:
    """The weights and ``history`` are those of the best restart."""
    best, history = trained.best, trained.history
    return {
        **network_model_keys(trained.model),
        "W_in": trained.W_in[best].tolist(),
        "W_out": trained.W_out[best].tolist(),
        "b": trained.b[best].tolist(),
        "loss": finite(float(trained.loss[best])),
        "standard_error": finite(float(trained.standard_error[best])),
        **neurons_data(trained.neurons()),
        "restarts": len(trained.loss),
        "agreed": trained.agreed,
        "losses": list(map(finite, trained.loss.tolist())),
        "history": {
            "steps": list(history.steps),
            "losses": list(map(finite, history.losses[:, best].tolist())),
        },
    }


def neurons_data(found: Neurons | None) -> Mapping[str, object]:
    """What each neuron holds and inhibits, and how many of each sort there are; None if linear.

    >>> neurons_data(Neurons(((1,), (1, 2)), ((), ())))["shared"]
    1
    """
    if found is None:
        return dict.fromkeys(_COUNTED)
    return {
        "held": [list(each) for each in found.held],
        "inhibited": [list(each) for each in found.inhibited],
        "monosemantic": found.monosemantic,
        "shared": found.shared,
        "idle": found.idle,
        "asymmetric": found.is_asymmetric,
    }


# --------------------------------------------------------------------------------------------------
# A run.


def network_run_page(
    run: NetworkRun, notation: PlainNotation, title: str = TITLE
) -> RenderableType:
    """The table under a title, what its columns count, and how the models were trained."""
    if len(run.trained) == 1:
        one = network_trained_text(run.trained[0], notation)
        return spaced(one, Paragraph(notation.words(tried(run))))
    return spaced(
        Group(heading(title, notation), network_run_table(run, notation)),
        Paragraph(notation.words(tried(run))),
    )


def network_run_table(run: NetworkRun, notation: PlainNotation) -> RenderableType:
    """The table: what tells the models apart, the loss, neurons, how many restarts agreed."""
    said = network_in_common([each.model for each in run.trained]), *_explained(run)
    return spaced(
        Sized(lambda width: Text(notation.words(_lines(run, width)))),
        *(Paragraph(notation.words(text)) for text in said),
    )


def network_run_markdown(run: NetworkRun) -> str:
    """The same as Markdown, with every column."""
    if len(run.trained) == 1:
        return joined(network_trained_markdown(run.trained[0]), prose(tried(run)))
    heads, *rows = fitting(_rows(run), 0, ())
    common = network_in_common([each.model for each in run.trained])
    said = map(prose, (common, *_explained(run), tried(run)))
    return joined(f"**{TITLE}**", table(heads, rows), *said)


def _explained(run: NetworkRun) -> Iterator[str]:
    """How to read the table; linear models have no neurons to count."""
    if any(trained.model.activation == "relu" for trained in run.trained):
        yield _NEURONS
    yield _LOSSES


def _lines(run: NetworkRun, width: int) -> str:
    rows = _rows(run)
    lines = columns(fitting(rows, width, ("agreed", "held")), width)
    rest = len(run.trained) + 1 - len(rows)
    return f"{lines}\n… and {rest:,} more: --json has them all." if rest else lines


def _rows(run: NetworkRun) -> list[list[str]]:
    """The table's rows, heads first."""
    named = network_labels([trained.model for trained in run.trained])
    cells = zip(*named.values(), strict=True) if named else ([()] * len(run.trained))
    rows = [["model", *named, "loss", "own", "shared", "held", "agreed"]]
    for i, (trained, labelled) in enumerate(zip(run.trained, cells, strict=True)):
        if i < MOST_LINES:
            found = trained.neurons()
            counts = ["", "", ""]
            if found is not None:
                sizes = found.monosemantic, found.shared, len(found.features)
                counts = [str(size) for size in sizes]
            agreed = f"{trained.agreed} of {len(trained.loss)}"
            rows.append([str(i + 1), *labelled, _loss(trained), *counts, agreed])
    return rows


def _loss(trained: TrainedNetwork) -> str:
    best = trained.best
    error = float(trained.standard_error[best])
    return f"{number(float(trained.loss[best]))} ± {error:.1g}"


# --------------------------------------------------------------------------------------------------
# One trained network: its neurons, and the exact loss beside it.


def network_trained_text(trained: TrainedNetwork, notation: PlainNotation) -> RenderableType:
    """The configuration, the neurons of the best restart, and what it loses."""
    rows = _neurons(trained)
    return spaced(
        heading(_title(trained), notation),
        Paragraph(notation.words(network_sentence(trained.model))),
        *([Text(notation.words(columns(rows, 80)))] if rows else []),
        *(Paragraph(notation.words(text)) for text in _said(trained)),
    )


def network_trained_markdown(trained: TrainedNetwork) -> str:
    """The same for a notebook."""
    rows = _neurons(trained)
    return joined(
        f"**{_title(trained)}**",
        prose(network_sentence(trained.model)),
        table(rows[0], rows[1:]) if rows else "",
        *map(prose, _said(trained)),
    )


def _title(trained: TrainedNetwork) -> str:
    count = len(trained.loss)
    title = "A trained network with neurons"
    return title if count == 1 else f"{title}, the best of {count} restarts"


def _neurons(trained: TrainedNetwork) -> list[list[str]]:
    """A row a neuron: its weights in and out, and what it holds; nothing where they fill pages."""
    model, best = trained.model, trained.best
    if model.neurons > _MOST_NEURONS or model.features > _MOST_FEATURES:
        return []
    numbers = range(1, model.features + 1)
    heads = ["neuron", *(f"in {i}" for i in numbers)]
    given = [trained.W_in[best].T.tolist()]
    if not model.tied:
        heads += [f"out {i}" for i in numbers]
        given.append(trained.W_out[best].T.tolist())
    rows = [[cell for matrix in each for cell in matrix] for each in zip(*given, strict=True)]
    cells = [[str(k), *(f"{cell:z.3f}" for cell in row)] for k, row in enumerate(rows, 1)]
    found = trained.neurons()
    if found is None:
        return [heads, *cells]
    holds = [listed(features) if features else "none" for features in found.held]
    return [[*heads, "holds"], *([*row, held] for row, held in zip(cells, holds, strict=True))]


def _said(trained: TrainedNetwork) -> Iterator[str]:
    yield f"Loss {_loss(trained)}, on inputs that training did not see."
    if len(trained.loss) > 1:
        low, high = (number(float(each)) for each in (trained.loss.min(), trained.loss.max()))
        yield f"The restarts end between {low} and {high}; {trained.agreed} came to the best one."
    found = trained.neurons()
    if found is not None:
        yield neurons_sentence(found)
    if trained.exact_loss is not None:
        value = number(to_float(trained.exact_loss.value))
        yield f"In fractions it loses {value}, exactly worked."


def neurons_sentence(found: Neurons) -> str:
    """How many neurons hold one feature, several, and none.

    >>> neurons_sentence(Neurons(((1,), (1, 2), ()), ((), (), ())))
    'Of 3 neurons 1 holds one feature, 1 holds several, 1 none; 2 features are held.'
    """
    verb = {
        count: "holds" if count == 1 else "hold" for count in (found.monosemantic, found.shared)
    }
    held = len(found.features)
    told = [
        f"{found.monosemantic} {verb[found.monosemantic]} one feature",
        f"{found.shared} {verb[found.shared]} several",
        f"{found.idle} none",
    ]
    are = "is" if held == 1 else "are"
    of = f"Of {counted(len(found.held), 'neuron')}"
    return f"{of} {', '.join(told)}; {counted(held, 'feature')} {are} held."
