"""Certificates that claim more than is true, or that are damaged: refused, in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from handcalc import InputError, ToyModel
from handcalc.superposition.certificates.certificate import (
    Certificate,
)
from handcalc.superposition.certificates.certified import certify, check_certificate
from handcalc.superposition.certificates.checker.checking import conclude, recompute_margins
from handcalc.superposition.certificates.claim import CertifiedClaim, free_entries
from handcalc.superposition.certificates.cover import (
    BOUNDED,
    ELSEWHERE,
    FAR,
    HALVED,
    Region,
    walk,
    whole_box,
)
from handcalc.superposition.loss.distribution import Correlated
from handcalc.superposition.loss.problem import Problem

Change = Callable[[Certificate], Certificate]


@pytest.fixture(scope="module")
def true() -> Certificate:
    found = certify(2, 1, "1/2", threads=1).certificate
    assert check_certificate(found, threads=1).is_proved
    return found


def refused(certificate: Certificate) -> str:
    """Why a certificate is refused."""
    with pytest.raises(InputError, match=r"^The certificate proves nothing: [^(].*\.$") as caught:
        check_certificate(certificate, threads=1)
    assert caught.value.code == "refused"
    return caught.value.message


def verdict(certificate: Certificate) -> str:
    """Whether it is proved, or the code of the error."""
    try:
        return "proved" if check_certificate(certificate, threads=1).is_proved else "bounded"
    except InputError as error:
        return error.code


def with_cover(certificate: Certificate, **changes: Any) -> Certificate:
    return replace(certificate, cover=replace(certificate.cover, **changes))


def raised(certificate: Certificate, leaf: int) -> Certificate:
    margins = certificate.cover.margins.copy()
    margins[leaf] = np.nextafter(np.nextafter(margins[leaf], np.float32(9)), np.float32(9))
    return with_cover(certificate, margins=margins)


# -- the tree -------------------------------------------------------------------------------------


def test_a_leaf_that_is_missing_is_missed(true: Certificate) -> None:
    codes = true.cover.codes
    for place in range(0, len(codes), 37):
        assert "tree" in refused(with_cover(true, codes=np.delete(codes, place)))
        assert "tree" in refused(with_cover(true, codes=np.insert(codes, place, BOUNDED)))


def test_a_leaf_with_all_that_belongs_to_it_is_missed(true: Certificate) -> None:
    leaf, place = 5, int(np.flatnonzero(true.cover.codes == BOUNDED)[5])
    names = ("touches", "biases", "cuts", "margins")
    less = {name: np.delete(getattr(true.cover, name), leaf, axis=0) for name in names}
    shorter = with_cover(true, codes=np.delete(true.cover.codes, place), **less)
    assert "the tree is missing" in refused(shorter)


@pytest.mark.parametrize("code", [ELSEWHERE, FAR])
def test_no_bounded_leaf_can_be_left_out(true: Certificate, code: int) -> None:
    """Each is near enough, and has no equal elsewhere."""
    names = ("touches", "biases", "cuts", "margins")
    cover = true.cover
    for leaf in range(0, len(cover.margins), 29):
        codes = cover.codes.copy()
        codes[np.flatnonzero(codes == BOUNDED)[leaf]] = code
        less = {name: np.delete(getattr(cover, name), leaf, axis=0) for name in names}
        assert "left out" in refused(with_cover(true, codes=codes, **less))


def subtree(codes: list[int], place: int) -> int:
    """Where the subtree that begins at a place ends."""
    open_ = 1
    while open_:
        open_ += 1 if codes[place] >= HALVED else -1
        place += 1
    return place


@pytest.mark.parametrize("code", [ELSEWHERE, FAR])
def test_no_subtree_can_be_left_out(true: Certificate, code: int) -> None:
    cover, codes = true.cover, true.cover.codes.tolist()
    bounded = np.cumsum(cover.codes == BOUNDED)
    for place in [k for k, each in enumerate(codes) if each >= HALVED][::20]:
        end = subtree(codes, place)
        first = int(bounded[place - 1]) if place else 0
        gone = slice(first, int(bounded[end - 1]))
        less = {
            name: np.delete(getattr(cover, name), gone, axis=0)
            for name in ("touches", "biases", "cuts", "margins")
        }
        shorter = np.array([*codes[:place], code, *codes[end:]], np.uint8)
        assert refused(with_cover(true, codes=shorter, **less))


def test_a_code_that_means_nothing_is_refused(true: Certificate) -> None:
    for code in (3, HALVED - 1, HALVED + 2, 255):
        codes = true.cover.codes.copy()
        codes[0] = code
        assert "means nothing" in refused(with_cover(true, codes=codes))


def test_boxes_too_fine_for_exact_floats_are_refused_bounded_or_not(true: Certificate) -> None:
    """Halved again and again towards W = 0, and then called far or equal to another."""
    for last in (BOUNDED, ELSEWHERE):
        halves = [HALVED] * 60
        codes = np.array([*halves, last, *[BOUNDED] * 60], np.uint8)
        leaves = int((codes == BOUNDED).sum())
        names = {"touches": (leaves, 2), "biases": (leaves, 2), "cuts": leaves}
        zeros: dict[str, Any] = {
            name: np.zeros(shape, getattr(true.cover, name).dtype) for name, shape in names.items()
        }
        margins = np.full(leaves, -np.inf, np.float32)
        fine = with_cover(true, codes=codes, margins=margins, **zeros)
        assert "no exact floats" in refused(fine)


def test_the_boxes_of_all_leaves_fill_the_whole_box(true: Certificate) -> None:
    claim, whole = true.claim, whole_box(2, 1, float(true.side))
    entries = free_entries(claim.problem.features, claim.problem.hidden)
    volumes = [
        float(np.prod((high - low)[:, 0])) for _, _, low, high in walk(true.cover, *whole, entries)
    ]
    assert sum(volumes) == float(np.prod((whole[1] - whole[0])[:, 0]))


# -- the bounds -----------------------------------------------------------------------------------


def test_a_margin_one_step_higher_is_refused(true: Certificate) -> None:
    for leaf in range(0, len(true.cover.margins), 17):
        assert f"leaf {leaf + 1} of" in refused(raised(true, leaf))


def test_a_margin_that_is_no_number_is_refused(true: Certificate) -> None:
    for value in (np.nan, np.inf):
        margins = true.cover.margins.copy()
        margins[3] = value
        assert "leaf 4 of" in refused(with_cover(true, margins=margins))


def test_a_leaf_of_which_nothing_is_said_proves_nothing_but_is_not_wrong(true: Certificate) -> None:
    for value in (-np.inf, np.finfo(np.float32).min):
        margins = true.cover.margins.copy()
        margins[3] = value
        checked = check_certificate(with_cover(true, margins=margins), threads=1)
        assert not checked.is_proved
        assert checked.lower == 0


def test_a_lower_margin_is_true_but_proves_less(true: Certificate) -> None:
    margins = true.cover.margins.copy()
    margins[7] = -(2.0**-10)
    checked = check_certificate(with_cover(true, margins=margins), threads=1)
    assert not checked.is_proved
    assert checked.loss - checked.lower == Fraction(1, 2**10)


@pytest.mark.parametrize("name", ["touches", "biases", "cuts"])
def test_a_tangent_elsewhere_does_not_reach_the_margin(true: Certificate, name: str) -> None:
    """Of some leaves it may reach more; then the margin said is still true."""
    moved = {"touches": 97, "biases": 200_000, "cuts": 20}[name]
    said = []
    for leaf in range(0, len(true.cover.margins), 29):
        values = getattr(true.cover, name).copy()
        values[leaf] += np.array(moved, values.dtype)
        said.append(verdict(with_cover(true, **{name: values})))
    assert set(said) <= {"proved", "refused"}
    assert said.count("refused") >= 3


def test_a_tangent_beyond_exact_floats_is_refused(true: Certificate) -> None:
    for name, value in (("biases", 2**31 - 1), ("biases", -(2**31)), ("cuts", 127), ("cuts", -128)):
        values = getattr(true.cover, name).copy()
        values.flat[0] = value
        assert "exact floats" in refused(with_cover(true, **{name: values}))


# -- the region -----------------------------------------------------------------------------------


def moved(certificate: Certificate, by: float) -> Certificate:
    regions = tuple(
        Region(each.low + by, each.high + by, each.biases) for each in certificate.regions
    )
    return replace(certificate, regions=regions)


def grown(certificate: Certificate, by: float, biases: float) -> Certificate:
    ends = np.array([-biases, biases])
    return replace(
        certificate,
        regions=tuple(
            Region(each.low - by, each.high + by, each.biases + ends)
            for each in certificate.regions
        ),
    )


def test_a_region_without_a_copy_of_the_model_is_refused(true: Certificate) -> None:
    assert refused(moved(true, 0.5))
    with pytest.raises(InputError, match="no copy of the model"):
        conclude(moved(true, 0.5))
    with pytest.raises(InputError, match="no copy of the model"):
        conclude(grown(true, -np.ptp([true.regions[0].low, true.regions[0].high], axis=0).max(), 0))
    shifted = [Region(each.low, each.high, each.biases + 0.25) for each in true.regions]
    with pytest.raises(InputError, match="no copy of the model"):
        conclude(replace(true, regions=tuple(shifted)))


def test_a_copy_of_the_model_at_an_end_of_a_region_is_refused(true: Certificate) -> None:
    (region,) = true.regions
    grain = 2.0**-20
    end = np.floor(float(true.model.W[0][0]) / grain) * grain
    low = region.low.copy()
    low[0, 0] = end
    with pytest.raises(InputError, match="no copy of the model"):
        conclude(replace(true, regions=(Region(low, region.high, region.biases),)))


def test_in_a_smaller_region_leaves_do_not_reach_their_margins(true: Certificate) -> None:
    assert "leaf" in refused(grown(true, -(2.0**-7), 0))
    assert "leaf" in refused(grown(true, 0, -(2.0**-7)))


def test_a_larger_region_is_not_convex(true: Certificate) -> None:
    for larger in (grown(true, 0.75, 0.0), grown(true, 0.0, 1.0), grown(true, 0.5, 0.5)):
        assert verdict(larger) in ("bounded", "refused")
        checked = conclude(larger)
        assert not checked.is_proved
        assert checked.convexity == 0
        assert checked.lower == 0


def test_without_its_region_the_leaves_around_the_model_do_not_reach_their_margins(
    true: Certificate,
) -> None:
    assert "leaf" in refused(replace(true, regions=()))


def test_a_region_whose_ends_are_no_exact_floats_is_refused(true: Certificate) -> None:
    assert "exact floats" in refused(grown(true, 2.0**-30, 0.0))
    assert "exact floats" in refused(grown(true, 64.0, 0.0))
    assert "exact floats" in refused(grown(true, float("nan"), 0.0))


def test_a_model_that_is_only_near_the_best_is_not_proved_to_be_it(true: Certificate) -> None:
    """The best is still in its region, but it is another embedding, which loses less."""
    coarse = replace(true, model=ToyModel("0.9697; -0.9697", "0.0976 0.0976"))
    below = recompute_margins(coarse, threads=1).astype(np.float32)
    restated = with_cover(coarse, margins=np.nextafter(below, np.float32(-np.inf)))
    checked = check_certificate(restated, threads=1)
    assert not checked.is_proved
    assert checked.margin > 0
    assert checked.lower < check_certificate(true, threads=1).loss < checked.loss


# -- the claim ------------------------------------------------------------------------------------


def test_another_model_does_not_fit(true: Certificate) -> None:
    for W, b in (("1; -1", "1/10 1/10"), ("3/4; -3/4", "1/10 1/10"), ("1; 0", "0 1/4")):
        assert refused(replace(true, model=ToyModel(W, b)))


def test_a_better_loss_than_that_of_the_model_is_not_believed(true: Certificate) -> None:
    """Of a model next to the best one the loss is worse, but the region is the same: no proof."""
    W = [[true.model.W[0][0] + Fraction(1, 10**6)], [true.model.W[1][0]]]
    checked = check_certificate(lowered(replace(true, model=ToyModel(W, true.model.b))), threads=1)
    assert checked.lower <= check_certificate(true, threads=1).loss < checked.loss


def lowered(certificate: Certificate) -> Certificate:
    margins = certificate.cover.margins - np.float32(1e-6)
    return with_cover(certificate, margins=margins)


@pytest.mark.parametrize(
    "problem",
    [
        Problem.of(2, 1, "2/5"),
        Problem.of(2, 1, "3/5"),
        Problem.of(2, 1, "1/2", "1 4/5"),
        Problem.of(2, 1, "1/2", "2 1"),
        Problem.of(2, 1, distribution=Correlated([(1, 2)], "1/2")),
    ],
    ids=str,
)
def test_another_claim_does_not_follow(true: Certificate, problem: Problem) -> None:
    assert verdict(replace(true, claim=CertifiedClaim(problem))) in ("bounded", "refused")


def test_an_interval_of_S_does_not_follow(true: Certificate) -> None:
    ends = Fraction(1, 4), Fraction(3, 4)
    assert refused(replace(true, claim=CertifiedClaim(true.claim.problem, ends)))


@pytest.mark.parametrize("side", [Fraction(9, 8), Fraction(1), Fraction(0), Fraction(-2)])
def test_a_smaller_side_leaves_rows_out(true: Certificate, side: Fraction) -> None:
    assert refused(replace(true, side=side))


def test_a_side_that_is_no_exact_float_is_refused(true: Certificate) -> None:
    for side in (true.side + Fraction(1, 10**30), true.side + Fraction(1, 3), Fraction(10**400)):
        assert "exact float" in refused(replace(true, side=side))
