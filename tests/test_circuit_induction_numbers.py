"""Numbers of section 8.2 on the models of induction, and of section 10, by the engine."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.composition import composition
from handcalc.circuits.gallery.induction import (
    induction,
    induction_compact,
    induction_pointer,
    induction_three,
)
from handcalc.circuits.head import Head
from handcalc.circuits.run import run_circuit
from handcalc.circuits.sequence_claims import MostFrequentFollower, OneFollower
from tests.test_circuit_proofs import ONE, counts
from tests.test_circuit_runs import rows

# -- models A and B --------------------------------------------------------------------------------


@pytest.mark.parametrize(("V", "n"), [(2, 7), (3, 5), (4, 6)])
def test_one_hot_models_are_as_wide_as_their_blocks(V: int, n: int) -> None:
    assert induction(V=V, n=n).model.d_model == 2 * V + n
    assert induction_pointer(V=V, n=n).model.d_model == V + 2 * n


def test_the_one_hot_model_has_no_failure_with_several_followers() -> None:
    """Where λ times the share of each is above 1, a most frequent one is always said."""
    wide = MostFrequentFollower(induction(V=4, n=6, strength=8).model).prove(5)
    assert (counts(wide)[2:], wide.failures) == ([24, 204], 0)
    narrow = induction_compact(V=4).claims[1].prove(5)
    assert (counts(narrow)[2:], narrow.failures) == ([24, 204], 8)


# -- model C ---------------------------------------------------------------------------------------

COMPACT = {
    4: ("1 0; 0 1; -1 0; 0 -1", "1 0 -1 0; 0 1 0 -1", "0 0 1 0; 0 0 0 1"),
    3: ("1 0; 0 1; -1 -1", "2 -1 -1; -1 2 -1", "0 0 2 -1; 0 0 -1 2"),
}


@pytest.mark.parametrize("V", [3, 4])
def test_the_matrices_of_the_compact_model(V: int) -> None:
    tokens, reading, asks = COMPACT[V]
    model = induction_compact(V=V).model
    zero = (sympy.Integer(0),) * 4
    assert (zero, *((*row, 0, 0) for row in rows(tokens))) == model.W_E
    assert (
        *((sympy.Integer(0), *row) for row in rows(reading)),
        *(((sympy.Integer(0),) * (V + 1),) * 2),
    ) == model.W_U
    first, last = (layer[0] for layer in model.layers)
    assert rows("0 0 0 0; 0 0 0 0; 0 0 3/5 -4/5; 0 0 4/5 3/5") == first.W_QK
    assert rows("0 0 1 0; 0 0 0 1; 0 0 -3/5 -4/5; 0 0 4/5 -3/5") == first.W_OV
    assert (*rows(asks), zero, zero) == last.W_QK
    assert rows("2 0 0 0; 0 2 0 0; 0 0 0 0; 0 0 0 0") == last.W_OV


# -- model D ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("V", [3, 4])
def test_scores_in_three_dimensions_are_the_parabola(V: int) -> None:
    """(σ − z²)(σ − b²) + 2σab, of a query a with z before it and a key that b stands before."""
    model = induction_three(V=V).model
    sigma = {3: 8, 4: 64}[V]
    numbers = [row[2] for row in model.W_E]
    sentence = "abca" if V == 3 else "abcda"
    run = run_circuit(model, sentence)
    read = [numbers["abcd".index(token)] for token in sentence]
    for i in range(1, len(read)):
        for j in range(1, len(read)):
            a, z, b = read[i], read[i - 1], read[j - 1]
            expected = (sigma - z * z) * (sigma - b * b) + 2 * sigma * a * b
            assert run.scores[1][0][i][j] == expected
    columns = list(zip(*model.W_U, strict=True))
    assert columns == [(-sympy.Rational(8, sigma) * c * c, 0, 2 * c) for c in numbers]
    m = max(map(abs, numbers))
    assert sigma > 2 * m**3 + m**2
    assert model.W_pos is not None
    assert model.W_pos[0] == ({3: -1000, 4: -8000}[V], 0, 0)


def test_smaller_positions_do_for_four_tokens() -> None:
    """The reference has P = 4000 where the circuit has 8000: the margin is 5/2 with both."""
    model = induction_three(V=4, n=6).model
    assert model.W_pos is not None
    halved = AttentionOnly(
        model.W_E,
        model.W_U,
        model.layers,
        W_pos=[[cell / 2 for cell in row] for row in model.W_pos],
        softmax="hard",
    )
    proof = OneFollower(halved).prove(5)
    assert (counts(proof), proof.failures, proof.margin) == (ONE[4][:4], 0, Fraction(5, 2))


# -- section 10: composition at random -------------------------------------------------------------

MEANS = [
    (4, 2, 150, 0.463),
    (8, 2, 80, 0.328),
    (16, 4, 20, 0.245),
    # 10 s: exact products of matrices of 64 × 64; run with python -m pytest -m slow
    pytest.param(64, 8, 3, 0.124, marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("d_model", "d_head", "count", "mean"), MEANS)
def test_scores_at_random_average_a_little_less_than_the_root_of_the_baseline(
    d_model: int, d_head: int, count: int, mean: float
) -> None:
    """Q, K and V of heads of normal factors, in hundredths; within 5 standard errors."""
    normal = np.random.default_rng(11).normal

    def head() -> Head:
        shapes = [(d_model, d_head)] * 3 + [(d_head, d_model)]
        return Head(*((100 * normal(size=shape)).astype(int).tolist() for shape in shapes))

    zeros: Any = [[0] * d_model]
    squares: list[float] = []
    for _ in range(count):
        model = AttentionOnly(zeros, [[0]] * d_model, [[head()], [head()]])
        (pair,) = composition(model).pairs
        squares += [float(square) for square in (pair.Q, pair.K, pair.V) if square is not None]
    scores = np.sqrt(squares)
    for found, expected in ((scores, mean), (np.array(squares), 1 / d_model)):
        error = found.std() / math.sqrt(count)  # Q, K and V of one pair share W_OV
        assert abs(found.mean() - expected) < 5 * error < 0.6 * expected
