"""The best bigram table of a corpus: section 4 of the reference, and losses by plain floats."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handcalc import InputError
from handcalc.circuits.corpus import Bigrams, best_bigrams
from handcalc.circuits.log_sums import LogSum, log_rank, total

log = LogSum.log


def logs(text: str) -> LogSum:
    """Σ q log p from "1/5 3, 2/5 2"."""
    pairs = (part.split() for part in text.split(","))
    return total(log(Fraction(p)) * Fraction(q) for q, p in pairs)


def loss_in_floats(counts: Any, table: Any) -> float:
    """(1/N) Σ N(x, y)(log Σ_z e^T_xz − T_xy)."""
    N, T = np.array(counts, dtype=float), np.array(table, dtype=float)
    lost = np.log(np.exp(T).sum(1, keepdims=True)) - T
    return float((N * lost).sum() / N.sum())


def product(found: Bigrams) -> list[list[LogSum]]:
    """W_E W_U."""
    assert found.W_E is not None
    assert found.W_U is not None
    columns = list(zip(*found.W_U, strict=True)) or [()] * len(found.counts)  # of width 0

    def times(a: Any, b: Any) -> LogSum:
        return a * b if isinstance(a, LogSum) else b * a

    return [
        [total(times(a, b) for a, b in zip(row, column, strict=True)) for column in columns]
        for row in found.W_E
    ]


def is_table(found: Bigrams) -> bool:
    """Whether W_E W_U is the table up to a constant in each row."""
    return all(
        len({(a - b).terms for a, b in zip(made, row, strict=True)}) == 1
        for made, row in zip(product(found), found.table, strict=True)
        if row is not None
    )


# -- section 4 ------------------------------------------------------------------------------------


def test_a_corpus_whose_table_needs_two_dimensions() -> None:
    found = best_bigrams("abaabcbaccacbbaa")
    assert found.counts == ((2, 2, 2), (3, 1, 1), (1, 2, 1))
    assert found.pairs == 15
    assert found.entropy == logs("1/5 3, 2/5 2, 1/3 5") == found.loss
    assert found.entropy.to_float() == pytest.approx(1.0334606, abs=5e-8)
    assert (found.attained, found.dimensions) == (True, 2)
    assert found.W_U == ((1, -1, 0), (0, 1, -1))
    assert (
        (LogSum(), LogSum()),
        (logs("2/3 3"), logs("1/3 3")),
        (logs("-1/3 2"), logs("1/3 2")),
    ) == found.W_E
    assert is_table(found)


def test_a_corpus_whose_table_needs_one_dimension() -> None:
    found = best_bigrams("aababacacacacbbbcbcca")
    assert found.counts == ((1, 2, 4), (2, 2, 2), (4, 2, 1))
    assert found.entropy == logs("3/10 3, 7/10 7, -1 2")
    assert found.entropy.to_float() == pytest.approx(0.9985736, abs=5e-8)
    assert found.dimensions == 1
    assert found.W_U == ((1, 0, -1),)
    assert ((-log(2),), (LogSum(),), (log(2),)) == found.W_E
    assert is_table(found)


def test_unseen_pairs_leave_an_infimum_that_no_table_reaches() -> None:
    counts = [[3, 1, 0], [1, 2, 1], [0, 1, 3]]
    found = best_bigrams(counts)
    assert found.entropy == logs("11/6 2, -1/2 3")
    assert found.entropy.to_float() == pytest.approx(0.7214637, abs=5e-8)
    assert (found.attained, found.loss, found.dimensions, found.W_E) == (False, None, None, None)
    more = best_bigrams(counts, add=1)
    assert more.loss == logs("1 7, -4/3 2, -1/6 3")
    assert more.loss is not None
    assert more.loss.to_float() == pytest.approx(0.8386119, abs=5e-8)
    assert more.entropy == found.entropy
    assert is_table(more)


def test_a_generic_table_needs_one_dimension_less_than_tokens() -> None:
    draw = random.Random(4)  # noqa: S311 - a draw of test cases
    for V in (2, 3, 4, 5):
        counts = [[draw.randint(1, 99) for _ in range(V)] for _ in range(V)]
        found = best_bigrams(counts)
        assert found.dimensions == V - 1
        assert is_table(found)


def test_words_and_characters() -> None:
    words = best_bigrams("the cat the cat sat", add="1/2")
    assert words.vocabulary == ("cat", "sat", "the")
    assert words.counts == ((0, 1, 1), (0, 0, 0), (2, 0, 0))
    assert best_bigrams("abab").vocabulary == ("a", "b")
    assert best_bigrams(["x", "y", "x"]).counts == ((0, 1), (1, 0))


def test_a_token_that_nothing_follows_is_no_obstacle() -> None:
    found = best_bigrams([[1, 2], [0, 0]])
    assert found.attained
    assert found.table[1] is None
    assert found.dimensions == 1
    assert is_table(found)


@pytest.mark.parametrize(
    ("corpus", "add", "said"),
    [
        ("a", 0, "two tokens at least, such as abaab, not 1 token"),
        ("", 0, "two tokens at least"),
        (7, 0, "a text or a list of tokens"),
        ([[1, 2]], 0, "square table of whole numbers"),
        ([[1, -2], [1, 1]], 0, "square table of whole numbers"),
        ([[0, 0], [0, 0]], 0, "At least one pair"),
        ("ab", -1, "a fraction ≥ 0, not -1"),
        ("ab", "sqrt(2)", "a fraction ≥ 0"),
        (" ".join(f"w{k}" for k in range(201)), 0, "200 of them different"),
        (" ".join(f"w{k}" for k in range(65)), 1, "at most 64 different tokens"),
    ],
)
def test_what_is_no_corpus_is_refused(corpus: object, add: object, said: str) -> None:
    with pytest.raises(InputError, match=said):
        best_bigrams(corpus, add=add)


# -- by other means -------------------------------------------------------------------------------

COUNTS = st.lists(st.lists(st.integers(1, 30), min_size=3, max_size=3), min_size=3, max_size=3)


@given(COUNTS, st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_losses_agree_with_floats_and_no_table_does_better(counts: Any, add: int) -> None:
    found = best_bigrams(counts, add=add)
    assert found.loss is not None
    floats = [[float(cell) for cell in row] for row in found.table if row is not None]
    assert loss_in_floats(counts, floats) == pytest.approx(found.loss.to_float(), rel=1e-12)
    assert (found.loss - found.entropy).sign() >= 0
    other = np.random.default_rng(add).normal(size=(3, 3))
    assert loss_in_floats(counts, other) > found.entropy.to_float() - 1e-12
    assert is_table(found)
    shifted = np.array([[float(x) for x in row] for row in product(found)])
    assert loss_in_floats(counts, shifted) == pytest.approx(found.loss.to_float(), rel=1e-12)
    centred = np.array(floats) - np.array(floats).mean(1, keepdims=True)
    assert found.dimensions == np.linalg.matrix_rank(centred, tol=1e-9)


@given(st.fractions(min_value=Fraction(1, 99), max_value=99), st.fractions(-5, 5))
@settings(max_examples=60, deadline=None)
def test_sums_of_logarithms(number: Fraction, factor: Fraction) -> None:
    found = log(number) * factor
    assert found.to_float() == pytest.approx(float(factor) * math.log(number), rel=1e-9, abs=1e-12)
    assert found.sign() == (factor > 0) * 2 - 1 if factor and number != 1 and number > 1 else True
    assert found - found == LogSum()
    assert float(found.to_sympy()) == pytest.approx(found.to_float(), rel=1e-12, abs=1e-300)


def test_signs_of_close_sums() -> None:
    assert (log(2) * 1054 - log(3) * 665).sign() == -1  # 2^1054 < 3^665
    assert (log(Fraction(3**20 + 1, 3**20))).sign() == 1
    assert (log(6) - log(2) - log(3)).sign() == 0
    assert (log(8) * Fraction(1, 3)) == log(2)


def test_ranks_of_tables_of_logarithms() -> None:
    two, three, five = log(2), log(3), log(5)
    assert log_rank([[LogSum()] * 2] * 2) == 0
    assert log_rank([]) == 0
    # dependent over the real numbers, with no relation of fractions among rows or columns
    rows = [[two + three, two, three], [two + five, two, five], [2 * two, 2 * two, LogSum()]]
    assert log_rank(rows) == 2
    assert log_rank([[two, three, five], [three, five, two], [five, two, three]]) == 3
    assert log_rank([[two, three], [three, two], [two, two]]) == 2
