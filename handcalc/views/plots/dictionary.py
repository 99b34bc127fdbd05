"""A dictionary beside the features: arrows in a plane or along a line, beyond that cosines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, sqrt
from typing import TYPE_CHECKING

from handcalc.directions.sae_loss import SaeLoss
from handcalc.numbers.exact import to_float
from handcalc.views.directions.autoencoders import dictionary_in_words
from handcalc.views.plots import heat_map
from handcalc.views.plots.heat_map import CellNumbers, HeatMap
from handcalc.views.plots.panels import only_lines
from handcalc.views.plots.style import Theme, page_theme, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (4.6, 4.6)  # inches
_ROOM = 1.25  # beyond the longest arrow


@dataclass(frozen=True, slots=True)
class DrawnDictionary:
    """The rows of ``W`` and of ``W_dec`` as floats, and which latents are dead."""

    W: Sequence[Sequence[float]]
    W_dec: Sequence[Sequence[float]]
    dead: Sequence[bool]
    words: str

    @property
    def reach(self) -> float:
        """The length of the longest arrow, at least 1."""
        return max(1.0, *(hypot(*row) for row in (*self.W, *self.W_dec)))


def plot_dictionary(shown: SaeLoss, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """The rows of W_dec as arrows, and the features'; beyond two dimensions the cosines of both.

    Errors: ``missing_extra``.

    >>> from handcalc.directions.autoencoder import SparseAutoencoder
    >>> from handcalc.directions.sae_loss import sae_loss
    >>> tied = SparseAutoencoder.of_dictionary("1; -1", l1="1/5")
    >>> plot_dictionary(sae_loss(tied, "1; -1", "1/2")).get_label()[:84] + '...'
    'The dictionary beside the features: 2 latents beside 2 features; mean max cosine sim...'
    """
    W, rows = (
        [[to_float(cell) for cell in row] for row in matrix]
        for matrix in (shown.model.W, shown.sae.W_dec)
    )
    words = dictionary_in_words(shown.model.W, shown.sae.W_dec, shown.mmcs)
    dead = [j in shown.dead for j in range(1, len(rows) + 1)]
    return plot_floats(DrawnDictionary(W, rows, dead, words), ax, dark=dark)


def plot_floats(
    shown: DrawnDictionary, ax: Axes | None = None, *, dark: bool | None = None
) -> Axes:
    """The same of floats, into axes of somebody's or a figure of its own."""
    from handcalc.views.plots.shown_figure import own_axes

    with styled(theme := page_theme(ax, dark)):
        axes = own_axes(*_SIZE) if ax is None else ax
        draw(axes, shown, shown.reach, theme)
        axes.set_title(titled(shown), loc="left")
    axes.set_label(shown.words)
    figure = axes.get_figure(root=True)
    if figure is not None and figure.axes == [axes]:
        figure.set_label(shown.words)
    return axes


def titled(shown: DrawnDictionary) -> str:
    """What the letters are."""
    if len(shown.W[0]) > 2:
        return "Cosines of features W and dictionary d"
    return "W: features, d: dictionary"


def draw(axes: Axes, shown: DrawnDictionary, reach: float, theme: Theme) -> None:
    """Draw it into axes, arrows up to ``reach`` long."""
    if len(shown.W[0]) > 2:
        _cosines(axes, shown, theme)
        return
    axes.set(xticks=[], yticks=[])
    only_lines(axes)
    (_along_a_line if len(shown.W[0]) == 1 else _in_a_plane)(axes, shown, reach, theme)


def _in_a_plane(axes: Axes, shown: DrawnDictionary, reach: float, theme: Theme) -> None:
    """Wide arrows for the features, narrow ones on top of them for the latents."""
    side = _ROOM * reach
    axes.set(xlim=(-side, side), ylim=(-side, side), aspect="equal")
    for i, (x, y) in enumerate(shown.W, 1):
        _arrow(axes, (x, y), (0.0, 0.0), theme.soft, 5.0, faint=True)
        _name(axes, f"W{i}", (1.1 * x, 1.1 * y), theme.soft)
    for j, ((x, y), is_off) in enumerate(zip(shown.W_dec, shown.dead, strict=True), 1):
        _arrow(axes, (x, y), (0.0, 0.0), theme.colour(j), 1.8, dashed=is_off)
        size = hypot(x, y) or 1.0  # its name stands beside its shaft, further in than the others'
        along = 0.55 + 0.2 * (j % 2)
        place = along * x - 0.08 * side * y / size, along * y + 0.08 * side * x / size
        _name(axes, f"d{j}", place, theme.ink)


def _along_a_line(axes: Axes, shown: DrawnDictionary, reach: float, theme: Theme) -> None:
    """A line for each, as arrows of one dimension lie on each other."""
    count = len(shown.W) + len(shown.W_dec)
    axes.set(xlim=(-_ROOM * reach, _ROOM * reach), ylim=(-count - 0.5, 0.5), aspect="auto")
    axes.axvline(0, color=theme.faint, linewidth=1, zorder=1)
    for i, (x,) in enumerate(shown.W, 1):
        _arrow(axes, (x, 1.0 - i), (0.0, 1.0 - i), theme.soft, 5.0, faint=True)
        _beside(axes, f"W{i}", x, 1.0 - i, theme.soft)
    below = -len(shown.W) - 0.5  # a little room between both
    for j, ((x,), is_off) in enumerate(zip(shown.W_dec, shown.dead, strict=True)):
        _arrow(axes, (x, below - j), (0.0, below - j), theme.colour(j + 1), 1.8, dashed=is_off)
        _beside(axes, f"d{j + 1}", x, below - j, theme.ink)


def _arrow(  # noqa: PLR0913 - where from and to, and how it looks
    axes: Axes,
    end: tuple[float, float],
    start: tuple[float, float],
    colour: str,
    width: float,
    *,
    dashed: bool = False,
    faint: bool = False,
) -> None:
    axes.annotate(
        "", end, start, annotation_clip=False, zorder=2 if faint else 3,
        arrowprops={
            "arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, "color": colour, "lw": width,
            "alpha": 0.55 if faint else 1.0, "linestyle": "--" if dashed else "-",
        },
    )  # fmt: skip


def _name(axes: Axes, name: str, place: tuple[float, float], colour: str) -> None:
    axes.annotate(name, place, ha="center", va="center", color=colour, zorder=4)


def _beside(axes: Axes, name: str, x: float, y: float, colour: str) -> None:
    """A name on the other side of 0 than its arrow."""
    axes.annotate(
        name, (0, y), (-8 if x >= 0 else 8, 0), textcoords="offset points",
        ha="right" if x >= 0 else "left", va="center", color=colour, zorder=4,
    )  # fmt: skip


def _cosines(axes: Axes, shown: DrawnDictionary, theme: Theme) -> None:
    """A row for each feature, a column for each latent; dead ones have a cross at their name."""
    cells = [[_cosine(row, d) for d in shown.W_dec] for row in shown.W]
    features = tuple(f"W{i}" for i in range(1, len(shown.W) + 1))
    names = enumerate(shown.dead, 1)
    latents = tuple(f"d{j}{' ✗' if is_off else ''}" for j, is_off in names)
    numbers = CellNumbers.rounded(cells)
    heat_map.draw(HeatMap("", ("feature", "latent"), features, latents, numbers), axes, theme)


def _cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """Of the angle between them; 0 where one has no direction."""
    lengths = sqrt(sum(x * x for x in a) * sum(y * y for y in b))
    return sum(x * y for x, y in zip(a, b, strict=True)) / lengths if lengths else 0.0
