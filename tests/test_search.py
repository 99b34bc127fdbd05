"""The search for the best embedding: known minima, other ways to them, and what must not matter."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from handcalc import InputError, ToyModel
from handcalc.superposition.best.minima import Found, Minimum, merged, same_loss
from handcalc.superposition.best.multistart import descend, random_starts, search
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
)
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.loss.gradient import loss_gradient
from handcalc.superposition.loss.problem import Problem
from handcalc.superposition.numeric import expected_losses, expected_losses_and_gradients

DECAYING = [Fraction(9, 10) ** i for i in range(8)]


def introduction(n: int, k: int) -> Problem:
    """One of the ten introduction models, p = 20^(−k/9), of n features."""
    p = Fraction(20 ** (-k / 9)).limit_denominator(10**12)
    return Problem.of(n, 2, sparsity=1 - p, importance=DECAYING[:n])


def best(found: Found) -> Minimum:
    return found.minima[0]


# -- known minima ---------------------------------------------------------------------------------

KNOWN = {
    (2, 1): {"0": 0.0832542429, "1/2": 0.0762824470},
    (3, 2): {
        "0": 0.0830895928,
        "1/5": 0.1028074952,
        "478162340928575/1000000000000000": 0.0818277742,
        "1/2": 0.0762824470,
        "9/10": 0.0033194840,
    },
    (4, 2): {"0": 0.1663494441, "1/5": 0.2094741618, "1/2": 0.1525648940},
    (5, 2): {"1/5": 0.3161408285, "1/2": 0.2567315606, "9/10": 0.0263051311},
}


@pytest.mark.parametrize(("n", "m"), KNOWN)
def test_known_minima_of_equal_features(n: int, m: int) -> None:
    known = KNOWN[n, m]
    found = search([Problem.of(n, m, sparsity=S) for S in known], restarts=20)
    assert [best(one).loss for one in found] == pytest.approx(list(known.values()), abs=1e-10)


def test_known_minima_of_the_introduction_models() -> None:
    dense, middle, sparse = search([introduction(5, k) for k in (0, 6, 8)], restarts=24)
    assert best(dense).loss == pytest.approx(0.182925, rel=1e-12)
    assert best(middle).loss == pytest.approx(0.034861567, abs=1e-9)
    assert best(sparse).loss == pytest.approx(0.012110923, abs=1e-9)


@pytest.mark.slow
def test_six_features() -> None:
    """128 random restarts alone were seen to miss this one."""
    assert best(search([introduction(6, 8)])[0]).loss <= 0.025121189 + 1e-8


def test_two_minima_of_nearly_one_loss_are_told_apart() -> None:
    """At S = 0 the neighbour of the regular triangle lies 3·10⁻⁶ above it."""
    found = search([Problem.of(3, 2, sparsity=0)])[0]
    losses = [minimum.loss for minimum in found.minima]
    assert losses[0] == pytest.approx(0.0830895928, abs=1e-10)
    assert next(loss for loss in losses if loss > losses[0] + 1e-9) == pytest.approx(
        0.0830925939, abs=1e-10
    )
    lowest = [minimum.hits for minimum in found.minima if minimum.loss < losses[0] + 1e-9]
    assert 4 <= found.agreed == sum(lowest) < found.restarts / 2


def test_one_active_feature_of_six() -> None:
    """The regular hexagon is known; most descents end at a pentagon, from which a move leads on."""
    angles = np.arange(6) * np.pi / 3
    hexagon = 1.3205263 * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    biases = np.full((1, 6), -0.6181351)
    known = float(expected_losses(hexagon[None], biases, OneActive(6))[0])
    assert known == pytest.approx(0.04819, abs=5e-6)
    assert best(search([Problem.of(6, 2, OneActive(6))], restarts=16)[0]).loss <= known + 1e-12


# -- other ways to the same -----------------------------------------------------------------------

UNEQUAL = Problem.of(3, 2, sparsity="1/5 1/2 4/5", importance="1 2 3/2")


def scipy_minimum(problem: Problem, start: np.ndarray) -> float:
    n, m = problem.features, problem.hidden
    importance = [float(value) for value in problem.importance]

    def value(x: np.ndarray) -> tuple[float, np.ndarray]:
        W, b = x[: n * m].reshape(1, n, m), x[None, n * m :]
        L, *slopes = expected_losses_and_gradients(
            W, b, problem.distribution, importance=importance
        )
        return float(L[0]), np.concatenate([slope.ravel() for slope in slopes])

    return float(minimize(value, start, jac=True, method="BFGS", options={"gtol": 1e-9}).fun)


@pytest.mark.slow
@pytest.mark.parametrize(
    "problem",
    [
        Problem.of(3, 2, sparsity=0),
        Problem.of(3, 2, sparsity="3/5"),
        UNEQUAL,
        Problem.of(4, 2, Anticorrelated([(1, 2, 3)], "1/4"), importance="1 1 1 2"),
    ],
    ids=["dense", "sparse", "unequal", "sets"],
)
def test_scipy_finds_the_same(problem: Problem) -> None:
    """By its own method, from other starts."""
    W, b = random_starts(problem.features, problem.hidden, seed=99, first=0, count=12)
    starts = np.concatenate([W.reshape(12, -1), b], axis=1)
    other = min(scipy_minimum(problem, start) for start in starts)
    assert other == pytest.approx(best(search([problem])[0]).loss, rel=1e-9)


@pytest.mark.parametrize("problem", [UNEQUAL, Problem.of(3, 2, Correlated([(1, 3)], "3/10"))])
def test_losses_and_slopes_are_the_exact_ones(problem: Problem) -> None:
    for minimum in search([problem], restarts=8)[0].minima:
        W = [[Fraction(value) for value in row] for row in minimum.W]
        model = ToyModel(W, [Fraction(value) for value in minimum.b])
        loss = expected_loss(model, problem.distribution, list(problem.importance)).value
        assert minimum.loss == pytest.approx(float(loss), rel=1e-12)
        gradient = loss_gradient(model, problem.distribution, list(problem.importance))
        entries = [*(slope for row in gradient.W for slope in row), *gradient.b]
        assert all(
            abs(float(side)) < 1e-11 for slope in entries for side in (slope.left, slope.right)
        )
        assert minimum.slope < 1e-11


def test_no_small_step_leads_down() -> None:
    problems = [introduction(4, 7), Problem.of(4, 2, sparsity=0)]
    random = np.random.default_rng(4)
    for problem, found in zip(problems, search(problems, restarts=24), strict=True):
        count = len(found.minima)
        W = np.asarray([minimum.W for minimum in found.minima])
        b = np.asarray([minimum.b for minimum in found.minima])
        near = [part + 1e-4 * random.normal(size=part.shape) for part in (W, b)]
        for minimum, again in zip(found.minima, descend([problem] * count, *near), strict=True):
            assert again.loss == pytest.approx(minimum.loss, rel=1e-8)


def test_never_worse_than_the_best_linear_model() -> None:
    """That loses the n − m features with the smallest Iᵢv(pᵢ), v = p/3 − p²/4."""
    random = np.random.default_rng(6)
    S, importance = random.integers(0, 20, (2, 16, 4))
    problems = [
        Problem.of(4, 2, sparsity=[Fraction(int(s), 20) for s in row], importance=weights.tolist())
        for row, weights in zip(S, importance, strict=True)
    ]
    p = 1 - S / 20
    lost = np.sort(importance * (p / 3 - p * p / 4), axis=1)[:, :2].sum(axis=1)
    for found, bound in zip(search(problems, restarts=8), lost.tolist(), strict=True):
        assert 0 <= best(found).loss <= bound * (1 + 1e-12)


# -- edges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("problem", "loss"),
    [
        (Problem.of(3, 2, sparsity=1), 0),
        (Problem.of(3, 2, sparsity="1/2", importance=0), 0),
        (Problem.of(3, 2, sparsity="1/2", importance="1 0 1"), 0),
        (Problem.of(3, 2, sparsity="1/2 1 1/4"), 0),
        (Problem.of(3, 3, sparsity="1/2"), 0),
        (Problem.of(2, 5, sparsity=0), 0),
        (Problem.of(1, 1, sparsity="1/3"), 0),
        (Problem.of(2, 1, Correlated([(1, 2)], 1)), 0),
        (Problem.of(4, 2, OneActive(4)), 0),
        (Problem.of(3, 1, sparsity="1/2", importance="1 1 0"), 0.0762824470),
        (Problem.of(3, 1, sparsity="1/2 1 1/2"), 0.0762824470),
    ],
)
def test_features_that_need_nothing(problem: Problem, loss: float) -> None:
    found = search([problem], restarts=16)[0]
    assert best(found).loss == pytest.approx(loss, abs=1e-10)
    assert np.asarray(best(found).W).shape == (problem.features, problem.hidden)


@pytest.mark.parametrize("importance", ["1 1 0", "0 1 1"])
def test_a_feature_without_weight_is_dropped(importance: str) -> None:
    found = search([Problem.of(3, 1, sparsity="1/2", importance=importance)], restarts=16)[0]
    idle = importance.split().index("0")
    for minimum in found.minima:
        assert minimum.W[idle] == (0,)
        assert minimum.b[idle] == 0.25


def test_very_sparse_features() -> None:
    """The loss is of order p²: the tolerances must follow it."""
    p = Fraction(1, 1000)
    found = search([Problem.of(3, 2, sparsity=1 - p)])[0]
    pair, triangle = found.minima[:2]
    assert pair.loss == pytest.approx(float(p * p) / 3, rel=1e-3)
    assert 1.1 < triangle.loss / pair.loss < 1.2
    assert found.agreed > found.restarts / 2


# -- starting points that are no minima but stationary --------------------------------------------


def test_a_dead_output_is_woken() -> None:
    """Output 3 is negative for every input, so nothing but waking it can help."""
    problem = Problem.of(3, 2, sparsity="1/2")
    W, b = np.asarray([[[1.0, 0.0], [0.0, 1.0], [0.3, 0.2]]]), np.asarray([[0.0, 0.0, -5.0]])
    (minimum,) = descend([problem], W, b)
    assert minimum.b[2] > -1
    assert minimum.loss < 0.0776


def test_a_row_of_zeros_is_no_place_to_rest() -> None:
    """Dropping feature 3 with b₃ = p/2 is stationary, but a saddle."""
    problem = Problem.of(3, 2, sparsity="1/2")
    W, b = np.asarray([[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]]), np.asarray([[0.0, 0.0, 0.25]])
    gradients = expected_losses_and_gradients(W, b, sparsity=0.5)[1:]
    assert [np.max(np.abs(gradient)) for gradient in gradients] == pytest.approx([0, 0], abs=1e-15)
    assert descend([problem], W, b)[0].loss < 0.0776


def test_a_feature_that_is_best_dropped_stays_so() -> None:
    problem = Problem.of(3, 2, sparsity="1/2", importance="1 1 1/1000")
    W, b = np.asarray([[[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]]), np.asarray([[0.0, 0.0, 0.25]])
    (minimum,) = descend([problem], W, b)
    assert minimum.loss == pytest.approx(0.001 * (0.5 / 3 - 0.5**2 / 4), rel=1e-9)


# -- what must not matter -------------------------------------------------------------------------


def test_the_order_of_the_features_does_not_matter() -> None:
    order = [2, 0, 1]
    S, importance = (Fraction(1, 5), Fraction(1, 2), Fraction(4, 5)), (1, 2, Fraction(3, 2))
    problem = Problem.of(
        3, 2, sparsity=[S[i] for i in order], importance=[importance[i] for i in order]
    )
    one, other = (best(found) for found in search([UNEQUAL, problem]))
    moved = Minimum(
        one.loss, tuple(one.W[i] for i in order), tuple(one.b[i] for i in order), one.slope, 1
    )
    assert len(merged([moved, other], problem.alike, 1.0)) == 1


def test_the_company_in_a_batch_does_not_matter() -> None:
    problems = [UNEQUAL, Problem.of(3, 2, sparsity="9/10")]
    together = search(problems)
    for problem, found in zip(problems, together, strict=True):
        alone = search([problem])[0]
        assert best(alone).loss == pytest.approx(best(found).loss, rel=1e-13)
        assert (alone.restarts, alone.agreed) == (found.restarts, found.agreed)


def test_the_seed_decides() -> None:
    first, again, other = (search([UNEQUAL], restarts=8, seed=seed)[0] for seed in (3, 3, 4))
    assert first == again
    assert best(first).W != best(other).W
    assert best(first).loss == pytest.approx(best(other).loss, rel=1e-9)


def test_all_restarts_are_accounted_for() -> None:
    """What is found by varying minima adds to them, but counts no hits."""
    found = search([introduction(5, 8)], restarts=4)[0]
    assert sum(minimum.hits for minimum in found.minima) == found.restarts == 4
    assert [m.loss for m in found.minima] == sorted(m.loss for m in found.minima)
    assert any(minimum.hits == 0 for minimum in found.minima)


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[int, int]] = []
    search([UNEQUAL], restarts=8, on_progress=lambda done, total: told.append((done, total)))
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1] > 8


def test_an_interruption_comes_through() -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt(f"{done} of {total}")

    with pytest.raises(KeyboardInterrupt, match="of 8"):
        search([UNEQUAL], restarts=8, on_progress=interrupt)


# -- the same up to symmetry ----------------------------------------------------------------------


def turned_and_exchanged(minimum: Minimum, order: list[int], seed: int) -> Minimum:
    Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(2, 2)))[0]
    W = (np.asarray(minimum.W) @ Q)[order]
    b = tuple(minimum.b[i] for i in order)
    return Minimum(minimum.loss, tuple(map(tuple, W.tolist())), b, minimum.slope, 1)


def random_minimum(seed: int) -> Minimum:
    random = np.random.default_rng(seed)
    W, b = random.normal(size=(5, 2)).tolist(), random.normal(size=5).tolist()
    return Minimum(0.1, tuple(map(tuple, W)), tuple(b), 0.0, 1)


@pytest.mark.parametrize("seed", range(5))
def test_the_same_up_to_symmetry_is_merged(seed: int) -> None:
    minimum, alike = random_minimum(seed), (0, 0, 2, 2, 2)
    same = turned_and_exchanged(minimum, [1, 0, 3, 4, 2], seed)
    unlike = turned_and_exchanged(minimum, [2, 1, 0, 3, 4], seed)
    assert [m.hits for m in merged([minimum, same, unlike], alike, 1.0)] == [2, 1]
    assert [m.hits for m in merged([minimum, same, unlike], (0,) * 5, 1.0)] == [3]


def test_overlaps_must_match_pair_by_pair() -> None:
    """A ring of six and two rings of three: alike for each feature, but not as a whole."""
    edges = {
        "one ring": [(i, (i + 1) % 6) for i in range(6)],
        "two rings": [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5)],
    }
    minima = []
    for pairs in edges.values():
        G = np.eye(6)
        for i, j in pairs:
            G[i, j] = G[j, i] = -0.25
        W = np.linalg.cholesky(G).tolist()
        minima.append(Minimum(0.1, tuple(map(tuple, W)), (0.0,) * 6, 0.0, 1))
    assert len(merged(minima, (0,) * 6, 1.0)) == 2
    assert len(merged([minima[0], minima[0]], (0,) * 6, 1.0)) == 1


@pytest.mark.parametrize("unit", [1.0, 1e-3, 1e-9])
def test_losses_are_compared_on_their_own_scale(unit: float) -> None:
    losses = [0.0830895928 * unit, 0.0830895929 * unit, 0.0830925939 * unit]
    same = [same_loss(x, y, unit) for x, y in combinations(losses, 2)]
    assert same == [True, False, False]
    assert same_loss(0.0, 1e-16 * unit, unit)


# -- what is refused ------------------------------------------------------------------------------


def test_nothing_to_search_is_nothing_found() -> None:
    assert search([]) == []
    assert descend([], np.zeros((0, 3, 2)), np.zeros((0, 3))) == []


@pytest.mark.parametrize(
    ("others", "inputs"),
    [((3, 1), None), ((2, 2), None), ((3, 2), OneActive(3)), ((3, 2), Correlated([(1, 2)], 0))],
)
def test_problems_of_one_call_have_one_shape(
    others: tuple[int, int], inputs: Distribution | None
) -> None:
    other = Problem.of(*others, sparsity=None if inputs else "1/2", distribution=inputs)
    with pytest.raises(InputError, match="as many features, as many dimensions and the same sets"):
        search([UNEQUAL, other])


def test_counts_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InputError, match="At least 1 restart is asked for, not 0"):
        search([UNEQUAL], restarts=0)
    with pytest.raises(InputError, match="whole number from 0, not -1"):
        search([UNEQUAL], seed=-1)
    with pytest.raises(InputError, match=r"W must have the shape \(1, 3, m\)"):
        descend([UNEQUAL], np.zeros((2, 3, 2)), np.zeros((2, 3)))
