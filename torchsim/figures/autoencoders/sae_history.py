"""The way of training: losses of every restart, beside the loss of the true dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.views.plots.style import Theme
from torchsim.autoencoders.run import SaeRun
from torchsim.comparison.autoencoders import SaeCompared, SaeComparison
from torchsim.figures.histories import WayDown, draw_ways, how_agreed, ways_described
from torchsim.views.runs import number
from torchsim.views.sae_specifications import sae_names

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def drawn(run: SaeRun, compared: SaeComparison, theme: Theme) -> Figure:
    """Up to five models, a column each."""
    said = _said(run, compared)
    return draw_ways(_ways(run, compared), "the features as the dictionary", said, theme)


def described(run: SaeRun, compared: SaeComparison) -> str:
    """What the figure shows, for those who do not see it."""
    title, _ = _said(run, compared)
    return ways_described(_ways(run, compared), title)


def _ways(run: SaeRun, compared: SaeComparison) -> list[WayDown]:
    names = sae_names([trained.model for trained in run.trained])
    return [
        WayDown(
            name, trained.history, trained.best, trained.agreed,
            None if each.true is None else each.true.loss, ended(each),
        )
        for name, trained, each in zip(names, run.trained, compared.models, strict=True)
    ]  # fmt: skip


def ended(each: SaeCompared) -> str:
    """What the best restart loses, and what the true dictionary does: no mean over batches."""
    ours = each.loss if each.beside_true is None else each.beside_true
    is_exact = each.exact is not None and (each.true is None or each.true.exact is not None)
    how = "exactly" if is_exact else "on unseen inputs"
    true = "" if each.true is None else f", the features {number(each.true.loss)}"
    return f"the best restart loses {number(ours)} {how}{true}"


def _said(run: SaeRun, compared: SaeComparison) -> tuple[str, str]:
    """How many restarts come to the best, and how to read the panels."""
    agreed, how = how_agreed(_ways(run, compared))
    better = sum(1 for each in compared.models if (each.gap_percent or 0.0) < -0.005)
    below = f"; {better} of {len(compared.models)} end below the features" if better else ""
    return f"{agreed}{below}.", how
