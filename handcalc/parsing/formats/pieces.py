"""The pieces that a printed text is made of, and what may label its rows and columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple, TypeAlias

from handcalc.parsing.characters import FILLER
from handcalc.parsing.formats.wrapping import blanked
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
    kept = list(blanked(text))
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
