"""Losses on the way: every restart, the best of them thick, and the exact optimum as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from handcalc.views.plots.style import Theme
from torchsim.comparison.best_known import linear_best
from torchsim.figures.layout import (
    LEFT,
    Rows,
    at_most,
    blank,
    even_ticks,
    headed,
    number,
    only_lines,
    panel_labels,
    short,
    ticks,
)
from torchsim.figures.shown import Floats, Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_DOWN = 1e-6  # per cent above the best known that are none
_MOST = 14
_OTHERS = "#E69F00"


def drawn(shown: Shown, theme: Theme) -> Figure:
    """Up to fourteen panels with axes of their own.

    The logarithm of the loss by that of the evaluations for the exact trainer, by steps for the
    sampled one. Where no exact best is known, the best linear model's loss is dotted: the best ReLU
    loss is no higher.
    """
    from matplotlib.gridspec import GridSpec

    which, spec = shown.chosen(_MOST), shown.run.spec
    rows = Rows.of(len(which))
    figure = blank()
    headed(figure, *_said(shown), theme)
    grid = GridSpec(
        rows.rows, rows.columns, figure, left=0.065, right=0.985, top=0.81, bottom=0.145,
        wspace=(0.08 * rows.columns if rows.columns > 3 else 0.2), hspace=0.42,
    )  # fmt: skip
    names = panel_labels(shown.models)
    for k, i in enumerate(which):
        row, column = rows.place(k)
        axes = figure.add_subplot(grid[row, column])
        _panel(axes, shown, i, theme)
        axes.set_title(rows.named(names[i]), fontsize=12, fontweight="bold")
        if column == 0:
            axes.set_ylabel("loss L")
        if k + rows.columns >= len(which):
            on_samples = "thousand steps" if _unit(shown) == 1000 else "steps"
            axes.set_xlabel("evaluations" if spec.trainer == "exact" else on_samples)
    _key(figure, shown, theme)
    return figure


def described(shown: Shown) -> str:
    """What the figure shows, for those who do not see it."""
    title, _ = _said(shown)
    names = panel_labels(shown.models)
    ends = [f"{names[i]}: {number(shown.loss(i))}" for i in shown.chosen(_MOST)]
    return f"{title} The losses in the end: {'; '.join(ends)}."


def _said(shown: Shown) -> tuple[str, str]:
    spec = shown.run.spec
    of = "the only restart" if spec.restarts == 1 else f"the best of {spec.restarts} restarts"
    how = "descent on the exact expected loss" if spec.trainer == "exact" else "batches of samples"
    rest = "" if spec.restarts == 1 else " Thick: the restart that ends lowest. Thin: the others."
    some = shown.left_out(shown.chosen(_MOST))
    return f"{_claim(shown, of)}.", f"The loss on the way, by {how}.{rest}{some}"


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


def _unit(shown: Shown) -> int:
    """Steps are counted in thousands where there are thousands."""
    longest = max(trained.history.steps[-1] for trained in shown.run.trained)
    return 1000 if shown.run.spec.trainer == "sampled" and longest >= 2000 else 1


def _panel(axes: Axes, shown: Shown, i: int, theme: Theme) -> None:
    trained = shown.trained(i)
    steps = np.asarray(trained.history.steps, dtype=np.float64) / _unit(shown)
    losses = np.asarray(trained.history.losses.numpy(), dtype=np.float64)
    others = np.delete(losses, trained.best, axis=1)
    if others.size:
        axes.plot(steps, others, color=_OTHERS, linewidth=0.9, alpha=0.75, zorder=2)
    axes.plot(
        steps, losses[:, trained.best], color=theme.colour(1), linewidth=3, zorder=3, gid="best"
    )
    best = shown.best[i]
    line, style = (best.loss, "--") if best is not None else (linear_best(shown.model(i)), ":")
    axes.axhline(line, color=theme.ink, linewidth=1.6, linestyle=style, zorder=4, gid="optimum")
    only_lines(axes, "left", "bottom")
    _along_steps(axes, steps, log=shown.run.spec.trainer == "exact")
    _scale(axes, np.append(losses, line))


def _along_steps(axes: Axes, steps: Floats, *, log: bool) -> None:
    """From the first record to the last, by powers of ten, or from 0, by a few round numbers."""
    first, last = float(steps[0]), float(steps[-1])
    if log and 0 < first < last:
        axes.set_xscale("log")
        axes.set_xlim(first / 1.1, last * 1.1)
        marks = [10.0**k for k in range(12) if first <= 10.0**k <= last]
    else:
        axes.set_xlim(0, 1.04 * last or 1)
        marks = even_ticks(0, last)
    axes.set_xticks(marks, [f"{tick:g}" for tick in marks])
    axes.xaxis.minorticks_off()


def _scale(axes: Axes, values: Floats) -> None:
    """The logarithm of the losses above 0, over ten powers of ten at most."""
    seen = values[np.isfinite(values) & (values > 0)]
    if not seen.size:
        return
    high = float(seen.max())
    low = max(float(seen.min()), high * 1e-10)
    room = (high / low) ** 0.06 * 1.001
    low, high = low / room, high * room
    places = ticks(low, high)
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.set_yticks(places, [short(tick) for tick in places])
    axes.minorticks_off()


def _key(figure: Figure, shown: Shown, theme: Theme) -> None:
    from matplotlib.lines import Line2D

    handles = [Line2D([], [], color=theme.colour(1), linewidth=3, label="best restart")]
    if shown.run.spec.restarts > 1:
        handles.append(Line2D([], [], color=_OTHERS, linewidth=0.9, label="other restarts"))
    if not shown.knows_none:
        handles.append(Line2D([], [], color=theme.ink, linestyle="--", label="exact best known"))
    if shown.unknown:
        handles.append(Line2D([], [], color=theme.ink, linestyle=":", label="best linear model"))
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(LEFT - 0.008, 0.015), ncols=len(handles),
        columnspacing=2.5,
    )  # fmt: skip
