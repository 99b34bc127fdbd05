"""How figures look, light and dark: 1600 × 900 pixels, letters for a slide, the house's colours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from handcalc.superposition.phases.regimes import REPRESENTED, SHARED
from handcalc.views.palette import svg_colour
from handcalc.views.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

RGB: TypeAlias = "tuple[float, float, float]"
"""Red, green and blue, each from 0 to 1."""

_FONT = "DejaVu Sans"  # matplotlib brings it, so figures look the same everywhere


@dataclass(frozen=True, slots=True)
class Theme:
    """``paper`` is behind everything, ``ink`` for text and the exact, ``faint`` for the rest."""

    dark: bool
    paper: str
    ink: str
    soft: str
    faint: str

    def colour(self, feature: int) -> str:
        """The colour of a feature (from 1): as everywhere, but the black one in ink.

        >>> DARK.colour(1), DARK.colour(7) == DARK.ink
        ('#0072B2', True)
        """
        colour = svg_colour(feature)
        return self.ink if colour == "#000000" else colour

    def tinted(self, colour: str, strength: float) -> RGB:
        """A colour of the ``strength`` 1, or mixed with the paper: all paper at 0.

        >>> LIGHT.tinted("#000000", 0.25)
        (0.75, 0.75, 0.75)
        """
        behind, before = _parts(self.paper), _parts(colour)
        red, green, blue = (p + strength * (c - p) for p, c in zip(behind, before, strict=True))
        return red, green, blue

    @property
    def signed(self) -> Colormap:
        """From blue for −1 through the paper for 0 to vermilion for 1."""
        from matplotlib.colors import LinearSegmentedColormap

        ends = ("#56B4E9", "#F07830") if self.dark else ("#0072B2", "#D55E00")
        return LinearSegmentedColormap.from_list("signed", [ends[0], self.paper, ends[1]])

    @property
    def amount(self) -> Colormap:
        """For amounts from 0 up: cividis, without the end that the paper swallows."""
        from matplotlib import colormaps
        from matplotlib.colors import ListedColormap

        low, high = (0.25, 1.0) if self.dark else (0.0, 0.88)
        return ListedColormap(
            [colormaps["cividis"](low + k * (high - low) / 255) for k in range(256)]
        )


LIGHT = Theme(dark=False, paper="#FFFFFF", ink="#1A1A1A", soft="#555555", faint="#BDBDBD")
DARK = Theme(dark=True, paper="#15181D", ink="#F2F2F2", soft="#B4B8BE", faint="#565C66")


@contextmanager
def styled(theme: Theme) -> Iterator[None]:
    """The look of all figures, whatever the user's own settings; to draw and to render in.

    Errors: those of ``plots.styled``.

    >>> with styled(DARK):
    ...     import matplotlib
    ...     matplotlib.rcParams["figure.facecolor"]
    '#15181D'
    """
    with style.styled(_look(theme)):
        yield


def _look(theme: Theme) -> dict[Any, Any]:
    return {
        "axes.edgecolor": theme.soft,
        "axes.facecolor": theme.paper,
        "axes.labelcolor": theme.ink,
        "axes.labelsize": 12,
        "axes.linewidth": 0.9,
        "axes.titlesize": 13,
        "figure.dpi": 100,
        "figure.facecolor": theme.paper,
        "figure.figsize": (16, 9),
        "font.family": _FONT,
        "font.size": 12,
        "legend.fontsize": 12,
        "legend.frameon": False,
        "savefig.dpi": "figure",
        "savefig.facecolor": "auto",
        "svg.fonttype": "path",
        "svg.hashsalt": "torchsim",
        "text.color": theme.ink,
        "xtick.color": theme.soft,
        "xtick.labelcolor": theme.ink,
        "xtick.labelsize": 11,
        "ytick.color": theme.soft,
        "ytick.labelcolor": theme.ink,
        "ytick.labelsize": 11,
    }


def _parts(colour: str) -> RGB:
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue


# --------------------------------------------------------------------------------------------------
# The colours of a feature's fate: paper for length 0, from blue to vermilion by sharing.


# Okabe and Ito 2008, "Color Universal Design", as in the exact phase diagram of handcalc
_ALONE, _BETWEEN, _SHARING = (0.0, 0.447, 0.698), (0.69, 0.43, 0.68), (0.835, 0.369, 0.0)


def fate_colour(size: float, sharing: float, theme: Theme) -> RGB:
    """The paper at length 0, full colour from 1 on; from blue by purple to vermilion by sharing.

    >>> from torchsim.figures.style import LIGHT
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
