"""What all figures have: panels in rows below a title, and short words for models and numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from math import ceil, floor, log10
from textwrap import wrap
from typing import TYPE_CHECKING

from handcalc.numbers.exact import ExactLike, to_float
from handcalc.views.plots.style import Theme
from handcalc.wording import joined
from torchsim.specification import ModelSpec

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


# --------------------------------------------------------------------------------------------------
# What models differ in, losses, gaps, and stretches of one family, in short words.


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float) -> str:
    """Three digits, the power of ten written out.

    >>> number(0.0830895928), number(1.8279e-05), number(0.0)
    ('0.0831', '1.83 × 10⁻⁵', '0')
    """
    digits, _, power = f"{value:.3g}".partition("e")
    return f"{digits} × 10{str(int(power)).translate(_SUPERSCRIPTS)}" if power else digits


def short(value: float) -> str:
    """The same for the marks of an axis: narrow, and a round power by itself.

    >>> short(0.002), short(0.0005), short(1e-05)
    ('0.002', '5·10⁻⁴', '10⁻⁵')
    """
    if value >= 1e-3 or value == 0:
        return f"{value:.3g}"
    digits, _, power = f"{value:.2e}".partition("e")
    digits = digits.rstrip("0").rstrip(".")
    ten = f"10{str(int(power)).translate(_SUPERSCRIPTS)}"
    return ten if digits == "1" else f"{digits}·{ten}"


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


def density(model: ModelSpec) -> float | None:
    """p = 1 − S of every block; None where blocks differ.

    >>> density(ModelSpec.of(2, 1, "1/4")), density(ModelSpec.of(2, 1, "0 1/4"))
    (0.75, None)
    """
    sparsities = {block.sparsity for block in model.blocks}
    sparsity = sparsities.pop()
    return None if sparsities or sparsity is None else to_float(1 - sparsity)


def panel_labels(models: Sequence[ModelSpec]) -> tuple[str, ...]:
    """What tells each model from the others: sparsity, and whatever else they differ in.

    S stands where two decimals say it in all models, else p = 1 − S.

    >>> panel_labels([ModelSpec.of(3, 2, s) for s in ("0", "1/10")])
    ('S = 0', 'S = 0.1')
    >>> linear = ModelSpec.of(3, 2, "99/100", activation="linear")
    >>> panel_labels([linear, ModelSpec.of(3, 2, "999/1000")])
    ('linear, p = 0.01', 'ReLU, p = 0.001')
    """
    sparsities = list(map(_sparsity_teller(models), models))
    columns = [
        [f"{model.features} → {model.hidden}" for model in models],
        ["ReLU" if model.activation == "relu" else "linear" for model in models],
        [type(model.distribution).__name__ for model in models],
        sparsities,
        list(map(_importance, models)),
        [f"seed {model.seed}" for model in models],
    ]
    told = [column for column in columns if len(set(column)) > 1] or [sparsities]
    return tuple(", ".join(filter(None, texts)) for texts in zip(*told, strict=True))


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


def _sparsity_teller(models: Sequence[ModelSpec]) -> Callable[[ModelSpec], str]:
    """How a model's sparsity is told: as S where two decimals say it in all models, else as p."""
    found = [density(model) for model in models]
    short = all(p is None or abs(round(p, 2) - p) < 1e-12 for p in found)

    def tell(model: ModelSpec) -> str:
        p = density(model)
        if p is None:
            return f"S = {_each([block.sparsity or 0 for block in model.blocks])}"
        return f"S = {1 - p:.2g}" if short else f"p = {p:.3g}"

    return tell


def _importance(model: ModelSpec) -> str:
    *most, last = model.importance
    if len(set(most)) == 1 and most[0] == 1:
        return f"Iₙ = {to_float(last):.3g}"
    return f"I = {_each(model.importance)}"


def _each(values: Sequence[ExactLike]) -> str:
    shown = [f"{float(to_float(value)):.3g}" for value in values]
    return shown[0] if len(set(shown)) == 1 else joined(shown)


# --------------------------------------------------------------------------------------------------
# Round numbers on an axis, few of them.


_MOST = 4
_FLAT = 4.0  # below this ratio of the ends, numbers at equal distances


def ticks(low: float, high: float) -> list[float]:
    """Round numbers on a logarithmic axis from low to high, both above 0; up to four of them.

    >>> ticks(0.08, 0.6), ticks(0.0801, 0.0899), ticks(1e-5, 1.0)
    ([0.1, 0.2, 0.5], [0.082, 0.084, 0.086, 0.088], [0.0001, 0.01, 1.0])
    """
    if high / low < _FLAT:
        return even_ticks(low, high)
    return next(chosen for chosen in _powers(low, high) if len(chosen) <= _MOST)


def even_ticks(low: float, high: float) -> list[float]:
    """Round numbers at equal distances, up to four of them, from low to high.

    >>> even_ticks(0, 10), even_ticks(0, 0.3)
    ([0.0, 5.0, 10.0], [0.0, 0.1, 0.2, 0.3])
    """
    return next(chosen for chosen in _even(low, high) if len(chosen) <= _MOST)


def _even(low: float, high: float) -> Iterator[list[float]]:
    """The multiples of ever larger round steps."""
    power = floor(log10(high - low)) - 1 if high > low else -12
    for step in (float(f"{digit}e{k}") for k in count(power) for digit in (1, 2, 5)):
        first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
        yield [float(f"{k * step:.12g}") for k in range(first, last + 1)]


def _powers(low: float, high: float) -> Iterator[list[float]]:
    """1, 2, 5 times powers of ten, then 1 and 3, then powers of ten further and further apart."""
    first, last = floor(log10(low)), ceil(log10(high))
    for digits in ((1, 2, 5), (1, 3), (1,)):
        each = [float(f"{digit}e{k}") for k in range(first, last + 1) for digit in digits]
        yield [tick for tick in each if low <= tick <= high]
    for apart in count(2):
        each = [float(f"1e{k}") for k in range(first, last + 1) if k % apart == 0]
        yield [tick for tick in each if low <= tick <= high]
