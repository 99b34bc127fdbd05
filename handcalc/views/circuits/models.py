"""The page on a model, on a head, and on a number that is no algebraic one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.head import Head
from handcalc.circuits.run_steps import expression_of
from handcalc.circuits.softmax import Softmax
from handcalc.derivation import Claim
from handcalc.views.circuits.blocks import (
    Block,
    Named,
    Page,
    Said,
    Title,
    escaped,
    is_wide,
    number_expression,
    row_text,
)
from handcalc.views.notation import UNICODE
from handcalc.wording import counted, joined

_T = TypeVar("_T")

UNITS = Said(Claim("uₖ is the row that is 1 in place k and 0 elsewhere."), is_note=True)


def exponential_sum(shown: ExponentialSum) -> Page:
    """The sum as it is written, where it is short, and its decimal."""
    written, decimal = expression_of(shown), number_expression(shown)
    values = [decimal] if written == decimal else [written, decimal]
    return [Said.plainly(", ".join(["{}"] * len(values)), *values)]


# -- models ----------------------------------------------------------------------------------------


def model(shown: AttentionOnly, *, columns: bool = False) -> Page:
    """The sizes and the matrices; ``columns`` turns them, as the paper has them."""
    return [*_sizes(shown), *_matrices(shown, columns=columns)]


def head(shown: Head) -> Page:
    """What a head is made of, W_QK and W_OV."""
    page: Page = []
    if shown.factored:
        page += [_matrix(name, rows) for name, rows in shown.matrices.items()]
    W_QK, W_OV = _matrix("W_QK", shown.W_QK), _matrix("W_OV", shown.W_OV)
    units = [UNITS] if is_wide(shown.d_model) else []
    return [*page, W_QK, Said.plainly(_QK), W_OV, Said.plainly(_OV), *units]


_QK = "A row is a query, a column a key: where the head looks."
_OV = "A row is read, a column is written: what the head moves from there."


def _sizes(shown: AttentionOnly) -> Page:
    sizes = f"{counted(shown.d_vocab, 'token')} and {counted(shown.d_model, 'dimension')}"
    heads = [len(layer) for layer in shown.layers]
    layers = f"layers of {joined(heads)} heads" if len(heads) > 1 else "one layer"
    if not heads:
        layers = "no layers"
    elif set(heads) == {heads[0]}:
        layers = f"{counted(len(heads), 'layer')} of {counted(heads[0], 'head')}"
    scale = " of scores over √d_head" if shown.scale else ""
    return [
        Said.plainly(f"An attention-only transformer with {sizes}; {layers}."),
        Said.plainly(escaped(f"Vocabulary: {' '.join(shown.vocabulary)}")),
        Said.plainly(f"Softmax: {shown.softmax.name}{scale}, {_meaning(shown.softmax)}."),
    ]


def _meaning(softmax: Softmax) -> str:
    """What a softmax does with scores, and in which units they are."""
    if softmax.name == "hard":
        return "the largest scores share all the weight"
    if softmax.base == 1:
        return "every score weighs the same"
    if softmax.base is None:
        return "powers of e over their sum"
    return f"powers of {softmax.base} over their sum: scores are in units of log {softmax.base}"


def _matrices(shown: AttentionOnly, *, columns: bool) -> Page:
    turn = turned_rows if columns else _as_it_is
    names = () if columns else shown.vocabulary
    page: Page = [_matrix("W_E", turn(shown.W_E), names)]
    if shown.W_pos is not None:
        places = () if columns else tuple(f"position {k + 1}" for k in range(len(shown.W_pos)))
        page.append(_matrix("W_pos", turn(shown.W_pos), places))
    for number, layer in enumerate(shown.layers, 1):
        for place, each in enumerate(layer, 1):
            page.append(Title(f"Head {number}.{place}"))
            parts = each.matrices if each.factored else {"W_QK": each.W_QK, "W_OV": each.W_OV}
            for name, rows in parts.items():  # W_QK is [query, key] in the paper too
                page.append(_matrix(name, rows if name == "W_QK" else turn(rows)))
    if shown.layers:
        page.append(Title("Unembedding"))
    page.append(_matrix("W_U", turn(shown.W_U), above=names))
    front: Page = []
    if columns:
        front.append(Said.plainly("In the paper's form, with vectors as columns:"))
    if any(isinstance(block, Said) for block in page):
        front.append(UNITS)
    return front + page


def _as_it_is(rows: Sequence[Sequence[_T]]) -> tuple[tuple[_T, ...], ...]:
    return tuple(map(tuple, rows))


def turned_rows(rows: Sequence[Sequence[_T]]) -> tuple[tuple[_T, ...], ...]:
    """The transpose."""
    return tuple(zip(*rows, strict=True))


def _row_name(what: str, name: str) -> str:
    """Row a, position 1."""
    return name if " " in name else f"{what} {name}"


def _matrix(
    name: str,
    rows: Sequence[Sequence[sympy.Expr]],
    labels: Sequence[str] = (),
    above: Sequence[str] = (),
) -> Block:
    """A matrix; of a large one with few entries its rows, or columns, that are not 0.

    ``labels`` are names of its rows, ``above`` of its columns.
    """
    is_tall = len(rows) > len(rows[0])
    vectors = turned_rows(rows) if is_tall else rows
    what, names = ("column", above) if is_tall else ("row", labels)
    texts = [row_text(row, UNICODE) for row in vectors]
    if not is_wide(len(vectors[0])) or any(text.startswith("(") for text in texts):
        return Named(name, _as_it_is(rows), tuple(labels))
    found = [
        f"{_row_name(what, names[k] if names else str(k + 1))} is {text}"
        for k, text in enumerate(texts)
        if text != "0"
    ]
    rest = "" if len(found) == len(vectors) else "the others are 0"
    size = f"{name} ({len(rows)} × {len(rows[0])})"
    said = "; ".join([*found, *([rest] if rest and found else [])]) or f"every {what} is 0"
    return Said.plainly(escaped(f"{size}: {said}."))
