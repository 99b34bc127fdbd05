"""What a certificate is about: its corner cases along S, its order of features, its limits."""

from __future__ import annotations

from fractions import Fraction
from math import comb
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handcalc import InputError
from handcalc.superposition.certificates.checker.checking import case_arrays
from handcalc.superposition.certificates.claim import CertifiedClaim, free_entries, to_fraction
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    OneActive,
    SparseUniform,
)
from handcalc.superposition.loss.problem import Problem
from tests.certificate_cases import PROBLEMS

EIGHTHS = st.integers(0, 8).map(lambda k: Fraction(k, 8))
ALONG = st.builds(lambda a, b: (min(a, b), max(a, b)), EIGHTHS, EIGHTHS)


@given(st.integers(1, 3), ALONG)
def test_each_corner_case_is_a_distribution(n: int, ends: tuple[Fraction, Fraction]) -> None:
    for case in CertifiedClaim(Problem.of(n, 1, str(ends[0])), ends).cases:
        assert sum(q for _, q in case.patterns) == 1
        assert min(q for _, q in case.patterns) >= 0
        assert len({on for on, _ in case.patterns}) == 2**n


@given(st.integers(1, 3), ALONG, EIGHTHS)
def test_each_S_between_is_a_mixture_of_the_corner_cases(
    n: int, ends: tuple[Fraction, Fraction], t: Fraction
) -> None:
    low, high = ends
    S = low + t * (high - low)
    cases = CertifiedClaim(Problem.of(n, 1, str(S)), ends).cases
    shares = [comb(n, a) * t**a * (1 - t) ** (n - a) for a in range(n + 1)]
    assert len(cases) == n + 1
    for on, _ in cases[0].patterns:
        mixed = sum(
            (share * dict(case.patterns)[on] for share, case in zip(shares, cases, strict=True)),
            Fraction(0),
        )
        assert mixed == (1 - S) ** len(on) * S ** (n - len(on))


def test_the_first_and_the_last_corner_case_are_the_ends() -> None:
    problem = Problem.of(3, 2, "1/2", "1 3 2")
    ends = Fraction(1, 4), Fraction(2, 3)
    cases = CertifiedClaim(problem, ends).cases
    for case, S in zip((cases[0], cases[-1]), ends, strict=True):
        at_S = CertifiedClaim(Problem.of(3, 2, str(S), "1 3 2")).cases[0]
        assert dict(case.patterns) == dict(at_S.patterns)
        assert case.importance == at_S.importance == (Fraction(3), Fraction(2), Fraction(1))


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_at_one_S_the_case_is_the_distribution_in_the_order_of_rows(problem: Problem) -> None:
    claim = CertifiedClaim(problem)
    (case,) = claim.cases
    found = {frozenset(claim.order[row] for row in on): q for on, q in case.patterns}
    patterns = problem.distribution.patterns(problem.features)
    assert found == {
        frozenset(i - 1 for i in each.active): to_fraction(each.probability) for each in patterns
    }
    for row, feature in enumerate(claim.order):
        assert case.probability(row) == to_fraction(problem.probability[feature])
        assert case.importance[row] == to_fraction(problem.importance[feature])
    matters = [case.importance[row] * case.probability(row) for row in range(problem.features)]
    assert matters == sorted(matters, reverse=True)


def test_arrays_hold_the_same_cases() -> None:
    claim = CertifiedClaim(Problem.of(3, 2, "1/2"), (Fraction(1, 4), Fraction(3, 4)))
    for case, arrays in zip(claim.cases, case_arrays(claim), strict=True):
        for on, weight in zip(arrays.sets.tolist(), arrays.weights, strict=True):
            assert weight == float(dict(case.patterns)[tuple(i for i in on if i >= 0)])
        assert arrays.active == pytest.approx([float(case.probability(i)) for i in range(3)])


@pytest.mark.parametrize(
    ("problem", "alike"),
    [
        (Problem.of(3, 2, "1/2"), (False, True, True)),
        (Problem.of(3, 2, distribution=OneActive(3)), (False, True, True)),
        (Problem.of(3, 2, "1/2", "1 2 1"), (False, False, True)),
        (Problem.of(3, 2, "1/2 1/3 1/2"), (False, False, True)),
        # as important times as likely, but not the same features
        (Problem.of(2, 1, "1/2 3/4", "1 2"), (False, False)),
        # a member of a set changes places with none of another set by itself
        (Problem.of(3, 2, distribution=Correlated([(1, 2)], "1/2")), (False, False, False)),
        (Problem.of(4, 2, distribution=Anticorrelated([(1, 2), (3, 4)], "1/2")), (False,) * 4),
    ],
)
def test_rows_are_alike_only_where_they_can_change_places(
    problem: Problem, alike: tuple[bool, ...]
) -> None:
    assert CertifiedClaim(problem).alike == alike


@pytest.mark.parametrize(
    ("features", "hidden", "free"), [(2, 1, 2), (3, 2, 5), (4, 2, 7), (1, 3, 1), (2, 3, 3)]
)
def test_turning_leaves_so_many_entries(features: int, hidden: int, free: int) -> None:
    entries = free_entries(features, hidden)
    assert len(set(entries)) == len(entries) == free
    W = np.zeros((features, hidden))
    W[tuple(np.array(entries).T)] = 1
    assert W.tolist() == np.tril(np.ones((features, hidden))).tolist()


# -- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "code", "message"),
    [
        (lambda: Problem.of(7, 1, distribution=OneActive(7)), "size", "6 features"),
        (lambda: Problem.of(4, 1, "1/2"), "size", "3 features that are on together"),
        (lambda: Problem.of(5, 2, distribution=OneActive(5)), "size", "7 free entries of W"),
        (lambda: Problem.of(2, 1, "sqrt(2)/2"), "irrational", "fractions, not sqrt"),
        (lambda: Problem.of(2, 1, "1/2", "1 sqrt(2)"), "irrational", "fractions, not sqrt"),
    ],
)
def test_what_no_claim_is_made_about_is_refused(problem: Any, code: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        CertifiedClaim(problem())
    assert caught.value.code == code
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("problem", "ends"),
    [
        (Problem.of(2, 1, "1/2"), (Fraction(3, 4), Fraction(1, 4))),
        (Problem.of(2, 1, "1/2"), (Fraction(-1, 4), Fraction(1, 4))),
        (Problem.of(2, 1, "1/2"), (Fraction(1, 4), Fraction(5, 4))),
        (Problem.of(2, 1, "1/2 1/3"), (Fraction(1, 4), Fraction(1, 2))),
        (Problem.of(3, 1, distribution=OneActive(3)), (Fraction(1, 4), Fraction(1, 2))),
        (Problem.of(2, 1, distribution=Correlated([(1, 2)], "1/2")), (Fraction(0), Fraction(1))),
    ],
)
def test_an_interval_is_one_of_the_S_of_all_features(
    problem: Problem, ends: tuple[Fraction, Fraction]
) -> None:
    with pytest.raises(InputError, match=r"S goes up|one S, and no sets") as caught:
        CertifiedClaim(problem, ends)
    assert caught.value.code == "interval"


def test_along_an_interval_all_features_may_be_on_together() -> None:
    problem = Problem.of(4, 1, 1)
    assert isinstance(problem.distribution, SparseUniform)
    with pytest.raises(InputError, match="on together; here there are 4"):
        CertifiedClaim(problem, (Fraction(1, 2), Fraction(1)))
