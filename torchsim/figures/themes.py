"""How figures look, light and dark: 1600 × 900 pixels, letters for a slide, the house's colours."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from handcalc.views.palette import svg_colour
from handcalc.views.plots import style

if TYPE_CHECKING:
    from matplotlib.colors import Colormap

__all__ = ["DARK", "LIGHT", "RGB", "Theme", "styled"]

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
