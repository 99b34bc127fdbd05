"""What programs print around a table: labels of rows and columns, headings, frames of lines.

A table is taken for a printed one only where its marks are decisive: labels in brackets, numbers
that stand under their headings to the character, an empty corner, a frame of lines. Each block of
columns comes out as the text with all else blanked, so that its cells keep their places.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from handcalc.parsing.characters import FILLER
from handcalc.parsing.formats.frames import (
    INDEX_NAME,
    NUMERIC,
    Blocks,
    check_blocks,
    counting_column,
    counts,
    lines_of,
    only,
    read_labelled,
    read_separated,
)
from handcalc.parsing.formats.wrapping import blank
from handcalc.parsing.refusal import UnreadableError, decimal_comma

# --------------------------------------------------------------------------------------------------
# A whole model in one text, as handcalc shows it: W for a matrix, b for a list. Only what is marked
# as a model is taken for one: both names, in one of handcalc's own views.

Part: TypeAlias = Literal["W", "b"]

_REST: Final = r"(?s:.)*"
_VIEWS: Final = (
    # ToyModel("1 0; 0 1", b="0 1/2", activation="relu")
    re.compile(rf"\s*+ToyModel\(\"(?P<W>[^\"]*)\", b=\"(?P<b>[^\"]*)\"{_REST}"),
    # the terminal's: rows in brackets, b = (0, 1/2) below them, and the formula of the output
    re.compile(
        r"\s*+(?P<W>(?:[^\n\]⎤⎥⎦]*+[\]⎤⎥⎦][^\n]*+\n)+)"
        r"(?P<indent>[ \t]*+)(?P<b>b [=≈] \([^\n]*+(?:\n(?P=indent)[ \t]++[^\n]*+)*)"
        r"(?:\n(?P=indent)x[^\n]*+)?\s*"
    ),
    # the Markdown's
    re.compile(
        r"\s*+(?:\$\$\s*+)?"
        r"(?P<W>W (?:=|\\approx) \\begin(?:(?!\\end)(?s:.))*\\end\{bmatrix\}), \\quad "
        r"(?P<b>b (?:=|\\approx) \\left\((?:(?!\\right\), \\quad)(?s:.))*\\right\))" + _REST
    ),
    # JSON, with more behind W and b
    re.compile(
        r"\s*+\{(?:[^\[\]]*,)?\s*\"W\":\s*(?P<W>\[[^:]*\])\s*,\s*\"b\":\s*(?P<b>\[[^:\[\]]*\])"
        + _REST
    ),
)


def part_of_model(text: str, part: Part) -> str:
    """The text with only W or only b left, where it is a whole model; else as it is.

    >>> part_of_model('ToyModel("1 0", b="5")', "b").split()
    ['5']
    """
    for view in _VIEWS:
        found = view.fullmatch(text)
        if found is not None:
            start, end = found.span(part)
            return blank(text[:start]) + text[start:end] + blank(text[end:])
    return text


# --------------------------------------------------------------------------------------------------
# Printed tables.


def blocks(typed: str, text: str) -> Blocks:
    r"""The blocks of columns of a printed table, or ``None`` where it is no such table.

    ``typed`` is the text as it came, ``text`` the same in plain characters.

    >>> [block.split() for block in blocks("", "     [,1]\n[1,]  0.5\n[2,]   -1") or ()]
    [['0.5', '-1']]
    """
    drawn = _drawn(typed, text)
    if drawn is not None:
        return drawn
    readers = (_indexed, _julia, _framed, _piped, _ruled, _series, _polars_series, _column_blocks)
    for read in (*readers, read_separated, read_labelled):
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
    # the tall brackets are blanks in the plain text: where cells stand is told from the typed one
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
    # the number in brackets is the place of the line's first cell: one that is wrong is no place
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
    # Julia says how large it is: what was lost in copying shows, unless dots say so themselves
    rows = [line.split() for line in body.split("\n") if line.strip()]
    said = heading["rows"] or heading["length"], heading["columns"] or "1"
    if any("…" in line or "⋮" in line for line in rows):
        return [blank(text[: heading.end()]) + body]
    if any((str(len(rows)), str(len(row))) != said for row in rows):
        raise UnreadableError(
            "ragged",
            f"The heading says {' × '.join(said)}, and other numbers stand below it; "
            "type all of them.",
            heading.end(),
        )
    return [blank(text[: heading.end()]) + body]


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
    return None if heading is None else [blank(heading[0]) + text[heading.end() :]]


# ── Octave and MATLAB ───────────────────────────────────────────────────────────────────────────

_COLUMNS: Final = re.compile(r"(?m)^[ \t]*Columns? [0-9]+(?: (?:through|to|and) [0-9]+)?:?[ \t]*$")
_KIND: Final = re.compile(
    r"(?m)^[ \t]*(?:Diagonal|Permutation|Upper triangular|Lower triangular) Matrix[ \t]*$"
)
_SCALE: Final = re.compile(r"(?m)^[ \t]*1(?:\.0)?e[-+][0-9]+[ \t]*\*[ \t]*$")


def _column_blocks(text: str) -> Blocks:
    """Blocks of columns below ``Columns 1 through 8:``, and ``Diagonal Matrix`` above a matrix."""
    scale = _SCALE.search(text)
    if scale is not None:
        raise UnreadableError(
            "unexpected",
            "A common factor stands above the matrix; print it without, by format long g in MATLAB "
            "or mat2str(W), and type that.",
            scale.start(),
        )
    plain, text = text, _KIND.sub(lambda it: blank(it[0]), text)
    found = list(_COLUMNS.finditer(text))
    if not found:
        return None if text == plain else [text]
    before = text[: found[0].start()]
    if before.strip() and not re.fullmatch(r"\s*[A-Za-z]\w*\s*=\s*", before):
        return None
    check_blocks(len(found), text)
    ends = [it.start() for it in found[1:]] + [len(text)]
    return [
        blank(text[: it.end()]) + text[it.end() : end] for it, end in zip(found, ends, strict=True)
    ]


# ── lines between the rows: Markdown, LaTeX, polars ─────────────────────────────────────────────

_BORDER: Final = re.compile(r"[ \t]*[┌┬┐├┼┤└┴┘╞╪╡╭╮╰╯─═┄╌|+:-]+[ \t]*")

_COMMA_IN_CELL: Final = re.compile(r"[0-9)}\]][,;](?=[ \t]*[-+]?[0-9.√(])")


def _framed(text: str) -> Blocks:
    """A table drawn with lines, as polars prints it: the names stand above the double line."""
    if not re.search(r"(?m)^[ \t]*[┌╭]─", text) or ("╞" not in text and "├" in text):
        return None
    lines = text.split("\n")
    _check_commas(text, "│┆", least=2 if "╞" in text else 3)
    middle = next((i for i, line in enumerate(lines) if "╞" in line), 0)
    out = []
    for i, line in enumerate(lines):
        is_row = i > middle and "│" in line and not _BORDER.fullmatch(line.replace("│", "|"))
        inner = re.sub("[│┆]", ",", line) if is_row else ""
        out.append(_without_ends(inner) if is_row else blank(line))
    return ["\n".join(out)]


def _piped(text: str) -> Blocks:
    """Markdown's tables, with a header or without."""
    lines = text.split("\n")
    rows = [i for i, line in enumerate(lines) if line.strip()]
    if len(rows) < 2 or not all(re.fullmatch(r"[ \t]*\|.*\|[ \t]*", lines[i]) for i in rows):
        return None
    rules = [i for i in rows if re.fullmatch(r"[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*", lines[i])]
    cells = {i: [c.strip(" \t$") for c in lines[i].strip(" \t")[1:-1].split("|")] for i in rows}
    if rules not in ([], [rows[1]]) or min(len(cells[i]) for i in rows) < 2 - bool(rules):
        return None
    body = rows[2:] if rules else rows
    start = len("\n".join([*lines[: rows[0]], ""]))
    _check_commas(text, "|", least=2 if rules else 3)
    header = cells[rows[0]]
    corner = header[0]
    if len({len(cells[i]) for i in rows}) > 1:
        raise UnreadableError("ragged", "Every line between bars must have as many cells.", start)
    is_labelled = bool(rules) and _has_labels(header, [cells[i][0] for i in body], start)
    if rules and corner and any(NUMERIC.fullmatch(cell) for cell in header):
        raise UnreadableError(
            "ambiguous_header",
            "The line above |---| may hold the names of the columns or the first row; leave it and "
            "the |---| out, or only the |---| if it is a row.",
            start,
        )
    out = []
    for i, line in enumerate(lines):
        inner = _without_ends(line.replace("|", ",").replace("$", " ")) if i in body else ""
        label, comma, numbers = inner.partition(",") if is_labelled else ("", "", inner)
        out.append(blank(label + comma) + numbers if i in body else blank(line))
    return ["\n".join(out)]


def _has_labels(header: list[str], labels: list[str], start: int) -> bool:
    """Whether the first column names the rows."""
    corner, *names = header
    if all(map(_is_word, labels)) or (not corner and names and all(names)):
        return True
    if not corner and any(names):
        raise UnreadableError(
            "ambiguous_header",
            "Some columns have a name here and others have none, so the first may hold labels or "
            "numbers; leave the line above |---| out, and the |---| too.",
            start,
        )
    if not counts(labels):
        return False
    if INDEX_NAME.fullmatch(corner):
        return True
    if len(labels) < 3 or len(header) == 1:
        return False
    raise counting_column(start)


def _is_word(label: str) -> bool:
    """Whether a label is no number: it is empty, or has letters that are no function's."""
    rest = re.sub(
        r"(?<![A-Za-z])(?:sqrt|cos|sin|pi)(?![a-z])|π|(?<=[0-9.])[eE](?=[-+0-9])", "", label
    )
    return not label or ("\\" not in label and any(c.isalpha() or c == "#" for c in rest))


def _check_commas(text: str, bars: str, *, least: int) -> None:
    """Refuse a comma inside a cell, where bars part the cells: ``least`` of them in a line."""
    start = 0
    for line in text.split("\n"):
        found = _COMMA_IN_CELL.search(line) if sum(map(line.count, bars)) >= least else None
        if found is not None and re.match(r"[0-9],[0-9]", line[found.start() :]):
            raise decimal_comma(start + found.start() + 1)
        if found is not None:
            raise UnreadableError(
                "unexpected",
                "Bars separate the numbers here, so a comma or semicolon between two of them is "
                "unclear; type one number between two bars.",
                start + found.start() + 1,
            )
        start += len(line) + 1


def _without_ends(line: str) -> str:
    """A row of cells without its first and last separator."""
    first, last = line.index(","), line.rindex(",")
    return f"{line[:first]} {line[first + 1 : last]} {line[last + 1 :]}"


_TABULAR: Final = re.compile(r"\\begin\s*\{tabular\}")
_MIDRULE: Final = re.compile(r"\\\\\s*\\midrule")
_TOP, _BOTTOM = r"\toprule", r"\bottomrule"


def _ruled(text: str) -> Blocks:
    r"""LaTeX's tabular with names above \midrule, and labels where the corner is empty.

    Errors: ``UnreadableError`` with code ``ambiguous_header`` for numbers above the rule.
    """
    begin = _TABULAR.search(text)
    top = text.find(_TOP, begin.end()) if begin else -1
    rule = _MIDRULE.search(text, top) if top >= 0 else None
    end = text.find(_BOTTOM, rule.end()) if rule else -1
    if begin is None or rule is None or end < 0 or "&" in text[begin.end() : top]:
        return None
    head = top + len(_TOP)
    corner, *names = (name.strip() for name in text[head : rule.start()].split("&"))
    if corner and any(NUMERIC.fullmatch(name) for name in (corner, *names)):
        raise UnreadableError(
            "ambiguous_header",
            r"The line above \midrule may hold the names of the columns or the first row; leave it "
            r"out, or the \midrule.",
            head,
        )
    body = text[rule.end() : end]
    if not corner:
        body = re.sub(r"(?:\A|(?<=\\\\))[^&\\]*&", lambda it: blank(it[0]), body)
    return [text[:top] + blank(text[top : rule.end()]) + body + text[end:]]
