"""Losses and slopes of many models, eight at a time: what goes into lanes and comes out."""

from __future__ import annotations

from typing import NamedTuple

from handcalc.superposition.numeric.compiled.compiler import exactly, inlined
from handcalc.superposition.numeric.compiled.lanes import LANES, Lanes, fill, load, store
from handcalc.superposition.numeric.compiled.rows import STAR, Floats
from handcalc.superposition.numeric.compiled.slopes import add_plain, pass_down, settle
from handcalc.superposition.numeric.compiled.tables import fill_tables
from handcalc.superposition.numeric.compiled.work import (
    BY_B,
    CROSSED,
    KEPT,
    PASSED_FIRST,
    SQUARES,
    Work,
    add,
)

_SPLITTER = 2.0**27 + 1


class Models(NamedTuple):
    """What is asked about, and where the answers go; for the loss alone slopes have no use."""

    W: Floats  # (models, n, m)
    b: Floats  # (models, n)
    off: Floats  # (models, blocks), P(off)
    on: Floats  # (models, blocks), P(on)
    importance: Floats  # (models, n)
    clipped: bool  # whether there is a ReLU
    loss: Floats  # (models,)
    by_W: Floats  # (models, n, m)
    by_b: Floats  # (models, n)


class Eight(NamedTuple):
    """Eight of the models; the last axis of all is lanes."""

    W: Floats  # (n · m, LANES)
    b: Floats  # (n, LANES)
    off: Floats  # (blocks, LANES)
    on: Floats  # (blocks, LANES)
    importance: Floats  # (n, LANES)
    loss: Floats  # (n, LANES), of each output
    by_W: Floats  # (n · m, LANES)
    by_b: Floats  # (n, LANES)
    by_G: Floats  # (n · n, LANES)


@exactly
def solve(models: Models, eight: Eight, work: Work) -> None:
    """The losses, and with five slots the slopes, of all models."""
    for first in range(0, models.b.shape[0], LANES):
        begin_eight(models, eight, first)
        solve_outputs(models, eight, work, 0, 1)
        end_eight(models, eight, first, work.slots > PASSED_FIRST)


@exactly
def begin_eight(models: Models, eight: Eight, first: int) -> None:
    """The models from ``first``; where there are fewer than eight the last one is taken again."""
    n, m = models.W.shape[1:]
    for lane in range(LANES):
        k = min(first + lane, models.b.shape[0] - 1)
        for i in range(n):
            eight.b[i, lane] = models.b[k, i]
            eight.importance[i, lane] = models.importance[k, i]
            for column in range(m):
                eight.W[i * m + column, lane] = models.W[k, i, column]
        for block in range(models.off.shape[1]):
            eight.off[block, lane] = models.off[k, block]
            eight.on[block, lane] = models.on[k, block]


@exactly
def solve_outputs(models: Models, eight: Eight, work: Work, part: int, parts: int) -> None:
    """Every output that is ``part`` modulo ``parts``: no output needs what another wrote."""
    _weigh(eight, work)
    for own in range(part, eight.b.shape[0], parts):
        _solve_output(eight, work, own, models.clipped)


@exactly
def end_eight(models: Models, eight: Eight, first: int, slopes: bool) -> None:
    """The answers from all outputs of the models from ``first``."""
    n, m = models.W.shape[1:]
    total = fill(0.0)
    for own in range(n):
        total = total + load(eight.loss, own)
    store(eight.loss, 0, total)
    if slopes:
        _slope_by_W(eight)
    for lane in range(min(LANES, models.b.shape[0] - first)):
        models.loss[first + lane] = eight.loss[0, lane]
        if slopes:
            for i in range(n):
                models.by_b[first + lane, i] = eight.by_b[i, lane]
                for column in range(m):
                    models.by_W[first + lane, i, column] = eight.by_W[i * m + column, lane]


@inlined
def _weigh(eight: Eight, work: Work) -> None:
    """P(A) of all possible sets: a product over blocks of an outcome's chance."""
    outcomes, chances = work.rows.outcomes, work.rows.chances
    for k in range(outcomes.shape[0]):
        total = fill(1.0)
        for block in range(outcomes.shape[1]):
            outcome = outcomes[k, block]
            off = load(eight.off, block) * chances[block, outcome, 0]
            on = load(eight.on, block) * chances[block, outcome, 1]
            total = total * (off + on)
        store(work.weights, k, total)


@inlined
def _solve_output(eight: Eight, work: Work, own: int, clipped: bool) -> None:
    """One output of the eight models: its part of the loss, and its slopes by b and G."""
    n, total = eight.b.shape[0], work.total
    _begin_output(eight, work, own)
    if clipped:
        fill_tables(work, own)
        pass_down(work, own)
    else:
        for k in range(work.rows.patterns.size):
            add_plain(work, k, own)
        settle(work)
    importance = load(eight.importance, own)
    loss = load(total, n + SQUARES) - 2.0 * load(total, n + CROSSED)
    store(eight.loss, own, (loss + load(total, n + KEPT) * (1 / 3)) * importance)
    if work.slots > PASSED_FIRST:
        store(eight.by_b, own, 2.0 * load(total, n + BY_B) * importance)
        for j in range(n):
            store(eight.by_G, own * n + j, 2.0 * load(total, j) * importance)


@inlined
def _begin_output(eight: Eight, work: Work, own: int) -> None:
    """Row ``own`` of G and b as a form; nothing is found yet, or NaN where one is not finite."""
    n = eight.b.shape[0]
    total = load(eight.b, own)
    store(work.form, n, total)
    for j in range(n):
        a = _overlap(eight, own, j)
        store(work.form, j, a)
        total = total + a
    nothing = total - total
    for k in range(work.found.shape[0]):
        store(work.found, k, nothing)
        store(work.total, k, fill(0.0))
    for k in range(work.rows.patterns.size):
        if work.rows.digits[work.rows.patterns[k], own] == STAR:
            add(work.found, n + KEPT, load(work.weights, k))


@inlined
def _overlap(eight: Eight, i: int, j: int) -> Lanes:
    """Σ_k WᵢₖWⱼₖ, as if summed with twice the digits: ``arrays.gram`` has the source."""
    m = eight.W.shape[0] // eight.b.shape[0]
    total, low = _product(load(eight.W, i * m), load(eight.W, j * m))
    for k in range(1, m):
        product, rest = _product(load(eight.W, i * m + k), load(eight.W, j * m + k))
        before, total = total, total + product
        part = total - before
        low = low + (rest + ((before - (total - part)) + (product - part)))
    return total + low


@inlined
def _product(a: Lanes, b: Lanes) -> tuple[Lanes, Lanes]:
    """a·b rounded, and what the rounding left out."""
    product = a * b
    scaled, scaled_b = a * _SPLITTER, b * _SPLITTER
    a_high, b_high = scaled - (scaled - a), scaled_b - (scaled_b - b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


@inlined
def _slope_by_W(eight: Eight) -> None:
    """(D + Dᵀ)W, D the slopes by G."""
    n = eight.b.shape[0]
    m = eight.W.shape[0] // n
    for i in range(n):
        for column in range(m):
            total = fill(0.0)
            for j in range(n):
                slope = load(eight.by_G, i * n + j) + load(eight.by_G, j * n + i)
                total = total + slope * load(eight.W, j * m + column)
            store(eight.by_W, i * m + column, total)
