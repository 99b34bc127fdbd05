"""The check of a certificate: everything that it claims, worked out again.

Nothing of the search is used, and no number of the file is believed but the claim itself, the
model, the regions and where bounds touch, none of which can make a wrong claim true.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import permutations, product
from math import inf, isinf, nextafter
from time import monotonic
from typing import Any

import numpy as np

from handcalc.errors import InputError
from handcalc.superposition.certificates.certificate import Certificate
from handcalc.superposition.certificates.checked import Checked
from handcalc.superposition.certificates.checker.curvature import CaseArrays, convexity
from handcalc.superposition.certificates.checker.leaf import leaf_margins
from handcalc.superposition.certificates.claim import CertifiedClaim, free_entries, to_fraction
from handcalc.superposition.certificates.cover import (
    BOUNDED,
    ELSEWHERE,
    FAR,
    GRAIN,
    HALVED,
    STEPS,
    Cover,
    Floats,
    Region,
    bias_widths,
    lengths,
    region_biases,
    regions_of,
    walk,
    whole_box,
)
from handcalc.superposition.loss.expected_loss import loss_by_active, loss_value
from handcalc.superposition.loss.gradient import loss_gradient
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.model.toy_model import ToyModel

_LARGEST = 16.0  # of an entry of W or of a region; biases of tangents are up to its square
_INSIDE = 2.0**-20  # how far inside a region its copy of the model lies at least, in each entry
_NEAR = Fraction(1, 1 << 40)  # how far from the model the best is at most, where it is proved
_FIRM = 2.0**-6  # how long a row is at least that an axis is turned to
_FINEST_CUT = 32  # of a bias: 2⁻ᵏ, so that its pieces end at exact floats
_TURNED = 2.0**-30  # how near to 0 the entries are that turning makes 0
_AT_ONCE = 256


def check(
    certificate: Certificate,
    *,
    threads: int = 2,
    on_progress: Callable[[int, int], None] | None = None,
) -> Checked:
    """What a certificate proves, all of it worked out again: see ``check_certificate``.

    Errors: ``refused``, with what is wrong, for one that claims more than is true: a box that is
    missing, a bound that is too high, a region that has no copy of the model.
    """
    margins = recompute_margins(certificate, threads=threads, on_progress=on_progress)
    stated = certificate.cover.margins
    wrong = np.flatnonzero(~(stated.astype(np.float64) <= margins))
    if len(wrong):
        leaf = int(wrong[0])
        _refuse(
            f"leaf {leaf + 1} of {len(margins)} is said to stay {float(stated[leaf]):.9g} above "
            f"the loss of the model; {margins[leaf]:.9g} is what can be shown"
        )
    return conclude(certificate)


def compile_loops() -> float:
    """Compile the loops, or read what was compiled before; returns how many seconds that took.

    >>> compile_loops() >= 0
    True
    """
    began = monotonic()
    claim = CertifiedClaim(Problem.of(2, 1, "1/2"))
    model, side = ToyModel("1; -1", "1/10 1/10"), 2.5
    low, high = whole_box(2, 1, side)
    one, none = np.zeros((1, 2)), np.zeros(1)
    cover = Cover(
        none.astype(np.uint8),
        one.astype(np.uint8),
        one.astype(np.int32),
        none.astype(np.int8),
        none.astype(np.float32),
    )
    region = Region(low, high, np.zeros((2, 2)))
    recompute_margins(Certificate(claim, model, Fraction(side), (region,), cover), threads=1)
    convexity(case_arrays(claim)[0], region)
    return monotonic() - began


def conclude(certificate: Certificate) -> Checked:
    """What follows from the margins of a certificate, which are taken to be right.

    Errors: ``refused``.
    """
    claim, model = certificate.claim, certificate.model
    _check_far(certificate)
    for region in certificate.regions:
        _check_copy(certificate, region)
    margin = float(certificate.cover.margins.min(initial=np.inf))
    leaves = len(certificate.cover.margins)
    loss = exact_losses(claim, model)[0]
    # Outside the regions; rows that are longer lose more than the model.
    outside = Fraction(0) if isinf(margin) else max(loss + Fraction(min(margin, 0)), Fraction(0))
    if not certificate.regions:
        return Checked(False, loss, outside, margin, 0.0, leaves, claim.interval)
    arrays = case_arrays(claim)
    least = min(convexity(case, each) for case in arrays for each in certificate.regions)
    if least <= 0:
        return Checked(False, loss, Fraction(0), margin, least, leaves, claim.interval)
    if claim.interval is not None:
        return Checked(margin > 0, loss, Fraction(0), margin, least, leaves, claim.interval)
    # In a region L ≥ L(model) + ∇·d + μ|d|²/2 ≥ L(model) − |∇|²/(2μ); its least is within |∇|/μ.
    slope, curve = _squared_slope(claim, model), Fraction(least)
    lower = max(min(loss - slope / (2 * curve), outside), Fraction(0))
    is_proved = margin > 0 and slope < (curve * _NEAR) ** 2 and _are_turned_safely(certificate)
    return Checked(is_proved, loss, lower, margin, least, leaves)


def _are_turned_safely(certificate: Certificate) -> bool:
    """Whether what is near a copy of the model is near it still when it is turned as boxes are.

    The least of one region, exchanged and turned as takes its copy to that of another region, is
    then in that region, too, and so its least: all are copies of one.
    """
    hidden = certificate.claim.problem.hidden
    return all(
        region.low[i, i] > _FIRM for region in certificate.regions for i in range(hidden - 1)
    )


def recompute_margins(
    certificate: Certificate,
    *,
    threads: int = 2,
    on_progress: Callable[[int, int], None] | None = None,
) -> Floats:
    """The margins of all bounded leaves, after a look at whether the tree is whole.

    Errors: ``refused``.
    """
    claim, cover = certificate.claim, certificate.cover
    _check_far(certificate)
    lows, highs = _bounded_leaves(certificate)
    entries = tuple(np.array(free_entries(*lows.shape[1:])).T)
    touches = lows.copy()
    sides = (highs - lows)[:, *entries]
    touches[:, *entries] += sides * (cover.touches.astype(np.float64) / STEPS)
    leaves = (
        lows,
        highs,
        touches,
        cover.biases.astype(np.float64) * GRAIN,
        bias_widths(lows, highs),
        2.0 ** -cover.cuts.astype(np.float64),
        regions_of(certificate.regions, lows, highs),
    )
    arrays = case_arrays(claim)
    most = [nextafter(float(loss), inf) for loss in exact_losses(claim, certificate.model)]
    names = CaseArrays._fields[1:]
    stacked = [np.array([getattr(case, name) for case in arrays]) for name in names]
    regions = region_biases(certificate.regions, lows.shape[1])
    margins = np.empty(len(lows))

    def work(part: slice) -> int:
        rooms = np.empty((8, 256)), np.empty((5, 1 << sides.shape[1]))
        own = [each[part] for each in leaves]
        given: list[Any] = [arrays[0].sets, *stacked, np.array(most), *own, regions, *rooms]
        given.append(margins[part])
        leaf_margins(*given)
        return len(lows[part])

    done = 0
    parts = [slice(start, start + _AT_ONCE) for start in range(0, len(lows), _AT_ONCE)]
    with ThreadPoolExecutor(threads) as pool:
        for count in pool.map(work, parts):
            done += count
            if on_progress is not None:
                on_progress(done, len(lows))
    return margins


def _bounded_leaves(certificate: Certificate) -> tuple[Floats, Floats]:
    """The boxes of all leaves that are bounded; all others are looked at. Errors: ``refused``."""
    claim, cover = certificate.claim, certificate.cover
    n, m = claim.problem.features, claim.problem.hidden
    if (certificate.side / Fraction(GRAIN)).denominator != 1 or certificate.side >= _LARGEST:
        _refuse("its side is no exact float, or too large")
    entries, side = free_entries(n, m), float(certificate.side)
    _check_tangents(cover)
    allowed = {BOUNDED, ELSEWHERE, FAR} | set(range(HALVED, HALVED + len(entries)))
    if not set(np.unique(cover.codes).tolist()) <= allowed:
        _refuse("a node of the tree has a code that means nothing")
    try:
        leaves = list(walk(cover, *whole_box(n, m, side), entries))
    except ValueError as error:
        _refuse(str(error))
    lows, highs = (np.array([leaf[end] for leaf in leaves]) for end in (2, 3))
    _check_exact(lows, highs)
    for region in certificate.regions:
        _check_exact(region.low, region.high, region.biases)
    bounded = np.array([leaf >= 0 for _, leaf, _, _ in leaves])
    if not bounded.any():
        _refuse("no box is bounded")
    for code, leaf, low, high in leaves:
        if leaf < 0 and not _is_left_out(claim, code, low, high, side):
            _refuse("a box is left out that nothing allows to leave out")
    return lows[bounded], highs[bounded]


def _check_tangents(cover: Cover) -> None:
    """That pieces of biases end at exact floats. Errors: ``refused``."""
    far = abs(cover.biases.astype(np.float64) * GRAIN) > _LARGEST**2
    if far.any() or (abs(cover.cuts.astype(np.int64)) > _FINEST_CUT).any():
        _refuse("a bias is so far, or cut so finely, that its pieces end at no exact floats")


def _check_exact(*ends: Floats) -> None:
    """That the ends of boxes are so coarse that what is worked out of them is exact."""
    for values in ends:
        whole = np.all(values / GRAIN == np.rint(values / GRAIN))
        if not (whole and abs(values).max(initial=0.0) < _LARGEST):
            _refuse("a box or region is so small or so large that its ends are no exact floats")


def case_arrays(claim: CertifiedClaim) -> list[CaseArrays]:
    """The corner cases as arrays, over the same sets of features."""
    cases = claim.cases
    sets = sorted({on for case in cases for on, _ in case.patterns})
    padded = np.array([[*on, *(-1,) * (3 - len(on))] for on in sets], np.int64)
    n = claim.problem.features
    return [
        CaseArrays(
            padded,
            np.array([float(dict(case.patterns).get(on, 0)) for on in sets]),
            np.array([float(each) for each in case.importance]),
            np.array([float(case.probability(i)) for i in range(n)]),
        )
        for case in cases
    ]


def exact_losses(claim: CertifiedClaim, model: ToyModel) -> list[Fraction]:
    """The loss of the model in each corner case. Errors: ``irrational``."""
    problem = claim.problem
    if claim.interval is None:
        return [to_fraction(loss_value(model, problem.distribution, problem.importance))]
    by_count = [to_fraction(each) for each in loss_by_active(model, problem.importance)]
    found = []
    for case in claim.cases:
        weights = {len(on): probability for on, probability in case.patterns}
        found.append(sum((weights[k] * loss for k, loss in enumerate(by_count)), Fraction(0)))
    return found


def _squared_slope(claim: CertifiedClaim, model: ToyModel) -> Fraction:
    """|∇L|² at the model, exact. Errors: ``refused`` where there is no gradient."""
    problem = claim.problem
    gradient = loss_gradient(model, problem.distribution, problem.importance)
    entries = [*(slope for row in gradient.W for slope in row), *gradient.b]
    if any(slope.value is None for slope in entries):
        _refuse("the loss has no gradient at the model")
    return sum((to_fraction(slope.value) ** 2 for slope in entries), Fraction(0))


def _check_far(certificate: Certificate) -> None:
    """That a row beyond the side loses more than the model, whatever the others do."""
    q = certificate.side**2
    most = exact_losses(certificate.claim, certificate.model)
    for case, bound in zip(certificate.claim.cases, most, strict=True):
        for feature, weight in enumerate(case.importance):
            # the least of ∫(x − (qx + c)⁺)² over c, which rises with q ≥ 1
            if (
                q < 1
                or weight * case.probability(feature) * (q - 1) ** 2 <= bound * 3 * (q + 1) ** 2
            ):
                _refuse(f"rows longer than {certificate.side} are not ruled out")


def _is_left_out(claim: CertifiedClaim, code: int, low: Floats, high: Floats, side: float) -> bool:
    """Whether a box has nothing that is not covered elsewhere, or too long."""
    least, most = lengths(low, high)
    if code == FAR:
        return bool((least > side * side).any())
    return any(
        alike and most[i - 1] < least[i] for i, alike in enumerate(claim.alike)
    )  # of rows that may change places the first is the longest


def _check_copy(certificate: Certificate, region: Region) -> None:
    """That a copy of the model, turned, lies well inside a region. Errors: ``refused``."""
    claim, model = certificate.claim, certificate.model
    rows = np.array([[float(cell) for cell in row] for row in model.W])[list(claim.order)]
    biases = np.array([float(cell) for cell in model.b])[list(claim.order)]
    entries = free_entries(*rows.shape)
    for order in _orders(claim.alike):
        W, b = rows[list(order)], biases[list(order)]
        for turned in _turned(W):
            fits = all(
                region.low[i, k] + _INSIDE < turned[i, k] < region.high[i, k] - _INSIDE
                for i, k in entries
            )
            left = [turned[i, k] for i in range(len(W)) for k in range(i + 1, W.shape[1])]
            kept = (region.biases[:, 0] + _INSIDE < b) & (b < region.biases[:, 1] - _INSIDE)
            if fits and kept.all() and max(map(abs, left), default=0.0) < _TURNED:
                return
    _refuse("a region has no copy of the model in it")


def _orders(alike: Sequence[bool]) -> list[tuple[int, ...]]:
    """The orders of rows that exchange only those that are alike."""
    group = np.cumsum([not each for each in alike])
    return [
        order
        for order in permutations(range(len(alike)))
        if all(group[i] == group[j] for i, j in enumerate(order))
    ]


def _turned(W: Floats) -> list[Floats]:
    """W in its rows' own axes, by Gram and Schmidt, with either sign of each."""
    axes: list[Floats] = []
    for row in [*W, *np.eye(W.shape[1])]:
        left = row - sum((row @ axis * axis for axis in axes), np.zeros_like(row))
        left = left - sum((left @ axis * axis for axis in axes), np.zeros_like(row))
        if len(axes) < W.shape[1] and np.linalg.norm(left) > 1e-6:
            axes.append(left / np.linalg.norm(left))
    found = W @ np.array(axes).T
    return [found * np.array(signs) for signs in product((1, -1), repeat=W.shape[1])]


def _refuse(what: str) -> None:
    raise InputError("refused", f"The certificate proves nothing: {what}.")
