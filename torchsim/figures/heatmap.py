"""A sweep as heat maps over two of its settings, a panel for each of the others; or as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.views.plots import value_map
from handcalc.views.plots.panels import Rows
from handcalc.views.plots.style import Theme
from handcalc.views.plots.value_map import ValueMap, stands_upright
from torchsim.figures.layout import blank, headed
from torchsim.views.sweep_maps import SweepMaps

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_TOP, _BOTTOM, _RIGHT = 0.79, 0.1, 0.885  # of the panels, in parts of the figure
_BAR = 0.905, 0.014  # left and width of the scale
_LETTER = 0.0052, 0.0088  # wide and high, of a letter at the ticks, in parts of the figure


def drawn(maps: SweepMaps, theme: Theme) -> Figure:
    """The panels, all on one scale, which stands on the right."""
    from matplotlib.gridspec import GridSpec

    figure = blank()
    headed(figure, maps.title, maps.how, theme)
    first, rows = maps.panels[0], Rows.of(len(maps.panels), longest=4)
    up = [] if first.y is None else first.y.labels
    left = 0.05 + _LETTER[0] * max(map(len, up), default=6)
    room = (_RIGHT - left) * 16 * 72 / rows.columns / len(first.x.labels)
    below = max(map(len, first.x.labels)) if stands_upright(first.x, room, theme) else 0
    bottom = _BOTTOM + _LETTER[1] * below
    grid = GridSpec(
        rows.rows, rows.columns, figure, left=left, right=_RIGHT, top=_TOP, bottom=bottom,
        wspace=0.06, hspace=0.24,
    )  # fmt: skip
    for k, panel in enumerate(maps.panels):
        row, column = rows.place(k)
        axes = figure.add_subplot(grid[row, column])
        if panel.y is None:
            value_map.draw_line(axes, panel, theme)
            continue
        cells = value_map.draw(axes, panel, theme)
        if panel.name:
            axes.set_title(rows.named(panel.name), fontsize=12, fontweight="bold")
        if column:
            axes.set_ylabel("")
            axes.tick_params(labelleft=False)
        if k + rows.columns < len(maps.panels):
            axes.set_xlabel("")
            axes.tick_params(labelbottom=False)
        if k == len(maps.panels) - 1:
            bar = figure.add_axes((_BAR[0], bottom, _BAR[1], _TOP - bottom))
            value_map.draw_scale(bar, cells, panel.scale, theme)
    return figure


def described(maps: SweepMaps) -> str:
    """What the figure shows, for those who do not see it."""
    return " ".join(filter(None, [maps.title, maps.how, *map(_listed, maps.panels)]))


def _listed(panel: ValueMap) -> str:
    """A panel's own words, after its name."""
    if not panel.name:
        return panel.words.removeprefix(panel.words.partition(". ")[0]).removeprefix(". ")
    return f"{panel.name}: {panel.words}"
