"""What matrices must have, put into a circuit: a record a kind of check, and its table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from exercises.circuit_frame import CircuitFrame, frame_of, zeros
from exercises.exercise import MatricesAnswer
from exercises.tables import FileTable, TableError, TaggedCheck, Text
from handcalc.errors import InputError


@dataclass(frozen=True, slots=True)
class HeadCheck:
    """A check of one head of a circuit, by its layer and its number in it, from 1."""

    frame: CircuitFrame
    layer: int
    head: int


@dataclass(frozen=True, slots=True)
class Copies(HeadCheck):
    """Each row of W_E W_OV W_U has its only maximum on its own token, for these tokens."""

    tokens: tuple[str, ...]


class _CopiesTable(TaggedCheck, tag="copies"):
    head: Text | None = None
    tokens: Text | None = None

    def check(self, answer: MatricesAnswer, frame: CircuitFrame) -> Copies:
        model = frame.model(zeros(answer))
        tokens = model.vocabulary
        if self.tokens is not None:
            tokens = _tokens(model, self.tokens, "tokens")
        return Copies(frame, *_head(frame, answer, self.head), tokens)


CircuitCheck = Copies

TABLES: Any = _CopiesTable
"""The tables that ``[check]`` can be where matrices are asked for."""


def circuit_check_of(
    table: FileTable, answer: MatricesAnswer, circuit: FileTable | None
) -> CircuitCheck:
    """The check that a table describes, of matrices in the circuit of the other table.

    Errors: ``AuthorError`` with the file and the key at fault.
    """
    found = table.convert(TABLES)
    frame = None if circuit is None else frame_of(circuit, answer)
    with table.naming():
        if frame is None:
            said = "a table [circuit] says into which model the matrices are put; it is missing."
            raise TableError("missing_key", "kind", said)
        check: CircuitCheck = found.check(answer, frame)
    return check


def _tokens(model: Any, text: str, key: str) -> tuple[str, ...]:
    """Tokens of the vocabulary, by name."""
    try:
        return tuple(model.vocabulary[place] for place in model.read_tokens(text.split()))
    except InputError as error:
        raise TableError("wrong_value", key, error.message) from error


def _head(frame: CircuitFrame, answer: MatricesAnswer, given: str | None) -> tuple[int, int]:
    """The head that "2.1" names, or the only one there is."""
    model = frame.model(zeros(answer))
    heads = {
        f"{layer}.{head}": (layer, head)
        for layer, each in enumerate(model.layers, 1)
        for head in range(1, len(each) + 1)
    }
    if given is None and len(heads) == 1:
        return next(iter(heads.values()))
    if given not in heads:
        listed = ", ".join(f'"{name}"' for name in heads) or "none: the circuit has no layers"
        came = "which of several it is must be said" if given is None else f'not "{given}"'
        raise TableError("wrong_value", "head", f"the heads are {listed}; {came}.")
    return heads[given]
