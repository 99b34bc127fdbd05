"""The way of training on a data set: losses of every restart, beside that of a constant output."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.views.plots.style import Theme
from torchsim.comparison.datasets import DatasetComparison
from torchsim.datasets.run import DatasetRun
from torchsim.figures.histories import WayDown, draw_ways, how_agreed, ways_described
from torchsim.views.dataset_specifications import dataset_names
from torchsim.views.runs import number
from torchsim.views.shown import spread

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BESIDE = "the best constant output"
_MOST = 5


def drawn(run: DatasetRun, compared: DatasetComparison, theme: Theme) -> Figure:
    """Up to five models, a column each, from the fewest data points to the most."""
    return draw_ways(_ways(run, compared), _BESIDE, _said(run, compared), theme)


def described(run: DatasetRun, compared: DatasetComparison) -> str:
    """What the figure shows, for those who do not see it."""
    return ways_described(_ways(run, compared), _said(run, compared)[0])


def _ways(run: DatasetRun, compared: DatasetComparison) -> list[WayDown]:
    names = dataset_names([trained.model for trained in run.trained])
    return [
        WayDown(
            names[i], trained.history, trained.best, trained.agreed, each.constant,
            f"the best restart loses {number(each.loss)}, a constant {number(each.constant)}",
        )
        for i in spread(len(names), _MOST)
        for trained, each in [(run.trained[i], compared.models[i])]
    ]  # fmt: skip


def _said(run: DatasetRun, compared: DatasetComparison) -> tuple[str, str]:
    """How many restarts come to the best, and how to read the panels."""
    agreed, _ = how_agreed(_ways(run, compared))
    left = len(run.trained) - _MOST
    some = f" {_MOST} of {len(run.trained)} models are shown." if left > 0 else ""
    how = f"Losses on the data set on the way, means since the record before.{some}"
    return f"{agreed}.", how
