"""Heatmaps of W Wᵀ, and below each the lengths ‖Wᵢ‖, coloured by interference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from handcalc.superposition.phases.regimes import REPRESENTED, SHARED
from handcalc.views.plots.style import Theme
from handcalc.wording import counted
from torchsim.figures.layout import Rows, blank, headed, panel_labels
from torchsim.figures.shown import Floats, Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_MOST = 14
_LEFT, _BOTTOM, _WIDTH, _HEIGHT = 0.9, 0.35, 13.55, 7.15  # inches, of all panels together
_GAP, _TITLE, _WORDS = 0.25, 0.55, 1.0  # between panels, above one, above and below together
_Place: TypeAlias = "tuple[float, float, float, float]"
_STEPS = (1, 2, 5, 10, 20, 50, 100, 200)  # between numbers of features


@dataclass(frozen=True, slots=True)
class _Scales:
    """The largest |W Wᵀ| and the largest ‖Wᵢ‖ of all panels."""

    entry: float
    length: float


def interference(W: Floats) -> Floats:
    """Σ_{j≠i} (Ŵᵢ·Wⱼ)² for each feature, 0 for a zero row; W has shape (n, m).

    Rows shorter than 10⁻¹² count as zero.

    Source: Elhage et al. 2022, "Demonstrating Superposition".

    >>> interference(np.asarray([[1.0, 0.0], [0.0, 0.5], [0.0, -1.0]])).tolist()
    [0.0, 1.0, 0.25]
    """
    lengths = np.hypot.reduce(W, axis=1)
    squares = (W @ W.T) ** 2
    np.fill_diagonal(squares, 0)
    found: Floats = np.where(
        lengths < 1e-12, 0.0, squares.sum(axis=1) / np.maximum(lengths, 1e-12) ** 2
    )
    return found


def drawn(shown: Shown, theme: Theme) -> Figure:
    """Up to fourteen panels, linear models before ReLU ones where there are as many of both."""
    which = shown.chosen(_MOST)
    rows = Rows.of(len(which))
    figure = blank()
    headed(figure, *_said(shown), theme)
    names = panel_labels(shown.models)
    # one scale for all panels: an entry of W Wᵀ is at most the longest arrow squared
    entry = max(float(np.abs(shown.W(i) @ shown.W(i).T).max()) for i in which)
    scales = _Scales(max(1.0, entry), max(1.0, entry**0.5))
    for k, i in enumerate(which):
        row, column = rows.place(k)
        upper, lower = _places(rows, row, column)
        heat, bars = figure.add_axes(upper), figure.add_axes(lower)
        W = shown.W(i)
        mesh = heat.imshow(
            W @ W.T, cmap=theme.signed, vmin=-scales.entry, vmax=scales.entry, aspect="auto",
            extent=(0.5, len(W) + 0.5, len(W) + 0.5, 0.5), interpolation="nearest",
        )  # fmt: skip
        mesh.set_gid("gram")
        _bars(bars, W, scales, theme)
        _marks(heat, bars, len(W), first=column == 0, last=k + rows.columns >= len(which))
        heat.set_title(f"{rows.named(names[i])}\n{_held(W)}", fontsize=12, linespacing=1.25)
    _scale_bars(figure, mesh, theme)
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
    which = shown.chosen(_MOST)
    names = panel_labels(shown.models)
    each = "; ".join(f"{names[i]}: {_held(shown.W(i))}" for i in which)
    return f"{title} Features held, and of those the ones that share a direction: {each}."


def _counts(W: Floats) -> tuple[int, int]:
    """How many features are held, by the length from ½ on, and how many of those share (from ¼)."""
    held = np.hypot.reduce(W, axis=1) >= REPRESENTED
    return int(held.sum()), int((held & (interference(W) >= SHARED)).sum())


def _held(W: Floats) -> str:
    held, sharing = _counts(W)
    return f"{held} held, {sharing} share"


def _said(shown: Shown) -> tuple[str, str]:
    """How many features each kind of model holds, and how to read the panels."""
    which = shown.chosen(_MOST)
    models = [shown.model(i) for i in which]
    sizes = {(model.features, model.hidden) for model in models}
    counts: dict[str, list[int]] = {}
    for i, model in zip(which, models, strict=True):
        counts.setdefault(model.activation, []).append(_counts(shown.W(i))[0])
    named = (("relu", "ReLU"), ("linear", "linear"))
    kept = []
    for key, word in named:
        if key in counts:
            least, most = min(counts[key]), max(counts[key])
            kept.append(f"{word} models hold {least if least == most else f'{least} to {most}'}")
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


def _bars(axes: Axes, W: Floats, scales: _Scales, theme: Theme) -> None:
    n = len(W)
    amounts = np.minimum(interference(W), 1)
    axes.bar(
        range(1, n + 1), np.hypot.reduce(W, axis=1), width=0.86, color=theme.amount(amounts),
        edgecolor=theme.ink, linewidth=0.5 if n <= 25 else 0,
    )  # fmt: skip
    axes.set(xlim=(0.5, n + 0.5), ylim=(0, 1.08 * scales.length))
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _marks(heat: Axes, bars: Axes, n: int, *, first: bool, last: bool) -> None:
    """Numbers on the outer panels only."""
    step = next((step for step in _STEPS if n <= 5 * step), _STEPS[-1])
    ticks = [k for k in range(1, n + 1) if k % step == 0 or k == 1 < step]
    heat.set_xticks(ticks, [""] * len(ticks))
    heat.set_yticks(ticks, [str(k) for k in ticks] if first else [""] * len(ticks))
    bars.set_xticks(ticks, [str(k) for k in ticks] if last else [""] * len(ticks))
    bars.set_yticks([0, 1], ["0", "1"] if first else ["", ""])
    if first:
        heat.set_ylabel("feature j")
        bars.set_ylabel("‖Wᵢ‖")
    if last:
        bars.set_xlabel("feature i")


def _scale_bars(figure: Figure, mesh: Any, theme: Theme) -> None:
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    upper = figure.add_axes((0.925, 0.5, 0.012, 0.29))
    figure.colorbar(mesh, cax=upper).set_label("entry of W Wᵀ")
    lower = figure.add_axes((0.925, 0.1, 0.012, 0.29))
    shades = ScalarMappable(Normalize(0, 1), theme.amount)
    bar = figure.colorbar(shades, cax=lower, ticks=[0, 0.25, 0.5, 0.75, 1])
    bar.ax.set_yticklabels(["0", "¼", "½", "¾", "1 or\nmore"])
    bar.set_label("shared $\\sum_{j \\neq i} (\\hat{W}_i \\cdot W_j)^2$")
