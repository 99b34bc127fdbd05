"""Certified optima: the best embedding found, and the proof that nothing is better.

A search covers all embeddings by boxes whose loss is bounded from below, up to regions around the
copies of the best where the loss is strictly convex; a check, which shares no code with the search,
works all of it out again, and only what it says is claimed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf, nextafter
from time import monotonic
from typing import Any, TypedDict, Unpack

import numpy as np

from handcalc.display import Displayed
from handcalc.errors import InputError, require
from handcalc.processes.cores import cores
from handcalc.superposition.best.optimum import Optimum, optimum
from handcalc.superposition.certificates.certificate import Certificate, Status
from handcalc.superposition.certificates.checker.checking import (
    Checked,
    are_apart,
    case_arrays,
    conclude,
    exact_losses,
    recompute_margins,
)
from handcalc.superposition.certificates.checker.curvature import convexity
from handcalc.superposition.certificates.claim import Claim
from handcalc.superposition.certificates.copies import copies, region_around
from handcalc.superposition.certificates.cover import Region
from handcalc.superposition.certificates.far import least_side
from handcalc.superposition.certificates.search.covering import Search
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.toy_model import ToyModel

_RADII = [2.0**-k for k in range(5, 14)]
"""How far a region reaches around the best: the largest at which convexity is shown is taken."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Proof(Displayed):
    """What is known of the best embedding of a problem.

    ``status`` is "proved" where nothing but the copies of ``optimum`` is as good, "bounded" where
    the loss is at least ``lower``, and "unfinished" where more boxes can be looked at.
    """

    optimum: Optimum
    certificate: Certificate
    checked: Checked
    status: Status
    seconds: float

    def __repr__(self) -> str:
        return f"<Proof: {self.sentence}>"

    @property
    def lower(self) -> Fraction:
        """No embedding loses less."""
        return max(self.checked.lower, Fraction(0))

    @property
    def gap(self) -> float:
        """How much less than the best found any embedding may lose."""
        return float(self.checked.loss - self.lower)

    @property
    def sentence(self) -> str:
        """What is claimed, in words."""
        boxes = f"{self.certificate.cover.boxes:,} boxes"
        if self.status == "proved":
            return (
                f"Proved, by {boxes}: no embedding loses less, and none but its copies, turned, "
                "reflected or with like features exchanged, loses as little."
            )
        known = f"no embedding loses less than {float(self.lower):.10g}"
        if self.status == "bounded":
            return f"Bounded, by {boxes}: {known}, {self.gap:.3g} below the best found."
        return f"Not finished, after {boxes}: {known}, {self.gap:.3g} below the best found."


class CertifyOptions(TypedDict, total=False):
    """How long a proof may take, and who hears of it."""

    seconds: float | None
    threads: int | None
    on_progress: Callable[[str, int, int], None] | None
    should_stop: Callable[[], bool] | None
    search: Search | None
    on_round: Callable[[Search], None] | None


def certify(
    features: int = 2,
    hidden: int = 1,
    sparsity: object = None,
    importance: object = None,
    *,
    distribution: object = None,
    **options: Unpack[CertifyOptions],
) -> Proof:
    """The best embedding, and a proof that it is the best, as far as it comes.

    All embeddings are covered by boxes. On each the loss is bounded from below by a function that
    is concave in each row of W, at the vertices of the box; around the best one it is shown to be
    strictly convex. A check works all of it out again, by another route.

    Args:
        features: n, up to 6.
        hidden: m; n·m − m(m − 1)/2 is 7 at most.
        sparsity: S in [0, 1], one for all or one each, as fractions.
        importance: Iᵢ > 0, one for all or one each, as fractions; None is 1.
        distribution: The distribution, where no sparsity is given: at most three features on.
        options: ``seconds`` after which the search ends, ``threads``, ``on_progress``, which hears
            (what, done, of how many), ``should_stop``, which is asked between rounds, ``search``,
            one that was stopped before, and ``on_round``, which is given it.

    Returns:
        The best found, the certificate, and what the check of it says.

    Raises:
        InputError: ``size``; ``unbounded`` where long rows cannot be ruled out; ``lossless`` where
            nothing is lost, which needs no proof; those of ``optimum``; ``missing_extra``.

    Source: derived here.

    Examples:
        >>> proof = certify(2, 1, "1/2")
        >>> proof.status, proof.gap < 1e-30, round(float(proof.lower), 12)
        ('proved', True, 0.07628244699)
    """
    require("optimum", "numpy", "numba")
    problem = Problem.of(features, hidden, sparsity, importance, distribution=distribution)
    claim = Claim(problem)
    best = optimum(features, hidden, sparsity, importance, distribution=distribution)
    if best.restarts == 0:
        raise InputError("lossless", f"No proof is needed: {best.sentence}")
    return prove(claim, best, **options)


def prove(claim: Claim, best: Optimum, **options: Unpack[CertifyOptions]) -> Proof:
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
    status: Status = "proved" if checked.is_proved else "bounded"
    if not search.is_done:
        status = "unfinished"
    return Proof(best, certificate, checked, status, monotonic() - began)


def begin(claim: Claim, model: ToyModel) -> Search:
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
    side = Fraction(search.side)
    certificate = Certificate(search.claim, model, side, search.regions, cover)
    margins = recompute_margins(certificate, threads=threads, on_progress=checking)
    below = np.nextafter(margins.astype(np.float32), np.float32(-np.inf))
    stated = replace(cover, margins=below)
    return Certificate(search.claim, model, side, search.regions, stated)


def _regions(claim: Claim, found: list[tuple[Any, Any]]) -> tuple[Region, ...]:
    """Regions of one radius around all copies, apart, the largest where the loss is convex."""
    arrays = case_arrays(claim)
    for radius in _RADII if found else ():
        regions = tuple(region_around(W, b, radius) for W, b in found)
        if are_apart(regions) and all(
            convexity(case, each) > 0 for each in regions for case in arrays
        ):
            return regions
    return ()
