"""A model as SVG: its arrows, b and ReLU, with the drawing in words for those who cannot see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, hypot, radians, sin
from typing import NamedTuple, TypeAlias
from xml.sax.saxutils import escape

from handcalc.numbers.exact import to_float
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views import picture
from handcalc.views.notation import UNICODE, PlainNotation
from handcalc.views.palette import svg_colour
from handcalc.views.picture import Pane, Shaft
from handcalc.wording import counted

_RADIUS, _MARGIN = 130.0, 50.0  # of the unit circle, and what labels have beyond it
_SIDE = 2 * (_RADIUS + _MARGIN)
_LINE_HEIGHT = 120.0  # of a drawing in one dimension
_HEAD, _HALF = 14.0, 6.0  # the length of an arrow's head, and half its width
_FONT, _LETTER = 18, 10.5  # its size, and how wide one of its figures is at most
_STEP = 17.0  # from an arrow's end to the middle of its label
_NEAR = 3.0  # two ends are one at this distance
_PANEL = 220.0  # the width of what is beside the arrows
_ROW, _BAR = 24.0, 50.0  # of a bias: its height, and the length of 1
_MOST_BARS = 9

# Both looks stand in the file, so that it is legible wherever it is put; what knows no style sheets
# draws it black on white.
STYLE = """\
<style>
.handcalc-drawing .paper { fill: #FFFFFF }
.handcalc-drawing .ink { fill: #1A1A1A }
.handcalc-drawing .line { stroke: #1A1A1A }
.handcalc-drawing .faint { stroke: #767676 }
.handcalc-drawing .halo { stroke: #FFFFFF }
@media (prefers-color-scheme: dark) {
.handcalc-drawing .paper { fill: #15181D }
.handcalc-drawing .ink { fill: #F2F2F2 }
.handcalc-drawing .line { stroke: #F2F2F2 }
.handcalc-drawing .faint { stroke: #9AA0A8 }
.handcalc-drawing .halo { stroke: #15181D }
}
</style>
"""


def arrows(model: ToyModel, notation: PlainNotation = UNICODE, *, outputs: bool = True) -> str:
    """An SVG of the model: arrows, numbered and in their colours, and beside them b and ReLU.

    Two dimensions are arrows in the unit circle, one is a line, three are two views. ``notation``
    writes its numbers; ``outputs`` is False for a W alone, which has no b and no ReLU. Errors:
    ``InputError`` with code ``not_drawn`` for more than three dimensions.

    >>> arrows(ToyModel("1 0; 0 1; 0 -1")).count('class="arrow"')
    3
    """
    picture.refuse_undrawn(model)
    scale = _RADIUS / picture.reach(model)
    panes = picture.panes(model, _NEAR / scale)
    height = _LINE_HEIGHT if model.m == 1 else _SIDE
    parts: list[str] = []
    for k, pane in enumerate(panes):
        parts += _Plate(k * _SIDE + _SIDE / 2, height / 2, scale, height).drawn(pane, model.m == 1)
    captions = [[pane.name, *picture.points_in_words(pane)] for pane in panes if pane.name]
    for k, lines in enumerate(captions):
        parts += (
            _text(k * _SIDE + _SIDE / 2, height + 18 * row, line, anchor="middle", size=14)
            for row, line in enumerate(lines)
        )
    height += 18 * max(map(len, captions), default=0)
    width = _SIDE * len(panes)
    if outputs:
        beside = list(_outputs(model, width + 10, notation))
        parts += (part for _, _, part in beside)
        height = max(height, *(bottom + 20 for _, bottom, _ in beside))
        width = max(width + _PANEL, *(right + 10 for right, _, _ in beside))
    said = picture.whole_in_words(model)[: 2 if outputs else 1]
    words = " ".join(map(notation.claim, said))
    dimensions = counted(model.m, "dimension")
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="handcalc-drawing" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" '
        f'font-family="sans-serif" font-size="{_FONT}">\n'
        f"<title>{counted(model.n, 'feature')} in {dimensions}</title>\n"
        f"<desc>{escape(words)}</desc>\n{STYLE}"
        f'<rect class="paper" width="{width:g}" height="{height:g}" fill="#FFFFFF"/>\n'
        f"{body}\n</svg>\n"
    )


# --------------------------------------------------------------------------------------------------
# One view of the arrows.


class _Box(NamedTuple):
    """A rectangle: where its middle is, and half its width and height."""

    x: float
    y: float
    across: float
    down: float

    def meets(self, other: _Box) -> bool:
        """Whether the two have a point in common."""
        return (
            abs(self.x - other.x) < self.across + other.across
            and abs(self.y - other.y) < self.down + other.down
        )

    def is_crossed(self, x: float, y: float, to_x: float, to_y: float) -> bool:
        """Whether a line from one point to another goes through it."""
        first, last = 0.0, 1.0  # Liang and Barsky: the part of the line that is inside
        for start, move, low, high in (
            (x, to_x - x, self.x - self.across, self.x + self.across),
            (y, to_y - y, self.y - self.down, self.y + self.down),
        ):
            if not move:
                if not low <= start <= high:
                    return False
                continue
            enter, leave = sorted(((low - start) / move, (high - start) / move))
            first, last = max(first, enter), min(last, leave)
        return first <= last


class _Plate:
    """A view with its origin at (x, y) of the page; ``scale`` is how long 1 is."""

    def __init__(self, x: float, y: float, scale: float, height: float) -> None:
        self.x, self.y, self.scale = x, y, scale
        self.bounds = _Box(x, y, _SIDE / 2, height / 2)
        self.labels: list[_Box] = []

    def drawn(self, pane: Pane, is_line: bool) -> Iterator[str]:
        """The unit circle or the marks of a line, the arrows, and their labels."""
        yield from self._ruler() if is_line else self._circle()
        for shaft in pane.shafts:
            yield from self._arrow(shaft)
        for shaft in pane.points:
            yield from self._point(shaft)
        ends = [self.at(shaft) for shaft in pane.shafts]
        for shaft in (*pane.shafts, *pane.points):
            yield from self._label(shaft, ends)

    def at(self, shaft: Shaft) -> tuple[float, float]:
        """Where an arrow ends on the page."""
        return self.x + shaft.x * self.scale, self.y - shaft.y * self.scale

    def _circle(self) -> Iterator[str]:
        x, y, far = self.x, self.y, _RADIUS + 12
        axes = f"M{x - far:g} {y:g}H{x + far:g}M{x:g} {y - far:g}V{y + far:g}"
        yield _line("faint", axes, more=' stroke-dasharray="1 6"')
        yield (
            f'<circle class="faint unit" cx="{x:g}" cy="{y:g}" r="{self.scale:.2f}" '
            'stroke="#767676" stroke-width="1" stroke-dasharray="4 5" fill="none"/>'
        )

    def _ruler(self) -> Iterator[str]:
        x, y, far = self.x, self.y, _RADIUS + 12
        marks = "".join(f"M{x + k * self.scale:.2f} {y - 14:g}v28" for k in (-1, 0, 1))
        yield _line("faint unit", f"M{x - far:g} {y:g}H{x + far:g}{marks}")

    def _arrow(self, shaft: Shaft) -> Iterator[str]:
        """A line and a filled head; of arrows with one end, each in its turn as dashes."""
        x, y = self.at(shaft)
        long = hypot(x - self.x, y - self.y)
        head = min(_HEAD, long)
        angle = radians(picture.direction(shaft))
        base_x, base_y = x - head * cos(angle), y + head * sin(angle)
        half = _HALF * head / _HEAD
        left = base_x - half * sin(angle), base_y - half * cos(angle)
        right = base_x + half * sin(angle), base_y + half * cos(angle)
        count = len(shaft.features)
        for k, feature in enumerate(shaft.features):
            colour, style = _colour(feature)
            dashes = f' stroke-dasharray="8 {8 * (count - 1)}" stroke-dashoffset="{-8 * k}"'
            yield (
                f'<path class="arrow{style}" d="M{self.x:g} {self.y:g}L{base_x:.2f} {base_y:.2f}" '
                f'stroke="{colour}" stroke-width="3" fill="none"{dashes if k else ""}/>'
            )
        colour, style = _colour(shaft.features[0])
        yield (
            f'<path class="head{style and " ink"}" d="M{x:.2f} {y:.2f}L{left[0]:.2f} {left[1]:.2f}'
            f'L{right[0]:.2f} {right[1]:.2f}Z" fill="{colour}"/>'
        )

    def _point(self, shaft: Shaft) -> Iterator[str]:
        """A ring for no arrow; a dot in it for one out of the page, a cross for one into it."""
        x, y = self.x, self.y
        for feature in shaft.features:
            colour, style = _colour(feature)
            yield (
                f'<circle class="arrow{style}" cx="{x:g}" cy="{y:g}" r="7" stroke="{colour}" '
                'stroke-width="2" fill="none"/>'
            )
        if shaft.depth > 0:
            yield f'<circle class="ink" cx="{x:g}" cy="{y:g}" r="3" fill="#1A1A1A"/>'
        elif shaft.depth < 0:
            yield _line("line", f"M{x - 5:g} {y - 5:g}l10 10m0 -10l-10 10", width=1.5)

    def _label(self, shaft: Shaft, ends: Sequence[tuple[float, float]]) -> Iterator[str]:
        """The features' numbers at the first place beside the end where nothing stands."""
        text = picture.label(shaft.features, unicode=True)
        x, y = self.at(shaft)
        if len(self.labels) >= picture.MOST_LABELS:
            return
        half = len(text) * _LETTER / 2
        for right, up in picture.label_places(shaft, _STEP):
            # a long label goes away from the arrow: its near end stays where a short one has it
            aside = (half - _LETTER / 2) * (1 if right > 1 else -1 if right < -1 else 0)
            box = _Box(x + right + aside, y - up, half, _FONT / 2)
            if self._is_free(box, ends):
                self.labels.append(box)
                yield _label(box.x, box.y, text)
                return

    def _is_free(self, box: _Box, ends: Sequence[tuple[float, float]]) -> bool:
        bounds, roomy = self.bounds, _Box(box.x, box.y, box.across + 4, box.down + 2)
        inside = (
            abs(box.x - bounds.x) + box.across <= bounds.across
            and abs(box.y - bounds.y) + box.down <= bounds.down
        )
        origin = _Box(self.x, self.y, 8, 8)
        return (
            inside
            and not roomy.meets(origin)
            and not any(roomy.meets(label) for label in self.labels)
            and not any(roomy.is_crossed(self.x, self.y, *end) for end in ends)
            and not any(roomy.meets(_Box(*end, _HALF, _HALF)) for end in ends)
        )


# --------------------------------------------------------------------------------------------------
# What becomes of Wh: ReLU as a bent line, and a bar for each bias.


# a part, with how far it reaches to the right and down
_Part: TypeAlias = tuple[float, float, str]


def _outputs(model: ToyModel, x: float, notation: PlainNotation) -> Iterator[_Part]:
    """The parts from x on to the right."""
    is_relu, known = model.activation == "relu", picture.biases(model)
    z = "Wh + b" if known else "Wh"
    y = 40.0
    yield _words(x, y, f"x\u0302 = ReLU({z})" if is_relu else f"x\u0302 = {z}")
    y += 22
    what = "ReLU: what is negative" if is_relu else "linear: no ReLU"
    yield _words(x, y, what + ("" if is_relu or known else ", no b"), size=14)
    if is_relu:
        y += 18
        yield _words(x, y, "becomes 0", size=14)
        yield from _bent_line(x, y + 70)
        y += 90
    if known:
        yield from _bars(x, y + 26, known[:_MOST_BARS], notation)
        if len(known) > _MOST_BARS:
            y += 26 + _ROW * (_MOST_BARS + 1)
            yield _words(x, y, f"and {len(known) - _MOST_BARS} more", size=14)


def _bent_line(x: float, y: float) -> Iterator[_Part]:
    """The graph of ReLU."""
    axes = f"M{x:g} {y:g}h120M{x + 60:g} {y + 8:g}v-62"
    yield x + 120, y + 8, _line("faint", axes)
    yield x + 120, y, _line("line relu", f"M{x:g} {y:g}h60l50 -50", width=3)


def _bars(
    x: float, y: float, known: Sequence[picture.SharedBias], notation: PlainNotation
) -> Iterator[_Part]:
    """The biases: a bar from a common line, to the left where one is negative, and its number."""
    yield _words(x, y, "b")
    values = [to_float(value) for _, value in known]
    unit = _BAR / max(1.0, *map(abs, values))
    names = [picture.label(features, unicode=True) for features, _ in known]
    names = ["all"] if len(known) == 1 else names
    wide = max(map(len, names)) * _LETTER
    axis = x + wide + 10 - unit * min(0.0, *values)
    for k, ((features, value), name, b) in enumerate(zip(known, names, values, strict=True), 1):
        middle, (colour, style) = y + k * _ROW, _colour(features[0])
        left, width = axis + min(0.0, b) * unit, abs(b) * unit
        yield _words(x, middle, name)
        bar = (
            f'<rect class="bias{style and " ink"}" x="{left:.2f}" y="{middle - 6:g}" '
            f'width="{width:.2f}" height="12" fill="{colour}"/>'
        )
        yield left + width, middle, bar
        behind = axis + max(0.0, b) * unit + 8
        yield _words(behind, middle, notation.number(value), size=14)
    bottom = y + len(known) * _ROW + 10
    yield axis, bottom, _line("faint", f"M{axis:.2f} {y + 12:g}V{bottom:g}")


def _words(x: float, y: float, text: str, size: int = _FONT) -> _Part:
    """A text that begins at x."""
    return x + len(text) * size * _LETTER / _FONT, y + size / 2, _text(x, y, text, size=size)


# --------------------------------------------------------------------------------------------------


def _colour(feature: int) -> tuple[str, str]:
    """The colour of a feature, and a class for the one that is the ink's."""
    colour = svg_colour(feature)
    return (colour, "") if colour != "#000000" else ("#1A1A1A", " line")


def _line(style: str, path: str, *, width: float = 1, more: str = "") -> str:
    stroke = "#767676" if style.startswith("faint") else "#1A1A1A"
    return (
        f'<path class="{style}" d="{path}" stroke="{stroke}" stroke-width="{width:g}" '
        f'fill="none"{more}/>'
    )


def _label(x: float, y: float, text: str) -> str:
    """The numbers of features: bold, and with a halo that lifts them off a line below."""
    return (
        f'<text class="ink halo label" x="{x:.2f}" y="{y:.2f}" text-anchor="middle" '
        'dominant-baseline="central" fill="#1A1A1A" font-weight="bold" stroke="#FFFFFF" '
        f'stroke-width="4" paint-order="stroke">{escape(text)}</text>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", size: int = _FONT) -> str:
    return (
        f'<text class="ink" x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}" font-size="{size}" '
        f'dominant-baseline="central" fill="#1A1A1A">{escape(text)}</text>'
    )
