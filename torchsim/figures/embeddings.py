"""Features as arrows, a panel a model: trained in colour, the exact best on top as hollow rings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from handcalc.numbers.exact import to_float
from handcalc.views.plots import arrows
from handcalc.views.plots.arrows import Scale, ShownArrows
from handcalc.views.plots.panels import Rows
from handcalc.views.plots.pictures import feature_colours
from handcalc.views.plots.style import RGB, Theme
from handcalc.views.plots.ticks import number
from handcalc.wording import counted, joined
from torchsim.comparison.named_shapes import turned
from torchsim.figures.layout import LEFT, at_most, blank, headed, percent, stretches
from torchsim.views.pictured import drawn_model
from torchsim.views.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


_Entries: TypeAlias = "tuple[str, list[Line2D]]"
MOST = 12
_KEYS = 8  # features in the key
_TOP, _BOTTOM, _RIGHT = 0.81, 0.185, 0.985  # of the panels, in parts of the figure
_BETWEEN, _BELOW = 0.1, 0.42  # panels, in widths and heights of one


def drawn(shown: Shown, theme: Theme) -> Figure:
    """Up to twelve panels; the exact best is turned to fit, and features that are alike exchanged.

    One dimension is drawn as a line for each feature.
    """
    from matplotlib.gridspec import GridSpec

    which = shown.chosen(MOST)
    rows = Rows.of(len(which), longest=6)
    figure = blank()
    headed(figure, *_said(shown), theme)
    grid = GridSpec(
        rows.rows, rows.columns, figure, left=LEFT, right=_RIGHT, top=_TOP, bottom=_BOTTOM,
        wspace=_BETWEEN, hspace=_BELOW,
    )  # fmt: skip
    names = shown.names
    models = {i: drawn_model(shown, i) for i in which}
    panels = {
        i: ShownArrows(
            model.W,
            [str(k + 1) for k in range(len(model.W))],
            feature_colours(model, theme),
            model.best,
        )
        for i, model in models.items()
    }
    scale = _scale([panel.longest for panel in panels.values()], rows, theme)
    for k, i in enumerate(which):
        axes = figure.add_subplot(grid[rows.place(k)])
        arrows.draw(axes, panels[i], scale, theme)
        if k == 0:
            arrows.name_axes(axes, shown.model(i).hidden, theme)
        gap = shown.gap(i)
        far = "" if gap is None else f"gap {percent(gap)}"
        _caption(axes, rows.named(names[i]), f"loss {number(shown.loss(i))}\n{far}", theme)
    elsewhere = any(any(panel.far(scale)) for panel in panels.values())
    title, handles = _entries(shown, which, panels[which[0]].colours, theme, elsewhere=elsewhere)
    figure.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(LEFT - 0.008, 0.02), ncols=_KEYS + 2,
        handlelength=1.4, columnspacing=1.6, alignment="left", title=title,
    )  # fmt: skip
    return figure


def described(shown: Shown) -> str:
    """What the figure shows, for those who do not see it."""
    worst = shown.worst_gap(shown.chosen(MOST))
    far = "" if worst is None else f" Their losses are at most {at_most(worst)} above the best."
    return f"{_said(shown)[0]} Arrows of the trained features with the exact best on top.{far}"


def _said(shown: Shown) -> tuple[str, str]:
    """Which families come after another, and how to read the arrows."""
    which = shown.chosen(MOST)
    names = shown.names
    sizes = {(shown.model(i).features, shown.model(i).hidden) for i in which}
    n, m = min(sizes)
    head = "Trained embeddings"
    if len(sizes) == 1:
        head = f"{counted(n, 'feature')} in {counted(m, 'dimension')}"
    shapes = [turned(shown.W(i), shown.b(i), shown.model(i)) for i in which]
    found = stretches([each.family.name for each in shapes], [names[i] for i in which])
    round_ = [names[i] for i, each in zip(which, shapes, strict=True) if each.turned]
    costless = ""
    if round_:
        costless = (
            f" At {joined(round_)} an arrow loses as much the other way round, and the embedding "
            "is named as it is with some of them reversed."
        )
    restarts = shown.run.spec.restarts
    of = "the only restart" if restarts == 1 else f"the best of {restarts} restarts"
    exact = "" if shown.knows_none else " Rings, thin lines: the exact best known, turned to fit."
    how = f"Coloured arrows: features as trained, {of}.{exact}{costless}{shown.left_out(which)}"
    return f"{head}: {found}.", how


def _scale(longest: Sequence[float], rows: Rows, theme: Theme) -> Scale:
    """One scale for all panels, by the room that they have."""
    wide = 16 * (_RIGHT - LEFT) / (rows.columns + _BETWEEN * (rows.columns - 1))
    high = 9 * (_TOP - _BOTTOM) / (rows.rows + _BELOW * (rows.rows - 1))
    return Scale.of(max(longest), min(wide, high), theme)


def _caption(axes: Axes, name: str, measured: str, theme: Theme) -> None:
    axes.annotate(
        name, (0.5, 0), (0, -5), xycoords="axes fraction", textcoords="offset points",
        ha="center", va="top", fontsize=13, fontweight="bold",
    )  # fmt: skip
    down = -7 - 16 * (1 + name.count("\n"))
    axes.annotate(
        measured, (0.5, 0), (0, down), xycoords="axes fraction", textcoords="offset points",
        ha="center", va="top", fontsize=12, color=theme.soft, linespacing=1.2,
    )  # fmt: skip


def _entries(
    shown: Shown, which: Sequence[int], colours: Sequence[RGB], theme: Theme, *, elsewhere: bool
) -> _Entries:
    """What the key has: a title, the features with their importances, the rings and the circle."""
    from matplotlib.lines import Line2D

    importances = {shown.model(i).importance for i in which}
    weights = [to_float(weight) for weight in min(importances, key=str)]
    even = len(importances) > 1 or len(set(weights)) == 1
    pairs = list(zip(colours, weights, strict=True))[:_KEYS]
    labels = [
        f"{k}" if even else f"{k}: I = {weight:.3g}" for k, (_, weight) in enumerate(pairs, 1)
    ]
    handles = [
        Line2D([], [], color=colour, linewidth=6, label=label)
        for label, (colour, _) in zip(labels, pairs, strict=True)
    ]
    exact = "exact best known" + (", with grey numbers where elsewhere" if elsewhere else "")
    if not shown.knows_none:
        handles.append(Line2D([], [], color=theme.ink, linewidth=1, label=exact))
    handles.append(Line2D([], [], color=theme.faint, linewidth=0, markersize=11, label="length 1"))
    for hollow in handles[len(pairs) :]:
        hollow.set(marker="o", markerfacecolor="none")
    said = "Features by number" + ("" if even else " and importance; paler is less important")
    return said, handles
