"""A grid of regimes as a panel, and the colours of a regime: of the exact minima, or of trained."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from math import dist, sqrt
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from handcalc.superposition.phases.regimes import REPRESENTED, SHARED, Regime
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
    low, high = (_ALONE, _BETWEEN) if sharing < 0.5 else (_BETWEEN, _SHARING)
    hue = mixed(low, high, 2 * sharing - (sharing >= 0.5))
    return mixed(theme.tinted(theme.paper, 1), hue, size)


def draw_regimes(
    axes: Axes,
    densities: Sequence[float],
    importances: Sequence[float],
    points: Sequence[Sequence[LastFeature]],
    theme: Theme,
    width: float = 1.0,
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
# Regions of a grid of names: the edges between them, and where inside one a label has room.


Name = TypeVar("Name", bound=Hashable)
_Cell: TypeAlias = "tuple[int, int]"


def edges(names: Sequence[Sequence[Hashable]]) -> Iterator[tuple[_Cell, _Cell]]:
    """The sides between neighbouring cells of different names, from corner to corner.

    Cell (row, column) has the corners (row, column) to (row + 1, column + 1).

    >>> list(edges(["ab", "aa"]))
    [((0, 1), (1, 1)), ((1, 1), (1, 2))]
    """
    for row, line in enumerate(names):
        for column, name in enumerate(line):
            if column + 1 < len(line) and line[column + 1] != name:
                yield (row, column + 1), (row + 1, column + 1)
            if row + 1 < len(names) and names[row + 1][column] != name:
                yield (row + 1, column), (row + 1, column + 1)


def inmost(names: Sequence[Sequence[Name]], stretch: int = 1) -> dict[Name, _Cell]:
    """For each name the cell furthest inside, counted in steps to another name or out of the grid.

    Steps go to all sides, slanting ones too, and ``stretch`` rows at a time. Where several cells
    are as far inside, the one nearest to the middle of them.

    >>> inmost(["aaaaab", "aaaaab", "aaaaab"])
    {'a': (1, 2), 'b': (1, 5)}
    """
    depth = _depths(names, stretch)
    found: dict[Name, _Cell] = {}
    for name in dict.fromkeys(name for line in names for name in line):
        cells = [cell for cell in depth if names[cell[0]][cell[1]] == name]
        deepest = max(depth[cell] for cell in cells)
        best = [cell for cell in cells if depth[cell] == deepest]
        middle = [sum(numbers) / len(best) for numbers in zip(*best, strict=True)]
        found[name] = min(best, key=lambda cell: dist(cell, middle))
    return found


def _depths(names: Sequence[Sequence[Hashable]], stretch: int) -> dict[_Cell, int]:
    """How many steps lead out of each cell's region or out of the grid."""
    cells = [(row, column) for row, line in enumerate(names) for column in range(len(line))]
    depth: dict[_Cell, int] = {}
    # peeled like an onion: a layer is every cell beside another name, the rim, or a layer before
    left, level = {cell: names[cell[0]][cell[1]] for cell in cells}, 0
    sideways = range(-stretch, stretch + 1)
    steps = [(i, j) for i in sideways for j in (-1, 0, 1) if i or j]
    while left:
        level += 1
        rim = [
            cell
            for cell, name in left.items()
            if any(left.get((cell[0] + i, cell[1] + j)) != name for i, j in steps)
        ]
        for cell in rim:
            depth[cell] = level
            del left[cell]
    return depth
