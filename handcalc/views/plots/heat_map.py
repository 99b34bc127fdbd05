"""Numbers by two names as a heat map: a cell each, the number in it where there is room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from handcalc.views.circuits.blocks import AnyNumber, as_drawn, cells_of
from handcalc.views.notation import UNICODE
from handcalc.views.plots.panels import Panel, arrange, inches
from handcalc.views.plots.style import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PatchCollection

_EDGE = "#767676"
SMALLEST = 5.5  # points, of a number in its cell
_WIDE, _HIGH = 0.66, 1.3  # a letter and a line, in sizes of the letters
_FILLED = 0.92  # of a cell's width
_CELL = 0.56  # inches, of a figure of its own
_MOST_CELLS = 16  # each way, that keep that size
_MARGIN = (1.7, 1.2)  # beside the cells, and above them


@dataclass(frozen=True, slots=True)
class CellNumbers:
    """Rows of numbers as floats, which are drawn, and as texts, which are read.

    Rows may be of different lengths, as those behind a mask are; None is a number there is not.
    """

    values: tuple[tuple[float | None, ...], ...]
    texts: tuple[tuple[str, ...], ...]
    is_rounded: bool = False

    @classmethod
    def of(cls, rows: Sequence[Sequence[AnyNumber | None]]) -> CellNumbers:
        """Exact numbers, each row written as everywhere.

        >>> import sympy
        >>> CellNumbers.of([[sympy.Rational(1, 4), None]])
        CellNumbers(values=((0.25, None),), texts=(('1/4', 'none'),), is_rounded=False)
        """
        values = tuple(tuple(None if x is None else as_drawn(x) for x in row) for row in rows)
        written = [cells_of([x for x in row if x is not None], UNICODE) for row in rows]
        each = [iter(cells.texts) for cells in written]
        texts = tuple(
            tuple("none" if x is None else next(text) for x in row)
            for row, text in zip(rows, each, strict=True)
        )
        return cls(values, texts, any(cells.equals == "≈" for cells in written))

    @classmethod
    def rounded(cls, rows: Sequence[Sequence[float | None]]) -> CellNumbers:
        """Floats to two places.

        >>> CellNumbers.rounded([[1 / 3, -1.0]]).texts
        (('0.33', '−1'),)
        """
        texts = tuple(tuple("none" if x is None else short(x) for x in row) for row in rows)
        return cls(tuple(map(tuple, rows)), texts, is_rounded=True)

    @property
    def known(self) -> tuple[float, ...]:
        """All numbers that there are, row after row."""
        return tuple(value for row in self.values for value in row if value is not None)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Numbers under names of rows and columns, and what both are.

    ``whole`` is what the deepest colour stands for, the largest of the numbers if left out.
    ``legend`` says what they are beside the colours, and whether those in the cells are rounded;
    with "" the colours stand alone, with None there are none.
    """

    title: str
    meanings: tuple[str, str]
    rows: Sequence[str]
    columns: Sequence[str]
    numbers: CellNumbers
    legend: str | None = ""
    whole: float | None = None
    is_square: bool = False

    @property
    def deepest(self) -> float:
        """The number of the deepest colour."""
        return self.whole or max(map(abs, self.numbers.known), default=0.0) or 1.0

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in inches of a figure that has room for the numbers."""
        longest = max((len(text) for row in self.numbers.texts for text in row), default=1)
        wide = _CELL if self.is_square else max(_CELL, 0.085 * longest + 0.1)
        names = 0.09 * max(map(len, self.rows))
        across = wide * min(len(self.columns), _MOST_CELLS) + names + _MARGIN[0]
        return max(across, 0.1 * len(self.title)), (
            _CELL * min(len(self.rows), _MOST_CELLS) + _MARGIN[1]
        )


def draw(shown: HeatMap, ax: Axes, theme: Theme) -> None:
    """The cells with their numbers, names on the left and above, and beside them the colours."""
    cells = _cells(shown, ax, theme)
    ax.set(xlim=(0, len(shown.columns)), ylim=(len(shown.rows), 0))
    ax.set_aspect("equal" if shown.is_square else "auto")
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_title(shown.title, loc="left", pad=8, parse_math=False, **theme.letters("title"))
    rows, columns = shown.meanings
    ax.set_ylabel(rows, **theme.letters("label"))
    ax.set_xlabel(columns, **theme.letters("label"))
    ax.xaxis.set_label_position("top")
    ax.tick_params(length=0, labelcolor=theme.ink, bottom=False, labelbottom=False, labeltop=True)
    words = None if shown.legend is None else _legend(shown, cells, ax, theme)
    arrange([Panel(ax, theme)])
    wide, high = inches(ax)
    cell = wide * 72 / len(shown.columns), high * 72 / len(shown.rows)
    _names(shown, ax, theme, cell)
    rounded = _write_numbers(shown.numbers, ax, theme, cell)
    if words is not None and shown.legend:
        words.set_text(f"{shown.legend} {rounded}".rstrip())


def _cells(shown: HeatMap, ax: Axes, theme: Theme) -> PatchCollection:
    from matplotlib.collections import PatchCollection
    from matplotlib.colors import Normalize
    from matplotlib.patches import Rectangle

    squares = [
        Rectangle((j, i), 1, 1)
        for i, row in enumerate(shown.numbers.values)
        for j, value in enumerate(row)
        if value is not None
    ]
    known = shown.numbers.known
    is_signed = min(known, default=0.0) < 0
    cells = PatchCollection(
        squares, edgecolors=_EDGE, linewidths=0.5,
        cmap=theme.below_and_above if is_signed else theme.above,
        norm=Normalize(-shown.deepest if is_signed else 0, shown.deepest),
    )  # fmt: skip
    cells.set_array(list(known))
    cells.set_gid("cells")
    cells.set_clip_on(False)  # the outermost lines lie half outside
    ax.add_collection(cells)
    return cells


def _legend(shown: HeatMap, cells: PatchCollection, ax: Axes, theme: Theme) -> Any:
    """The colours with their numbers, and what they are the numbers of."""
    bar = ax.figure.colorbar(cells, cax=ax.inset_axes((1.03, 0, 0.035, 1)))
    most = shown.deepest
    ticks = [-most, 0.0, most] if cells.norm.vmin else [0.0, most]
    bar.set_ticks(ticks, labels=[short(tick) for tick in ticks])
    bar.ax.tick_params(
        color=theme.soft, labelcolor=theme.ink, labelsize=theme.points("xtick.labelsize")
    )
    bar.outline.set_edgecolor(_EDGE)
    bar.set_label(shown.legend or "", **theme.letters("label"))
    return bar.ax.yaxis.label


def _names(shown: HeatMap, ax: Axes, theme: Theme, cell: tuple[float, float]) -> None:
    """The names, those of columns upright where they are wide; of too many every second or so."""
    size, (wide, high) = theme.points("xtick.labelsize"), cell
    longest = max(map(len, shown.columns)) * size * _WIDE
    upright = longest > wide
    step = max(1, ceil((size if upright else longest) / wide))
    down = max(1, ceil(size / high))
    for axis, names, each in ((ax.xaxis, shown.columns, step), (ax.yaxis, shown.rows, down)):
        places = range(0, len(names), each)
        axis.set_ticks(
            [k + 0.5 for k in places], labels=[names[k] for k in places], parse_math=False,
            fontsize=size,
        )  # fmt: skip
    if upright:
        ax.tick_params(axis="x", rotation=90)


# -- numbers in cells ------------------------------------------------------------------------------


def short(value: float) -> str:
    """Two places, and a sign that is no hyphen.

    >>> short(-0.5), short(2.0), short(1 / 3), short(-0.001)
    ('−0.5', '2', '0.33', '0')
    """
    return f"{value:z.2f}".rstrip("0").rstrip(".").replace("-", "−")


def _write_numbers(shown: CellNumbers, ax: Axes, theme: Theme, room: tuple[float, float]) -> str:
    """The numbers as they are, or rounded, or only the signs of those below 0; and which it was."""
    for numbers in (shown, CellNumbers.rounded(shown.values)):
        size = min(theme.points("axes.labelsize"), fitting(numbers.texts, room))
        if size >= SMALLEST:
            _write(ax, numbers.texts, size, theme)
            return "(numbers rounded)" if numbers.is_rounded else ""
    if min(shown.known, default=0.0) < 0:
        below = [["−" if v is not None and v < 0 else "" for v in row] for row in shown.values]
        _write(
            ax, below, max(min(fitting(below, room), theme.points("axes.labelsize")), 2.0), theme
        )
        return "(− in a cell: below 0)"
    return ""


def fitting(texts: Sequence[Sequence[str]], room: tuple[float, float]) -> float:
    """The size of letters with which the longest text fits into a cell."""
    longest = max(1, max((len(text) for row in texts for text in row), default=1))
    wide, high = room
    return min(_FILLED * wide / (_WIDE * longest), high / _HIGH)


def _write(ax: Axes, texts: Sequence[Sequence[str]], size: float, theme: Theme) -> None:
    for i, row in enumerate(texts):
        for j, text in enumerate(row):
            if text:
                ax.text(
                    j + 0.5, i + 0.5, text, ha="center", va="center_baseline", fontsize=size,
                    color=theme.ink, parse_math=False,
                )  # fmt: skip
