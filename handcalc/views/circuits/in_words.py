"""What drawings of circuits show, in words: for those who cannot see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import SupportsFloat

import sympy

from handcalc.circuits import softmax
from handcalc.circuits.exponential_sum import ExponentialSum, Value
from handcalc.numbers.exact import elements
from handcalc.wording import joined


def places(tokens: Sequence[str]) -> list[str]:
    """Each token with its place, from 1.

    >>> places("aba")
    ['1 a', '2 b', '3 a']
    """
    return [f"{i} {token}" for i, token in enumerate(tokens, 1)]


def attends(labels: Sequence[str], rows: Sequence[Sequence[SupportsFloat]]) -> str:
    """For each place the places that it looks at most.

    >>> attends(["1 a", "2 b"], [[1, 0], [0.5, 0.5]])
    '1 a attends to 1 a; 2 b attends to 1 a and 2 b'
    """
    return "; ".join(
        f"{label} attends to {joined([labels[j] for j in greatest(row[: i + 1])])}"
        for i, (label, row) in enumerate(zip(labels, rows, strict=True))
    )


def largest(
    rows: Sequence[str], columns: Sequence[str], cells: Sequence[Sequence[SupportsFloat]]
) -> str:
    """For each row the names of its largest entries.

    >>> largest("ab", "cd", [[0, 1], [2, 2]])
    'a: largest at d; b: largest at c and d.'
    """
    said = (
        f"{name}: largest at {joined([columns[j] for j in greatest(row)])}"
        for name, row in zip(rows, cells, strict=True)
    )
    return f"{'; '.join(said)}."


def greatest(row: Sequence[SupportsFloat]) -> list[int]:
    """Where the largest entries of a row are, counted from 0; of exact numbers, exactly.

    >>> greatest([1, 3, 3])
    [1, 2]
    """
    if all(isinstance(value, sympy.Expr | ExponentialSum) for value in row):
        return list(softmax.largest([_engine_value(value) for value in row]))
    values = list(map(float, row))
    most = max(values)
    return [k for k, value in enumerate(values) if value == most]


def _engine_value(value: SupportsFloat) -> Value:
    return value if isinstance(value, ExponentialSum) else elements(value)[1][0]
