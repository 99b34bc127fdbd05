"""What all figures have: a title above the panels, and short words for what they show."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING

from handcalc.views.plots.panels import wrapped
from handcalc.views.plots.style import Theme
from handcalc.wording import joined

if TYPE_CHECKING:
    from matplotlib.figure import Figure


LEFT = 0.035  # where titles and the first panel begin, in widths of the figure
_TITLE, _SUBTITLE = 92, 150  # letters in a line


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


# --------------------------------------------------------------------------------------------------
# Gaps, and stretches of one family, in short words.


def percent(gap: float) -> str:
    """Two decimals at most, and never minus nothing.

    >>> percent(0.1234), percent(-1e-7), percent(48.2)
    ('0.12 %', '0.00 %', '48 %')
    """
    return f"{gap:.0f} %" if abs(gap) >= 10 else f"{gap:z.2f} %"


def at_most(gap: float) -> str:
    """A bound in two decimals, rounded up.

    >>> at_most(0.0036), at_most(0.12), at_most(1e-10)
    ('0.01 %', '0.12 %', '0.00 %')
    """
    return percent(ceil(100 * max(gap, 0) - 1e-6) / 100)


def stretches(names: Sequence[str], places: Sequence[str]) -> str:
    """Which names come one after another, and from where to where; no more than four are placed.

    >>> stretches(["triangle"] * 2 + ["antipodal"], ["S = 0", "S = 0.4", "S = 0.5"])
    'triangle (S = 0 to 0.4), then antipodal (S = 0.5)'
    >>> stretches(["orthogonal", "mixed", "antipodal", "mixed", "pentagon"], list("abcde"))
    'orthogonal (a) to pentagon (e), by way of mixed and antipodal'
    """
    runs = [
        (name, [place for _, place in run])
        for name, run in groupby(zip(names, places, strict=True), key=lambda pair: pair[0])
    ]
    said = [f"{name} ({_from_to(where)})" for name, where in runs]
    if len(said) <= 4:
        return ", then ".join(said)
    ends = {runs[0][0], runs[-1][0]}
    between = [name for name in dict.fromkeys(name for name, _ in runs) if name not in ends]
    way = f", by way of {joined(between)}" if between else ", to and fro"
    return f"{said[0]} to {said[-1]}{way}"


def _from_to(places: Sequence[str]) -> str:
    """From the first place to the last; where both tell one value its name is said once."""
    first, last = places[0], places[-1]
    if first == last:
        return first
    head, sign, value = last.partition(" = ")
    once = sign and "," not in last and first.startswith(f"{head} = ")
    return f"{first} to {value if once else last}"
