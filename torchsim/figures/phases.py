"""The phase diagram of trained models beside the exact one of the same grid."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, TypeAlias

from handcalc.views.plots.regimes import LABELS, draw, draw_key
from handcalc.views.plots.style import Theme
from handcalc.views.plots.ticks import indexed
from torchsim.figures.layout import at_most, blank, headed
from torchsim.views.pictured import PhasePair, counted_fates, pairs_of
from torchsim.views.shown import Shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_Place: TypeAlias = "tuple[float, float, float, float]"


def drawn(shown: Shown, theme: Theme) -> Figure:
    """Two panels for each size of model: trained on the left, exact on the right.

    White, or the dark paper, where ‖Wₙ‖ = 0; the hue goes from blue to vermilion with how much the
    last feature shares, as in ``handcalc phases --diagram``.
    """
    pairs = pairs_of(shown)
    figure = blank()
    headed(figure, *_said(shown, pairs), theme)
    places = _places(len(pairs))
    for k, pair in enumerate(pairs):
        panels = [figure.add_axes(place) for place in places[2 * k : 2 * k + 2]]
        for panel, one in zip(panels, pair.maps, strict=True):
            draw(panel, one, theme, LABELS)
            panel.set_title(one.title, fontweight="bold", loc="left")
            panel.set_xlabel("density p  (dense → sparse)")
        last = indexed("I", pair.grid.features)
        panels[0].set_ylabel(f"importance {last} of the last feature")
        panels[1].set_yticklabels([])
    _key(figure, pairs, theme)
    return figure


def described(shown: Shown) -> str:
    """What the figure shows, for those who do not see it."""
    pairs = pairs_of(shown)
    return " ".join([_said(shown, pairs)[0], *map(_counted, pairs)])


def _counted(pair: PhasePair) -> str:
    """How often each fate is met."""
    trained, _ = pair.maps
    return f"{pair.grid.features} → {pair.grid.hidden}, as trained: {counted_fates(trained)}."


def _said(shown: Shown, pairs: Sequence[PhasePair]) -> tuple[str, str]:
    points = sum(len(row) for pair in pairs for row in pair.trained)
    same = points - sum(len(pair.differing) for pair in pairs)
    head = "all" if same == points else f"{same:,} of"
    worst = shown.worst_gap(range(len(shown.best)))
    gap = "" if worst is None else f" Largest gap in the loss: {at_most(worst)}."
    what = (
        "What becomes of the last feature, by its importance (of the others 1) and by the "
        f"density p = 1 − S of all.{gap}"
    )
    return f"The last feature meets the fate of the exact best at {head} {points:,} points.", what


def _places(pairs: int) -> list[_Place]:
    """Where panels stand: beside the key on the right, or four in a row above it."""
    if pairs == 1:
        return [(0.065 + k * 0.39, 0.1, 0.36, 0.7) for k in (0, 1)]
    wide = 0.925 / pairs
    return [
        (0.065 + k * wide + j * wide * 0.465, 0.33, wide * 0.435, 0.47)
        for k in range(pairs)
        for j in (0, 1)
    ]


def _key(figure: Figure, pairs: Sequence[PhasePair], theme: Theme) -> None:
    """The colours of the fates, and how to read lines and crosses."""
    said = ["Lines: where the fate changes.", "Crosses: the trained fate is not the exact one."]
    said += map(_counted, pairs)
    if len(pairs) == 1:
        draw_key(figure.add_axes((0.89, 0.15, 0.09, 0.16)), theme)
        lines, place = [line for one in said for line in [*wrap(one, 18), ""]], (0.86, 0.79)
    else:
        draw_key(figure.add_axes((0.065, 0.085, 0.0875, 0.1556)), theme)
        lines, place = said, (0.18, 0.235)
    figure.text(*place, "\n".join(lines), va="top", fontsize=13, linespacing=1.4)
