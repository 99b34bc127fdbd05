"""Proofs from end to end: that the best found is the best, and what is said where none is sure."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from itertools import count
from typing import Any

import numpy as np
import pytest
import sympy

from handcalc import InputError
from handcalc.superposition.best.optimum import optimum
from handcalc.superposition.certificates.certified import certify, check_certificate
from handcalc.superposition.certificates.claim import CertifiedClaim
from handcalc.superposition.certificates.copies import copies
from handcalc.superposition.certificates.proof import Proof
from handcalc.superposition.certificates.proving import begin, finish
from handcalc.superposition.certificates.search.covering import Search
from handcalc.superposition.loss.distribution import Correlated, OneActive
from handcalc.superposition.loss.problem import Problem
from tests.certificate_cases import losses

GAP = 1e-9
IMPORTANCES = ("1 1", "1 4/5", "1 3/5", "1 2/5", "1 1/5")
FEW = (("1/10", "1 1"), ("1/2", "1 1"), ("1/2", "1 1/5"), ("9/10", "1 3/5"))
CHANGES = (("2/10", "1 4/5"), ("4/10", "1 3/5"))
"""Where another family takes over: on one side of the best the least curvature begins at 0."""
ALL = [(f"{k}/10", importance) for k in range(1, 10) for importance in IMPORTANCES]


def proved(*asked: Any, **options: Any) -> Proof:
    """A proof that the check confirms once more, from the bytes of its certificate."""
    proof = certify(*asked, threads=1, **options)
    assert proof.status == "proved"
    assert check_certificate(proof.certificate, threads=1) == proof.checked
    assert proof.checked.is_proved
    assert proof.checked.margin > 0
    assert 0 <= proof.gap <= GAP
    assert proof.lower <= proof.checked.loss
    assert sympy.Rational(proof.checked.loss) == proof.optimum.loss
    return proof


@pytest.mark.parametrize(("S", "importance"), FEW)
def test_the_best_of_two_features_in_one_dimension_is_the_best(S: str, importance: str) -> None:
    proof = proved(2, 1, S, importance)
    assert proof.optimum.model == optimum(2, 1, S, importance).model
    assert proof.sentence.startswith("Proved, by ")
    assert "no embedding loses less, and none but its copies" in proof.sentence
    assert repr(proof) == f"<Proof: {proof.sentence}>"


@pytest.mark.slow
@pytest.mark.parametrize(("S", "importance"), [each for each in ALL if each not in FEW])
def test_so_it_is_at_every_sparsity_and_importance(S: str, importance: str) -> None:
    if (S, importance) not in CHANGES:
        proved(2, 1, S, importance)


@pytest.mark.parametrize(("S", "importance"), CHANGES)
def test_at_a_change_of_phase_the_loss_is_bounded(S: str, importance: str) -> None:
    proof = certify(2, 1, S, importance, threads=1)
    assert proof.status == "bounded"
    assert 0 < proof.gap < GAP


@pytest.mark.slow
def test_the_best_of_three_features_in_two_dimensions_is_the_best() -> None:
    proved(3, 2, "9/10")


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        ((2, 1, "1/3 3/4"), {}),
        ((2, 1, "1/2", "100 100"), {}),
        ((2, 1, 0, "1 1/2"), {}),
        ((3, 1), {"distribution": OneActive(3)}),
    ],
)
def test_other_problems_are_proved_too(asked: Any, options: Any) -> None:
    proved(*asked, **options)


def test_nothing_that_chance_finds_is_better_than_what_is_proved() -> None:
    problem = Problem.of(2, 1, "1/2", "1 4/5")
    proof = proved(2, 1, "1/2", "1 4/5")
    rng = np.random.default_rng(2)
    W = rng.normal(size=(200_000, 2, 1)) * 1.2
    found = losses(problem, (0, 1), W, rng.normal(0.05, 0.2, size=(200_000, 2)))
    assert found.min() >= float(proof.lower)


# -- what is not proved ---------------------------------------------------------------------------


def test_without_time_there_is_a_bound_that_is_true() -> None:
    for seconds in (0, 0.05):
        proof = certify(2, 1, "9/10", seconds=seconds, threads=1)
        assert proof.status == "unfinished"
        assert 0 <= proof.lower <= proof.checked.loss
        assert re.match(r"Not finished, after \d", proof.sentence)


def test_bounds_of_a_search_that_is_stopped_rise_to_the_best() -> None:
    search = begin(CertifiedClaim(Problem.of(2, 1, "1/2")), (best := optimum(2, 1, "1/2")).model)
    rounds, margins = count(), []
    while not search.is_done:
        search.run(1, lambda: next(rounds) % 5 == 4, lambda _: None)
        proof = replace_margins(search, best)
        margins.append(proof.margin)
        assert proof.lower <= Fraction(str(best.loss))
    assert margins == sorted(margins)
    assert margins[-1] > 0


def replace_margins(search: Search, best: Any) -> Any:
    return check_certificate(finish(search, best.model, 1), threads=1)


@pytest.mark.parametrize("rounds", [4])
def test_a_search_that_goes_on_ends_with_the_same_certificate(rounds: int) -> None:
    whole = proved(2, 1, "1/2", "1 4/5")
    kept: list[Search] = []
    turns = count()
    stopped = certify(
        2,
        1,
        "1/2",
        "1 4/5",
        threads=1,
        should_stop=lambda: next(turns) >= rounds,
        on_round=kept.append,
    )
    assert stopped.status == "unfinished"
    assert len(kept) == rounds
    assert not kept[-1].is_done
    gone_on = proved(2, 1, "1/2", "1 4/5", search=kept[-1])
    assert gone_on.certificate.to_bytes() == whole.certificate.to_bytes()


def test_any_number_of_threads_ends_with_the_same_certificate() -> None:
    one, two = (certify(2, 1, "1/2", threads=threads).certificate for threads in (1, 2))
    assert one.to_bytes() == two.to_bytes()


def test_who_listens_hears_of_boxes_and_then_of_leaves() -> None:
    heard: list[tuple[str, int, int]] = []
    proof = certify(2, 1, "1/2", threads=1, on_progress=lambda *said: heard.append(said))
    whats = [what for what, _, _ in heard]
    assert whats == sorted(whats)
    assert set(whats) == {"boxes", "leaves"}
    assert all(0 <= done <= total for _, done, total in heard)
    boxes, leaves = proof.certificate.cover.boxes, proof.checked.leaves
    assert ("boxes", boxes, boxes) in heard
    assert heard[-1] == ("leaves", leaves, leaves)


@pytest.mark.parametrize(
    ("asked", "options"),
    [
        # always on: W turned round, or with other biases, loses as little
        ((2, 1, 0), {}),
        # on together: the members of a set may change places in no way that is known of
        ((2, 1), {"distribution": Correlated([(1, 2)], "1/2")}),
    ],
)
def test_where_others_are_as_good_the_loss_is_bounded_but_none_is_said_to_be_the_best(
    asked: Any, options: Any
) -> None:
    proof = certify(*asked, threads=1, **options)
    assert proof.status == "bounded"
    assert not proof.checked.is_proved
    assert 0 < proof.gap < 1e-8
    assert proof.sentence.startswith("Bounded, by ")


@pytest.mark.slow
def test_three_in_one_dimension_is_bounded_at_least() -> None:
    """Nothing is proved of three features that are drawn independently: rows are not bounded."""
    for S in ("1/2", "9/10"):
        with pytest.raises(InputError, match="rows that are ever longer") as caught:
            certify(3, 1, S)
        assert caught.value.code == "unbounded"


@pytest.mark.parametrize(
    ("asked", "options", "code"),
    [
        ((7, 1, "1/2"), {}, "size"),
        ((4, 1, "1/2"), {}, "size"),
        ((5, 2), {"distribution": OneActive(5)}, "size"),
        ((2, 2, "1/2"), {}, "lossless"),
        ((2, 1, 1), {}, "lossless"),
        ((2, 1), {"distribution": OneActive(2)}, "lossless"),
        ((2, 1, "1/2", "1 0"), {}, "lossless"),
        ((3, 1, "9/10"), {}, "unbounded"),
        ((3, 1, "1/2", "1 1 0"), {}, "unbounded"),
        ((2, 1, "sqrt(2)/2"), {}, "irrational"),
        ((2, 1, "1/2", "1 sqrt(2)"), {}, "irrational"),
        ((2, 1), {}, "sparsity"),
        ((2, 1, "3/2"), {}, "sparsity"),
        ((2, 1, "1/2", "-1 1"), {}, "importance"),
    ],
)
def test_what_cannot_be_proved_is_refused_with_a_reason(
    asked: Any, options: Any, code: str
) -> None:
    with pytest.raises(InputError, match=r"^[A-Z].*\.$") as caught:
        certify(*asked, **options)
    assert caught.value.code == code


# -- copies ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "W", "b", "number"),
    [
        (Problem.of(2, 1, "1/2"), [[0.9], [-0.9]], [0.1, 0.1], 1),
        (Problem.of(2, 1, "1/2"), [[1.0], [0.0]], [0.0, 0.25], 1),
        (Problem.of(2, 1, "1/2"), [[0.0], [1.0]], [0.25, 0.0], 1),
        (Problem.of(3, 1, "1/2"), [[1.0], [-1.0], [0.0]], [0.1, 0.1, 0.2], 1),
        # a pair, and one at right angles: above or below, or the first row
        (Problem.of(3, 2, "1/2"), [[1.0, 0.0], [-1.0, 0.0], [0.0, 0.9]], [0.1, 0.1, 0.0], 2),
        # of one length: which two are the pair, and a reflection where the second row leaves one
        (Problem.of(3, 2, "1/2"), [[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]], [0.1, 0.1, 0.0], 4),
    ],
)
def test_copies_are_the_same_model_turned_as_boxes_are(
    problem: Problem, W: list[list[float]], b: list[float], number: int
) -> None:
    claim = CertifiedClaim(problem)
    found = copies(claim, np.array(W), np.array(b))
    assert len(found) == number
    (loss,) = losses(problem, range(problem.features), np.array([W]), np.array([b]))
    for turned, biases in found:
        again = losses(problem, claim.order, turned[None], biases[None])
        assert again[0] == pytest.approx(loss, abs=1e-12)
        assert (np.triu(turned, 1) == 0).all()
        assert (np.diag(turned) >= 0).all()
        squares = (turned**2).sum(1)
        assert (np.diff(squares) <= 1e-9).all()


def test_a_proof_is_about_the_model_that_is_given() -> None:
    """Of one that is not the best nothing is proved."""
    best = optimum(2, 1, "1/2")
    model = replace(best.model, b=(sympy.Rational(1, 8), sympy.Rational(1, 8)))
    search = begin(CertifiedClaim(Problem.of(2, 1, "1/2")), model)
    search.run(1, lambda: len(search.nodes) > 3000, lambda _: None)
    checked = check_certificate(finish(search, model, 1), threads=1)
    assert checked.lower <= Fraction(str(best.loss)) < checked.loss
