"""The phase map as a figure: losses along S, and the lengths and biases of the best embedding."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from handcalc.views.plots.along_sparsity import (
    BEST,
    MINIMA,
    changes,
    excess,
    features,
    legend,
    losses,
    sparsities,
)
from handcalc.views.plots.style import PAGE, styled
from handcalc.views.text.phase_map import sentences, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from handcalc.superposition.phases.phase_map import PhaseMap


_PANEL = 1.9  # inches
_WIDE = 8.0
_SENTENCE = 116  # characters on a line
_LINE_HEIGHT = 0.14


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
        drawn = ShownFigure(figsize=(_WIDE, high), label=" ".join(sentences(shown)))
        axes = drawn.subplots(4, 1, sharex=True, height_ratios=(1.3, 0.8, 1, 1))
        drawn.subplots_adjust(
            left=0.1, right=0.78, bottom=below / high, top=1 - above / high, hspace=0.22
        )
        losses(axes[0], shown, PAGE)
        excess(axes[1], shown, PAGE)
        features(axes[2], shown, "lengths", PAGE)
        features(axes[3], shown, "biases", PAGE)
        for panel, of in ((axes[0], MINIMA), (axes[2], BEST), (axes[3], BEST)):
            legend(panel, of, PAGE)
        for panel in axes:
            changes(panel, shown, PAGE, are_named=panel is axes[0])
        sparsities(axes[-1])
        drawn.text(0.1, 1 - 0.28 / high, title(shown), fontsize=12, fontweight="bold")
        drawn.text(0.1, below / high - 0.55 / high, "\n".join(lines), va="top", fontsize=8)
        return drawn
