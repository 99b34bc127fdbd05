"""Pages on circuits in the terminal: 80 columns and others, Unicode or ASCII."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from handcalc.inputs.arguments import Matrix
from handcalc.views.circuits.blocks import (
    Block,
    Cell,
    Formula,
    Named,
    Page,
    Said,
    Steps,
    Tabulated,
    Title,
    ToType,
    cells_of,
    without_repeats,
)
from handcalc.views.layout import INDENT, CellList, Fitted, Paragraph, aligned, to_type
from handcalc.views.notation import PlainNotation
from handcalc.views.text.blocks import BOLD, HEAD, ROUNDED, brackets, heading, shown_lines
from handcalc.views.text.steps import derivation

_GAP = "  "


def rendered(page: Page, notation: PlainNotation) -> RenderableType:
    """The blocks one below the other, and a note where a decimal is rounded."""
    page, parts = without_repeats(page), list[RenderableType]()
    for before, block in zip([None, *page], page, strict=False):
        is_close = isinstance(block, Said) and block.is_listed
        is_close |= isinstance(before, Title) and not before.is_page
        is_close |= isinstance(before, Steps)  # which end in an empty line
        parts += (
            [_block(block, notation)]
            if is_close or not parts
            else [Text(), _block(block, notation)]
        )
    if any(_is_rounded(block, notation) for block in page):
        gap = [] if isinstance(page[-1], Steps) else [Text()]
        parts += [*gap, Paragraph(ROUNDED)]
    return Group(*parts)


def _block(block: Block, notation: PlainNotation) -> RenderableType:
    match block:
        case Title(text):
            return heading(notation.words(text), notation)
        case Said(claim, is_listed):
            indent = INDENT if is_listed else 0
            return Paragraph(notation.words(notation.claim(claim)), indent)
        case Tabulated():
            return _table(block, notation)
        case Named(name, rows, labels):
            return _matrix(name, rows, labels, notation)
        case Steps(work):
            return derivation(work, notation)
        case ToType(lead, command):
            return to_type(command, lead, BOLD)


def _is_rounded(block: Block, notation: PlainNotation) -> bool:
    if isinstance(block, Tabulated):
        return cells_of(block.numbers, notation).equals == "≈"
    if isinstance(block, Named):
        return notation.cells([cell for row in block.rows for cell in row]).equals == "≈"
    return False


def cell_texts(block: Tabulated, notation: PlainNotation) -> list[list[str]]:
    """The texts of a table, all numbers in one way."""
    found = iter(cells_of(block.numbers, notation).texts)

    def text(cell: Cell) -> str:
        if isinstance(cell, Formula):
            return notation.expression(cell.expression)
        return notation.words(cell) if isinstance(cell, str) else next(found)

    return [[text(cell) for cell in row] for row in block.rows]


def _table(block: Tabulated, notation: PlainNotation) -> RenderableType:
    """Columns below their heads or, where they are too wide, a paragraph for each row."""
    heads = [notation.words(head) for head in block.heads]
    texts = cell_texts(block, notation)
    numbers = shown_lines(len(texts))
    shown = [texts[i] for i in numbers]
    columns = [
        _column([row[k] for row in shown], head, is_left=_is_words(block, k))
        for k, head in enumerate(heads)
    ]
    lines = [Text(_GAP.join(head for head, _ in columns).rstrip(), "dim")]
    told: list[RenderableType] = []
    for row, line in zip(shown, zip(*(cells for _, cells in columns), strict=True), strict=True):
        lines.append(Text(_GAP.join(line).rstrip()))
        named = zip(heads[1:], row[1:], strict=True)
        said = "; ".join(
            f"{head}: {cell}" if " " in cell else f"{head} {cell}"
            for head, cell in named
            if cell != "."
        )
        told.append(Paragraph(f": {said}", 0, row[0], BOLD))
    left = len(texts) - len(shown)
    if left:
        sentence = f"... {left} rows are left out here; --json has all."
        lines.insert(HEAD + 1, Text(sentence, "dim"))
        told.insert(HEAD, Paragraph(sentence))
    return Fitted(tuple(lines), Group(*told))


def _is_words(block: Tabulated, column: int) -> bool:
    """Whether a column holds texts alone, which stand at its left."""
    return all(isinstance(row[column], str) and row[column] != "." for row in block.rows)


def _column(cells: Sequence[str], head: str, *, is_left: bool) -> tuple[str, list[str]]:
    if is_left:
        width = max(map(cell_len, (head, *cells)))
        head, *shown = (text + " " * (width - cell_len(text)) for text in (head, *cells))
        return head, shown
    shown = aligned(cells)
    width = max(map(cell_len, (head, *shown)))
    head, *shown = (" " * (width - cell_len(text)) + text for text in (head, *shown))
    return head, shown


def _matrix(
    name: str, rows: Matrix, labels: Sequence[str], notation: PlainNotation
) -> RenderableType:
    """In brackets with labels beside; where that is too wide, row by row."""
    given = notation.cells([cell for row in rows for cell in row])
    width = len(rows[0])
    texts = [list(given.texts[i : i + width]) for i in range(0, len(given.texts), width)]
    columns = [aligned(column) for column in zip(*texts, strict=True)]
    shown = [list(row) for row in zip(*columns, strict=True)]
    middle, opening = (len(shown) - 1) // 2, f"{name} {notation.words(given.equals)} "
    lines = []
    numbers = shown_lines(len(shown))
    for i, row in enumerate(shown):
        left, right = brackets(i, len(shown), notation)
        lead = opening if i == middle else " " * len(opening)
        label = f"   {notation.words(labels[i])}" if labels else ""
        lines.append(Text(f"{lead}{left} {'   '.join(row)} {right}{label}"))
    told: list[RenderableType] = [
        CellList(notation.words(labels[i]) if labels else f"row {i + 1}", tuple(row), "", INDENT)
        for i, row in enumerate(texts)
        if i in numbers
    ]
    cut = len(shown) - len(numbers)
    if cut:
        told.append(Paragraph(f"The {cut} rows between are left out here.", INDENT))
        return Group(Text(f"{name}, row by row:"), *told)
    return Fitted(tuple(lines), Group(Text(f"{name}, row by row:"), *told))
