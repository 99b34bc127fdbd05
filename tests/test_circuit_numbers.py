"""Numbers of sections 4, 7 and 9 of the reference that no test of one file has, by the engine."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pytest
import sympy

from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.composition import reach
from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.head import Head, multiplied
from handcalc.circuits.run import run_circuit
from tests.circuit_cases import drawn
from tests.test_circuit_runs import rows

# -- section 4: who can be predicted --------------------------------------------------------------


def test_a_token_inside_the_hull_of_others_is_never_predicted() -> None:
    model = AttentionOnly("1 0; 0 1; 1 1; 0 0", "2 0 -2 1/2; 0 2 -2 1/2")
    *others, fourth = reach(model)
    assert [each.mixture for each in others] == [None] * 3
    share = sympy.Rational(5, 12)
    assert fourth.mixture == (("a", share), ("b", share), ("c", sympy.Rational(1, 6)))


def test_every_corner_of_a_polygon_can_be_predicted_and_of_a_line_two() -> None:
    corners = [f"cos(2*pi*{k}/5) sin(2*pi*{k}/5)" for k in range(5)]
    W_U = list(zip(*(corner.split() for corner in corners), strict=True))
    pentagon = AttentionOnly([["1", "0"]] * 5, W_U)
    assert all(each.residual for each in reach(pentagon))
    line = AttentionOnly([[1]] * 5, [[3, -1, 0, 2, -4]])
    assert [each.token for each in reach(line) if each.residual] == ["a", "e"]


def test_a_residual_that_is_found_predicts_the_token() -> None:
    draw = random.Random(8)  # noqa: S311 - a draw of test cases
    kinds = set()
    for _ in range(40):
        V, d = draw.randint(2, 6), draw.randint(1, 3)
        W_U = drawn(draw, d, V)
        columns = list(zip(*W_U, strict=True))
        for y, each in enumerate(reach(AttentionOnly([[0] * d] * V, W_U))):
            kinds.add(each.residual is None)
            if each.residual is not None:
                logits = [
                    sum(a * b for a, b in zip(each.residual, u, strict=True)) for u in columns
                ]
                assert all(logits[y] > other for k, other in enumerate(logits) if k != y)
            else:
                assert each.mixture is not None
                weights = {"abcdef".index(name): weight for name, weight in each.mixture}
                assert y not in weights
                assert sum(weights.values()) == 1
                assert all(weight > 0 for weight in weights.values())
                mean = [sum(w * columns[k][i] for k, w in weights.items()) for i in range(d)]
                assert mean == list(columns[y])
    assert kinds == {True, False}


def test_a_deterministic_next_token_on_the_pentagon() -> None:
    """W_U a pentagon, W_E the next token's corner times s: loss 0.0020 at 10, 2e-12 at 40."""
    corners = [f"cos(2*pi*{k}/5) sin(2*pi*{k}/5)".split() for k in range(5)]
    for s, loss in ((10, 0.0020), (40, 2e-12)):
        W_E = [[f"{s}*{cell}" for cell in corners[(k + 1) % 5]] for k in range(5)]
        model = AttentionOnly(W_E, list(zip(*corners, strict=True)), softmax="exp")
        found = run_circuit(model, "a").probabilities[0][1]
        assert isinstance(found, ExponentialSum)
        rest = 1 - found
        assert isinstance(rest, ExponentialSum)
        assert -math.log1p(-rest.to_float()) == pytest.approx(loss, rel=0.03)
        assert run_circuit(model, "a b c d e").predictions == (
            ("b",),
            ("c",),
            ("d",),
            ("e",),
            ("a",),
        )


# -- section 7: the previous token ----------------------------------------------------------------


def margins(W_QK: object, W_pos: list[list[Fraction]]) -> list[sympy.Expr]:
    """score(i, i − 1) less the next best, for each position after the first."""
    n, d = len(W_pos), len(W_pos[0])
    zero = [[0] * d for _ in range(d)]
    head = Head.of_circuits(W_QK, zero)
    model = AttentionOnly(zero[:1], [[0]] * d, [[head]], W_pos=W_pos, softmax="hard")
    run = run_circuit(model, "a" * n)
    pattern, scores = run.pattern[0][0], run.scores[0][0]
    assert all(pattern[i][i - 1] == 1 for i in range(1, n))
    return [
        scores[i][i - 1] - max(score for j, score in enumerate(scores[i][: i + 1]) if j != i - 1)  # type: ignore[type-var, misc]  # fractions
        for i in range(1, n)
    ]


def test_positions_on_a_parabola_find_the_one_before() -> None:
    positions = [[Fraction(1), Fraction(j), Fraction(j * j)] for j in range(12)]
    assert margins("0 -2 -1; 0 2 0; 0 0 0", positions) == [1] * 11


def test_positions_on_a_circle_find_the_one_before() -> None:
    """Where the whole sentence is longer than the reference says, the margin is what it was."""
    R = [[Fraction(3, 5), Fraction(4, 5)], [Fraction(-4, 5), Fraction(3, 5)]]
    positions = [[Fraction(1), Fraction(0)]]
    for _ in range(13):
        x, y = positions[-1]
        positions.append([x * R[0][j] + y * R[1][j] for j in range(2)])
    assert positions[5] == [Fraction(-237, 3125), Fraction(-3116, 3125)]
    found = margins([list(column) for column in zip(*R, strict=True)], positions)
    assert found[:6] == [sympy.Rational(2, 5)] * 6
    assert [round(float(margin), 4) for margin in found[6:]] == [0.2478] + [0.0215] * 6


def test_one_hot_positions_in_base_8() -> None:
    n = 6
    W_QK = [[3 * int(j == i - 1) for j in range(n)] for i in range(n)]
    identity = [[int(i == j) for j in range(n)] for i in range(n)]
    head = Head.of_circuits(W_QK, [[0] * n] * n)
    model = AttentionOnly([[0] * n], [[0]] * n, [[head]], W_pos=identity)
    A = run_circuit(model, "a" * n).pattern[0][0]
    assert [A[i][i - 1] for i in range(1, n)] == list(rows("8/9 4/5 8/11 2/3 8/13")[0])


# -- section 9: the residual stream ---------------------------------------------------------------


def test_disjoint_is_a_fact_about_the_product() -> None:
    writer = rows("1 2 0 0")
    products = [multiplied(writer, rows(reader)) for reader in ("0;0;3;4", "2;-1;3;0", "1;1;0;0")]
    assert products == [((0,),), ((0,),), ((3,),)]


def test_deleting_what_was_written() -> None:
    P = "1/5 2/5 0 0; 2/5 4/5 0 0; 0 0 0 0; 0 0 0 0"
    minus = "-1/5 -2/5 0 0; -2/5 -4/5 0 0; 0 0 0 0; 0 0 0 0"
    assert multiplied(rows(P), rows(P)) == rows(P)
    head = Head.of_circuits([[0] * 4] * 4, minus)
    model = AttentionOnly("7 -1 2 3; 12 9 2 3", [[0, 0]] * 4, [[head]])
    for token in "ab":
        assert run_circuit(model, token).residual[1] == rows("6 -3 2 3")
    # with weight A on itself it leaves 1 − A: half of 5(1, 2, 0, 0) of b, and takes half of a's
    left = run_circuit(model, "a b").residual[1][1]
    assert left == rows("17/2 2 2 3")[0]
