"""The way of training: losses of every restart, beside the loss of the true dictionary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.views.plots.loss_curves import draw_restarts
from handcalc.views.plots.panels import only_lines, wrapped
from handcalc.views.plots.style import Theme
from handcalc.views.plots.ticks import even_ticks
from torchsim.autoencoders.run import SaeRun, TrainedSae
from torchsim.comparison.autoencoders import SaeCompared, SaeComparison
from torchsim.figures.layout import LEFT, blank, headed
from torchsim.views.runs import number
from torchsim.views.sae_specifications import sae_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 5


def drawn(run: SaeRun, compared: SaeComparison, theme: Theme) -> Figure:
    """Up to five models, a column each."""
    from matplotlib.lines import Line2D

    shown = run.trained[:_MOST]
    names = sae_names([trained.model for trained in run.trained])
    figure = blank()
    headed(figure, *_said(run, compared), theme)
    grid = figure.add_gridspec(
        1, len(shown), left=0.065, right=0.975, top=0.77, bottom=0.17, wspace=0.3
    )
    for k, (trained, each) in enumerate(zip(shown, compared.models, strict=False)):
        axes = figure.add_subplot(grid[0, k])
        _losses(axes, trained, each, theme)
        axes.set_title("\n".join(wrapped(names[k], 100 // len(shown))) if names[k] else "")
        axes.set_xlabel("steps")
        if k == 0:
            axes.set_ylabel("loss")
    lines = [
        Line2D([], [], color=theme.colour(1), linewidth=3, label="the best restart"),
        Line2D(
            [], [], color=theme.ink, linewidth=1.6, linestyle="--",
            label="the features as the dictionary",
        ),
    ]  # fmt: skip
    figure.legend(
        handles=lines, loc="lower left", bbox_to_anchor=(LEFT - 0.008, 0.015), ncols=2,
        columnspacing=2.5,
    )  # fmt: skip
    return figure


def described(run: SaeRun, compared: SaeComparison) -> str:
    """What the figure shows, for those who do not see it."""
    names = sae_names([trained.model for trained in run.trained])
    ends = []
    for each, name in zip(compared.models[:_MOST], names, strict=False):
        ends.append(f"{name or 'the model'}: {ended(each)}")
    return f"{_said(run, compared)[0]} {'; '.join(ends)}."


def ended(each: SaeCompared) -> str:
    """What the best restart loses, and what the true dictionary does: no mean over batches."""
    ours = each.loss if each.beside_true is None else each.beside_true
    is_exact = each.exact is not None and (each.true is None or each.true.exact is not None)
    how = "exactly" if is_exact else "on unseen inputs"
    true = "" if each.true is None else f", the features {number(each.true.loss)}"
    return f"the best restart loses {number(ours)} {how}{true}"


def _said(run: SaeRun, compared: SaeComparison) -> tuple[str, str]:
    """How many restarts come to the best, and how to read the panels."""
    agreed = sum(trained.agreed for trained in run.trained)
    starts = sum(len(trained.loss) for trained in run.trained)
    left = f" {_MOST} of {len(run.trained)} models are shown." if len(run.trained) > _MOST else ""
    better = sum(1 for each in compared.models if (each.gap_percent or 0.0) < -0.005)
    below = f"; {better} of {len(compared.models)} end below the features" if better else ""
    return (
        f"{agreed} of {starts} restarts come to the best of their model{below}.",
        f"Losses on the way, means over the batches since the record before.{left}",
    )


def _losses(axes: Axes, trained: TrainedSae, each: SaeCompared, theme: Theme) -> None:
    steps, losses = trained.history.steps, trained.history.losses
    draw_restarts(axes, steps, losses.tolist(), trained.best, theme)
    if each.true is not None:
        axes.axhline(
            each.true.loss, color=theme.ink, linestyle="--", linewidth=1.6, gid="true", zorder=4
        )
    lowest = [float(losses[-1].min()), *([] if each.true is None else [each.true.loss])]
    axes.set_ylim(0, max(4 * max(lowest), 1e-9))  # what is above is the first few steps
    only_lines(axes, "left", "bottom")
    axes.set_xlim(0, steps[-1])
    marks = even_ticks(0, steps[-1])
    axes.set_xticks(marks, [f"{tick:,.0f}" for tick in marks])
