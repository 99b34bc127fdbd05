"""A head as one matrix: A ⊗ W_OVᵀ on the residual stream's numbers, position by position.

vec(A X W) = (A ⊗ Wᵀ) vec(X), where vec stacks the rows of X. The paper stacks columns of its own,
and writes A ⊗ W_O W_V, of which the second factor is our W_OVᵀ, the same numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from handcalc.circuits.exponential_sum import ExponentialSum, shown
from handcalc.circuits.positions import Number, Rows
from handcalc.circuits.run import CircuitRun
from handcalc.numbers.exact import exact


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
