"""The phase diagram as a figure: true minima, the textbook's candidates, and what lies between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from handcalc.superposition.phases.diagram import PhaseDiagram
from handcalc.superposition.phases.regimes import Regime
from handcalc.views.plots.regimes import (
    LABELS,
    RegimeMap,
    draw,
    draw_cells,
    draw_key,
    log_corners,
    log_scales,
    regime_colour,
    write_names,
)
from handcalc.views.plots.style import PAGE, Theme, styled
from handcalc.views.text.diagram import sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Shows: TypeAlias = Literal["best", "textbook", "saving"]
SHOWS: tuple[Shows, ...] = get_args(Shows)
TITLES: dict[Shows, str] = {
    "best": "True minima (best found)",
    "textbook": "The textbook's candidates",
    "saving": "What the true minimum saves",
}

_FATE: dict[Regime, tuple[float, float]] = {
    "not represented": (0.0, 0.0),
    "dedicated dimension": (1.0, 0.0),
    "superposition": (1.0, 1.0),
}
_LEFT = 0.62  # inches beside the first panel


def figure(shown: PhaseDiagram) -> Figure:
    """Panels side by side, as wide as the text of two pages; densities fall from left to right.

    The colour of a true minimum is white where ‖Wₙ‖ = 0; its hue goes from blue to orange with how
    much the last feature shares. Errors: ``missing_extra``.
    """
    with styled():
        from handcalc.views.plots.shown_figure import ShownFigure

        shows = SHOWS[: 1 if shown.textbook is None else 3]
        drawn = ShownFigure(
            figsize=(2.6 + 3.75 * len(shows), 5.3), label=" ".join(sentences(shown))
        )
        wide = drawn.get_figwidth()
        top = drawn.add_gridspec(
            1, len(shows) + 1, width_ratios=[*(1.0 for _ in shows), 0.5], wspace=0.16,
            left=_LEFT / wide, right=1 - 0.15 / wide, bottom=0.26, top=0.83,
        )  # fmt: skip
        axes = [drawn.add_subplot(top[0, k]) for k in range(len(shows))]
        meshes = [
            draw_part(panel, shown, show, PAGE, LABELS)
            for panel, show in zip(axes, shows, strict=True)
        ]
        for panel, show in zip(axes, shows, strict=True):
            panel.set_title(TITLES[show])
        keys = top[0, len(shows)].subgridspec(2, 1, hspace=0.7)
        key = drawn.add_subplot(keys[0])
        draw_key(key, PAGE)
        key.set_aspect("equal")
        if meshes[-1] is not None:
            _bar(drawn.add_subplot(keys[1]), meshes[-1])
        for k, panel in enumerate(axes):
            panel.set_xlabel("density p = 1 − S of every feature\ndense ⟶ sparse")
            if k:
                panel.set_yticklabels([])
        axes[0].set_ylabel(f"importance r of feature {shown.features}; of the others, 1")
        _words(drawn, shown)
        return drawn


def draw_part(
    panel: Axes, shown: PhaseDiagram, show: Shows, theme: Theme, names: Mapping[Regime, str]
) -> Any:
    """One panel: true minima, the textbook's candidates, or what the former save; of that a mesh.

    The last two are only there where ``shown.textbook`` is.
    """
    if show == "best":
        draw(panel, regime_map(shown), theme, names, width=1.0)
    elif show == "textbook":
        _textbook(panel, shown, theme, names)
    mesh = _saving(panel, shown, theme) if show == "saving" else None
    _borders(panel, shown, theme)
    return mesh


def regime_map(shown: PhaseDiagram) -> RegimeMap:
    """The true minima."""
    return RegimeMap(shown.features, *_axes_of(shown), shown.points)


def _axes_of(shown: PhaseDiagram) -> tuple[list[float], list[float]]:
    return list(map(float, shown.densities)), list(map(float, shown.importances))


def _textbook(panel: Axes, shown: PhaseDiagram, theme: Theme, names: Mapping[Regime, str]) -> None:
    fates = [[candidate.fate for candidate in row] for row in shown.textbook or ()]
    colours = [[regime_colour(*_FATE[fate], theme) for fate in row] for row in fates]
    draw_cells(panel, *_axes_of(shown), colours)
    log_scales(panel, *_axes_of(shown))
    write_names(panel, fates, theme, names)


def _saving(panel: Axes, shown: PhaseDiagram, theme: Theme) -> Any:
    """The part of the textbook's loss that is saved, with dots where the fate is another."""
    densities, importances = _axes_of(shown)
    percent = [[100 * part for part in row] for row in zip(*shown.savings or (), strict=True)]
    corners = log_corners(densities), log_corners(importances)
    mesh = panel.pcolormesh(*corners, percent, cmap=theme.saved, vmin=0, rasterized=True)
    log_scales(panel, densities, importances)
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
    return mesh


def _bar(panel: Axes, mesh: Any) -> None:
    panel.axis("off")
    bar = panel.figure.colorbar(mesh, cax=panel.inset_axes((0.12, 0, 0.2, 1)))
    bar.set_label("1 − L / L of the\nbest candidate, in %")


def _borders(panel: Axes, shown: PhaseDiagram, theme: Theme) -> None:
    for border in shown.borders:
        r, p = zip(*border, strict=True)
        where = [*map(float, p)], [*map(float, r)]
        panel.plot(*where, color=theme.paper, linewidth=2.4, alpha=0.7)
        panel.plot(*where, color=theme.ink, linewidth=1.1, linestyle=(0, (4, 2.5)))


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
