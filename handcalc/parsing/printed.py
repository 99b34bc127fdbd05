"""What programs print around a table: labels of rows and columns, headings, frames of lines.

A table is taken for a printed one only where its marks are decisive: labels in brackets, numbers
that stand under their headings to the character, an empty corner, a frame of lines. Each block of
columns comes out as the text with all else blanked, so that its cells keep their places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from handcalc.parsing.refusal import RefusalError
from handcalc.parsing.wrapping import FILLER, blanked

__all__ = ["blocks"]

Blocks: TypeAlias = "list[str] | None"


class Piece(NamedTuple):
    """A run of characters, and where it stands in the text and in its line."""

    text: str
    start: int
    column: int = 0

    @property
    def end(self) -> int:
        """The place behind it in the text."""
        return self.start + len(self.text)

    @property
    def right(self) -> int:
        """The place behind it in its line."""
        return self.column + len(self.text)


Line: TypeAlias = "list[Piece]"

_NAME: Final = re.compile(r"[A-Za-z_.][\w.]*|\"[^\"0-9][^\"]*\"|'[^'0-9][^']*'")
_QUOTED: Final = re.compile(r"\"[^\"]+\"|'[^']+'")
_NO_NAME: Final = re.compile(
    r"(?i:[OlI]+|x_?[0-9]+|nan|na|inf(?:inity)?|oo|none|null|true|false|pi|sqrt|cos|sin|[ij])"
)
_COUNT: Final = re.compile(r"[0-9]+")
_R_LABEL: Final = re.compile(r"\[[0-9]*,[0-9]*\]")
_TRAILER: Final = re.compile(r"\[[0-9]+ rows x [0-9]+ columns\]")
_DECIMAL: Final = re.compile(
    r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
)
_NUMERIC: Final = re.compile(r"[-+]?[0-9.][-+0-9.eE/]*")


def blocks(typed: str, text: str) -> Blocks:
    r"""The blocks of columns of a printed table, or ``None`` where it is no such table.

    ``typed`` is the text as it came, ``text`` the same in plain characters.

    >>> [block.split() for block in blocks("", "     [,1]\n[1,]  0.5\n[2,]   -1") or ()]
    [['0.5', '-1']]
    """
    drawn = _drawn(typed, text)
    if drawn is not None:
        return drawn
    for read in (_indexed, _julia, _framed, _piped, _series, _columns, _separated, _labelled):
        found = read(text)
        if found is not None:
            return found
    return None


# ── rows in brackets, with a label behind ───────────────────────────────────────────────────────

_DRAWN: Final = re.compile(
    r"(?P<name>[ \t]*(?:[A-Za-zΑ-ω]\w* = )?)[ \t]*(?P<open>[⎡⎢⎣\[])(?P<cells>[^\[\]⎡⎢⎣⎤⎥⎦]*)[⎤⎥⎦\]]"
    r"(?P<label>[ \t]+(?:feature|row|dimension) [0-9]+)?[ \t]*"
)


def _drawn(typed: str, text: str) -> Blocks:
    """handcalc's own matrices: rows in tall brackets, ``feature 1`` beside them."""
    if not re.search(r"\][ \t]+(?:feature|row)|[⎤⎥⎦][ \t]+(?:feature|row)|= [⎢⎡⎣]", typed):
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
    return ["".join(c if m in "\1\n" else " " for c, m in zip(text, mask, strict=True))]


# ── R ───────────────────────────────────────────────────────────────────────────────────────────


def _indexed(text: str) -> Blocks:
    """R's vectors: ``[1] 0.0 0.5`` and so on, with the place of the first number of each line."""
    lines = _lines(text)
    if not lines or any(not re.fullmatch(r"\[[0-9]+\]", line[0].text) for line in lines):
        return None
    count = 1
    for line in lines:
        if int(line[0].text[1:-1]) != count or len(line) == 1:
            return None
        count += len(line) - 1
    kept = _only(text, [piece for line in lines for piece in line[1:]])
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
    expected = (
        [int(heading["length"]), 1]
        if heading["length"]
        else [int(heading["rows"]), int(heading["columns"])]
    )
    if any("…" in line or "⋮" in line for line in rows):
        return [blanked(text[: heading.end()]) + body]
    if len(rows) != expected[0] or any(len(row) != expected[1] for row in rows):
        raise RefusalError(
            "ragged",
            f"The heading says {expected[0]} × {expected[1]}, and other numbers stand below it; "
            "type all of them.",
            heading.end(),
        )
    return [blanked(text[: heading.end()]) + body]


# ── tables in frames of lines, Markdown's and polars' ───────────────────────────────────────────

_BORDER: Final = re.compile(r"[ \t]*[┌┬┐├┼┤└┴┘╞╪╡╭╮╰╯─═┄╌|+:-]+[ \t]*")


def _framed(text: str) -> Blocks:
    """A table drawn with lines, as polars prints it: the names stand above the double line."""
    if not re.search(r"(?m)^[ \t]*[┌╭]─", text) or "╞" not in text:
        return None
    lines = text.split("\n")
    middle = next(i for i, line in enumerate(lines) if "╞" in line)
    out = []
    for i, line in enumerate(lines):
        is_row = i > middle and "│" in line and not _BORDER.fullmatch(line.replace("│", "|"))
        inner = re.sub("[│┆]", ",", line) if is_row else ""
        out.append(_without_ends(inner) if is_row else blanked(line))
    return ["\n".join(out)]


def _without_ends(line: str) -> str:
    """A row of cells without its first and last separator."""
    first, last = line.index(","), line.rindex(",")
    return f"{line[:first]} {line[first + 1 : last]} {line[last + 1 :]}"


def _piped(text: str) -> Blocks:
    """Markdown's tables, with a header or without."""
    lines = text.split("\n")
    rows = [i for i, line in enumerate(lines) if line.strip()]
    if len(rows) < 2 or not all(re.fullmatch(r"[ \t]*\|.*\|[ \t]*", lines[i]) for i in rows):
        return None
    rules = [i for i in rows if re.fullmatch(r"[ \t]*\|(?:[ \t]*:?-+:?[ \t]*\|)+[ \t]*", lines[i])]
    cells = {i: [c.strip(" \t$") for c in lines[i].strip(" \t|").split("|")] for i in rows}
    if rules not in ([], [rows[1]]) or min(len(cells[i]) for i in rows) < 2 - bool(rules):
        return None
    body = rows[2:] if rules else rows
    start = len("\n".join([*lines[: rows[0]], ""]))
    corner = lines[rows[0]].strip(" \t").split("|")[1].strip()
    is_labelled = bool(rules) and _has_labels(corner, [cells[i][0] for i in body], start)
    header = cells[rows[0]]
    if rules and corner and any(_NUMERIC.fullmatch(cell) for cell in header):
        raise RefusalError(
            "ambiguous_header",
            "The line above |---| may hold the names of the columns or the first row; leave it and "
            "the |---| out, or only the |---| if it is a row.",
            start,
        )
    out = [
        _row_of_pipes(line, is_labelled) if i in body else blanked(line)
        for i, line in enumerate(lines)
    ]
    return ["\n".join(out)]


def _has_labels(corner: str, labels: list[str], start: int) -> bool:
    """Whether the first column names the rows."""
    if not corner or all(
        not _NUMERIC.fullmatch(label)
        and "sqrt" not in label
        and "\\" not in label
        and "√" not in label
        for label in labels
    ):
        return True
    counted = [str(i) for i in range(len(labels))], [str(i + 1) for i in range(len(labels))]
    if labels not in counted:
        return False
    if re.fullmatch(r"(?i)feature|index|idx|row|no\.?|#|i|n", corner):
        return True
    if len(labels) < 3:
        return False
    raise _counting_column(start)


def _row_of_pipes(line: str, is_labelled: bool) -> str:
    inner = _without_ends(line.replace("|", ",").replace("$", " "))
    return (
        blanked(inner[: inner.index(",") + 1]) + inner[inner.index(",") + 1 :]
        if is_labelled
        else inner
    )


# ── pandas' series ──────────────────────────────────────────────────────────────────────────────


def _series(text: str) -> Blocks:
    """A label and a number on every line, and ``dtype:`` below them."""
    lines = _lines(text)
    if len(lines) < 2 or "dtype:" not in [piece.text for piece in lines[-1]]:
        return None
    if any(len(line) != 2 for line in lines[:-1]):
        return None
    return [_only(text, [line[1] for line in lines[:-1]])]


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
        raise RefusalError(
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
    ends = [it.start() for it in found[1:]] + [len(text)]
    return [
        blanked(text[: it.end()]) + text[it.end() : end] + blanked(text[end:])
        for it, end in zip(found, ends, strict=True)
    ]


# ── CSV and TSV with an empty corner ────────────────────────────────────────────────────────────


def _separated(text: str) -> Blocks:
    """Lines of fields with names above them; with an empty corner, a label is the first field."""
    lines = [it.span() for it in re.finditer(r"[^\n]+", text) if it[0].strip()]
    if len(lines) < 2:
        return None
    head = text[slice(*lines[0])]
    for mark in ("\t", ",", ";"):
        if mark in head:
            break
    else:
        return None
    rows = [list(_fields(text, span, mark)) for span in lines]
    header, *body = rows
    if len({len(row) for row in rows}) != 1:
        return None
    has_corner = header[0].text.strip(" \"'") == "" and not text[lines[0][0]].isdigit()
    names = header[1:] if has_corner else header
    if has_corner and len(header) > 1 and all(_is_label(n.text.strip()) for n in names):
        if any(row[0].text.strip() == "" for row in body):
            return None
        return [_only(text, _joined(text, (row[1:] for row in body)))]
    if all(_is_name(name.text.strip()) for name in names) and _are_numbers(body):
        _check_first_column([[p.text.strip() for p in row] for row in body], lines[1][0])
        return [_only(text, _joined(text, body))]
    return None


def _joined(text: str, rows: Iterable[Line]) -> list[Piece]:
    """The fields of rows, each row with the separators between them."""
    return [Piece(text[row[0].start : row[-1].end], row[0].start) for row in rows]


def _fields(text: str, span: tuple[int, int], mark: str) -> Iterator[Piece]:
    start = span[0]
    for part in text[span[0] : span[1]].split(mark):
        yield Piece(part, start)
        start += len(part) + 1


def _are_numbers(rows: Sequence[Line]) -> bool:
    return all(re.search("[0-9]", piece.text) is not None for row in rows for piece in row)


# ── numbers below and beside labels ─────────────────────────────────────────────────────────────


def _labelled(text: str) -> Blocks:
    """Frames as pandas and R print them: a label before every row, names above the columns.

    A frame that is wider than the screen comes in blocks of columns, each below its names.
    """
    lines = [line for line in _lines(text) if not _TRAILER.fullmatch(_whole(text, line))]
    lines = [line[:-1] if line[-1].text == "\\" else line for line in lines]
    lines = [line for line in lines if line]
    if len(lines) < 2:
        return None
    found: list[list[Line]] = []
    for line in lines:
        if _is_header(line, found[-1] if found else None):
            found.append([line])
        elif not found:
            return None
        else:
            found[-1].append(line)
    if all(_is_labelled(block) for block in found):
        labels = [[line[0].text for line in block[1:]] for block in found]
        if all(names == labels[0] for names in labels):
            return [_only(text, [p for line in block[1:] for p in line[1:]]) for block in found]
    header, *body = lines
    has_names = len(found) == 1 and all(_is_name(piece.text) for piece in header)
    if has_names and all(len(line) == len(header) for line in body) and _are_numbers(body):
        _check_first_column([[p.text for p in line] for line in body], body[0][0].start)
        return [_only(text, [p for line in body for p in line])]
    return None


def _is_header(line: Line, block: list[Line] | None) -> bool:
    """Whether a line of labels begins a block: it stands to the right of the names of the rows."""
    if not all(_is_label(piece.text) for piece in line):
        return False
    return block is None or (len(block) > 1 and line[0].column >= block[1][0].right)


def _is_labelled(block: list[Line]) -> bool:
    """Whether the lines below the labels have one number for each, right below it."""
    header, *body = block
    if not body:
        return False
    names = header[1:] if len(header) == len(body[0]) and _is_name(header[0].text) else header
    if not names or any(len(line) != len(names) + 1 for line in body):
        return False
    labels, numbers = [line[0] for line in body], [line[1:] for line in body]
    if not all(_is_label(label.text) for label in labels) or not _are_numbers(numbers):
        return False
    if all(piece.text[0] in "\"'" for piece in (*names, *labels)):
        return True
    rights = [name.right for name in names]
    return names[0].column > 0 and all([n.right for n in row] == rights for row in numbers)


def _lines(text: str) -> list[Line]:
    """The pieces of every line that has some, with their places in the line."""
    found = []
    start = 0
    for line in text.split("\n"):
        pieces = [
            Piece(it[0], start + it.start(), it.start())
            for it in re.finditer(rf"[^\s{FILLER}]+", line)
        ]
        if pieces:
            found.append(pieces)
        start += len(line) + 1
    return found


def _whole(text: str, line: Line) -> str:
    return text[line[0].start : line[-1].end]


def _only(text: str, pieces: Sequence[Piece]) -> str:
    """The text with all but the pieces blanked."""
    kept = list(blanked(text))
    for piece in pieces:
        kept[piece.start : piece.end] = text[piece.start : piece.end]
    return "".join(kept)


def _is_name(text: str) -> bool:
    """Whether a text names a column; 0 as a letter, and words that mean something, do not."""
    return _NAME.fullmatch(text) is not None and _NO_NAME.fullmatch(text) is None


def _is_label(text: str) -> bool:
    return _is_name(text) or any(it.fullmatch(text) for it in (_COUNT, _R_LABEL, _QUOTED))


def _check_first_column(rows: list[list[str]], start: int) -> None:
    """Refuse a first column that counts the rows, where the others hold decimals."""
    labels = [row[0] for row in rows]
    if len(rows) < 2 or len(rows[0]) < 2:
        return
    counted = [str(i) for i in range(len(rows))], [str(i + 1) for i in range(len(rows))]
    if labels in counted and all(_DECIMAL.fullmatch(cell) for row in rows for cell in row[1:]):
        raise _counting_column(start)


def _counting_column(start: int) -> RefusalError:
    return RefusalError(
        "ambiguous_header",
        "The first column counts the rows, so it may be the index of a data frame; leave it out, "
        "or write its numbers with a decimal point if they are numbers of the matrix.",
        start,
    )
