"""The phase diagram as a figure: true minima, the textbook's candidates, and what lies between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from handcalc.superposition.phases.diagram import PhaseDiagram
from handcalc.superposition.phases.regimes import REPRESENTED, SHARED, Regime
from handcalc.views.plots.regions import edges, inmost
from handcalc.views.plots.style import styled
from handcalc.views.text.diagram import sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


_Colour: TypeAlias = "tuple[float, float, float]"
_Fates: TypeAlias = "Sequence[Sequence[Regime]]"

# Okabe and Ito 2008, "Color Universal Design": blue, through reddish purple, to vermilion
_ALONE, _BETWEEN, _SHARING = (0.0, 0.447, 0.698), (0.69, 0.43, 0.68), (0.835, 0.369, 0.0)
_FATE: dict[Regime, tuple[float, float]] = {
    "not represented": (0.0, 0.0),
    "dedicated dimension": (1.0, 0.0),
    "superposition": (1.0, 1.0),
}
_LABEL: dict[Regime, str] = {
    "not represented": "not\nrepresented",
    "dedicated dimension": "dimension\nof its own",
    "superposition": "superposition",
}
_DENSITIES = (1, 0.3, 0.1, 0.03, 0.01)
_IMPORTANCES = (0.1, 0.3, 1, 3, 10)
_LEFT = 0.62  # inches beside the first panel
_ROOM = 0.135  # the part of a panel that half a label takes
_WIDER = 3  # times as wide as high a label is
_LINE, _HALO = "#222222", "white"


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
        _true_minima(axes[0], shown)
        if shown.textbook is not None:
            _textbook(axes[1], shown)
            saving = _saving(axes[2], shown)
        keys = top[0, panels].subgridspec(2, 1, hspace=0.7)
        _key(drawn.add_subplot(keys[0]))
        if shown.textbook is not None:
            _bar(drawn.add_subplot(keys[1]), saving)
        for k, panel in enumerate(axes):
            _scales(panel, shown, leftmost=k == 0)
        _words(drawn, shown)
        return drawn


def _true_minima(panel: Axes, shown: PhaseDiagram) -> None:
    colours = [[_colour(point.length, point.shared) for point in row] for row in shown.points]
    fates = [[point.fate for point in row] for row in shown.points]
    _cells(panel, shown, colours)
    _outlines(panel, shown, fates)
    _borders(panel, shown)
    _labels(panel, fates)
    panel.set_title("True minima (best found)")


def _textbook(panel: Axes, shown: PhaseDiagram) -> None:
    fates = [[candidate.fate for candidate in row] for row in shown.textbook or ()]
    _cells(panel, shown, [[_colour(*_FATE[fate]) for fate in row] for row in fates])
    _borders(panel, shown)
    _labels(panel, fates)
    panel.set_title("The textbook's candidates")


def _saving(panel: Axes, shown: PhaseDiagram) -> Any:
    """The part of the textbook's loss that is saved, with dots where the fate is another."""
    x, y = _corners(shown)
    percent = [[100 * part for part in row] for row in _upright(shown.savings or ())]
    mesh = panel.pcolormesh(x, y, percent, cmap="Greys", vmin=0, rasterized=True)
    places = [
        (float(shown.densities[row]), float(shown.importances[column]))
        for row, flags in enumerate(shown.differs or ())
        for column, flag in enumerate(flags)
        if flag
    ]
    if places:
        size, name = min(40.0, (150 / len(shown.densities)) ** 2), "another fate"
        p, r = zip(*places, strict=True)
        panel.scatter(p, r, s=size, c="#D55E00", linewidths=0, label=name)
        panel.legend(loc="upper right", handletextpad=0, borderpad=0.2, markerscale=1.5)
    _borders(panel, shown)
    panel.set_title("What the true minimum saves")
    return mesh


def _cells(panel: Axes, shown: PhaseDiagram, colours: Sequence[Sequence[_Colour]]) -> None:
    x, y = _corners(shown)
    panel.pcolormesh(x, y, _upright(colours), rasterized=True)


def _upright(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """A row for each importance, a column for each density: as the axes have it."""
    return [list(column) for column in zip(*rows, strict=True)]


def _corners(shown: PhaseDiagram) -> tuple[list[float], list[float]]:
    """The corners of the cells: half a step beyond each point, in the logarithm."""
    steps = len(shown.densities) - 1
    each = [2 * (k - 0.5) / steps for k in range(steps + 2)]
    return [10 ** (e - 2) for e in each], [10 ** (e - 1) for e in each]


def _outlines(panel: Axes, shown: PhaseDiagram, fates: _Fates) -> None:
    from matplotlib.collections import LineCollection

    x, y = _corners(shown)
    lines = [[(x[row], y[column]) for row, column in edge] for edge in edges(fates)]
    panel.add_collection(LineCollection(lines, colors=_LINE, linewidths=1.0, capstyle="round"))


def _borders(panel: Axes, shown: PhaseDiagram) -> None:
    for border in shown.borders:
        r, p = zip(*border, strict=True)
        where = [*map(float, p)], [*map(float, r)]
        panel.plot(*where, color=_HALO, linewidth=2.4, alpha=0.7)
        panel.plot(*where, color=_LINE, linewidth=1.1, linestyle=(0, (4, 2.5)))


def _labels(panel: Axes, fates: _Fates) -> None:
    from matplotlib.patheffects import withStroke

    steps = len(fates)
    for fate, (row, column) in inmost(fates, _WIDER).items():
        dark = fate != "not represented"
        across, up = 1 - (row + 0.5) / steps, (column + 0.5) / steps
        panel.text(
            min(max(across, _ROOM), 1 - _ROOM), up, _LABEL[fate], transform=panel.transAxes,
            ha="center", va="center", fontsize=8, fontweight="bold", linespacing=1.1,
            color="white" if dark else "#222222",
            path_effects=[withStroke(linewidth=2.5, foreground="#00000066" if dark else "white")],
        )  # fmt: skip


def _scales(panel: Axes, shown: PhaseDiagram, *, leftmost: bool) -> None:
    x, y = _corners(shown)
    panel.set(xscale="log", yscale="log", xlim=(x[-1], x[0]), ylim=(y[0], y[-1]))
    panel.set_xticks(_DENSITIES, [f"{p:g}" for p in _DENSITIES])
    panel.set_yticks(_IMPORTANCES, [f"{r:g}" for r in _IMPORTANCES] if leftmost else [])
    panel.minorticks_off()
    panel.set_xlabel("density p = 1 − S of every feature\ndense ⟶ sparse")
    if leftmost:
        panel.set_ylabel(f"importance r of feature {shown.features}; of the others, 1")


def _key(panel: Axes) -> None:
    """The colours by length and sharing, with the thresholds of the names."""
    steps = 40
    each = [(k + 0.5) / steps for k in range(steps)]
    corners = [k / steps for k in range(steps + 1)]
    colours = [[_colour(size, sharing) for size in each] for sharing in each]
    panel.pcolormesh(corners, corners, colours, rasterized=True)
    panel.plot([REPRESENTED, REPRESENTED], [0, 1], color=_LINE, linewidth=1)
    panel.plot([REPRESENTED, 1], [SHARED, SHARED], color=_LINE, linewidth=1)
    panel.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    panel.set_xticks((0, 0.5, 1), ("0", "½", "1"))
    panel.set_yticks((0, 0.25, 1), ("0", "¼", "1"))
    panel.set_xlabel("length ‖Wₙ‖")
    panel.set_ylabel("shared $\\sum_{j \\neq n} (\\hat{W}_n \\cdot W_j)^2$")


def _bar(panel: Axes, mesh: Any) -> None:
    panel.axis("off")
    bar = panel.figure.colorbar(mesh, cax=panel.inset_axes((0.12, 0, 0.2, 1)))
    bar.set_label("1 − L / L of the\nbest candidate, in %")


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


def _colour(size: float, sharing: float) -> _Colour:
    """White for length 0; fully coloured from length 1; the hue from blue to orange by sharing."""
    size, sharing = min(size, 1.0), min(sharing, 1.0)
    low, high = (_ALONE, _BETWEEN) if sharing < 0.5 else (_BETWEEN, _SHARING)
    part = 2 * sharing - (sharing >= 0.5)
    red, green, blue = (
        1 - size * (1 - (a + part * (b - a))) for a, b in zip(low, high, strict=True)
    )
    return red, green, blue
