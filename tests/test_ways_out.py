"""Three ways out of superposition on one model, and the decoder of least sum."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sympy
from scipy.optimize import linprog

from handcalc import (
    Anticorrelated,
    Correlated,
    InputError,
    OneActive,
    SparseAutoencoder,
    expected_loss,
)
from handcalc.directions.ways_out import ways_out
from handcalc.inputs.arguments import read_matrix
from tests.sae_cases import DISTRIBUTIONS, inputs

ANTIPODAL = "1 0; 0 1; 0 -1"
TRIANGLE = "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2"
TETRAHEDRON = "1 1 1; 1 -1 -1; -1 1 -1; -1 -1 1"
SKEW = "1 0; 0 1; -1 -2"


def test_antipodal_at_one_half() -> None:
    found = ways_out(ANTIPODAL, "1/2", "1/10")
    # by hand: alone a feature loses τ³/3 + τ²(1 − τ); of two opposite ones each loses
    # 1/3 − u⁴/6 − τu³/3 with u = 1 − τ, where both are on
    t = sympy.Rational(1, 20)
    u = 1 - t
    alone, both = t**3 / 3 + t**2 * u, sympy.Rational(1, 3) - u**4 / 6 - t * u**3 / 3
    assert found.losses == {
        "superposition": sympy.Rational(1, 12),
        "orthogonal": sympy.Rational(5, 48),  # p/3 − p²/4 of the one that is left out
        "dictionary": alone / 2 + 2 * (alone / 4 + both / 4),
        "decoder": sympy.Rational(1, 12),
    }
    assert found.kept == (1, 2)
    assert found.sae.value == sympy.Rational(212239, 3840000)


def test_a_triangle_is_lost_only_with_all_three_on() -> None:
    found = ways_out(TRIANGLE, "1/2", "1/10")
    # x − min(x)·(1, 1, 1): 3·E[min²] = 3/10 with probability p³
    assert found.decoder.value == sympy.Rational(3, 10) / 8
    assert "{1, 2, 3}" in found.ways[3].sentence
    assert found.best.name == "decoder"


@pytest.mark.parametrize("W", [ANTIPODAL, TRIANGLE, TETRAHEDRON, SKEW], ids=str)
@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_the_decoder_is_the_linear_programme(W: str, kind: str) -> None:
    rng = np.random.default_rng(7)
    rows = np.array([[float(cell) for cell in row] for row in read_matrix(W)])
    distribution = DISTRIBUTIONS[kind](len(rows))
    found = ways_out(W, distribution, "1/10").decoder
    assert found.value is not None
    errors = []
    for x in inputs(rng, distribution, len(rows), 300):
        solved = linprog(np.ones(len(rows)), A_eq=rows.T, b_eq=x @ rows)
        errors.append(((x - solved.x) ** 2).sum())
    spread = 5 * np.std(errors) / np.sqrt(len(errors)) + 1e-9
    assert abs(np.mean(errors) - float(found.value)) < spread


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_what_is_read_off_the_latents_agrees_with_sampling(kind: str) -> None:
    rng = np.random.default_rng(2)
    W = "3 4; 0 2; -1 0"
    distribution = DISTRIBUTIONS[kind](3)
    found = ways_out(W, distribution, "2/5").losses["dictionary"]
    rows = np.array([[3, 4], [0, 2], [-1, 0]], dtype=float)
    lengths = np.linalg.norm(rows, axis=1)
    x = inputs(rng, distribution, 3, 400_000)
    f = np.maximum(x @ rows @ (rows / lengths[:, None]).T - 0.2, 0)
    each = ((x - f / lengths) ** 2).sum(axis=1)
    assert abs(each.mean() - float(found)) < 5 * each.std() / np.sqrt(len(each))


def test_the_features_that_cost_most_keep_a_dimension() -> None:
    found = ways_out("1; 1; 1", "1/2 1/10 9/10", "1/5")
    assert found.kept == (1,)  # p/3 − p²/4 is largest at p = 2/3
    assert found.losses["orthogonal"] == sympy.Rational(39, 400) + sympy.Rational(37, 1200)
    equal = ways_out("1; 1; 1", "1/2", "1/5")
    assert equal.kept == (1,)
    assert equal.losses["superposition"] == expected_loss("1; 1; 1", "1/2").value


@pytest.mark.parametrize("distribution", [OneActive(3), Correlated([(1, 2, 3)], "1/2"),
                                          Anticorrelated([(1, 2)], "1/2")])  # fmt: skip
def test_other_distributions_have_ways_out_too(distribution: Any) -> None:
    found = ways_out(TRIANGLE, distribution, "1/5")
    assert all(loss is not None for loss in found.losses.values())
    assert (found.decoder.value == 0) is not isinstance(distribution, Correlated)


def test_a_feature_that_is_not_embedded_costs_its_square() -> None:
    found = ways_out("1 0; 0 1; 0 0", "1/2", "1/10")
    assert found.decoder.value == sympy.Rational(1, 6)
    assert found.losses["dictionary"] > sympy.Rational(1, 6)
    assert "with these on: {3}" in found.ways[3].sentence


def test_independent_rows_lose_nothing_but_to_the_price() -> None:
    found = ways_out("1 0; 1 1", "1/2", "1/10")
    assert found.decoder.value == found.losses["orthogonal"] == 0
    assert found.losses["dictionary"] > 0


def test_a_decoder_that_is_not_known_says_what_is() -> None:
    found = ways_out("1; 2; -1", "1/2", "1/10")
    assert found.losses["decoder"] is None
    assert "At least" in found.ways[3].sentence
    assert found.best.loss is not None


def test_a_symbol_is_refused() -> None:
    with pytest.raises(InputError, match="compared at one sparsity: give a sparsity") as caught:
        ways_out(ANTIPODAL)
    assert caught.value.code == "sparsity"


def test_a_given_sae_has_a_row() -> None:
    tied = SparseAutoencoder.of_features(ANTIPODAL, "1/10")
    found = ways_out(ANTIPODAL, "1/2", "1/10", tied)
    # the dictionary of the features, given, is the way of the features as the dictionary
    assert found.losses["given"] == found.losses["dictionary"]
    assert found.given is not None
    assert found.given.value == found.sae.value
    assert [way.name for way in found.ways][:4] == list(ways_out(ANTIPODAL, "1/2", "1/10").losses)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_what_a_given_sae_reads_agrees_with_sampling(kind: str) -> None:
    rng = np.random.default_rng(3)
    W, D = "3 4; 0 2; -1 0", "0 1; 3/5 4/5"
    sae = SparseAutoencoder("1/2 1/2; 1 0", D, "-1/10 1/5", "1/10 0")
    distribution = DISTRIBUTIONS[kind](3)
    found = ways_out(W, distribution, "2/5", sae)
    assert "1 by d2, 2 by d1, 3 by none" in found.ways[-1].sentence
    rows = np.array([[3, 4], [0, 2], [-1, 0]], dtype=float)
    x = inputs(rng, distribution, 3, 400_000)
    h = x @ rows - np.array([0.1, 0])
    f = np.maximum(h @ np.array([[0.5, 0.5], [1, 0]]).T + np.array([-0.1, 0.2]), 0)
    read = np.stack([f[:, 1] / 5, f[:, 0] / 2, 0 * f[:, 0]], axis=1)
    each = ((x - read) ** 2).sum(axis=1)
    assert abs(each.mean() - float(found.losses["given"])) < 5 * each.std() / np.sqrt(len(each))


def test_rows_of_any_length_are_read_at_their_length() -> None:
    """Without a price rows may have any length: twice the direction and half the code are one."""
    halved = "1/2 0; 0 1/2; 0 -1/2"
    sae = SparseAutoencoder(halved, "2 0; 0 2; 0 -2")
    found = ways_out(ANTIPODAL, "1/2", 0, sae)
    assert found.given is not None
    assert found.given.value == 0  # h comes back, always
    assert found.losses["given"] == found.losses["superposition"] == sympy.Rational(1, 12)
    weighted = ways_out(ANTIPODAL, "1/2", "1/10", sae, weighted=True)
    assert weighted.losses["given"] == sympy.Rational(1, 12)
    assert weighted.given is not None
    assert weighted.given.sparsity == sympy.Rational(1, 10) * (
        sympy.Rational(1, 4) + 2 * (sympy.Rational(1, 8) + sympy.Rational(1, 24))
    )  # E[x] of feature 1; of 2 and 3 E[x]/2 alone, and E[(x − y)⁺] = 1/6 where both are on


def test_the_nearest_latent_has_the_highest_cosine() -> None:
    """A long row is not near: (3, 3) has the greatest product with both axes."""
    sae = SparseAutoencoder("1 0; 0 1; 0 -1; 0 0", "1 0; 0 1; 0 -1; 3 3")
    found = ways_out(ANTIPODAL, "1/2", 0, sae)
    assert found.ways[-1].sentence.endswith("1 by d1, 2 by d2, 3 by d3.")
    turned = ways_out(ANTIPODAL, "1/2", 0, SparseAutoencoder("0 0; 1 0", "0 0; 1/9 0"))
    assert turned.ways[-1].sentence.endswith("1 by d2, 2 by none, 3 by none.")
