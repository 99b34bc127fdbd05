"""Bigram tables of few dimensions: the best found by another minimiser too, and what is proved."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

import handcalc
from handcalc import InputError
from handcalc.circuits.corpus import best_bigrams
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.low_rank import LowRank, loss_of_factors, proved_infimum

log = LogSum.log
CYCLE = [[0, 1, 0], [0, 0, 1], [1, 0, 0]]


def best(counts: Any, d: int, add: object = 0) -> LowRank:
    found = best_bigrams(counts, add, d).found
    assert found is not None
    return found


def loss(counts: Any, table: Any) -> float:
    """(1/N) Σ N(x, y)(log Σ_z e^T_xz − T_xy), in floats, whatever the logits."""
    N, T = np.array(counts, dtype=float), np.array(table, dtype=float)
    logs = np.logaddexp.reduce(T, axis=1, keepdims=True) - T
    return float(np.where(N > 0, N * logs, 0).sum() / N.sum())


def product(found: LowRank) -> Any:
    return np.array(found.W_E, dtype=float) @ np.array(found.W_U, dtype=float)


def by_scipy(counts: Any, d: int, starts: int, seed: int) -> float:
    """The lowest of scipy's L-BFGS, which works the gradient out by itself."""
    V = len(counts)
    draw = np.random.default_rng(seed)

    def value(x: Any) -> float:
        return loss(counts, x[: V * d].reshape(V, d) @ x[V * d :].reshape(d, V))

    options = {"maxiter": 5000, "maxfun": 10**6, "ftol": 1e-14, "gtol": 1e-9}
    ends = (
        minimize(value, draw.normal(size=2 * V * d), method="L-BFGS-B", options=options)
        for _ in range(starts)
    )
    return min(float(end.fun) for end in ends)


def drawn(V: int, seed: int, least: int = 1, most: int = 30) -> list[list[int]]:
    draw = random.Random(seed)  # noqa: S311 - a draw of test cases
    return [[draw.randint(least, most) for _ in range(V)] for _ in range(V)]


# -- best found -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("V", "d", "seed"), [(3, 1, 0), (4, 1, 1), (4, 2, 1), (5, 3, 2)])
def test_another_minimiser_finds_nothing_lower(V: int, d: int, seed: int) -> None:
    counts = drawn(V, seed)
    found = best(counts, d)
    assert found.loss == pytest.approx(by_scipy(counts, d, 5, seed), abs=1e-8)
    assert found.loss == pytest.approx(loss(counts, product(found)), abs=1e-12)
    assert np.linalg.matrix_rank(product(found)) <= d


def test_the_loss_falls_to_the_entropy_as_dimensions_are_added() -> None:
    """In the order of what training reaches: far above it on a line, exactly it from V − 1 on."""
    counts = [[round(30 * math.exp(1.5 * x)) + 1 for x in row] for row in _normal(6)]
    whole = best_bigrams(counts)
    assert whole.dimensions == 5
    gaps = [best(counts, d).gap for d in (1, 2, 3, 4)]
    assert all(a is not None and b is not None and a > b > 0 for a, b in pairwise(gaps))
    assert gaps[0] is not None
    assert gaps[3] is not None
    assert gaps[0] > 10
    assert gaps[3] < 1
    assert best_bigrams(counts, dimensions=5).found is None
    assert best_bigrams(counts, dimensions=5).enough is True


def _normal(V: int) -> list[list[float]]:
    return np.random.default_rng(3).normal(size=(V, V)).tolist()  # type: ignore[no-any-return]  # of numpy


def test_the_same_question_has_the_same_answer() -> None:
    counts = drawn(4, 7)
    assert best(counts, 2) == best(counts, 2)


def test_factors_are_balanced_and_their_sign_is_fixed() -> None:
    found = best(drawn(5, 3), 2)
    W_E, W_U = np.array(found.W_E, dtype=float), np.array(found.W_U, dtype=float)
    assert np.allclose(W_U.sum(axis=1), 0, atol=1e-5)
    assert np.allclose(W_E.T @ W_E, W_U @ W_U.T, atol=1e-5)
    assert all(row[np.abs(row).argmax()] > 0 for row in W_U)


def test_what_is_added_counts() -> None:
    counts = [[3, 1, 0], [1, 2, 1], [0, 1, 3]]
    found, seen = best(counts, 1, add=1), best([[4, 2, 1], [2, 3, 2], [1, 2, 4]], 1)
    assert (found.loss, found.entropy) == (seen.loss, seen.entropy)
    assert found.attained is True


def test_a_token_that_nothing_follows_has_a_row_of_zeros() -> None:
    found = best("abaabcbaccacbbaad", 1)
    assert found.W_E[3] == (0,)


def test_enough_dimensions_leave_nothing_to_search_for() -> None:
    found = best_bigrams("aababacacacacbbbcbcca", dimensions=1)
    assert (found.asked, found.enough, found.found) == (1, True, None)
    assert best_bigrams("aababacacacacbbbcbcca").enough is None
    assert "nothing is lost" in str(found)


# -- proved ---------------------------------------------------------------------------------------


def test_a_cycle_on_a_line_and_in_the_plane() -> None:
    """Section 4 of the reference on circuits: (log 2)/3 and 0, neither attained."""
    line, plane = best(CYCLE, 1), best(CYCLE, 2)
    assert line.infimum == log(2) * Fraction(1, 3)
    assert line.infimum.to_float() == pytest.approx(0.2310491, abs=5e-8)
    assert 0 < line.loss - line.infimum.to_float() < 1e-4
    assert (plane.infimum, plane.attained) == (LogSum(), False)
    assert 0 < plane.loss < 1e-9
    assert "Proved: the infimum for 1 dimension is 1/3·log(2)" in str(best_bigrams(CYCLE, 0, 1))


@pytest.mark.parametrize("V", [4, 5, 7])
def test_a_polygon_in_two_dimensions_can_be_right_about_everything(V: int) -> None:
    counts = np.roll(np.eye(V, dtype=int), 1, axis=1).tolist()
    found = best(counts, 2)
    assert (found.infimum, found.attained) == (LogSum(), False)
    turns = 2 * math.pi * np.arange(V) / V
    corners = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    losses = [loss(counts, s * np.roll(corners, -1, axis=0) @ corners.T) for s in (3, 10, 60)]
    assert losses[0] > losses[1] > losses[2]
    assert losses[2] < 1e-4  # ever lower as W_E gets longer


SHARES = st.lists(st.integers(0, 9), min_size=3, max_size=6).filter(any)


@given(SHARES)
@settings(max_examples=20, deadline=None)
def test_the_infimum_on_a_line_is_approached_and_never_passed(shares: list[int]) -> None:
    """One next token each: token k follows k + 1, so often as the share says."""
    V = len(shares)
    counts = [[shares[y] if x == (y + 1) % V else 0 for y in range(V)] for x in range(V)]
    weights = [[Fraction(cell) for cell in row] for row in counts]
    least, _ = proved_infimum(weights, LogSum(), 1)
    assert least is not None
    table = _on_a_line(shares)
    assert 0 <= loss(counts, table) - least.to_float() < 1e-3
    draw = np.random.default_rng(V)
    for scale in (1, 10, 100):
        other = np.outer(draw.normal(size=V) * scale, draw.normal(size=V))
        assert loss(counts, other) >= least.to_float()


def _on_a_line(shares: list[int]) -> Any:
    """The most frequent at the ends, others by pairs further in, by steps of many sizes."""
    V = len(shares)
    steps = {0: 0, 1: 1e-10, 2: 1e-5}  # a pair's, from the end of the line
    scales = {0: 1e12, 1: 1e7, 2: 1e2}  # by which a pair's step is nothing, and the next one much
    pairs = {y: k for k, y in enumerate(sorted(range(V), key=lambda y: -shares[y]))}
    ends = [1 if pairs[y] % 2 == 0 else -1 for y in range(V)]
    u = np.array([ends[y] * (1 - steps[pairs[y] // 2]) for y in range(V)])
    x = np.array([ends[y] * scales[pairs[y] // 2] for y in range(V)])
    return np.outer(np.roll(x, 1), u)


def test_unseen_pairs_are_no_obstacle_to_a_bound() -> None:
    counts = [[3, 1, 1, 1], [1, 2, 2, 0], [0, 0, 1, 2], [1, 2, 0, 0]]
    found = best(counts, 1)
    assert (found.infimum, found.attained) == (None, None)
    assert found.entropy.to_float() < found.loss < by_scipy(counts, 1, 6, 0) + 1e-6
    assert "No closed form is known for 1 dimension" in str(best_bigrams(counts, dimensions=1))
    enough = best(counts, 3)
    assert (enough.infimum, enough.attained) == (enough.entropy, False)
    assert enough.loss == pytest.approx(enough.entropy.to_float(), abs=1e-6)


def test_with_every_pair_seen_the_least_loss_is_had_and_above_the_entropy() -> None:
    found = best("abaabcbaccacbbaa", 1)
    assert (found.infimum, found.attained) == (None, True)
    assert found.loss > found.entropy.to_float()
    assert found.gap == pytest.approx(100 * (found.loss / found.entropy.to_float() - 1))


@given(st.integers(1, 3), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_the_loss_of_decimals_is_that_of_floats(d: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    W_E, W_U = draw.normal(size=(4, d)).round(6), draw.normal(size=(d, 4)).round(6)
    counts = draw.integers(0, 5, size=(4, 4)) + np.eye(4, dtype=int)
    exact = [[tuple(map(Fraction, map(str, row))) for row in each.tolist()] for each in (W_E, W_U)]
    weights = [list(map(Fraction, row)) for row in counts.tolist()]
    found = loss_of_factors(weights, tuple(exact[0]), tuple(exact[1]))
    assert found == pytest.approx(loss(counts, W_E @ W_U), rel=1e-12)


# -- what is refused, and how it is shown ---------------------------------------------------------


@pytest.mark.parametrize(
    ("corpus", "dimensions", "said"),
    [
        ("abab", 0, "1 dimension at least, not 0"),
        ("abab", -3, "1 dimension at least"),
        ("abab", "two", "number of dimensions is a whole number"),
        ("abab", True, "number of dimensions is a whole number"),
        (
            [f"w{k}" for k in range(50)] * 2,
            7,
            "at most 600 numbers in W_E and W_U, not 700; 50 tokens may have at most 6 dimensions",
        ),
    ],
)
def test_dimensions_that_are_none(corpus: object, dimensions: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        best_bigrams(corpus, dimensions=dimensions)


def test_progress_is_heard() -> None:
    heard: list[tuple[int, int]] = []
    best_bigrams(CYCLE, 1, 1, on_progress=lambda *each: heard.append(each))
    assert heard[-1] == (21, 21)


def test_formulas_have_the_factors_and_call_them_best_found() -> None:
    formula = handcalc.best_bigrams("abaabcbaccacbbaa", dimensions=1).latex()
    assert r"W_{E} = \begin{bmatrix} 0 & 0 \\ \frac{2}{3} \log 3 & \frac{1}{3} \log 3" in formula
    assert r"\text{best found: } W_{E} = \begin{bmatrix} 0.000000 \\ 0.893349" in formula
    assert r"L \approx 1.042233" in formula


def test_a_long_entropy_is_told_by_its_decimal_and_many_tokens_by_rows() -> None:
    page = str(
        best_bigrams("the quick brown fox jumps over the lazy dog".replace(" ", "_") * 3, 0, 1)
    )
    assert max(map(len, page.splitlines())) <= 80
    assert "W_U, turned" in page
    assert "a sum of" in str(best_bigrams(drawn(9, 5)))
