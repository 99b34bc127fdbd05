"""The residual stream as a diagram: heads read from it, and add to it, from tokens to logits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from handcalc.views.plots.panels import inches
from handcalc.views.plots.style import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_STEP, _WIDE, _BOX = 1.9, 2.6, 0.8  # between layers, for a head, the height of a box
_LEFT, _ENDS = 1.6, 1.5  # beside the stream, and below and above it
_LETTERS = 0.34  # of the height of a box with one line
_LARGEST = 10.0  # points
_INCH = 0.5  # of a unit, in a figure of its own


def size(layers: Sequence[int]) -> tuple[float, float]:
    """Width and height in inches of a figure of its own, for so many heads in each layer."""
    wide, high = _extent(layers)
    return _INCH * wide, _INCH * high + 0.4


def _extent(layers: Sequence[int]) -> tuple[float, float]:
    return 2 * _LEFT + _WIDE * max([1, *layers]), 2 * _ENDS + _STEP * len(layers) + 0.8


def draw(
    ax: Axes, heads: Sequence[Sequence[str]], ends: tuple[str, str], title: str, theme: Theme
) -> None:
    """A line upwards from the tokens, ``ends[0]``, to the logits, ``ends[1]``.

    ``heads`` has for each layer what stands in the boxes of its heads, in one line or in two.
    """
    layers = [len(layer) for layer in heads]
    wide, high = _extent(layers)
    ax.set(xlim=(0, wide), ylim=(0, high), aspect="equal")
    ax.axis("off")
    ax.set_title(title, loc="left", **theme.letters("title"))
    ax.apply_aspect()
    letters = min(_LARGEST, _LETTERS * inches(ax)[1] * 72 / high)
    x, top = _LEFT, high - _ENDS
    _line(ax, [x, x], [_ENDS, top], theme, 2.6)
    for k, layer in enumerate(heads):
        _layer(ax, layer, (x, _ENDS + 0.6 + _STEP * k), letters, theme)
    for y, text, outside, way in ((_ENDS, "embed", ends[0], -1), (top, "unembed", ends[1], 1)):
        _box(ax, (x, y), text, letters, theme)
        ax.text(
            0.05, y + way * (_BOX / 2 + 0.3), outside, ha="left", va="center", color=theme.ink,
            fontsize=letters, parse_math=False,
        )  # fmt: skip


def _layer(
    ax: Axes, heads: Sequence[str], corner: tuple[float, float], letters: float, theme: Theme
) -> None:
    """What a layer reads at the bottom, its heads, and where they add up again."""
    x, low = corner
    high = low + 1.5
    ends = [x + _WIDE * (k + 0.75) for k in range(len(heads))]
    if ends:
        _line(ax, [x, ends[-1]], [low, low], theme, 1.2)
        _line(ax, [ends[-1], x], [high, high], theme, 1.2)
    for end, text in zip(ends, heads, strict=True):
        _line(ax, [end, end], [low, high], theme, 1.2)
        _box(ax, (end, (low + high) / 2), text, letters, theme)
    _plus(ax, (x, high), letters, theme)


def _line(ax: Axes, x: Sequence[float], y: Sequence[float], theme: Theme, width: float) -> None:
    ax.plot(x, y, color=theme.ink, linewidth=width, solid_capstyle="butt", zorder=1)


def _plus(ax: Axes, place: tuple[float, float], letters: float, theme: Theme) -> None:
    from matplotlib.patches import Circle

    ax.add_patch(Circle(place, 0.22, facecolor=theme.paper, edgecolor=theme.ink, zorder=2))
    ax.text(*place, "+", ha="center", va="center", fontsize=letters, color=theme.ink, zorder=3)


def _box(ax: Axes, place: tuple[float, float], text: str, letters: float, theme: Theme) -> None:
    ax.text(
        *place, text, ha="center", va="center", fontsize=letters, color=theme.ink, zorder=3,
        linespacing=1.25, parse_math=False,
        bbox={"boxstyle": "round,pad=0.35", "facecolor": theme.paper, "edgecolor": theme.ink},
    )  # fmt: skip
