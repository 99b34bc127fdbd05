"""The way of training of kinds with one trainer: losses of every restart, beside an exact one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from handcalc.views.plots.loss_curves import draw_restarts
from handcalc.views.plots.panels import only_lines, wrapped
from handcalc.views.plots.style import Theme
from handcalc.views.plots.ticks import even_ticks
from torchsim.figures.layout import LEFT, blank, headed
from torchsim.restarts import diverged_steps
from torchsim.run import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST = 5
"""Models that are drawn."""


@dataclass(frozen=True, slots=True)
class WayDown:
    """A model's losses on the way: its best restart, how many agreed, and the loss beside it.

    ``ended`` says what the best restart loses: a mean over batches, as the curves are, is none.
    """

    name: str
    history: History
    best: int
    agreed: int
    beside: float | None
    ended: str


def draw_ways(ways: Sequence[WayDown], label: str, said: tuple[str, str], theme: Theme) -> Figure:
    """Up to five models, a column each; a line at the loss beside each, with its ``label``."""
    from matplotlib.lines import Line2D

    shown = ways[:MOST]
    figure = blank()
    headed(figure, *said, theme)
    grid = figure.add_gridspec(
        1, len(shown), left=0.065, right=0.975, top=0.77, bottom=0.17, wspace=0.3
    )
    for k, way in enumerate(shown):
        axes = figure.add_subplot(grid[0, k])
        _losses(axes, way, theme)
        axes.set_title("\n".join(wrapped(way.name, 100 // len(shown))) if way.name else "")
        axes.set_xlabel("steps")
        if k == 0:
            axes.set_ylabel("loss")
    lines = [Line2D([], [], color=theme.colour(1), linewidth=3, label="the best restart")]
    if any(way.beside is not None for way in shown):
        beside = Line2D([], [], label=label, color=theme.ink, linewidth=1.6, linestyle="--")
        lines.append(beside)
    figure.legend(
        handles=lines, loc="lower left", bbox_to_anchor=(LEFT - 0.008, 0.015), ncols=2,
        columnspacing=2.5,
    )  # fmt: skip
    return figure


def ways_described(ways: Sequence[WayDown], title: str) -> str:
    """What the figure shows, for those who do not see it."""
    ends = [f"{way.name or 'the model'}: {way.ended}" for way in ways[:MOST]]
    return f"{title} {'; '.join(ends)}."


def how_agreed(ways: Sequence[WayDown]) -> tuple[str, str]:
    """How many restarts come to the best of their model, without a full stop; how to read it."""
    agreed = sum(way.agreed for way in ways)
    starts = sum(way.history.losses.shape[1] for way in ways)
    left = f" {MOST} of {len(ways)} models are shown." if len(ways) > MOST else ""
    return (
        f"{agreed} of {starts} restarts come to the best of their model",
        f"Losses on the way, means over the batches since the record before.{left}",
    )


def _losses(axes: Axes, way: WayDown, theme: Theme) -> None:
    steps, losses = way.history.steps, way.history.losses
    # a restart that diverged is off every scale
    standing = [k for k, lost in enumerate(diverged_steps(steps, losses)) if lost is None]
    losses = losses[:, standing]
    draw_restarts(axes, steps, losses.tolist(), standing.index(way.best), theme)
    if way.beside is not None:
        axes.axhline(
            way.beside, color=theme.ink, linestyle="--", linewidth=1.6, gid="beside", zorder=4
        )
    lowest = [float(losses[-1].min()), *([] if way.beside is None else [way.beside])]
    highest = max(float(losses.max()), *lowest)
    # what is above four times the end is the first few steps
    axes.set_ylim(0, max(min(4 * max(lowest), 1.05 * highest), 1e-9))
    only_lines(axes, "left", "bottom")
    axes.set_xlim(0, steps[-1])
    marks = even_ticks(0, steps[-1])
    axes.set_xticks(marks, [f"{tick:,.0f}" for tick in marks])
