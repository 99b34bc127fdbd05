"""Sparse autoencoders on the toy's h: closed forms, dictionaries compared, the best code."""

from __future__ import annotations

import pytest
import sympy

from handcalc import Anticorrelated, Correlated, InputError, OneActive, SparseUniform, ToyModel
from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.best_code import best_code
from handcalc.directions.closed_forms import CASES, sae_closed_form
from handcalc.directions.sae_gradient import sae_gradient
from handcalc.directions.sae_loss import sae_loss
from handcalc.parsing import parse_scalar

ANTIPODAL = "1 0; 0 1; 0 -1"
TRIANGLE = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"
AXES = "1 0; 0 1"
WRONG = "3/5 4/5; 3/5 -4/5; 1 0"


@pytest.mark.parametrize(
    ("S", "l1", "expected"),
    [("1/2", "1/5", "271/6000"), ("9/10", "1/2", "37/1920"), (0, 1, "7/24")],
)
def test_one_feature_is_short_by_half_the_price(S: object, l1: object, expected: str) -> None:
    found = sae_closed_form("one-feature", l1, S)
    assert found.loss == parse_scalar(expected)
    assert sae_loss(found.sae, found.model, S, l1).value == found.loss
    assert sae_loss(found.sae, found.model, S, l1).shrinkage == (parse_scalar(f"{l1}") / 2,)


def test_half_a_feature_is_coded_as_two_fifths() -> None:
    found = sae_closed_form("one-feature", "1/5", "1/2")
    assert found.sae.encode("1/2") == (sympy.Rational(2, 5),)
    assert best_code(found.sae, "1/2", "1/5").code == (sympy.Rational(2, 5),)


@pytest.mark.parametrize(
    ("S", "l1", "bias", "loss"),
    [
        ("1/2", "1/5", 0.083216, 0.0411659),
        ("9/10", "1/2", 0.023618, 0.0187540),
        ("1/2", 1, 0.2320508, 0.1012825),
    ],
)
def test_a_free_bias_makes_up_for_shrinkage(
    S: object, l1: object, bias: float, loss: float
) -> None:
    found = sae_closed_form("free-bias", l1, S)
    assert float(found.bias) == pytest.approx(bias, abs=6e-7)
    assert float(found.loss) == pytest.approx(loss, abs=6e-8)
    assert float(found.loss) < float(sae_closed_form("one-feature", l1, S).loss)
    assert sae_loss(found.sae, found.model, S, l1).value == found.loss


def test_the_best_bias_has_a_root_in_it() -> None:
    assert sae_closed_form("free-bias", 1, "1/2").bias == sympy.sqrt(3) - sympy.Rational(3, 2)


@pytest.mark.parametrize(
    ("S", "l1", "expected"),
    [("1/2", "1/5", "14279/240000"), ("9/10", "1/2", "5503/153600")],
)
def test_an_antipodal_pair_is_a_soft_threshold(S: object, l1: object, expected: str) -> None:
    found = sae_closed_form("antipodal", l1, S)
    assert found.loss == parse_scalar(expected)
    assert sae_loss(found.sae, found.model, S, l1).value == found.loss


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("S", "l1"), [("1/3", "1/7"), ("1/2", 2), ("2/3", 3), (1, "1/2")])
def test_closed_forms_are_the_engines_loss_and_rest(case: str, S: object, l1: object) -> None:
    found = sae_closed_form(case, l1, S, features=3)
    engine = sae_loss(found.sae, found.model, S, l1)
    assert engine.value == found.loss
    assert bool(engine.dead) is (l1 in (2, 3) or S == 1)
    slopes = sae_gradient(found.sae, found.model, S, l1)
    assert not any(value for row in slopes.W_enc for value in row)
    assert not any(slopes.b_enc)
    assert case != "free-bias" or slopes.b_dec == (0,)


@pytest.mark.parametrize("case", [case for case in CASES if case != "free-bias"])
def test_closed_forms_are_polynomials_in_a_symbol(case: str) -> None:
    found = sae_closed_form(case, "1/5", features=2)
    engine = sae_loss(found.sae, found.model, None, "1/5")
    assert sympy.expand(engine.value - found.loss) == 0
    assert found.loss.free_symbols == {sympy.Symbol("S")}


def test_a_latent_is_dead_from_the_price_two_on() -> None:
    alive, dead = (sae_closed_form("one-feature", l1, "1/2") for l1 in ("199/100", 2))
    assert sae_loss(alive.sae, alive.model, "1/2", "199/100").dead == ()
    assert sae_loss(dead.sae, dead.model, "1/2", 2).dead == (1,)


@pytest.mark.parametrize(
    ("S", "l1", "dictionary", "expected"),
    [
        ("1/2", "1/10", ANTIPODAL, "212239/3840000"),
        ("9/10", "2/5", ANTIPODAL, "17449/375000"),
    ],
)
def test_the_true_dictionary_costs_what_it_should(
    S: str, l1: str, dictionary: str, expected: str
) -> None:
    sae = SparseAutoencoder.of_dictionary(dictionary, l1)
    assert sae_loss(sae, ANTIPODAL, S, l1).value == parse_scalar(expected)


@pytest.mark.parametrize(
    ("S", "l1", "losses"),
    [
        ("1/2", "1/10", (0.05527, 0.14369, 0.18163)),
        ("9/10", "2/5", (0.04653, 0.06223, 0.06922)),
    ],
)
def test_a_high_similarity_can_have_a_bad_loss(S: str, l1: str, losses: tuple[float, ...]) -> None:
    found = [
        sae_loss(SparseAutoencoder.of_dictionary(rows, l1), ANTIPODAL, S, l1)
        for rows in (ANTIPODAL, AXES, WRONG)
    ]
    for each, loss in zip(found, losses, strict=True):
        assert float(each.value) == pytest.approx(loss, abs=5.1e-6)
    true, axes, wrong = (each.mmcs for each in found)
    assert (true, axes, wrong) == (1, sympy.Rational(2, 3), sympy.Rational(13, 15))
    assert axes < wrong
    assert found[1].value < found[2].value


def test_the_similarity_of_triangle_and_antipodal() -> None:
    expected = (1 + sympy.sqrt(3)) / 3
    sae = SparseAutoencoder.of_dictionary(TRIANGLE, "1/5")
    assert sympy.expand(sae_loss(sae, ANTIPODAL, "1/2").mmcs - expected) == 0


def test_the_encoder_need_not_reach_the_best_code() -> None:
    sae = SparseAutoencoder.of_dictionary(TRIANGLE, "1/5")
    h = ["13/20", "sqrt(3)/4"]  # Wᵀ(9/10, 1/2, 0)
    found = best_code(sae, h, "1/5")
    assert found.encoded == (sympy.Rational(11, 20), 0, 0)
    assert (found.encoded_value, found.value) == (sympy.Rational(123, 400), sympy.Rational(6, 25))
    assert found.code == (sympy.Rational(7, 10), sympy.Rational(3, 10), 0)
    alone = best_code(sae, ["7/10", 0], "1/5")  # x = (7/10, 0, 0)
    assert alone.value == alone.encoded_value == sympy.Rational(13, 100)


def test_one_active_feature_at_a_time_leaves_no_gap() -> None:
    sae = SparseAutoencoder.of_dictionary(TRIANGLE, "1/5")
    found = sae_loss(sae, TRIANGLE, OneActive(3), "1/5")
    assert found.bound.is_exact
    assert found.bound.value == found.value == sympy.Rational(271, 3000)


@pytest.mark.parametrize(
    "distribution",
    [
        SparseUniform("1/2"),
        SparseUniform("1/2 1/3 1/4"),
        SparseUniform(),
        OneActive(3),
        Correlated([(2, 3)], "1/3"),
        Anticorrelated([(1, 2)], "1/3"),
    ],
    ids=lambda d: d.name,
)
def test_the_bound_of_opposite_latents_is_reached(distribution: object) -> None:
    sae = SparseAutoencoder.of_dictionary(ANTIPODAL, "1/5")
    found = sae_loss(sae, ANTIPODAL, distribution, "1/5")
    assert found.bound.is_exact
    assert sympy.expand(found.bound.value - found.value) == 0


def test_the_bound_of_a_triangle_lies_between_two_numbers_below_the_loss() -> None:
    sae = SparseAutoencoder.of_dictionary(TRIANGLE, "1/5")
    found = sae_loss(sae, TRIANGLE, "1/2", "1/5")
    assert not found.bound.is_exact
    assert 0 < found.bound.value < found.bound.upper < found.value
    assert float(found.bound.upper - found.bound.value) < 0.001


@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        (lambda: sae_closed_form("triangle"), "case", "not for 'triangle'"),
        (lambda: sae_closed_form("free-bias"), "sparsity", "give a sparsity"),
        (lambda: sae_closed_form("antipodal", "-1"), "l1", "at least 0"),
        (lambda: sae_closed_form("antipodal", 1, 2), "sparsity", "from 0 to 1"),
        (lambda: sae_closed_form("orthogonal", 1, 0, features=0), "features", "1 to 50"),
        (lambda: sae_closed_form("orthogonal", 1, 0, features="two"), "features", "whole number"),
    ],
)
def test_a_case_that_is_not_there_is_refused(make: object, code: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        make()
    assert caught.value.code == code


def test_the_models_bias_plays_no_part() -> None:
    sae = SparseAutoencoder.of_dictionary(ANTIPODAL, "1/5")
    plain, biased = ToyModel(ANTIPODAL), ToyModel(ANTIPODAL, "1 2 3")
    assert sae_loss(sae, plain, "1/2").value == sae_loss(sae, biased, "1/2").value
