"""The path expansion: logits as a sum over all ways through the heads, patterns held fixed.

A head is also one matrix: A ⊗ W_OVᵀ on the residual stream's numbers, position by position, as
vec(A X W) = (A ⊗ Wᵀ) vec(X), where vec stacks the rows of X. The paper stacks columns of its own,
and writes A ⊗ W_O W_V, of which the second factor is our W_OVᵀ, the same numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from math import prod

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import ExponentialSum, Value, shown
from handcalc.circuits.head import multiplied
from handcalc.circuits.positions import Number, Rows
from handcalc.circuits.run import CircuitRun, run_circuit
from handcalc.circuits.softmax import Row, Sparse, mixed, row_times, score
from handcalc.display import Displayed, abridged
from handcalc.errors import InputError
from handcalc.export import Plotted
from handcalc.inputs.arguments import Matrix
from handcalc.numbers.exact import exact
from handcalc.wording import counted

_MOST_TERMS = 4096


@dataclass(frozen=True, repr=False)
class PathTerm:
    """(A^{h_k}…A^{h₁}) X₀ W_OV^{h₁}…W_OV^{h_k} W_U, one way through the heads h₁ … h_k.

    ``heads`` are (layer, head), counted from 1, none for the direct path; ``pattern`` is the
    product of their patterns (n, n), ``table`` W_E W_OV^{h₁}…W_OV^{h_k} W_U (d_vocab, d_vocab),
    [source, out]; ``contribution`` is the term itself (n, d_vocab).
    """

    run: CircuitRun
    heads: tuple[tuple[int, int], ...]

    @property
    def order(self) -> int:
        """The number of heads on the way."""
        return len(self.heads)

    @cached_property
    def pattern(self) -> Rows:
        """A^{h_k}…A^{h₁}; the identity for the direct path."""
        return _shown_rows(self._pattern)

    @cached_property
    def table(self) -> Matrix:
        """W_E W_OV^{h₁}…W_OV^{h_k} W_U."""
        found = self.run.model.W_E
        for head in self.heads:
            found = multiplied(found, self.run.model.head(*head).W_OV)
        return multiplied(found, self.run.model.W_U)

    @cached_property
    def contribution(self) -> Rows:
        """What the path adds to the logits of each position."""
        return _shown_rows(self.rows)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The same in the engine's numbers."""
        model = self.run.model
        numbers = model.elements()
        zero = numbers.field.rational(0)
        moved = path_rows(self.run, self.heads)
        return tuple(row_times(row, numbers.W_U, model.d_vocab, zero) for row in moved)

    @cached_property
    def _pattern(self) -> tuple[Row, ...]:
        n, zero = len(self.run.tokens), self.run.model.elements().field.rational(0)
        rows: tuple[Row, ...] = tuple(tuple(zero + (i == j) for j in range(n)) for i in range(n))
        for layer, head in self.heads:
            weights = [p.heads[layer - 1][head - 1].weights for p in self.run.positions]
            rows = tuple(mixed(each, rows[: len(each)], n, zero) for each in weights)
        return rows

    def __repr__(self) -> str:
        return f"<PathTerm {path_name(self.heads)}>"


@dataclass(frozen=True, repr=False)
class PathExpansion(Displayed, Plotted):
    """All terms, the direct path first, then by the number of heads; they sum to ``logits``."""

    run: CircuitRun
    terms: tuple[PathTerm, ...]

    @property
    def orders(self) -> tuple[int, ...]:
        """How many terms go through 0, 1, 2, … heads: C(L, k)·hᵏ for L layers of h heads."""
        return count_paths([len(layer) for layer in self.run.model.layers])

    @property
    def logits(self) -> Rows:
        """The logits of the run (n, d_vocab)."""
        return self.run.logits

    def __repr__(self) -> str:
        return abridged(f"<PathExpansion: {' + '.join(path_name(t.heads) for t in self.terms)}>")


def path_expansion(model: AttentionOnly, tokens: object, patterns: object = None) -> PathExpansion:
    """logits = Σ over paths of (A^{h_k}…A^{h₁}) X₀ W_OV^{h₁}…W_OV^{h_k} W_U, patterns as they are.

    A path takes a subset of the layers and one head in each: Π(1 + h_l) terms in all. The identity
    is about fixed patterns; those of later layers themselves depend on the layers before.

    Args:
        model: An attention-only model.
        tokens: A sentence, as ``run_circuit`` takes it.
        patterns: Attention to freeze, as ``run_circuit`` takes it.

    Returns:
        The terms (heads, pattern, table, contribution), which sum to the logits exactly.

    Raises:
        InputError: ``too_large`` for more than 4096 terms, and what ``run_circuit`` raises.

    Source: Elhage et al. 2021, "Path Expansion of Logits"; the paper writes A ⊗ W_OV, of which ours
    is the transpose.

    Examples:
        >>> from handcalc.circuits.head import Head
        >>> copy = Head.of_circuits("0 0; 0 0", "1 0; 0 1")
        >>> model = AttentionOnly("1 0; 0 1", "1 0; 0 1", [[copy]])
        >>> direct, copied = path_expansion(model, "a b").terms
        >>> direct.contribution, copied.contribution
        (((1, 0), (0, 1)), ((1, 0), (1/2, 1/2)))
    """
    run = run_circuit(model, tokens, patterns)
    count = prod(1 + len(layer) for layer in model.layers)
    if count > _MOST_TERMS:
        raise InputError(
            "too_large",
            f"The path expansion has {counted(count, 'term')}, and at most {_MOST_TERMS} are "
            "worked out: take fewer layers or heads.",
        )
    return PathExpansion(run, tuple(PathTerm(run, heads) for heads in paths(model)))


def paths(model: AttentionOnly, below: int | None = None) -> Iterator[tuple[tuple[int, int], ...]]:
    """Every path through the layers, or through those below one, shorter ones first."""
    layers = range(1, len(model.layers) + 1 if below is None else below)
    for order in range(len(layers) + 1):
        for chosen in combinations(layers, order):
            heads = [range(1, len(model.layers[layer - 1]) + 1) for layer in chosen]
            for each in product(*heads):
                yield tuple(zip(chosen, each, strict=True))


def count_paths(heads: Sequence[int]) -> tuple[int, ...]:
    """How many paths go through 0, 1, 2, … heads, for so many heads in each layer: Π(1 + h_l x).

    >>> count_paths([12, 12]), count_paths([2, 2, 2])
    ((1, 24, 144), (1, 6, 12, 8))
    """
    found = [1]
    for count in heads:
        longer = [count * paths for paths in found]
        found = [a + b for a, b in zip([*found, 0], [0, *longer], strict=True)]
    return tuple(found)


def path_name(heads: Sequence[tuple[int, int]]) -> str:
    """A path as it is read: direct, 1.1, 1.1 → 2.3.

    >>> path_name([]), path_name([(1, 1), (2, 3)])
    ('direct', '1.1 → 2.3')
    """
    return " → ".join(f"{layer}.{head}" for layer, head in heads) or "direct"


def path_rows(run: CircuitRun, heads: Sequence[tuple[int, int]]) -> tuple[Row, ...]:
    """(A^{h_k}…A^{h₁}) X₀ W_OV^{h₁}…W_OV^{h_k}: what a path brings into the residual stream."""
    model = run.model
    numbers = model.elements()
    zero = numbers.field.rational(0)
    rows = tuple(position.residual[0] for position in run.positions)
    for layer, head in heads:
        factors = numbers.layers[layer - 1][head - 1]
        weights = [position.heads[layer - 1][head - 1].weights for position in run.positions]
        values = [row_times(row, factors.W_V, factors.widths[1], zero) for row in rows]
        mixed_values = [
            mixed(each, values[: len(each)], factors.widths[1], zero) for each in weights
        ]
        rows = tuple(row_times(row, factors.W_O, model.d_model, zero) for row in mixed_values)
    return rows


def _shown_rows(rows: Sequence[Sequence[Value]]) -> Rows:
    return tuple(tuple(map(shown, row)) for row in rows)


# -- the scores of a head, by the paths of its query and of its key -------------------------------


@dataclass(frozen=True, repr=False)
class ScoreTerm:
    """(P X₀ W) W_QK (P′ X₀ W′)ᵀ: what a query's path and a key's path add to a head's scores.

    ``scores`` is (n, n), rows queries; ``query`` and ``key`` are paths through earlier layers.
    """

    query: tuple[tuple[int, int], ...]
    key: tuple[tuple[int, int], ...]
    scores: Rows

    def __repr__(self) -> str:
        return f"<ScoreTerm query {path_name(self.query)}, key {path_name(self.key)}>"


def score_expansion(run: CircuitRun, layer: int, head: int) -> tuple[ScoreTerm, ...]:
    """The scores of a head as a sum over paths of queries times paths of keys; their sum is exact.

    Q-composition are the terms whose query, K-composition those whose key goes through a head.

    >>> from handcalc.circuits.head import Head
    >>> one = Head.of_circuits("1 0; 0 1", "0 1; 0 0")
    >>> run = run_circuit(AttentionOnly("1 0; 0 1", "1 0; 0 1", [[one], [one]]), "a b")
    >>> [term for term in score_expansion(run, 2, 1)][1]
    <ScoreTerm query direct, key 1.1>
    """
    model = run.model
    model.head(layer, head)
    numbers = model.elements()
    zero = numbers.field.rational(0)
    factors = numbers.layers[layer - 1][head - 1]
    d_head = factors.widths[0]
    moved = {heads: path_rows(run, heads) for heads in paths(model, layer)}

    def through(rows: Sequence[Row], matrix: Sparse) -> list[Row]:
        return [row_times(row, matrix, d_head, zero) for row in rows]

    queries = {heads: through(rows, factors.W_Q) for heads, rows in moved.items()}
    keys = {heads: through(rows, factors.W_K) for heads, rows in moved.items()}
    return tuple(
        ScoreTerm(
            a,
            b,
            _shown_rows([[score(q, k, factors.scale, zero) for k in keys[b]] for q in queries[a]]),
        )
        for a in moved
        for b in moved
    )


# -- a head as one matrix --------------------------------------------------------------------------


def head_matrix(run: CircuitRun, layer: int, head: int) -> Rows:
    """A ⊗ W_OVᵀ, of shape (n·d_model, n·d_model), for a head counted from 1.

    Source: Elhage et al. 2021, "Attention Heads as Independent and Additive" (A ⊗ W_O W_V).

    >>> from handcalc.circuits.attention_only import AttentionOnly
    >>> from handcalc.circuits.head import Head
    >>> from handcalc.circuits.run import run_circuit
    >>> model = AttentionOnly("1", "1", [[Head.of_circuits("0", "3")]])
    >>> head_matrix(run_circuit(model, "a a"), 1, 1)
    ((3, 0), (3/2, 3/2))
    """
    W_OV = run.model.head(layer, head).W_OV
    return kronecker(run.pattern[layer - 1][head - 1], tuple(zip(*W_OV, strict=True)))


def kronecker(A: Rows, B: Rows) -> Rows:
    """A ⊗ B: each number of A times all of B.

    >>> one, two = exact(1), exact(2)
    >>> kronecker(((one, two),), ((one,), (two,)))
    ((1, 2), (2, 4))
    """
    return tuple(tuple(_product(a, b) for a in upper for b in lower) for upper in A for lower in B)


def stacked(rows: Sequence[Sequence[Number]]) -> tuple[Number, ...]:
    """vec(X): the rows one after the other."""
    return tuple(cell for row in rows for cell in row)


def _product(a: Number, b: Number) -> Number:
    if isinstance(a, ExponentialSum):
        return shown(a * b)
    if isinstance(b, ExponentialSum):
        return shown(b * a)
    return exact(a * b)
