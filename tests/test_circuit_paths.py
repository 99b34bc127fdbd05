"""The path expansion, additivity and the Kronecker form: identities on random exact weights."""

from __future__ import annotations

from collections import Counter
from functools import reduce
from math import comb

import pytest
import sympy

from handcalc import InputError
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import Value, minus, plus, sign
from handcalc.circuits.head import Head
from handcalc.circuits.paths import (
    count_paths,
    head_matrix,
    kronecker,
    path_expansion,
    paths,
    score_expansion,
    stacked,
)
from handcalc.circuits.run import run_circuit
from tests.circuit_cases import random_model
from tests.test_circuit_runs import HEAD_1, HEAD_2, PAGE, rows

TOKENS = [1, 0, 2, 1]


def total_of(parts: list[Value]) -> Value:
    """Their sum."""
    return reduce(plus, parts)


SHAPES = [(L, h, "hard") for L in range(4) for h in range(1, 4)]
SHAPES += [(L, h, "base 2") for L in range(2) for h in range(1, 4)]  # rational patterns


@pytest.mark.parametrize(("L", "h", "mode"), SHAPES, ids=str)
def test_the_terms_sum_to_the_logits(L: int, h: int, mode: str) -> None:
    """L = 0 … 3 layers of h = 1 … 3 heads, each term by its own product of matrices."""
    model = random_model(10 * L + h, (h,) * L, softmax=mode)
    expansion = path_expansion(model, TOKENS)
    assert expansion.orders == tuple(comb(L, k) * h**k for k in range(L + 1))
    assert len(expansion.terms) == (1 + h) ** L
    assert Counter(term.order for term in expansion.terms) == dict(enumerate(expansion.orders))
    total = sympy.zeros(len(TOKENS), 3)
    X = sympy.Matrix(expansion.run.residual[0])
    for term in expansion.terms:
        A, W = sympy.eye(len(TOKENS)), sympy.eye(3)
        for layer, head in term.heads:
            A = sympy.Matrix(expansion.run.pattern[layer - 1][head - 1]) * A
            W = W * sympy.Matrix(model.head(layer, head).W_OV)
        assert sympy.Matrix(term.pattern) == A
        assert sympy.Matrix(term.table) == sympy.Matrix(model.W_E) * W * sympy.Matrix(model.W_U)
        assert sympy.Matrix(term.contribution) == A * X * W * sympy.Matrix(model.W_U)
        total += sympy.Matrix(term.contribution)
    assert total == sympy.Matrix(expansion.logits)


def test_the_terms_sum_behind_soft_layers_too() -> None:
    for mode in ("base 2", "exp"):
        model = random_model(4, (1, 1), softmax=mode, d_model=2, d_head=1)
        expansion = path_expansion(model, [0, 1, 2])
        for i in range(3):
            for c in range(3):
                left = total_of([term.rows[i][c] for term in expansion.terms])
                assert sign(minus(left, expansion.run.engine_logits[i][c])) == 0


def test_frozen_patterns_of_one_run_hold_in_another() -> None:
    model = random_model(9, (2, 2), softmax="hard")
    pattern = run_circuit(model, "a b c").pattern
    expansion = path_expansion(model, "c c a", patterns=pattern)
    total = sympy.zeros(3, 3)
    for term in expansion.terms:
        total += sympy.Matrix(term.contribution)
    assert total == sympy.Matrix(run_circuit(model, "c c a", patterns=pattern).logits)


def test_additivity_of_heads() -> None:
    """X₁ − X₀ is the sum of what each head would add alone."""
    model = random_model(6, (3,))
    run = run_circuit(model, TOKENS)
    total = sympy.Matrix(run.residual[0])
    for head in model.layers[0]:
        alone = AttentionOnly(model.W_E, model.W_U, [[head]], W_pos=model.W_pos)
        other = run_circuit(alone, TOKENS)
        total += sympy.Matrix(other.residual[1]) - sympy.Matrix(other.residual[0])
    assert total == sympy.Matrix(run.residual[1])


def test_counts_of_the_reference() -> None:
    assert count_paths([12, 12]) == (1, 24, 144)
    assert sum(count_paths([12, 12])) == 169
    assert (count_paths([2, 2, 2])[2], sum(count_paths([2, 2, 2]))) == (12, 27)
    assert sum(count_paths([1, 3, 2])) == 2 * 4 * 3


def test_too_many_paths_are_refused() -> None:
    head = Head.of_circuits("0", "0")
    model = AttentionOnly("1", "1", [[head]] * 13)
    with pytest.raises(InputError, match="8,192 terms"):
        path_expansion(model, "a")


@pytest.mark.parametrize("h", [1, 2])
def test_scores_expand_into_paths_of_queries_and_keys(h: int) -> None:
    model = random_model(20 + h, (h, 1), softmax="hard")
    run = run_circuit(model, TOKENS)
    terms = score_expansion(run, 2, 1)
    assert len(terms) == (1 + h) ** 2
    total = sympy.zeros(4, 4)
    for term in terms:
        total += sympy.Matrix(term.scores)
    assert total == sympy.Matrix(run.scores[1][0])


def test_virtual_heads_of_two_previous_token_heads() -> None:
    """Section 8.4: A²A¹ is two back, hard; soft with base 8, row 5 of AA."""
    n = 5
    previous = [[int(j == i - 1) for j in range(n)] for i in range(n)]
    identity = [[int(i == j) for j in range(n)] for i in range(n)]
    head = Head.of_circuits(previous, [[0] * n for _ in range(n)])

    def model(mode: str) -> AttentionOnly:
        zero = [[0] * n]
        return AttentionOnly(zero, [[0]] * n, [[head], [head]], W_pos=identity, softmax=mode)

    hard = path_expansion(model("hard"), "aaaaa").terms[-1]
    assert hard.heads == ((1, 1), (2, 1))
    assert hard.pattern == rows("1 0 0 0 0; 1 0 0 0 0; 1 0 0 0 0; 0 1 0 0 0; 0 0 1 0 0")
    soft = path_expansion(model("base 2"), "aaaaa")
    A = soft.run.pattern[0][0]
    assert A[1][0] == sympy.Rational(2, 3)  # b/(b + i)
    triple = Head.of_circuits([[3 * x for x in row] for row in previous], [[0] * n] * n)
    eight = AttentionOnly([[0] * n], [[0]] * n, [[triple], [triple]], W_pos=identity)
    expansion = path_expansion(eight, "aaaaa")
    pattern = expansion.run.pattern[0][0]
    assert [pattern[i][i - 1] for i in range(1, 5)] == list(rows("8/9 4/5 8/11 2/3")[0])
    assert expansion.terms[-1].pattern[4] == rows("5543/23760 3409/23760 3961/7920 23/198 1/144")[0]


# -- section 3: the Kronecker form ----------------------------------------------------------------


def test_the_kronecker_form_of_the_page() -> None:
    run = run_circuit(PAGE, "a b c")
    assert head_matrix(run, 1, 1) == rows(
        "1 2 0 0 0 0; -1 -2 0 0 0 0; 2/3 4/3 1/3 2/3 0 0; -2/3 -4/3 -1/3 -2/3 0 0;"
        "4/9 8/9 1/9 2/9 4/9 8/9; -4/9 -8/9 -1/9 -2/9 -4/9 -8/9"
    )
    X = sympy.Matrix(stacked(run.residual[0]))
    three, one = rows("1 0 0; 0 1 0; 0 0 1"), rows("1")
    for k, head in enumerate((HEAD_1, HEAD_2)):
        matrix = sympy.Matrix(head_matrix(run, 1, k + 1))
        assert matrix * X == sympy.Matrix(stacked(run.head_outputs[0][k]))
        output = sympy.Matrix(kronecker(three, tuple(zip(*head.W_O, strict=True))))
        values = sympy.Matrix(kronecker(three, tuple(zip(*head.W_V, strict=True))))
        assert output * sympy.Matrix(kronecker(run.pattern[0][k], one)) * values == matrix


@pytest.mark.parametrize("seed", range(5))
def test_the_kronecker_form_and_the_mixed_product_on_random_weights(seed: int) -> None:
    model = random_model(seed, (2, 1), softmax="hard")
    run = run_circuit(model, TOKENS)
    for layer, heads in enumerate(model.layers, 1):
        X = sympy.Matrix(stacked(run.residual[layer - 1]))
        for k in range(1, len(heads) + 1):
            expected = sympy.Matrix(stacked(run.head_outputs[layer - 1][k - 1]))
            assert sympy.Matrix(head_matrix(run, layer, k)) * X == expected
    # (A² ⊗ W²ᵀ)(A¹ ⊗ W¹ᵀ) = A²A¹ ⊗ (W¹W²)ᵀ
    first, second = (sympy.Matrix(head_matrix(run, layer, 1)) for layer in (1, 2))
    A = sympy.Matrix(run.pattern[1][0]) * sympy.Matrix(run.pattern[0][0])
    W = sympy.Matrix(model.head(1, 1).W_OV) * sympy.Matrix(model.head(2, 1).W_OV)
    assert second * first == sympy.kronecker_product(A, W.T)


def test_paths_of_unequal_layers() -> None:
    model = random_model(1, (1, 2), softmax="hard")
    assert list(paths(model)) == [
        (),
        ((1, 1),),
        ((2, 1),),
        ((2, 2),),
        ((1, 1), (2, 1)),
        ((1, 1), (2, 2)),
    ]
    assert list(paths(model, 2)) == [(), ((1, 1),)]
