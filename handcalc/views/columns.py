"""A table without a frame, for a page of any width."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from textwrap import wrap

from rich.cells import cell_len

_GAP = 2
_LEAST = 20


def fitting(
    rows: Sequence[Sequence[str]], width: int, less: Sequence[str]
) -> Sequence[Sequence[str]]:
    """The rows, heads first, without empty columns, nor as many of ``less`` as it takes to fit.

    >>> fitting([["n", "loss", "shape"], ["1", "0.25", "pair"]], 11, ["shape"])
    [['n', 'loss'], ['1', '0.25']]
    """
    full = [any(column[1:]) for column in zip(*rows, strict=True)]
    rows = [list(compress(row, full)) for row in rows]
    for head in less:
        if sum(_wide(column) + _GAP for column in zip(*rows, strict=True)) - _GAP <= width:
            break
        kept = [other != head for other in rows[0]]
        rows = [list(compress(row, kept)) for row in rows]
    return rows


def columns(rows: Sequence[Sequence[str]], width: int) -> str:
    """Rows whose cells stand below each other; the last column wraps, and no line ends in blanks.

    >>> print(columns([["1", "new", "A title"], ["12", "solved", "Another"]], 80))
    1   new     A title
    12  solved  Another
    """
    widths = [_wide(column) + _GAP for column in zip(*rows, strict=True)][:-1]
    indent = sum(widths)
    lines = []
    for *cells, last in rows:
        pairs = zip(cells, widths, strict=True)
        start = "".join(cell + " " * (each - cell_len(cell)) for cell, each in pairs)
        room = max(width - indent, _LEAST)
        parts = wrap(last, room, break_on_hyphens=False, break_long_words=False) or [""]
        lines += [start + parts[0], *(" " * indent + part for part in parts[1:])]
    return "\n".join(line.rstrip() for line in lines)


def _wide(column: Sequence[str]) -> int:
    return max(map(cell_len, column))
