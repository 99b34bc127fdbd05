"""The expected loss where a formula or a published number is known."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import mpmath
import pytest
import sympy
from sympy import Max, Rational, cos, pi, sin, sqrt

from handcalc import OneActive, SparseUniform, ToyModel, embedding, expected_loss, sign
from handcalc.numbers.exact import equal, to_float
from handcalc.superposition.loss.distribution import S
from handcalc.superposition.model.geometry import geometry
from tests.oracles import k_gons, recursion

p = 1 - S
HALF = Rational(1, 2)
V = p / 3 - p**2 / 4  # the loss of a feature that is dropped, with the best bias
ANTIPODAL = "1 0; 0 1; 0 -1"


def polynomial(
    W: str, b: str | None = None, importance: str | None = None, linear: bool = False
) -> sympy.Expr:
    model = ToyModel(W, b, "linear" if linear else "relu")
    return expected_loss(model, importance=importance).value


def same(found: sympy.Expr, expected: sympy.Expr) -> bool:
    return bool(sympy.expand(found - expected) == 0)


# -- the walk by hand -----------------------------------------------------------------------------

CLOSED = {
    "orthogonal": (("1 0; 0 1; 0 0", "0 0 0"), p / 3),
    "antipodal": ((ANTIPODAL, "0 0 0"), p**2 / 3),
    "bias-corrected": ((ANTIPODAL, "0 1/2 1/2"), (3 * S**2 + 14 * S + 7) / 48),
    "all dropped": (("0 0; 0 0; 0 0", "0 0 0"), p),
    "identity": (("1 0; 0 1", "0 0"), sympy.Integer(0)),
    "antipodal, a negative bias": (("1; -1", "-1 -1"), 2 * p / 3),
    "one direction for two": (("1; 1", "0 0"), 2 * p / 3),
}


@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms(name: str) -> None:
    (W, b), expected = CLOSED[name]
    assert same(polynomial(W, b), expected)


LINEAR = {
    "orthogonal": (("1 0; 0 1; 0 0", "0 0 0"), p / 3),
    "antipodal": ((ANTIPODAL, "0 0 0"), 2 * p / 3),
    "bias-corrected": ((ANTIPODAL, "0 1/2 1/2"), 2 * (p / 12 + S / 4)),
    "one direction for two": (("1; 1", "0 0"), 2 * p / 3),
}


@pytest.mark.parametrize("name", LINEAR)
def test_closed_forms_of_the_linear_model(name: str) -> None:
    (W, b), expected = LINEAR[name]
    assert same(polynomial(W, b, linear=True), expected)


def test_the_named_embeddings_have_these_losses() -> None:
    assert same(expected_loss(embedding("orthogonal").model).value, p / 3)
    relu = expected_loss(embedding("relu").model).value
    assert same(relu, p**2 / 3)


def test_the_bias_helps_below_a_sparsity_known_exactly() -> None:
    """(3S² + 14S + 7)/48 = (1 − S)²/3 at S = (23 − 2√103)/13, between 0.2078 and 0.2079."""
    corrected, plain = ToyModel(ANTIPODAL, "0 1/2 1/2"), ToyModel(ANTIPODAL)

    def gain(sparsity: object) -> sympy.Expr:
        inputs = SparseUniform(sparsity)
        return expected_loss(plain, inputs).value - expected_loss(corrected, inputs).value

    crossing = (23 - 2 * sqrt(103)) / 13
    assert sign(gain(crossing)) == 0
    assert sign(gain(crossing - Rational(1, 10**30))) == 1
    assert sign(gain(crossing + Rational(1, 10**30))) == -1
    assert sign(crossing - Rational(2078, 10000)) == 1
    assert sign(Rational(2079, 10000) - crossing) == 1


@pytest.mark.parametrize(("sparsity", "better"), [("0", 1), ("49/100", 1), ("1/2", 0), ("3/4", -1)])
def test_the_bias_helps_the_linear_model_below_one_half(sparsity: str, better: int) -> None:
    inputs = SparseUniform(sparsity)
    plain = expected_loss(ToyModel(ANTIPODAL, activation="linear"), inputs).value
    corrected = expected_loss(ToyModel(ANTIPODAL, "0 1/2 1/2", "linear"), inputs).value
    assert sign(plain - corrected) == better


# -- a dropped feature, and two in one dimension --------------------------------------------------


@pytest.mark.parametrize("bias", ["0", "1/10", "1/4", "1/2", "1", "2"])
def test_a_dropped_feature_loses_least_at_half_its_density(bias: str) -> None:
    """v(p) = p/3 − p²/4 at b = p/2; elsewhere (b − p/2)² more, and p/3 for a negative bias."""
    b = Rational(bias)
    assert same(polynomial("0", bias), V + (b - p / 2) ** 2)
    assert same(polynomial("0", f"-{bias}"), p / 3)


@pytest.mark.parametrize("density", ["1/10", "1/2", "1"])
def test_the_best_bias_depends_on_the_density(density: str) -> None:
    d = Rational(density)
    found = expected_loss(ToyModel([[0]], [d / 2]), SparseUniform(1 - d)).value
    assert found == d / 3 - d**2 / 4


@pytest.mark.parametrize("ratio", ["1/10", "1/2", "1", "2", "10"])
def test_two_features_in_one_dimension(ratio: str) -> None:
    """Importances (1, r): drop one or the other, or keep both; where the losses are equal."""
    r = Rational(ratio)
    assert same(polynomial("1; -1", "0 0", f"1 {ratio}"), (1 + r) * p**2 / 6)
    border = 4 * r / (2 + 5 * r) if r <= 1 else 4 / (5 + 2 * r)
    inputs, dropped = SparseUniform(1 - border), [0, border / 2]
    if r <= 1:
        one = expected_loss(ToyModel("1; 0", dropped), inputs, [1, r]).value
        assert one == r * (border / 3 - border**2 / 4)
    else:
        one = expected_loss(ToyModel("0; 1", dropped[::-1]), inputs, [1, r]).value
        assert one == border / 3 - border**2 / 4
    assert expected_loss(ToyModel("1; -1"), inputs, [1, r]).value == one


# -- the linear model's optimum -------------------------------------------------------------------


def dropped_best(importance: list[Rational], density: Rational, m: int) -> sympy.Expr:
    """v(p) times the n − m smallest importances."""
    v = density / 3 - density**2 / 4
    return v * sum(sorted(importance)[: len(importance) - m])


@pytest.mark.parametrize("density", ["1/10", "1/2", "1"])
def test_keeping_the_most_important_is_the_linear_optimum(density: str) -> None:
    """PCA: no linear model is better, whatever its rotation; the ReLU model is as good."""
    d, importance = Rational(density), [Rational(9, 10) ** i for i in range(4)]
    b, inputs = [0, 0, d / 2, d / 2], SparseUniform(1 - d)
    for activation in ("linear", "relu"):
        model = ToyModel("1 0; 0 1; 0 0; 0 0", b, "linear" if activation == "linear" else "relu")
        found = expected_loss(model, inputs, importance).value
        assert found == dropped_best(importance, d, 2)


NEARBY = ["99/100 0; 0 1; 0 0; 0 0", "1 0; 0 1; 0 1/50; 0 0", "1 0; 0 1; 0 0; 1/9 1/9"]


@pytest.mark.parametrize("W", [*NEARBY, "0 0; 0 0; 1 0; 0 1", "1 0; 0 1; -1 0; 0 -1"])
def test_other_linear_models_lose_more(W: str) -> None:
    """With the best bias for each W: the mean error of an output is b − Σⱼ(1ᵢⱼ − Gᵢⱼ)p/2 = 0."""
    d, importance = Rational(1, 3), [Rational(9, 10) ** i for i in range(4)]
    gram = geometry(ToyModel(W)).gram
    b = [(1 - sum(row)) * d / 2 for row in gram]
    found = expected_loss(ToyModel(W, b, "linear"), SparseUniform(1 - d), importance).value
    assert sign(found - dropped_best(importance, d, 2)) == 1


# -- exactly one active feature -------------------------------------------------------------------

RECONSTRUCTED = {
    "antipodal": ANTIPODAL,
    "triangle": "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2",
    "two pairs": "1 0; -1 0; 0 1; 0 -1",
    "identity": "1 0; 0 1",
}
NOT_QUITE = {
    "a longer row": ("101/100 0; 0 1; 0 -1", "0 0 0"),
    "a bias": (ANTIPODAL, "0 1/100 0"),
    "a negative bias": (ANTIPODAL, "0 0 -1/100"),
    "a positive overlap": ("1 0; 0 1; 3/5 -4/5", "0 0 0"),
    "five in two dimensions": ("1 0; -1 0; 0 1; 0 -1; 3/5 4/5", "0 0 0 0 0"),
}


@pytest.mark.parametrize("name", RECONSTRUCTED)
def test_one_active_feature_is_reconstructed(name: str) -> None:
    """Just where Gᵢᵢ = 1, bᵢ = 0 and all other Gᵢⱼ ≤ 0."""
    model = ToyModel(RECONSTRUCTED[name])
    assert expected_loss(model, OneActive(model.n)).value == 0


@pytest.mark.parametrize("name", NOT_QUITE)
def test_one_active_feature_is_not_quite_reconstructed(name: str) -> None:
    model = ToyModel(*NOT_QUITE[name])
    assert sign(expected_loss(model, OneActive(model.n)).value) == 1


BENEFITS = {
    "antipodal": (ANTIPODAL, "0 1/3 -1/4"),
    "interfering": ("1 0; 0 1; 1/2 1/2", "0 -1/5 1/10"),
    "one dimension": ("1; -2/3; 1/2", "-1/4 1/5 0"),
    "roots": ("sqrt(2)/2; -1/2", "1/3 -1/9"),
}


@pytest.mark.parametrize("name", BENEFITS)
def test_l_1_is_feature_benefit_and_interference(name: str) -> None:
    """Σᵢ Iᵢ∫(x − ReLU(Gᵢᵢx + bᵢ))² + Σ_{i≠j} Iⱼ∫ReLU(Gᵢⱼx + bⱼ)², as sympy integrates it."""
    model = ToyModel(*BENEFITS[name])
    importance = [Rational(1, i + 1) for i in range(model.n)]
    gram, x = geometry(model).gram, sympy.Symbol("x", real=True)
    total = sympy.Integer(0)
    for j, row in enumerate(gram):
        for i, g in enumerate(row):
            wanted = x if i == j else 0
            error = (wanted - Max(0, g * x + model.b[j])) ** 2
            total += importance[j] * sympy.integrate(error, (x, 0, 1))
    for inputs in (SparseUniform(), SparseUniform("1/3")):
        by_active = expected_loss(model, inputs, importance).by_active
        assert by_active is not None
        assert equal(by_active[1], sympy.expand(total))
    one_active = expected_loss(model, OneActive(model.n), importance).value
    assert equal(one_active, sympy.expand(total / model.n))


# -- k-gons and other numbers known from elsewhere ------------------------------------------------

STORED = json.loads(k_gons.PUBLISHED.read_text(encoding="utf-8"))
K_GONS: list[dict[str, Any]] = STORED["k_gons"]["losses"]
BEST_KNOWN: list[dict[str, Any]] = STORED["best_known"]["losses"]


def k_gon(k: int, n: int, l: Rational, b: Rational, plus: bool) -> ToyModel:  # noqa: E741 - length
    corners = [[l * cos(2 * pi * i / k), l * sin(2 * pi * i / k)] for i in range(k)]
    dead = [Rational(-1, 10)] * (n - k)
    if plus:
        dead[0] = Rational(1, 2 * n)
    return ToyModel([*corners, *[[0, 0]] * (n - k)], [*[b] * k, *dead])


def digits(value: sympy.Expr) -> Any:
    """A number to 40 digits and more."""
    context = mpmath.MPContext()
    context.dps = 45
    return context.mpf(str(sympy.N(value, 45)))


def name_of(entry: dict[str, Any]) -> str:
    return f"{entry['k']}-gon{'+' if entry['plus'] else ''} in {entry['n']}"


@pytest.mark.parametrize("entry", K_GONS, ids=name_of)
def test_k_gons_with_one_active_feature(entry: dict[str, Any]) -> None:
    """The published digits, and forty digits of integrals by another program."""
    k, n, plus = entry["k"], entry["n"], entry["plus"]
    l, b = Rational(entry["l"]), Rational(entry["b"])  # noqa: E741 - the length l
    found = expected_loss(k_gon(k, n, l, b, plus), OneActive(n)).value
    assert f"{to_float(found):.5f}" == entry["loss"]
    other = k_gons.loss(k, n, k_gons.number(entry["l"]), k_gons.number(entry["b"]), plus)
    assert abs(digits(found) - other) < mpmath.mpf(10) ** -40


def test_k_gons_from_4_to_8_are_there_with_both_sources() -> None:
    assert {entry["k"] for entry in K_GONS} == {4, 5, 6, 7, 8}
    used = {entry["source"] for entry in [*K_GONS, *BEST_KNOWN]}
    assert used == set(STORED["sources"])


@pytest.mark.parametrize("k", [5, 6, 7, 8])
def test_k_gons_lose_least_where_they_are_said_to(k: int) -> None:
    """A thousandth away in l or b every loss is larger."""
    entry = next(entry for entry in K_GONS if entry["k"] == entry["n"] == k)
    l, b = Rational(entry["l"]), Rational(entry["b"])  # noqa: E741 - the length l
    at = expected_loss(k_gon(k, k, l, b, plus=False), OneActive(k)).value
    for dl, db in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        near = k_gon(k, k, l + Rational(dl, 1000), b + Rational(db, 1000), plus=False)
        assert sign(expected_loss(near, OneActive(k)).value - at) == 1


@pytest.mark.parametrize("entry", BEST_KNOWN, ids=lambda entry: str(entry["name"]))
def test_losses_at_the_best_weights_known(entry: dict[str, Any]) -> None:
    found = expected_loss(ToyModel(entry["W"], entry["b"]), SparseUniform(entry["sparsity"])).value
    decimals = len(entry["loss"].partition(".")[2])
    assert f"{to_float(found):.{decimals}f}" == entry["loss"]


def test_the_pentagon_s_loss_is_a_number_in_the_field_of_root_5() -> None:
    """And the recursion agrees to 35 digits when it is given the overlaps to 45."""
    model = k_gon(5, 5, sympy.Integer(1), Rational(-1, 10), plus=False)
    found = expected_loss(model, SparseUniform("1/2")).value
    assert found.atoms(sympy.Pow) == {sqrt(5)}
    assert sympy.Poly(found, sqrt(5)).degree() == 1
    W = tuple(tuple(Fraction(str(sympy.N(cell, 45))) for cell in row) for row in model.W)
    near = recursion.Model(W, (Fraction(-1, 10),) * 5)
    inputs = recursion.independent([Fraction(1, 2)] * 5)
    other = recursion.loss(near, inputs, [Fraction(1)] * 5).value
    assert abs(Fraction(str(digits(found))) - other) < Fraction(1, 10**35)
