"""Circuits as SVG: attention as grids, tables as heat maps, the residual stream as a diagram.

Each drawing says in words what it shows, for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias
from xml.sax.saxutils import escape

import sympy

from handcalc.circuits.corpus import Bigrams
from handcalc.circuits.positions import Number
from handcalc.circuits.run import CircuitRun
from handcalc.circuits.tables import TokenTable
from handcalc.views.circuits.blocks import as_drawn, cells_of
from handcalc.views.circuits.in_words import attends, largest, places
from handcalc.views.notation import UNICODE
from handcalc.views.svg import STYLE
from handcalc.wording import joined

Drawn: TypeAlias = "tuple[float, float, list[str]]"  # width, height, parts with their origin at 0

_CELL, _FONT, _SMALL, _LETTER = 44.0, 14, 11, 8.0
_FIGURE = 6.5  # how wide a figure of a cell is at most
_GAP, _TITLE = 28.0, 26.0
_POSITIVE, _NEGATIVE = "#0072B2", "#D55E00"  # told apart by the colour-blind too
_LONGEST = 14  # characters of a name
_MOST = 40  # tokens each way
_BOX, _STEP, _WIDE = 34.0, 62.0, 96.0


def run(shown: CircuitRun) -> str:
    """The residual stream with its heads, and beside it the attention pattern of each.

    >>> from handcalc.circuits.gallery.listing import circuit
    >>> run(circuit("induction").run()).count('class="cell"')
    20
    """
    tokens = shown.tokens[:_MOST]
    labels = places(tokens)
    parts = [_stream(shown)]
    words = []
    for a, layer in enumerate(shown.pattern, 1):
        row = []
        for b, pattern in enumerate(layer, 1):
            rows = [line[: len(tokens)] for line in pattern[: len(tokens)]]
            row.append(_cells(f"Head {a}.{b}", labels, labels, rows, is_causal=True))
            words.append(f"Head {a}.{b}: {attends(labels, rows)}.")
        parts.append(_beside(row))
    best = " or ".join(shown.predictions[-1])
    words.append(f"The next token is {best}.")
    stacked = _beside([parts[0], _below(parts[1:])]) if parts[1:] else parts[0]
    return _page(f"Attention on {' '.join(tokens)}", " ".join(words), stacked)


def heat_map(*shown: TokenTable) -> str:
    """Tables by token: blue above 0, orange below, the number in each cell.

    >>> from handcalc.circuits.attention_only import AttentionOnly
    >>> from handcalc.circuits.tables import bigram_table
    >>> heat_map(bigram_table(AttentionOnly("1 0; 0 1", "1 0; 0 1"))).count('class="cell"')
    4
    """
    drawn, said = [], []
    for each in shown:
        title = f"{each.name}: rows {each.row_meaning}, columns {each.column_meaning}"
        rows, columns = each.row_tokens[:_MOST], each.column_tokens[:_MOST]
        cells = [row[:_MOST] for row in each.cells[:_MOST]]
        drawn.append(_cells(title, rows, columns, cells))
        said.append(f"{each.name}. {largest(rows, columns, cells)}")
    return _page(joined([each.name for each in shown]), " ".join(said), _below(drawn))


def counts(shown: Bigrams) -> str:
    """How often each token follows each, as a heat map."""
    cells = tuple(tuple(map(sympy.Integer, row)) for row in shown.counts)
    names = shown.vocabulary
    return heat_map(TokenTable("Counts", "current", "next", names, names, cells))


# -- grids -----------------------------------------------------------------------------------------


def _cells(
    title: str,
    rows: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Sequence[Number]],
    *,
    is_causal: bool = False,
) -> Drawn:
    """A square for each number, darker for larger ones, under the names of both."""
    names, heads = list(map(_short, rows)), list(map(_short, columns))
    left = max(len(name) for name in names) * _LETTER + 10
    texts = [cells_of(row, UNICODE).texts for row in cells]
    numbers = max((len(text) for row in texts for text in row), default=0) * _FIGURE + 6
    across = max(_CELL, numbers, max(len(head) for head in heads) * _LETTER + 6)
    top = _TITLE + 22
    values = [list(map(as_drawn, row)) for row in cells]
    most = max((abs(value) for row in values for value in row), default=0.0) or 1.0
    parts = [_text(0, 12, title, bold=True)]
    parts += [
        _text(left + (j + 0.5) * across, top - 10, head, anchor="middle")
        for j, head in enumerate(heads)
    ]
    for i, name in enumerate(names):
        y = top + i * _CELL
        parts.append(_text(left - 8, y + _CELL / 2, name, anchor="end"))
        for j, value in enumerate(values[i]):
            if is_causal and j > i:
                continue
            parts += _cell((left + j * across, y, across), value / most, texts[i][j])
    # as wide as its heading at least, which may be longer than what is below
    width = max(left + len(heads) * across, len(title) * _LETTER)
    return width, top + len(names) * _CELL, parts


def _cell(place: tuple[float, float, float], share: float, text: str) -> list[str]:
    x, y, across = place
    colour = _POSITIVE if share >= 0 else _NEGATIVE
    # up to four fifths, so that a number in the ink's colour stays legible on it
    rectangle = (
        f'<rect class="cell" x="{x:.1f}" y="{y:.1f}" width="{across:.1f}" height="{_CELL:g}" '
        f'fill="{colour}" fill-opacity="{0.6 * abs(share):.3f}" stroke="#767676" '
        'stroke-width="0.5"/>'
    )
    return [
        rectangle,
        _text(x + across / 2, y + _CELL / 2, text, anchor="middle", size=_SMALL),
    ]


# -- the residual stream ---------------------------------------------------------------------------


def _stream(shown: CircuitRun) -> Drawn:
    """From tokens at the bottom to logits at the top: heads read from it, and add to it."""
    layers = [len(layer) for layer in shown.model.layers]
    height = _STEP * (2 * len(layers) + 3)
    width = 130 + _WIDE * max([1, *layers])
    x, parts = 60.0, [_text(0, 12, "The residual stream", bold=True)]
    bottom, top = height - _BOX, _TITLE + _BOX
    parts += [
        _line(f"M{x:g} {bottom - _BOX:g}V{top + _BOX:g}", 3, "stream"),
        *_boxed(x, bottom - _BOX / 2, "embed"),
        *_boxed(x, top + _BOX / 2, "unembed"),
        _text(x, height - 8, "tokens", anchor="middle", size=_SMALL),
        _text(x, top - 12, "logits", anchor="middle", size=_SMALL),
    ]
    for layer, heads in enumerate(layers):
        low = bottom - _BOX - _STEP * (2 * layer + 0.4)
        high = low - _STEP * 1.2
        end = x + 20 + _WIDE * heads
        parts.append(_line(f"M{x:g} {low:.1f}H{end - _WIDE / 2:.1f}", 1.5, "read"))
        parts.append(_line(f"M{end - _WIDE / 2:.1f} {high:.1f}H{x + 9:g}", 1.5, "write"))
        middle = (low + high) / 2
        for head in range(heads):
            at = x + 20 + _WIDE * (head + 0.5)
            parts.append(_line(f"M{at:.1f} {low:.1f}V{high:.1f}", 1.5, "through"))
            parts += _boxed(at, middle, f"head {layer + 1}.{head + 1}")
        parts.append(
            f'<circle class="paper line" cx="{x:g}" cy="{high:.1f}" r="9" fill="#FFFFFF" '
            'stroke="#1A1A1A" stroke-width="1.5"/>'
        )
        parts.append(_text(x, high, "+", anchor="middle"))
    return width, height, parts


def _boxed(x: float, y: float, text: str) -> list[str]:
    width = len(text) * _LETTER + 16
    box = (
        f'<rect class="paper line" x="{x - width / 2:.1f}" y="{y - _BOX / 2:.1f}" '
        f'width="{width:.1f}" height="{_BOX:g}" rx="4" fill="#FFFFFF" stroke="#1A1A1A"/>'
    )
    return [box, _text(x, y, text, anchor="middle")]


# -- a page ----------------------------------------------------------------------------------------


def _beside(drawn: Sequence[Drawn]) -> Drawn:
    x, parts = 0.0, list[str]()
    for width, _, inside in drawn:
        parts += [f'<g transform="translate({x:.1f} 0)">', *inside, "</g>"]
        x += width + _GAP
    return x - _GAP, max(height for _, height, _ in drawn), parts


def _below(drawn: Sequence[Drawn]) -> Drawn:
    y, parts = 0.0, list[str]()
    for _, height, inside in drawn:
        parts += [f'<g transform="translate(0 {y:.1f})">', *inside, "</g>"]
        y += height + _GAP
    return max(width for width, _, _ in drawn), y - _GAP, parts


def _page(title: str, words: str, drawn: Drawn) -> str:
    width, height, parts = drawn
    width, height = width + 2 * _GAP, height + 2 * _GAP
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="handcalc-drawing" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" role="img" font-family="sans-serif" '
        f'font-size="{_FONT}">\n<title>{escape(title)}</title>\n<desc>{escape(words)}</desc>\n'
        f'{STYLE}<rect class="paper" width="{width:.1f}" height="{height:.1f}" fill="#FFFFFF"/>\n'
        f'<g transform="translate({_GAP:g} {_GAP:g})">\n{body}\n</g>\n</svg>\n'
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"


def _line(path: str, width: float, kind: str) -> str:
    return (
        f'<path class="line {kind}" d="{path}" stroke="#1A1A1A" stroke-width="{width:g}" '
        'fill="none"/>'
    )


def _text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    size: int = _FONT,
    bold: bool = False,
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text class="ink" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}"'
        f'{weight} dominant-baseline="central" fill="#1A1A1A">{escape(text)}</text>'
    )
