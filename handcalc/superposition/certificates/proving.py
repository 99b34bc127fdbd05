"""How a proof comes about: a search, its certificate, and the check of that.

A search covers all embeddings by boxes whose loss is bounded from below, up to regions around the
copies of the best where the loss is strictly convex; a check, which shares no bound and no integral
with the search, works all of it out again, and only what it says is claimed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from math import inf, nextafter
from time import monotonic
from typing import Any, Unpack

import numpy as np

from handcalc.processes.cores import cores
from handcalc.superposition.best.optimum import Optimum
from handcalc.superposition.certificates.certificate import Certificate, Status
from handcalc.superposition.certificates.checker.checking import (
    case_arrays,
    conclude,
    exact_losses,
    recompute_margins,
)
from handcalc.superposition.certificates.checker.curvature import convexity
from handcalc.superposition.certificates.claim import CertifiedClaim
from handcalc.superposition.certificates.copies import copies, region_around
from handcalc.superposition.certificates.cover import Region
from handcalc.superposition.certificates.far import least_side
from handcalc.superposition.certificates.proof import CertifyOptions, Proof
from handcalc.superposition.certificates.search.covering import Search
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.toy_model import ToyModel

_RADII = [2.0**-k for k in range(5, 14)]
"""How far a region reaches around the best: the largest at which convexity is shown is taken."""


def prove(claim: CertifiedClaim, best: Optimum, **options: Unpack[CertifyOptions]) -> Proof:
    """The proof that a model is the best of a claim, as far as it comes. Errors: as ``certify``."""
    began = monotonic()
    threads = options.get("threads") or cores()
    seconds, should_stop = options.get("seconds"), options.get("should_stop")
    on_progress, on_round = options.get("on_progress"), options.get("on_round")
    search = options.get("search") or begin(claim, best.model)

    def stops() -> bool:
        late = seconds is not None and monotonic() - began > seconds
        return late or (should_stop is not None and should_stop())

    def after_round(search: Search) -> None:
        if on_progress is not None:
            looked_at = search.count - len(search.numbers)
            on_progress("boxes", looked_at, search.count)
        if on_round is not None:
            on_round(search)

    search.run(threads, stops, after_round)
    certificate = finish(search, best.model, threads, on_progress)
    checked = conclude(certificate)
    status: Status = "bounded" if search.is_done else "unfinished"
    if checked.is_proved:
        status = "proved"
    waiting = len(search.numbers)
    return Proof(best, certificate, checked, status, monotonic() - began, waiting)


def begin(claim: CertifiedClaim, model: ToyModel) -> Search:
    """The search for a proof about a model, at its beginning. Errors: ``unbounded``."""
    losses = exact_losses(claim, model)
    side = least_side(claim.cases, losses)
    W = np.array([[float(cell) for cell in row] for row in model.W])
    b = np.array([float(cell) for cell in model.b])
    found = copies(claim, W, b)
    most = tuple(nextafter(float(loss), inf) for loss in losses)
    return Search.of(claim, float(side), _regions(claim, found), most)


def finish(
    search: Search,
    model: ToyModel,
    threads: int,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> Certificate:
    """The certificate of a search as it is, with the margins that the check finds."""

    def checking(done: int, total: int) -> None:
        if on_progress is not None:
            on_progress("leaves", done, total)

    cover = search.cover()
    certificate = Certificate(search.claim, model, Fraction(search.side), search.regions, cover)
    margins = recompute_margins(certificate, threads=threads, on_progress=checking)
    below = np.nextafter(margins.astype(np.float32), np.float32(-np.inf))
    return replace(certificate, cover=replace(cover, margins=below))


def compile_loops() -> float:
    """Compile the loops, or read what was compiled before; returns how many seconds that took.

    >>> compile_loops() >= 0
    True
    """
    began = monotonic()
    claim = CertifiedClaim(Problem.of(2, 1, "1/2"))
    model = ToyModel("0.969; -0.969", "0 0")
    search = begin(claim, model)
    rounds = iter((False, True))  # one is enough
    search.run(1, lambda: next(rounds), lambda _: None)
    finish(search, model, 1)
    return monotonic() - began


def _regions(claim: CertifiedClaim, found: list[tuple[Any, Any]]) -> tuple[Region, ...]:
    """Regions of one radius around all copies, the largest on which the loss is shown convex."""
    arrays = case_arrays(claim)
    for radius in _RADII if found else ():
        regions = tuple(region_around(W, b, radius) for W, b in found)
        if all(convexity(case, each) > 0 for each in regions for case in arrays):
            return regions
    return ()
