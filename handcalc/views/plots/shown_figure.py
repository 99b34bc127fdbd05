"""A figure that shows itself in a notebook, whatever its settings; it stands on matplotlib."""

from __future__ import annotations

from io import BytesIO

from matplotlib.figure import Figure

from handcalc.views.plots.style import styled

_DPI = 100  # pixels an inch in a notebook; a file has its own


class ShownFigure(Figure):
    r"""A matplotlib figure that a notebook displays by itself.

    A plain one is displayed only after pyplot was imported, or %matplotlib was typed.

    >>> ShownFigure(figsize=(1, 1))._repr_png_()[:4]
    b'\x89PNG'
    """

    def _repr_png_(self) -> bytes:
        file = BytesIO()
        with styled():
            self.savefig(file, format="png", dpi=_DPI)
        return file.getvalue()
