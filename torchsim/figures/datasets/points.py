"""Data points and features as arrows, and losses and dimensions along the size of the data set.

Source: Henighan et al. 2023, the figures of "Superposition, Memorization, and Double Descent".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from torch import Tensor

from handcalc.superposition.phases.regimes import REPRESENTED
from handcalc.views.plots.panels import only_lines, wrapped
from handcalc.views.plots.style import Theme
from handcalc.wording import counted
from torchsim.comparison.datasets import DatasetCompared, DatasetComparison
from torchsim.datasets.run import DatasetRun, TrainedOnDataset
from torchsim.figures.layout import LEFT, blank, headed
from torchsim.views.dataset_runs import span
from torchsim.views.dataset_specifications import dataset_names
from torchsim.views.runs import number
from torchsim.views.shown import spread

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 4  # models whose arrows are drawn
_BETWEEN = 0.7  # where arrows end and curves begin, in widths of the figure
_MARKS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000)
_POINT, _FEATURE = 1, 6  # colours by number


def drawn(run: DatasetRun, compared: DatasetComparison, theme: Theme) -> Figure:
    """Left the arrows of up to four models in two dimensions; right curves of all models."""
    figure = blank()
    headed(figure, *_said(run, compared), theme)
    which = _in_the_plane(run)
    if which:
        names = dataset_names([trained.model for trained in run.trained])
        _draw_arrows(figure, [run.trained[i] for i in which], [names[i] for i in which], theme)
    _draw_curves(figure, run, compared, _BETWEEN if which else LEFT, theme)
    return figure


def described(run: DatasetRun, compared: DatasetComparison) -> str:
    """What the figure shows, for those who do not see it."""
    told = [
        f"{counted(each.model.points, 'data point')}: loss {number(each.loss)}, unseen "
        f"{number(trained.mean_unseen)}, D of points {span(each.points)}, "
        f"{counted(len(each.features), 'feature')} held"
        for trained, each in zip(run.trained, compared.models, strict=True)
    ]
    return f"{_said(run, compared)[0]} {'; '.join(told)}."


def _in_the_plane(run: DatasetRun) -> list[int]:
    """The models, from 0, whose arrows are drawn: those in two dimensions, evenly."""
    flat = [i for i, trained in enumerate(run.trained) if trained.model.hidden == 2]
    return [flat[k] for k in spread(len(flat), _MOST)]


def _draw_arrows(
    figure: Figure, shown: Sequence[TrainedOnDataset], names: Sequence[str], theme: Theme
) -> None:
    """A column for each model: h of its data points, and below the rows of W."""
    grid = figure.add_gridspec(
        2, len(shown), left=LEFT + 0.015, right=_BETWEEN - 0.02, top=0.75, bottom=0.06,
        wspace=0.02, hspace=0.02,
    )  # fmt: skip
    for k, (each, name) in enumerate(zip(shown, names, strict=True)):
        for row, (V, colour, what) in enumerate(
            (
                (each.hidden, _POINT, "data points: h = Wᵀx"),
                (each.W[each.best], _FEATURE, "features: rows of W"),
            )
        ):
            axes = figure.add_subplot(grid[row, k])
            _arrows(axes, V, theme.colour(colour), theme)
            if k == 0:
                axes.set_ylabel(what)
            if row == 0:
                axes.set_title("\n".join(wrapped(name, 100 // len(shown))))


def _arrows(axes: Axes, V: Tensor, colour: str, theme: Theme) -> None:
    """Lines from 0 with a dot at their ends; paler where many are long."""
    from matplotlib.collections import LineCollection
    from matplotlib.patches import Circle

    tips = V.tolist()
    long = int((V.norm(dim=1) >= REPRESENTED).sum())
    strong = float(np.clip(20 / max(1, long), 0.15, 0.9))
    axes.add_patch(Circle((0, 0), 1, fill=False, color=theme.faint, linewidth=1, zorder=1))
    shafts = [[(0.0, 0.0), tuple(tip)] for tip in tips]
    axes.add_collection(LineCollection(shafts, colors=colour, linewidths=1.2, alpha=strong))
    across, up = zip(*tips, strict=True)
    axes.scatter(across, up, s=16, color=colour, linewidths=0, zorder=3)
    reach = 1.08 * max(1.0, float(V.norm(dim=1).max()))
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
    only_lines(axes)


def _draw_curves(
    figure: Figure, run: DatasetRun, compared: DatasetComparison, left: float, theme: Theme
) -> None:
    """Losses above dimensions, by T on a logarithmic axis."""
    order = sorted(range(len(run.trained)), key=lambda i: run.trained[i].model.points)
    trained = [run.trained[i] for i in order]
    models = [compared.models[i] for i in order]
    sizes = [each.model.points for each in trained]
    grid = figure.add_gridspec(
        2, 1, left=left + 0.035, right=0.985, top=0.78, bottom=0.085, hspace=0.14
    )
    above = figure.add_subplot(grid[0, 0])
    below = figure.add_subplot(grid[1, 0], sharex=above)
    _losses(above, sizes, trained, [each.constant_unseen for each in models], theme)
    _dimensions(below, sizes, models, theme)
    above.tick_params(labelbottom=False)
    above.set_xscale("log")
    above.set_xlim(min(sizes) / 1.25, max(sizes) * 1.25)
    marks = [T for T in _MARKS if min(sizes) <= T <= max(sizes)] or sizes[:1]
    below.set_xticks(marks, [f"{T:,}" for T in marks])
    below.set_xlabel("T, data points")
    below.set_xticks([], minor=True)
    for axes in (above, below):
        only_lines(axes, "left", "bottom")


def _losses(
    axes: Axes,
    sizes: Sequence[int],
    trained: Sequence[TrainedOnDataset],
    constant: Sequence[float],
    theme: Theme,
) -> None:
    """On the data set, of the best restart; on unseen inputs, of each restart and their mean."""
    seen = [each.lowest for each in trained]
    unseen = [each.mean_unseen for each in trained]
    axes.plot(sizes, unseen, "-o", color=theme.colour(6), markersize=4, label="unseen, mean")
    highest = 0.0
    for size, each in zip(sizes, trained, strict=True):
        dots = each.unseen[list(each.standing)].tolist()  # one that diverged is off every scale
        axes.plot([size] * len(dots), dots, ".", color=theme.colour(6), alpha=0.3, markersize=5)
        highest = max(highest, *dots)
    axes.plot(sizes, seen, "-s", color=theme.ink, markersize=4, label="on the data set, best")
    axes.plot(
        sizes, constant, "--", color=theme.soft, linewidth=1.2, label="the best constant, unseen"
    )
    axes.set_ylabel("loss")
    axes.set_ylim(0, 1.4 * highest)
    axes.legend(loc="upper right")


def _dimensions(
    axes: Axes, sizes: Sequence[int], models: Sequence[DatasetCompared], theme: Theme
) -> None:
    """D of each data point and of each feature that is held, beside that on a regular polygon."""
    for size, each in zip(sizes, models, strict=True):
        for values, colour, mark in ((each.points, _POINT, "."), (each.features, _FEATURE, "x")):
            shade = float(np.clip(30 / max(1, len(values)), 0.2, 1))
            across = [size] * len(values)
            axes.plot(across, values, mark, color=theme.colour(colour), alpha=shade, markersize=6)
    axes.plot([], [], ".", color=theme.colour(_POINT), label="D of each data point")
    axes.plot([], [], "x", color=theme.colour(_FEATURE), label="D of each feature ≥ ½ long")
    if all(each.model.hidden == 2 for each in models) and len(set(sizes)) > 1:
        axes.plot(
            sizes, [2 / T for T in sizes], color=theme.soft, linewidth=1, zorder=1,
            label="2/T, a regular polygon",
        )  # fmt: skip
    top = 1.1 * max(value for each in models for value in (*each.points, *each.features))
    axes.set(ylabel="dimensions taken", ylim=(-0.02, max(0.6, top)))
    axes.legend(loc="upper right")


def _said(run: DatasetRun, compared: DatasetComparison) -> tuple[str, str]:
    """Where the unseen loss is highest, and how to read the figure."""
    which, total = _in_the_plane(run), len(run.trained)
    left = f" Arrows of {len(which)} of {total} models." if 0 < len(which) < total else ""
    starts = counted(run.spec.restarts, "start")
    arrows = "Left: arrows of the best start; each circle has radius 1. " if which else ""
    how = (
        f"{arrows}Losses: ‖x − x̂‖²; pale dots: each of {starts}. D = ‖v‖²/Σ(v̂·v′)² among data "
        f"points, and among features.{left}"
    )
    losses = {each.model.points: each.mean_unseen for each in run.trained}
    if len(losses) < 3:
        first = compared.models[0]
        points = counted(first.model.points, "data point")
        return f"{points}: loss {number(first.loss)}, on unseen inputs {number(first.unseen)}.", how
    few, many = min(losses), max(losses)
    worst = max(losses, key=lambda T: losses[T])
    ends = f"{losses[few]:.2f} at {few:,} and {losses[many]:.2f} at {many:,}"
    if worst in (few, many):
        return f"The loss on unseen inputs is {ends} data points.", how
    return (
        f"On unseen inputs the loss is highest in between: {losses[worst]:.2f} at {worst:,} data "
        f"points, {ends}."
    ), how
