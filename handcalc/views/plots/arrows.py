"""One embedding as arrows in the unit circle; the exact best on top as thin lines with rings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import dist, hypot
from typing import TYPE_CHECKING, Any

from handcalc.superposition.phases.regimes import Rows
from handcalc.views.plots.arrow_labels import Label, Spot, arrow_labels, beside
from handcalc.views.plots.panels import only_lines
from handcalc.views.plots.style import RGB, Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_FAR = 2.5  # letters, beyond which an exact feature has a number of its own
_FULL = 12.0  # points of letters beside which shafts, heads and rings have their full size
_MOST_ROOM = 0.45  # of half a panel, for labels beyond the longest arrow
_VIEWS = (("front: 1 right, 3 up", (0, 2)), ("from above: 1 right, 2 up", (0, 1)))
_TOWARDS = ((1, -1.0), (2, 1.0))  # which dimension of a view comes out of the page


@dataclass(frozen=True, slots=True)
class Scale:
    """Half the width of every panel, and the letters of a label in the same unit."""

    reach: float
    letter: float

    @classmethod
    def of(cls, longest: float, side: float, theme: Theme, name: int = 1) -> Scale:
        """A little more than the longest arrow, and than length 1.

        The panel is ``side`` inches wide or high, whichever is less; ``name`` letters is the
        longest label.

        >>> from handcalc.views.plots.style import LIGHT
        >>> Scale.of(1.0, 4.0, LIGHT).reach > 1
        True
        """
        letter = 2 * theme.points("font.size") / 72 / side  # of half a panel
        room = min(_MOST_ROOM, letter * max(1.6, 0.9 + 0.6 * name))
        reach = max(1.0, longest) / (1 - room)
        return cls(reach, letter * reach)


@dataclass(frozen=True, slots=True)
class ShownArrows:
    """What a panel shows: W (n, m) and, if there is one, the exact one; m is 1 or 2.

    ``names`` and ``colours`` have one entry a feature.
    """

    W: Rows
    names: Sequence[str]
    colours: Sequence[RGB]
    best: Rows | None = None

    @property
    def longest(self) -> float:
        """The length of the longest arrow."""
        return max(hypot(*row) for row in (*self.W, *(self.best or ())))

    def far(self, scale: Scale) -> list[bool]:
        """Which exact features are so far from the others that they have numbers."""
        pairs = zip(self.W, self.best or (), strict=True) if self.best else ()
        return [dist(row, exact) > _FAR * scale.letter for row, exact in pairs]

    def seen(self, dimensions: tuple[int, int]) -> ShownArrows:
        """Three dimensions as two of them show."""
        W, best = (
            None if rows is None else [tuple(row[k] for k in dimensions) for row in rows]
            for rows in (self.W, self.best)
        )
        return ShownArrows(W or (), self.names, self.colours, best)


def draw(axes: Axes, shown: ShownArrows, scale: Scale, theme: Theme) -> None:
    """The panel. In one dimension each feature has a line of its own; two views show three."""
    if len(shown.W[0]) == 3:
        _two_views(axes, shown, scale, theme)
        return
    tips, feet = _ends(shown.W, scale), _ends([[0.0] * len(row) for row in shown.W], scale)
    axes.set(xlim=(-scale.reach, scale.reach), ylim=(-scale.reach, scale.reach), aspect="equal")
    axes.set(xticks=[], yticks=[])
    only_lines(axes)
    if len(shown.W[0]) == 1:
        _lines(axes, feet, scale, theme)
    else:
        _circle(axes, theme)
    _shafts(axes, tips, feet, shown.colours, theme)
    labels = arrow_labels(tips, feet, scale.letter, shown.names)
    for label in labels:
        _write(axes, label, theme.ink, theme)
    if shown.best is not None:
        exact = _ends(shown.best, scale)
        _rings(axes, exact, feet, theme)
        others = arrow_labels(exact, feet, scale.letter, shown.names, shown.far(scale))
        for label in beside(others, labels, scale.letter):
            _write(axes, label, theme.soft, theme)


def name_axes(axes: Axes, m: int, theme: Theme) -> None:
    """h₁ at the right end of a panel and h₂ above it; −1, 0 and 1 above a single dimension."""
    if m == 2:
        axes.annotate("h₁", (1, 0.5), (3, 0), va="center", **_near("axes fraction", theme))
        axes.annotate("h₂", (0.5, 1), (0, 2), ha="center", **_near("axes fraction", theme))
    elif m == 1:
        for x, text in ((-1, "−1"), (0, "h = 0"), (1, "1")):
            place = _near(("data", "axes fraction"), theme)
            axes.annotate(text, (x, 1), (0, 2), ha="center", **place)


def _near(places: object, theme: Theme) -> dict[str, Any]:
    return {
        "xycoords": places,
        "textcoords": "offset points",
        "color": theme.soft,
        "fontsize": theme.points("font.size"),
    }


def _two_views(axes: Axes, shown: ShownArrows, scale: Scale, theme: Theme) -> None:
    """From the front and from above, beside each other; arrows along the view are rings."""
    axes.set(xticks=[], yticks=[])
    axes.axis("off")
    for k, (name, dimensions) in enumerate(_VIEWS):
        view = axes.inset_axes((0.52 * k, 0, 0.48, 1))
        draw(view, shown.seen(dimensions), scale, theme)
        view.annotate(
            name, (0.5, 0), (0, -2), xycoords="axes fraction", textcoords="offset points",
            ha="center", va="top", color=theme.soft, fontsize=theme.points("xtick.labelsize"),
        )  # fmt: skip
        towards, sign = _TOWARDS[k]
        for row, colour in zip(shown.W, shown.colours, strict=True):
            if hypot(*(row[d] for d in dimensions)) < 1e-9:
                depth = sign * row[towards]
                marker = "." if depth > 0 else "x" if depth < 0 else ""
                _point(view, colour, marker, theme)


def _point(axes: Axes, colour: RGB, marker: str, theme: Theme) -> None:
    """A ring for no arrow; a dot in it for one out of the page, a cross for one into it."""
    size = (theme.points("font.size") / _FULL) ** 2
    axes.scatter(
        [0], [0], s=150 * size, facecolors=theme.paper, edgecolors=[colour], linewidths=2, zorder=4
    )
    if marker:
        axes.scatter([0], [0], s=40 * size, marker=marker, color=theme.ink, zorder=5)


def _ends(W: Rows, scale: Scale) -> list[Spot]:
    """The ends of arrows; in one dimension each feature has a height of its own."""
    if len(W[0]) == 2:
        return [(row[0], row[1]) for row in W]
    steps = max(1, len(W) - 1)
    heights = [0.6 - 1.2 * k / steps if len(W) > 1 else 0.0 for k in range(len(W))]
    return [(row[0], height * scale.reach) for row, height in zip(W, heights, strict=True)]


def _circle(axes: Axes, theme: Theme) -> None:
    """Both axes, and the unit circle."""
    from matplotlib.patches import Circle

    axes.add_patch(Circle((0, 0), 1, fill=False, edgecolor=theme.faint, linewidth=1))
    axes.axhline(0, color=theme.faint, linewidth=0.7, zorder=0)
    axes.axvline(0, color=theme.faint, linewidth=0.7, zorder=0)


def _lines(axes: Axes, feet: Sequence[Spot], scale: Scale, theme: Theme) -> None:
    """A line for each feature, marked at −1, 0 and 1, where the ends of the unit circle are."""
    heights = [y for _, y in feet]
    axes.hlines(heights, -scale.reach, scale.reach, color=theme.faint, linewidth=0.7, zorder=0)
    axes.vlines([0], -scale.reach, scale.reach, color=theme.faint, linewidth=0.7, zorder=0)
    size = 120 * (theme.points("font.size") / _FULL) ** 2
    for x in (-1, 1):
        axes.scatter([x] * len(feet), heights, s=size, facecolors="none", edgecolors=theme.faint)


def _shafts(
    axes: Axes, tips: Sequence[Spot], feet: Sequence[Spot], colours: Sequence[RGB], theme: Theme
) -> None:
    x, y = zip(*feet, strict=True)
    u, v = zip(*((a - c, b - d) for (a, b), (c, d) in zip(tips, feet, strict=True)), strict=True)
    axes.quiver(
        x, y, u, v, color=list(colours), angles="xy", scale_units="xy", scale=1, units="inches",
        width=0.07 * theme.points("font.size") / _FULL, headwidth=3.2, headlength=3.6,
        headaxislength=3.4, minlength=0.6, edgecolor=theme.ink, linewidth=0.4, zorder=3,
    ).set_gid("arrows")  # fmt: skip


def _rings(axes: Axes, tips: Sequence[Spot], feet: Sequence[Spot], theme: Theme) -> None:
    """The exact best: thin lines in ink, a ring at each end."""
    from matplotlib.collections import LineCollection

    lines = list(zip(feet, tips, strict=True))
    axes.add_collection(LineCollection(lines, colors=theme.ink, linewidths=0.9, zorder=4))
    x, y = zip(*tips, strict=True)
    axes.scatter(
        x, y, s=95 * (theme.points("font.size") / _FULL) ** 2, facecolors="none",
        edgecolors=theme.ink, linewidths=1.4, zorder=5,
    ).set_gid("exact")  # fmt: skip


def _write(axes: Axes, label: Label, colour: str, theme: Theme) -> None:
    from matplotlib.patheffects import withStroke

    axes.text(
        label.x, label.y, label.text, ha="center", va="center", parse_math=False,
        fontsize=theme.points("font.size"), fontweight="bold", color=colour, zorder=6,
        path_effects=[withStroke(linewidth=2.5, foreground=theme.paper)],
    )  # fmt: skip
