"""Heatmaps of W Wᵀ, and below each the lengths ‖Wᵢ‖, coloured by interference."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from handcalc.views.plots.gram import Gram, Scales, counts, draw, draw_scales, held, mark
from handcalc.views.plots.panels import Rows
from handcalc.views.plots.style import Theme
from handcalc.wording import counted
from torchsim.figures.layout import blank, headed
from torchsim.settings import activation_word
from torchsim.views.shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure


MOST = 14
_LEFT, _BOTTOM, _WIDTH, _HEIGHT = 0.9, 0.35, 13.55, 7.15  # inches, of all panels together
_GAP, _TITLE, _WORDS = 0.25, 0.55, 1.0  # between panels, above one, above and below together
_Place: TypeAlias = "tuple[float, float, float, float]"


def drawn(shown: Shown, theme: Theme) -> Figure:
    """Up to fourteen panels, linear models before ReLU ones where there are as many of both."""
    which = shown.chosen(MOST)
    rows = Rows.of(len(which))
    figure = blank()
    headed(figure, *_said(shown), theme)
    names = shown.names
    scales = Scales.of([shown.W(i).tolist() for i in which])
    for k, i in enumerate(which):
        row, column = rows.place(k)
        heat, bars = map(figure.add_axes, _places(rows, row, column))
        W = shown.W(i).tolist()
        features = [str(feature + 1) for feature in range(len(W))]
        mesh = draw(heat, bars, Gram(W, features), scales, theme)
        mark(heat, bars, features, first=column == 0, last=k + rows.columns >= len(which))
        heat.set_title(f"{rows.named(names[i])}\n{held(W)}", fontsize=12, linespacing=1.25)
    places = (0.925, 0.5, 0.012, 0.29), (0.925, 0.1, 0.012, 0.29)
    upper, lower = map(figure.add_axes, places)
    draw_scales(upper, lower, mesh, theme)
    return figure


def _places(rows: Rows, row: int, column: int) -> tuple[_Place, _Place]:
    """Where a heatmap and its bars stand: left, bottom, width, height in parts of the figure."""
    high = _HEIGHT / rows.rows
    side = min((high - _WORDS) / 1.42, (_WIDTH + _GAP) / rows.columns - _GAP)
    step = min(1.6 * side, (_WIDTH - side) / max(1, rows.columns - 1))
    spare = _WIDTH - side - step * (rows.columns - 1)
    left, top = _LEFT + spare / 2 + column * step, _BOTTOM + _HEIGHT - row * high - _TITLE
    heat = (left / 16, (top - side) / 9, side / 16, side / 9)
    return heat, (left / 16, (top - 1.42 * side) / 9, side / 16, 0.36 * side / 9)


def described(shown: Shown) -> str:
    """What the figure shows, for those who do not see it."""
    title, _ = _said(shown)
    which = shown.chosen(MOST)
    names = shown.names
    each = "; ".join(f"{names[i]}: {held(shown.W(i).tolist())}" for i in which)
    return f"{title} Features held, and of those the ones that share a direction: {each}."


def _said(shown: Shown) -> tuple[str, str]:
    """How many features each kind of model holds, and how to read the panels."""
    which = shown.chosen(MOST)
    models = [shown.model(i) for i in which]
    sizes = {(model.features, model.hidden) for model in models}
    kept_by: dict[str, list[int]] = {}
    for i, model in zip(which, models, strict=True):
        kept_by.setdefault(model.activation, []).append(counts(shown.W(i).tolist())[0])
    kept = []
    for key in sorted(kept_by, key=lambda activation: (activation != "relu", activation)):
        least, most = min(kept_by[key]), max(kept_by[key])
        many = least if least == most else f"{least} to {most}"
        kept.append(f"{activation_word(key)} models hold {many}")
    n, m = models[0].features, models[0].hidden
    of = (
        f" of {counted(n, 'feature')} in {counted(m, 'dimension')}"
        if len(sizes) == 1
        else " features"
    )
    claim = f"{kept[0]}{of}" + "".join(f"; {other}" for other in kept[1:])
    how = (
        "Squares: W Wᵀ. Bars: the length ‖Wᵢ‖ of each feature, the brighter the more it shares its "
        f"direction. Held: from length ½; shares: from ¼.{shown.left_out(which)}"
    )
    return f"{claim[0].upper()}{claim[1:]}.", how
