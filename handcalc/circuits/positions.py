"""A causal pass one position after the other: each new row needs the keys and values before it.

What a position does depends on the tokens up to it alone, so that sequences which begin alike share
their rows: whoever goes through all sequences of a length computes one row for each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from handcalc.circuits.attention_only import AttentionOnly, HeadElements
from handcalc.circuits.exponential_sum import Value
from handcalc.circuits.softmax import Row, added, dense, mixed, row_times, score

Frozen: TypeAlias = "Sequence[Sequence[Sequence[Value] | None]]"  # the weights of each head


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
