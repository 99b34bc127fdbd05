"""The way of training: losses of every restart, and below them the scores of the best one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from handcalc.circuits.log_sums import LogSum
from handcalc.views.plots.loss_curves import draw_restarts
from handcalc.views.plots.panels import only_lines, wrapped
from handcalc.views.plots.style import Theme
from handcalc.views.plots.ticks import even_ticks
from torchsim.attention.run import AttentionRun, TrainedAttention
from torchsim.comparison.attention import AttentionCompared, AttentionComparison
from torchsim.figures.attention.naming import model_names, nearest_said
from torchsim.figures.layout import LEFT, blank, headed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST = 5


def drawn(run: AttentionRun, compared: AttentionComparison, theme: Theme) -> Figure:
    """Up to five models, each a column: losses above, and where tokens come back scores below."""
    beside = compared.models[:_MOST]
    shown, names = run.trained[:_MOST], model_names(run)
    is_scored = any(each.history.induction is not None for each in shown)
    figure = blank()
    headed(figure, *_said(run, compared), theme)
    grid = figure.add_gridspec(
        1 + is_scored, len(shown), left=0.065, right=0.975, top=0.77, bottom=0.15,
        wspace=0.22, hspace=0.2,
    )  # fmt: skip
    for k, (trained, each) in enumerate(zip(shown, beside, strict=True)):
        upper = figure.add_subplot(grid[0, k])
        _losses(upper, trained, each, theme)
        upper.set_title("\n".join(wrapped(names[k], 100 // len(shown))) if names[k] else "")
        lowest = upper
        if is_scored:
            lowest = figure.add_subplot(grid[1, k])
            _scores(lowest, trained, theme)
            if k == 0:
                lowest.set_ylabel("attention, of the best restart")
        lowest.set_xlabel("steps")
        if k == 0:
            upper.set_ylabel("loss")
    _key(figure, beside, theme)
    return figure


def described(run: AttentionRun, compared: AttentionComparison) -> str:
    """What the figure shows, for those who do not see it."""
    names = model_names(run)
    ends = []
    for trained, name in zip(run.trained[:_MOST], names, strict=False):
        history, k = trained.history, trained.best
        said = f"{name or 'the model'}: the loss ends at {float(history.losses[-1, k]):.4g}"
        if history.induction is not None:
            said += f", the highest induction score at {float(history.induction[-1, k].max()):.2f}"
        ends.append(said)
    return f"{_said(run, compared)[0]} {'; '.join(ends)}."


def _said(run: AttentionRun, compared: AttentionComparison) -> tuple[str, str]:
    some = len(run.trained)
    left = f" {_MOST} of {some} models are shown." if some > _MOST else ""
    how = (
        "Losses on the way, the best restart thick. Where tokens come back, below: induction, the "
        "attention to what followed earlier copies of the token, and previous token, that to the "
        f"place before.{left}"
    )
    return nearest_said(run, compared), how


def _losses(ax: Axes, trained: TrainedAttention, each: AttentionCompared, theme: Theme) -> None:
    steps, losses = trained.history.steps, trained.history.losses
    draw_restarts(ax, steps, losses.tolist(), trained.best, theme)
    for value, style, name in ((each.least, "--", "least"), (each.price, ":", "price")):
        if value is not None:
            ax.axhline(
                value.to_float(), color=theme.ink, linestyle=style, linewidth=1.6, gid=name,
                zorder=4,
            )  # fmt: skip
    ax.set_ylim(0, max(1.08 * float(np.nanmax(losses.numpy())), 1e-9))
    _along(ax, steps[-1])


def _scores(ax: Axes, trained: TrainedAttention, theme: Theme) -> None:
    """A colour for each head; solid for induction, dashed for the token before."""
    history, found = trained.history, trained.scores
    ax.set_ylim(0, 1.02)
    _along(ax, history.steps[-1])
    if history.induction is None or history.previous is None or found is None:
        return
    for layer in range(trained.model.layers):
        for head in range(trained.model.heads):
            colour = theme.colour(layer * trained.model.heads + head + 1)
            for scores, style in ((history.induction, "-"), (history.previous, "--")):
                ax.plot(
                    history.steps, scores[:, trained.best, layer, head].numpy(), style,
                    color=colour, linewidth=2.2,
                    label=f"{layer + 1}.{head + 1}" if style == "-" else None,
                )  # fmt: skip
    ax.axhline(found.induction_chance, color=theme.ink, linestyle=":", linewidth=1.4)
    ax.legend(title="head", loc="center left", fontsize=11)


def _along(ax: Axes, last: int) -> None:
    only_lines(ax, "left", "bottom")
    ax.set_xlim(0, last)
    marks = even_ticks(0, last)
    ax.set_xticks(marks, [f"{tick:,.0f}" for tick in marks])


def _key(figure: Figure, compared: tuple[AttentionCompared, ...], theme: Theme) -> None:
    from matplotlib.lines import Line2D

    def line(colour: str, style: Any, width: float, label: str) -> Line2D:
        return Line2D([], [], color=colour, linestyle=style, linewidth=width, label=label)

    lines = [line(theme.colour(1), "-", 3, "loss of the best restart")]
    for value, style in (("least", "--"), ("price", ":")):
        known = [getattr(each, value) for each in compared]
        if any(number is not None for number in known):
            lines.append(line(theme.ink, style, 1.6, f"{value}{_if_one(known)}"))
    if any(each.heads for each in compared):
        lines += [
            line(theme.soft, "-", 2.2, "induction"),
            line(theme.soft, "--", 2.2, "previous token"),
            line(theme.ink, ":", 1.4, "induction by chance"),
        ]
    figure.legend(
        handles=lines, loc="lower left", bbox_to_anchor=(LEFT - 0.008, 0.015), ncols=len(lines),
        columnspacing=2.5,
    )  # fmt: skip


def _if_one(values: list[LogSum | None]) -> str:
    """The number, where all models have the same."""
    known = {value.to_float() for value in values if value is not None}
    return f", {known.pop():.5f}" if len(known) == 1 else ""
