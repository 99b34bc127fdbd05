"""One layer at the last place: a sum over places, whose parts know one token and its place each.

With w = B^score the weight of a source before it is divided, and n what its value adds to the
difference of two logits, head h writes N/Z with Z = Σⱼ wⱼ and N = Σⱼ wⱼnⱼ. Both w and n depend on
the place and the token at it alone, once the last token is fixed. So does nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from handcalc.circuits.attention_only import AttentionOnly, HeadElements, check_model
from handcalc.circuits.exponential_sum import Value, minus, plus, quotient, times
from handcalc.circuits.softmax import Row, added, dense, row_times, score
from handcalc.circuits.terms import Terms
from handcalc.errors import InputError
from handcalc.wording import counted


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
