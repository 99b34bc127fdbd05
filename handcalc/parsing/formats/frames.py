"""Numbers below and beside labels: the frames of pandas and R, on the screen and in files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from handcalc.parsing.formats.pieces import (
    INDEX_NAME,
    Blocks,
    Line,
    TextPiece,
    check_blocks,
    check_first_column,
    counts,
    is_label,
    is_name,
    lines_of,
    only,
)
from handcalc.parsing.refusal import UnreadableError

_TRAILER: Final = re.compile(r"\[[0-9]+ rows x [0-9]+ columns\]")


def separated(text: str) -> Blocks:
    """Lines of fields with names above them; with an empty corner, a label is the first field."""
    rows = _rows_of_fields(text)
    if len(rows) < 2 or len({len(row) for row in rows}) != 1:
        return None
    header, *body = [[field.text.strip() for field in row] for row in rows]
    labels = [row[0] for row in body]
    if header[0].strip("\"'") == "" and len(header) > 1:
        is_index = all(map(is_label, header[1:])) and all(labels)
        return [_parted(text, [row[1:] for row in rows[1:]])] if is_index else None
    if not all(map(is_name, header)) or not _are_numbers(rows[1:]) or _have_separators(rows[1:]):
        return None
    if _has_index(header[0], labels):
        return [_parted(text, [row[1:] for row in rows[1:]])]
    check_first_column(body, rows[1][0].start)
    return [_parted(text, rows[1:])]


def _rows_of_fields(text: str) -> list[Line]:
    """The lines taken apart at tabs, commas or semicolons, whichever is in the first line."""
    lines = [it.span() for it in re.finditer(r"[^\n]+", text) if it[0].strip()]
    head = text[slice(*lines[0])] if lines else ""
    mark = next((mark for mark in "\t,;" if mark in head), None)
    return [list(_fields(text, span, mark)) for span in lines] if mark else []


def _parted(text: str, rows: Sequence[Line]) -> str:
    """The fields of rows alone, each row with its separators; a semicolon ends no row here."""
    pieces = [TextPiece(text[row[0].start : row[-1].end], row[0].start) for row in rows]
    return only(text, pieces).replace(";", ",")


def _fields(text: str, span: tuple[int, int], mark: str) -> Iterator[TextPiece]:
    start = span[0]
    for part in text[span[0] : span[1]].split(mark):
        yield TextPiece(part, start)
        start += len(part) + 1


def _have_separators(rows: Sequence[Line]) -> bool:
    """Whether a field has another separator in it, outside a call such as Fraction(1, 2)."""
    fields = (field.text for row in rows for field in row)
    return any(re.search("[,;]", text) is not None and "(" not in text for text in fields)


def _are_numbers(rows: Sequence[Line]) -> bool:
    return all(re.search("[0-9]", piece.text) is not None for row in rows for piece in row)


# ── numbers below and beside labels ─────────────────────────────────────────────────────────────


def labelled(text: str) -> Blocks:
    """Frames as pandas and R print them: a label before every row, names above the columns.

    A frame that is wider than the screen comes in blocks of columns, each below its names.
    """
    lines = [line for line in lines_of(text) if not _TRAILER.fullmatch(_whole(text, line))]
    lines = [line[:-1] if line[-1].text == "\\" else line for line in lines]
    lines = [line for line in lines if line]
    _check_complete(lines)
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
            check_blocks(len(found), text)
            return [only(text, [p for line in block[1:] for p in line[1:]]) for block in found]
    return _below_names(text, lines) if len(found) == 1 else None


def _has_index(name: str, labels: list[str]) -> bool:
    """Whether a column is called an index and counts the rows."""
    return INDEX_NAME.fullmatch(name.strip("\"'")) is not None and counts(labels)


def _check_complete(lines: list[Line]) -> None:
    """Refuse a frame that says ... for columns in the middle."""
    names = [piece.text for piece in lines[0]] if lines else []
    if "..." in names and any(map(is_name, names)):
        raise UnreadableError(
            "unexpected",
            "Dots stand for columns that were left out; print all of them.",
            lines[0][names.index("...")].start,
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
    names = header[1:] if _has_name_of_names(header) else header
    if not names or any(len(line) != len(names) + 1 for line in body):
        return False
    labels, numbers = [line[0] for line in body], [line[1:] for line in body]
    if not all(is_label(label.text) for label in labels) or not _are_numbers(numbers):
        return False
    if all(piece.text[0] in "\"'" for piece in (*names, *labels)):
        return True
    return all(_stand_below(names, line) for line in body)


def _has_name_of_names(header: Line) -> bool:
    """Whether a word stands before 0 1 2 …: the name that pandas gives to all the columns."""
    texts = [piece.text for piece in header[1:]]
    return is_name(header[0].text) and bool(texts) and texts == [str(i) for i in range(len(texts))]


def _stand_below(names: Line, line: Line) -> bool:
    """Whether each number ends below its name, or just behind it, and the last one before it."""
    befores = (piece.right for piece in line)
    return all(
        before <= name.column and name.right <= number.right <= name.right + 1
        for before, name, number in zip(befores, names, line[1:], strict=False)
    )


def _whole(text: str, line: Line) -> str:
    return text[line[0].start : line[-1].end]
