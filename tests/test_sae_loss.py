"""The loss of whole SAEs by sampling, its gradient by differences, and what must not change it."""

from __future__ import annotations

import copy
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls

from handcalc import InputError, OneActive, SparseUniform
from handcalc.directions.autoencoder import SparseAutoencoder
from handcalc.directions.best_code import best_code
from handcalc.directions.dictionaries import mean_max_cosine, unit_row
from handcalc.directions.sae_gradient import sae_gradient
from handcalc.directions.sae_loss import sae_loss
from handcalc.numbers.exact import to_rational
from handcalc.parsing import parse_matrix
from tests.sae_cases import DISTRIBUTIONS, Weights, costs, inputs, random_matrix, random_weights

ANTIPODAL = "1 0; 0 1; 0 -1"


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
@pytest.mark.parametrize("seed", [1, 2])
def test_whole_random_saes_agree_with_sampling(kind: str, seed: int) -> None:
    rng = np.random.default_rng([seed, *kind.encode()])
    n, latents, m = 2 + seed, 3, int(rng.integers(1, 4))
    W, weights, distribution = (
        random_matrix(rng, n, m), random_weights(rng, latents, m), DISTRIBUTIONS[kind](n),
    )  # fmt: skip
    sae = SparseAutoencoder(*weights)
    found = sae_loss(sae, W, distribution, "1/3", weighted=True)
    x = inputs(rng, distribution, n, 400_000)
    each = costs(weights, W, x, 1 / 3, weighted=True)
    error = each.std() / np.sqrt(len(each))
    assert error < 0.02 * each.mean()
    assert abs(each.mean() - float(found.value)) < 5 * error
    W_enc, _, b_enc, b_dec = (np.array(each, dtype=float) for each in weights)
    f = np.maximum((x @ np.array(W, dtype=float) - b_dec) @ W_enc.T + b_enc, 0)
    for j in range(latents):
        bound = 5 * f[:, j].std() / np.sqrt(len(f)) + 1e-12
        assert abs(f[:, j].mean() - float(found.activity[j])) < bound
        assert abs((f[:, j] > 0).mean() - float(found.on[j])) < 0.005
        assert (j + 1 in found.dead) is (found.on[j] == 0)


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_the_gradient_is_that_of_the_loss(kind: str) -> None:
    rng, step = np.random.default_rng([*kind.encode()]), Fraction(1, 10**7)
    n, latents, m = 3, 2, 2
    W, weights = random_matrix(rng, n, m), random_weights(rng, latents, m)
    settings: Any = (W, DISTRIBUTIONS[kind](n), "1/3")
    slopes = sae_gradient(SparseAutoencoder(*weights), *settings, weighted=True)
    assert not slopes.kinks

    def difference(place: int, *index: int) -> float:
        losses = []
        for way in (1, -1):
            moved = copy.deepcopy(weights)
            cells: Any = moved[place]
            for i in index[:-1]:
                cells = cells[i]
            cells[index[-1]] += way * step
            losses.append(sae_loss(SparseAutoencoder(*moved), *settings, weighted=True).value)
        return float((losses[0] - losses[1]) / to_rational(2 * step))

    for place, found in enumerate((slopes.W_enc, slopes.W_dec)):
        for j, k in product(range(latents), range(m)):
            assert float(found[j][k]) == pytest.approx(difference(place, j, k), abs=1e-9)
    for place, values in ((2, slopes.b_enc), (3, slopes.b_dec)):
        for j, value in enumerate(values):
            assert float(value) == pytest.approx(difference(place, j), abs=1e-9)


def test_the_gradient_is_a_polynomial_in_a_symbol() -> None:
    rng = np.random.default_rng(8)
    W, sae = random_matrix(rng, 3, 2), SparseAutoencoder(*random_weights(rng, 2, 2))
    symbolic, number = (sae_gradient(sae, W, S, 0) for S in (None, "1/3"))
    third = sympy.Rational(1, 3)
    for name in ("W_enc", "W_dec", "b_enc", "b_dec"):
        for a, b in zip(getattr(symbolic, name), getattr(number, name), strict=True):
            pairs = zip(a, b, strict=True) if isinstance(a, tuple) else [(a, b)]
            assert all(p.subs(sympy.Symbol("S"), third) == q for p, q in pairs)


def test_a_latent_that_is_exactly_nought_has_no_slope() -> None:
    # without a bias, u is 0 where nothing is active: ReLU bends there with probability 1/4
    tied = SparseAutoencoder("1 0; 0 1", "1 0; 0 1")
    slopes = sae_gradient(tied, "1 0; 0 1", "1/2")
    assert [kink.probability for kink in slopes.kinks] == [sympy.Rational(1, 2)] * 2
    assert slopes.b_enc == (sympy.nan, sympy.nan)
    assert slopes.b_dec == (sympy.nan, sympy.nan)
    # x₁ off keeps u₁ at 0: what it reads of dimension 2 moves it where x₂ is on
    assert slopes.W_enc[0][0] is not sympy.nan
    assert slopes.W_enc[0][1] is sympy.nan
    assert "Latent 1 is exactly 0" in slopes.kinks[0].sentence
    assert "dimension 2" in slopes.kinks[0].sentence


def test_the_parts_add_up_for_every_distribution() -> None:
    rng = np.random.default_rng(4)
    for make in DISTRIBUTIONS.values():
        W, weights = random_matrix(rng, 3, 2), random_weights(rng, 3, 2)
        found = sae_loss(SparseAutoencoder(*weights), W, make(3), "2/7", weighted=True)
        assert found.value == sympy.expand(found.reconstruction + found.sparsity)


def test_a_symbolic_loss_has_each_sparsitys_value() -> None:
    rng = np.random.default_rng(9)
    W, sae = random_matrix(rng, 3, 2), SparseAutoencoder(*random_weights(rng, 3, 2))
    symbolic = sae_loss(sae, W, None, 0)
    for S in ("0", "1/2", "9/10", "1"):
        number = sympy.Rational(S)
        exactly = sae_loss(sae, W, S, 0)
        assert symbolic.value.subs(sympy.Symbol("S"), number) == exactly.value
        assert symbolic.on[0].subs(sympy.Symbol("S"), number) == exactly.on[0]


# -- the best code ---------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_the_best_code_is_what_least_squares_finds(seed: int) -> None:
    # ‖h − Dᵀf‖² + λΣf over f ≥ 0, as non-negative least squares with one more row:
    # with a large c, ‖(h, c') − (Dᵀ; ε1ᵀ) f‖² for ε = λ/2c', up to ε²(Σf)²
    rng = np.random.default_rng(seed)
    m, latents = 2 + seed % 2, 4
    rows = [unit_row([Fraction(int(k)) for k in rng.integers(1, 9, m)], 20) for _ in range(latents)]
    rows = [[a * int(rng.choice([-1, 1])) for a in row] for row in rows]
    sae = SparseAutoencoder(rows, rows)
    h = [Fraction(int(k), 7) for k in rng.integers(-9, 10, m)]
    found = best_code(sae, h, "1/3")
    large = 1e4
    A = np.vstack([np.array(rows, dtype=float).T, np.full(latents, -1 / 6 / large)])
    f, _ = nnls(A, np.array([*map(float, h), large]))
    left = np.array(h, dtype=float) - f @ np.array(rows, dtype=float)
    assert float(found.value) == pytest.approx(left @ left + f.sum() / 3, abs=1e-6)
    assert found.value <= found.encoded_value


@pytest.mark.parametrize("kind", DISTRIBUTIONS)
def test_the_bound_holds_the_mean_of_best_codes(kind: str) -> None:
    rng = np.random.default_rng(3)
    distribution = DISTRIBUTIONS[kind](3)
    rows = parse_matrix("3/5 4/5; -4/5 3/5; 1 0; -7/25 -24/25")
    W = random_matrix(rng, 3, 2)
    sae = SparseAutoencoder.of_dictionary(rows, "1/3")
    found = sae_loss(sae, W, distribution, "1/3")
    x = inputs(rng, distribution, 3, 4000)
    D, large = np.array(rows, dtype=float), 1e4
    A = np.vstack([D.T, np.full(len(D), -1 / 6 / large)])
    least = []
    for h in x @ np.array(W, dtype=float):
        f, _ = nnls(A, np.array([*h, large]))
        left = h - f @ D
        least.append(left @ left + f.sum() / 3)
    error = 5 * np.std(least) / np.sqrt(len(least))
    low, high = float(found.bound.value), float(found.bound.upper)
    assert low - error < np.mean(least) < high + error
    assert low <= high <= float(found.value)
    assert found.bound.is_exact is (kind in ("one-active", "anticorrelated"))
    assert (low == high) is found.bound.is_exact


def test_a_bound_of_too_many_sets_says_so() -> None:
    rows = [[int(i == j) for j in range(5)] for i in range(5)]
    rows += [[Fraction(a, 5) for a in row] for row in _fives()]
    W = [[Fraction((3 * i + 2 * j) % 7, 7) for j in range(5)] for i in range(6)]
    found = sae_loss(SparseAutoencoder.of_dictionary(rows, "1/5"), W, OneActive(6), "1/5")
    assert found.bound.is_exact  # few patterns
    found = sae_loss(SparseAutoencoder.of_dictionary(rows, "1/5"), W, "1/2", "1/5")
    assert found.bound.sentence.startswith("Not worked out")
    assert found.bound.value == 0
    assert found.bound.upper > 0


def _fives() -> list[list[int]]:
    return [
        [3, 4, 0, 0, 0], [0, 3, 4, 0, 0], [0, 0, 3, 4, 0], [0, 0, 0, 3, 4], [4, 0, 0, 0, 3],
        [3, 0, 4, 0, 0], [0, 3, 0, 4, 0],
    ]  # fmt: skip


# -- what must not change it -----------------------------------------------------------------------

numbers = st.fractions(-2, 2, max_denominator=4)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[list[Fraction]], Weights]:
    n, latents, m = draw(st.tuples(*[st.integers(1, 3)] * 2, st.integers(1, 2)))

    def matrix(rows: int) -> list[list[Fraction]]:
        return [[draw(numbers) for _ in range(m)] for _ in range(rows)]

    biases = [draw(numbers) for _ in range(latents)], [draw(numbers) for _ in range(m)]
    return matrix(n), (matrix(latents), matrix(latents), *biases)


def loss_of(W: list[list[Fraction]], weights: Weights, l1: object = "1/2") -> sympy.Expr:
    return sae_loss(SparseAutoencoder(*weights), W, "1/3", l1, weighted=True).value


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_of_latents_and_features_does_not_matter(case: Any, random: Any) -> None:
    W, weights = case
    W_enc, W_dec, b_enc, b_dec = weights
    order = list(range(len(W_dec)))
    random.shuffle(order)
    turned = (*([part[j] for j in order] for part in (W_enc, W_dec, b_enc)), b_dec)
    features = random.sample(W, len(W))
    assert loss_of(features, turned) == loss_of(W, weights)


@given(cases(), st.randoms(use_true_random=False))
def test_signed_permutations_of_the_dimensions_do_not_matter(case: Any, random: Any) -> None:
    W, weights = case
    order = list(range(len(W[0])))
    random.shuffle(order)
    signs = [random.choice([-1, 1]) for _ in order]

    def turn(row: list[Fraction]) -> list[Fraction]:
        return [s * row[k] for k, s in zip(order, signs, strict=True)]

    W_enc, W_dec, b_enc, b_dec = weights
    turned = [*map(turn, W_enc)], [*map(turn, W_dec)], b_enc, turn(b_dec)
    assert loss_of([*map(turn, W)], turned) == loss_of(W, weights)


@given(cases(), st.fractions(Fraction(1, 4), 4, max_denominator=4))
def test_a_latent_scaled_up_and_its_direction_down_is_the_same_code(case: Any, scale: Any) -> None:
    W, weights = case
    W_enc, W_dec, b_enc, b_dec = weights
    scaled = (
        [[scale * a for a in row] for row in W_enc],
        [[a / scale for a in row] for row in W_dec],
        [scale * b for b in b_enc],
        b_dec,
    )
    assert sympy.expand(loss_of(W, scaled) - loss_of(W, weights)) == 0


@given(cases(), st.fractions(Fraction(1, 4), 4, max_denominator=4))
def test_larger_inputs_cost_their_square(case: Any, scale: Any) -> None:
    W, weights = case
    W_enc, W_dec, b_enc, b_dec = weights
    larger = (
        W_enc, W_dec, [scale * b for b in b_enc], [scale * b for b in b_dec],
    )  # fmt: skip
    grown = loss_of([[scale * a for a in row] for row in W], larger, scale / 2)
    assert sympy.expand(grown - to_rational(scale**2) * loss_of(W, weights)) == 0


@given(cases(), numbers)
def test_the_decoders_bias_moves_with_h(case: Any, l1: Fraction) -> None:
    # an h that is always shifted by b_dec of the SAE: a feature that is always on cannot be told
    # here, so the shift is in the encoder's bias instead
    W, (W_enc, W_dec, b_enc, b_dec) = case
    moved = [
        b - sum(a * c for a, c in zip(row, b_dec, strict=True))
        for row, b in zip(W_enc, b_enc, strict=True)
    ]
    found = sae_loss(
        SparseAutoencoder(W_enc, W_dec, b_enc, b_dec), W, "1/3", abs(l1), weighted=True
    )
    plain = sae_loss(SparseAutoencoder(W_enc, W_dec, moved), W, "1/3", abs(l1), weighted=True)
    assert found.activity == plain.activity
    assert found.products == plain.products


def test_a_row_of_the_sphere_is_near_and_exact() -> None:
    rng = np.random.default_rng(2)
    for _ in range(50):
        row = [Fraction(float(x)) for x in rng.normal(size=int(rng.integers(1, 6)))]
        found = unit_row(row, 1000)
        assert sum(a * a for a in found) == 1
        length = float(sum(a * a for a in row)) ** 0.5
        apart = [float(a) - float(b) / length for a, b in zip(found, row, strict=True)]
        assert max(map(abs, apart)) < 0.003


# -- hostile input ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "code", "says"),
    [
        (lambda: SparseAutoencoder("1 0; 0 1; 1 1", "1 0; 0 1"), "wrong_shape", "W_enc must be"),
        (lambda: SparseAutoencoder("1 0 0; 0 1 0", "1 0; 0 1; 1 0"), "transposed", "transpose"),
        (lambda: SparseAutoencoder("1 0", "1 0", "1 2"), "wrong_shape", "for each latent, 1"),
        (lambda: SparseAutoencoder("1 0", "1 0", 0, "1"), "wrong_shape", "dimension, 2"),
        (lambda: SparseAutoencoder([[0.5]], [[1]]), "float", "SparseAutoencoder.from_floats"),
        (lambda: SparseAutoencoder("1 a", "1 0"), "unexpected", "W_enc"),
        (lambda: SparseAutoencoder.of_dictionary("3 4", 1), "norms", "row 1 has length 5"),
        (lambda: SparseAutoencoder.of_dictionary("1 1; 0 2", 1), "norms", "rows 1 and 2"),
        (lambda: SparseAutoencoder.of_dictionary("1 0; 0 0", 1), "norms", "row 2 has length 0"),
        (lambda: SparseAutoencoder.of_features("0 0", 1), "norms", "0 all over"),
        (lambda: SparseAutoencoder.from_floats([[float("nan")]], [[1.0]]), "not_finite", "finite"),
        (lambda: sae_loss("1 0", "1 0"), "sae", "SparseAutoencoder"),
        (lambda: sae_loss(axes(), "1 0 0"), "wrong_shape", "3 dimensions"),
        (lambda: sae_loss(axes(), ANTIPODAL, "2"), "sparsity", "from 0 to 1"),
        (lambda: sae_loss(axes(), ANTIPODAL, "1/2", "-1/5"), "l1", "at least 0"),
        (lambda: sae_loss(axes(), ANTIPODAL, OneActive(2)), "wrong_shape", "2 features"),
        (lambda: sae_loss(long(), ANTIPODAL, "1/2"), "norms", "weighted=True"),
        (lambda: best_code(long(), "1 1"), "norms", "weighted=True"),
        (lambda: best_code(axes(), "1 1 1"), "wrong_shape", "dimension, 2, not 3"),
        (lambda: axes().decode("1 2 3"), "wrong_shape", "latent, 2"),
        (
            lambda: sae_loss(SparseAutoencoder([[1]] * 12, [[1]] * 12), [[1]] * 9, 0),
            "too_complicated", "faces",
        ),
        (
            lambda: sae_loss(SparseAutoencoder([[1]], [[1]]), [[1]] * 13, 0),
            "too_complicated", "very many more|faces",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_refused(make: Any, code: str, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        make()
    assert code in (caught.value.code, "unexpected")


def axes() -> SparseAutoencoder:
    return SparseAutoencoder("1 0; 0 1", "1 0; 0 1")


def long() -> SparseAutoencoder:
    return SparseAutoencoder("1 0; 0 1", "2 0; 0 1")


def test_the_suggestion_for_a_row_that_is_too_long_is_taken() -> None:
    with pytest.raises(InputError, match="length") as caught:
        SparseAutoencoder.of_dictionary("1 1; 0 2", 1)
    assert caught.value.suggestion == "sqrt(2)/2 sqrt(2)/2; 0 1"
    SparseAutoencoder.of_dictionary(caught.value.suggestion, 1)


def test_without_a_price_no_norm_is_asked_for() -> None:
    assert sae_loss(long(), ANTIPODAL, "1/2", 0).value > 0


def test_directions_and_features_of_length_nought() -> None:
    sae = SparseAutoencoder("1 0; 0 1", "1 0; 0 0", "-1/10")
    found = sae_loss(sae, "1 0; 0 0", "1/2", "1/5", weighted=True)
    assert found.mmcs is None  # a feature of length 0 has no direction
    assert found.shrinkage == (sympy.Rational(1, 10), 0)
    assert mean_max_cosine(parse_matrix("1 0"), parse_matrix("0 0; 0 1")) == 0
    assert mean_max_cosine(parse_matrix("1 0"), parse_matrix("0 0")) is None
    slopes = sae_gradient(sae, "1 0; 0 1", "1/2", "1/5", weighted=True)
    assert slopes.W_dec[1] == (sympy.nan, sympy.nan)  # a length bends at 0


def test_equal_saes_are_equal_and_hash_alike() -> None:
    first, second = axes(), SparseAutoencoder([[1, 0], [0, 1]], "1 0; 0 1", "0 0", [0, 0])
    assert first == second
    assert hash(first) == hash(second)
    assert len({first, second}) == 1
    assert repr(first) == 'SparseAutoencoder("1 0; 0 1", "1 0; 0 1", b_enc="0 0", b_dec="0 0")'


def test_no_features_on_at_all() -> None:
    found = sae_loss(SparseAutoencoder.of_dictionary(ANTIPODAL, 1), ANTIPODAL, SparseUniform(1), 1)
    assert (found.value, found.dead) == (0, (1, 2, 3))
