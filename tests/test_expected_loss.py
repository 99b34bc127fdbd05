"""The exact expected loss by other routes: a recursion in fractions, sympy's integrals, samples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from random import Random

import pytest
import sympy
from sympy import Max, Rational, sqrt

import handcalc
from handcalc import ExpectedLoss, ToyModel, expected_loss
from handcalc.errors import InputError
from handcalc.numbers.exact import equal, to_float
from handcalc.superposition.loss.distribution import (
    Anticorrelated,
    Correlated,
    Distribution,
    OneActive,
    S,
    SparseUniform,
)
from tests.loss_cases import distribution, fraction, fractions, toy_model
from tests.oracles import integrals, recursion, sampled_loss
from tests.oracles.loss_models import KINDS, Case, Inputs, cases, random_model

CASES = 330
SEED = 31
HALF = Rational(1, 2)

# -- against the recursion that divides by no overlap ---------------------------------------------


@cache
def random_cases() -> list[Case]:
    return cases(CASES, SEED)


def by_recursion(case: Case) -> recursion.Loss:
    found = recursion.loss(case.model, case.inputs.patterns, case.importance)
    recursion.clipped.cache_clear()
    recursion.plain.cache_clear()
    return found


def by_handcalc(case: Case) -> ExpectedLoss:
    return expected_loss(toy_model(case.model), distribution(case.inputs), case.importance)


@pytest.mark.parametrize("index", range(CASES))
def test_every_number_is_that_of_the_recursion(index: int) -> None:
    """The loss, that of each feature, what each feature costs each other, and what is left."""
    case = random_cases()[index]
    expected, found = by_recursion(case), by_handcalc(case)
    assert fraction(found.value) == expected.value, case
    assert fractions(found.per_feature) == expected.per_feature, case
    assert tuple(map(fractions, found.costs)) == expected.costs, case
    assert fractions(found.together) == expected.together, case


def test_the_random_cases_are_of_every_kind() -> None:
    found = random_cases()
    counts = Counter((case.kind, case.model.activation) for case in found)
    inputs = Counter(case.inputs.kind for case in found)
    each = sum(len(set(case.inputs.sparsities)) > 1 for case in found)
    ends = sum(not {Fraction(0), Fraction(1)}.isdisjoint(case.inputs.sparsities) for case in found)
    overlaps = [[case.model.overlaps(i) for i in range(case.model.n)] for case in found]
    zeros = sum(any(0 in row for row in rows) for rows in overlaps)
    print(f"\n{counts}; {inputs}; {each} with one S each, {ends} with S = 0 or 1, {zeros} zeros")
    assert {kind for kind, _ in counts} == set(KINDS)
    assert min(counts.values()) >= 5
    assert min(inputs.values()) >= 60
    assert min(each, ends, zeros) >= 60
    assert {case.model.n for case in found} == {1, 2, 3, 4, 5}


SYMBOLIC = [index for index in range(CASES) if index % 11 == 0]


@pytest.mark.parametrize("index", SYMBOLIC)
def test_the_polynomial_in_s_is_right_at_every_s(index: int) -> None:
    """Its degree is at most 5, so seven values decide."""
    case = random_cases()[index]
    polynomial = expected_loss(
        toy_model(case.model), distribution(case.inputs, symbolic=True), case.importance
    ).value
    for k in range(7):
        s = Fraction(k, 6)
        inputs = Inputs(case.inputs.kind, case.inputs.sets, (s,))
        expected = recursion.loss(case.model, inputs.patterns, case.importance).value
        assert fraction(polynomial.subs(S, Rational(k, 6))) == expected


@pytest.mark.slow
def test_many_more_cases_agree_with_the_recursion() -> None:
    for case in cases(6000, SEED + 1):
        expected, found = by_recursion(case), by_handcalc(case)
        assert fractions(found.per_feature) == expected.per_feature, case
        assert tuple(map(fractions, found.costs)) == expected.costs, case


# -- against sympy's integrals --------------------------------------------------------------------

TWO_FEATURES = [(kind, seed) for kind in KINDS for seed in range(3)]


@pytest.mark.parametrize(("kind", "seed"), TWO_FEATURES)
def test_two_features_by_integrals(kind: str, seed: int) -> None:
    """ReLU and linear, cut into pieces where ReLU switches; the same polynomial in S."""
    drawn = random_model(Random(f"{kind} {seed}"), kind, 2)  # noqa: S311 - repeatable, no secret
    for activation in ("relu", "linear"):
        model = toy_model(recursion.Model(drawn.W, drawn.b, activation))
        expected = integrals.loss(model.W, model.b, activation)
        assert sympy.expand(expected_loss(model).value - expected) == 0


IRRATIONAL = {
    "root": ([[sqrt(2) / 2], [-HALF]], [sqrt(2) / 5 - Rational(1, 5), Rational(1, 7)]),
    "golden": ([[HALF], [(1 - sqrt(5)) / 4]], [Rational(-1, 8), (sqrt(5) - 1) / 8]),
    "kink at a corner": ([[sqrt(3)], [-sqrt(3) / 3]], [-2, 1 - Rational(1, 3)]),
    "nested root": ([[sqrt(sqrt(2) - 1)], [-1]], [0, HALF]),
}


@pytest.mark.parametrize("name", IRRATIONAL)
def test_two_features_with_roots_by_integrals(name: str) -> None:
    model = ToyModel(*IRRATIONAL[name])
    expected = integrals.loss(model.W, model.b, "relu")
    found = expected_loss(model).value
    for power in range(3):
        assert equal(found.coeff(S, power), sympy.expand(expected).coeff(S, power))


@pytest.mark.parametrize("b", ["0", "1/3", "-1/3", "-1/2", "-2"])
@pytest.mark.parametrize("w", ["0", "1/2", "1", "-1", "3/2"])
def test_one_feature_by_sympy_s_own_pieces(w: str, b: str) -> None:
    """Nothing by hand here: sympy integrates Max(0, z) as it stands."""
    x, model = sympy.Symbol("x", real=True), ToyModel(w, b)
    z = model.W[0][0] ** 2 * x + model.b[0]
    on = sympy.integrate((x - Max(0, z)) ** 2, (x, 0, 1))
    expected = (1 - S) * on + S * Max(0, model.b[0]) ** 2
    assert sympy.expand(expected_loss(model).value - expected) == 0


# -- against sampling -----------------------------------------------------------------------------

SAMPLED: dict[str, tuple[ToyModel, Distribution, sampled_loss.Draw]] = {
    "antipodal": (
        ToyModel("1 0; 0 1; 0 -1"),
        SparseUniform("1/3"),
        sampled_loss.independent([1 / 3] * 3),
    ),
    "bias-corrected": (
        ToyModel("1 0; 0 1; 0 -1", b="0 1/2 1/2"),
        SparseUniform("1/2"),
        sampled_loss.independent([0.5] * 3),
    ),
    "linear, one S each": (
        ToyModel("1 0; 1/2 2/3; 1/5 -1", b="1/10 0 -1/5", activation="linear"),
        SparseUniform("1/5 1/2 3/4"),
        sampled_loss.independent([0.2, 0.5, 0.75]),
    ),
    "triangle": (
        ToyModel("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", b="1/9"),
        SparseUniform("1/4"),
        sampled_loss.independent([0.25] * 3),
    ),
    "one active of six": (
        ToyModel("1 0; 0 1; -1 0; 0 -1; 1/2 1/2; 0 0", b="-1/10"),
        OneActive(6),
        sampled_loss.one_active(6),
    ),
    "correlated": (
        ToyModel("1 0; 1/2 1/2; 0 1; -1 1/3", b="0 -1/4 1/8 0"),
        Correlated([(1, 3), (2, 4)], "1/2 1/4"),
        sampled_loss.correlated([(0, 2), (1, 3)], [0.5, 0.25]),
    ),
    "anticorrelated": (
        ToyModel("1 0; 1/2 1/2; 0 1; -1 1/3", b="0 -1/4 1/8 0"),
        Anticorrelated([(3, 1, 2)], "1/5 1/2"),
        sampled_loss.anticorrelated([(2, 0, 1), (3,)], [0.2, 0.5]),
    ),
}
SAMPLES = 50_000


@pytest.mark.parametrize("name", SAMPLED)
def test_sampling_agrees_within_its_error(name: str) -> None:
    """|z| < 5 for every feature and for their sum, whose standard error is below 1 %."""
    model, inputs, draw = SAMPLED[name]
    W = [[to_float(cell) for cell in row] for row in model.W]
    b = [to_float(cell) for cell in model.b]
    estimates = sampled_loss.estimate(W, b, model.activation, draw, SAMPLES, seed=5)
    found = expected_loss(model, inputs)
    exact = [to_float(value) for value in (*found.per_feature, found.value)]
    for value, estimate in zip(exact, estimates, strict=True):
        print(f"{name}: {value:.5f}, sampled {estimate.mean:.5f} ± {estimate.error:.5f}")
        assert abs(value - estimate.mean) <= 5 * estimate.error
    assert estimates[-1].error < 0.01 * exact[-1]


# -- what is asked for by name --------------------------------------------------------------------


def test_s_is_a_symbol_unless_it_is_given() -> None:
    found = expected_loss(ToyModel("1 0; 0 1; 0 -1"))
    assert found.distribution == SparseUniform()
    assert found.value.free_symbols == {S}
    assert handcalc.expected_loss is expected_loss


def test_one_importance_serves_all() -> None:
    model = ToyModel("1 0; 0 1; 0 -1", b="1/5")
    both: list[tuple[object, object]] = [
        ("2/3", "2/3 2/3 2/3"),
        (Fraction(2, 3), ["2/3"] * 3),
        (sqrt(2), ["sqrt(2)"] * 3),
        (0, [0, 0, 0]),
        ([5], "5 5 5"),
    ]
    for one, each in both:
        assert expected_loss(model, importance=one) == expected_loss(model, importance=each)
    assert expected_loss(model).importance == (1, 1, 1)


# -- errors ---------------------------------------------------------------------------------------

ANTIPODAL = ToyModel("1 0; 0 1; 0 -1")
REFUSED: dict[str, tuple[Callable[[], object], str, str]] = {
    "two importances for three": (
        lambda: expected_loss(ANTIPODAL, importance="1 2"),
        "wrong_shape",
        "each of the 3 features, not 2",
    ),
    "no importances": (
        lambda: expected_loss(ANTIPODAL, importance=[]),
        "wrong_shape",
        "each of the 3 features, not 0",
    ),
    "a negative importance": (
        lambda: expected_loss(ANTIPODAL, importance="1 -1/2 1"),
        "importance",
        "at least 0, not -1/2",
    ),
    "a negative root": (
        lambda: expected_loss(ANTIPODAL, importance=["1", "1", "1-sqrt(2)"]),
        "importance",
        "at least 0, not",
    ),
    "a float": (
        lambda: expected_loss(ANTIPODAL, importance=[1, 0.9, 0.81]),
        "float",
        "only near a number",
    ),
    "a bool": (
        lambda: expected_loss(ANTIPODAL, importance=[1, True, 1]),
        "boolean",
        "type 1 instead",
    ),
    "no number": (
        lambda: expected_loss(ANTIPODAL, importance="1 a 1"),
        "unknown_name",
        'The name "a"',
    ),
    "a class for a distribution": (
        lambda: expected_loss(ANTIPODAL, SparseUniform),
        "distribution",
        r"such as SparseUniform\(…\), not the class itself",
    ),
    "sparsities that do not fit": (
        lambda: expected_loss(ANTIPODAL, SparseUniform("1/2 1/3")),
        "wrong_shape",
        "each of the 3 features, not 2",
    ),
    "another number of features": (
        lambda: expected_loss(ANTIPODAL, OneActive(4)),
        "wrong_shape",
        "has 4 features, not 3",
    ),
    "sets that do not fit": (
        lambda: expected_loss(ANTIPODAL, Correlated([(3, 4)], "1/2")),
        "sets",
        "the features 1 to 3",
    ),
    "thirteen features": (
        lambda: expected_loss(ToyModel([[1]] * 13), SparseUniform("1/2")),
        "too_complicated",
        "12 independent features",
    ),
    "twelve features with a root": (
        lambda: expected_loss(ToyModel([[1, sqrt(2)]] * 12), SparseUniform("1/2")),
        "too_complicated",
        "in a field of degree 2",
    ),
    "a set of thirteen": (
        lambda: expected_loss(ToyModel([[1]] * 13), Correlated([range(1, 14)], "1/2")),
        "too_complicated",
        "8192 corners",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_worked_is_refused_by_a_sentence(case: str) -> None:
    build, code, sentence = REFUSED[case]
    with pytest.raises(InputError, match=sentence) as caught:
        build()
    assert caught.value.code == code


def test_many_features_of_which_few_are_active_are_no_trouble() -> None:
    """What counts is the number of corners, not of features."""
    wide = ToyModel([[1]] * 20)
    assert expected_loss(wide, OneActive(20)).value == 19 * Rational(1, 3)
    always_two = expected_loss(wide, Anticorrelated([range(1, 11), range(11, 21)], 0)).value
    assert always_two == 18 * Rational(7, 6) + 2 * Rational(1, 3)
