"""Losses on the way: every restart, the best of them thick, and the exact optimum as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.views.plots.loss_curves import OTHERS, draw_descent
from handcalc.views.plots.panels import Rows
from handcalc.views.plots.style import Theme
from handcalc.views.plots.ticks import number
from torchsim.comparison.best_known import linear_best
from torchsim.figures.layout import LEFT, at_most, blank, headed
from torchsim.views.pictured import descent
from torchsim.views.shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_DOWN = 1e-6  # per cent above the best known that are none
MOST = 14


def drawn(shown: Shown, theme: Theme) -> Figure:
    """Up to fourteen panels, all on one scale.

    The logarithm of the loss by that of the evaluations for the exact trainer, by steps for the
    sampled one. Where no exact best is known, the best linear model's loss is dotted: the best ReLU
    loss is no higher.
    """
    from matplotlib.gridspec import GridSpec

    which = shown.chosen(MOST)
    rows = Rows.of(len(which))
    figure = blank()
    headed(figure, *_said(shown), theme)
    grid = GridSpec(
        rows.rows, rows.columns, figure, left=0.065, right=0.985, top=0.81, bottom=0.145,
        wspace=0.12, hspace=0.42,
    )  # fmt: skip
    names, ways = shown.names, [descent(shown, i) for i in which]
    for k, (i, one) in enumerate(zip(which, ways, strict=True)):
        row, column = rows.place(k)
        axes = figure.add_subplot(grid[row, column])
        draw_descent(axes, one, theme, ways)
        axes.set_title(rows.named(names[i]), fontsize=12, fontweight="bold")
        axes.tick_params(labelleft=column == 0)
        if column == 0:
            axes.set_ylabel("loss L")
        if k + rows.columns >= len(which):
            axes.set_xlabel(one.unit)
    _key(figure, shown, theme)
    return figure


def described(shown: Shown) -> str:
    """What the figure shows, for those who do not see it."""
    title, _ = _said(shown)
    names = shown.names
    ends = [f"{names[i]}: {number(shown.loss(i))}" for i in shown.chosen(MOST)]
    return f"{title} The losses in the end: {'; '.join(ends)}."


def _said(shown: Shown) -> tuple[str, str]:
    spec = shown.run.spec
    of = "the only restart" if spec.restarts == 1 else f"the best of {spec.restarts} restarts"
    how = "descent on the exact expected loss" if spec.trainer == "exact" else "batches of samples"
    rest = "" if spec.restarts == 1 else " Thick: the restart that ends lowest. Thin: the others."
    rest += " Without a line: the best known is 0." if _without_line(shown) else ""
    some = shown.left_out(shown.chosen(MOST))
    return f"{_claim(shown, of)}.", f"The loss on the way, by {how}.{rest}{some}"


def _without_line(shown: Shown) -> int:
    """Of how many models the best known is 0, which no logarithm shows."""
    return sum(best is not None and best.loss <= 0 for best in shown.best)


def _claim(shown: Shown, of: str) -> str:
    """How near to the exact best, where it is known; elsewhere how many beat the linear best."""
    unknown = shown.unknown
    worst = shown.worst_gap(range(len(shown.best)))
    below = sum(shown.loss(i) <= linear_best(shown.model(i)) for i in unknown)
    said = []
    if worst is not None:
        where = "Where a best is known," if unknown else "In every model"
        it = "it" if unknown else "the best known"
        near = "comes down to" if worst < _DOWN else f"comes within {at_most(worst)} of"
        said.append(f"{where} {of} {near} {it}")
    if unknown:
        count = "all" if below == len(unknown) else f"{below} of"
        what = "others" if said else "models"
        said.append(f"{count} {len(unknown)} {what} end below the best linear one")
    return "; ".join(said) or f"The losses of every model on the way, {of} in front"


def _key(figure: Figure, shown: Shown, theme: Theme) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=theme.colour(1), linewidth=3, label="best restart")]
    if shown.run.spec.restarts > 1:
        handles.append(Line2D([], [], color=OTHERS, linewidth=0.9, label="other restarts"))
    if len(shown.best) > len(shown.unknown) + _without_line(shown):
        handles.append(Line2D([], [], color=theme.ink, linestyle="--", label="exact best known"))
    if shown.unknown:
        handles.append(Line2D([], [], color=theme.ink, linestyle=":", label="best linear model"))
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(LEFT - 0.008, 0.015), ncols=len(handles),
        columnspacing=2.5,
    )  # fmt: skip
