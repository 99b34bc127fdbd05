"""The forward pass as a picture: x goes down into h, and up again to z and to x̂."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import sympy

from handcalc.derivation import Name, Number
from handcalc.numbers.exact import to_float
from handcalc.superposition.model.affine import Affine
from handcalc.superposition.model.forward_pass import Forward
from handcalc.views.notation import UNICODE
from handcalc.views.plots.panels import inches
from handcalc.views.plots.style import Theme

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = (0.0, 1.0, 2.0, 3.0)  # of x, h, z and x̂
_RIGHT = 3.95  # where the panel ends
_HEAD = 0.75  # above the first row, in rows
_HALF_HIGH = 0.3  # of a box, in rows
_ASIDE = 0.07  # between a box and what is beside it, in columns
_NARROWEST, _WIDEST = 0.13, 0.34  # half of a box, in columns
_SMALLEST, _LEGIBLE = 5.5, 8.0  # points
_SHORT, _LONGEST = 8, 30  # letters of a text in a box
_THICKEST, _THIN = 4.5, 0.6  # points, of a line
_WIDE, _BOLD, _HIGH = 0.58, 0.68, 1.5  # a letter and a line, in sizes of the letters
_NEGATIVE = (0, (4, 2))  # dashes

Spot: TypeAlias = "tuple[float, float]"


@dataclass(frozen=True, slots=True)
class Box:
    """A number or a formula in its place, its float if it has one, and a feature from 1, or 0."""

    text: str
    value: float | None
    place: Spot
    feature: int = 0


def size(shown: Forward) -> tuple[float, float]:
    """Width and height in inches of a figure of its own."""
    longest = max(len(box.text) for column in _boxes(shown) for box in column)
    wide = 8.0 if longest <= _SHORT else 12.0
    return wide, 1.6 + 0.62 * max(shown.model.n, shown.model.m)


def draw(axes: Axes, shown: Forward, names: Sequence[str], theme: Theme) -> None:
    """Four columns of boxes, and a line for each number that goes from one box into another.

    The thicker a line, the more goes along it; blue and dashed where that is below 0. Where x has
    symbols, the weights are drawn in place of what goes along the lines.
    """
    n, m = shown.model.n, shown.model.m
    x, h, z, output = columns = _boxes(shown)
    half = _half_width(columns, axes, theme, max(n, m))
    letters = [_letters(column, axes, half, max(n, m), theme) for column in columns]
    axes.set(xlim=(-0.75, _RIGHT), ylim=(max(n, m) - 0.4, -_HEAD - 0.25))
    axes.set(xticks=[], yticks=[])
    axes.axis("off")
    W = [[to_float(cell) for cell in row] for row in shown.model.W]
    _lines(axes, x, h, W, half, theme)
    _lines(axes, h, z, [list(row) for row in zip(*W, strict=True)], half, theme)
    for one, other in zip(z, output, strict=True):
        _arrow(
            axes, (one.place[0] + half, one.place[1]), (other.place[0] - half, one.place[1]), theme
        )
    for column, letter in zip(columns, letters, strict=True):
        for box in column:
            _draw_box(axes, box, half, letter, theme)
    _heads(axes, shown, theme)
    _beside(axes, shown, (x, z, output), names, half, theme)


def in_words(shown: Forward) -> str:
    """What goes in, what h is, and what comes out.

    >>> from handcalc.superposition.model.forward_pass import forward
    >>> in_words(forward("1 0; 0 1; 0 -1", "1 0 1/2"))
    'x = (1, 0, 1/2) goes down into h = (1, −1/2) and up to z = (1, −1/2, 1/2); x̂ = (1, 0, 1/2). \
All features come back.'
    """
    x, h, z, output = (f"({', '.join(box.text for box in column)})" for column in _boxes(shown))
    missed = shown.missed
    back = "All features come back."
    if missed:
        what = "feature" if len(missed) == 1 else "features"
        back = f"Not as it was: {what} {', '.join(map(str, missed))}."
    return f"x = {x} goes down into h = {h} and up to z = {z}; x̂ = {output}. {back}"


def _boxes(shown: Forward) -> tuple[list[Box], list[Box], list[Box], list[Box]]:
    n, m = shown.model.n, shown.model.m
    work = shown.linear_pass
    z = [_affine(form) for form in work.z]
    outputs = [
        UNICODE.relu(text) if cases is not None else text if output == exact else _number(output)
        for text, exact, output, cases in zip(z, shown.z, shown.output, shown.cases, strict=True)
    ]
    texts = ([_affine(form) for form in work.x], [_affine(form) for form in work.h], z, outputs)
    exact = (shown.x, shown.h, shown.z, shown.output)
    high = max(n, m)
    x, h, z_boxes, output_boxes = (
        [
            Box(
                text,
                None if value.free_symbols else to_float(value),
                (column, k + (high - len(numbers)) / 2),
                0 if column == 1 else k + 1,
            )
            for k, (text, value) in enumerate(zip(each, numbers, strict=True))
        ]
        for column, each, numbers in zip(_COLUMNS, texts, exact, strict=True)
    )
    return x, h, z_boxes, output_boxes


def _affine(form: Affine) -> str:
    return UNICODE.expression(form.expression())


def _number(value: sympy.Expr) -> str:
    return UNICODE.expression(Number(value))


# -- how large things are --------------------------------------------------------------------------


def _points(axes: Axes, rows: int) -> Spot:
    """A column and a row in points."""
    wide, high = inches(axes)
    return wide * 72 / (_RIGHT + 0.75), high * 72 / (rows + _HEAD - 0.15)


def _half_width(columns: Sequence[Sequence[Box]], axes: Axes, theme: Theme, rows: int) -> float:
    longest = min(_LONGEST, max(len(box.text) for column in columns for box in column))
    across, _ = _points(axes, rows)
    wanted = (longest * _WIDE + 1) * theme.points("font.size") / across / 2
    return min(_WIDEST, max(_NARROWEST, wanted))


def _letters(column: Sequence[Box], axes: Axes, half: float, rows: int, theme: Theme) -> float:
    """The size of letters with which the longest text of a column fits into a box."""
    longest = min(_LONGEST, max(len(box.text) for box in column))
    across, down = _points(axes, rows)
    wide = 2 * half * across / (longest * _WIDE + 0.6)
    return min(theme.points("font.size"), wide, 2 * _HALF_HIGH * down / _HIGH)


# -- what is drawn ---------------------------------------------------------------------------------


def _lines(
    axes: Axes,
    from_: Sequence[Box],
    into: Sequence[Box],
    weights: Sequence[Sequence[float]],
    half: float,
    theme: Theme,
) -> None:
    """``weights`` has a row for each box that lines go from."""
    are_known = all(box.value is not None for box in from_)
    carried = [
        [weight * (box.value if are_known and box.value is not None else 1.0) for weight in row]
        for box, row in zip(from_, weights, strict=True)
    ]
    most = max((abs(each) for row in carried for each in row), default=0.0) or 1.0
    below, above = theme.ends
    for start, row, amounts in zip(from_, weights, carried, strict=True):
        for end, weight, amount in zip(into, row, amounts, strict=True):
            if not weight:
                continue
            ends = ([start.place[0] + half, end.place[0] - half], [start.place[1], end.place[1]])
            axes.plot(
                *ends, color=theme.faint if not amount else above if amount > 0 else below,
                linewidth=_THIN + (_THICKEST - _THIN) * abs(amount) / most, zorder=1,
                linestyle=_NEGATIVE if amount < 0 else "solid", solid_capstyle="butt",
                gid="carried",
            )  # fmt: skip


def _arrow(axes: Axes, start: Spot, end: Spot, theme: Theme) -> None:
    axes.annotate(
        "", end, start, zorder=1,
        arrowprops={
            "arrowstyle": "-|>", "color": theme.soft, "shrinkA": 0, "shrinkB": 0, "linewidth": 1.4,
        },
    )  # fmt: skip


def _draw_box(axes: Axes, box: Box, half: float, letters: float, theme: Theme) -> None:
    from matplotlib.patches import Rectangle

    x, y = box.place
    edge = theme.colour(box.feature) if box.feature else theme.soft
    axes.add_patch(
        Rectangle(
            (x - half, y - _HALF_HIGH), 2 * half, 2 * _HALF_HIGH, facecolor=theme.paper,
            edgecolor=edge, linewidth=2.2 if box.feature else 1.4, zorder=2,
        )
    )  # fmt: skip
    text = box.text if len(box.text) <= _LONGEST else f"{box.text[: _LONGEST - 1]}…"
    if letters >= _SMALLEST:
        axes.text(
            x, y, text, ha="center", va="center_baseline", fontsize=letters, color=theme.ink,
            zorder=3, parse_math=False,
        )  # fmt: skip


def _heads(axes: Axes, shown: Forward, theme: Theme) -> None:
    z = "Wh + b" if any(shown.model.b) else "Wh"
    last = "ReLU(z)" if shown.model.activation == "relu" else "z"
    texts: Sequence[str] = ("x", "h = Wᵀx", f"z = {z}", f"x̂ = {last}")
    across, _ = _points(axes, max(shown.model.n, shown.model.m))
    size = min(theme.points("font.size"), across / max(map(len, texts)) / _BOLD)
    if size < _LEGIBLE:
        texts, size = ("x", "h", "z", "x̂"), theme.points("xtick.labelsize")
    for x, text in zip(_COLUMNS, texts, strict=True):
        axes.text(
            x, -_HEAD, text, ha="center", va="center", color=theme.ink, fontweight="bold",
            fontsize=size, parse_math=False,
        )  # fmt: skip


def _beside(
    axes: Axes,
    shown: Forward,
    columns: tuple[Sequence[Box], Sequence[Box], Sequence[Box]],
    names: Sequence[str],
    half: float,
    theme: Theme,
) -> None:
    """The features' names before x, the biases behind what they are in, and what is missed."""
    x, z, output = columns
    small = theme.points("xtick.labelsize")
    for box, name in zip(x, names, strict=True):
        _say(axes, (box.place[0] - half - _ASIDE, box.place[1]), name, "right", theme.ink, small)
    across, _ = _points(axes, max(shown.model.n, shown.model.m))
    gap = across * (1 - 2 * half)
    for box, bias in zip(z, shown.model.b, strict=True):
        said = f"b = {_number(bias)}"
        size = min(small * 0.85, gap / len(said) / _WIDE)
        if bias and size >= _SMALLEST:
            place = ((_COLUMNS[2] + _COLUMNS[3]) / 2, box.place[1] - _HALF_HIGH / 1.6)
            _say(axes, place, said, "center", theme.soft, size)
    room = across * (_RIGHT - _COLUMNS[3] - half - _ASIDE)
    told = list(_told(shown))
    longest = max(map(len, told))
    for box, said in zip(output, told, strict=True):
        # in narrow axes only what is missed is said, not that it is
        short = said.removeprefix("off by ") if room / longest / _WIDE < _SMALLEST + 1 else said
        _say(axes, (box.place[0] + half + _ASIDE, box.place[1]), short, "left", theme.soft, small)


def _told(shown: Forward) -> Iterator[str]:
    missed = set(shown.missed)
    for i, difference in enumerate(shown.difference, 1):
        if i not in missed:
            name = UNICODE.name(Name("x", (i,)))
            yield f"= {name}"
        elif difference.free_symbols:
            yield "≠ x for some x"
        else:
            sign = "+" if to_float(difference) > 0 else ""
            yield f"off by {sign}{_number(difference)}"


def _say(axes: Axes, place: Spot, text: str, side: str, colour: str, size: float) -> None:
    axes.text(
        *place, text, ha=side, va="center", color=colour, fontsize=size, parse_math=False, zorder=3
    )
