"""Proofs along S: stretches that meet, intervals that are halved, and what is left open."""

from __future__ import annotations

from fractions import Fraction

import pytest

from handcalc import InputError
from handcalc.superposition.certificates.along import certify_along
from handcalc.superposition.certificates.checker.checking import check
from handcalc.superposition.certificates.claim import CertifiedClaim
from handcalc.superposition.loss.problem import Problem
from handcalc.views.certificates import checked_sentences
from handcalc.views.json.proofs import verified


def test_one_pair_is_the_best_at_every_sparsity_of_an_interval() -> None:
    heard: list[tuple[Fraction, Fraction]] = []
    end = Fraction(19, 20)
    found = certify_along(
        2, 1, "17/20", end, widest="1/20", on_progress=lambda *at: heard.append(at)
    )
    (stretch,) = found.stretches
    assert (stretch.low, stretch.high, stretch.family) == (Fraction(17, 20), end, "antipodal")
    assert heard == [(Fraction(9, 10), end), (end, end)]
    intervals = [certificate.claim.interval for certificate in stretch.certificates]
    assert intervals == [(Fraction(17, 20), Fraction(9, 10)), (Fraction(9, 10), end)]
    assert all(check(certificate).is_proved for certificate in stretch.certificates)


def test_of_an_interval_no_loss_is_said_but_where_the_best_lie() -> None:
    (stretch,) = certify_along(2, 1, "9/10", "19/20").stretches
    (certificate,) = stretch.certificates
    checked = check(certificate)
    assert repr(checked) == "<Checked: S from 9/10 to 19/20, proved>"
    for page in (str(checked), "\n".join(checked_sentences(checked, certificate))):
        said = " ".join(page.split())
        assert "for every S from 9/10 to 19/20: all best embeddings lie in small regions" in said
        assert "no embedding loses less" not in said
    assert "S = 37/40" not in str(certificate)
    data = verified(certificate, checked, "", 0.0)
    assert (data["loss"], data["proved"]["lower"], data["proved"]["gap"]) == (None, None, None)


def test_an_interval_without_the_sparsity_of_its_problem_is_refused() -> None:
    with pytest.raises(InputError, match="lies between 1/2 and 3/5"):
        CertifiedClaim(Problem.of(2, 1, "9/10"), (Fraction(1, 2), Fraction(3, 5)))


def test_an_interval_that_is_too_wide_is_halved() -> None:
    found = certify_along(2, 1, "1/2", "13/25", widest=1)
    (stretch,) = found.stretches
    assert stretch.family == "antipodal"
    assert len(stretch.certificates) > 1


def test_where_two_embeddings_lose_the_same_nothing_is_proved() -> None:
    """With I₂ = p the second feature's arrow begins to be worth it: at S = 2/5 for I₂ = 3/5."""
    found = certify_along(2, 1, "399/1000", "401/1000", "1 3/5", narrowest="1/1000")
    assert [stretch.family for stretch in found.stretches] == [None]
    assert "open" in repr(found)


@pytest.mark.parametrize(("low", "high"), [("1/2", "1/2"), ("3/5", "1/2"), ("1/2", "3/2")])
def test_ends_that_are_no_interval_are_refused(low: str, high: str) -> None:
    with pytest.raises(InputError, match="S goes from a lower to a higher end") as caught:
        certify_along(2, 1, low, high)
    assert caught.value.code == "interval"
