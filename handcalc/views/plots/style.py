"""Figures as PNG and SVG files: how they look, and how files are made of them (extra ``plot``).

The same figure gives the same file: no date, no random names. matplotlib is imported when a figure
is drawn, without pyplot, so no window and no global state is touched.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from xml.sax.saxutils import escape

from handcalc.errors import InputError, require
from handcalc.views.palette import svg_colour

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure


Kind = Literal["png", "svg"]

RGB: TypeAlias = "tuple[float, float, float]"
"""Red, green and blue, each from 0 to 1."""

_BACKEND = "MPLBACKEND"
_DASHES = ("solid", (0, (6, 1.5)), (0, (3, 1.2)), (0, (1.2, 1.2)), (0, (6, 1.5, 1.2, 1.5)))
_PAGE_SIZES = {
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "font.size": 9,
    "legend.fontsize": 8,
    "savefig.dpi": 200,
    "xtick.labelcolor": "inherit",
    "xtick.labelsize": 8,
    "ytick.labelcolor": "inherit",
    "ytick.labelsize": 8,
}
_SLIDE_SIZES = {
    "axes.labelsize": 12,
    "axes.linewidth": 0.9,
    "axes.titlesize": 13,
    "figure.dpi": 100,
    "figure.figsize": (16, 9),
    "font.size": 12,
    "legend.fontsize": 12,
    "savefig.dpi": "figure",
    "xtick.labelsize": 11,
    "ytick.labelsize": 11,
}


@dataclass(frozen=True, slots=True)
class Theme:
    """``paper`` is behind everything, ``ink`` for text and the exact, ``faint`` for the rest.

    ``sizes`` are matplotlib's settings for what does not depend on colours. The others are colours
    as #RRGGBB, and where they are left out those of every figure: ``features`` one for each in
    turn, ``signs`` for what is below 0 and above it, ``fates`` for a dimension of a feature's own
    and for superposition.

    >>> from dataclasses import replace
    >>> replace(DARK, features=("#FFFFFF", "#FF0000")).colour(3)
    '#FFFFFF'
    """

    dark: bool
    paper: str
    ink: str
    soft: str
    faint: str
    sizes: Mapping[str, object]
    features: tuple[str, ...] = ()
    signs: tuple[str, ...] = ()
    fates: tuple[str, ...] = ()

    def colour(self, feature: int) -> str:
        """The colour of a feature (from 1): its own, else as everywhere, but the black one in ink.

        >>> DARK.colour(1), DARK.colour(7) == DARK.ink
        ('#0072B2', True)
        """
        if self.features:
            return self.features[(feature - 1) % len(self.features)]
        colour = svg_colour(feature)
        return self.ink if colour == "#000000" else colour

    def line(self, k: int) -> dict[str, Any]:
        """How line k of several, from 0, differs from the others: in its colour and its dashes.

        >>> PAGE.line(1)
        {'color': '#009E73', 'linestyle': (0, (6, 1.5))}
        """
        return {"color": self.colour(k + 1), "linestyle": _DASHES[k % len(_DASHES)]}

    def tinted(self, colour: str, strength: float) -> RGB:
        """A colour of the ``strength`` 1, or mixed with the paper: all paper at 0.

        >>> LIGHT.tinted("#000000", 0.25)
        (0.75, 0.75, 0.75)
        """
        return mixed(_parts(self.paper), _parts(colour), strength)

    def points(self, setting: str) -> float:
        """The size of letters that a setting of matplotlib's has, such as axes.labelsize.

        >>> PAGE.points("font.size"), DARK.points("font.size")
        (9.0, 12.0)
        """
        return float(str(self.sizes[setting]))

    def letters(self, part: Literal["title", "label"]) -> dict[str, Any]:
        """How the title or a label of axes is written that somebody else has made.

        >>> PAGE.letters("label")
        {'color': '#222222', 'fontsize': 9}
        """
        weight = {"fontweight": "bold"} if part == "title" else {}
        return {"color": self.ink, "fontsize": self.sizes[f"axes.{part}size"], **weight}

    @property
    def signed(self) -> Colormap:
        """From blue for −1 through the paper for 0 to vermilion for 1."""
        from matplotlib.colors import LinearSegmentedColormap

        below, above = self.ends
        return LinearSegmentedColormap.from_list("signed", [below, self.paper, above])

    @property
    def ends(self) -> tuple[str, str]:
        """The colours of −1 and of 1."""
        if self.signs:
            return self.signs[0], self.signs[1]
        return ("#56B4E9", "#F07830") if self.dark else ("#0072B2", "#D55E00")

    @property
    def below_and_above(self) -> Colormap:
        """From vermilion below 0 through the paper to blue above it, all of them behind ink.

        The colours of circuits: up to six tenths of each, so that numbers stay legible on it.
        """
        return self._behind_ink("#F07830" if self.dark else "#D55E00", self.paper, self._above)

    @property
    def above(self) -> Colormap:
        """The upper half of that, from the paper for 0."""
        return self._behind_ink(self.paper, self._above)

    @property
    def _above(self) -> str:
        return "#56B4E9" if self.dark else "#0072B2"

    def _behind_ink(self, *colours: str) -> Colormap:
        from matplotlib.colors import LinearSegmentedColormap

        ends = [self.tinted(colour, 0.6) for colour in colours]
        return LinearSegmentedColormap.from_list("behind ink", ends)

    @property
    def amount(self) -> Colormap:
        """For amounts from 0 up: cividis, without the end that the paper swallows."""
        from matplotlib import colormaps
        from matplotlib.colors import ListedColormap

        low, high = (0.25, 1.0) if self.dark else (0.0, 0.88)
        return ListedColormap(
            [colormaps["cividis"](low + k * (high - low) / 255) for k in range(256)]
        )

    @property
    def saved(self) -> Colormap:
        """From the paper for nothing saved to the ink's side."""
        from matplotlib import colormaps

        return colormaps["Greys_r" if self.dark else "Greys"]

    @property
    def look(self) -> dict[Any, Any]:
        """All of matplotlib's settings that are not its own defaults."""
        return {
            "axes.edgecolor": self.soft,
            "axes.facecolor": self.paper,
            "axes.labelcolor": self.ink,
            "figure.facecolor": self.paper,
            "font.family": "DejaVu Sans",  # matplotlib brings it: the same letters everywhere
            "legend.frameon": False,
            "savefig.facecolor": "auto",
            "svg.fonttype": "path",
            "svg.hashsalt": "handcalc",
            "text.color": self.ink,
            "xtick.color": self.soft,
            "xtick.labelcolor": self.ink,
            "ytick.color": self.soft,
            "ytick.labelcolor": self.ink,
            **self.sizes,
        }


PAGE = Theme(False, "#FFFFFF", "#222222", "#444444", "#666666", _PAGE_SIZES)
"""For figures among text."""
DARK_PAGE = Theme(True, "#15181D", "#F2F2F2", "#B4B8BE", "#565C66", _PAGE_SIZES)
"""The same on a dark page."""
LIGHT = Theme(False, "#FFFFFF", "#1A1A1A", "#555555", "#BDBDBD", _SLIDE_SIZES)
DARK = Theme(True, "#15181D", "#F2F2F2", "#B4B8BE", "#565C66", _SLIDE_SIZES)
"""Both for slides: 1600 × 900 pixels."""


def page_theme(ax: Axes | None, dark: bool | None) -> Theme:
    """A page, dark where that is asked for or where the figure of these axes is dark already.

    >>> page_theme(None, None) is PAGE, page_theme(None, True) is DARK_PAGE
    (True, True)
    """
    if dark is None and ax is not None:
        dark = is_dark(ax)
    return DARK_PAGE if dark else PAGE


def is_dark(ax: Axes) -> bool:
    """Whether the figure of these axes is dark already."""
    figure = ax.get_figure(root=True)
    if figure is None:
        return False
    from matplotlib.colors import to_rgba

    red, green, blue, alpha = to_rgba(figure.get_facecolor())
    return alpha > 0 and 0.299 * red + 0.587 * green + 0.114 * blue < 0.5


def mixed(first: RGB, second: RGB, part: float) -> RGB:
    """From the first colour at 0 to the second at 1."""
    red, green, blue = (a + part * (b - a) for a, b in zip(first, second, strict=True))
    return red, green, blue


def _parts(colour: str) -> RGB:
    red, green, blue = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return red, green, blue


@contextmanager
def styled(theme: Theme = PAGE) -> Iterator[None]:
    """A look for figures, whatever the user's own settings; to draw and to render in.

    Errors: ``missing_extra``, ``matplotlib`` where that does not start.

    >>> with styled(DARK):
    ...     import matplotlib
    ...     matplotlib.rcParams["figure.facecolor"]
    '#15181D'
    """
    require("plot", "matplotlib")
    mpl = _matplotlib()
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(theme.look)
        yield


def _matplotlib() -> ModuleType:
    """Import matplotlib, whatever backend the environment asks for: files need none.

    A notebook hands MPLBACKEND on to what is started from it, and where the module that it names is
    not installed, ``import matplotlib`` fails. The backend is set afterwards instead, if it can be,
    for the pyplot of the same process. Errors: ``matplotlib``.
    """
    backend = os.environ.pop(_BACKEND, None)
    try:
        import matplotlib as mpl

        if backend:
            with suppress(ValueError):
                mpl.rcParams["backend"] = backend
    except Exception as error:  # such as a matplotlibrc that is no text
        message = (
            f"matplotlib does not start here: {type(error).__name__}: {error}. Is there a "
            "matplotlibrc to be mended, in this folder or in your own settings?"
        )
        raise InputError("matplotlib", message) from error
    finally:
        if backend is not None:
            os.environ[_BACKEND] = backend
    return mpl


def rendered(figure: Figure, kind: Kind, sentence: str, theme: Theme = PAGE) -> bytes:
    r"""The file of a figure, with its title and what it shows in words inside.

    No date and no random name is in it; text is written as outlines, so that it looks the same
    without the font.

    >>> with styled():
    ...     from matplotlib.figure import Figure
    ...     empty = Figure(figsize=(1, 1))
    >>> rendered(empty, "png", "Nothing.")[:4], rendered(empty, "svg", "Nothing.")[:5]
    (b'\x89PNG', b'<?xml')
    """
    nameless = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
    title = figure.get_suptitle().replace("\n", " ")
    words = {"Title": title} if title else {}
    file = BytesIO()
    with styled(theme):
        figure.savefig(file, format=kind, metadata={**words, "Description": sentence, **nameless})
    return file.getvalue() if kind == "png" else spoken(file.getvalue(), title, sentence)


_BEGINS = re.compile(rb"<svg\b[^>]*>")


def spoken(svg: bytes, title: str, words: str) -> bytes:
    """An SVG with its title and its words where those are found who cannot see it.

    >>> spoken(b"<svg><g/></svg>", "", "1 < 2")
    b'<svg role="img"><desc>1 &lt; 2</desc><g/></svg>'
    """
    named = f"<title>{escape(title)}</title>" if title else ""
    said = f"{named}<desc>{escape(words)}</desc>".encode()
    begins = _BEGINS.search(svg)
    if begins is None:
        return svg
    opening = begins[0].removesuffix(b">") + b' role="img">'
    return svg[: begins.start()] + opening + said + svg[begins.end() :]
