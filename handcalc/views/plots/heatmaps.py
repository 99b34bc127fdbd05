"""Heat maps of a sweep in axes of yours, or in a figure of their own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handcalc.views.plots import value_map
from handcalc.views.plots.asked import (
    all_of,
    coloured,
    name_upright,
    names_of,
    put_title,
    said_of,
    titles_of,
)
from handcalc.views.plots.panels import Look, Panel, PartOf, arrange, panels, told
from handcalc.views.plots.style import Theme, styled
from handcalc.views.plots.value_map import ValueMap

_EACH = (7.4, 4.8)  # inches, of a panel of a figure of its own
_BESIDE_SCALE = 0.8  # of the width of a panel, for the squares
_SCALE = (1.04, 0, 0.04, 1)


def draw_heatmaps(shown: object, look: Look, x: object, y: object, value: object) -> Any:
    """A panel for each combination of the settings that are along no axis, all on one scale."""
    found, single = all_of(shown, lambda one: one.maps(x, y, value))
    maps: list[ValueMap] = [_renamed(one, look.labels) for one in found]
    drawn = panels(look, len(maps), _EACH)
    titles = titles_of(look.title, [one.name for one in maps])
    for panel, title, one in zip(drawn, titles, maps, strict=True):
        put_title(panel, title, "left")
        if panel.is_own and one.y is not None:
            panel.axes.set_axes_locator(PartOf(panel.axes, _beside_scale))
    arrange(drawn)
    for panel, one in zip(drawn, maps, strict=True):
        with styled(panel.theme):
            _draw(panel, one, look)
            name_upright(panel, look)
    return told(drawn, [said_of(one.name, one.words) for one in maps], single=single)


def _renamed(shown: ValueMap, labels: object) -> ValueMap:
    """With other names along the axes and beside the colours."""
    if labels is None:
        return shown
    several = 2 if shown.y is None else 3
    across, *up, name = names_of(labels, several, "axes")
    y = None if shown.y is None else replace(shown.y, name=up[0])
    scale = replace(shown.scale, name=name)
    return replace(shown, x=replace(shown.x, name=across), y=y, scale=scale)


def _draw(panel: Panel, shown: ValueMap, look: Look) -> None:
    theme = coloured(panel.theme, look.colours, "signs", 2)
    if shown.y is None:
        value_map.draw_line(panel.axes, shown, theme)
        return
    cells = value_map.draw(panel.axes, shown, theme, _colours(look, theme))
    if look.ax is None or not panel.is_small:
        value_map.draw_scale(panel.axes.inset_axes(_SCALE), cells, shown.scale, theme)


def _colours(look: Look, theme: Theme) -> Any:
    """From one colour to the other, where they are given."""
    if look.colours is None:
        return None
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("given", list(theme.signs))


def _beside_scale(wide: float, high: float) -> tuple[float, float, float, float]:
    return 0, 0, wide * _BESIDE_SCALE, high
