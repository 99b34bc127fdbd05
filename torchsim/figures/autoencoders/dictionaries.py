"""The dictionaries that were found, each beside the features."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.views.plots import dictionary
from handcalc.views.plots.panels import Rows, wrapped
from handcalc.views.plots.style import Theme
from torchsim.autoencoders.run import SaeRun
from torchsim.comparison.autoencoders import SaeCompared, SaeComparison
from torchsim.figures.layout import LEFT, blank, headed
from torchsim.views.comparison_views import signed
from torchsim.views.runs import number
from torchsim.views.sae_runs import dictionary_of
from torchsim.views.sae_specifications import sae_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST = 10


def drawn(run: SaeRun, compared: SaeComparison, theme: Theme) -> Figure:
    """Up to ten panels, a model each."""
    shown = [dictionary_of(trained) for trained in run.trained[:_MOST]]
    names = sae_names([trained.model for trained in run.trained])
    rows = Rows.of(len(shown))
    figure = blank()
    headed(figure, *_said(run, compared), theme)
    grid = figure.add_gridspec(
        rows.rows, rows.columns, left=LEFT + 0.01, right=0.975, top=0.74, bottom=0.1, wspace=0.25,
        hspace=0.5,
    )  # fmt: skip
    reach = max(each.reach for each in shown)
    for k, (each, beside) in enumerate(zip(shown, compared.models, strict=False)):
        axes = figure.add_subplot(grid[rows.place(k)])
        dictionary.draw(axes, each, reach, theme)
        title = "\n".join(wrapped(names[k], 110 // rows.columns)) if names[k] else ""
        axes.set_title(title, fontsize=13, fontweight="bold")
        axes.annotate(
            _caption(beside), (0.5, 0), (0, -6 if len(each.W[0]) < 3 else -34),
            xycoords="axes fraction", textcoords="offset points", ha="center", va="top",
            fontsize=12, color=theme.soft, linespacing=1.25,
        )  # fmt: skip
    return figure


def described(run: SaeRun, compared: SaeComparison) -> str:
    """What the figure shows, for those who do not see it."""
    names = sae_names([trained.model for trained in run.trained])
    each = (
        f"{name or 'The model'}: {_caption(beside).replace(chr(10), ', ')}"
        for name, beside in zip(names, compared.models[:_MOST], strict=False)
    )
    return f"{_said(run, compared)[0]} {'; '.join(each)}."


def _caption(each: SaeCompared) -> str:
    """The loss, how far it is from the true dictionary's, and how near the features are."""
    gap = "" if each.gap_percent is None else f", gap {signed(each.gap_percent)}"
    near = "" if each.mmcs is None else f"\nmmcs {each.mmcs:.3f}"
    dead = f", {len(each.dead)} dead" if each.dead else ""
    return f"loss {number(each.loss)}{gap}{near}{dead}"


def _said(run: SaeRun, compared: SaeComparison) -> tuple[str, str]:
    """How near the dictionaries come to the features, and how to read the panels."""
    left = len(run.trained) - _MOST
    more = f" {_MOST} of {len(run.trained)} models are shown." if left > 0 else ""
    known = [each.mmcs for each in compared.models[:_MOST] if each.mmcs is not None]
    claim = "The dictionaries that were found, beside the features."
    if known:
        low, high = (f"{chosen(known):.3f}" for chosen in (min, max))
        span = low if low == high else f"{low} to {high}"
        claim = f"The dictionaries found, beside the features: mean max cosine similarity {span}."
    how = (
        "Wide grey arrows: features W; narrow coloured ones: rows d of the dictionary, of the best "
        "restart; dashed where a latent is never on."
    )
    if run.trained[0].model.model.m > 2:
        how = "Cosines of each feature W with each row d of the dictionary, of the best restart."
    gap = " gap: how far the loss is above that of the features as the dictionary."
    return claim, f"{how}{gap}{more}"
