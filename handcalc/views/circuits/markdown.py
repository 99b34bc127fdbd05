"""Pages on circuits in a notebook: Markdown with LaTeX, block by block as in the terminal."""

from __future__ import annotations

from collections.abc import Iterator

from handcalc.views import latex
from handcalc.views import markdown as plain
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
from handcalc.views.latex import LATEX
from handcalc.views.text.blocks import HEAD, shown_lines


def rendered(page: Page) -> str:
    """The blocks with empty lines between; listed sentences are a list."""
    parts: list[str] = []
    listed: list[str] = []
    for block in without_repeats(page):
        if isinstance(block, Said) and block.is_listed:
            listed.append(plain.claim(block.claim))
            continue
        parts += [plain.listed(listed)] if listed else []
        listed = []
        parts += _block(block)
    parts += [plain.listed(listed)] if listed else []
    return plain.joined(*parts, plain.ROUNDED if any(map(_is_rounded, page)) else "")


def _is_rounded(block: Block) -> bool:
    if isinstance(block, Named):
        return LATEX.cells([cell for row in block.rows for cell in row]).equals == "≈"
    return isinstance(block, Tabulated) and cells_of(block.numbers, LATEX).equals == "≈"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Title(text, is_page):
            yield f"### {plain.prose(text)}" if is_page else f"**{plain.prose(text)}**"
        case Said(claim):
            yield plain.claim(claim)
        case Tabulated():
            yield _table(block)
        case Named(name, rows, labels):
            yield plain.displayed(latex.matrix(rows, name=matrix_name(name)))
            if labels:
                yield plain.prose(f"Rows of {name}: {', '.join(labels)}.")
        case Steps(work):
            yield plain.derivation(work)
        case ToType(lead, command):
            yield f"{plain.prose(lead)}`{command}`"


def matrix_name(name: str) -> str:
    r"""A name such as W_QK, with all of its index below.

    >>> matrix_name("W_QK"), matrix_name("W")
    ('W_{QK}', 'W')
    """
    letter, _, index = name.partition("_")
    return f"{letter}_{{{index}}}" if index else letter


def _table(block: Tabulated) -> str:
    found = iter(cells_of(block.numbers, LATEX).texts)

    def cell(given: Cell) -> str:
        if isinstance(given, Formula):
            return plain.inline(LATEX.expression(given.expression))
        return plain.prose(given) if isinstance(given, str) else plain.inline(next(found))

    rows = [[cell(each) for each in row] for row in block.rows]
    numbers = shown_lines(len(rows))
    shown = [rows[i] for i in numbers]
    if len(shown) < len(rows):
        left = f"… {len(rows) - len(shown)} rows are left out here"
        shown.insert(HEAD, [left, *([""] * (len(block.heads) - 1))])
    return plain.table([plain.prose(head) for head in block.heads], shown)
