"""The Hessian against expansions of the loss along lines, where it exists, and its inertia."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from random import Random

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational

from handcalc import ToyModel, strategies
from handcalc.numbers.exact import elements
from handcalc.numbers.linear_algebra import inertia
from handcalc.superposition.loss.derivatives import (
    Inertia,
    Undetermined,
    hessian,
    inertia_at,
    output_slopes,
)
from handcalc.superposition.loss.distribution import OneActive, SparseUniform
from handcalc.superposition.loss.expected_loss import LossSetting
from handcalc.superposition.loss.gradient import loss_gradient
from tests.loss_cases import distribution, toy_model
from tests.oracles.loss_lines import Rows, expansion
from tests.oracles.loss_models import Case, Inputs, cases
from tests.oracles.recursion import Model, Numbers

COUNT, SEED = 60, 7
LINEAR_BEST = ToyModel("1 0; 0 1; 0 0", b="0 0 1/4", activation="linear")
HALF = SparseUniform("1/2")


# -- the inertia of a matrix ----------------------------------------------------------------------


@settings(max_examples=100)
@given(st.data())
def test_the_inertia_of_a_matrix_is_that_of_its_squares(data: st.DataObject) -> None:
    """Aᵀ D A has as many negative, zero and positive squares as D, for A that can be inverted."""
    size = data.draw(st.integers(1, 5))
    signs = data.draw(st.lists(st.sampled_from([-1, 0, 1]), min_size=size, max_size=size))
    entries = strategies.numbers(kind=data.draw(st.sampled_from(["rational", "surd"])))
    A = sympy.eye(size)
    for _ in range(data.draw(st.integers(0, 6))):
        i, j = data.draw(st.permutations(range(size)))[:2] if size > 1 else (0, 0)
        A = A.elementary_row_op("n->n+km", row1=i, row2=j, k=data.draw(entries)) if i != j else A
    form = A.T * sympy.diag(*signs) * A
    _, values = elements(*(sympy.expand(cell) for cell in form))
    rows = [values[k * size : (k + 1) * size] for k in range(size)]
    assert inertia(rows) == tuple(signs.count(sign) for sign in (-1, 0, 1))


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ([[0]], (0, 1, 0)),
        ([[0, 1], [1, 0]], (1, 0, 1)),
        ([[0, 1, 1], [1, 0, 1], [1, 1, 0]], (2, 0, 1)),
        ([[0, 0, 2, 0], [0, 0, 0, -3], [2, 0, 0, 0], [0, -3, 0, 0]], (2, 0, 2)),
        ([[0, 0, 1], [0, 0, 1], [1, 1, 0]], (1, 1, 1)),
    ],
)
def test_forms_without_squares(form: list[list[int]], expected: tuple[int, int, int]) -> None:
    _, (one,) = elements(sympy.Integer(1))
    assert inertia([[cell * one for cell in row] for row in form]) == expected


# -- the Hessian ----------------------------------------------------------------------------------


@cache
def random_cases() -> list[Case]:
    some = [case for case in cases(2 * COUNT, SEED) if case.model.n <= 3][:COUNT]
    return [*some, *(map(just_reached, some[1::6]))]


def just_reached(case: Case) -> Case:
    """The same with its first feature alone in a dimension, and b = −1 there, while z ≤ x − 1."""
    zero, one = Fraction(0), Fraction(1)
    W = ((one, *[zero] * len(case.model.W[0])), *((zero, *row) for row in case.model.W[1:]))
    inputs = Inputs("independent", tuple((i,) for i in range(len(W))), (Fraction(1, 3),))
    model = Model(W, (-one, *case.model.b[1:]))
    return Case(case.kind, model, inputs, (one, *case.importance[1:]))


def setting_of(case: Case) -> LossSetting:
    model, inputs = toy_model(case.model), distribution(case.inputs)
    return LossSetting.of(model, inputs, list(case.importance), by_count=False)


def second(case: Case, U: Rows, beta: Numbers) -> Fraction:
    """The second derivative of the loss along a half-line."""
    return 2 * expansion(case.model, case.inputs.patterns, case.importance, U, beta)[2]


def backwards(U: Rows, beta: Numbers) -> tuple[Rows, Numbers]:
    return tuple(tuple(-u for u in row) for row in U), tuple(-value for value in beta)


@pytest.mark.parametrize("index", range(COUNT + COUNT // 6))
def test_second_derivatives_are_those_of_the_loss_where_they_exist(index: int) -> None:
    case, random = random_cases()[index], Random(index)  # noqa: S311 - a repeatable draw, no secret
    setting = setting_of(case)
    gram = [[value for (value,) in row] for row in output_slopes(setting)[0]]
    n, m = case.model.n, len(case.model.W[0])
    found = inertia_at(setting, gram)
    if isinstance(found, Undetermined):
        feature = re.search(r"z of feature (\d)", found.reason)
        assert feature is not None
        along = tuple(Fraction(int(i + 1 == int(feature[1]))) for i in range(n))
        still = ((Fraction(0),) * m,) * n
        assert second(case, still, along) != second(case, *backwards(still, along))
        return
    U = tuple(tuple(Fraction(random.randint(-3, 3)) for _ in range(m)) for _ in range(n))
    beta = tuple(Fraction(random.randint(-3, 3)) for _ in range(n))
    step = [*(u for row in U for u in row), *beta]
    H = hessian(setting, gram)
    form = sum(
        (u * H[p][q].to_fraction() * v for p, u in enumerate(step) for q, v in enumerate(step)),
        Fraction(0),
    )
    assert form == second(case, U, beta) == second(case, *backwards(U, beta))


def test_the_cases_have_hessians_and_jumps_of_both_kinds() -> None:
    reasons = []
    for case in random_cases():
        setting = setting_of(case)
        gram = [[value for (value,) in row] for row in output_slopes(setting)[0]]
        found = inertia_at(setting, gram)
        reasons.append(found.reason if isinstance(found, Undetermined) else "")
    determined = reasons.count("")
    bends = sum("just where ReLU bends" in reason for reason in reasons)
    reached = sum("just where its input is 1" in reason for reason in reasons)
    print(f"{determined} Hessians, {bends} jumps at a bend, {reached} at an input of 1")
    assert min(determined, bends, reached) >= 3


# -- inertia at stationary points -----------------------------------------------------------------


def test_the_linear_model_s_optimum_is_strict_up_to_rotation() -> None:
    gradient = loss_gradient(LINEAR_BEST, HALF, "1 1/2 1/4")
    assert gradient.inertia == Inertia(negative=0, zero=0, positive=8, rotations=1)


def test_with_equal_importance_the_optimum_can_turn_towards_the_dropped_feature() -> None:
    assert loss_gradient(LINEAR_BEST, HALF).inertia == Inertia(0, 2, 6, 1)


def test_keeping_a_less_important_feature_is_a_saddle() -> None:
    model = ToyModel("1 0; 0 0; 0 1", b="0 1/4 0", activation="linear")
    assert loss_gradient(model, HALF, "1 1/2 1/4").inertia == Inertia(1, 0, 7, 1)


def test_dropping_every_feature_is_a_saddle_for_relu_too() -> None:
    """Each row can grow in either dimension, and each bias is at its best."""
    model = ToyModel("0 0; 0 0; 0 0", b="1/4")
    assert loss_gradient(model, HALF).inertia == Inertia(6, 0, 3, 0)


def test_dense_relu_that_never_clips_is_the_linear_model() -> None:
    model = ToyModel("1 0; 0 1; 0 0", b="0 0 1/2")
    linear = ToyModel(model.W, model.b, activation="linear")
    dense = SparseUniform(0)
    assert loss_gradient(model, dense).inertia == loss_gradient(linear, dense).inertia
    assert loss_gradient(model, dense).inertia == Inertia(0, 2, 6, 1)


def test_dead_outputs_are_flat() -> None:
    turns = [2 * sympy.pi * i / 5 for i in range(5)]
    rows = [(sympy.cos(turn), sympy.sin(turn)) for turn in turns]
    assert loss_gradient(ToyModel(rows, b="-3"), HALF).inertia == Inertia(0, 14, 0, 1)


@pytest.mark.parametrize(
    ("W", "rotations"),
    [
        ("0 0 0; 0 0 0", 0),
        ("1 1 1; 0 0 0", 2),
        ("1 0 0; 0 1 0", 3),
        ("1 0 0; 0 1 0; 0 0 1", 3),
        ("1 0 0 0; 0 1 0 0", 5),
        ("1; 1", 0),
    ],
)
def test_the_rotations_that_move_w_are_counted(W: str, rotations: int) -> None:
    inertia = loss_gradient(ToyModel(W, b="-9"), HALF).inertia
    assert isinstance(inertia, Inertia)
    assert inertia.rotations == rotations
    model = ToyModel(W)
    total = inertia.negative + inertia.zero + inertia.positive + inertia.rotations
    assert total == model.n * model.m + model.n


@settings(max_examples=25)
@given(st.data())
def test_the_inertia_is_the_same_for_the_same_model(data: st.DataObject) -> None:
    order = data.draw(strategies.permutations(3))
    Q = data.draw(strategies.orthogonal_matrices(2))
    importance = data.draw(st.lists(strategies.rationals(0, 2), min_size=3, max_size=3))
    model = strategies.permuted(strategies.rotated(LINEAR_BEST, Q), order)
    here = loss_gradient(LINEAR_BEST, HALF, importance)
    there = loss_gradient(model, HALF, [importance[i] for i in order])
    assert here.is_stationary is True
    assert there.inertia == here.inertia


@settings(max_examples=25)
@given(st.data())
def test_a_rotation_is_flat_at_a_stationary_point(data: st.DataObject) -> None:
    """H·(WA) = 0 for antisymmetric A."""
    model = strategies.rotated(LINEAR_BEST, data.draw(strategies.orthogonal_matrices(2)))
    setting = LossSetting.of(model, HALF, None, by_count=False)
    gram = [[value for (value,) in row] for row in output_slopes(setting)[0]]
    turn = [value for w0, w1 in setting.W for value in (-w1, w0)]
    for row in hessian(setting, gram):
        assert not sum((h * t for h, t in zip(row, turn, strict=False)), row[0] * 0)


# -- undetermined ---------------------------------------------------------------------------------


def reason(model: ToyModel, *others: object) -> str:
    inertia = loss_gradient(model, *others).inertia  # type: ignore[arg-type]  # told by the cases
    assert isinstance(inertia, Undetermined)
    return inertia.reason


def test_the_reason_is_told() -> None:
    square = ToyModel("1 0; 0 1; -1 0; 0 -1; 0 0; 0 0", b="0 0 0 0 -1 -1")
    assert reason(square, OneActive(6)) == (
        "With probability 2/3, z of feature 1 is 0, just where ReLU bends, so the second "
        "derivative in its bias is not the same on both sides."
    )
    below = ToyModel("1 0; 0 1", b="-1 -1")
    assert reason(below, HALF) == (
        "With probability 1/2, z of feature 1 reaches 0 just where its input is 1, so the second "
        "derivative in its bias is not the same on both sides."
    )
    assert reason(ToyModel("1 0; 0 1; 0 0"), HALF) == (
        "Minimum or saddle: that is told only where all slopes are zero."
    )
    assert reason(ToyModel("0 0", b="-1")) == (
        "The inertia of the Hessian depends on S: give a sparsity."
    )


def test_an_output_without_importance_has_no_say() -> None:
    model = ToyModel("1 0; 0 1", b="-1 -9")
    assert "feature 1" in reason(model, HALF)
    assert loss_gradient(model, HALF, "0 1").inertia == Inertia(0, 5, 0, 1)


def test_a_hessian_that_would_take_long_is_not_begun() -> None:
    roots = [sympy.sqrt(prime) for prime in (2, 3, 5, 7, 11, 13)]
    W = [[roots[k], roots[k + 1] / 3] for k in range(5)]
    assert "take long" in reason(ToyModel(W, [Rational(-99)] * 5), SparseUniform("1/2"))
