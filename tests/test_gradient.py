"""The exact gradient against expansions of the loss along lines, and where it is stationary."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from random import Random

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, sqrt

from handcalc import ToyModel, strategies
from handcalc.errors import InputError
from handcalc.numbers.exact import equal, to_float
from handcalc.superposition.loss.distribution import (
    Correlated,
    Distribution,
    OneActive,
    S,
    SparseUniform,
)
from handcalc.superposition.loss.gradient import LossGradient, Slope, loss_gradient
from tests.loss_cases import distribution, fraction, toy_model
from tests.oracles import k_gons
from tests.oracles.loss_lines import Rows, expansion
from tests.oracles.loss_models import KINDS, Case, cases
from tests.oracles.recursion import Model, Numbers, one_active

ORTHOGONAL = ToyModel("1 0; 0 1; 0 0")
SQUARE = "1 0; 0 1; -1 0; 0 -1; 0 0; 0 0"
COUNT, SEED = 72, 99


@cache
def smooth_cases() -> list[Case]:
    """Models of every kind, kinks of z at corners and zero overlaps included, n from 1 to 4."""
    return [case for case in cases(2 * COUNT, SEED) if case.model.n <= 4][:COUNT]


@cache
def kinked_cases() -> list[Case]:
    """The same with a row of zeros without bias, of a feature that matters."""
    return [kinked(case) for case in smooth_cases()[::2]]


def kinked(case: Case) -> Case:
    model, first = case.model, (Fraction(1), *case.importance[1:])
    W = ((Fraction(0),) * len(model.W[0]), *model.W[1:])
    return Case(case.kind, Model(W, (Fraction(0), *model.b[1:])), case.inputs, first)


def gradient_of(case: Case) -> LossGradient:
    inputs = distribution(case.inputs)
    return loss_gradient(toy_model(case.model), inputs, list(case.importance))


# -- along lines: exact expansions of the loss by another route -----------------------------------


def along(case: Case, step: Fraction, i: int, k: int) -> Fraction:
    """The rate at which the loss changes as W_ik (b_i for k = m) moves by ``step``; from 0."""
    n, m = case.model.n, len(case.model.W[0])
    U = tuple(tuple(step if (p, q) == (i, k) else Fraction(0) for q in range(m)) for p in range(n))
    beta = tuple(step if (p, m) == (i, k) else Fraction(0) for p in range(n))
    return expansion(case.model, case.inputs.patterns, case.importance, U, beta)[1]


def assert_slope(case: Case, slope: Slope, i: int, k: int) -> None:
    assert fraction(slope.right) == along(case, Fraction(1), i, k)
    assert fraction(slope.left) == -along(case, Fraction(-1), i, k)


@pytest.mark.parametrize("index", range(COUNT))
def test_an_entry_s_slopes_are_those_of_the_loss_along_it(index: int) -> None:
    case, random = smooth_cases()[index], Random(index)  # noqa: S311 - a repeatable draw, no secret
    gradient = gradient_of(case)
    i, k = random.randrange(case.model.n), random.randrange(len(case.model.W[0]))
    assert_slope(case, gradient.W[i][k], i, k)
    assert_slope(case, gradient.b[i], i, len(case.model.W[0]))


@pytest.mark.parametrize("index", range(COUNT // 2))
def test_both_sides_of_a_kink_are_those_of_the_loss(index: int) -> None:
    case, random = kinked_cases()[index], Random(index)  # noqa: S311 - a repeatable draw, no secret
    gradient = gradient_of(case)
    k = random.randrange(len(case.model.W[0]))
    assert_slope(case, gradient.W[0][k], 0, k)
    assert_slope(case, gradient.b[0], 0, len(case.model.W[0]))


def random_step(random: Random, model: Model) -> tuple[Rows, Numbers]:
    U = tuple(tuple(Fraction(random.randint(-3, 3)) for _ in row) for row in model.W)
    return U, tuple(Fraction(random.randint(-3, 3)) for _ in model.b)


@pytest.mark.parametrize("index", range(COUNT))
def test_away_from_kinks_the_slopes_add_up_in_every_direction(index: int) -> None:
    case, random = smooth_cases()[index], Random(index)  # noqa: S311 - a repeatable draw, no secret
    gradient = gradient_of(case)
    U, beta = random_step(random, case.model)
    expected = expansion(case.model, case.inputs.patterns, case.importance, U, beta)[1]
    steps = [*(u for row in U for u in row), *beta]
    slopes = [*(slope for row in gradient.W for slope in row), *gradient.b]
    total = sum(u * fraction(slope.left) for u, slope in zip(steps, slopes, strict=True))
    if not gradient.kinks:
        assert total == expected
    assert all(slope.value is not None for slope in slopes) == (not gradient.kinks)


def test_the_cases_are_of_every_kind_with_kinks_and_without() -> None:
    gradients = [gradient_of(case) for case in (*smooth_cases(), *kinked_cases())]
    two_sided = sum(not gradient.kinks for gradient in gradients)
    one_sided = sum(any(kink.dimensions for kink in gradient.kinks) for gradient in gradients)
    print(f"{two_sided} smooth, {one_sided} with differing slopes in W, of {len(gradients)}")
    assert {case.kind for case in smooth_cases()} == set(KINDS)
    assert two_sided > COUNT // 2
    assert one_sided > 10


# -- kinks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("s", ["0", "1/2", "9/10"])
def test_the_orthogonal_embedding_has_a_kink_at_its_third_bias(s: str) -> None:
    gradient, p = loss_gradient(ORTHOGONAL, SparseUniform(s)), 1 - Rational(s)
    assert gradient.b[2] == Slope(left=Rational(0), right=-p)
    # E[x3 x1] is p²/4, twice over; on the other side ReLU is off
    assert gradient.W[2] == (Slope(Rational(0), -(p**2) / 2),) * 2
    assert [kink.feature for kink in gradient.kinks] == [3]
    assert gradient.kinks[0].dimensions == (1, 2)
    assert gradient.kinks[0].sentence == (
        "The row of W and the bias of feature 3 are 0, so its z is 0 for every input, just where "
        "ReLU bends: left and right derivatives differ in its bias and in its weights in "
        "dimensions 1 and 2."
    )
    assert gradient.b[2].value is None
    assert gradient.is_stationary is False


def test_an_entry_that_moves_no_active_output_has_one_slope_at_a_kink() -> None:
    gradient = loss_gradient(ToyModel("1 0; 0 0"), SparseUniform("1/2"))
    assert gradient.kinks[0].dimensions == (1,)
    assert gradient.W[1][1] == Slope(Rational(0), Rational(0))
    apart = loss_gradient(ToyModel("1 0; 0 0"), OneActive(2))
    assert apart.kinks[0].dimensions == ()
    assert apart.kinks[0].sentence.endswith("differ in its bias.")


@pytest.mark.parametrize(
    ("model", "inputs", "importance", "slope"),
    [
        (ToyModel("1 0; 0 1; 0 0", activation="linear"), SparseUniform("1/2"), None, "-1/2"),
        (ToyModel("1 0; 0 1; 0 0", b="0 0 -1/9"), SparseUniform("1/2"), None, "0"),
        (ORTHOGONAL, SparseUniform("1/2"), "1 1 0", "0"),
        (ORTHOGONAL, SparseUniform("1/2 1/2 1"), None, "0"),
    ],
    ids=["linear", "a bias", "no importance", "never active"],
)
def test_what_takes_the_kink_away(
    model: ToyModel, inputs: Distribution, importance: str | None, slope: str
) -> None:
    gradient = loss_gradient(model, inputs, importance)
    assert gradient.kinks == ()
    assert gradient.b[2].value == Rational(slope)


# -- stationary points ----------------------------------------------------------------------------


def test_the_square_with_one_active_feature_is_stationary() -> None:
    for dead in ("-1 -1/9", "1/12 -1"):
        gradient = loss_gradient(ToyModel(SQUARE, b=f"0 0 0 0 {dead}"), OneActive(6))
        assert gradient.is_stationary is True
        assert gradient.stationarity == "No direction descends to first order."


@pytest.mark.parametrize("index", range(12))
def test_no_direction_descends_from_the_square(index: int) -> None:
    random = Random(index)  # noqa: S311 - a repeatable draw, no secret
    W = tuple(tuple(map(Fraction, row.split())) for row in SQUARE.split("; "))
    model = Model(W, (*[Fraction(0)] * 4, Fraction(-1), Fraction(1, 12)))
    U, beta = random_step(random, model)
    _, slope, _ = expansion(model, one_active(6), (Fraction(1),) * 6, U, beta)
    assert slope == 0


def k_gon(k: int, n: int, length: Fraction, bias: Fraction) -> ToyModel:
    turns = [2 * sympy.pi * i / k for i in range(k)]
    l = Rational(length.numerator, length.denominator)  # noqa: E741 - the length l
    rows = [(l * sympy.cos(turn), l * sympy.sin(turn)) for turn in turns]
    return ToyModel([*rows, *[(0, 0)] * (n - k)], [*[bias] * k, *[Fraction(-1)] * (n - k)])


@pytest.mark.parametrize(
    ("k", "n", "start"),
    [
        (5, 5, ("1.17", "-0.28")),
        (5, 6, ("1.17", "-0.28")),
        (6, 6, ("1.32", "-0.62")),
        (7, 7, ("1.46", "-1.0")),
        (8, 8, ("1.6", "-1.5")),
    ],
)
def test_a_k_gon_is_stationary_just_where_its_length_and_bias_make_it_so(
    k: int, n: int, start: tuple[str, str]
) -> None:
    found = k_gons.best(k, (k_gons.number(start[0]), k_gons.number(start[1])))
    length, bias = (Fraction(str(value)).limit_denominator(10**9) for value in found)
    near = slopes_of(loss_gradient(k_gon(k, n, length, bias), OneActive(n)))
    off = slopes_of(loss_gradient(k_gon(k, n, length + Fraction(1, 100), bias), OneActive(n)))
    assert max(abs(to_float(slope)) for slope in near) < 1e-8
    assert max(abs(to_float(slope)) for slope in off) > 1e-3


def slopes_of(gradient: LossGradient) -> list[sympy.Expr]:
    slopes = [*(slope for row in gradient.W for slope in row), *gradient.b]
    assert all(slope.value is not None for slope in slopes)
    return [slope.left for slope in slopes]


def test_published_lengths_and_biases_of_k_gons_are_stationary_to_their_digits() -> None:
    for k, length, bias in (
        (5, "1.1704596", "-0.2822973"),
        (6, "1.3205263", "-0.6181351"),
    ):
        model = k_gon(k, 6, Fraction(length), Fraction(bias))
        slopes = slopes_of(loss_gradient(model, OneActive(6)))
        assert max(abs(to_float(slope)) for slope in slopes) < 1e-6


@pytest.mark.parametrize("s", ["0", "1/3", "9/10"])
@pytest.mark.parametrize("W", ["1 0; 0 1; 0 0", "3/5 4/5; 4/5 -3/5; 0 0"])
def test_the_linear_model_s_optimum_is_stationary_and_so_it_is_with_relu(W: str, s: str) -> None:
    """Two features exact, the third at its mean p/2: no output is clipped that would not be 0."""
    bias = [0, 0, (1 - Rational(s)) / 2]
    inputs = SparseUniform(s)
    assert loss_gradient(ToyModel(W, bias, "linear"), inputs, "1 1/2 1/3").is_stationary is True
    assert loss_gradient(ToyModel(W, bias), inputs, "1 1/2 1/3").is_stationary is True
    assert loss_gradient(ToyModel(W), inputs).is_stationary is False


def test_what_descends_is_named() -> None:
    lower = loss_gradient(ToyModel("0 0", b="2"), SparseUniform(0))
    assert lower.stationarity == "Lowering the bias of feature 1 descends: its derivative is 3."
    # with its best bias (1 - w²)/2 one linear feature loses (1 - w²)²/12
    weight = loss_gradient(ToyModel("1/2", b="3/8", activation="linear"), SparseUniform(0))
    assert weight.stationarity == (
        "Raising the weight of feature 1 in dimension 1 descends: its derivative is -1/8."
    )


# -- S as a symbol --------------------------------------------------------------------------------


@pytest.mark.parametrize("s", ["1/3", "7/8"])
@pytest.mark.parametrize(
    ("W", "b"), [("1 0; 0 1; 0 -1", "0 1/2 1/2"), ("1 0; 0 1/2; 0 0", "0 1/7 0")]
)
def test_polynomial_slopes_are_the_numbers_at_every_s(W: str, b: str, s: str) -> None:
    model = ToyModel(W, b)
    for inputs, fixed in (
        (SparseUniform(), SparseUniform(s)),
        (Correlated([(1, 3)]), Correlated([(1, 3)], s)),
    ):
        symbolic, numeric = loss_gradient(model, inputs), loss_gradient(model, fixed)
        for mine, other in zip(sides(symbolic), sides(numeric), strict=True):
            assert equal(mine.subs(S, Rational(s)), other)
        assert [kink.sentence for kink in symbolic.kinks] == [k.sentence for k in numeric.kinks]


def sides(gradient: LossGradient) -> list[sympy.Expr]:
    slopes: Sequence[Slope] = [*(slope for row in gradient.W for slope in row), *gradient.b]
    return [side for slope in slopes for side in (slope.left, slope.right)]


def test_with_s_as_a_symbol_a_sign_may_depend_on_it() -> None:
    gradient = loss_gradient(ToyModel("1 0; 0 1; 0 -1"))
    assert gradient.b[0].value == 0
    assert equal(gradient.b[1].left.subs(S, Rational(1, 2)), Rational(-1, 12))
    assert gradient.is_stationary is None
    assert gradient.stationarity == (
        "The derivative in the bias of feature 2 depends on S: give a sparsity to decide."
    )
    assert loss_gradient(ORTHOGONAL).is_stationary is False
    dead = loss_gradient(ToyModel("0 0; 0 0", b="-1 -2"))
    assert dead.is_stationary is True


# -- the same model -------------------------------------------------------------------------------


@settings(max_examples=40)
@given(st.data())
def test_turning_the_plane_turns_the_gradient(data: st.DataObject) -> None:
    model = data.draw(strategies.toy_models(n=3, m=2, kind="rational"))
    inputs = data.draw(strategies.distributions(3))
    Q = data.draw(strategies.orthogonal_matrices(2))
    here = loss_gradient(model, inputs)
    there = loss_gradient(strategies.rotated(model, Q), inputs)
    assert [kink.feature for kink in here.kinks] == [kink.feature for kink in there.kinks]
    assert here.is_stationary == there.is_stationary
    assert here.b == there.b
    for i, row in enumerate(here.W):
        for k in range(2):
            turned = sum(slope.left * Q[j][k] for j, slope in enumerate(row))
            if all(kink.feature != i + 1 for kink in here.kinks):
                assert equal(turned, there.W[i][k].left)


@settings(max_examples=40)
@given(st.data())
def test_permuting_the_features_permutes_the_gradient(data: st.DataObject) -> None:
    model = data.draw(strategies.toy_models(n=3, m=2))
    order = data.draw(strategies.permutations(3))
    sparsities = data.draw(st.lists(strategies.rationals(0, 1), min_size=3, max_size=3))
    importance = data.draw(st.lists(strategies.rationals(0, 2), min_size=3, max_size=3))
    here = loss_gradient(model, SparseUniform(sparsities), importance)
    there = loss_gradient(
        strategies.permuted(model, order),
        SparseUniform([sparsities[i] for i in order]),
        [importance[i] for i in order],
    )
    assert there.b == tuple(here.b[i] for i in order)
    assert tuple(here.W[i] for i in order) == there.W
    assert there.is_stationary == here.is_stationary


@settings(max_examples=40)
@given(strategies.toy_models(n=2, m=2), strategies.distributions(2))
def test_a_stationary_point_has_no_kink_and_no_slope(model: ToyModel, inputs: Distribution) -> None:
    gradient = loss_gradient(model, inputs)
    assert gradient.is_stationary == (not gradient.kinks and not any(sides(gradient)))


# -- numbers and refusals -------------------------------------------------------------------------


def test_a_pentagon_s_gradient_is_a_number_with_roots() -> None:
    turns = [2 * sympy.pi * i / 5 for i in range(5)]
    model = ToyModel([(sympy.cos(turn), sympy.sin(turn)) for turn in turns])
    gradient = loss_gradient(model, SparseUniform("1/2"))
    assert len(set(gradient.b)) == 1
    assert gradient.b[0].left.atoms(sympy.Pow) == {sqrt(5)}
    radial = [
        slope.left * sympy.sin(turn) - other.left * sympy.cos(turn)
        for (slope, other), turn in zip(gradient.W, turns, strict=True)
    ]
    assert all(equal(value, 0) for value in radial)


def test_what_the_loss_refuses_its_gradient_refuses() -> None:
    with pytest.raises(InputError, match="this takes 8192 corners"):
        loss_gradient(ToyModel([[1]] * 13))
    with pytest.raises(InputError, match="One importance is asked for"):
        loss_gradient(ORTHOGONAL, SparseUniform("1/2"), "1 2")
    with pytest.raises(InputError, match="The distribution has 4 features, not 3"):
        loss_gradient(ORTHOGONAL, OneActive(4))
