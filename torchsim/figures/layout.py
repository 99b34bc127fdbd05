"""Panels in rows that fill a slide, below a title that says what to see."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from textwrap import wrap
from typing import TYPE_CHECKING

from handcalc.views.plots.style import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


LEFT = 0.035  # where titles and the first panel begin, in widths of the figure
_TITLE, _SUBTITLE, _NAME = 92, 150, 122  # letters in a line, of names of all panels together


@dataclass(frozen=True, slots=True)
class Rows:
    """So many ``panels`` in ``rows`` of up to ``columns``."""

    panels: int
    rows: int
    columns: int

    @classmethod
    def of(cls, panels: int, longest: int = 7) -> Rows:
        """Rows as even as can be: one up to four panels, then two, then as many as needed.

        >>> Rows.of(3), Rows.of(11).columns, Rows.of(14)
        (Rows(panels=3, rows=1, columns=3), 6, Rows(panels=14, rows=2, columns=7))
        """
        rows = max(1 if panels <= 4 else 2, ceil(panels / longest))
        return cls(panels, rows, ceil(panels / rows))

    def named(self, name: str) -> str:
        """The name of a panel in as many lines as fit above or below it."""
        return "\n".join(wrapped(name, int(_NAME / self.columns)))

    def place(self, k: int) -> tuple[int, int]:
        """Row and column of panel k, from 0."""
        return divmod(k, self.columns)


def blank() -> Figure:
    """A figure of 1600 × 900 pixels; to be called within ``styled``."""
    from handcalc.views.plots.shown_figure import ShownFigure

    return ShownFigure()


def headed(figure: Figure, title: str, subtitle: str, theme: Theme) -> None:
    """The title as a sentence, in up to two lines, and below it how to read the figure."""
    lines = wrapped(title, _TITLE)
    figure.suptitle(
        "\n".join(lines), x=LEFT, y=0.972, ha="left", va="top", fontsize=20, fontweight="bold",
        linespacing=1.15,
    )  # fmt: skip
    below = 0.972 - 0.036 * len(lines) - 0.012
    said = "\n".join(wrapped(subtitle, _SUBTITLE))
    figure.text(LEFT, below, said, va="top", fontsize=13, color=theme.soft, linespacing=1.3)


def only_lines(axes: Axes, *sides: str) -> None:
    """Leave only some of the lines around a panel."""
    for side, spine in axes.spines.items():
        spine.set_visible(side in sides)


def wrapped(text: str, letters: int) -> list[str]:
    """Lines of about one length, with no break beside = and before a unit."""
    for loose, tied in ((" = ", "\u00a0=\u00a0"), (" %", "\u00a0%"), (" × ", "\u00a0×\u00a0")):
        text = text.replace(loose, tied)
    choices = [
        wrap(text, k, break_long_words=False, break_on_hyphens=False)
        for k in range(len(text) // 8 + 1, letters + 1)
    ] or [[text]]
    return next(lines for lines in choices if len(lines) == len(choices[-1]))
