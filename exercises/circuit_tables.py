"""How a table ``[check]`` says what matrices must have, in the surroundings of its exercise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeVar

import sympy

from exercises.circuit_checks import (
    Attends,
    CircuitCheck,
    Copies,
    CopyingScore,
    Deletes,
    Entry,
    HasEntries,
    HasRank,
    Induces,
    SourceTable,
)
from exercises.circuit_frame import CircuitFrame, frame_of, zeros
from exercises.exercise import MatricesAnswer, Numbers, reader
from exercises.matrix_products import MatrixProduct, read_product
from exercises.tables import Count, FileTable, TableError, TableRecord, TaggedCheck, Text
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.proving import read_length
from handcalc.errors import InputError
from handcalc.numbers.exact import sign

MOST_SEQUENCES = 6_000
"""So many are gone through for one answer, which takes some seconds at most."""

BEGINNING = "<s>"
"""The token that stands in front of sentences, and that writes nothing, where there is one."""

SentenceCheck = TypeVar("SentenceCheck", Attends, Induces)


class _CopiesTable(TaggedCheck, tag="copies"):
    head: Text | None = None
    tokens: Text | None = None

    def check(self, around: Surroundings) -> Copies:
        return Copies(around.frame, *around.head(self.head), around.tokens(self.tokens, "tokens"))


class _AttendsTable(TaggedCheck, tag="attends"):
    up_to: Count
    back: Count = 1
    head: Text | None = None
    before: Text | None = None

    def check(self, around: Surroundings) -> Attends:
        before = around.tokens(self.before, "before", around.beginning)
        check = Attends(around.frame, *around.head(self.head), self.back, self.up_to, before)
        if self.back >= self.up_to:
            said = f"nothing is {self.back} back in a sentence of {self.up_to} tokens."
            raise TableError("wrong_value", "back", said)
        return around.within_limits(check)


class _InducesTable(TaggedCheck, tag="induces"):
    up_to: Count
    before: Text | None = None

    def check(self, around: Surroundings) -> Induces:
        before = around.tokens(self.before, "before", around.beginning)
        return around.within_limits(Induces(around.frame, self.up_to, before))


class _EntryTable(TableRecord):
    row: Text
    column: Text
    at_least: sympy.Expr | None = None
    at_most: sympy.Expr | None = None
    equals: sympy.Expr | None = None

    def __post_init__(self) -> None:
        if self.at_least is None and self.at_most is None and self.equals is None:
            said = 'give "at_least", "at_most", both, or "equals".'
            raise TableError("missing_key", "at_least", said)
        if self.equals is not None and (self.at_least, self.at_most) != (None, None):
            raise TableError("unknown_key", "equals", '"equals" stands without a bound.')
        least, most = self.bounds
        if least is not None and most is not None and sign(most - least) < 0:
            said = f"no number is at least {least} and at most {most}."
            raise TableError("wrong_value", "at_most", said)

    @property
    def bounds(self) -> tuple[sympy.Expr | None, sympy.Expr | None]:
        if self.equals is not None:
            return self.equals, self.equals
        return self.at_least, self.at_most


class _PredictionTable(TableRecord):
    tokens: Text
    next: Text


class _EntriesTable(TaggedCheck, tag="table"):
    of: Literal["direct", "qk", "ov", "effects", "predictions"]
    entries: tuple[_EntryTable, ...] = ()
    predicts: tuple[_PredictionTable, ...] = ()
    head: Text | None = None
    source: Text | None = None
    rest: Text = BEGINNING
    before: Text | None = None

    def check(self, around: Surroundings) -> HasEntries:
        wanted, other = "entries", "predicts"
        if self.of == "predictions":
            wanted, other = other, wanted
        if not getattr(self, wanted):
            raise TableError("missing_key", wanted, f'of = "{self.of}" goes with "{wanted}".')
        if getattr(self, other):
            said = f'of = "{self.of}" goes with "{wanted}", and not with "{other}".'
            raise TableError("unknown_key", other, said)
        return HasEntries(
            around.frame,
            self.of,
            around.head(self.head) if self.of in ("qk", "ov") else (1, 1),
            self._source(around),
            tuple(self._entry(each, i, around) for i, each in enumerate(self.entries, 1)),
            tuple(
                (
                    around.sentence(each.tokens, f"predicts[{i}].tokens"),
                    around.token(each.next, f"predicts[{i}].next"),
                )
                for i, each in enumerate(self.predicts, 1)
            ),
        )

    def _source(self, around: Surroundings) -> SourceTable | None:
        if self.of != "effects":
            for key in ("source", "before"):
                if getattr(self, key) is not None:
                    said = f'"{key}" goes with of = "effects".'
                    raise TableError("unknown_key", key, said)
            return None
        if self.source is None:
            raise TableError("missing_key", "source", 'the key "source" is missing.')
        source, rest = around.token(self.source, "source"), around.token(self.rest, "rest")
        return SourceTable(source, rest, around.tokens(self.before, "before", ()))

    def _entry(self, each: _EntryTable, number: int, around: Surroundings) -> Entry:
        where = f"entries[{number}]"
        row = around.token(each.row, f"{where}.row")
        column = around.token(each.column, f"{where}.column")
        return Entry(row, column, *each.bounds)


class _RankTable(TaggedCheck, tag="rank"):
    product: Text
    at_most: Count | None = None
    at_least: Count = 1
    head: Text | None = None

    def check(self, around: Surroundings) -> HasRank:
        product = around.product(self.product, self.head)
        if self.at_most is not None and self.at_most < self.at_least:
            said = f"no rank is at least {self.at_least} and at most {self.at_most}."
            raise TableError("wrong_value", "at_most", said)
        largest = min(product.shape)
        if self.at_least > largest:
            said = f"a product of shape {_shape(product.shape)} has rank {largest} at most."
            raise TableError("wrong_value", "at_least", said)
        return HasRank(product, self.at_least, self.at_most)


class _ScoreTable(TaggedCheck, tag="copying-score"):
    at_least: sympy.Expr = sympy.Integer(1)
    never_on_top: bool = False
    head: Text | None = None

    def check(self, around: Surroundings) -> CopyingScore:
        if sign(1 - self.at_least) < 0 or sign(self.at_least + 1) < 0:
            said = f"a copying score is from -1 to 1, so not {self.at_least}."
            raise TableError("wrong_value", "at_least", said)
        head = around.head(self.head)
        return CopyingScore(around.frame, *head, self.at_least, self.never_on_top)


class _DeletesTable(TaggedCheck, tag="deletes"):
    direction: Numbers
    product: Text | None = None
    keeps: Literal["rest"] | None = None
    head: Text | None = None

    def check(self, around: Surroundings) -> Deletes:
        text = around.answer.names[0] if self.product is None else self.product
        product = around.product(text, self.head)
        rows, columns = product.shape
        if rows != columns:
            said = f"{text} has shape {_shape(product.shape)}, and must be square."
            raise TableError("wrong_value", "product", said)
        if len(self.direction) != rows:
            count = len(self.direction)
            said = f"{rows} numbers are needed, one for each row of {text}, not {count}."
            raise TableError("wrong_value", "direction", said)
        if not any(map(sign, self.direction)):
            raise TableError("wrong_value", "direction", "zeros have no direction.")
        return Deletes(product, tuple(self.direction), self.keeps is not None)


def _shape(shape: tuple[int, int]) -> str:
    return f"{shape[0]} × {shape[1]}"


TABLES: Any = (
    _CopiesTable
    | _AttendsTable
    | _InducesTable
    | _EntriesTable
    | _RankTable
    | _ScoreTable
    | _DeletesTable
)
"""The tables that ``[check]`` can be where matrices are asked for."""


# --------------------------------------------------------------------------------------------------
# From a table to a check.


@dataclass(frozen=True)  # without slots, as the model is kept
class Surroundings:
    """What a check stands in: what is asked for, and the circuit, if there is one."""

    answer: MatricesAnswer
    circuit: CircuitFrame | None

    @property
    def frame(self) -> CircuitFrame:
        """The circuit. Errors: ``TableError`` where there is none."""
        if self.circuit is None:
            said = "a table [circuit] says into which model the matrices are put; it is missing."
            raise TableError("missing_key", "kind", said)
        return self.circuit

    @cached_property
    def model(self) -> AttentionOnly:
        """The circuit with zeros in it, which is built once."""
        return self.frame.model(zeros(self.answer))

    @property
    def beginning(self) -> tuple[str, ...]:
        """The token of beginning, where the vocabulary has one."""
        return (BEGINNING,) if BEGINNING in self.model.vocabulary else ()

    def head(self, given: str | None) -> tuple[int, int]:
        """The head that "2.1" names, or the only one there is."""
        heads = {
            f"{layer}.{head}": (layer, head)
            for layer, each in enumerate(self.model.layers, 1)
            for head in range(1, len(each) + 1)
        }
        if given is None and len(heads) == 1:
            return next(iter(heads.values()))
        if given not in heads:
            listed = ", ".join(f'"{name}"' for name in heads) or "none: the circuit has no layers"
            came = "which of several it is must be said" if given is None else f'not "{given}"'
            raise TableError("wrong_value", "head", f"the heads are {listed}; {came}.")
        return heads[given]

    def tokens(
        self, text: str | None, key: str, default: tuple[str, ...] | None = None
    ) -> tuple[str, ...]:
        """Tokens of the vocabulary; where nothing is said the default, or else all of them."""
        model = self.model
        if text is None:
            return model.vocabulary if default is None else default
        return _in_vocabulary(lambda: model.read_tokens(text.split()), model, key)

    def token(self, text: str, key: str) -> str:
        """One token of the vocabulary."""
        found = self.tokens(text, key)
        if len(found) > 1:
            raise TableError("wrong_value", key, f"one token is meant, not {' '.join(found)}.")
        return found[0]

    def sentence(self, text: str, key: str) -> tuple[str, ...]:
        """A sentence for which the circuit has positions."""
        model = self.model
        return _in_vocabulary(lambda: model.read_tokens(text), model, key)

    def product(self, text: str, head: str | None) -> MatrixProduct:
        """A product of matrices of the answer and of the circuit."""
        at = self.head(head) if self.circuit is not None and self.model.layers else None
        try:
            return read_product(text, self.answer, self.circuit, at)
        except InputError as error:
            raise TableError("wrong_value", "product", error.message) from error

    def within_limits(self, check: SentenceCheck) -> SentenceCheck:
        """The check of sentences, refused where these are too long or too many."""
        claim = check.claim(self.model)
        size = len(claim.alphabet)
        count = sum(size**length for length in range(1, min(check.up_to, 40) + 1))
        try:
            if count <= MOST_SEQUENCES:
                read_length(claim, check.up_to)
        except InputError as error:
            raise TableError("wrong_value", "up_to", error.message) from error
        if count > MOST_SEQUENCES:
            said = (
                f"of {size} tokens there are more than {MOST_SEQUENCES:,} sentences of up to "
                f"{check.up_to}: that is too many to go through for every answer."
            )
            raise TableError("wrong_value", "up_to", said)
        return check


def circuit_check_of(
    table: FileTable, answer: MatricesAnswer, circuit: FileTable | None
) -> CircuitCheck:
    """The check that a table describes, of matrices in the circuit of the other table.

    Errors: ``AuthorError`` with the file and the key at fault.
    """
    found = table.convert(TABLES, reader(answer))
    frame = None if circuit is None else frame_of(circuit, answer)
    with table.naming():
        check: CircuitCheck = found.check(Surroundings(answer, frame))
    return check


def _in_vocabulary(
    read: Callable[[], tuple[int, ...]], model: AttentionOnly, key: str
) -> tuple[str, ...]:
    try:
        return tuple(model.vocabulary[place] for place in read())
    except InputError as error:
        raise TableError("wrong_value", key, error.message) from error
