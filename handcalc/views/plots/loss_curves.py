"""Losses as lines: of models along S, and of restarts on the way of training."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING

from handcalc.views.plots.along_sparsity import sparsities
from handcalc.views.plots.panels import only_lines
from handcalc.views.plots.style import Theme
from handcalc.views.plots.ticks import even_ticks, tick_text, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OTHERS = "#E69F00"  # of restarts beside the best
_STEPS = 100  # of a curve along S
_FEW_MARKS, _LATE = 2, 0.7  # beside more numbers have no room; S from which one stands on the left


# --------------------------------------------------------------------------------------------------
# The expected loss along S.


@dataclass(frozen=True, slots=True)
class LossCurve:
    """L(S) of a model, Σ (1 − S)^k S^(B−k) L_k with the L_k in ``by_active``, and its ``name``.

    ``marked`` are points (S, L) of it that were asked for.
    """

    name: str
    by_active: tuple[float, ...]
    marked: tuple[tuple[float, float], ...] = ()

    def at(self, S: float) -> float:
        """The loss at one S.

        >>> LossCurve("", (0.0, 1.0)).at(0.25)
        0.75
        """
        last = len(self.by_active) - 1
        return sum(L * (1 - S) ** k * S ** (last - k) for k, L in enumerate(self.by_active))


def draw_curves(axes: Axes, shown: Sequence[LossCurve], theme: Theme) -> None:
    """A line for each model, told apart by colour and dashes, a ring at what is marked."""
    from matplotlib.patheffects import withStroke

    places = [k / _STEPS for k in range(_STEPS + 1)]
    few = sum(len(curve.marked) for curve in shown) <= _FEW_MARKS
    for k, curve in enumerate(shown):
        axes.plot(
            places, [curve.at(S) for S in places], **theme.line(k), linewidth=2.4,
            label=curve.name or None, gid="curve",
        )  # fmt: skip
        for S, loss in curve.marked:
            axes.plot(
                [S], [loss], "o", markersize=9, markerfacecolor=theme.paper, markeredgewidth=2,
                markeredgecolor=theme.colour(k + 1), gid="marked", clip_on=False, zorder=4,
            )  # fmt: skip
            if few:
                side, ha = (8, "left") if S < _LATE else (-8, "right")
                axes.annotate(
                    f"L({S:.3g}) = {tick_text(loss)}", (S, loss), xytext=(side, 9),
                    textcoords="offset points", color=theme.ink, ha=ha, zorder=5,
                    fontsize=theme.points("xtick.labelsize"),
                    path_effects=[withStroke(linewidth=3, foreground=theme.paper)],
                )  # fmt: skip
    axes.set_ylim(bottom=0, top=1.12 * max(axes.get_ylim()[1], 1e-9))
    sparsities(axes)
    axes.set_ylabel("expected loss L")
    only_lines(axes, "left", "bottom")
    if any(curve.name for curve in shown):
        axes.legend(loc="best", fontsize=theme.points("legend.fontsize"), labelcolor=theme.ink)


# --------------------------------------------------------------------------------------------------
# The loss on the way of training.


@dataclass(frozen=True, slots=True)
class TrainingLosses:
    """Losses (records, restarts) after so many ``steps``, and which restart, from 0, is the best.

    ``line`` is what is known to be best, or where ``is_bound`` what it is no higher than.
    ``unit`` says what a step is.
    """

    name: str
    steps: Sequence[float]
    losses: Sequence[Sequence[float]]
    best: int
    line: float | None
    is_bound: bool = False
    unit: str = "steps"
    is_log: bool = False

    @property
    def values(self) -> list[float]:
        """Every number that is drawn."""
        seen = [loss for row in self.losses for loss in row]
        return seen if self.line is None else [*seen, self.line]


def draw_descent(
    axes: Axes, shown: TrainingLosses, theme: Theme, among: Sequence[TrainingLosses] = ()
) -> None:
    """Every restart, the best of them thick, and the best known as a line; both axes round.

    The scales are those of the panels ``among`` which this one is to be compared with, if any.
    """
    draw_restarts(axes, shown.steps, shown.losses, shown.best, theme)
    if shown.line is not None:
        axes.axhline(
            shown.line, color=theme.ink, linewidth=1.6, linestyle=":" if shown.is_bound else "--",
            zorder=4, gid="optimum",
        )  # fmt: skip
    only_lines(axes, "left", "bottom")
    _along_steps(axes, among or [shown])
    _scale(axes, [value for each in among or [shown] for value in each.values])


def draw_restarts(
    axes: Axes,
    steps: Sequence[float],
    losses: Sequence[Sequence[float]],
    best: int,
    theme: Theme,
) -> None:
    """Losses (records, restarts) after so many steps, the best restart thick and on the others."""
    others = [[loss for k, loss in enumerate(row) if k != best] for row in losses]
    if others[0]:
        axes.plot(steps, others, color=OTHERS, linewidth=0.9, alpha=0.75, zorder=2)
    thick = [row[best] for row in losses]
    axes.plot(steps, thick, color=theme.colour(1), linewidth=3, zorder=3, gid="best")


def _along_steps(axes: Axes, shown: Sequence[TrainingLosses]) -> None:
    """From the first record to the last, by powers of ten, or from 0, by a few round numbers."""
    first = min(float(each.steps[0]) for each in shown)
    last = max(float(each.steps[-1]) for each in shown)
    if shown[0].is_log and 0 < first < last:
        axes.set_xscale("log")
        axes.set_xlim(first / 1.1, last * 1.1)
        marks = [10.0**k for k in range(12) if first <= 10.0**k <= last]
    else:
        axes.set_xlim(0, 1.04 * last or 1)
        marks = even_ticks(0, last)
    axes.set_xticks(marks, [f"{tick:g}" for tick in marks])
    axes.xaxis.minorticks_off()


def _scale(axes: Axes, values: Sequence[float]) -> None:
    """The logarithm of the losses above 0, over ten powers of ten at most."""
    seen = [value for value in values if isfinite(value) and value > 0]
    if not seen:
        return
    high = max(seen)
    low = max(min(seen), high * 1e-10)
    room = (high / low) ** 0.06 * 1.001
    low, high = low / room, high * room
    places = ticks(low, high)
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.set_yticks(places, [tick_text(tick) for tick in places])
    axes.minorticks_off()
