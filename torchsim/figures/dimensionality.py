"""How many dimensions a feature takes: D of every held feature, beside the levels of named shapes.

Source: Elhage et al. 2022, "The Geometry of Superposition".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.superposition.model.levels import LEVELS, nearest_level
from handcalc.views.plots.style import Theme
from handcalc.wording import counted
from torchsim.comparison.held_parts import shapes_sentence
from torchsim.figures.layout import blank, headed
from torchsim.views.shown import Shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


MOST = 30
_NEAR = 0.02  # of a level, within which a feature stands on it
_WIDTH = 0.32  # over which the dots of a model are spread, in distances of two models


def drawn(shown: Shown, theme: Theme) -> Figure:
    """A column of dots for each model, and m/‖W‖²_F as a line across all of them."""
    which = shown.chosen(MOST)
    figure = blank()
    headed(figure, *_said(shown), theme)
    axes = figure.add_axes((0.075, 0.12, 0.765, 0.66))
    _levels(axes, len(which), theme)
    shares = []
    for place, i in enumerate(which):
        trained = shown.trained(i)
        each = sorted(_held(shown, i))
        step = _WIDTH / max(1, len(each) - 1)
        across = [place - _WIDTH / 2 + k * step for k in range(len(each))]
        axes.plot(across, each, ".", color=theme.colour(1), markersize=7, zorder=3)
        shares.append(trained.dimensions_a_feature)
    axes.plot(
        range(len(which)), shares, "-o", color=theme.ink, linewidth=1.5, markersize=6,
        markerfacecolor="none", zorder=2, label="m/‖W‖²  (all features together)",
    )  # fmt: skip
    axes.plot(
        [], [], ".", color=theme.colour(1), markersize=10, label="D of a feature that is held"
    )
    axes.set_xticks(range(len(which)), [shown.names[i] for i in which])
    axes.tick_params(axis="x", labelrotation=30 if len(which) > 6 else 0)
    axes.set_xlim(-0.6, len(which) - 0.4)
    axes.set_ylim(0, max(1.05, *(1.05 * share for share in shares)))
    axes.set_ylabel("dimensions of a feature")
    axes.legend(loc="lower left", fontsize=12)
    return figure


def described(shown: Shown) -> str:
    """What the figure shows, for those who do not see it."""
    title, _ = _said(shown)
    told = []
    for i in shown.chosen(MOST):
        share = shown.trained(i).dimensions_a_feature
        shapes = shapes_sentence(shown.trained(i))
        told.append(
            f"{shown.names[i]}: {shapes}; {_on_levels(_held(shown, i))}, m/‖W‖² = {share:.3g}"
        )
    return f"{title} {'. '.join(told)}."


def _held(shown: Shown, i: int) -> list[float]:
    """D of the features that model i holds."""
    trained = shown.trained(i)
    found = trained.dimensionality.tolist()
    return [float(found[k - 1]) for k in trained.held]


def _on_levels(held: list[float]) -> str:
    """How many features are held, and how many of them stand on which level."""
    if not held:
        return "no feature held"
    levels: dict[str, int] = {}
    for each in held:
        level = nearest_level(each)
        if abs(each - float(level.value)) <= _NEAR:
            name = f"D = {level.value}"
            levels[name] = levels.get(name, 0) + 1
    told = [f"{count} near {name}" for name, count in levels.items()]
    return ", ".join([f"{counted(len(held), 'feature')} held", *told])


def _levels(axes: Axes, count: int, theme: Theme) -> None:
    for level in LEVELS:
        value = float(level.value)
        axes.axhline(value, color=theme.faint, linewidth=1, zorder=1)
        axes.annotate(
            f"{level.value}  {level.shapes[0]}", (count - 0.35, value), va="center", fontsize=11,
            color=theme.soft, annotation_clip=False,
        )  # fmt: skip


def _said(shown: Shown) -> tuple[str, str]:
    """How many features stand near a level, and how to read the dots."""
    which = shown.chosen(MOST)
    held = [each for i in which for each in _held(shown, i)]
    near = sum(abs(each - float(nearest_level(each).value)) <= _NEAR for each in held)
    claim = (
        f"{near} of {counted(len(held), 'held feature')} have the dimensionality of a named shape"
    )
    if not held:
        claim = "No feature is held"
    how = (
        "Dots: D = ‖Wᵢ‖²/Σⱼ(Ŵᵢ·Wⱼ)² of each feature of length ½ or more. Lines: exact levels, r "
        f"dimensions for k features; within {_NEAR} of one a feature counts."
        f"{shown.left_out(which)}"
    )
    return f"{claim}.", how
