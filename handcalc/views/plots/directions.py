"""Recovery by k with matplotlib: the share of supports and signs that least ‖x‖₁ brings back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.directions.recovery import Recovery
from handcalc.directions.shares import recovered_shares
from handcalc.views.plots.style import page_theme, styled
from handcalc.wording import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SIZE = (6.4, 3.6)  # inches
_LINES = {"l1": "any signs", "l1_nonnegative": "x ≥ 0"}


def plot_recovery(shown: Recovery, ax: Axes | None = None, *, dark: bool | None = None) -> Axes:
    """The exact shares by k; a dotted line stands at the largest k with all of them.

    Errors: ``too_large`` for more than 8 features; ``missing_extra``.

    >>> from handcalc.directions.recovery import recovery
    >>> plot_recovery(recovery("1 0; 0 1; 1 1")).get_label().partition(":")[0]
    'Recovery by least ‖x‖₁ of 3 features in 2 dimensions'
    """
    shares = recovered_shares(shown)
    from handcalc.views.plots.shown_figure import own_axes

    with styled(theme := page_theme(ax, dark)):
        axes = own_axes(*_SIZE) if ax is None else ax
        for place, (name, label) in enumerate(_LINES.items()):
            look = theme.line(place)
            axes.plot(
                range(shown.model.n + 1), list(map(float, shares[name])),
                marker="o", markersize=5, linewidth=2, label=label, zorder=3 + place, **look,
            )  # fmt: skip
        for k in sorted({shown.l1, shown.l1_nonnegative}):
            axes.axvline(k, color=theme.soft, linewidth=0.9, linestyle=":")
            axes.annotate(
                f"all to k = {k}", (k, 1.0), xycoords=("data", "axes fraction"), xytext=(3, 4),
                textcoords="offset points", fontsize=8, ha="left",
            )  # fmt: skip
        axes.set_xlabel("k, features on")
        axes.set_ylabel("share that comes back")
        axes.set_xticks(range(shown.model.n + 1))
        axes.set_ylim(-0.04, 1.04)
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.03))
    words = _in_words(shown)
    axes.set_label(words)
    figure = axes.get_figure(root=True)
    if figure is not None and figure.axes == [axes]:
        figure.set_label(words)
    return axes


def _in_words(shown: Recovery) -> str:
    size = f"{counted(shown.model.n, 'feature')} in {counted(shown.model.m, 'dimension')}"
    return (
        f"Recovery by least ‖x‖₁ of {size}: everything comes back up to k = {shown.l1} with any "
        f"signs and up to k = {shown.l1_nonnegative} for x ≥ 0, and less and less beyond."
    )
