"""Copying and composition: the tables of sections 6 and 10, and identities on random weights."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
import sympy

import handcalc
from handcalc import InputError
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.composition import composition, mean_cosine
from handcalc.circuits.copying import (
    Copying,
    characteristic_polynomial,
    copying,
    count_positive_roots,
    spectrum,
)
from handcalc.circuits.head import Head
from handcalc.numbers.exact import elements
from handcalc.parsing import parse_matrix
from tests.circuit_cases import drawn, random_model


def copies(text: str) -> Copying:
    """The copying of a head whose full OV table is given."""
    size = len(parse_matrix(text))
    identity = [[int(i == j) for j in range(size)] for i in range(size)]
    head = Head.of_circuits([[0] * size] * size, text)
    return copying(AttentionOnly(identity, identity, [[head]]), 1, 1)


# -- section 6: the table -------------------------------------------------------------------------

TABLE = [
    ("1 0 0; 0 1 0; 0 0 1", "1", "1"),
    ("2/3 -1/3 -1/3; -1/3 2/3 -1/3; -1/3 -1/3 2/3", "1", "1"),
    ("0 1 0; 0 0 1; 1 0 0", "0", "0"),
    ("0 1; 1 0", "0", "0"),
    ("0 1; -1 0", "0", "1/2"),
    ("-1 0; 0 -1", "-1", "0"),
    ("2 1 0; 0 2 1; 1 0 2", "4 sqrt(3) - 6", "1"),
    ("2 1; 1 1", "1", "1/2"),
    ("1 -5; 9/10 1", "sqrt(22)/11", "1"),
    ("30 40; -9 -10", "1", "0"),
    ("1 0 0; 0 1 -1; 0 -1 1", "1", "1"),  # the antipodal Gram matrix
    ("1 -1/2 -1/2; -1/2 1 -1/2; -1/2 -1/2 1", "1", "1"),  # the triangle's
]


@pytest.mark.parametrize(("matrix", "score", "share"), TABLE)
def test_scores_and_top_1(matrix: str, score: str, share: str) -> None:
    found = copies(matrix)
    assert found.score == handcalc.exact(score)
    assert found.score_float == pytest.approx(float(handcalc.exact(score)), abs=1e-15)
    assert found.share == Fraction(share)


def test_eigenvalues_of_the_table() -> None:
    assert copies("0 1; 1 0").eigenvalues == (1, -1)
    assert copies("0 1; -1 0").eigenvalues == (sympy.I, -sympy.I)
    assert copies("30 40; -9 -10").eigenvalues == (
        10 + 2 * sympy.sqrt(10),
        10 - 2 * sympy.sqrt(10),
    )
    half = sympy.Rational(3, 2)
    assert copies("1 -1/2 -1/2; -1/2 1 -1/2; -1/2 -1/2 1").eigenvalues == (half, half)
    assert copies("1 -1/2 -1/2; -1/2 1 -1/2; -1/2 -1/2 1").spectrum.zeros == 1
    assert set(copies("1 0 0; 0 1 -1; 0 -1 1").eigenvalues) == {1, 2}
    three, turn = sympy.Integer(3), sympy.sqrt(3) * sympy.I / 2
    assert set(copies("2 1 0; 0 2 1; 1 0 2").eigenvalues) == {three, half - turn, half + turn}
    odd = sympy.Rational(3, 2) * sympy.sqrt(2) * sympy.I
    assert copies("1 -5; 9/10 1").eigenvalues == (1 + odd, 1 - odd)


def test_the_score_and_top_1_do_not_imply_each_other() -> None:
    assert (copies("30 40; -9 -10").score, copies("30 40; -9 -10").share) == (1, 0)
    assert copies("1 -5; 9/10 1").share == 1
    assert copies("1 -5; 9/10 1").score != 1


def test_a_head_that_moves_nothing_has_no_score() -> None:
    found = copies("0 1; 0 0")
    assert (found.score, found.score_float, found.eigenvalues) == (None, None, ())
    assert repr(found) == "<Copying: score none, every eigenvalue is 0, top-1 0>"


def test_a_tied_toy_embedding_always_scores_one() -> None:
    draw = random.Random(1)  # noqa: S311 - a draw of test cases
    for _ in range(20):
        W = drawn(draw, 5, 2, 4)
        identity = [[1, 0], [0, 1]]
        model = AttentionOnly(W, [*zip(*W, strict=True)], [[Head.of_circuits(identity, identity)]])
        assert copying(model, 1, 1).score in (1, None)


def test_fifty_spectra_from_the_small_matrix_are_those_of_the_table() -> None:
    draw = random.Random(2)  # noqa: S311 - a draw of test cases
    x = sympy.Symbol("x")
    for _ in range(50):
        V, d, d_head = draw.randint(3, 6), draw.randint(2, 4), draw.randint(1, 3)
        model = random_model(draw.randint(0, 10**6), (1,), V=V, d_model=d, d_head=d_head)
        found = copying(model, 1, 1)
        M = sympy.Matrix(found.table.cells)
        whole = sympy.Poly(M.charpoly(x).as_expr(), x)
        assert found.spectrum.trace == M.trace()
        assert found.spectrum.zeros == next(k for k in range(V + 1) if whole.coeff_monomial(x**k))
        expected = sorted(np.linalg.eigvals(np.array(M.tolist(), dtype=float)), key=abs)
        got = sorted((complex(each) for each in found.eigenvalues), key=abs)
        floats = expected[found.spectrum.zeros :]
        assert sum(map(abs, got)) == pytest.approx(sum(map(abs, floats)), rel=1e-6)
        if found.score_float is not None:
            score = sum(floats).real / sum(map(abs, floats))
            assert found.score_float == pytest.approx(score, abs=1e-6)
        if found.score is not None:
            assert found.score_float == pytest.approx(float(found.score), abs=1e-14)


def test_roots_that_square_roots_do_not_write() -> None:
    """x³ − 2 has no root by square roots; x³ − 6x² + 9x − 1 has three positive ones."""
    found = copies("0 0 2; 1 0 0; 0 1 0")
    assert found.score == 0
    assert sum(isinstance(each, complex) for each in found.eigenvalues) == 3
    positive = copies("0 0 1; 1 0 -9; 0 1 6")
    assert positive.score == 1
    assert positive.spectrum.all_positive
    mixed = copies("0 0 3; 1 0 -1; 0 1 1")
    assert mixed.score is None
    values = np.linalg.eigvals(np.array([[0, 0, 3], [1, 0, -1], [0, 1, 1.0]]))
    expected = sum(values).real / sum(abs(values))
    assert mixed.score_float == pytest.approx(expected, abs=1e-12)
    assert repr(mixed).startswith("<Copying: score about 0.")


def test_square_roots_among_the_weights() -> None:
    found = copies("sqrt(2) 1; 0 sqrt(2)")
    assert found.score == 1
    assert found.eigenvalues == (sympy.sqrt(2), sympy.sqrt(2))
    assert copies("sqrt(2) 0 0; 0 -1 0; 0 0 0").score == handcalc.exact(
        "(sqrt(2) - 1)/(sqrt(2) + 1)"
    )


def test_sturm_counts_roots() -> None:
    def polynomial(*roots: int) -> Any:
        diagonal = [
            [roots[i] if i == j else 0 for j in range(len(roots))] for i in range(len(roots))
        ]
        _, cells = elements(*(sympy.Integer(cell) for row in diagonal for cell in row))
        n = len(roots)
        return characteristic_polynomial([cells[i * n : (i + 1) * n] for i in range(n)])

    assert count_positive_roots(polynomial(1, 2, -3, 5)) == 3
    assert count_positive_roots(polynomial(-1, -2)) == 0
    _, cells = elements(sympy.Integer(7))
    assert spectrum([list(cells)], 4).zeros == 3


# -- section 10: composition ----------------------------------------------------------------------


def two_layers(first: object, second: Head, d: int) -> AttentionOnly:
    identity = [[int(i == j) for j in range(d)] for i in range(d)]
    zero = [[0] * d] * d
    return AttentionOnly(identity, identity, [[Head.of_circuits(zero, first)], [second]])


def test_the_score_of_the_exercise() -> None:
    second = Head.of_circuits("1 0; 1 0", "1 0; 1 0")
    found = composition(two_layers("1 0; 0 0", second, 2))
    pair = found.between((1, 1), (2, 1))
    assert sympy.Rational(1, 2) == pair.V
    assert pair.score("V") == sympy.sqrt(2) / 2
    assert pair.score("Q") == sympy.sqrt(2) / 2
    assert pair.K == 1  # W_QKᵀ: turned round, everything written is read
    assert found.baseline == sympy.Rational(1, 2)
    with pytest.raises(InputError, match='"Q", "K" or "V"'):
        pair.score("O")
    with pytest.raises(InputError, match="no pair of heads"):
        found.between((2, 1), (1, 1))


def test_squares_of_random_heads_by_plain_matrices() -> None:
    model = random_model(7, (2, 2, 1), V=3, d_model=4)
    found = composition(model)
    assert len(found.pairs) == 2 * 2 + 4 * 1
    norm = lambda M: sum(x**2 for x in M)  # noqa: E731 - one line in one test
    for pair in found.pairs:
        W = sympy.Matrix(model.head(*pair.earlier).W_OV)
        later = model.head(*pair.later)
        W_QK, W_OV = sympy.Matrix(later.W_QK), sympy.Matrix(later.W_OV)
        for square, reads in ((pair.Q, W_QK), (pair.K, W_QK.T), (pair.V, W_OV)):
            assert square == norm(W * reads) / (norm(W) * norm(reads))
            assert square is not None
            assert 0 <= square <= 1


def test_the_mean_square_over_signed_permutations_is_the_baseline() -> None:
    """In dimension 3, over all 48 of them, for any two matrices: exactly 1/3."""
    draw = random.Random(3)  # noqa: S311 - a draw of test cases
    A, B = drawn(draw, 3, 3), drawn(draw, 3, 3)
    total = sympy.Integer(0)
    for order, signs in product(permutations(range(3)), product((1, -1), repeat=3)):
        turn = sympy.zeros(3, 3)
        for i in range(3):
            turn[i, order[i]] = signs[i]
        turned = (sympy.Matrix(A) * turn).tolist()
        found = composition(two_layers(turned, Head.of_circuits(B, B), 3))
        square = found.pairs[0].V
        assert square is not None
        total += square
    assert total / 48 == found.baseline == sympy.Rational(1, 3)


def test_the_mean_score_of_narrow_heads() -> None:
    """A sample of directions beside the closed form."""
    sample = np.random.default_rng(4)
    for d in (2, 3, 5):
        vectors = sample.standard_normal((20_000, d))
        cosines = abs(vectors[:, 0]) / np.linalg.norm(vectors, axis=1)
        error = cosines.std() / np.sqrt(len(cosines))
        assert abs(cosines.mean() - float(mean_cosine(d))) < 5 * error < 0.02
    with pytest.raises(InputError, match="at least 1"):
        mean_cosine(0)


def test_a_head_that_writes_nothing_has_no_score() -> None:
    zero = "0 0; 0 0"
    pair = composition(two_layers(zero, Head.of_circuits("1 0; 0 1", zero), 2)).pairs[0]
    assert (pair.Q, pair.K, pair.V, pair.score("K")) == (None,) * 4
