"""What long rows cost at least, against the least loss for any bias."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from handcalc import InputError
from handcalc.superposition.certificates.claim import CertifiedClaim, CornerCase
from handcalc.superposition.certificates.far import least_side, loss_of_long_row
from handcalc.superposition.loss.problem import Problem
from tests.certificate_cases import PROBLEMS, losses
from tests.oracles.recursion import clipped

ALWAYS = CornerCase((((0,), Fraction(1)),), (Fraction(1),))


def squared_error(q: Fraction, c: Fraction) -> Fraction:
    """∫₀¹ (x − (qx + c)⁺)² dx."""
    kept, squared = clipped(c, (q,), (1,), 1), 2 * clipped(c, (q,), (0,), 2)
    return Fraction(1, 3) - 2 * kept + squared


@pytest.mark.parametrize("side", ["9/8", "3/2", "2", "3", "8"])
def test_a_long_row_costs_what_the_best_bias_leaves(side: str) -> None:
    q = Fraction(side) ** 2
    said = loss_of_long_row(ALWAYS, 0, Fraction(side))
    assert squared_error(q, -q * (q - 1) / (q + 1)) == said
    ends = float(-q - 1), 1.0
    found = minimize_scalar(
        lambda c: float(squared_error(q, Fraction(c))), bounds=ends, method="bounded"
    )
    assert found.fun == pytest.approx(float(said), abs=1e-9)
    assert found.fun >= float(said) - 1e-15
    assert min(squared_error(q, Fraction(c, 50) * q) for c in range(-60, 60)) >= said


def test_longer_rows_cost_more() -> None:
    costs = [loss_of_long_row(ALWAYS, 0, Fraction(k, 8)) for k in range(8, 80)]
    assert costs == sorted(set(costs))


@pytest.mark.parametrize("problem", PROBLEMS[:8], ids=str)
def test_no_model_with_a_long_row_loses_less(problem: Problem) -> None:
    claim, rng = CertifiedClaim(problem), np.random.default_rng(3)
    case, side = claim.cases[0], Fraction(3, 2)
    n, m = problem.features, problem.hidden
    W, b = rng.normal(size=(20_000, n, m)), rng.normal(-0.3, 0.6, size=(20_000, n))
    rows = rng.integers(0, n, len(W))
    each = np.arange(len(W))
    W[each, rows] *= float(side) / np.linalg.norm(W[each, rows], axis=1)[:, None]
    W[each, rows] *= rng.uniform(1, 1.2, len(W))[:, None]
    found = losses(problem, claim.order, W, b)
    for row in range(n):
        assert found[rows == row].min() >= float(loss_of_long_row(case, row, side))


def test_the_least_side_is_the_first_eighth_where_all_rows_cost_more_in_all_cases() -> None:
    claim = CertifiedClaim(Problem.of(2, 1, "1/2", "1 1/2"), (Fraction(1, 2), Fraction(3, 4)))
    most = [Fraction(1, 50), Fraction(1, 60), Fraction(1, 70)]
    side = least_side(claim.cases, most)

    def suffices(side: Fraction) -> bool:
        return all(
            loss_of_long_row(case, row, side) > loss
            for case, loss in zip(claim.cases, most, strict=True)
            for row in range(2)
        )

    assert suffices(side)
    assert not suffices(side - Fraction(1, 8))
    assert (side * 8).denominator == 1


def test_a_feature_that_matters_less_than_the_loss_leaves_rows_unbounded() -> None:
    claim = CertifiedClaim(Problem.of(2, 1, "1/2", "1 1/100"))
    with pytest.raises(InputError, match="rows that are ever longer are not ruled out") as caught:
        least_side(claim.cases, [Fraction(1, 600)])
    assert caught.value.code == "unbounded"
