"""Arrows drawn with characters: braille dots, eight to a cell, or ASCII where those are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import cos, hypot, radians, sin

from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.numbers.exact import to_float
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views import picture
from handcalc.views.layout import Paragraph, Sized, spaced
from handcalc.views.notation import PlainNotation
from handcalc.views.palette import terminal_colour
from handcalc.views.picture import Pane, Shaft
from handcalc.views.text.blocks import matrix

_FAINT = "dim"
_WIDEST = 80  # columns, however wide the terminal is
_GAP = 3
# Unicode's braille patterns begin at U+2800, and each of the eight dots of a cell, 2 across and 4
# down, has a bit: dots that fall into one cell are added up by "or".
_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BAR = 8  # columns of a bias of 1, or of the largest
_MOST_BARS = 8
_NEAR = 24  # of the places for a label: those of the two least distances

Cell = tuple[int, int]


def drawing(model: ToyModel, notation: PlainNotation, *, outputs: bool = True) -> RenderableType:
    """The model drawn, and the drawing in words: what ``--draw`` shows, and ``d`` at the prompt.

    Two dimensions are arrows in the unit circle, one is a line, three are two views; beside them
    stand b and ReLU, unless ``outputs`` is False, for a W that has none. At most 80 columns wide,
    and in a plane 15 lines high without the words. Of more dimensions it says why there is no
    drawing, and shows the overlaps instead. ``picture.is_drawn_unasked(model)`` tells whether it
    is to be shown without being asked for.
    """
    if not picture.is_drawn(model):
        why = Paragraph(notation.words(picture.why_not_drawn(model.m)))
        return spaced(why, matrix(geometry(model).gram, notation, "G"))
    return Sized(lambda width: _drawn(model, notation, outputs, min(width, _WIDEST)))


def small_drawing(model: ToyModel, notation: PlainNotation) -> list[Text]:
    """The arrows of a model in the plane alone, 25 columns wide and 11 lines high at most."""
    made = Canvas(25, 11, picture.reach(model), notation)
    (pane,) = picture.panes(model, made.nearness)
    made.draw(pane)
    return _without_empty_ends(made.lines())


def _drawn(model: ToyModel, notation: PlainNotation, outputs: bool, width: int) -> RenderableType:
    views = [canvas(model, number, notation, width) for number in range(2 if model.m > 2 else 1)]
    beside = list(_outputs(model, notation)) if outputs else []
    words = Paragraph(notation.words(_words(model, views, notation)))
    if views[0].columns > width:
        return spaced(Paragraph("The drawing needs a wider terminal."), Group(*beside), words)
    return spaced(_composed(views, beside, width), words)


def canvas(model: ToyModel, number: int, notation: PlainNotation, width: int = _WIDEST) -> Canvas:
    """One view of a model, drawn; only that of a line is narrower where there is less room."""
    columns, rows = {1: (61, 5), 2: (37, 15)}.get(model.m, (35, 13))
    if model.m == 1:
        columns = max(25, min(columns, width - 1 + width % 2))
    made = Canvas(columns, rows, picture.reach(model), notation)
    pane = picture.panes(model, made.nearness)[number]
    made.draw(pane, is_line=model.m == 1)
    return made


def _words(model: ToyModel, drawn: Sequence[Canvas], notation: PlainNotation) -> str:
    """The arrows in words, how large the circle is, and which arrows have no number beside them."""
    scale = "The dotted circle has radius 1."
    if model.m == 1:
        scale = "The marks are at 0, and at 1 to each side."
    if not drawn[0].is_unit_visible:
        scale = "The unit circle is too small to be seen beside such arrows."
    words = [notation.claim(picture.in_words(model)), scale]
    missing = sorted({feature for each in drawn for feature in each.unlabelled})
    if missing:
        words.append(f"No room for the numbers of features {picture.numbers(missing)}.")
    return " ".join(words)


def _composed(drawn: Sequence[Canvas], beside: list[Text], width: int) -> RenderableType:
    """The views side by side, and what belongs to the outputs beside them, where there is room."""
    blocks = [each.lines() for each in drawn]
    if len(blocks) > 1:
        room = sum(each.columns for each in drawn) + _GAP * (len(drawn) - 1)
        blocks = [_side_by_side(blocks)] if room <= width else blocks
    else:
        blocks = [_without_empty_ends(blocks[0])]
    wide = max((line.cell_len for line in blocks[-1]), default=0)
    reaches = wide + _GAP + max((line.cell_len for line in beside), default=0)
    if beside and len(beside) <= len(blocks[0]) and len(blocks) == 1 and reaches <= width:
        above = (len(blocks[0]) - len(beside)) // 2
        beside = [Text()] * above + beside
        return Group(*_side_by_side([blocks[0], beside]))
    return spaced(*(Group(*block) for block in [*blocks, beside] if block))


def _without_empty_ends(lines: list[Text]) -> list[Text]:
    full = [k for k, line in enumerate(lines) if line.plain]
    return lines[full[0] : full[-1] + 1]


def _side_by_side(blocks: Sequence[Sequence[Text]]) -> list[Text]:
    lines = []
    columns = [0]
    for block in blocks:
        columns.append(columns[-1] + max(line.cell_len for line in block) + _GAP)
    for k in range(max(map(len, blocks))):
        line = Text(no_wrap=True)
        for block, column in zip(blocks, columns, strict=False):
            if k < len(block) and block[k].plain:
                line.append(" " * (column - line.cell_len)).append_text(block[k])
        lines.append(line)
    return lines


# --------------------------------------------------------------------------------------------------
# What becomes of Wh: ReLU as a bent line, and a bar for each bias.


def _outputs(model: ToyModel, notation: PlainNotation) -> Iterator[Text]:
    is_relu, known = model.activation == "relu", picture.biases(model)
    hat = notation.words("x\u0302")
    z = "Wh + b" if known else "Wh"
    if not is_relu:
        yield Text(f"{hat} = {z}")
        yield Text("linear: no ReLU" if known else "linear: no ReLU, no b")
    else:
        yield Text(f"{hat} = ReLU({z})")
        yield Text()
        yield from _bent_line(notation)
    if known:
        yield Text()
        yield from _bars(known, notation)


def _bent_line(notation: PlainNotation) -> Iterator[Text]:
    """The graph of ReLU, and what it does."""
    upper, lower = ("        ⢀⠔⠁", "⠤⠤⠤⠤⠤⠤⢤⠔⠁") if notation.unicode else ("        /", "_______/")
    yield Text(upper, "bold")
    yield Text(lower, "bold")
    yield Text("negative becomes 0")


def _bars(known: Sequence[picture.SharedBias], notation: PlainNotation) -> Iterator[Text]:
    """The biases: a bar from a common line, to the left where one is negative, and its number."""
    known, more = known[:_MOST_BARS], known[_MOST_BARS:]
    values = [to_float(value) for _, value in known]
    most = max(1.0, *map(abs, values))
    lengths = [round(_BAR * value / most) for value in values]
    names = [picture.label(features, unicode=notation.unicode) for features, _ in known]
    names = ["all"] if len(known) == 1 else names
    wide, left = max(map(len, names)), -min(0, *lengths)
    fill, axis = ("━", "│") if notation.unicode else ("=", "|")
    yield Text("b")
    for (features, value), name, length in zip(known, names, lengths, strict=True):
        before = (fill * max(-length, 0)).rjust(left)
        behind = fill * max(length, 0)
        yield Text.assemble(
            f"{name:<{wide}}  ",
            (before, terminal_colour(features[0])),
            (axis, _FAINT),
            (behind, terminal_colour(features[0])),
            f" {notation.number(value)}",
        )
    if more:
        yield Text(f"and {len(more)} more")


# --------------------------------------------------------------------------------------------------
# A view of the arrows: cells of 2 × 4 dots.


class Canvas:
    """Cells of 2 × 4 dots; (0, 0) of the model lies in the middle cell.

    ``arrow_cells`` are those with a dot of an arrow, ``labels`` those of each label.
    """

    def __init__(self, columns: int, rows: int, reach: float, notation: PlainNotation) -> None:
        self.columns, self.rows, self.notation = columns, rows, notation
        self.radius = min(columns - 12, 2 * rows - 5)  # dots; beyond it is room for labels
        if rows < columns // 4:  # a line, whose labels stand above and below
            self.radius = columns - 12
        self.reach = reach
        self.captions: list[str] = []
        self.unlabelled: list[int] = []
        self.arrow_cells: set[Cell] = set()
        self.labels: dict[tuple[int, ...], list[Cell]] = {}
        self._dots: dict[Cell, int] = {}
        self._shown: dict[Cell, tuple[str, str]] = {}  # a character of its own, and a style
        self._styles: dict[Cell, str] = {}

    @property
    def nearness(self) -> float:
        """The distance of two ends that fall into one dot or two, in the model's own units."""
        return 1.5 * self.reach / self.radius

    @property
    def is_unit_visible(self) -> bool:
        """Whether the unit circle is larger than a few dots."""
        return self.radius / self.reach >= 3

    def draw(self, pane: Pane, *, is_line: bool = False) -> None:
        """The circle, or the marks of a line; the arrows, the longest first; then their labels."""
        self.captions = [pane.name, *picture.points_in_words(pane)] if pane.name else []
        if is_line:
            self._draw_ruler()
        else:
            self._draw_circle()
        for shaft in pane.shafts:
            self._draw_arrow(shaft)
        if pane.points:
            self._mark_origin()
        for shaft in (*pane.shafts, *pane.points):
            self._place_label(shaft)

    def lines(self) -> list[Text]:
        """What was drawn, line by line, and the captions below."""
        lines = []
        for row in range(self.rows):
            line = Text(no_wrap=True)
            for column in range(self.columns):
                line.append(*self._character((column, row)))
            line.rstrip()
            lines.append(line)
        return [*lines, *map(Text, self.captions)]

    def dot(self, x: float, y: float) -> Cell:
        """The dot, counted from the left and from above, of a point of the model."""
        scale = self.radius / self.reach
        return self.columns + round(x * scale), 2 * self.rows - round(y * scale)

    def _draw_circle(self) -> None:
        unit = self.radius / self.reach
        step = 3 if self.notation.unicode else 5
        if self.is_unit_visible:
            for x, y in picture.circle(max(8, round(2 * 3.1416 * unit / step))):
                self._mark(self.dot(x, y), _FAINT)
        for k in range(-self.radius, self.radius + 1, 6):
            self._mark((self.columns + k, 2 * self.rows), _FAINT)
            self._mark((self.columns, 2 * self.rows - k), _FAINT)

    def _draw_ruler(self) -> None:
        for k in range(-self.radius, self.radius + 1, 2):
            self._mark((self.columns + k, 2 * self.rows), _FAINT)
        for x in (-1, 0, 1):
            across, down = self.dot(x, 0)
            for k in range(-5, 6):
                self._mark((across, down + k), _FAINT)

    def _draw_arrow(self, shaft: Shaft) -> None:
        colour = terminal_colour(shaft.features[0])
        # a dot at each step of the longer way or, in ASCII, one character in each cell
        wide, high = (1, 1) if self.notation.unicode else (2, 4)
        ends = (self.dot(0, 0), self.dot(shaft.x, shaft.y))
        (column, row), (to_column, to_row) = ((x // wide, y // high) for x, y in ends)
        far = max(abs(to_column - column), abs(to_row - row), 1)
        for k in range(far + 1):
            x = column + round(k * (to_column - column) / far)
            y = row + round(k * (to_row - row) / far)
            self._mark((x * wide, y * high), colour, self._stroke(shaft))
        self._draw_head(shaft, colour)

    def _draw_head(self, shaft: Shaft, colour: str) -> None:
        tip = self.dot(shaft.x, shaft.y)
        if not self.notation.unicode:
            steep = abs(shaft.y) > abs(shaft.x)
            signs = ("^" if shaft.y > 0 else "v") if steep else (">" if shaft.x > 0 else "<")
            self._mark(tip, colour, signs)
            return
        length = min(6.0, hypot(tip[0] - self.columns, tip[1] - 2 * self.rows))
        angle = radians(picture.direction(shaft))
        for back in range(int(2 * length) + 1):  # half a dot at a time, or there would be holes
            wide = 0.45 * back / 2
            for k in range(-6, 7):
                side = wide * k / 6
                x = tip[0] - back / 2 * cos(angle) - side * sin(angle)
                y = tip[1] + back / 2 * sin(angle) - side * cos(angle)
                self._mark((round(x), round(y)), colour)

    def _stroke(self, shaft: Shaft) -> str:
        """The ASCII character that lies as the arrow does."""
        along, up = abs(shaft.x) / shaft.length, abs(shaft.y) / shaft.length
        if up < 0.38:  # less than 22.5 degrees
            return "-"
        if along < 0.38:
            return "|"
        return "/" if shaft.x * shaft.y > 0 else "\\"

    def _mark_origin(self) -> None:
        """A ring, where a feature has no arrow to be seen."""
        cell = self._cell(self.dot(0, 0))
        self._shown[cell] = ("o", "bold")
        self.arrow_cells.add(cell)

    def _mark(self, dot: Cell, style: str, character: str = "") -> None:
        cell = self._cell(dot)
        if not (0 <= cell[0] < self.columns and 0 <= cell[1] < self.rows):
            return
        self._dots[cell] = self._dots.get(cell, 0) | _BRAILLE[dot[1] % 4][dot[0] % 2]
        self._styles[cell] = style
        if style == _FAINT:
            character = "."
        else:
            self.arrow_cells.add(cell)
        if not self.notation.unicode:
            self._shown[cell] = (character, style)

    def _place_label(self, shaft: Shaft) -> None:
        """The features' numbers at the first place beside the end where nothing stands."""
        text = picture.label(shaft.features, unicode=self.notation.unicode)
        across, down = self.dot(shaft.x, shaft.y)
        found: list[list[Cell]] = []
        if len(self.labels) < picture.MOST_LABELS:
            for right, up in picture.label_places(shaft, 4.0):
                column, row = self._cell((round(across + right), round(down - up)))
                # beside the arrow a long label goes away from it, above and below it is centred
                first = column - (len(text) - 1) * (1 + (right < -2) - (right > 2)) // 2
                found.append([(first + k, row) for k in range(len(text))])
        # near the end with air around it, else near the end, else further off
        near = found[:_NEAR]
        for cells in (*(each for each in near if self._has_air(each)), *found):
            if self._is_free(cells):
                self.labels[shaft.features] = cells
                self._clear_beside(cells)
                style = f"bold {terminal_colour(shaft.features[0])}"
                for cell, character in zip(cells, text, strict=True):
                    self._shown[cell] = (character, style)
                return
        self.unlabelled += shaft.features

    def _clear_beside(self, cells: Sequence[Cell]) -> None:
        """Take faint dots away beside a label: .1 is no number of a feature."""
        (first, row), (last, _) = cells[0], cells[-1]
        for cell in ((first - 1, row), (last + 1, row)):
            if cell not in self.arrow_cells:
                self._dots.pop(cell, None)
                self._shown.pop(cell, None)

    def _has_air(self, cells: Sequence[Cell]) -> bool:
        (first, row), (last, _) = cells[0], cells[-1]
        return not self.arrow_cells & {(first - 1, row), (last + 1, row)}

    def _is_free(self, cells: Sequence[Cell]) -> bool:
        (first, row), (last, _) = cells[0], cells[-1]
        if not (0 <= row < self.rows and first >= 0 and last < self.columns):
            return False
        taken = {cell for label in self.labels.values() for cell in label}
        around = {(first - 1, row), (last + 1, row)}  # or 1 and 2 side by side would read as 12
        return not (self.arrow_cells & set(cells) or taken & (set(cells) | around))

    def _character(self, cell: Cell) -> tuple[str, str]:
        if cell in self._shown:
            return self._shown[cell]
        if cell in self._dots:
            return chr(0x2800 + self._dots[cell]), self._styles[cell]
        return " ", ""

    @staticmethod
    def _cell(dot: Cell) -> Cell:
        return dot[0] // 2, dot[1] // 4
