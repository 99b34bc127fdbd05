"""What training on data sets came to: a run, a line for each model, or one model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from handcalc.views.json import finite
from handcalc.wording import counted
from torchsim.datasets.run import DatasetRun, TrainedOnDataset
from torchsim.storage.dataset_specifications import dataset_model_keys
from torchsim.views.dataset_specifications import (
    dataset_in_common,
    dataset_labels,
    dataset_sentence,
)
from torchsim.views.run_views import (
    Rows,
    RunView,
    TrainedView,
    numbers_data,
    restarts_data,
    run_data,
)
from torchsim.views.runs import ends_text, number

_LOSSES = (
    "loss: the mean of ‖x − x̂‖² over the data points, of the restart for which it is lowest; a "
    "restart agreed if its own is at most 0.01 above. unseen: the same on inputs that are not in "
    "the data set, and mean of it over all restarts that did not diverge."
)
_DIMENSIONS = (
    "held: features whose arrow is at least 1/2 long. D of points: how many dimensions data points "
    "take, Dₜ = ‖hₜ‖²/Σₛ (ĥₜ·hₛ)², from the least to the most; on a regular polygon in two "
    "dimensions 2/T each."
)
_MOST_POINTS = 12  # that have a row each, for a page


def span(values: Sequence[float]) -> str:
    """The least and the most, to two decimals.

    >>> span([0.4012, 0.3998]), span([0.1, 0.25])
    ('0.40', '0.10 to 0.25')
    """
    low, high = (f"{end:.2f}" for end in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


# --------------------------------------------------------------------------------------------------
# For programs.


def dataset_run_data(run: DatasetRun) -> Mapping[str, object]:
    """The models, each with the best of its restarts, and how they were trained."""
    return run_data("dataset", run, _model)


def _model(trained: TrainedOnDataset) -> dict[str, object]:
    """The weights, h and ``history`` are those of the best restart."""
    best, is_lost = trained.best, trained.is_lost
    return {
        **dataset_model_keys(trained.model),
        "W": numbers_data(trained.W[best]),
        "b": numbers_data(trained.b[best]),
        "h": numbers_data(trained.hidden),
        "loss": finite(float(trained.loss[best])),
        "unseen": finite(float(trained.unseen[best])),
        "standard_error": finite(float(trained.standard_error[best])),
        "unseen_losses": list(map(finite, trained.unseen.tolist())),
        "held": None if is_lost else list(trained.held),
        "feature_dimensionality": None if is_lost else trained.feature_dimensionality.tolist(),
        "point_dimensionality": None if is_lost else trained.point_dimensionality.tolist(),
        **restarts_data(trained),
    }


# --------------------------------------------------------------------------------------------------
# One trained model: its data points, and the losses.


def _points(trained: TrainedOnDataset) -> Rows:
    """A row a data point: its features, h and D; nothing where they fill pages."""
    model = trained.model
    if model.points > _MOST_POINTS or model.hidden > 4:
        return []
    heads = ["point", "features on", *(f"h {k}" for k in range(1, model.hidden + 1)), "D"]
    rows = [heads]
    each = zip(trained.points, trained.hidden, trained.point_dimensionality, strict=True)
    for t, (x, h, D) in enumerate(each, 1):
        on = str(int((x > 0).sum()))
        rows.append([str(t), on, *(f"{part:z.3f}" for part in h.tolist()), f"{float(D):.3f}"])
    return rows


def _said(trained: TrainedOnDataset) -> Iterator[str]:
    yield f"{loss_sentence(trained)}."
    if len(trained.loss) > 1:
        yield f"{ends_text(trained)}; {trained.agreed} came to the best one."
    held = counted(len(trained.held), "feature")
    are = "is" if len(trained.held) == 1 else "are"
    yield f"{held} {are} held: at least 1/2 long."


def loss_sentence(trained: TrainedOnDataset) -> str:
    """The losses of the best restart, without a full stop."""
    best = trained.best
    error = float(trained.standard_error[best])
    points = counted(trained.model.points, "data point")
    return (
        f"Loss {number(float(trained.loss[best]))} on the {points}, "
        f"{number(float(trained.unseen[best]))} ± {error:.1g} on unseen inputs"
    )


DATASET_TRAINED = TrainedView("A toy model on a data set", dataset_sentence, _points, _said)


# --------------------------------------------------------------------------------------------------
# A run.


def _cells(trained: TrainedOnDataset) -> Iterator[str]:
    best = trained.best
    yield number(float(trained.loss[best]))
    yield number(float(trained.unseen[best]))
    yield number(trained.mean_unseen)
    yield str(len(trained.held))
    yield span(trained.point_dimensionality.tolist())


def _explained(_: DatasetRun) -> Iterator[str]:
    yield _LOSSES
    yield _DIMENSIONS


DATASET_RUNS = RunView(
    title="The models on their data sets, the best of their restarts",
    labels=dataset_labels,
    in_common=dataset_in_common,
    heads=("loss", "unseen", "mean", "held", "D of points"),
    cells=_cells,
    less=("mean",),
    explained=_explained,
    alone=DATASET_TRAINED,
)
