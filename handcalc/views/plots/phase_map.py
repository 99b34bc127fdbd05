"""The phase map as a figure: losses along S, and the lengths and biases of the best embedding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from handcalc.views.json.phases import decimals
from handcalc.views.palette import svg_colour
from handcalc.views.plots.style import styled
from handcalc.views.text.phase_map import sentences, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from handcalc.superposition.phases.phase_map import PhaseMap
    from handcalc.superposition.phases.sparsity_path import MinimumAt


_PANEL = 1.9  # inches
_WIDE = 8.0
_SENTENCE, _NAME = 116, 20  # characters on a line
_ROOM = 0.1  # that a text on a change takes along S
_NARROW = 0.04  # a stretch with no room for its number
_MUCH = 40.0  # per cent over the best, beyond which a curve may leave the panel
_LINE_HEIGHT = 0.14
_DASHES = ("solid", (0, (6, 1.5)), (0, (3, 1.2)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))


def figure(shown: PhaseMap) -> Figure:
    """Four panels above each other, S along all of them, a dotted line at each change.

    Losses of the minima that are best somewhere; by how much each is over the best; the lengths and
    the biases of the best, feature by feature. Errors: ``missing_extra``.
    """
    lines = [line for sentence in sentences(shown) for line in wrap(sentence, _SENTENCE)]
    with styled():
        from handcalc.views.plots.shown_figure import ShownFigure

        below, above = 0.75 + _LINE_HEIGHT * len(lines), 0.9
        high = 4 * _PANEL + below + above
        drawn = ShownFigure(figsize=(_WIDE, high))
        axes = drawn.subplots(4, 1, sharex=True, height_ratios=(1.3, 0.8, 1, 1))
        drawn.subplots_adjust(
            left=0.1, right=0.78, bottom=below / high, top=1 - above / high, hspace=0.22
        )
        _losses(axes[0], shown)
        _excess(axes[1], shown)
        _features(axes[2], shown, lambda spot: spot.lengths)
        axes[2].set_ylabel("length ‖Wᵢ‖")
        _features(axes[3], shown, lambda spot: spot.minimum.b)
        axes[3].set_ylabel("bias bᵢ")
        _changes(axes, shown)
        drawn.text(0.1, 1 - 0.28 / high, title(shown), fontsize=12, fontweight="bold")
        drawn.text(0.1, below / high - 0.55 / high, "\n".join(lines), va="top", fontsize=8)
        return drawn


def _losses(panel: Axes, shown: PhaseMap) -> None:
    """Thin lines for minima; thick and numbered where they are the best."""
    for k, (curve, stretch) in enumerate(zip(shown.curves, shown.stretches, strict=True)):
        panel.plot(*_points(curve.spots, _loss), **_look(k))
        name = f"{k + 1}: " + "\n    ".join(wrap(shown.label(curve.shape), _NAME))
        losses = _points(stretch.spots, _loss)
        panel.plot(*losses, color=svg_colour(k + 1), linewidth=3, label=name)
        if stretch.end - stretch.start > _NARROW:
            middle = stretch.spots[len(stretch.spots) // 2]
            panel.annotate(
                str(k + 1), (float(middle.sparsity), middle.loss), xytext=(0, 9),
                textcoords="offset points", fontsize=8, fontweight="bold", ha="center",
            )  # fmt: skip
    panel.set_ylim(0, panel.get_ylim()[1] * 1.08)
    panel.set_ylabel("loss L")
    _legend(panel, "minima; the best is thick")


def _excess(panel: Axes, shown: PhaseMap) -> None:
    best = {point.sparsity: float(point.loss) for point in shown.points}
    best |= {change.sparsity: float(change.loss) for change in shown.changes}
    highest = 1.0
    for k, curve in enumerate(shown.curves):
        spots = [spot for spot in curve.spots if spot.sparsity in best]
        over = [100 * (spot.loss / best[spot.sparsity] - 1) for spot in spots]
        panel.plot([float(spot.sparsity) for spot in spots], over, **_look(k))
        highest = max(highest, *over)
    panel.set_ylim(-0.03 * min(highest, _MUCH), 1.08 * min(highest, _MUCH))
    panel.set_ylabel("over the best, %")


def _features(
    panel: Axes, shown: PhaseMap, numbers: Callable[[MinimumAt], Sequence[float]]
) -> None:
    """A line for each feature, later ones narrower, so that equal ones are seen through."""
    for i in range(shown.features):
        for k, stretch in enumerate(shown.stretches):
            each = [numbers(spot)[i] for spot in stretch.spots]
            width = 1.2 + 3.6 * (shown.features - 1 - i) / max(1, shown.features - 1)
            panel.plot(
                [float(spot.sparsity) for spot in stretch.spots], each, color=svg_colour(i + 1),
                linewidth=width, solid_capstyle="butt", label=None if k else f"feature {i + 1}",
            )  # fmt: skip
    _legend(panel, "of the best")


def _changes(axes: Sequence[Axes], shown: PhaseMap) -> None:
    """Dotted lines, with S above the first panel, as many lines up as there is no room."""
    ends: list[float] = []
    for change in shown.changes:
        S = float(change.sparsity)
        for panel in axes:
            panel.axvline(S, color="#666666", linewidth=0.8, linestyle=":")
        level = next((k for k, end in enumerate(ends) if S - end > _ROOM), len(ends))
        ends[level : level + 1] = [S]
        axes[0].annotate(
            decimals(change.sparsity, 6), (S, 1.0), xycoords=("data", "axes fraction"),
            xytext=(0, 3 + 10 * level), textcoords="offset points", fontsize=7.5, ha="center",
        )  # fmt: skip
    axes[-1].set_xlim(0, 1)
    axes[-1].set_xlabel("sparsity S, the probability that a feature is off (dense → sparse)")


def _points(
    spots: Sequence[MinimumAt], value: Callable[[MinimumAt], float]
) -> tuple[list[float], list[float]]:
    return [float(spot.sparsity) for spot in spots], [value(spot) for spot in spots]


def _loss(spot: MinimumAt) -> float:
    return spot.loss


def _look(k: int) -> dict[str, Any]:
    return {"color": svg_colour(k + 1), "linestyle": _DASHES[k % len(_DASHES)], "linewidth": 1.2}


def _legend(panel: Axes, title: str) -> None:
    panel.legend(
        loc="upper left", bbox_to_anchor=(1.0, 1.03), title=title, title_fontsize=8,
        fontsize=7.5, alignment="left",
    )  # fmt: skip
