"""Tables of a model by token: bigrams, QK and OV circuits, skip-trigrams, and a source's effects.

The first four are read off the weights; what a source token does to the logits at each destination,
and the rank of that, is worked out on sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from handcalc.circuits.attention_only import AttentionOnly, ModelElements, check_model
from handcalc.circuits.exponential_sum import Value, minus, shown, times
from handcalc.circuits.positions import Number, Rows, logits
from handcalc.circuits.run import causal_pass
from handcalc.circuits.softmax import Row, chain, echelon, turned
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Exported, Plotted, Tabular
from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import elements, to_text
from handcalc.wording import brief

DIRECT_PATH = "W_E W_U"  # the name of a bigram table


@dataclass(frozen=True, repr=False)
class TokenTable(Displayed, Exported, Tabular, Plotted):
    """Exact numbers by two tokens: ``cells`` [row][column], under names for both.

    ``row_meaning`` and ``column_meaning`` say what they are, such as current and next. A row is
    compared within itself: a constant added to a row of logits or of scores changes nothing.
    """

    name: str
    row_meaning: str
    column_meaning: str
    row_tokens: tuple[str, ...]
    column_tokens: tuple[str, ...]
    cells: Matrix

    def cell(self, row: str, column: str) -> sympy.Expr:
        """The number of two tokens. Errors: ``token``."""
        for names, token in ((self.row_tokens, row), (self.column_tokens, column)):
            if token not in names:
                listed = " ".join(names)
                raise InputError("token", f"{brief(token)} is not in this table: {listed}.")
        return self.cells[self.row_tokens.index(row)][self.column_tokens.index(column)]

    def arrays(self) -> dict[str, Matrix]:
        """The numbers [row][column]."""
        return {"cells": self.cells}

    def columns(self) -> dict[str, Sequence[object]]:
        """A row for each token, a column for each token."""
        each = zip(self.column_tokens, zip(*self.cells, strict=True), strict=True)
        return {self.row_meaning: self.row_tokens, **dict(each)}

    def __repr__(self) -> str:
        size = f"{len(self.row_tokens)} × {len(self.column_tokens)}"
        return f"<TokenTable {self.name}, {size}, {self.row_meaning} by {self.column_meaning}>"


def bigram_table(model: AttentionOnly) -> TokenTable:
    """W_E W_U, of shape (d_vocab, d_vocab), [current, next]: the direct path's logits.

    Args:
        model: An attention-only model, of any number of layers.

    Returns:
        The logits that a token alone gives to the next, positions left out.

    Raises:
        InputError: ``model`` for anything else.

    Source: Elhage et al. 2021, "Zero-Layer Transformers"; the paper's table is the transpose.

    Examples:
        >>> table = bigram_table(AttentionOnly("1 0; 0 1", "1 2; 3 4"))
        >>> table.cell("a", "b"), table.cells
        (2, ((1, 2), (3, 4)))
    """
    numbers, V, d = _sizes(model)
    cells = chain([(numbers.W_E, d), (numbers.W_U, V)], numbers.field.rational(0))
    return _table(model, DIRECT_PATH, ("current", "next"), cells)


def qk_circuit(model: AttentionOnly, layer: int, head: int) -> TokenTable:
    """W_E W_QK W_Eᵀ, of shape (d_vocab, d_vocab), [destination, source], over √d_head if scaled.

    Args:
        model: An attention-only model.
        layer: The layer of the head, counted from 1.
        head: Its place in the layer, counted from 1.

    Returns:
        The score that a token at the destination gives to a token at the source, positions and
        earlier layers left out. It is compared within a row.

    Raises:
        InputError: ``head`` for one that is not there.

    Source: Elhage et al. 2021, "Splitting Attention Head terms into Circuits"; the same table.

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> head = Head.of_circuits("0 1; 0 0", "1 0; 0 1")
        >>> qk_circuit(AttentionOnly("1 0; 0 1", "1 0; 0 1", [[head]]), 1, 1).cells
        ((0, 1), (0, 0))
    """
    numbers, V, d = _sizes(model)
    model.head(layer, head)
    factors = numbers.layers[layer - 1][head - 1]
    zero, width = numbers.field.rational(0), factors.widths[0]
    back = [(turned(factors.W_K, width), d), (turned(numbers.W_E, d), V)]
    cells = chain([(numbers.W_E, d), (factors.W_Q, width), *back], zero)
    scaled = [[times(cell, factors.scale) for cell in row] for row in cells]
    return _table(model, f"QK circuit of head {layer}.{head}", ("destination", "source"), scaled)


def ov_circuit(model: AttentionOnly, layer: int, head: int) -> TokenTable:
    """W_E W_OV W_U, of shape (d_vocab, d_vocab), [source, out].

    Args:
        model: An attention-only model.
        layer: The layer of the head, counted from 1.
        head: Its place in the layer, counted from 1.

    Returns:
        What full attention to a token adds to the logits of each token.

    Raises:
        InputError: ``head`` for one that is not there.

    Source: Elhage et al. 2021, "Splitting Attention Head terms into Circuits"; the paper's table is
    the transpose.

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> head = Head.of_circuits("0 1; 0 0", "2 0; 0 3")
        >>> ov_circuit(AttentionOnly("1 0; 0 1", "1 0; 0 1", [[head]]), 1, 1).cells
        ((2, 0), (0, 3))
    """
    model.head(layer, head)
    cells = ov_rows(model, layer, head)
    return _table(model, f"OV circuit of head {layer}.{head}", ("source", "out"), cells)


def ov_rows(model: AttentionOnly, layer: int, head: int) -> tuple[Row, ...]:
    """W_E W_OV W_U in the engine's numbers."""
    numbers, V, d = _sizes(model)
    factors = numbers.layers[layer - 1][head - 1]
    chained = [(numbers.W_E, d), (factors.W_V, factors.widths[1]), (factors.W_O, d)]
    return chain([*chained, (numbers.W_U, V)], numbers.field.rational(0))


# -- skip-trigrams ---------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class SkipTrigram:
    """source … destination → out, as the tables of one head have it.

    ``score`` is QK[destination, source] and ``lead`` what it is above the best other source of that
    row; ``effect`` is OV[source, out], what attention of 1 would add to the logit of ``out``.
    """

    source: str
    destination: str
    out: str
    head: tuple[int, int]
    score: sympy.Expr
    lead: sympy.Expr
    effect: sympy.Expr

    def __repr__(self) -> str:
        parts = f"score {to_text(self.score)}, effect {to_text(self.effect)}"
        where = f"{self.source} … {self.destination} → {self.out}"
        return f"<SkipTrigram {where}, head {self.head[0]}.{self.head[1]}: {parts}>"


def skip_trigrams(
    model: AttentionOnly, source: str, destinations: object = None, outputs: object = None
) -> tuple[SkipTrigram, ...]:
    """The skip-trigrams source … destination → out of the heads of layer 1, the strongest first.

    They are read off the QK and OV tables, which are the two tables and not the function that the
    model computes: an entry is an effect only against tokens that write nothing. ``source_effect``
    has the effects.

    Args:
        model: An attention-only model with at least one layer.
        source: The token that is looked back at.
        destinations: Tokens that look, as a text or a list; all of them by default.
        outputs: Tokens whose logits are moved; all of them by default.

    Returns:
        One for each head, destination and output whose effect is not 0, by the score's lead over
        other sources, then by the effect, largest first.

    Raises:
        InputError: ``token``; ``head`` for a model without layers.

    Source: Elhage et al. 2021, "Interpretation as Skip-Trigrams".

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> head = Head.of_circuits("0 0; 1 0", "0 2; 0 0")
        >>> skip_trigrams(AttentionOnly("1 0; 0 1", "1 0; 0 1", [[head]]), "a")[0]
        <SkipTrigram a … b → b, head 1.1: score 1, effect 2>
    """
    model.head(1, 1)
    names = model.vocabulary
    (a,) = model.read_tokens([source])
    rows = chosen(model, destinations)
    found = []
    for number in range(1, len(model.layers[0]) + 1):
        scores = qk_circuit(model, 1, number).cells
        moved = ov_circuit(model, 1, number).cells[a]
        for b in rows:
            lead = _lead(scores[b], a)
            found += [
                SkipTrigram(names[a], names[b], names[c], (1, number), scores[b][a], lead, moved[c])
                for c in chosen(model, outputs)
                if moved[c] != 0
            ]
    _, order = elements(*(x for each in found for x in (each.lead, each.effect)))
    ranked = sorted(range(len(found)), key=lambda k: _Descending(order[2 * k], order[2 * k + 1]))
    return tuple(found[k] for k in ranked)


class _Descending:
    """A key to sort by: exact numbers, the largest first."""

    def __init__(self, *numbers: Value) -> None:
        self.numbers = numbers

    def __lt__(self, other: _Descending) -> bool:
        pairs = zip(self.numbers, other.numbers, strict=True)
        signs = (minus(mine, theirs).sign() for mine, theirs in pairs)
        return next((sign for sign in signs if sign), 0) > 0


def _lead(scores: Sequence[sympy.Expr], source: int) -> sympy.Expr:
    """How far a score is above the best of the others in its row; 0 where there is no other."""
    others = [score for k, score in enumerate(scores) if k != source]
    if not others:
        return sympy.Integer(0)
    _, (own, *rest) = elements(scores[source], *others)
    best = rest[0]
    for each in rest[1:]:
        best = each if (each - best).sign() > 0 else best
    return (own - best).to_sympy()


def _sizes(model: AttentionOnly) -> tuple[ModelElements, int, int]:
    """The model's numbers, d_vocab and d_model."""
    check_model(model)
    return model.elements(), model.d_vocab, model.d_model


def _table(
    model: AttentionOnly, name: str, meanings: tuple[str, str], cells: Sequence[Sequence[Value]]
) -> TokenTable:
    names = model.vocabulary
    read = tuple(tuple(map(shown, row)) for row in cells)
    return TokenTable(name, *meanings, names, names, read)


def chosen(model: AttentionOnly, tokens: object) -> tuple[int, ...]:
    """The places of tokens, of all for None."""
    return tuple(range(model.d_vocab)) if tokens is None else model.read_tokens(tokens)


# -- what a source does, at each destination -------------------------------------------------------


@dataclass(frozen=True, repr=False)
class SourceEffect(Displayed, Plotted):
    """E(b, c): what a source changes in the logit of c at destination b, against a rest token.

    ``effects`` has a row for each destination and a column for each output; ``rank`` is its rank.
    With one head, and OV rows of 0 for every other token, E(b, c) = A(b → a)·OV[a, c] has rank 1 at
    most: both wanted effects positive force both cross effects positive. With H heads it is ≤ H.
    """

    source: str
    rest: str
    before: tuple[str, ...]
    destinations: tuple[str, ...]
    outputs: tuple[str, ...]
    effects: Rows
    rank: int

    def effect(self, destination: str, output: str) -> Number:
        """One of the effects. Errors: ``token``."""
        for names, token in ((self.destinations, destination), (self.outputs, output)):
            if token not in names:
                raise InputError("token", f"{brief(token)} is not among {' '.join(names)}.")
        return self.effects[self.destinations.index(destination)][self.outputs.index(output)]

    def __repr__(self) -> str:
        where = " ".join((*self.before, self.source))
        rows = ", ".join(self.destinations)
        return abridged(
            f"<SourceEffect {where} … {rows} → {', '.join(self.outputs)}: rank {self.rank}>"
        )


def source_effect(
    model: AttentionOnly,
    source: str,
    destinations: object,
    outputs: object,
    rest: str = "<s>",
    before: object = (),
) -> SourceEffect:
    """E_a(b, c) = L(before a b)_c − L(before rest b)_c, the logits at b, and the rank of E.

    Args:
        model: An attention-only model.
        source: The token a whose effect is asked for.
        destinations: The tokens b that come after it, as a text or a list.
        outputs: The tokens c whose logits are looked at.
        rest: The token that stands in the source's place for comparison; one whose OV row is 0
            writes nothing.
        before: Tokens in front, such as "<s>"; none by default.

    Returns:
        The effects, exactly, with their rank. The direct path cancels in them.

    Raises:
        InputError: ``token``, ``too_long``; ``undecided`` where the rank hangs on it.

    Source: Elhage et al. 2021, "Skip-Trigram Bugs"; attention as a competition: Shlegeris 2023.

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> keep = Head.of_circuits("0 0 0; 0 0 0; 0 1 0", "0 0 0; 0 0 4; 0 0 0")
        >>> names = "<s> keep in"
        >>> model = AttentionOnly([[1, 0, 0], [0, 1, 0], [0, 0, 1]], "1 0 0; 0 1 0; 0 0 1",
        ...     [[keep]], vocabulary=names)
        >>> source_effect(model, "keep", "in", "in", before="<s>").effects
        ((2,),)
    """
    check_model(model)
    front = model.read_tokens(before) if before else ()
    a, quiet = model.read_tokens([source, rest])
    places, columns = chosen(model, destinations), chosen(model, outputs)
    moved = (effects_at(model, b, (a, quiet), front) for b in places)
    effects = [[row[c] for c in columns] for row in moved]
    names = model.vocabulary
    return SourceEffect(
        names[a],
        names[quiet],
        tuple(names[k] for k in front),
        tuple(names[k] for k in places),
        tuple(names[k] for k in columns),
        tuple(tuple(map(shown, row)) for row in effects),
        len(echelon(effects)[1]),
    )


def effects_at(
    model: AttentionOnly, destination: int, pair: tuple[int, int], front: Sequence[int] = ()
) -> Row:
    """What the first of a pair changes in each logit at a destination, against the second."""
    with_source, without = (_last_logits(model, [*front, a, destination]) for a in pair)
    return tuple(minus(x, y) for x, y in zip(with_source, without, strict=True))


def _last_logits(model: AttentionOnly, tokens: Sequence[int]) -> Row:
    if model.W_pos is not None:
        model.read_tokens(tokens)  # which refuses a sentence that is too long
    return logits(model, causal_pass(model, tokens)[-1])
