"""The pictures of ``handcalc.plot``: what is to be drawn, into which panels, and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, get_args

from handcalc.errors import InputError
from handcalc.superposition.phases.regimes import REGIMES, FeatureRegime, Regime
from handcalc.views import picture
from handcalc.views.plots import along_sparsity, arrows, forward, gram, regimes
from handcalc.views.plots.asked import (
    all_of,
    coloured,
    name_upright,
    named,
    names_of,
    parts_of,
    put_title,
    put_titles,
    said_of,
    titles_of,
)
from handcalc.views.plots.heat_map import CellNumbers
from handcalc.views.plots.loss_curves import LossCurve, draw_curves, draw_descent
from handcalc.views.plots.panels import Look, Panel, PartOf, arrange, panels, told
from handcalc.views.plots.pictured import DrawnModel, Pictured, choice
from handcalc.views.plots.style import Theme, styled
from handcalc.views.plots.ticks import number
from handcalc.views.text.phase_map import sentences
from handcalc.wording import counted, joined

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SQUARE = (4.4, 4.4)  # inches, of a panel of a figure of its own
_TWO_VIEWS = (8.2, 4.6)
_WITH_KEY = (5.4, 6.0)
_WIDE = (8.0, 4.5)
_DIAGRAM = (7.4, 4.8)
_BESIDE_KEY = 0.62  # of the width of a diagram, for the grid
_LONGEST = 1e150  # an arrow, whose square is a float
_PALEST = 0.5  # the strength of the colour of a feature without importance


# -- arrows and Gram matrices ----------------------------------------------------------------------


def draw_arrows(shown: object, look: Look, best: bool | None) -> Any:
    """Arrows of each model, all on one scale."""
    models, single = _finite(shown, best=best)
    for model in models:
        if (m := len(model.W[0])) > picture.MOST_DIMENSIONS:
            raise InputError("not_drawn", picture.why_not_drawn(m), suggestion="plot.gram(model)")
    in_space = len(models[0].W[0]) == picture.MOST_DIMENSIONS
    each_size = _TWO_VIEWS if in_space else _SQUARE
    drawn = put_titles(panels(look, len(models), each_size), look, models, above=1)
    arrange(drawn)
    each = []
    for panel, model in zip(drawn, models, strict=True):
        theme = coloured(panel.theme, look.colours)
        names = names_of(look.labels, len(model.W))
        each.append(arrows.ShownArrows(model.W, names, feature_colours(model, theme), model.best))
    side = min(min(_side(panel, model)) for panel, model in zip(drawn, models, strict=True))
    longest = max(one.longest for one in each)
    widest = max(len(name) for one in each for name in one.names)
    for k, (panel, one) in enumerate(zip(drawn, each, strict=True)):
        with styled(panel.theme):
            scale = arrows.Scale.of(longest, side, panel.theme, widest + 1)
            arrows.draw(panel.axes, one, scale, panel.theme)
            if k == 0 and not panel.is_small:
                arrows.name_axes(panel.axes, len(one.W[0]), panel.theme)
            if k == 0 and one.best is not None:
                _explain_rings(panel)
    return told(drawn, [said_of(model.name, model.words) for model in models], single=single)


def _finite(shown: object, *, best: bool | None) -> tuple[list[DrawnModel], bool]:
    """The models, and whether it is one. Errors: ``not_drawn`` for lengths that are no floats."""
    models, single = all_of(shown, lambda one: one.models(best=best))
    if not all(length < _LONGEST for model in models for length in model.lengths):
        raise InputError("not_drawn", picture.why_not_drawn(1))
    return models, single


def _side(panel: Panel, model: DrawnModel) -> tuple[float, float]:
    wide, high = panel.inches
    return wide * (0.48 if len(model.W[0]) == picture.MOST_DIMENSIONS else 1), high


def _explain_rings(panel: Panel) -> None:
    from matplotlib.lines import Line2D

    ink, size = panel.theme.ink, panel.theme.points("xtick.labelsize")
    ring = Line2D([], [], color=ink, linewidth=1, marker="o", markerfacecolor="none")
    panel.axes.legend(
        [ring], ["exact best known"], loc="upper center", bbox_to_anchor=(0.5, 0.02), fontsize=size,
        labelcolor=ink,
    )  # fmt: skip


def feature_colours(model: DrawnModel, theme: Theme) -> list[Any]:
    """A feature's own colour, paler the less important it is beside the most important one."""
    weights = model.importance or [1.0] * len(model.W)
    most = max(weights) or 1.0
    return [
        theme.tinted(theme.colour(k + 1), _PALEST + (1 - _PALEST) * weight / most)
        for k, weight in enumerate(weights)
    ]


def draw_gram(shown: object, look: Look) -> Any:
    """W Wᵀ and lengths of each model, all on one scale, which stands beside the last."""
    models, single = _finite(shown, best=False)
    drawn = put_titles(panels(look, len(models), _WITH_KEY if single else _SQUARE), look, models)
    arrange(drawn)
    scales = gram.Scales.of([model.W for model in models])
    for k, (panel, model) in enumerate(zip(drawn, models, strict=True)):
        theme = coloured(panel.theme, look.colours, "signs", 2)
        inside = gram.Gram(model.W, names_of(look.labels, len(model.W)), _gram_numbers(model))
        with styled(theme):
            gram.draw_inside(panel, inside, scales, theme, key=k == len(models) - 1)
    return told(drawn, [said_of(model.name, _held(model)) for model in models], single=single)


def _gram_numbers(model: DrawnModel) -> CellNumbers | None:
    if len(model.W) > gram.MOST_NUMBERS:
        return None
    if model.exact is None:
        return CellNumbers.rounded(gram.Gram(model.W, ()).entries)
    entries = model.exact.elements()[0].gram
    return CellNumbers.of([[cell.to_sympy() for cell in row] for row in entries])


def _held(model: DrawnModel) -> str:
    n, m = len(model.W), len(model.W[0])
    fates = [FeatureRegime.of(model.W, i).fate for i in range(n)]
    sharing = [i for i, fate in enumerate(fates, 1) if fate == "superposition"]
    which = f": {joined(sharing)}" if sharing and n <= picture.MOST_LABELS // 2 else ""
    return (
        f"W Wᵀ of {counted(n, 'feature')} in {counted(m, 'dimension')}, and the lengths of their "
        f"arrows: {gram.held(model.W)} a direction{which}."
    )


# -- losses and phases along S ---------------------------------------------------------------------


def draw_losses(shown: object, look: Look, along: object) -> Any:
    """L along S in one panel, a line for each model; or a panel for each descent."""
    parts, _ = parts_of(shown)
    maps = [part for _, part in parts if part.what == "PhaseMap"]
    if along is None:
        along = "steps" if all(part.is_trained for _, part in parts) else "S"
    if choice("along", along, ("S", "steps")) == "steps":
        return _descents(shown, look)
    (panel,) = panels(look, 1, _WIDE)
    put_title(panel, look.title or "", "left", above=1)
    theme = coloured(panel.theme, look.colours)
    with styled(theme):
        if maps:
            return _minima(maps, parts, panel, look, theme)
        curves: list[LossCurve] = [
            curve for name, part in parts for curve in named(name, part.curves())
        ]
        if look.labels:
            labels = names_of(look.labels, len(curves), "models")
            curves = [replace(c, name=name) for c, name in zip(curves, labels, strict=True)]
        elif len(curves) > 1:
            curves = [replace(c, name=c.name or f"model {k}") for k, c in enumerate(curves, 1)]
        draw_curves(panel.axes, curves, theme)
    name_upright(panel, look)
    return told([panel], [_curves_in_words(curves)], single=True)


def _minima(
    maps: Sequence[Pictured],
    parts: Sequence[tuple[str, Pictured]],
    panel: Panel,
    look: Look,
    theme: Theme,
) -> Any:
    """The minima of one phase map."""
    if len(parts) > 1:
        raise InputError(
            "picture", "The losses of a phase map are a picture by themselves.",
            suggestion="plot.losses(handcalc.phase_map(3, 2))",
        )  # fmt: skip
    shown = maps[0].phase_map()
    names = names_of(look.labels, len(shown.curves), "minima") if look.labels else ()
    along_sparsity.losses(panel.axes, shown, theme, names)
    along_sparsity.legend(panel.axes, along_sparsity.MINIMA, theme, inside=not panel.is_own)
    along_sparsity.changes(panel.axes, shown, theme, are_named=not panel.is_small)
    along_sparsity.sparsities(panel.axes)
    name_upright(panel, look)
    return told([panel], [" ".join(sentences(shown))], single=True)


def _descents(shown: object, look: Look) -> Any:
    found, single = all_of(shown, lambda one: one.descents())
    drawn = panels(look, len(found), (4.4, 4.0))
    words = []
    for panel, descent, title in zip(
        drawn, found, titles_of(look.title, [each.name for each in found]), strict=True
    ):
        put_title(panel, title, "center")
        theme = coloured(panel.theme, look.colours)
        with styled(theme):
            alike = [each for each in found if each.unit == descent.unit]
            draw_descent(panel.axes, descent, theme, alike)
            panel.axes.set_xlabel(descent.unit)
            panel.axes.set_ylabel("loss L")
            name_upright(panel, look)
        end = descent.losses[-1][descent.best]
        known = "" if descent.line is None else f"; the dashed line is at {number(descent.line)}"
        of = counted(len(descent.losses[-1]), "restart")
        words.append(f"{title}: the best of {of} ends at a loss of {number(end)}{known}.")
    return told(drawn, words, single=single)


def _curves_in_words(curves: Sequence[LossCurve]) -> str:
    said = []
    for curve in curves:
        at = ", ".join(f"{number(curve.at(S))} at S = {S:g}" for S in (0, 0.5, 0.9))
        marked = "".join(f"; marked: {number(L)} at S = {S:.3g}" for S, L in curve.marked)
        said.append(f"{curve.name + ': ' if curve.name else ''}{at}{marked}")
    return f"Expected loss along S. {'; '.join(said)}."


def draw_phases(shown: object, look: Look, of: object) -> Any:
    """Lengths or biases of the best along S; of trained models a dot each."""
    parts, _ = parts_of(shown)
    chosen = choice("of", of, get_args(along_sparsity.Of))
    (panel,) = panels(look, 1, _WIDE)
    put_title(panel, look.title or "", "left", above=1)
    theme = coloured(panel.theme, look.colours)
    with styled(theme):
        if len(parts) == 1 and not parts[0][1].has_sparsity:
            found = parts[0][1].phase_map()
            names = names_of(look.labels, found.features) if look.labels else ()
            along_sparsity.features(panel.axes, found, chosen, theme, names)
            along_sparsity.legend(panel.axes, along_sparsity.BEST, theme, inside=not panel.is_own)
            along_sparsity.changes(panel.axes, found, theme, are_named=not panel.is_small)
            words = " ".join(sentences(found))
        else:
            words = _dots(parts, panel, chosen, look, theme)
        along_sparsity.sparsities(panel.axes)
    name_upright(panel, look)
    return told([panel], [words], single=True)


def _dots(
    parts: Sequence[tuple[str, Pictured]], panel: Panel, of: str, look: Look, theme: Theme
) -> str:
    models = [model for _, part in parts for model in part.models(best=False)]
    sizes = {(len(model.W), len(model.W[0])) for model in models}
    if any(model.sparsity is None for model in models) or len(sizes) > 1:
        raise InputError(
            "picture",
            "Phases are drawn of models of one size, each made for one sparsity S.",
            suggestion="plot.phases(handcalc.phase_map(3, 2))",
        )
    models.sort(key=lambda model: model.sparsity or 0.0)
    n = len(models[0].W)
    names = names_of(look.labels, n)
    places = [model.sparsity or 0.0 for model in models]
    numbers = [model.lengths if of == "lengths" else model.b for model in models]
    for i in range(n):
        panel.axes.plot(
            places, [row[i] for row in numbers], "o", color=theme.colour(i + 1), clip_on=False,
            gid="trained",
            markersize=11 - 7 * i / max(1, n - 1),
            label=names[i] if look.labels else f"feature {i + 1}",
        )  # fmt: skip
    panel.axes.set_ylabel(along_sparsity.NAMES["lengths" if of == "lengths" else "biases"])
    along_sparsity.legend(panel.axes, "of each model", theme, inside=not panel.is_own)
    each = "; ".join(
        f"S = {S:.3g}: {', '.join(f'{value:.3g}' for value in row)}"
        for S, row in zip(places, numbers, strict=True)
    )
    return f"The {of} of {counted(n, 'feature')} along S. {each}."


# -- phase diagrams and forward passes -------------------------------------------------------------


def draw_diagram(shown: object, look: Look, show: object) -> Any:
    """What becomes of the last feature, a panel for each grid, and beside the last the key."""
    found, single = all_of(shown, lambda one: one.grids(show))
    drawn = panels(look, len(found), _DIAGRAM)
    labels = _fates(look.labels)
    titles = titles_of(look.title, [grid.name for grid in found])
    if single and look.title is None and not drawn[0].is_own:
        titles = [""]
    for panel, grid, title in zip(drawn, found, titles, strict=True):
        put_title(panel, title, "left")
        panel.axes.set_xlabel(
            "density p" if panel.is_small else "density p = 1 − S (dense → sparse)"
        )
        panel.axes.set_ylabel(f"importance of feature {grid.features}")
        if panel.is_own:
            panel.axes.set_axes_locator(PartOf(panel.axes, _beside_key))
    arrange(drawn)
    for panel, grid in zip(drawn, found, strict=True):
        theme = coloured(panel.theme, look.colours, "fates", 2)
        with styled(theme):
            mesh = grid.draw(panel.axes, theme, labels)
            name_upright(panel, look)
            if look.ax is None and panel is drawn[-1]:
                _key(panel.axes, mesh, theme)
    return told(drawn, [said_of(grid.name, grid.words) for grid in found], single=single)


def _beside_key(wide: float, high: float) -> tuple[float, float, float, float]:
    return 0, 0, wide * _BESIDE_KEY, high


def _key(axes: Axes, mesh: Any, theme: Theme) -> None:
    """What the colours stand for, on the right of a figure of its own."""
    if mesh is None:
        regimes.draw_key(axes.inset_axes((1.34, 0.62, 0.36, 0.36)), theme)
        return
    figure: Any = axes.get_figure(root=True)
    bar = figure.colorbar(mesh, cax=axes.inset_axes((1.08, 0, 0.06, 1)))
    bar.set_label("1 − L / L of the best candidate, in %")


def _fates(labels: object) -> dict[Regime, str]:
    if labels is None:
        return regimes.LABELS
    return dict(zip(REGIMES, names_of(labels, len(REGIMES), "fates"), strict=True))


def draw_forward(shown: object, look: Look, x: object) -> Any:
    """How x goes down into h and up to z and x̂."""
    found, single = all_of(shown, lambda one: one.passes(x))
    sizes = [forward.size(one.shown) for one in found]
    drawn = panels(
        look, len(found), (max(wide for wide, _ in sizes), max(high for _, high in sizes))
    )
    for panel, title in zip(drawn, titles_of(look.title, [one.name for one in found]), strict=True):
        put_title(panel, title, "left")
    arrange(drawn)
    for panel, one in zip(drawn, found, strict=True):
        theme = coloured(panel.theme, look.colours)
        names = names_of(look.labels, one.shown.model.n)
        with styled(theme):
            forward.draw(panel.axes, one.shown, names, theme)
    words = [said_of(one.name, forward.in_words(one.shown)) for one in found]
    return told(drawn, words, single=single)
