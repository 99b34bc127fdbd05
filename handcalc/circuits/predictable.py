"""Which tokens can ever be predicted: those whose column of W_U no others surround."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sympy

from handcalc.circuits.attention_only import AttentionOnly, check_model
from handcalc.circuits.softmax import dense, turned
from handcalc.errors import EngineError
from handcalc.numbers.field import Element

_MOST_PIVOTS = 10_000


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether some residual x gives a token the largest logit, and no other as large a one.

    Either ``residual`` is such an x, of length d_model, or ``mixture`` has weights > 0 that sum to
    1, by token, of other columns of W_U whose mean is the token's own: for every x one of their
    logits is at least as large.
    """

    token: str
    residual: tuple[sympy.Expr, ...] | None
    mixture: tuple[tuple[str, sympy.Expr], ...] | None


def reach(model: AttentionOnly) -> tuple[Reach, ...]:
    """For each token y: an x with x·u_y > x·u_k for all others, or weights with Σ λₖuₖ = u_y.

    Exactly one of the two exists (Farkas), and an exact simplex method finds it.

    Source: Cover 1967; Demeter et al. 2020, "Stolen Probability"; Grivas et al. 2022.

    >>> model = AttentionOnly("1; 0; -1", "1 0 -1")
    >>> [each.residual for each in reach(model)][::2], reach(model)[1].mixture
    ([(1,), (-1,)], (('a', 1/2), ('c', 1/2)))
    """
    check_model(model)
    numbers, V, d = model.elements(), model.d_vocab, model.d_model
    zero = numbers.field.rational(0)
    columns = [
        [cell for cell in dense(cells, d, zero) if isinstance(cell, Element)] + [zero + 1]
        for cells in turned(numbers.W_U, V)
    ]
    found = []
    for y, name in enumerate(model.vocabulary):
        others = [k for k in range(V) if k != y]
        weights, direction = _mixture([columns[k] for k in others], columns[y])
        if weights is None:
            residual = tuple(cell.to_sympy() for cell in direction[:d])
            found.append(Reach(name, residual, None))
        else:
            pairs = zip(others, weights, strict=True)
            mixture = tuple((model.vocabulary[k], w.to_sympy()) for k, w in pairs if w)
            found.append(Reach(name, None, mixture))
    return tuple(found)


def _mixture(
    columns: Sequence[Sequence[Element]], target: Sequence[Element]
) -> tuple[list[Element] | None, list[Element]]:
    """λ ≥ 0 with Σ λₖcₖ = t; else None, and a π with π·t > 0 and π·cₖ ≤ 0 for all k.

    The first phase of the simplex method: one more variable for each row, whose sum is made as
    small as it goes. By Bland's rule, the first column and the first row that will do, it ends.
    """
    n, rows = len(columns), range(len(target))
    one = target[-1] * 0 + 1
    signs = [one if target[i].sign() >= 0 else -one for i in rows]
    table = [
        [column[i] * signs[i] for column in columns]
        + [one * (i == j) for j in rows]
        + [target[i] * signs[i]]
        for i in rows
    ]
    basis = [n + i for i in rows]
    costs = [-sum((row[k] for row in table), one * 0) for k in range(n)]
    costs += [one * 0 for _ in rows] + [-sum((row[-1] for row in table), one * 0)]
    for _ in range(_MOST_PIVOTS):
        entering = next((k for k in range(n) if costs[k].sign() < 0), None)
        if entering is None:
            break
        leaving = _leaving(table, basis, entering)
        top = table[leaving] = [cell / table[leaving][entering] for cell in table[leaving]]
        basis[leaving] = entering
        for row in (*(row for i, row in enumerate(table) if i != leaving), costs):
            factor = row[entering]
            if factor:
                row[:] = [cell - factor * above for cell, above in zip(row, top, strict=True)]
    else:
        raise EngineError("circuits", "The simplex method did not end.")
    if costs[-1]:
        return None, [(1 - costs[n + i]) * signs[i] for i in rows]
    weights = [one * 0 for _ in range(n)]
    for i, k in enumerate(basis):
        if k < n:
            weights[k] = table[i][-1]
    return weights, []


def _leaving(table: Sequence[Sequence[Element]], basis: Sequence[int], entering: int) -> int:
    """The row that is 0 first as the entering variable grows; the first variable of several."""
    best: tuple[Element, int] | None = None
    for i, row in enumerate(table):
        if row[entering].sign() <= 0:
            continue
        ratio = row[-1] / row[entering]
        order = 1 if best is None else (best[0] - ratio).sign()
        if best is None or order > 0 or (order == 0 and basis[i] < basis[best[1]]):
            best = ratio, i
    if best is None:
        raise EngineError("circuits", "The simplex method found no row to leave.")
    return best[1]
