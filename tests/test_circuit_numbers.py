"""Numbers of sections 1 to 7 and 9 of the reference that no other test has, by the engine."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction

import pytest
import sympy

import handcalc
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.composition import reach
from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.head import Head, multiplied
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.run import run_circuit
from handcalc.circuits.skip_trigram_bug import by_tables
from handcalc.circuits.tables import bigram_table, ov_circuit, qk_circuit, source_effect
from handcalc.views.circuits import results
from tests.circuit_cases import drawn, random_head, random_model
from tests.test_circuit_copying import copies
from tests.test_circuit_runs import rows

# -- section 1: conventions ------------------------------------------------------------------------


def test_the_direct_path_of_a_tied_model_is_the_gram_matrix_of_the_toy() -> None:
    W = drawn(random.Random(2), 4, 2)  # noqa: S311 - a draw of test cases
    tied = AttentionOnly(W, [*zip(*W, strict=True)])
    assert bigram_table(tied).cells == handcalc.geometry(handcalc.ToyModel(W)).gram


def test_only_two_tables_change_their_look_in_columns() -> None:
    """W_E W_U and the OV circuit are transposed; the QK circuit is the same table."""
    model = random_model(4, (1,))

    for table, turns in (
        (bigram_table(model), True),
        (ov_circuit(model, 1, 1), True),
        (qk_circuit(model, 1, 1), False),
    ):
        plain, columns = (
            [row[1:] for row in results.table(table, columns=turned)[-1].rows]  # type: ignore[union-attr]  # a table
            for turned in (False, True)
        )
        assert plain == list(table.cells)
        assert columns == (list(zip(*plain, strict=True)) if turns else plain)


@pytest.mark.parametrize("d_head", [1, 4, 9])
def test_scores_over_the_root_of_a_square_stay_rational(d_head: int) -> None:
    options = {"d_model": 3, "d_head": d_head}
    plain = run_circuit(random_model(1, (1,), **options), "abc").scores[0][0]
    scaled = run_circuit(random_model(1, (1,), scale="sqrt", **options), "abc").scores[0][0]
    root = {1: 1, 4: 2, 9: 3}[d_head]
    assert plain == tuple(tuple(root * cell for cell in row) for row in scaled)
    assert all(isinstance(cell, sympy.Rational) for row in scaled for cell in row)


# -- section 2: softmax ----------------------------------------------------------------------------


def test_softmax_of_logarithms_has_the_shares_of_their_numbers() -> None:
    """softmax(log 2, log 3, log ½) is 4/11, 6/11, 1/11: the table of counts 4, 6, 1, shifted."""
    found = handcalc.best_bigrams([[4, 6, 1]] * 3)
    row = found.table[0]
    assert row is not None
    shift = LogSum.log(2)
    assert [cell - shift for cell in row] == [LogSum.log(Fraction(k, 2)) for k in (4, 6, 1)]
    shares = [Fraction(k, 11) for k in (4, 6, 1)]
    entropy = sum((LogSum.log(p) * -p for p in shares), LogSum())
    assert found.loss == found.entropy == entropy


def test_a_tie_of_two_logits_behind_exponentials_is_found() -> None:
    """Scores 0, 1, 1, D = −½ and v = (½, 1, 0), all doubled: a and b tie after a b c."""
    scores = {("c", "b"): 1, ("c", "c"): 1}
    writes = {("a", "a"): 1, ("b", "a"): 2}
    model = by_tables("a b c", [(scores, writes)], {("c", "a"): -1, ("c", "c"): -9}, softmax="exp")
    run = run_circuit(model, "abc")
    assert run.pattern[0][0][2][0].to_text() == "1/(1 + 2*e)"  # type: ignore[union-attr]  # a sum
    assert run.predictions[-1] == ("a", "b")


def test_a_probability_behind_frozen_attention_is_compared_with_numbers() -> None:
    model = random_model(2, (1, 1), softmax="exp")
    identity = [[int(i == j) for j in range(3)] for i in range(3)]
    run = run_circuit(model, "abc", patterns=[[identity], [identity]])
    assert all(isinstance(cell, sympy.Rational) for row in run.logits for cell in row)
    first, *_, last = run.probabilities[1]
    assert isinstance(first, ExponentialSum)
    value = first.to_float()
    for bound in (Fraction(1, 3), Fraction(1, 10**6), Fraction(999, 1000)):
        assert (first - bound).sign() == (1 if value > bound else -1)  # type: ignore[union-attr]  # a sum
    assert (first - last).sign() == (1 if value > float(last) else -1)  # type: ignore[union-attr]  # a sum


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


def test_a_cycle_on_a_line_comes_near_a_third_of_log_two() -> None:
    """a → b → c → a in one dimension: (log 2)/3 is approached, and the middle stays below ½."""
    infimum, losses = (LogSum.log(2) * Fraction(1, 3)).to_float(), []
    assert infimum == pytest.approx(0.2310491, abs=5e-8)
    for s in (2, 4, 8, 16):
        # b, the token in the middle, is wanted where a has died out and c has hardly begun to lead
        model = AttentionOnly([[Fraction(1, s)], [s], [-s]], [[-s * s, 0, 1]])
        run = run_circuit(model, "abc")
        right = [run.probabilities[i][k] for i, k in enumerate((1, 2, 0))]
        assert (2 * right[0] - 1).sign() == -1  # type: ignore[union-attr]  # a sum
        losses.append(-sum(math.log(float(p)) for p in right) / 3)
    assert all(a > b > infimum for a, b in itertools.pairwise(losses))
    assert losses[-1] - infimum < 0.02


# -- section 5: one head ---------------------------------------------------------------------------


def test_a_source_shifts_two_outputs_in_one_direction_at_every_destination() -> None:
    """Theorem 1 (ii), on 200 random heads with random direct paths."""
    draw = random.Random(7)  # noqa: S311 - a draw of test cases
    identity = [[int(i == j) for j in range(4)] for i in range(4)]
    for _ in range(200):
        quiet = [[0] * 4 for _ in range(4)]
        quiet[1] = drawn(draw, 1, 4)[0]
        head = Head.of_circuits(random_head(draw, 4, 2).W_QK, quiet)
        model = AttentionOnly(identity, drawn(draw, 4, 4), [[head]], vocabulary="<s> a b c")
        E = source_effect(model, "a", "b c <s>", "a b c", before="<s>").effects
        for one, other in itertools.combinations(range(3), 2):
            assert len({sympy.sign(row[one] - row[other]) for row in E}) == 1


@pytest.mark.parametrize("seed", range(20))
def test_two_tokens_are_a_competition(seed: int) -> None:
    """L(a, b → c) = D[b, c] + OV[b, c] + A(b → a)(OV[a, c] − OV[b, c])."""
    model = random_model(seed, (1,), V=4, positions=0)
    D, V = bigram_table(model).cells, ov_circuit(model, 1, 1).cells
    for a, b in itertools.product(range(4), repeat=2):
        run = run_circuit(model, [a, b])
        A = run.pattern[0][0][1][0]
        expected = [D[b][c] + V[b][c] + A * (V[a][c] - V[b][c]) for c in range(4)]
        assert list(run.last_logits) == expected


def test_both_destinations_of_the_bug_and_of_its_cure() -> None:
    bug = handcalc.circuit("skip-trigram").model
    for sentence in ("<s> keep in", "<s> keep at"):
        run = run_circuit(bug, sentence)
        assert run.pattern[0][0][2] == rows("1/4 1/2 1/4")[0]
        assert run.probabilities[2] == rows("1/12 1/12 1/12 1/12 1/3 1/3")[0]
    mended = run_circuit(handcalc.circuit("skip-trigram-mended").model, "<s> keep at")
    assert [head[2][1] for head in mended.pattern[0]] == [Fraction(1, 6), Fraction(1, 2)]


# -- section 6: eigenvalues ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("matrix", "eigenvalues", "zeros"),
    [
        ("1 0 0; 0 1 0; 0 0 1", [1, 1, 1], 0),
        ("2/3 -1/3 -1/3; -1/3 2/3 -1/3; -1/3 -1/3 2/3", [1, 1], 1),
        ("-1 0; 0 -1", [-1, -1], 0),
        ("2 1; 1 1", ["3/2 + sqrt(5)/2", "3/2 - sqrt(5)/2"], 0),
    ],
)
def test_eigenvalues_that_are_real(matrix: str, eigenvalues: list[object], zeros: int) -> None:
    found = copies(matrix)
    assert found.eigenvalues == tuple(map(handcalc.exact, eigenvalues))
    assert found.spectrum.zeros == zeros


def test_scores_of_complex_eigenvalues_as_decimals() -> None:
    assert copies("2 1 0; 0 2 1; 1 0 2").score_float == pytest.approx(0.9282, abs=5e-5)
    assert copies("1 -5; 9/10 1").score_float == pytest.approx(0.4264, abs=5e-5)


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
    back = [list(column) for column in zip(*R, strict=True)]
    run = run_circuit(
        AttentionOnly("0 0", "0; 0", [[Head.of_circuits(back, "0 0; 0 0")]], W_pos=positions),
        "a" * 10,
    )
    for i, row in enumerate(run.scores[0][0]):  # cos((i − 1 − j)θ), which is even
        assert list(row) == [positions[abs(i - 1 - j)][0] for j in range(10)]
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
