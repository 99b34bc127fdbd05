"""The phase diagram as a figure: true minima, the textbook's candidates, and what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from handcalc.superposition.phases.diagram import PhaseDiagram
from handcalc.superposition.phases.regimes import Regime
from handcalc.views.plots.regimes import (
    LABELS,
    draw_cells,
    draw_key,
    draw_regimes,
    inmost,
    log_corners,
    log_scales,
    regime_colour,
)
from handcalc.views.plots.style import PAGE, styled
from handcalc.views.text.diagram import sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_FATE: dict[Regime, tuple[float, float]] = {
    "not represented": (0.0, 0.0),
    "dedicated dimension": (1.0, 0.0),
    "superposition": (1.0, 1.0),
}
_LEFT = 0.62  # inches beside the first panel
_ROOM = 0.135  # the part of a panel that half a label takes
_WIDER = 3  # times as wide as high a label is


def figure(shown: PhaseDiagram) -> Figure:
    """Panels side by side, as wide as the text of two pages; densities fall from left to right.

    The colour of a true minimum is white where ‖Wₙ‖ = 0; its hue goes from blue to orange with how
    much the last feature shares. Errors: ``missing_extra``.
    """
    with styled():
        from handcalc.views.plots.shown_figure import ShownFigure

        panels = 1 if shown.textbook is None else 3
        drawn = ShownFigure(figsize=(2.6 + 3.75 * panels, 5.3))
        widths = [1.0] * panels + [0.5]
        wide = drawn.get_figwidth()
        top = drawn.add_gridspec(
            1, panels + 1, width_ratios=widths, wspace=0.16,
            left=_LEFT / wide, right=1 - 0.15 / wide, bottom=0.26, top=0.83,
        )  # fmt: skip
        axes = [drawn.add_subplot(top[0, k]) for k in range(panels)]
        draw_regimes(axes[0], *_axes_of(shown), shown.points, PAGE)
        _borders(axes[0], shown)
        _labels(axes[0], [[point.fate for point in row] for row in shown.points])
        axes[0].set_title("True minima (best found)")
        if shown.textbook is not None:
            _textbook(axes[1], shown)
            saving = _saving(axes[2], shown)
        keys = top[0, panels].subgridspec(2, 1, hspace=0.7)
        key = drawn.add_subplot(keys[0])
        draw_key(key, PAGE)
        key.set_aspect("equal")
        if shown.textbook is not None:
            _bar(drawn.add_subplot(keys[1]), saving)
        for k, panel in enumerate(axes):
            log_scales(panel, *_axes_of(shown))
            panel.set_xlabel("density p = 1 − S of every feature\ndense ⟶ sparse")
            if k:
                panel.set_yticklabels([])
        axes[0].set_ylabel(f"importance r of feature {shown.features}; of the others, 1")
        _words(drawn, shown)
        return drawn


def _axes_of(shown: PhaseDiagram) -> tuple[list[float], list[float]]:
    return list(map(float, shown.densities)), list(map(float, shown.importances))


def _textbook(panel: Axes, shown: PhaseDiagram) -> None:
    fates = [[candidate.fate for candidate in row] for row in shown.textbook or ()]
    colours = [[regime_colour(*_FATE[fate], PAGE) for fate in row] for row in fates]
    draw_cells(panel, *_axes_of(shown), colours)
    _borders(panel, shown)
    _labels(panel, fates)
    panel.set_title("The textbook's candidates")


def _saving(panel: Axes, shown: PhaseDiagram) -> Any:
    """The part of the textbook's loss that is saved, with dots where the fate is another."""
    densities, importances = _axes_of(shown)
    percent = [[100 * part for part in row] for row in zip(*shown.savings or (), strict=True)]
    corners = log_corners(densities), log_corners(importances)
    mesh = panel.pcolormesh(*corners, percent, cmap="Greys", vmin=0, rasterized=True)
    places = [
        (p, r)
        for p, flags in zip(densities, shown.differs or (), strict=True)
        for r, flag in zip(importances, flags, strict=True)
        if flag
    ]
    if places:
        size, name = min(40.0, (150 / len(densities)) ** 2), "another fate"
        p, r = zip(*places, strict=True)
        panel.scatter(p, r, s=size, c="#D55E00", linewidths=0, label=name)
        panel.legend(loc="upper right", handletextpad=0, borderpad=0.2, markerscale=1.5)
    _borders(panel, shown)
    panel.set_title("What the true minimum saves")
    return mesh


def _bar(panel: Axes, mesh: Any) -> None:
    panel.axis("off")
    bar = panel.figure.colorbar(mesh, cax=panel.inset_axes((0.12, 0, 0.2, 1)))
    bar.set_label("1 − L / L of the\nbest candidate, in %")


def _borders(panel: Axes, shown: PhaseDiagram) -> None:
    for border in shown.borders:
        r, p = zip(*border, strict=True)
        where = [*map(float, p)], [*map(float, r)]
        panel.plot(*where, color=PAGE.paper, linewidth=2.4, alpha=0.7)
        panel.plot(*where, color=PAGE.ink, linewidth=1.1, linestyle=(0, (4, 2.5)))


def _labels(panel: Axes, fates: Sequence[Sequence[Regime]]) -> None:
    from matplotlib.patheffects import withStroke

    steps = len(fates)
    for fate, (row, column) in inmost(fates, _WIDER).items():
        dark = fate != "not represented"
        across, up = 1 - (row + 0.5) / steps, (column + 0.5) / steps
        panel.text(
            min(max(across, _ROOM), 1 - _ROOM), up, LABELS[fate], transform=panel.transAxes,
            ha="center", va="center", fontsize=8, fontweight="bold", linespacing=1.1,
            color="white" if dark else PAGE.ink,
            path_effects=[withStroke(linewidth=2.5, foreground="#00000066" if dark else "white")],
        )  # fmt: skip


def _words(drawn: Figure, shown: PhaseDiagram) -> None:
    """The title above, and what is to be seen below."""
    n, m = shown.features, shown.hidden
    dimensions = "dimension" if m == 1 else "dimensions"
    left = _LEFT / drawn.get_figwidth()
    title = (
        f"Superposition as a phase change: what becomes of feature {n} of {n} in {m} {dimensions}"
    )
    drawn.text(left, 0.955, title, fontsize=13, fontweight="bold", va="center")
    size = len(shown.densities)
    how = f"{size} × {size} points, {shown.restarts} restarts each"
    drawn.text(left, 0.905, how, va="center", color="#555555")
    lines = "Solid lines: where the fate changes among true minima"
    lines += "; dashed: among the candidates." if shown.borders else "."
    said = "\n".join([*sentences(shown), lines])
    drawn.text(left, 0.125, said, va="top", fontsize=8.5, linespacing=1.5)
