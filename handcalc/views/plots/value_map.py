"""A value along one or two settings: a square for each place, or a line; what failed is crossed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any, TypeAlias

from handcalc.views.plots.heat_map import fitting
from handcalc.views.plots.panels import inches, only_lines
from handcalc.views.plots.style import Theme
from handcalc.views.plots.ticks import tick_text, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

Place: TypeAlias = "tuple[int, int]"
"""Which value of x and which of y, from 0; of a line y is 0."""

SMALLEST = 7.0  # points, of a number in its square
_WIDE = 0.62  # a letter, in sizes of the letters
_LONG = 7  # letters: longer names of columns stand upright where they have no room
_EDGE = "#767676"
_MARK = 16.0  # points, of what stands in the square of a cell that failed
_MOST_MARKED = 40  # points of a line that have a dot each


@dataclass(frozen=True, slots=True)
class MapAxis:
    """The values along one setting, in their order: ``labels``, and ``numbers`` if they are such.

    ``is_log`` says that these are evenly spaced in the logarithm.
    """

    name: str
    labels: Sequence[str]
    numbers: Sequence[float] | None = None
    is_log: bool = False


@dataclass(frozen=True, slots=True)
class ValueScale:
    """From which number to which the colours go, and what they are the numbers of."""

    name: str
    low: float
    high: float
    is_log: bool = False
    marks: Sequence[float] = ()

    @property
    def ticks(self) -> Sequence[float]:
        """Some round numbers within."""
        if self.marks:
            return self.marks
        if self.low >= self.high:
            return [self.low]
        return (ticks if self.is_log else _evenly)(self.low, self.high)

    @property
    def norm(self) -> Any:
        """From 0 for the lowest to 1 for the highest."""
        from matplotlib.colors import LogNorm, Normalize

        room = 0.0 if self.low < self.high else abs(self.low) * 0.5 or 1.0  # of one number alone
        return (LogNorm if self.is_log else Normalize)(self.low - room, self.high + room)


@dataclass(frozen=True, slots=True)
class ValueMap:
    """The values by their places; ``words`` say what is seen, ``name`` tells it from others.

    A place that is None has no such value and is hatched; those that ``failed`` are crossed out;
    others are empty. Without ``y`` it is a line.
    """

    name: str
    words: str
    x: MapAxis
    y: MapAxis | None
    values: Mapping[Place, float | None]
    failed: frozenset[Place]
    scale: ValueScale

    @property
    def known(self) -> dict[Place, float]:
        """The values that there are."""
        return {place: value for place, value in self.values.items() if value is not None}


def in_short(value: float, digits: int) -> str:
    """So many digits, of very large and small numbers with a power of ten.

    >>> in_short(0.083089, 2), in_short(1285.3, 3), in_short(4.96e-05, 2), in_short(-0.0, 2)
    ('0.083', '1,290', '5·10⁻⁵', '0')
    >>> in_short(1.23e12, 2)
    '1.2·10¹²'
    """
    rounded = float(f"{value:.{digits}g}") + 0.0
    if rounded and not 1e-3 <= abs(rounded) < 1e5:
        return ("−" if rounded < 0 else "") + tick_text(abs(rounded))
    return f"{rounded:,.15g}".replace("-", "−")


def _evenly(low: float, high: float) -> list[float]:
    """Round numbers at equal distances from low to high, more than a small panel has room for."""
    from matplotlib.ticker import MaxNLocator

    found = MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    room = 1e-9 * (high - low)
    return [float(f"{tick:.12g}") for tick in found if low - room <= tick <= high + room]


# --------------------------------------------------------------------------------------------------
# Two settings: squares.


def draw(axes: Axes, shown: ValueMap, theme: Theme, colours: Colormap | None = None) -> Any:
    """Squares of one size, in the order of the values, with their numbers where there is room.

    Answers with what the colours are drawn by.
    """
    assert shown.y is not None  # noqa: S101 - a line is drawn by draw_line
    cells = _squares(axes, shown, colours or theme.amount)
    columns, rows = len(shown.x.labels), len(shown.y.labels)
    axes.set(xlim=(0, columns), ylim=(0, rows))
    only_lines(axes, "left", "bottom", "top", "right")
    axes.tick_params(length=2, labelcolor=theme.ink, color=theme.soft)
    axes.set_xlabel(shown.x.name, **theme.letters("label"))
    axes.set_ylabel(shown.y.name, **theme.letters("label"))
    wide, high = inches(axes)
    room = wide * 72 / columns, high * 72 / rows
    _hatch(axes, [place for place, value in shown.values.items() if value is None], theme)
    _cross(axes, shown.failed, room, theme)
    _columns(axes, shown.x, room[0], theme)
    _rows(axes, shown.y, room[1], theme)
    _write(axes, shown, cells, room, theme)
    return cells


def _squares(axes: Axes, shown: ValueMap, colours: Colormap) -> Any:
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    known = shown.known
    cells = PatchCollection(
        [Rectangle(place, 1, 1) for place in known], cmap=colours, norm=shown.scale.norm,
        edgecolors="face", linewidths=0.4,
    )  # fmt: skip
    cells.set_array(list(known.values()))
    cells.set_gid("squares")
    axes.add_collection(cells)
    return cells


def _hatch(axes: Axes, places: Sequence[Place], theme: Theme) -> None:
    from matplotlib.patches import Rectangle

    for place in places:
        axes.add_patch(
            Rectangle(
                place, 1, 1, facecolor=theme.paper, edgecolor=theme.faint, hatch="////",
                linewidth=0, gid="unknown",
            )
        )  # fmt: skip


def _cross(axes: Axes, places: frozenset[Place], room: tuple[float, float], theme: Theme) -> None:
    """A mark in the middle of each square, smaller than that, so that neighbours stay apart."""
    size = min(_MARK, 0.5 * min(room))
    for i, j in sorted(places):
        axes.plot(
            [i + 0.5], [j + 0.5], "x", color=theme.soft, markersize=size,
            markeredgewidth=min(2.0, 0.16 * size), gid="failed",
        )  # fmt: skip


def _columns(axes: Axes, axis: MapAxis, room: float, theme: Theme) -> None:
    """The names below: of numbers every second or so where they have no room, others upright."""
    size = theme.points("xtick.labelsize")
    wide = (max(map(len, axis.labels)) + 1) * size * _WIDE
    upright = stands_upright(axis, room, theme)
    step = max(1, ceil((1.3 * size if upright else wide) / room))
    places = range(0, len(axis.labels), step)
    axes.set_xticks(
        [k + 0.5 for k in places], labels=[axis.labels[k] for k in places], fontsize=size,
        rotation=90 if upright else 0, parse_math=False,
    )  # fmt: skip


def stands_upright(axis: MapAxis, room: float, theme: Theme) -> bool:
    """Whether the names of columns so many points wide stand upright."""
    longest = max(map(len, axis.labels))
    wide = (longest + 1) * theme.points("xtick.labelsize") * _WIDE
    return wide > room and (axis.numbers is None or longest > _LONG)


def _rows(axes: Axes, axis: MapAxis, room: float, theme: Theme) -> None:
    size = theme.points("ytick.labelsize")
    places = range(0, len(axis.labels), max(1, ceil(1.3 * size / room)))
    axes.set_yticks(
        [k + 0.5 for k in places], labels=[axis.labels[k] for k in places], fontsize=size,
        parse_math=False,
    )  # fmt: skip


def _write(
    axes: Axes, shown: ValueMap, cells: Any, room: tuple[float, float], theme: Theme
) -> None:
    """The numbers, of three digits or of two, if they have room."""
    known = shown.known
    for digits in (3, 2):
        texts = [in_short(value, digits) for value in known.values()]
        size = min(theme.points("axes.labelsize"), fitting([texts], room)) if texts else 0
        if size >= SMALLEST:
            break
    else:
        return
    shades = cells.cmap(cells.norm(list(known.values())))
    for (i, j), text, (red, green, blue, _) in zip(known, texts, shades, strict=True):
        is_pale = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
        axes.text(
            i + 0.5, j + 0.5, text, ha="center", va="center_baseline", fontsize=size,
            color="#111111" if is_pale else "#FFFFFF", parse_math=False, gid="number",
        )  # fmt: skip


def draw_scale(bar: Axes, cells: Any, scale: ValueScale, theme: Theme) -> None:
    """What the colours stand for, in axes of its own; of one number alone its colour."""
    if scale.low >= scale.high:
        only = cells.cmap(cells.norm(scale.low))
        bar.set(facecolor=only, xticks=[], ylim=(0, 1))
        bar.yaxis.tick_right()
        bar.yaxis.set_label_position("right")
        bar.set_yticks([0.5], labels=[in_short(scale.low, 3)])
        bar.tick_params(labelcolor=theme.ink, labelsize=theme.points("ytick.labelsize"))
        bar.set_ylabel(f"{scale.name}, everywhere", **theme.letters("label"))
        for spine in bar.spines.values():
            spine.set_edgecolor(_EDGE)
        return
    figure: Any = bar.get_figure(root=True)
    drawn = figure.colorbar(cells, cax=bar)
    drawn.outline.set_edgecolor(_EDGE)
    drawn.set_ticks(list(scale.ticks), labels=[in_short(tick, 3) for tick in scale.ticks])
    drawn.ax.minorticks_off()
    drawn.ax.tick_params(labelcolor=theme.ink, labelsize=theme.points("ytick.labelsize"))
    drawn.set_label(scale.name, **theme.letters("label"))


# --------------------------------------------------------------------------------------------------
# One setting: a line.


def draw_line(axes: Axes, shown: ValueMap, theme: Theme, colour: str | None = None) -> None:
    """A dot for each value, and a line through those of numbers; crosses below for what failed."""
    x = shown.x
    places = list(range(len(x.labels))) if x.numbers is None else list(x.numbers)
    known = sorted((i, value) for (i, _), value in shown.known.items())
    style: dict[str, Any] = {"color": colour or theme.colour(1), "gid": "values"}
    style["linestyle"] = "none" if x.numbers is None else "-"
    style["marker"] = "o" if len(known) <= _MOST_MARKED or x.numbers is None else ""
    axes.plot(
        [places[i] for i, _ in known], [value for _, value in known], linewidth=2.4, markersize=7,
        clip_on=False, zorder=3, **style,
    )  # fmt: skip
    for mark, gid, those in (
        ("X", "failed", sorted(shown.failed)),
        ("|", "unknown", sorted(place for place, value in shown.values.items() if value is None)),
    ):
        if those:
            axes.plot(
                [places[i] for i, _ in those], [0.02] * len(those), mark, color=theme.soft,
                markersize=9, transform=axes.get_xaxis_transform(), clip_on=False, gid=gid,
            )  # fmt: skip
    only_lines(axes, "left", "bottom")
    axes.set_xlabel(x.name, **theme.letters("label"))
    axes.set_ylabel(shown.scale.name, **theme.letters("label"))
    _along_numbers(axes, x) if x.numbers is not None else _along_names(axes, x, theme)
    _up(axes, shown.scale)


def _along_numbers(axes: Axes, x: MapAxis) -> None:
    numbers = x.numbers or ()
    low, high = min(numbers), max(numbers)
    if x.is_log:
        axes.set_xscale("log")
    marks = list(numbers) if len(numbers) <= _LONG else (ticks if x.is_log else _evenly)(low, high)
    labels = x.labels if len(numbers) <= _LONG else [in_short(mark, 3) for mark in marks]
    axes.set_xticks(marks, labels=labels, parse_math=False)
    axes.xaxis.minorticks_off()


def _along_names(axes: Axes, x: MapAxis, theme: Theme) -> None:
    room = inches(axes)[0] * 72 / len(x.labels)
    size = theme.points("xtick.labelsize")
    upright = max(map(len, x.labels)) * size * _WIDE > room
    axes.set_xticks(
        range(len(x.labels)), labels=x.labels, rotation=90 if upright else 0, fontsize=size,
        parse_math=False,
    )  # fmt: skip
    axes.set_xlim(-0.5, len(x.labels) - 0.5)


def _up(axes: Axes, scale: ValueScale) -> None:
    low, high = scale.low, scale.high
    if scale.is_log:
        axes.set_yscale("log")
        room = (high / low) ** 0.06
        low, high = low / room, high * room
    else:
        room = 0.06 * (high - low) or abs(high) * 0.5 or 1.0
        low, high = low - room, high + room
    axes.set_ylim(low, high)
    axes.set_yticks(list(scale.ticks), labels=[in_short(tick, 3) for tick in scale.ticks])
    axes.yaxis.minorticks_off()
