"""Polished minima: known digits, slopes by the exact gradient, and what stays exact."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi, sin

import pytest
import sympy
from sympy import Rational

from handcalc import ToyModel, expected_loss, loss_gradient
from handcalc.errors import InputError
from handcalc.numbers.exact import to_float
from handcalc.superposition.best.polish import Polished, polished
from handcalc.superposition.loss.distribution import Anticorrelated, Correlated, OneActive
from handcalc.superposition.loss.problem import Problem
from tests.oracles import k_gons

CROSSING = "0.478162340928575"
PAIR = [[1.0, 0.0], [0.0, 0.9548385], [0.0, -0.9548385]]
PAIR_BIAS = [0.0, 0.1170495, 0.1170495]


def polygon(k: int, length: float, start: float = 0.0) -> list[list[float]]:
    turns = [start + 2 * pi * i / k for i in range(k)]
    return [[length * cos(turn), length * sin(turn)] for turn in turns]


def steepest(found: Polished, problem: Problem) -> float:
    """The largest one-sided slope by ``loss_gradient``."""
    gradient = loss_gradient(found.model, problem.distribution, problem.importance)
    slopes = [slope for row in (*gradient.W, gradient.b) for slope in row]
    return max(abs(to_float(side)) for slope in slopes for side in (slope.left, slope.right))


def assert_stationary(found: Polished, problem: Problem) -> None:
    """The slope is as small as asked for, and slope and loss are those of the whole model."""
    assert found.slope == steepest(found, problem) < 10.0**-found.digits
    loss = expected_loss(found.model, problem.distribution, problem.importance).value
    assert found.loss == loss


def assert_equal_to(digits: int, *values: sympy.Expr) -> None:
    assert max(values) - min(values) < Rational(1, 10**digits)


# -- known digits ---------------------------------------------------------------------------------


def test_the_pair_beside_a_dedicated_feature_where_the_triangle_overtakes_it() -> None:
    problem = Problem.of(3, 2, sparsity=CROSSING)
    found = polished(PAIR, PAIR_BIAS, problem, digits=50)
    (first, *rest), (none, *biases) = found.model.W, found.model.b
    assert_stationary(found, problem)
    assert (first, none, rest[0][0], rest[1][0]) == ((1, 0), 0, 0, 0)
    assert abs(float(rest[0][1]) - 0.954838542684798) < 1e-14
    assert abs(float(biases[0]) - 0.117049522154512) < 1e-14
    assert_equal_to(54, rest[0][1], -rest[1][1])
    assert_equal_to(54, *biases)
    assert abs(float(found.loss) - 0.0818277742439342) < 1e-15


def test_the_triangle_where_the_pair_overtakes_it() -> None:
    problem = Problem.of(3, 2, sparsity=CROSSING)
    found = polished(polygon(3, 0.9643561, start=2), [0.1783642] * 3, problem, digits=50)
    W, b = found.model.W, found.model.b
    length = W[0][0]
    assert_stationary(found, problem)
    assert found.family.name == "triangle"
    assert abs(float(length) - 0.964356142054530) < 1e-14
    assert abs(float(b[0]) - 0.178364204017754) < 1e-14
    assert_equal_to(53, -2 * W[1][0], -2 * W[2][0], length)
    assert_equal_to(53, W[1][1] ** 2, W[2][1] ** 2, 3 * length**2 / 4)
    assert_equal_to(53, *b)
    assert abs(float(found.loss) - 0.0818277742439342) < 1e-15


@pytest.mark.parametrize(("k", "l", "b"), [(5, 1.1704596, -0.2822973), (6, 1.3205263, -0.6181351)])
def test_polygons_with_one_active_feature_agree_with_integrals(k: int, l: float, b: float) -> None:  # noqa: E741 - the length l
    problem = Problem.of(6, 2, OneActive(6))
    idle = 6 - k
    W, biases = [*polygon(k, l), *([[0.0, 0.0]] * idle)], [*([b] * k), *([-0.75] * idle)]
    found = polished(W, biases, problem, digits=30)
    length, bias = k_gons.best(k, (l, b))
    assert_stationary(found, problem)
    assert (found.family.name, found.model.b[k:]) == (
        {5: "pentagon", 6: "hexagon"}[k],
        (Rational(-3, 4),) * idle,
    )
    assert abs(float(found.model.W[0][0]) - float(length)) < 1e-15
    assert abs(float(found.model.b[0]) - float(bias)) < 1e-15
    assert abs(float(found.loss) - float(k_gons.loss(k, 6, length, bias))) < 1e-15


def test_a_square_with_one_active_feature_comes_out_in_whole_numbers() -> None:
    problem = Problem.of(6, 2, OneActive(6))
    W = [*polygon(4, 1 + 1e-9, start=1), [0.0, 1e-9], [0.0, 0.0]]
    found = polished(W, [1e-9, -1e-9, 0.0, 0.0, 0.083333334, -1.0], problem)
    expected = ToyModel("1 0; 0 1; -1 0; 0 -1; 0 0; 0 0", b=[0, 0, 0, 0, Rational(1, 12), -1])
    assert found.model == expected
    assert (found.loss, found.slope) == (Rational(1, 9) - Rational(1, 144), 0)


def test_the_pair_that_is_best_when_dense_is_not_symmetric() -> None:
    """At S = 0 turning an arrow round, with x → 1 − x, leaves the loss as it was."""
    problem = Problem.of(2, 1, sparsity=0)
    same = polished([[0.93565], [0.36745]], [-0.111256, 0.260588], problem)
    overlap = 0.93565 * 0.36745
    turned = polished([[0.93565], [-0.36745]], [-0.111256 + overlap, 0.260588 + overlap], problem)
    assert_stationary(same, problem)
    assert_stationary(turned, problem)
    assert [found.family.name for found in (same, turned)] == ["mixed", "antipodal"]
    assert_equal_to(54, same.loss, turned.loss)
    assert abs(float(same.loss) - 0.0832542429) < 1e-10


def test_two_minima_near_each_other_stay_apart() -> None:
    problem = Problem.of(3, 2, sparsity=0)
    best = polished(
        [[0.82165967, 0], [0.41082984, 0.71157815], [-0.41082984, 0.71157815]],
        [0.16113567, -0.17642664, 0.16113567],
        problem,
        digits=30,
    )
    neighbour = polished(
        [[0.89125988, 0], [0.24947833, 0.85563119], [0.39604955, -0.52801822]],
        [-0.1866718, 0.16631128, 0.28210692],
        problem,
        digits=30,
    )
    assert_stationary(best, problem)
    assert_stationary(neighbour, problem)
    assert abs(float(best.loss) - 0.0830895928) < 1e-10
    assert abs(float(neighbour.loss) - 0.0830925939) < 1e-10


# -- what the problem may be ----------------------------------------------------------------------

UNEQUAL = Problem.of(3, 2, sparsity="7/10 4/5 9/10", importance="1 1 2")
UNEQUAL_W = [[1.0, 0.0], [0.0, 0.995565822], [0.0, -1.021185741]]
UNEQUAL_B = [0.0, 0.004526922, 0.001939243]


def test_features_with_their_own_sparsity_and_importance() -> None:
    found = polished(UNEQUAL_W, UNEQUAL_B, UNEQUAL)
    assert_stationary(found, UNEQUAL)
    order = [2, 0, 1]
    problem = Problem.of(3, 2, sparsity="9/10 7/10 4/5", importance="2 1 1")
    other = polished([UNEQUAL_W[i] for i in order], [UNEQUAL_B[i] for i in order], problem)
    assert_stationary(other, problem)
    assert_equal_to(50, found.loss, other.loss)
    assert_equal_to(54, found.model.W[1][1], -other.model.W[2][0])
    assert_equal_to(54, found.model.b[1], other.model.b[2])


def test_a_rotated_start_ends_in_the_same_place() -> None:
    turned = [[0.6 * p + 0.8 * q, 0.8 * p - 0.6 * q] for p, q in UNEQUAL_W]
    found, other = (polished(W, UNEQUAL_B, UNEQUAL, 40) for W in (UNEQUAL_W, turned))
    for row, same in zip(found.model.W, other.model.W, strict=True):
        for entry, value in zip(row, same, strict=True):
            assert_equal_to(44, entry, value)


def test_a_pentagon_of_independent_features() -> None:
    problem = Problem.of(5, 2, sparsity="9/10")
    found = polished(polygon(5, 1.100445366), [-0.209925772] * 5, problem, digits=30)
    assert found.slope < 1e-30
    assert found.family.name == "pentagon"
    assert abs(float(found.loss) - 0.0263051311239) < 1e-12
    assert_equal_to(33, *found.model.b)


def test_an_irrational_sparsity_and_importance() -> None:
    problem = Problem.of(2, 1, sparsity="sqrt(2)/2", importance="1 sqrt(3)")
    start = [[0.981142104], [-1.02594183]], [0.025454812, 0.01208145]
    found = polished(*start, problem, digits=20)
    assert_stationary(found, problem)
    assert not isinstance(found.loss, Rational)
    assert abs(to_float(found.loss) - 0.037965745183) < 1e-12


def test_parallel_features_that_are_on_together_have_no_bias() -> None:
    """Second derivatives jump at b = 0, and the loss of each pair is that of (x₁ − x₂)/2 twice."""
    problem = Problem.of(4, 2, Correlated([(1, 2), (3, 4)], "1/2"))
    W = [[0.70710678, 0.0], [0.70710678, 0.0], [0.0, 0.70710678], [0.0, 0.70710678]]
    found = polished(W, [1e-9, -1e-9, 0.0, 2e-9], problem)
    assert_stationary(found, problem)
    assert found.model.b == (0, 0, 0, 0)
    assert_equal_to(50, found.loss, Rational(1, 12))


def test_a_row_that_is_tiny_but_not_zero_stays() -> None:
    """Feature 1 counts for nothing, but where it is on feature 2 is off: a little of it helps."""
    problem = Problem.of(5, 1, Anticorrelated([(1, 2), (3, 4, 5)], "9/10"), importance="0 1 1 .5 1")
    W = [[-2.9056e-06], [1.00908151], [-1.00312641], [0.0204752835], [0.0320648642]]
    b = [0.0, -0.010749561, 0.000197517411, 0.0164616676, 0.0162398546]
    found = polished(W, b, problem, digits=30)
    assert_stationary(found, problem)
    assert abs(float(found.model.W[0][0]) + 2.905638849957e-06) < 1e-17


@pytest.mark.parametrize(
    ("problem", "dropped"),
    [
        (Problem.of(3, 1, sparsity="1/2", importance="1 0 1"), Rational(1, 4)),
        (Problem.of(3, 1, sparsity="1/2 1 1/2"), Rational(0)),
    ],
    ids=["of no importance", "never active"],
)
def test_a_feature_that_does_not_matter_is_dropped(
    problem: Problem, dropped: sympy.Rational
) -> None:
    found = polished([[0.9689], [1e-7], [-0.9689]], [0.0977, -0.3, 0.0977], problem)
    assert_stationary(found, problem)
    assert (found.model.W[1][0], found.model.b[1]) == (0, dropped)
    assert found.family.name == "antipodal"


def test_a_dropped_feature_has_half_its_probability_as_bias() -> None:
    problem = Problem.of(2, 1, sparsity="1/2 2/3")
    found = polished([[1 - 1e-8], [1e-8]], [1e-8, 1 / 6], problem)
    assert found.model == ToyModel("1; 0", b="0 1/6")
    assert (found.loss, found.slope) == (Rational(1, 12), 0)


# -- what is no minimum ---------------------------------------------------------------------------


def test_a_start_that_is_no_minimum_comes_back_with_its_slope() -> None:
    problem = Problem.of(2, 1, sparsity="1/2")
    found = polished([[0.5], [-0.75]], [0.25, 0.0625], problem)
    assert found.model == ToyModel("1/2; -3/4", b="1/4 1/16")
    assert found.slope == steepest(found, problem) > 1e-3


def test_at_a_kink_the_steeper_side_is_told() -> None:
    problem = Problem.of(2, 1, sparsity="1/2", importance="1 3")
    found = polished([[1.0], [0.0]], [0.0, 0.0], problem)
    assert found.model == ToyModel("1; 0")
    assert found.slope == steepest(found, problem) == 1.5


@pytest.mark.parametrize(
    ("W", "b", "digits", "code", "told"),
    [
        ([[1.0], [0.0]], [0.0, 0.0], 0, "digits", "From 1 to 140 digits are worked out, not 0"),
        ([[1.0], [0.0]], [0.0, 0.0], 141, "digits", "not 141"),
        ([[1.0, 0.0]], [0.0], 20, "wrong_shape", "2 rows of 1 numbers here, and b has 2"),
        ([[1.0], [float("inf")]], [0.0, 0.0], 20, "not_finite", "Every number of W and b"),
    ],
)
def test_what_cannot_be_polished_is_refused(
    W: Sequence[Sequence[float]], b: Sequence[float], digits: int, code: str, told: str
) -> None:
    with pytest.raises(InputError, match=told) as caught:
        polished(W, b, Problem.of(2, 1, sparsity="1/2"), digits)
    assert caught.value.code == code


def test_without_numpy_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("handcalc.errors.find_spec", lambda _: None)
    with pytest.raises(InputError, match="This needs numpy, which is not installed") as caught:
        polished([[1.0]], [0.0], Problem.of(1, 1, sparsity=0))
    assert caught.value.suggestion == 'pip install "handcalc[optimum]"'
