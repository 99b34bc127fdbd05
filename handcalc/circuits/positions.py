"""What is worked out at one place of a sentence: frozen patterns, a causal pass, the last place.

*Frozen*: attention patterns are given instead of computed, as the path expansion has them.

*A causal pass* goes one position after the other: each new row needs the keys and values before it.
What a position does depends on the tokens up to it alone, so that sequences which begin alike share
their rows: whoever goes through all sequences of a length computes one row for each.

*One layer at the last place* is a sum over places, whose parts know one token and its place each.
With w = B^score the weight of a source before it is divided, and n what its value adds to the
difference of two logits, head h writes N/Z with Z = Σⱼ wⱼ and N = Σⱼ wⱼnⱼ. Both w and n depend on
the place and the token at it alone, once the last token is fixed. So does nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import sympy

from handcalc.circuits.attention_only import AttentionOnly, HeadElements, check_model
from handcalc.circuits.exponential_sum import ExponentialSum, Value, minus, plus, quotient, times
from handcalc.circuits.softmax import Row, added, dense, mixed, row_times, score
from handcalc.circuits.terms import Terms
from handcalc.errors import InputError
from handcalc.inputs.arguments import place, read_matrix, read_number
from handcalc.inputs.containers import as_lists
from handcalc.numbers.field import Field
from handcalc.wording import brief, counted

Number: TypeAlias = "sympy.Expr | ExponentialSum"
Rows: TypeAlias = "tuple[tuple[Number, ...], ...]"
Patterns: TypeAlias = "tuple[tuple[Rows | None, ...], ...]"  # [layer][head], counted from 0
Frozen: TypeAlias = "Sequence[Sequence[Sequence[Value] | None]]"  # the weights of each head


def read_patterns(model: AttentionOnly, n: int, patterns: object) -> Patterns | None:
    """An n × n matrix or None for each head: nested lists, or a dictionary by (layer, head).

    Errors: ``patterns``, ``head``, ``wrong_shape``, those of a number.

    >>> read_patterns(AttentionOnly("1", "1"), 1, [])
    ()
    """
    if patterns is None:
        return None
    counts = [len(layer) for layer in model.layers]
    if isinstance(patterns, Mapping):
        for key in patterns:
            model.head(*(key if isinstance(key, tuple) and len(key) == 2 else (key, 1)))
        nested = [[patterns.get((a, b)) for b in range(1, k + 1)] for a, k in enumerate(counts, 1)]
    else:
        wanted = f"Patterns are a list with a list for each of {counted(len(counts), 'layer')}"
        if not isinstance(patterns, Sequence) or not all(isinstance(p, Sequence) for p in patterns):
            raise InputError("patterns", f"{wanted}, or a dictionary, not {brief(patterns)}.")
        nested = [list(layer) for layer in patterns]
        if [len(layer) for layer in nested] != counts:
            found = [len(layer) for layer in nested]
            raise InputError("patterns", f"{wanted}, of {counts} patterns, not {found}.")
    return tuple(
        tuple(
            None if given is None else _read_pattern(given, n, f"pattern {a}.{b}")
            for b, given in enumerate(layer, 1)
        )
        for a, layer in enumerate(nested, 1)
    )


def row_of(
    patterns: Patterns | None, i: int, field: Field
) -> list[list[list[Value] | None]] | None:
    """The weights of position i, as elements of a field where they are algebraic."""
    if patterns is None:
        return None

    def weight(number: Number) -> Value:
        return number if isinstance(number, ExponentialSum) else field.from_sympy(number)

    return [
        [None if head is None else [weight(cell) for cell in head[i][: i + 1]] for head in layer]
        for layer in patterns
    ]


def _read_pattern(given: object, n: int, name: str) -> Rows:
    """A square of numbers with nothing above its diagonal."""
    rows: Sequence[Sequence[object]]
    if isinstance(given, str):
        rows = read_matrix(given, name)
    else:
        cells = given if isinstance(given, Sequence) else as_lists(given, name)
        rows = [list(row) if isinstance(row, Sequence) else [row] for row in _listed(cells)]
    if [len(row) for row in rows] != [n] * n:
        found = " × ".join(map(str, (len(rows), max(map(len, rows), default=0))))
        raise InputError(
            "wrong_shape", f"{name} must be {n} × {n} for {counted(n, 'token')}, not {found}."
        )
    read = tuple(
        tuple(
            cell if isinstance(cell, ExponentialSum) else read_number(cell, place(name, i, j))
            for j, cell in enumerate(row, 1)
        )
        for i, row in enumerate(rows, 1)
    )
    if any(cell != 0 for i, row in enumerate(read) for cell in row[i + 1 :]):
        raise InputError(
            "patterns",
            f"{name} looks ahead: row i has the weights of position i, and 0 after its own place.",
        )
    return read


def _listed(cells: object) -> list[object]:
    return list(cells) if isinstance(cells, Sequence) else [cells]


# -- a causal pass ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeadAt:
    """What one head does at one position; ``weights`` are those of the positions up to it."""

    query: Row
    key: Row
    value: Row
    scores: Row  # empty where the weights were given
    weights: Row
    result: Row
    output: Row


@dataclass(frozen=True, slots=True)
class Position:
    """The residual stream at one position, before the first layer and after each, and its heads."""

    token: int
    residual: tuple[Row, ...]
    heads: tuple[tuple[HeadAt, ...], ...]


def next_position(
    model: AttentionOnly, before: Sequence[Position], token: int, frozen: Frozen | None = None
) -> Position:
    """One more token, at place ``len(before)``, with the weights of its heads given or computed.

    >>> model = AttentionOnly("1 0; 0 1", "1 0; 0 1")
    >>> next_position(model, [], 1).residual
    ((Element(0), Element(1)),)
    """
    numbers = model.elements()
    zero = numbers.field.rational(0)
    row = dense(numbers.W_E[token], model.d_model, zero)
    if numbers.W_pos is not None:
        row = added(row, dense(numbers.W_pos[len(before)], model.d_model, zero))
    residual, heads = [row], []
    for layer, each in enumerate(numbers.layers):
        done = []
        for k, head in enumerate(each):
            earlier = [position.heads[layer][k] for position in before]
            given = None if frozen is None else frozen[layer][k]
            done.append(_head_at(model, head, earlier, residual[-1], given))
        for at in done:
            row = added(row, at.output)
        residual.append(row)
        heads.append(tuple(done))
    return Position(token, tuple(residual), tuple(heads))


def logits(model: AttentionOnly, position: Position) -> Row:
    """x W_U at a position, of length d_vocab."""
    numbers = model.elements()
    zero = numbers.field.rational(0)
    return row_times(position.residual[-1], numbers.W_U, model.d_vocab, zero)


def _head_at(
    model: AttentionOnly,
    head: HeadElements,
    earlier: Sequence[HeadAt],
    x: Row,
    given: Sequence[Value] | None,
) -> HeadAt:
    zero = model.elements().field.rational(0)
    d_head, d_value = head.widths
    query = row_times(x, head.W_Q, d_head, zero)
    key = row_times(x, head.W_K, d_head, zero)
    value = row_times(x, head.W_V, d_value, zero)
    scores: Row = ()
    if given is None:
        keys = [*(at.key for at in earlier), key]
        scores = tuple(score(query, each, head.scale, zero) for each in keys)
        given = model.softmax.weights(scores)
    values = [*(at.value for at in earlier), value]
    result = mixed(given, values, d_value, zero)
    output = row_times(result, head.W_O, model.d_model, zero)
    return HeadAt(query, key, value, scores, tuple(given), result, output)


# -- one layer at the last place -------------------------------------------------------------------


class SourceTerm(NamedTuple):
    """What one token at one place gives to a head: its weight w, and n beside it."""

    weight: Value
    lead: Value


class LastPlace:
    """The difference of two logits, Δ = L_b − L_c, at the last of ``length`` places.

    ``last`` is the token there, ``outputs`` are b and c, all as places in the vocabulary. Errors:
    ``layers`` unless there is one layer, ``softmax`` for hard attention, ``too_long``.
    """

    def __init__(
        self, model: AttentionOnly, length: int, last: int, outputs: tuple[int, int]
    ) -> None:
        _check(model, length)
        self.model, self.length, self.last = model, length, last
        numbers = model.elements()
        self.zero = numbers.field.rational(0)
        self.heads = numbers.layers[0]
        b, c = outputs
        self._reads = [minus(row[b], row[c]) for row in self._unembedding()]
        self._x = self._residual(length - 1, last)
        self.direct = self._difference(self._x)
        self._queries = [
            row_times(self._x, head.W_Q, head.widths[0], self.zero) for head in self.heads
        ]
        self._parts: dict[tuple[int, int, int], SourceTerm] = {}

    def part(self, head: int, place: int, token: int) -> SourceTerm:
        """w and n of a token at a place, for a head; all counted from 0."""
        key = (head, place, token)
        if key not in self._parts:
            self._parts[key] = self._worked(self.heads[head], self._queries[head], place, token)
        return self._parts[key]

    def sums(self, head: int, tokens: Sequence[int]) -> tuple[Value, Value]:
        """Z and N of a head."""
        parts = [self.part(head, place, token) for place, token in enumerate(tokens)]
        Z: Value = self.zero
        N: Value = self.zero
        for weight, lead in parts:
            Z, N = plus(Z, weight), plus(N, times(weight, lead))
        return Z, N

    def scaled(self, tokens: Sequence[int]) -> Value:
        """Π Z_h · Δ = d·Π Z_h + Σ_h N_h·Π_{g ≠ h} Z_g, with d of the direct path."""
        sums = [self.sums(head, tokens) for head in range(len(self.heads))]
        total = product([self.direct, *(Z for Z, _ in sums)])
        for h, (_, N) in enumerate(sums):
            others = [Z for g, (Z, _) in enumerate(sums) if g != h]
            total = plus(total, product([N, *others]))
        return total

    def _worked(self, head: HeadElements, query: Row, place: int, token: int) -> SourceTerm:
        d_head, d_value = head.widths
        x = self._residual(place, token)
        found = score(query, row_times(x, head.W_K, d_head, self.zero), head.scale, self.zero)
        value = row_times(x, head.W_V, d_value, self.zero)
        written = row_times(value, head.W_O, self.model.d_model, self.zero)
        return SourceTerm(self._power(found), self._difference(written))

    def _power(self, exponent: Value) -> Value:
        base, one = self.model.softmax.base, self.zero.field.rational(1)
        if base == 1:
            return one
        return quotient(Terms.of(base, ((exponent, one),)), (), self.zero.field)

    def _residual(self, place: int, token: int) -> Row:
        numbers, d = self.model.elements(), self.model.d_model
        row = dense(numbers.W_E[token], d, self.zero)
        if numbers.W_pos is None:
            return row
        return added(row, dense(numbers.W_pos[place], d, self.zero))

    def _unembedding(self) -> list[Row]:
        numbers = self.model.elements()
        return [dense(cells, self.model.d_vocab, self.zero) for cells in numbers.W_U]

    def _difference(self, row: Row) -> Value:
        total: Value = self.zero
        for x, weight in zip(row, self._reads, strict=True):
            total = plus(total, times(x, weight))
        return total


def product(values: Sequence[Value]) -> Value:
    """All of them multiplied."""
    first, *others = values
    for each in others:
        first = times(first, each)
    return first


def _check(model: AttentionOnly, length: int) -> None:
    """One layer of soft attention, with positions for so many tokens."""
    check_model(model)
    check_one_layer(model)
    if model.softmax.name == "hard":
        raise InputError(
            "softmax",
            "Hard attention has no weights to add up. What it decides without a tie, a large base "
            'decides too: give the model a softmax such as "base 2" and larger scores.',
            suggestion="base 2",
        )
    if model.W_pos is not None and len(model.W_pos) < length:
        raise InputError(
            "too_long",
            f"W_pos has {counted(len(model.W_pos), 'position')}, and {length} are needed here.",
        )


def check_one_layer(model: AttentionOnly) -> None:
    """Refuse a model that is not of one layer with heads. Errors: ``layers``."""
    heads = [len(layer) for layer in model.layers]
    if len(heads) != 1 or not heads[0]:
        raise InputError(
            "layers", f"This is about models with one layer of heads, and the model has {heads}."
        )
