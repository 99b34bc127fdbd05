"""What a layout is made of: cells of tokens, and rows of cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from handcalc.parsing.limits import MAX_CELL_CHARACTERS, MAX_CELL_TOKENS
from handcalc.parsing.refusal import UnreadableError
from handcalc.parsing.tokens import Token


class TransposedName(NamedTuple):
    """The name of a matrix that stands transposed, as Wᵀ, or may, as W′ (``is_sure``)."""

    name: str
    start: int
    is_sure: bool


Wrapping: TypeAlias = Literal["none", "lines", "commas"]


@dataclass(frozen=True, slots=True)
class Cell:
    """The tokens of one number: at most 120 of them, in 200 characters.

    Errors: ``UnreadableError`` with code ``cell_too_long`` or ``too_many_tokens``.
    """

    tokens: tuple[Token, ...]
    in_quotes: bool = False

    def __post_init__(self) -> None:
        size = self.end - self.start
        if size > MAX_CELL_CHARACTERS:
            raise UnreadableError(
                "cell_too_long",
                f"One number takes at most {MAX_CELL_CHARACTERS} characters, not {size:,}.",
                self.start,
            )
        if len(self.tokens) > MAX_CELL_TOKENS:
            raise UnreadableError(
                "too_many_tokens",
                f"One number is written with at most {MAX_CELL_TOKENS} numbers, signs and "
                f"brackets, not {len(self.tokens)}.",
                self.start,
            )

    @property
    def start(self) -> int:
        """The place of the first character."""
        return self.tokens[0].start

    @property
    def end(self) -> int:
        """The place behind the last character."""
        return self.tokens[-1].end

    @property
    def spelling(self) -> tuple[str, ...]:
        """What is written in it, whatever the blanks."""
        return tuple(token.text for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, which may still differ in length; ``start`` is where they begin.

    ``wrapping`` tells of line ends inside one pair of brackets: nothing but "lines" makes the
    rows, or a row goes on behind "commas".
    """

    rows: tuple[tuple[Cell, ...], ...]
    start: int
    wrapping: Wrapping = "none"
    transposed: TransposedName | None = None

    @property
    def cells(self) -> list[Cell]:
        """All cells in reading order."""
        return [cell for row in self.rows for cell in row]


Item: TypeAlias = Cell | Table


def beside(blocks: Sequence[Table]) -> Table:
    """The blocks of columns of one table, put side by side.

    Errors: ``UnreadableError`` with code ``ragged`` where they have not as many rows.
    """
    if len({len(block.rows) for block in blocks}) > 1:
        raise UnreadableError(
            "ragged",
            "The blocks of columns have not as many rows each; type the matrix in one block.",
            blocks[-1].start,
        )
    if len(blocks) == 1:
        return blocks[0]
    rows = zip(*(block.rows for block in blocks), strict=True)
    return Table(tuple(sum(parts, ()) for parts in rows), blocks[0].start)
