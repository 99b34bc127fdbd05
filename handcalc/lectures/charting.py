"""Figures of matplotlib's on a page of a lecture, light or dark as the page is."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

import marimo as mo

from handcalc.export import Plotted
from handcalc.lectures.medium import medium
from handcalc.lectures.showing import attempt, view
from handcalc.views.plots.curves import Curves, curves_page
from handcalc.views.plots.style import DARK_PAGE, PAGE, Theme, rendered

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_POINTS_AN_INCH = 96

# both are in the page, and the page's own theme, which it names in a class, chooses one
_STYLE = """<style>
.handcalc-on-dark { display: none }
DARK .handcalc-on-dark { display: block }
DARK .handcalc-on-light { display: none }
</style>"""


def chart(shown: Curves) -> mo.Html:
    """Lines over one number; where matplotlib is missing, what to install."""
    return _shown(lambda dark: curves_page(shown, dark=dark))


def plotted(found: Plotted) -> mo.Html:
    """A result as it plots itself; where it cannot be drawn, why."""
    return _shown(lambda dark: found.plot(dark=dark).get_figure(root=True))


def _shown(draw: Callable[[bool], Figure]) -> mo.Html:
    """A figure that is drawn twice, for a light page and for a dark one."""

    def both() -> mo.Html:
        light, dark = (_image(draw(theme.dark), theme) for theme in (PAGE, DARK_PAGE))
        style = _STYLE.replace("DARK", medium().dark)
        return medium().joined([mo.Html(f"{style}{light}{dark}")])

    return view(attempt(both), lambda drawn: drawn)


def _image(figure: Figure, theme: Theme) -> str:
    """A figure as an image of its own size, with its sentence in place of it."""
    said = str(figure.get_label())
    encoded = b64encode(rendered(figure, "svg", said, theme)).decode()
    width = figure.get_figwidth() * _POINTS_AN_INCH
    kind = "dark" if theme.dark else "light"
    return (
        f'<img class="handcalc-on-{kind}" alt="{escape(said)}" '
        f'style="width: {width:g}px; max-width: 100%; margin: auto" '
        f'src="data:image/svg+xml;base64,{encoded}">'
    )
