"""A grid of regimes as a panel, and the colours of a regime: of the exact minima, or of trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Protocol

from handcalc.superposition.phases.regimes import REPRESENTED, SHARED, Regime
from handcalc.views.plots.panels import inches
from handcalc.views.plots.regions import edges, label_spots
from handcalc.views.plots.style import RGB, Theme, mixed

if TYPE_CHECKING:
    from matplotlib.axes import Axes


LABELS: dict[Regime, str] = {
    "not represented": "not\nrepresented",
    "dedicated dimension": "dimension\nof its own",
    "superposition": "superposition",
}
# Okabe and Ito 2008, "Color Universal Design": blue, through reddish purple, to vermilion
_ALONE, _BETWEEN, _SHARING = (0.0, 0.447, 0.698), (0.69, 0.43, 0.68), (0.835, 0.369, 0.0)
_LABEL = (8.14, 2.63)  # width and height of a label, in sizes of its letters
_TICKS = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100)


class LastFeature(Protocol):
    """What becomes of the last feature at one point: ‖Wₙ‖, Σ_{j≠n} (Ŵₙ·Wⱼ)², and its name."""

    @property
    def length(self) -> float:
        """‖Wₙ‖."""
        ...

    @property
    def shared(self) -> float:
        """Σ_{j≠n} (Ŵₙ·Wⱼ)²."""
        ...

    @property
    def fate(self) -> Regime:
        """The name of both."""
        ...


def regime_colour(size: float, sharing: float, theme: Theme) -> RGB:
    """The paper at length 0, full colour from 1 on; from blue by purple to vermilion by sharing.

    >>> from handcalc.views.plots.style import LIGHT
    >>> regime_colour(0.0, 1.0, LIGHT) == (1, 1, 1), regime_colour(1.2, 0.0, LIGHT)[0]
    (True, 0.0)
    """
    size, sharing = min(size, 1.0), min(sharing, 1.0)
    alone, between, shares = _ALONE, _BETWEEN, _SHARING
    if theme.fates:
        alone, shares = (theme.tinted(colour, 1) for colour in theme.fates)
        between = mixed(alone, shares, 0.5)
    low, high = (alone, between) if sharing < 0.5 else (between, shares)
    hue = mixed(low, high, 2 * sharing - (sharing >= 0.5))
    return mixed(theme.tinted(theme.paper, 1), hue, size)


def draw_regimes(
    axes: Axes,
    densities: Sequence[float],
    importances: Sequence[float],
    points: Sequence[Sequence[LastFeature]],
    theme: Theme,
    width: float,
) -> None:
    """Cells in the colours of lengths and sharing; lines, ``width`` wide, between the regimes.

    ``points`` has a row for each density, in it one for each importance.
    """
    from matplotlib.collections import LineCollection

    colours = [[regime_colour(each.length, each.shared, theme) for each in row] for row in points]
    draw_cells(axes, densities, importances, colours)
    x, y = log_corners(densities), log_corners(importances)
    found = edges([[each.fate for each in row] for row in points])
    lines = [[(x[row], y[column]) for row, column in edge] for edge in found]
    axes.add_collection(LineCollection(lines, colors=theme.ink, linewidths=width, capstyle="round"))


def draw_cells(
    axes: Axes,
    densities: Sequence[float],
    importances: Sequence[float],
    colours: Sequence[Sequence[RGB]],
) -> None:
    """A cell for each point, both axes in logarithms, the dense side on the left."""
    x, y = log_corners(densities), log_corners(importances)
    upright = [list(column) for column in zip(*colours, strict=True)]  # a row for each importance
    axes.pcolormesh(x, y, upright, rasterized=True)


def log_scales(axes: Axes, densities: Sequence[float], importances: Sequence[float]) -> None:
    """Both axes in logarithms, with round numbers on them; the dense side is on the left."""
    x, y = log_corners(densities), log_corners(importances)
    axes.set(xscale="log", yscale="log", xlim=(x[-1], x[0]), ylim=(y[0], y[-1]))
    for values, mark in ((densities, axes.set_xticks), (importances, axes.set_yticks)):
        round_ones = [tick for tick in _TICKS if values[0] <= tick <= values[-1]]
        mark(round_ones, [f"{tick:g}" for tick in round_ones])
    axes.minorticks_off()


def log_corners(values: Sequence[float]) -> list[float]:
    """The corners of cells: half-way to the neighbours in the logarithm, and half a step on.

    >>> log_corners([1, 4])
    [0.5, 2.0, 8.0]
    """
    inner = [sqrt(a * b) for a, b in pairwise(values)]
    return [values[0] ** 2 / inner[0], *inner, values[-1] ** 2 / inner[-1]]


def draw_key(axes: Axes, theme: Theme) -> None:
    """The colours by length and sharing, with the thresholds of the names."""
    steps = 40
    each = [(k + 0.5) / steps for k in range(steps)]
    corners = [k / steps for k in range(steps + 1)]
    colours = [[regime_colour(size, sharing, theme) for size in each] for sharing in each]
    axes.pcolormesh(corners, corners, colours, rasterized=True)
    axes.plot([REPRESENTED, REPRESENTED], [0, 1], color=theme.ink, linewidth=1)
    axes.plot([REPRESENTED, 1], [SHARED, SHARED], color=theme.ink, linewidth=1)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_xticks((0, 0.5, 1), ("0", "½", "1"))
    axes.set_yticks((0, 0.25, 1), ("0", "¼", "1"))
    axes.set_xlabel("length ‖Wₙ‖")
    axes.set_ylabel("shared $\\sum_{j \\neq n} (\\hat{W}_n \\cdot W_j)^2$")


# --------------------------------------------------------------------------------------------------
# A grid with names in its regions, and crosses where it is not what it should be.


@dataclass(frozen=True, slots=True)
class RegimeMap:
    """A grid of what becomes of the last of n ``features``.

    ``points`` has a row for each density, in it one for each importance, both ascending.
    ``crossed`` are densities and importances; ``title`` says whose grid it is.
    """

    features: int
    densities: Sequence[float]
    importances: Sequence[float]
    points: Sequence[Sequence[LastFeature]]
    title: str = ""
    crossed: Sequence[tuple[float, float]] = ()


def draw(
    axes: Axes, shown: RegimeMap, theme: Theme, names: Mapping[Regime, str], width: float = 1.3
) -> None:
    """The grid, both axes in logarithms; ``names`` has what is written into each region."""
    draw_regimes(axes, shown.densities, shown.importances, shown.points, theme, width)
    log_scales(axes, shown.densities, shown.importances)
    write_names(axes, [[point.fate for point in row] for row in shown.points], theme, names)
    if shown.crossed:
        p, r = zip(*shown.crossed, strict=True)
        most = max(len(shown.densities), len(shown.importances))
        crosses = axes.scatter(
            p, r, s=min(70.0, (260 / most) ** 2), marker="X", color=theme.ink,
            edgecolor=theme.paper, linewidth=0.8,
        )  # fmt: skip
        crosses.set_gid("differing")


def write_names(
    axes: Axes, fates: Sequence[Sequence[Regime]], theme: Theme, names: Mapping[Regime, str]
) -> None:
    """The name of each fate where it has room; ``fates`` has a row for each density."""
    from matplotlib.patheffects import withStroke

    rows = [list(row) for row in zip(*fates, strict=True)]  # a row for each importance
    size = theme.points("legend.fontsize") - 0.5
    wide, high = (
        part * size / 72 / whole for part, whole in zip(_LABEL, inches(axes), strict=True)
    )
    box = max(1, round(high * len(rows))), max(1, round(wide * len(rows[0])))
    for fate, (row, column) in label_spots(rows, box).items():
        across, up = 1 - column / len(rows[0]), row / len(rows)
        axes.text(
            min(max(across, wide / 2), 1 - wide / 2), min(max(up, high / 2), 1 - high / 2),
            names[fate], transform=axes.transAxes, ha="center", va="center", fontsize=size,
            fontweight="bold", linespacing=1.1, color=theme.ink,
            path_effects=[withStroke(linewidth=3, foreground=theme.paper)],
        )  # fmt: skip
