"""Models made of their tables by token: QK, OV and the direct path, each as it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.head import Head

NamedCells: TypeAlias = Mapping[tuple[str, str], int]


def by_tables(
    vocabulary: str,
    heads: Sequence[tuple[NamedCells, NamedCells]],
    direct: NamedCells,
    softmax: str = "base 2",
) -> AttentionOnly:
    """One layer whose tables are given: QK [destination, source] and OV [source, out] of each head.

    Tokens have a coordinate each, and outputs others, so that the direct path is a table of its
    own. Cells that are not given are 0. Softmax is "base 2", or as given.

    >>> from handcalc.circuits.tables import ov_circuit, qk_circuit
    >>> model = by_tables("x y", [({("x", "y"): 1}, {("y", "x"): 3})], {})
    >>> qk_circuit(model, 1, 1).cells, ov_circuit(model, 1, 1).cells
    (((0, 1), (0, 0)), ((0, 0), (3, 0)))
    """
    words = vocabulary.split()
    n = len(words)

    def block(cells: NamedCells, right: int, below: int) -> list[list[int]]:
        """The table, moved so many columns to the right, with so many rows of 0 below."""
        rows = [[cells.get((a, b), 0) for b in words] for a in words]
        return [[*[0] * right, *row, *[0] * (n - right)] for row in rows] + [[0] * 2 * n] * below

    itself = {(word, word): 1 for word in words}
    unembed = [[cells.get((a, b), 0) for b in words] for cells in (direct, itself) for a in words]
    layer = [Head.of_circuits(block(qk, 0, n), block(ov, n, n)) for qk, ov in heads]
    return AttentionOnly(block(itself, 0, 0), unembed, [layer], vocabulary=words, softmax=softmax)
