"""What programs print around a table: labels of rows and columns, headings, frames of lines.

A table is taken for a printed one only where its marks are decisive: labels in brackets, numbers
that stand under their headings to the character, an empty corner, a frame of lines. Each block of
columns comes out as the text with all else blanked, so that its cells keep their places.
"""

from __future__ import annotations

import re
from typing import Final

from handcalc.parsing.characters import FILLER
from handcalc.parsing.formats.bordered import framed, piped, ruled
from handcalc.parsing.formats.frames import labelled, separated
from handcalc.parsing.formats.pieces import Blocks, check_blocks, lines_of, only
from handcalc.parsing.formats.wrapping import blanked
from handcalc.parsing.refusal import UnreadableError


def blocks(typed: str, text: str) -> Blocks:
    r"""The blocks of columns of a printed table, or ``None`` where it is no such table.

    ``typed`` is the text as it came, ``text`` the same in plain characters.

    >>> [block.split() for block in blocks("", "     [,1]\n[1,]  0.5\n[2,]   -1") or ()]
    [['0.5', '-1']]
    """
    drawn = _drawn(typed, text)
    if drawn is not None:
        return drawn
    for read in (
        _indexed,
        _julia,
        framed,
        piped,
        ruled,
        _series,
        _polars_series,
        _columns,
        separated,
        labelled,
    ):
        found = read(text)
        if found is not None:
            return found
    return None


# ── rows in brackets, with a label behind ───────────────────────────────────────────────────────

_DRAWN: Final = re.compile(
    r"(?P<name>[ \t]*+(?:[A-Za-zΑ-ω]\w* [=≈] )?)[ \t]*+[⎡⎢⎣\[](?P<cells>[^\[\]⎡⎢⎣⎤⎥⎦]*)[⎤⎥⎦\]]"
    r"(?:[ \t]+(?:feature|row|dimension) [0-9]+)?[ \t]*"
)


def _drawn(typed: str, text: str) -> Blocks:
    """handcalc's own matrices: rows in tall brackets, ``feature 1`` beside them."""
    if not re.search(r"\][ \t]+(?:feature|row)|[⎤⎥⎦][ \t]+(?:feature|row)|[=≈] [⎢⎡⎣]", typed):
        return None
    out, named = [], 0
    for line in typed.split("\n"):
        found = _DRAWN.fullmatch(line.rstrip("\r"))
        if found is None:
            if line.strip():
                return None
            out.append(" " * len(line))
            continue
        named += bool(found["name"].strip())
        start, end = found.span("cells")
        out.append(" " * start + "\1" * (end - start) + " " * (len(line) - end))
    if named > 1:
        return None
    mask = "\n".join(out)
    cells = "".join(c if m in "\1\n" else " " for c, m in zip(text, mask, strict=True))
    # two blanks or more part the columns, so a sign between two single ones adds, as in 1/2 + √5/2
    joined = re.sub(r"(?<=\S) ([-+]) (?=\S)", rf"{FILLER}\1{FILLER}", cells)
    sums = [piece for piece in joined.split() if FILLER in piece]
    is_sure = all(re.search("[√a-z]", piece) for piece in sums) and not re.search(r"\S \S", joined)
    return [joined if is_sure else cells]


# ── R ───────────────────────────────────────────────────────────────────────────────────────────


def _indexed(text: str) -> Blocks:
    """R's vectors: ``[1] 0.0 0.5`` and so on, with the place of the first number of each line."""
    lines = lines_of(text)
    if not lines or any(not re.fullmatch(r"\[[0-9]+\]", line[0].text) for line in lines):
        return None
    count = 1
    for line in lines:
        if line[0].text != f"[{count}]" or len(line) == 1:
            return None
        count += len(line) - 1
    kept = only(text, [piece for line in lines for piece in line[1:]])
    return [kept.replace("\n", " ")]


# ── Julia ───────────────────────────────────────────────────────────────────────────────────────

_JULIA: Final = re.compile(
    r"\s*(?:(?P<rows>[0-9]+)[·x](?P<columns>[0-9]+)|(?P<length>[0-9]+)-element)"
    r" (?P<type>[^\n]*):[ \t]*\n"
)


def _julia(text: str) -> Blocks:
    """The array below ``2×2 Matrix{Float64}:``, with dots for the zeros that are no numbers."""
    heading = _JULIA.match(text)
    if heading is None:
        return None
    body = text[heading.end() :]
    body = re.sub(r"(?m)(?<![^\s])·(?![^\s])", "0", body)
    body = re.sub(r"(?<=[0-9])//(?=[0-9])", f"/{FILLER}", body)
    body = re.sub(r"(?<=[0-9])f(?=[-+]?[0-9])", "e", body)
    rows = [line.split() for line in body.split("\n") if line.strip()]
    said = heading["rows"] or heading["length"], heading["columns"] or "1"
    if any("…" in line or "⋮" in line for line in rows):
        return [blanked(text[: heading.end()]) + body]
    if any((str(len(rows)), str(len(row))) != said for row in rows):
        raise UnreadableError(
            "ragged",
            f"The heading says {' × '.join(said)}, and other numbers stand below it; "
            "type all of them.",
            heading.end(),
        )
    return [blanked(text[: heading.end()]) + body]


# ── pandas' series ──────────────────────────────────────────────────────────────────────────────


def _series(text: str) -> Blocks:
    """A label and a number on every line, and ``dtype:`` below them."""
    lines = lines_of(text)
    if len(lines) < 2 or "dtype:" not in [piece.text for piece in lines[-1]]:
        return None
    if any(len(line) != 2 for line in lines[:-1]):
        return None
    return [only(text, [line[1] for line in lines[:-1]])]


def _polars_series(text: str) -> Blocks:
    """A list behind ``Series: 'b' [f64]``."""
    heading = re.match(r"\s*shape: \([0-9]+,\)\s*Series: '[^'\n]*' \[\w+\](?=\s*\[)", text)
    return None if heading is None else [blanked(heading[0]) + text[heading.end() :]]


# ── Octave and MATLAB ───────────────────────────────────────────────────────────────────────────

_COLUMNS: Final = re.compile(r"(?m)^[ \t]*Columns? [0-9]+(?: (?:through|to|and) [0-9]+)?:?[ \t]*$")
_KIND: Final = re.compile(
    r"(?m)^[ \t]*(?:Diagonal|Permutation|Upper triangular|Lower triangular) Matrix[ \t]*$"
)
_SCALE: Final = re.compile(r"(?m)^[ \t]*1(?:\.0)?e[-+][0-9]+[ \t]*\*[ \t]*$")


def _columns(text: str) -> Blocks:
    """Blocks of columns below ``Columns 1 through 8:``, and ``Diagonal Matrix`` above a matrix."""
    scale = _SCALE.search(text)
    if scale is not None:
        raise UnreadableError(
            "unexpected",
            "A common factor stands above the matrix; print it without, by format long g in MATLAB "
            "or mat2str(W), and type that.",
            scale.start(),
        )
    plain, text = text, _KIND.sub(lambda it: blanked(it[0]), text)
    found = list(_COLUMNS.finditer(text))
    if not found:
        return None if text == plain else [text]
    before = text[: found[0].start()]
    if before.strip() and not re.fullmatch(r"\s*[A-Za-z]\w*\s*=\s*", before):
        return None
    check_blocks(len(found), text)
    ends = [it.start() for it in found[1:]] + [len(text)]
    return [
        blanked(text[: it.end()]) + text[it.end() : end]
        for it, end in zip(found, ends, strict=True)
    ]
