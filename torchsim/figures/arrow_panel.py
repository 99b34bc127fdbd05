"""One embedding as arrows: trained features solid, the exact ones as thin lines with rings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from torchsim.figures.arrow_labels import Label, arrow_labels, beside
from torchsim.figures.layout import only_lines
from torchsim.figures.shown import Floats
from torchsim.figures.themes import RGB, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Scale", "are_far", "arrow_panel", "name_axes"]

_FAR = 2.5  # letters, beyond which an exact feature has a number of its own


@dataclass(frozen=True, slots=True)
class Scale:
    """Half the width of every panel, and the letters of a label in the same unit."""

    reach: float
    letter: float


def arrow_panel(
    axes: Axes,
    embeddings: tuple[Floats, Floats | None],
    colours: Sequence[RGB],
    scale: Scale,
    theme: Theme,
) -> None:
    """The trained embedding and, if there is one, the exact; both (n, m) with m = 1 or 2.

    In one dimension each feature has a line of its own.
    """
    W, best = embeddings
    trained, feet = _tips(W, scale), _tips(np.zeros_like(W), scale)
    axes.set(xlim=(-scale.reach, scale.reach), ylim=(-scale.reach, scale.reach), aspect="equal")
    axes.set(xticks=[], yticks=[])
    only_lines(axes)
    if W.shape[1] == 1:
        _lines(axes, feet, scale, theme)
    else:
        _circle(axes, theme)
    _arrows(axes, trained, feet, colours, theme)
    numbers = arrow_labels(trained, feet, scale.letter)
    for label in numbers:
        _write(axes, label, theme.ink, theme)
    if best is not None:
        exact = _tips(best, scale)
        _rings(axes, exact, feet, theme)
        far = are_far(W, best, scale)
        others = arrow_labels(exact, feet, scale.letter, far.tolist())
        for label in beside(others, numbers, scale.letter):
            _write(axes, label, theme.soft, theme)


def are_far(W: Floats, best: Floats, scale: Scale) -> NDArray[np.bool_]:
    """Which exact features (n,) are so far from the trained ones that they have numbers."""
    far: NDArray[np.bool_] = np.linalg.norm(best - W, axis=1) > _FAR * scale.letter
    return far


def name_axes(axes: Axes, m: int, theme: Theme) -> None:
    """h₁ at the right end of a panel and h₂ above it; −1, 0 and 1 above a single dimension."""
    if m == 2:
        axes.annotate("h₁", (1, 0.5), (3, 0), va="center", **_near("axes fraction", theme))
        axes.annotate("h₂", (0.5, 1), (0, 2), ha="center", **_near("axes fraction", theme))
        return
    for x, text in ((-1, "−1"), (0, "h = 0"), (1, "1")):
        place = _near(("data", "axes fraction"), theme)
        axes.annotate(text, (x, 1), (0, 2), ha="center", **place)


def _near(places: object, theme: Theme) -> dict[str, Any]:
    return {"xycoords": places, "textcoords": "offset points", "color": theme.soft}


def _tips(W: Floats, scale: Scale) -> Floats:
    """The ends (n, 2) of arrows; in one dimension each feature has a height of its own."""
    if W.shape[1] == 2:
        return W
    heights = np.linspace(0.6, -0.6, len(W)) * scale.reach if len(W) > 1 else np.zeros(1)
    return np.stack([W[:, 0], heights], axis=1)


def _circle(axes: Axes, theme: Theme) -> None:
    """Both axes, and the unit circle."""
    from matplotlib.patches import Circle

    axes.add_patch(Circle((0, 0), 1, fill=False, edgecolor=theme.faint, linewidth=1))
    axes.axhline(0, color=theme.faint, linewidth=0.7, zorder=0)
    axes.axvline(0, color=theme.faint, linewidth=0.7, zorder=0)


def _lines(axes: Axes, feet: Floats, scale: Scale, theme: Theme) -> None:
    """A line for each feature, marked at −1, 0 and 1, where the ends of the unit circle are."""
    axes.hlines(feet[:, 1], -scale.reach, scale.reach, color=theme.faint, linewidth=0.7, zorder=0)
    axes.vlines([0], -scale.reach, scale.reach, color=theme.faint, linewidth=0.7, zorder=0)
    for x in (-1, 1):
        axes.scatter(
            np.full(len(feet), x), feet[:, 1], s=120, facecolors="none", edgecolors=theme.faint
        )


def _arrows(axes: Axes, tips: Floats, feet: Floats, colours: Sequence[RGB], theme: Theme) -> None:
    (x, y), (u, v) = feet.T, (tips - feet).T
    axes.quiver(
        x, y, u, v, color=list(colours), angles="xy", scale_units="xy", scale=1, units="inches",
        width=0.07, headwidth=3.2, headlength=3.6, headaxislength=3.4, minlength=0.6,
        edgecolor=theme.ink, linewidth=0.4, zorder=3,
    ).set_gid("trained")  # fmt: skip


def _rings(axes: Axes, tips: Floats, feet: Floats, theme: Theme) -> None:
    """The exact best: thin lines in ink, a ring at each end."""
    from matplotlib.collections import LineCollection

    lines = list(np.stack([feet, tips], axis=1))
    axes.add_collection(LineCollection(lines, colors=theme.ink, linewidths=0.9, zorder=4))
    x, y = tips.T
    axes.scatter(
        x, y, s=95, facecolors="none", edgecolors=theme.ink, linewidths=1.4, zorder=5
    ).set_gid("exact")


def _write(axes: Axes, label: Label, colour: str, theme: Theme) -> None:
    from matplotlib.patheffects import withStroke

    axes.text(
        label.x, label.y, label.text, ha="center", va="center", fontsize=12, fontweight="bold",
        color=colour, zorder=6, path_effects=[withStroke(linewidth=2.5, foreground=theme.paper)],
    )  # fmt: skip
