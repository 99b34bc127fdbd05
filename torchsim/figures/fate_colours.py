"""The colours of a feature's fate: paper for length 0, from blue to vermilion by sharing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handcalc.superposition.phases.regimes import REPRESENTED, SHARED
from torchsim.figures.themes import RGB, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["fate_colour", "fate_key"]

# Okabe and Ito 2008, "Color Universal Design", as in the exact phase diagram of handcalc
_ALONE, _BETWEEN, _SHARING = (0.0, 0.447, 0.698), (0.69, 0.43, 0.68), (0.835, 0.369, 0.0)


def fate_colour(size: float, sharing: float, theme: Theme) -> RGB:
    """The paper at length 0, full colour from 1 on; from blue by purple to vermilion by sharing.

    >>> from torchsim.figures.themes import LIGHT
    >>> fate_colour(0.0, 1.0, LIGHT) == (1, 1, 1), fate_colour(1.2, 0.0, LIGHT)[0]
    (True, 0.0)
    """
    size, sharing = min(size, 1.0), min(sharing, 1.0)
    low, high = (_ALONE, _BETWEEN) if sharing < 0.5 else (_BETWEEN, _SHARING)
    part = 2 * sharing - (sharing >= 0.5)
    paper = theme.tinted(theme.paper, 1)
    red, green, blue = (
        p + size * (a + part * (b - a) - p) for p, a, b in zip(paper, low, high, strict=True)
    )
    return red, green, blue


def fate_key(axes: Axes, theme: Theme) -> None:
    """The colours by length and sharing, with the thresholds of the names."""
    steps = 40
    each = [(k + 0.5) / steps for k in range(steps)]
    corners = [k / steps for k in range(steps + 1)]
    colours = [[fate_colour(size, sharing, theme) for size in each] for sharing in each]
    axes.pcolormesh(corners, corners, colours, rasterized=True)
    axes.plot([REPRESENTED, REPRESENTED], [0, 1], color=theme.ink, linewidth=1)
    axes.plot([REPRESENTED, 1], [SHARED, SHARED], color=theme.ink, linewidth=1)
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_xticks((0, 0.5, 1), ("0", "½", "1"))
    axes.set_yticks((0, 0.25, 1), ("0", "¼", "1"))
    axes.set_xlabel("length ‖Wₙ‖")
    axes.set_ylabel("shared $\\sum_{j \\neq n} (\\hat{W}_n \\cdot W_j)^2$")
