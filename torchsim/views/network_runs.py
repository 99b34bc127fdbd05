"""What training networks with neurons came to: a run, a line for each model, or one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from handcalc.numbers.exact import to_float
from handcalc.views.json import finite
from handcalc.wording import counted, listed
from torchsim.networks.neurons import Neurons
from torchsim.networks.run import NetworkRun, TrainedNetwork
from torchsim.storage.network_specifications import network_model_keys
from torchsim.views.network_specifications import (
    network_in_common,
    network_labels,
    network_sentence,
)
from torchsim.views.run_views import (
    RunView,
    TrainedView,
    losses_said,
    numbers_data,
    restarts_data,
    run_data,
    sampled_loss,
)
from torchsim.views.runs import number

_LOSSES = (
    "Losses are means on inputs that training did not see; a claim goes by exact ones, where "
    "they are known, and handcalc compare has them. A restart agreed if its loss is at most "
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
    return run_data("network", run, _model)


def _model(trained: TrainedNetwork) -> dict[str, object]:
    """The weights and ``history`` are those of the best restart."""
    best = trained.best
    return {
        **network_model_keys(trained.model),
        "W_in": numbers_data(trained.W_in[best]),
        "W_out": numbers_data(trained.W_out[best]),
        "b": numbers_data(trained.b[best]),
        "loss": finite(float(trained.loss[best])),
        "standard_error": finite(float(trained.standard_error[best])),
        **neurons_data(trained.neurons()),
        **restarts_data(trained),
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
# One trained network: its neurons, and the exact loss beside it.


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
    yield from losses_said(trained)
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


NETWORK_TRAINED = TrainedView("A trained network with neurons", network_sentence, _neurons, _said)


# --------------------------------------------------------------------------------------------------
# A run.


def _cells(trained: TrainedNetwork) -> Iterator[str]:
    found = trained.neurons()
    yield sampled_loss(trained)
    sizes = (
        ("", "", "") if found is None else (found.monosemantic, found.shared, len(found.features))
    )
    yield from map(str, sizes)


def _explained(run: NetworkRun) -> Iterator[str]:
    """How to read the table; linear models have no neurons to count."""
    if any(trained.model.activation != "linear" for trained in run.trained):
        yield _NEURONS
    yield _LOSSES


NETWORK_RUNS = RunView(
    title="The trained networks, the best of their restarts",
    labels=network_labels,
    in_common=network_in_common,
    heads=("loss", "own", "shared", "held"),
    cells=_cells,
    less=("held",),
    explained=_explained,
    alone=NETWORK_TRAINED,
)
