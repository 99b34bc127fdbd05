"""A dictionary beside the features: thin arrows for these, thick ones for the latents."""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from typing import TYPE_CHECKING

from handcalc.directions.sae_loss import SaeLoss
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.views.directions.autoencoders import dictionary_in_words
from handcalc.views.plots.panels import only_lines
from handcalc.views.plots.style import page_theme, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (4.6, 4.6)  # inches


def plot_dictionary(shown: SaeLoss, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """The rows of W_dec as arrows, and behind them the features'; in one or two dimensions.

    Errors: ``dimensions``, ``missing_extra``.

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
    return draw_dictionary(W, rows, dead, words, ax, dark=dark)


def draw_dictionary(
    W: Sequence[Sequence[float]],
    rows: Sequence[Sequence[float]],
    dead: Sequence[bool],
    words: str,
    ax: Axes | None = None,
    *,
    dark: bool | None = None,
) -> Axes:
    """The same of floats; dead latents are dashed."""
    if len(W[0]) > 2:
        raise InputError(
            "dimensions",
            f"A dictionary is drawn in one or two dimensions, not in {len(W[0])}: to_frame() has "
            "its numbers.",
        )
    from handcalc.views.plots.shown_figure import own_axes

    # a point of one dimension lies on a line of its own, features above and latents below
    flat = len(W[0]) == 1
    features = [(row[0], 0.12 if flat else row[1]) for row in W]
    latents = [(row[0], -0.12 if flat else row[1]) for row in rows]
    reach = 1.25 * max(1.0, *(hypot(*row) for row in (*features, *latents)))
    with styled(theme := page_theme(ax, dark)):
        axes = own_axes(*_SIZE) if ax is None else ax
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
        only_lines(axes)
        for kind, points, off in (("W", features, [False] * len(W)), ("d", latents, dead)):
            for k, (point, is_off) in enumerate(zip(points, off, strict=True), 1):
                start = (0.0, point[1] if flat else 0.0)
                look = {"color": theme.soft, "lw": 5.0, "alpha": 0.55}
                if kind == "d":
                    look = {"color": theme.colour(k), "lw": 1.8, "alpha": 1.0}
                axes.annotate(
                    "", point, start, annotation_clip=False,
                    arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0,
                                "linestyle": "--" if is_off else "-", **look},
                    zorder=2 if kind == "W" else 3,
                )  # fmt: skip
                place = (point[0] * 1.1, point[1] * (2.2 if flat else 1.1))
                if kind == "d" and not flat:  # beside its shaft
                    size = hypot(*point) or 1.0
                    x, y = (0.7 * cell for cell in point)
                    place = (x - 0.07 * reach * point[1] / size, y + 0.07 * reach * point[0] / size)
                axes.annotate(
                    f"{kind}{k}", place, ha="center", va="center",
                    color=theme.soft if kind == "W" else theme.ink, zorder=4,
                )  # fmt: skip
        axes.set_title("W: features, d: dictionary", loc="left")
    axes.set_label(words)
    figure = axes.get_figure(root=True)
    if figure is not None and figure.axes == [axes]:
        figure.set_label(words)
    return axes
