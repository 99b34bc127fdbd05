"""Numbers below and beside labels: the frames of pandas and R, on the screen and in files.

The pieces that a printed text is made of, and what may label its rows and columns, are here too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Final, NamedTuple, TypeAlias

from handcalc.parsing.characters import FILLER
from handcalc.parsing.formats.wrapping import blank
from handcalc.parsing.limits import MAX_BLOCK_CHARACTERS
from handcalc.parsing.refusal import UnreadableError

Blocks: TypeAlias = "list[str] | None"
"""The text of each block of columns, all else blanked; ``None`` for no such table."""


class TextPiece(NamedTuple):
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


Line: TypeAlias = "list[TextPiece]"

_NAME: Final = re.compile(r"[A-Za-z_.][\w.]*|\"[^\"0-9][^\"]*\"|'[^'0-9][^']*'")
_QUOTED: Final = re.compile(r"\"[^\"]+\"|'[^']+'")
_NO_NAME: Final = re.compile(
    r"(?i:[OlI]+|x_?[0-9]+|nan|na|inf(?:inity)?|oo|none|null|true|false|pi|sqrt|cos|sin|[ij])"
)
INDEX_NAME: Final = re.compile(
    r"(?i)(?:features?|index|idx|rows?|id|no\.?|nr\.?|#|[in])|unnamed: 0"
)
_COUNT: Final = re.compile(r"[0-9]+")
_R_LABEL: Final = re.compile(r"\[[0-9]*,[0-9]*\]")
_DECIMAL: Final = re.compile(
    r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9]+[eE][-+]?[0-9]+"
)
NUMERIC: Final = re.compile(r"[-+]?[0-9.][-+0-9.eE/]*")
_TRAILER: Final = re.compile(r"\[[0-9]+ rows x [0-9]+ columns\]")


# --------------------------------------------------------------------------------------------------
# In files: fields between separators.


def read_separated(text: str) -> Blocks:
    """Lines of fields with names above them; with an empty corner, a label is the first field."""
    rows = _rows_of_fields(text)
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        return None
    header, *body = [[field.text.strip() for field in row] for row in rows]
    labels = [row[0] for row in body]
    if header[0].strip("\"'") == "" and len(header) > 1:
        is_index = all(map(is_label, header[1:])) and all(labels)
        return [_parted(text, [row[1:] for row in rows[1:]])] if is_index else None
    if not all(map(is_name, header)) or not _are_numbers(rows[1:]):
        return None
    fields = (field for row in body for field in row)
    if any(re.search("[,;]", field) and "(" not in field for field in fields):
        return None  # another separator in a field is one, but for a call such as Fraction(1, 2)
    if _has_index(header[0], labels):
        return [_parted(text, [row[1:] for row in rows[1:]])]
    check_first_column(body, rows[1][0].start)
    return [_parted(text, rows[1:])]


def _rows_of_fields(text: str) -> list[Line]:
    """The lines taken apart at tabs, commas or semicolons, whichever is in the first line."""
    lines = [it.span() for it in re.finditer(r"[^\n]+", text) if it[0].strip()]
    head = text[slice(*lines[0])] if lines else ""
    mark = next((mark for mark in "\t,;" if mark in head), None)
    rows: list[Line] = []
    for first, last in lines if mark else ():
        fields = text[first:last].split(mark)
        starts = accumulate((len(field) + 1 for field in fields[:-1]), initial=first)
        rows.append([TextPiece(*each) for each in zip(fields, starts, strict=True)])
    return rows


def _parted(text: str, rows: Sequence[Line]) -> str:
    """The fields of rows alone, each row with its separators; a semicolon ends no row here."""
    pieces = [TextPiece(text[row[0].start : row[-1].end], row[0].start) for row in rows]
    return only(text, pieces).replace(";", ",")


def _are_numbers(rows: Sequence[Line]) -> bool:
    return all(re.search("[0-9]", piece.text) is not None for row in rows for piece in row)


def _has_index(name: str, labels: list[str]) -> bool:
    """Whether a column is called an index and counts the rows."""
    return INDEX_NAME.fullmatch(name.strip("\"'")) is not None and counts(labels)


# --------------------------------------------------------------------------------------------------
# On the screen: numbers below their names, to the character.


def read_labelled(text: str) -> Blocks:
    """Frames as pandas and R print them: a label before every row, names above the columns.

    A frame that is wider than the screen comes in blocks of columns, each below its names.
    """
    lines = lines_of(text)
    lines = [it for it in lines if not _TRAILER.fullmatch(text[it[0].start : it[-1].end])]
    lines = [line[:-1] if line[-1].text == "\\" else line for line in lines]
    lines = [line for line in lines if line]
    _check_complete(lines)
    if len(lines) < 2:
        return None
    # each line of labels begins a block; all must have the same rows, or it is no wide frame
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
            check_blocks(len(found), text)
            return [only(text, [p for line in block[1:] for p in line[1:]]) for block in found]
    return _below_names(text, lines) if len(found) == 1 else None


def _check_complete(lines: list[Line]) -> None:
    """Refuse a frame that says ... for columns in the middle."""
    names = [piece.text for piece in lines[0]] if lines else []
    if "..." in names and any(map(is_name, names)):
        raise UnreadableError(
            "unexpected",
            "Dots stand for columns that were left out; print all of them.",
            lines[0][names.index("...")].start,
        )


def _is_header(line: Line, block: list[Line] | None) -> bool:
    """Whether a line of labels begins a block: it stands to the right of the names of the rows."""
    if not all(is_label(piece.text) for piece in line):
        return False
    return block is None or (len(block) > 1 and line[0].column >= block[1][0].right)


def _is_labelled(block: list[Line]) -> bool:
    """Whether the lines below the labels have one number for each, right below it."""
    header, *body = block
    if not body:
        return False
    # a word before 0 1 2 … is the name that pandas gives to all the columns
    texts = [piece.text for piece in header[1:]]
    counts_columns = bool(texts) and texts == [str(i) for i in range(len(texts))]
    names = header[1:] if counts_columns and is_name(header[0].text) else header
    if not names or any(len(line) != len(names) + 1 for line in body):
        return False
    labels, numbers = [line[0] for line in body], [line[1:] for line in body]
    if not all(is_label(label.text) for label in labels) or not _are_numbers(numbers):
        return False
    if all(piece.text[0] in "\"'" for piece in (*names, *labels)):
        return True
    return all(_stand_below(names, line) for line in body)


def _stand_below(names: Line, line: Line) -> bool:
    """Whether each number ends below its name, or just behind it, and the last one before it."""
    befores = (piece.right for piece in line)
    return all(
        before <= name.column and name.right <= number.right <= name.right + 1
        for before, name, number in zip(befores, names, line[1:], strict=False)
    )


def _below_names(text: str, lines: list[Line]) -> Blocks:
    """A line of names, and below it lines of as many numbers."""
    header, *body = lines
    has_names = all(is_name(piece.text) for piece in header)
    if has_names and all(len(line) == len(header) for line in body) and _are_numbers(body):
        if _has_index(header[0].text, [line[0].text for line in body]):
            return [only(text, [p for line in body for p in line[1:]])]
        check_first_column([[p.text for p in line] for line in body], body[0][0].start)
        return [only(text, [p for line in body for p in line])]
    return None


# --------------------------------------------------------------------------------------------------
# Pieces and labels.


def lines_of(text: str) -> list[Line]:
    """The pieces of every line that has some, with their places in the line."""
    found = []
    start = 0
    for line in text.split("\n"):
        pieces = [
            TextPiece(it[0], start + it.start(), it.start())
            for it in re.finditer(rf"[^\s{FILLER}]+", line)
        ]
        if pieces:
            found.append(pieces)
        start += len(line) + 1
    return found


def only(text: str, pieces: Sequence[TextPiece]) -> str:
    """The text with all but the pieces blanked."""
    kept = list(blank(text))
    for piece in pieces:
        kept[piece.start : piece.end] = text[piece.start : piece.end]
    return "".join(kept)


def check_blocks(count: int, text: str) -> None:
    """Refuse columns in so many blocks that the text, taken once for each, would be too long."""
    if count * len(text) > MAX_BLOCK_CHARACTERS:
        raise UnreadableError(
            "too_long",
            f"The columns stand in {count:,} blocks, which is too many for a text of this length; "
            "print the matrix with wider lines.",
        )


def is_name(text: str) -> bool:
    """Whether a text names a column; 0 as a letter, and words that mean something, do not."""
    return _NAME.fullmatch(text) is not None and _NO_NAME.fullmatch(text) is None


def is_label(text: str) -> bool:
    """Whether a text names a column or counts it; R's [,1] does too.

    >>> is_label("[,1]"), is_label("w1"), is_label("0"), is_label("0.5")
    (True, True, True, False)
    """
    return is_name(text) or any(it.fullmatch(text) for it in (_COUNT, _R_LABEL, _QUOTED))


def counts(labels: list[str]) -> bool:
    """Whether labels count the rows, from 0 or from 1.

    >>> counts(["1", "2", "3"]), counts(["1", "3"])
    (True, False)
    """
    return any(labels == [str(first + i) for i in range(len(labels))] for first in (0, 1))


def check_first_column(rows: list[list[str]], start: int) -> None:
    """Refuse a first column that counts the rows, where the others hold decimals."""
    labels = [row[0] for row in rows]
    if len(rows) < 2 or len(rows[0]) < 2:
        return
    if counts(labels) and all(_DECIMAL.fullmatch(cell) for row in rows for cell in row[1:]):
        raise counting_column(start)


def counting_column(start: int) -> UnreadableError:
    """The refusal of a first column that may be an index."""
    return UnreadableError(
        "ambiguous_header",
        "The first column counts the rows, so it may be the index of a data frame; leave it out, "
        "or write its numbers with a decimal point if they are numbers of the matrix.",
        start,
    )
