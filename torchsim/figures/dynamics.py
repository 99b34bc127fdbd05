"""What happens during training: D of each feature on the way, above the loss.

Source: Elhage et al. 2022, "Superposition and Learning Dynamics".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from handcalc.errors import InputError
from handcalc.superposition.model.levels import LEVELS, nearest_level
from handcalc.views.plots.style import Theme
from handcalc.views.plots.ticks import number, tick_text, ticks
from handcalc.wording import counted
from torchsim.figures.layout import blank, headed
from torchsim.views.pictured import steps_unit
from torchsim.views.shown import Floats, Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MOST = 4
_NEAR = 0.02  # of a level, within which a feature stands on it
_COLOURED = 8  # features that have a colour each
_APART = 0.05  # levels that are nearer to the one above have no name


def drawn(shown: Shown, theme: Theme) -> Figure:
    """A column for each model: the best restart's Dᵢ over the steps, and below it its loss."""
    from matplotlib.gridspec import GridSpec

    which = shown.chosen(MOST)
    figure = blank()
    headed(figure, *_said(shown), theme)
    grid = GridSpec(
        2, len(which), figure, left=0.065, right=0.865, top=0.78, bottom=0.085, wspace=0.14,
        hspace=0.1, height_ratios=(2, 1),
    )  # fmt: skip
    unit = steps_unit(shown)
    above: list[Axes] = []
    below: list[Axes] = []
    for k, i in enumerate(which):
        above.append(figure.add_subplot(grid[0, k], sharey=above[0] if above else None))
        below.append(figure.add_subplot(grid[1, k], sharex=above[k]))
        _draw(above[k], below[k], shown, i, unit, theme)
        above[k].tick_params(labelleft=k == 0)
    _name_levels(above[-1], theme)
    above[0].set_ylabel("dimensionality D")
    below[0].set_ylabel("loss L")
    return figure


def described(shown: Shown) -> str:
    """What the figure shows, for those who do not see it."""
    title, _ = _said(shown)
    told = []
    for i in shown.chosen(MOST):
        _, shares, losses = _way(shown, i)
        ends = ", ".join(number(float(share)) for share in shares[-1][:_COLOURED])
        more = " …" if shares.shape[1] > _COLOURED else ""
        told.append(
            f"{shown.names[i]}: the loss falls from {number(float(losses[0]))} to "
            f"{number(float(losses[-1]))}, D in the end {ends}{more}"
        )
    return f"{title} {'; '.join(told)}."


def _way(shown: Shown, i: int) -> tuple[list[int], Floats, Floats]:
    """Steps, Dᵢ (records, n) and losses (records,) of the best restart of model i."""
    trained = shown.trained(i)
    history, best = trained.history, trained.best
    if history.dimensionality is None:  # a run says in its specification that it has them
        raise InputError("measures", f"Model {i + 1} has no dimensionalities on the way.")
    shares = np.asarray(history.dimensionality[:, best].tolist())
    return list(history.steps), shares, np.asarray(history.losses[:, best].tolist())


def _draw(above: Axes, below: Axes, shown: Shown, i: int, unit: int, theme: Theme) -> None:
    steps, shares, losses = _way(shown, i)
    across = [step / unit for step in steps]
    for level in LEVELS:
        above.axhline(float(level.value), color=theme.faint, linewidth=1, zorder=1)
    few = shares.shape[1] <= _COLOURED
    for feature, way in enumerate(shares.T):
        colour = theme.colour(feature + 1 if few else 1)
        above.plot(across, way, color=colour, linewidth=2 if few else 0.7, alpha=1 if few else 0.5)
    above.set_ylim(0, 1.05)
    above.set_title(shown.names[i], fontsize=12, fontweight="bold")
    above.tick_params(labelbottom=False)
    below.plot(across, losses, color=theme.ink, linewidth=2)
    positive = losses[losses > 0]  # all inputs of a small batch may be 0, and no loss is left
    if positive.size:
        below.set_yscale("log")
        at = ticks(float(positive.min()), float(positive.max()))
        below.set_yticks(at, [tick_text(tick) for tick in at])
        below.set_yticks([], minor=True)
    below.set_xlabel("thousand steps" if unit == 1000 else "steps")


def _name_levels(axes: Axes, theme: Theme) -> None:
    """Names at the right end of the lines, of those that do not stand too close."""
    named: list[float] = []
    for level in LEVELS:
        value = float(level.value)
        if named and named[-1] - value < _APART:
            continue
        named.append(value)
        axes.annotate(
            f"{level.value}  {level.shapes[0]}", (1.02, value), va="center", fontsize=11,
            color=theme.soft, xycoords=("axes fraction", "data"), annotation_clip=False,
        )  # fmt: skip


def _said(shown: Shown) -> tuple[str, str]:
    """How many features end on a level, and how to read the lines."""
    which = shown.chosen(MOST)
    ends = [
        float(share)
        for i in which
        for feature, share in enumerate(_way(shown, i)[1][-1], 1)
        if feature in shown.trained(i).held
    ]
    near = sum(abs(share - float(nearest_level(share).value)) <= _NEAR for share in ends)
    of = "the only restart" if shown.run.spec.restarts == 1 else "the best restart"
    how = (
        f"Above: D = ‖Wᵢ‖²/Σⱼ(Ŵᵢ·Wⱼ)² of each feature during training, {of}. Grey lines: exact "
        f"levels, r dimensions for k features; within {_NEAR} of one a feature counts. Below: the "
        f"loss, by batches of samples.{shown.left_out(which)}"
    )
    held = counted(len(ends), "held feature")
    claim = f"{near} of {held} end at the dimensionality of a named shape"
    if not ends:
        claim = "No feature is held in the end"
    return f"{claim}.", how
