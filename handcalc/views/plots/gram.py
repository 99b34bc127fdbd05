"""W Wᵀ as a heat map, and below it the lengths ‖Wᵢ‖ as bars, coloured by interference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot
from operator import mul
from typing import TYPE_CHECKING, Any, TypeAlias

from handcalc.superposition.phases.regimes import FeatureRegime, Rows, shared
from handcalc.views.plots.heat_map import SMALLEST, CellNumbers, fitting
from handcalc.views.plots.heat_map import short as short_number
from handcalc.views.plots.panels import Panel, PartOf, inches, only_lines
from handcalc.views.plots.style import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.image import AxesImage

_STEPS = (1, 2, 5, 10, 20, 50, 100, 200)  # between numbers of features
_BARS, _BELOW = 0.36, 1.42  # the height of the bars, and of all, in sides of the heat map
_KEY = 0.36  # the width of the scales beside it, in such sides
MOST_NUMBERS = 8  # features whose numbers stand in the cells
_PALE = 0.45  # of white: a cell above it has dark numbers

_Box: TypeAlias = "tuple[float, float, float, float]"


@dataclass(frozen=True, slots=True)
class Scales:
    """The largest |W Wᵀ| and the largest ‖Wᵢ‖ of all panels."""

    entry: float
    length: float

    @classmethod
    def of(cls, each: Iterable[Rows]) -> Scales:
        """One scale for all panels: an entry of W Wᵀ is at most the longest arrow squared.

        >>> Scales.of([[[0.0, 2.0], [1.0, 0.0]], [[0.5, 0.5]]])
        Scales(entry=4.0, length=2.0)
        """
        longest = max(1.0, *(hypot(*row) for W in each for row in W))
        return cls(longest**2, longest)


@dataclass(frozen=True, slots=True)
class Gram:
    """What a panel shows: W (n, m), a name for each feature, and the numbers of W Wᵀ, if any."""

    W: Rows
    names: Sequence[str]
    numbers: CellNumbers | None = None

    @property
    def entries(self) -> list[list[float]]:
        """W Wᵀ."""
        return [[sum(map(mul, one, other)) for other in self.W] for one in self.W]


def counts(W: Rows) -> tuple[int, int]:
    """How many features are held, by the length from ½ on, and how many of those share (from ¼).

    >>> counts([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0], [0.0, 0.1]])
    (3, 2)
    """
    fates = [FeatureRegime.of(W, i).fate for i in range(len(W))]
    return sum(fate != "not represented" for fate in fates), fates.count("superposition")


def held(W: Rows) -> str:
    """The same in words.

    >>> held([[1.0, 0.0], [0.0, 1.0]])
    '2 held, 0 share'
    """
    kept, sharing = counts(W)
    return f"{kept} held, {sharing} share"


def draw(heat: Axes, bars: Axes, shown: Gram, scales: Scales, theme: Theme) -> AxesImage:
    """The heat map and the bars, the features on them by number; and the heat map's scale."""
    n = len(shown.W)
    mesh = heat.imshow(
        shown.entries, cmap=theme.signed, vmin=-scales.entry, vmax=scales.entry,
        aspect="auto", extent=(0.5, n + 0.5, n + 0.5, 0.5), interpolation="nearest",
    )  # fmt: skip
    mesh.set_gid("gram")
    amounts = [min(1.0, shared(shown.W, i)) for i in range(n)]
    bars.bar(
        range(1, n + 1), [hypot(*row) for row in shown.W], width=0.86, color=theme.amount(amounts),
        edgecolor=theme.ink, linewidth=0.5 if n <= 25 else 0,
    )  # fmt: skip
    bars.set(xlim=(0.5, n + 0.5), ylim=(0, 1.08 * scales.length))
    only_lines(bars, "left", "bottom")
    return mesh


def mark(heat: Axes, bars: Axes, names: Sequence[str], *, first: bool, last: bool) -> None:
    """Names on the left of the first and below the last panel of a column or row only."""
    n = len(names)
    step = next((step for step in _STEPS if n <= 5 * step), _STEPS[-1])
    ticks = [k for k in range(1, n + 1) if k % step == 0 or k == 1 < step]
    texts, none = [names[k - 1] for k in ticks], [""] * len(ticks)
    heat.set_xticks(ticks, none)
    heat.set_yticks(ticks, texts if first else none)
    bars.set_xticks(ticks, texts if last else none)
    bars.set_yticks([0, 1], ["0", "1"] if first else ["", ""])
    if first:
        heat.set_ylabel("feature j")
        bars.set_ylabel("‖Wᵢ‖")
    if last:
        bars.set_xlabel("feature i")


def draw_scales(
    upper: Axes, lower: Axes, mesh: AxesImage, theme: Theme, *, short: bool = False
) -> None:
    """What the colours stand for: entries above, and below how much features share."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    figure: Any = upper.get_figure(root=True)
    entries = figure.colorbar(mesh, cax=upper)
    entries.set_label("entry of W Wᵀ")
    shades = ScalarMappable(Normalize(0, 1), theme.amount)
    if not short:
        bar = figure.colorbar(shades, cax=lower, ticks=[0, 0.25, 0.5, 0.75, 1])
        bar.ax.set_yticklabels(["0", "¼", "½", "¾", "1 or\nmore"])
        bar.set_label("shared $\\sum_{j \\neq i} (\\hat{W}_i \\cdot W_j)^2$")
        return
    _, most = mesh.get_clim()
    entries.set_ticks([-most, 0, most], labels=[short_number(x) for x in (-most, 0.0, most)])
    bar = figure.colorbar(shades, cax=lower, ticks=[0, 0.5, 1])
    bar.ax.set_yticklabels(["0", "½", "1+"])
    bar.set_label("shares")
    # the two stand so near to each other that the end of one would lie on the other's
    for each in (entries, bar):
        lowest, _, highest = each.ax.get_yticklabels()
        lowest.set_verticalalignment("bottom")
        highest.set_verticalalignment("top")


# --------------------------------------------------------------------------------------------------
# Both, and the scales, inside of one pair of axes.


def draw_inside(panel: Panel, shown: Gram, scales: Scales, theme: Theme, *, key: bool) -> None:
    """The axes become the heat map, in the upper part of their room; the rest stands below it."""
    axes = panel.axes
    # beside others there is no room for names below but their own
    below = 1.7 * theme.points("xtick.labelsize") / 72 if panel.is_small else 0.0
    place = _upper_part(axes, key, below)
    axes.set_axes_locator(place)
    bars = axes.inset_axes((0, 1 - _BELOW, 1, _BARS))
    mesh = draw(axes, bars, shown, scales, theme)
    insides = [axes, bars]
    mark(axes, bars, shown.names, first=True, last=True)
    if key:
        insides += [axes.inset_axes(box) for box in _scale_boxes()]
        _, _, upper, lower = insides
        draw_scales(upper, lower, mesh, theme, short=True)
    for inside in insides:
        _letters(inside, theme)
        if panel.is_small:
            inside.set(xlabel="", ylabel="")
    axes.apply_aspect(place())
    if shown.numbers is not None:
        _write_numbers(axes, shown.numbers, mesh, theme)


def _upper_part(axes: Axes, key: bool, below: float) -> PartOf:
    def boxed(wide: float, high: float) -> _Box:
        side = min(wide / (1 + _KEY * key), (high - below) / _BELOW)
        left, spare = (wide - side * (1 + _KEY * key)) / 2, (high - below - side * _BELOW) / 2
        return left, high - spare - side, side, side

    return PartOf(axes, boxed)


def _scale_boxes() -> tuple[_Box, _Box]:
    return (1.05, 0, 0.05, 1), (1.05, 1 - _BELOW, 0.05, _BARS)


def _letters(axes: Axes, theme: Theme) -> None:
    axes.set_facecolor(theme.paper)
    axes.tick_params(
        color=theme.soft, labelcolor=theme.ink, labelsize=theme.points("xtick.labelsize")
    )
    for label in (axes.xaxis.label, axes.yaxis.label):
        label.set(**theme.letters("label"))
    for spine in axes.spines.values():
        spine.set_edgecolor(theme.soft)


def _write_numbers(axes: Axes, numbers: CellNumbers, mesh: AxesImage, theme: Theme) -> None:
    """The numbers in their cells, where they find room there."""
    n = len(numbers.values)
    if n > MOST_NUMBERS:
        return
    room = inches(axes)[0] * 72 / n
    _, most = mesh.get_clim()
    for each in (numbers, CellNumbers.rounded(numbers.values)):
        size = min(theme.points("axes.labelsize"), fitting(each.texts, (room, room)))
        if size < SMALLEST:
            continue
        for i, (texts, values) in enumerate(zip(each.texts, each.values, strict=True), 1):
            for j, (text, value) in enumerate(zip(texts, values, strict=True), 1):
                red, green, blue, _ = mesh.cmap((value or 0.0) / most / 2 + 0.5)
                pale = 0.299 * red + 0.587 * green + 0.114 * blue > _PALE
                axes.text(
                    j, i, text, ha="center", va="center_baseline", fontsize=size,
                    color="#1A1A1A" if pale else "#FFFFFF", parse_math=False,
                )  # fmt: skip
        return
