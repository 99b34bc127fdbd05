"""Figures and axes that show themselves in a notebook, whatever its settings; with matplotlib."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from handcalc.views.plots.style import styled

_DPI = 100  # pixels an inch in a notebook; a file has its own


class ShownFigure(Figure):
    r"""A matplotlib figure that a notebook displays by itself.

    A plain one is displayed only after pyplot was imported, or %matplotlib was typed. Its label is
    the text in place of the picture, for those who cannot see it.

    >>> picture, told = ShownFigure(figsize=(1, 1), label="Nothing.")._repr_png_()
    >>> picture[:4], told
    (b'\x89PNG', {'alt': 'Nothing.'})
    """

    def savefig(self, fname: Any, **how: Any) -> None:
        """Write a file, as matplotlib does; a PNG or an SVG has the label inside."""
        kind = how.get("format") or Path(str(fname)).suffix[1:].lower()
        if self.get_label() and kind in ("png", "svg"):
            how["metadata"] = {"Description": str(self.get_label()), **how.get("metadata", {})}
        super().savefig(fname, **how)

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        file = BytesIO()
        with styled():
            self.savefig(file, format="png", dpi=_DPI)
        return file.getvalue(), {"alt": str(self.get_label())}


class ShownAxes(Axes):
    """The axes of such a figure, which are displayed as the figure is.

    >>> own_axes(1, 1)._repr_png_()[1]
    {'alt': ''}
    """

    def _repr_png_(self) -> tuple[bytes, dict[str, str]] | None:
        figure = self.get_figure(root=True)
        return figure._repr_png_() if isinstance(figure, ShownFigure) else None


class ShownPanels(tuple[Axes, ...]):
    """Several axes, which are displayed as their figure is.

    >>> ShownPanels([own_axes(1, 1)])._repr_png_()[1]
    {'alt': ''}
    """

    __slots__ = ()

    def _repr_png_(self) -> tuple[bytes, dict[str, str]] | None:
        return self[0]._repr_png_() if isinstance(self[0], ShownAxes) else None


def own_axes(width: float, height: float) -> ShownAxes:
    """Axes in a figure of their own, so many inches large."""
    figure = ShownFigure(figsize=(width, height), layout="constrained")
    return cast("ShownAxes", figure.add_subplot(axes_class=ShownAxes))
