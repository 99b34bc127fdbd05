"""Lines over one number as a figure: the losses of embeddings along S, borders of phases, training.

What the lines are is said by who asks for them, in names and in a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from handcalc.views.plots.style import DARK_PAGE, PAGE, Theme, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Spot: TypeAlias = "tuple[float, float]"

_WIDE, _HIGH = 7.2, 3.4  # inches


@dataclass(frozen=True, slots=True)
class Curves:
    """What is drawn: ``lines`` by name, each of points (x, y); ``x`` and ``y`` name the axes.

    ``marks`` are dotted lines upright, ``spots`` dots, ``regions`` words in their places, each by
    what is written there. ``logarithmic`` holds for the axes that it names. ``sentence`` says what
    is seen, for those who cannot see it.
    """

    lines: Mapping[str, Sequence[Spot]]
    x: str
    y: str
    sentence: str
    marks: Mapping[str, float] = field(default_factory=dict)
    spots: Mapping[str, Spot] = field(default_factory=dict)
    regions: Mapping[str, Spot] = field(default_factory=dict)
    logarithmic: str = ""


def curves_page(shown: Curves, *, dark: bool = False) -> Figure:
    """The figure, light or dark; its label is the sentence. Errors: ``missing_extra``.

    >>> line = Curves({"loss": [(0, 1), (1, 0)]}, "S", "L", "The loss falls.", marks={"half": 0.5})
    >>> curves_page(line).get_label(), [text.get_text() for text in curves_page(line).axes[0].texts]
    ('The loss falls.', ['half'])
    """
    theme = DARK_PAGE if dark else PAGE
    with styled(theme):
        from matplotlib.ticker import MaxNLocator, NullFormatter

        from handcalc.views.plots.shown_figure import ShownFigure

        figure = ShownFigure(figsize=(_WIDE, _HIGH), layout="constrained", label=shown.sentence)
        panel = figure.add_subplot()
        for name in shown.logarithmic:
            getattr(panel, f"set_{name}scale")("log")
            axis = panel.xaxis if name == "x" else panel.yaxis
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(NullFormatter())
        for k, (name, points) in enumerate(shown.lines.items()):
            panel.plot(*zip(*points, strict=True), **theme.line(k), linewidth=2, label=name)
        if "y" not in shown.logarithmic and all(
            y == int(y) for points in shown.lines.values() for _, y in points
        ):
            panel.yaxis.set_major_locator(MaxNLocator(integer=True))
        panel.set_xlabel(shown.x)
        panel.set_ylabel(shown.y)
        panel.margins(x=0)
        _words(panel, shown, theme)
        if shown.lines:
            panel.legend(loc="upper left", bbox_to_anchor=(1.0, 1.03))
    return figure


def _words(panel: Axes, shown: Curves, theme: Theme) -> None:
    """What stands beside the lines: marks, dots and the names of regions."""
    for name, x in shown.marks.items():
        panel.axvline(x, color=theme.soft, linewidth=0.9, linestyle=":")
        panel.annotate(
            name, (x, 1.0), xycoords=("data", "axes fraction"), xytext=(0, 3),
            textcoords="offset points", fontsize=8, ha="center",
        )  # fmt: skip
    for name, spot in shown.spots.items():
        panel.plot(*spot, "o", color=theme.ink, markersize=6, clip_on=False, zorder=3)
        panel.annotate(name, spot, xytext=(7, 5), textcoords="offset points", fontweight="bold")
    for name, spot in shown.regions.items():
        panel.plot(*spot, alpha=0)  # so that there is room for it
        panel.annotate(name, spot, ha="center", va="center", color=theme.soft)
