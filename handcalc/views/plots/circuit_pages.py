"""A whole run, or several tables, on one page: the figures that ``handcalc circuit`` writes."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from handcalc.circuits.run import CircuitRun
from handcalc.circuits.tables import TokenTable
from handcalc.views.plots import stream
from handcalc.views.plots.circuits import plot_pattern, plot_stream, plot_table
from handcalc.views.plots.style import DARK_PAGE, PAGE, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANEL = 3.9  # inches, of a pattern or a table each way
_BESIDE = 3  # tables


def run_page(shown: CircuitRun, *, dark: bool = False) -> Figure:
    """The residual stream, and beside it the attention pattern of each head, a row for each layer.

    The last layer is above, as in the diagram. Errors: ``missing_extra``.

    >>> from handcalc.circuits.gallery.listing import circuit
    >>> [panel.get_title(loc="left") for panel in run_page(circuit("induction").run()).axes]
    ['The residual stream', 'Head 1.1 attends', 'Head 2.1 attends']
    """
    heads = [len(layer) for layer in shown.model.layers]
    rows, columns = max(1, len(heads)), max(heads, default=0)
    width, height = stream.size(heads)
    with styled(DARK_PAGE if dark else PAGE):
        figure = _blank(width + columns * _PANEL, max(height, _PANEL * len(heads)))
        grid = figure.add_gridspec(rows, 1 + columns, width_ratios=[width, *[_PANEL] * columns])
        panels = [plot_stream(shown, figure.add_subplot(grid[:, 0]), dark=dark)]
        panels += [
            plot_pattern(shown, a, b, figure.add_subplot(grid[rows - a, b]), dark=dark)
            for a, count in enumerate(heads, 1)
            for b in range(1, count + 1)
        ]
        _head(figure, f"Attention on {' '.join(shown.tokens)}")
    figure.set_label(" ".join(str(panel.get_label()) for panel in panels))
    return figure


def tables_page(*shown: TokenTable, dark: bool = False) -> Figure:
    """Tables by token, up to three beside each other. Errors: ``missing_extra``.

    >>> from handcalc.circuits.attention_only import AttentionOnly
    >>> from handcalc.circuits.tables import bigram_table
    >>> tables_page(bigram_table(AttentionOnly("1 0; 0 1", "1 0; 0 1"))).get_label()
    'W_E W_U. a: largest at a; b: largest at b.'
    """
    columns = min(_BESIDE, len(shown))
    rows = ceil(len(shown) / columns)
    with styled(DARK_PAGE if dark else PAGE):
        figure = _blank(columns * 1.2 * _PANEL, rows * _PANEL)
        panels = [
            plot_table(table, figure.add_subplot(rows, columns, k), dark=dark)
            for k, table in enumerate(shown, 1)
        ]
    figure.set_label(" ".join(str(panel.get_label()) for panel in panels))
    return figure


def _blank(width: float, height: float) -> Figure:
    from handcalc.views.plots.shown_figure import ShownFigure

    return ShownFigure(figsize=(width, height + 0.4), layout="constrained")


def _head(figure: Figure, title: str) -> None:
    figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", parse_math=False)
