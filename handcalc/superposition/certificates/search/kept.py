"""A search as bytes, to be gone on with later: its tree, and the order in which boxes wait."""

from __future__ import annotations

import json
from dataclasses import replace
from hashlib import sha256
from io import BytesIO
from typing import Any, NoReturn

import numpy as np

from handcalc.errors import InputError
from handcalc.superposition.certificates.certificate import BROKEN
from handcalc.superposition.certificates.claim import free_entries
from handcalc.superposition.certificates.cover import (
    BOUNDED,
    ELSEWHERE,
    FAR,
    HALVED,
    Floats,
    halves,
    whole_box,
)
from handcalc.superposition.certificates.search.covering import OPEN, Search, node_type

_VERSION = 1


def to_bytes(search: Search) -> bytes:
    """The search as a zip of arrays: what was found of each box, and which wait."""
    packed = BytesIO()
    nodes = search.nodes[: search.count]
    np.savez_compressed(
        packed,
        question=np.frombuffer(_question(search), np.uint8),
        numbers=search.numbers,
        known=search.known,
        **{name: nodes[name] for name in nodes.dtype.names or ()},
    )
    return packed.getvalue()


def from_bytes(content: bytes, begun: Search) -> Search:
    """The search that was kept, for the question of one that has only begun.

    Nothing that it found is believed in the end, but a tree that is none would never be gone
    through. Boxes are halved again from the whole one on. Errors: ``damaged``, ``foreign``.
    """
    n, m = begun.claim.problem.features, begun.claim.problem.hidden
    kinds = node_type(len(free_entries(n, m)), n)
    try:
        with np.load(BytesIO(content), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        numbers, known, question = (found[name] for name in ("numbers", "known", "question"))
        nodes = np.zeros(len(found["code"]), kinds)
        for name in kinds.names or ():
            fits = found[name].dtype == kinds[name].base
            nodes[name] = found[name] if fits else _refuse()
    except BROKEN as error:
        raise InputError("damaged", "It is damaged.") from error
    if question.tobytes() != _question(begun):
        raise InputError("foreign", "It belongs to another question, or another version.")
    if (numbers.dtype, known.dtype) != (np.int64, np.float64) or numbers.shape != known.shape:
        _refuse()
    if not np.array_equal(np.sort(numbers), np.flatnonzero(nodes["code"] == OPEN)):
        _refuse()
    low, high = _waiting_boxes(nodes, begun)
    order = np.searchsorted(np.sort(numbers), numbers)
    return replace(
        begun,
        nodes=nodes,
        count=len(nodes),
        numbers=numbers,
        low=low[order],
        high=high[order],
        known=known,
    )


def _waiting_boxes(nodes: np.ndarray[Any, Any], begun: Search) -> tuple[Floats, Floats]:
    """The boxes that wait, by their numbers, halved again. Errors: ``damaged``."""
    n, m = begun.claim.problem.features, begun.claim.problem.hidden
    rows, columns = np.array(free_entries(n, m)).T
    codes, first = nodes["code"], nodes["first"]
    halved = np.flatnonzero((codes >= HALVED) & (codes != OPEN))
    # Every box but the whole one is a half of one that was made before it.
    if (
        not np.array_equal(np.sort(first[halved]), np.arange(1, len(nodes), 2))
        or (first[halved] <= halved).any()
        or (codes[halved] >= HALVED + len(rows)).any()
    ):
        _refuse()
    waiting = np.flatnonzero(codes == OPEN)
    found = np.empty((2, len(waiting), n, m))
    numbers = np.zeros(1, np.int64)
    low, high = (each[None] for each in whole_box(n, m, begun.side))
    while len(numbers):
        here = codes[numbers]
        left_out = (here == ELSEWHERE) | (here == FAR)
        if (begun.sort_out(low[left_out], high[left_out]) != here[left_out]).any():
            _refuse()
        waits, halved_on = here == OPEN, (here >= HALVED) & (here != OPEN)
        if not (left_out | waits | halved_on | (here == BOUNDED)).all():
            _refuse()
        places = np.searchsorted(waiting, numbers[waits])
        found[0, places], found[1, places] = low[waits], high[waits]
        which = here[halved_on].astype(np.int64) - HALVED
        low, high = low[halved_on], high[halved_on]
        lower, upper = halves(low, high, (np.arange(len(which)), rows[which], columns[which]))
        born = first[numbers[halved_on]]
        numbers = np.concatenate([born, born + 1])
        low, high = np.concatenate([low, upper]), np.concatenate([lower, high])
    return found[0], found[1]


def _question(search: Search) -> bytes:
    """A digest of all that the search depends on."""
    stated = [
        _VERSION,
        [[repr(case.patterns), repr(case.importance)] for case in search.claim.cases],
        search.claim.alike,
        search.side,
        search.most,
        [[e.tolist() for e in (r.low, r.high, r.biases)] for r in search.regions],
        search.low.shape[1:],
    ]
    return sha256(json.dumps(stated).encode()).digest()


def _refuse() -> NoReturn:
    raise InputError("damaged", "It is damaged.")
