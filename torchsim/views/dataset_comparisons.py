"""A comparison of toy models on data sets for people and programs: a table, and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from handcalc.views.json import finite
from handcalc.wording import counted
from torchsim.comparison.datasets import DatasetCompared, DatasetComparison
from torchsim.storage.dataset_specifications import dataset_model_keys
from torchsim.views.comparison_views import ComparisonView
from torchsim.views.dataset_runs import span
from torchsim.views.dataset_specifications import (
    dataset_in_common,
    dataset_labels,
    dataset_names,
)
from torchsim.views.runs import number

_ROUNDING = 1e-12  # between floats and the fractions that they stand for
_LEGEND = (
    "constant: what the best output loses that is the same for every input, their mean: exactly "
    "1 − ‖mean‖², as each has length 1. unseen: on inputs that are not in the data set, first of "
    "the trained model, then of the best constant there."
)


def dataset_comparison_data(found: DatasetComparison) -> Mapping[str, object]:
    """The models, with all that is known of each."""
    return {"models": [_model(each) for each in found.models]}


def _model(each: DatasetCompared) -> Mapping[str, object]:
    return {
        **dataset_model_keys(each.model),
        "restart": each.restart,
        "loss": finite(each.loss),
        "exact": None if each.exact is None else float(each.exact),
        "unseen": finite(each.unseen),
        "standard_error": finite(each.standard_error),
        "constant": each.constant,
        "constant_unseen": each.constant_unseen,
        "shared": each.shared,
        "radius": each.radius,
        "point_dimensionality": list(each.points),
        "held_dimensionality": list(each.features),
        "sentences": list(dataset_sentences(each)),
    }


# -- for people ------------------------------------------------------------------------------------


def _cells(each: DatasetCompared) -> Iterator[str]:
    yield number(each.loss)
    yield number(each.constant)
    yield number(each.unseen)
    yield number(each.constant_unseen)


def dataset_sentences(each: DatasetCompared) -> tuple[str, ...]:
    """The losses beside those that are exact, and what takes up the dimensions."""
    return (*_losses_said(each), *_geometry_said(each))


def _losses_said(each: DatasetCompared) -> Iterator[str]:
    points = counted(each.model.points, "data point")
    fractions = ""
    if each.exact is not None:
        same = abs(float(each.exact) - each.loss) < _ROUNDING
        fractions = f", {'the same' if same else f'{float(each.exact):.3g}'} in fractions"
    yield f"Loss {each.loss:.3g} on the {points}{fractions}; a constant loses {each.constant:.3g}."
    side = "worse than" if each.unseen > each.constant_unseen else "better than"
    yield (
        f"On unseen inputs {each.unseen:.4g} ± {each.standard_error:.1g}, {side} a constant, "
        f"{each.constant_unseen:.4g}."
    )
    if each.radius is not None:
        yield (
            f"No two data points share a feature: on a regular polygon of radius {each.radius:.4g} "
            "all of them would come back without loss, exactly."
        )


def _geometry_said(each: DatasetCompared) -> Iterator[str]:
    alike = f"{2 / each.model.points:.3g} on a regular polygon"
    compared = f", {alike}" if each.model.hidden == 2 and each.model.points > 2 else ""
    yield f"A data point takes {span(each.points)} of a dimension{compared}."
    if each.features:
        held = counted(len(each.features), "feature")
        verb = "is" if len(each.features) == 1 else "are"
        yield f"{held} {verb} at least 1/2 long, with D = {span(each.features)}."
    else:
        yield "No feature is 1/2 long."


def _explained(_: DatasetComparison) -> Iterator[str]:
    yield _LEGEND


DATASET_COMPARISONS = ComparisonView(
    which="Each model is the best of its restarts on its data set.",
    labels=dataset_labels,
    names=dataset_names,
    in_common=dataset_in_common,
    heads=("loss", "constant", "unseen", "constant there"),
    cells=_cells,
    less=("constant there",),
    sentences=dataset_sentences,
    explained=_explained,
)
