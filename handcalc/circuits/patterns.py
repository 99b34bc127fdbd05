"""Attention patterns that are given instead of computed: frozen, as the path expansion has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import ExponentialSum, Value
from handcalc.errors import InputError
from handcalc.inputs.arguments import place, read_matrix, read_number
from handcalc.inputs.containers import as_lists
from handcalc.numbers.field import Field
from handcalc.wording import brief, counted

Number: TypeAlias = "sympy.Expr | ExponentialSum"
Rows: TypeAlias = "tuple[tuple[Number, ...], ...]"
Patterns: TypeAlias = "tuple[tuple[Rows | None, ...], ...]"  # [layer][head], counted from 0


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
