"""The phase diagram of trained models beside the exact one of the same grid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import dist
from textwrap import wrap
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import numpy as np

from handcalc.numbers.exact import to_float
from handcalc.superposition.loss.distribution import SparseUniform
from handcalc.superposition.loss.problem import MAX_FEATURES
from handcalc.superposition.phases.regimes import REGIMES, Regime, length, regime_of, shared
from handcalc.views.plots.regimes import LABELS, draw_key, draw_regimes, inmost, log_scales
from handcalc.views.plots.style import Theme
from torchsim.figures.arrows import alike
from torchsim.figures.layout import at_most, blank, density, headed
from torchsim.figures.shown import Floats, Shown
from torchsim.run import TrainingRun
from torchsim.specification import ModelSpec

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


# --------------------------------------------------------------------------------------------------
# Runs on a grid: the last feature's importance by the density of all, as in a phase diagram.


@dataclass(frozen=True, slots=True)
class FeatureRegime:
    """What becomes of the last feature: ‖Wₙ‖, Σ_{j≠n} (Ŵₙ·Wⱼ)², and the name of that."""

    length: float
    shared: float
    fate: Regime


@dataclass(frozen=True, slots=True)
class Grid:
    """Models of one size by the last importance and the density, both ascending.

    ``places`` has a row for each density, in it the number of the model (from 0) for each
    importance.
    """

    features: int
    hidden: int
    importances: tuple[float, ...]
    densities: tuple[float, ...]
    places: tuple[tuple[int, ...], ...]


def grids(run: TrainingRun) -> tuple[Grid, ...]:
    """The grids that a run is made of, a grid for each size of model; none if it has other models.

    A grid has two importances and two densities at least, and one ReLU model for each pair; all
    features but the last have importance 1.
    """
    models = [trained.model for trained in run.trained]
    on_grids = (
        model.activation == "relu"
        and model.hidden < model.features <= MAX_FEATURES
        and isinstance(model.distribution, SparseUniform)
        and bool(density(model))
        and all(weight == 1 for weight in model.importance[:-1])
        for model in models
    )
    if not all(on_grids):
        return ()
    sizes = dict.fromkeys((model.features, model.hidden) for model in models)
    found = [_grid(models, size) for size in sizes]
    return tuple(grid for grid in found if grid) if all(found) else ()


def outcome(W: Floats, alike: Sequence[object]) -> FeatureRegime:
    """The fate of the last feature; of those that are ``alike`` to it the one that shares most.

    Where others are like the last, each of them could be called the last: it is the one in
    superposition, else the one with a dimension of its own, as in the exact phase diagram.

    >>> outcome(np.asarray([[0.0], [1.0]]), (1, 2)).fate, outcome(np.eye(2, 1), (1, 1)).fate
    ('dedicated dimension', 'dedicated dimension')
    """
    rows = W.tolist()
    each = [(length(rows, i), shared(rows, i)) for i, kind in enumerate(alike) if kind == alike[-1]]
    found = [FeatureRegime(*one, regime_of(*one)) for one in reversed(each)]
    return max(found, key=lambda one: (REGIMES.index(one.fate), round(one.shared, 6)))


def _grid(models: Sequence[ModelSpec], size: tuple[int, int]) -> Grid | None:
    numbers = [i for i, model in enumerate(models) if (model.features, model.hidden) == size]
    at = {(density(models[i]) or 0.0, to_float(models[i].importance[-1])): i for i in numbers}
    densities, importances = (sorted({place[k] for place in at}) for k in (0, 1))
    whole = len(at) == len(numbers) == len(densities) * len(importances)
    if not whole or min(len(densities), len(importances)) < 2:
        return None
    places = tuple(tuple(at[p, r] for r in importances) for p in densities)
    return Grid(*size, tuple(importances), tuple(densities), places)


# --------------------------------------------------------------------------------------------------
# Phase diagrams in pairs: what training made of a grid, and what is best on it.


Outcomes: TypeAlias = "list[list[FeatureRegime]]"
"""A row for each density, in it the outcome for each importance."""


@dataclass(frozen=True, slots=True)
class PhasePair:
    """A grid with what training made of it, and what is best."""

    grid: Grid
    trained: Outcomes
    exact: Outcomes

    @property
    def differing(self) -> list[tuple[float, float]]:
        """Where the fates differ: density and importance."""
        rows = zip(self.grid.densities, self.trained, self.exact, strict=True)
        return [
            (p, r)
            for p, ours, theirs in rows
            for r, one, other in zip(self.grid.importances, ours, theirs, strict=True)
            if one.fate != other.fate
        ]


def pairs_of(shown: Shown) -> list[PhasePair]:
    """A pair for each size of model. Errors: ``no_best``."""

    def outcomes(grid: Grid, weights: Callable[[int], Floats]) -> Outcomes:
        return [[outcome(weights(i), alike(shown.model(i))) for i in row] for row in grid.places]

    return [
        PhasePair(grid, outcomes(grid, shown.W), outcomes(grid, shown.known_W))
        for grid in grids(shown.run)
    ]


_Name = TypeVar("_Name", bound=str)
_Place: TypeAlias = "tuple[float, float, float, float]"
_LABEL = (1.3, 0.42)  # width and height in inches


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
        left, right = (figure.add_axes(place) for place in places[2 * k : 2 * k + 2])
        _panel(left, pair, pair.trained, theme)
        _panel(right, pair, pair.exact, theme)
        _crosses(left, pair, theme)
        size = f"{pair.grid.features} → {pair.grid.hidden}"
        left.set_title(f"{size}, trained", fontweight="bold", loc="left")
        right.set_title(f"{size}, exact best known", fontweight="bold", loc="left")
        left.set_ylabel("importance Iₙ of the last feature" if k == 0 else "")
        right.set_yticklabels([])
    _key(figure, pairs, theme)
    return figure


def described(shown: Shown) -> str:
    """What the figure shows, for those who do not see it."""
    pairs = pairs_of(shown)
    return " ".join([_said(shown, pairs)[0], *map(_counted, pairs)])


def _counted(pair: PhasePair) -> str:
    """How often each fate is met."""
    counts = Counter(each.fate for row in pair.trained for each in row)
    first, *others = [f"{name} at {counts[name]:,}" for name in REGIMES]
    size = f"{pair.grid.features} → {pair.grid.hidden}"
    return f"{size}, as trained: {first} points, {', '.join(others)}."


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


def _panel(axes: Axes, pair: PhasePair, found: Outcomes, theme: Theme) -> None:
    grid = pair.grid
    draw_regimes(axes, grid.densities, grid.importances, found, theme, width=1.3)
    log_scales(axes, grid.densities, grid.importances)
    _labels(axes, [[each.fate for each in row] for row in zip(*found, strict=True)], theme)
    axes.set_xlabel("density p  (dense → sparse)")


def _labels(axes: Axes, fates: Sequence[Sequence[Regime]], theme: Theme) -> None:
    """The name of each fate where it has room; ``fates`` has a row for each importance."""
    from matplotlib.patheffects import withStroke

    rows, columns = len(fates), len(fates[0])
    place = axes.get_position()
    wide, high = _LABEL[0] / 16 / place.width, _LABEL[1] / 9 / place.height
    box = max(1, round(high * rows)), max(1, round(wide * columns))
    for name, (row, column) in label_spots(fates, box).items():
        across, up = 1 - column / columns, row / rows
        axes.text(
            min(max(across, wide / 2), 1 - wide / 2), min(max(up, high / 2), 1 - high / 2),
            LABELS[name], transform=axes.transAxes, ha="center", va="center", fontsize=11.5,
            fontweight="bold", linespacing=1.1,
            path_effects=[withStroke(linewidth=3, foreground=theme.paper)],
        )  # fmt: skip


def label_spots(
    names: Sequence[Sequence[_Name]], box: tuple[int, int]
) -> dict[_Name, tuple[float, float]]:
    """For each name the middle of a box of so many rows and columns, in rows and columns.

    No other box of that size has more cells of the name; of those that have as many the one nearest
    to the cell that is furthest inside.

    >>> label_spots(["aaaab", "aabbb", "abbbb"], (1, 3))
    {'a': (0.5, 1.5), 'b': (1.5, 3.5)}
    """
    grid = np.asarray([list(row) for row in names])
    high, wide = (min(size, most) for size, most in zip(box, grid.shape, strict=True))
    spots = {}
    for name, (row, column) in inmost(names).items():
        inside = (grid == name).astype(float)
        counts = np.lib.stride_tricks.sliding_window_view(inside, (high, wide)).sum(axis=(2, 3))
        most = np.argwhere(counts == counts.max()).tolist()
        places = [(up + high / 2, across + wide / 2) for up, across in most]
        spots[name] = min(places, key=lambda place: dist(place, (row + 0.5, column + 0.5)))
    return spots


def _crosses(axes: Axes, pair: PhasePair, theme: Theme) -> None:
    """A cross wherever the trained fate is another than the exact one."""
    places = pair.differing
    if places:
        p, r = zip(*places, strict=True)
        size = min(70.0, (260 / max(map(len, (pair.grid.densities, pair.grid.importances)))) ** 2)
        crosses = axes.scatter(
            p, r, s=size, marker="X", color=theme.ink, edgecolor=theme.paper, linewidth=0.8
        )
        crosses.set_gid("differing")


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
