"""Tables by token, skip-trigrams and the effect of a source, with the numbers of section 5."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import product

import pytest
import sympy

import handcalc
from handcalc import InputError
from handcalc.circuits.attention_only import AttentionOnly
from handcalc.circuits.exponential_sum import ExponentialSum
from handcalc.circuits.head import Head
from handcalc.circuits.run import run_circuit
from handcalc.circuits.tables import (
    bigram_table,
    ov_circuit,
    qk_circuit,
    skip_trigrams,
    source_effect,
)
from tests.circuit_cases import drawn, random_head, random_model
from tests.test_circuit_runs import rows

WORDS = "<s> keep in at mind bay"
Cells = dict[tuple[str, str], int]


def one_hot(
    heads: list[tuple[Cells, Cells]], direct: Cells | None = None, **options: str
) -> AttentionOnly:
    """A one-layer model whose tables are what is given: QK and OV of each head, and W_U."""
    words = options.get("vocabulary", WORDS).split()
    size = range(len(words))

    def square(cells: Cells) -> list[list[int]]:
        return [[cells.get((words[i], words[j]), 0) for j in size] for i in size]

    # token dimensions first, then output dimensions, so that the direct path is a table of its own
    n = len(words)
    zero = [[0] * n for _ in size]
    identity = [[int(i == j) for j in size] for i in size]
    wide = [[*row, *none] for row, none in zip(identity, zero, strict=True)]

    def grown(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
        return [[*x, *y] for x, y in zip(a, b, strict=True)] + [[0] * 2 * n for _ in size]

    layer = [Head.of_circuits(grown(square(qk), zero), grown(zero, square(ov))) for qk, ov in heads]
    unembed = square(direct or {}) + identity
    return AttentionOnly(wide, unembed, [layer], vocabulary=words, softmax="base 2")


KEEP: Cells = {("in", "keep"): 1, ("at", "keep"): 1}


def effects(model: AttentionOnly, before: str = "<s>") -> tuple[tuple[object, ...], ...]:
    return source_effect(model, "keep", "in at", "mind bay", before=before).effects


# -- numbers --------------------------------------------------------------------------------------


def test_the_skip_trigram_and_its_bug() -> None:
    model = one_hot([(KEEP, {("keep", "mind"): 4, ("keep", "bay"): 4})])
    run = run_circuit(model, "<s> keep in")
    assert run.pattern[0][0][2] == rows("1/4 1/2 1/4")[0]
    assert run.probabilities[2] == rows("1/12 1/12 1/12 1/12 1/3 1/3")[0]
    assert run.predictions[2] == ("mind", "bay")
    assert effects(model) == rows("2 2; 2 2")


def test_unequal_attention_scales_both_effects_alike() -> None:
    model = one_hot([({("in", "keep"): 2}, {("keep", "mind"): 6, ("keep", "bay"): 3})])
    found = source_effect(model, "keep", "in at", "mind bay", before="<s>")
    assert found.effects == rows("4 2; 2 1")
    assert found.rank == 1
    assert found.effect("at", "mind") == 2


def test_wanted_effects_force_cross_effects() -> None:
    qk: Cells = {("in", "keep"): 1, ("at", "<s>"): 1}
    model = one_hot([(qk, {("keep", "mind"): 8, ("keep", "bay"): 12})])
    assert effects(model) == rows("4 6; 2 3")


def test_two_heads_mend_it() -> None:
    ov_1: Cells = {("keep", "mind"): 12, ("keep", "bay"): -4}
    ov_2: Cells = {("keep", "mind"): -4, ("keep", "bay"): 12}
    model = one_hot(
        [
            ({("in", "keep"): 1, ("at", "<s>"): 2}, ov_1),
            ({("at", "keep"): 1, ("in", "<s>"): 2}, ov_2),
        ]
    )
    found = source_effect(model, "keep", "in at", "mind bay", before="<s>")
    assert found.effects == rows("16/3 0; 0 16/3")
    assert found.rank == 2


def test_attention_is_a_competition() -> None:
    """OV[keep] = 0, and keep has an effect: it takes attention from the destination."""
    qk: Cells = {(b, "keep"): 2 for b in ("in", "at")} | {(b, "<s>"): -2 for b in ("in", "at")}
    ov: Cells = {("in", "mind"): -4, ("at", "bay"): -4}
    direct: Cells = {("in", "mind"): 4, ("at", "bay"): 4}
    model = one_hot([(qk, ov)], direct)
    assert ov_circuit(model, 1, 1).cells[1] == (0,) * 6
    for sentence, expected in {
        "keep in": "16/5 0",
        "keep at": "0 16/5",
        "<s> in": "4/5 0",
        "<s> at": "0 4/5",
    }.items():
        assert run_circuit(model, sentence).logits[1][4:] == rows(expected)[0]
    assert run_circuit(model, "keep in").pattern[0][0][1] == rows("4/5 1/5")[0]
    found = source_effect(model, "keep", "in at", "mind bay")
    assert found.effects == rows("12/5 0; 0 12/5")
    assert found.rank == 2  # one head: the theorem is about tokens that write nothing


def test_one_head_computes_xor_of_source_and_destination() -> None:
    words = "<s> keep leave in at mind bay"
    qk: Cells = {("in", "keep"): 1, ("in", "leave"): -1, ("at", "keep"): -1, ("at", "leave"): 1}
    ov: Cells = {("keep", "mind"): 6, ("leave", "mind"): 6}
    direct: Cells = {("in", "bay"): 2, ("at", "bay"): 2}
    model = one_hot([(qk, ov)], direct, vocabulary=words)
    expected = {"keep in": 3, "leave at": 3, "keep at": Fraction(6, 5), "leave in": Fraction(6, 5)}
    for sentence, mind in expected.items():
        logits = run_circuit(model, f"<s> {sentence}").logits[2]
        assert logits[5:] == (sympy.Rational(mind), 2)


# -- theorem 1: the effect of a source has rank one -----------------------------------------------


@pytest.mark.parametrize("mode", ["base 2", "exp"])
def test_two_hundred_random_heads_have_effects_of_rank_one(mode: str) -> None:
    draw = random.Random(5)  # noqa: S311 - a draw of test cases
    names, count = "<s> a b c", 200 if mode == "base 2" else 20
    for _ in range(count):
        head = random_head(draw, 4, 2)
        quiet = [[0] * 4 for _ in range(4)]
        quiet[1] = drawn(draw, 1, 4)[0]  # only the source writes
        only = Head.of_circuits(head.W_QK, quiet)
        identity = [[int(i == j) for j in range(4)] for i in range(4)]
        model = AttentionOnly(identity, drawn(draw, 4, 4), [[only]], vocabulary=names, softmax=mode)
        found = source_effect(model, "a", "b c <s>", "a b c", before="<s>")
        assert found.rank <= 1
        E = found.effects
        if mode == "base 2":
            for (i, j), (k, m) in product(product(range(3), repeat=2), repeat=2):
                assert E[i][k] * E[j][m] == E[i][m] * E[j][k]
            run = run_circuit(model, "<s> a b")
            assert E[0][0] == run.pattern[0][0][2][1] * ov_circuit(model, 1, 1).cells[1][1]


def test_effects_of_two_heads_have_rank_two_at_most() -> None:
    draw = random.Random(6)  # noqa: S311 - a draw of test cases
    ranks = []
    for _ in range(20):
        heads = []
        for _ in range(2):
            quiet = [[0] * 5 for _ in range(5)]
            quiet[1] = drawn(draw, 1, 5)[0]
            heads.append(Head.of_circuits(drawn(draw, 5, 5), quiet))
        identity = [[int(i == j) for j in range(5)] for i in range(5)]
        model = AttentionOnly(identity, identity, [heads], vocabulary="<s> a b c d")
        ranks.append(source_effect(model, "a", "b c d", "a b c d", before="<s>").rank)
    assert max(ranks) == 2


# -- tables ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_tables_are_products_of_matrices(seed: int) -> None:
    model = random_model(seed, (2, 1), V=4)
    W_E, W_U = sympy.Matrix(model.W_E), sympy.Matrix(model.W_U)
    assert sympy.Matrix(bigram_table(model).cells) == W_E * W_U
    for layer, head in ((1, 1), (1, 2), (2, 1)):
        each = model.head(layer, head)
        qk = W_E * sympy.Matrix(each.W_Q) * sympy.Matrix(each.W_K).T * W_E.T
        ov = W_E * sympy.Matrix(each.W_V) * sympy.Matrix(each.W_O) * W_U
        assert sympy.Matrix(qk_circuit(model, layer, head).cells) == qk
        assert sympy.Matrix(ov_circuit(model, layer, head).cells) == ov


def test_a_table_has_names_and_a_frame() -> None:
    table = bigram_table(AttentionOnly("1 0; 0 1", "1 2; 3 1/2", vocabulary="x y"))
    assert table.cell("x", "y") == 2
    assert repr(table) == "<TokenTable W_E W_U, 2 × 2, current by next>"
    assert table.to_frame().loc["y", "y"] == 0.5
    with pytest.raises(InputError, match="'z' is not in this table: x y"):
        table.cell("x", "z")
    with pytest.raises(InputError, match="no head 1 of layer 3"):
        qk_circuit(random_model(1, (1,)), 3, 1)
    with pytest.raises(InputError, match="AttentionOnly model is asked for, not a str"):
        bigram_table("1 0")  # type: ignore[arg-type]  # the refusal is what is tested


def test_the_scaled_qk_circuit_has_the_scale() -> None:
    plain, scaled = random_model(3, (1,)), random_model(3, (1,), scale="sqrt")
    one, other = qk_circuit(plain, 1, 1).cells, qk_circuit(scaled, 1, 1).cells
    assert one[0][1] == sympy.sqrt(2) * other[0][1]


def test_skip_trigrams_come_strongest_first() -> None:
    qk: Cells = {("in", "keep"): 3, ("in", "at"): 1, ("at", "keep"): 1}
    model = one_hot([(qk, {("keep", "mind"): 4, ("keep", "bay"): -1})])
    found = skip_trigrams(model, "keep")
    assert str(found[0]) == "<SkipTrigram keep … in → mind, head 1.1: score 3, effect 4>"
    assert (found[0].lead, found[1].lead) == (2, 2)
    assert [each.out for each in found[:2]] == ["mind", "bay"]
    assert len(found) == 12
    assert [each.destination for each in skip_trigrams(model, "keep", "at", "mind")] == ["at"]
    assert skip_trigrams(model, "in") == ()
    with pytest.raises(InputError, match="no layers"):
        skip_trigrams(AttentionOnly("1", "1"), "a")


def test_effects_behind_e_are_sums_of_exponentials() -> None:
    names = "<s> a b"
    head = Head.of_circuits("0 0 0; 0 0 0; 0 1 0", "0 0 0; 0 2 0; 0 0 0")
    identity = "1 0 0; 0 1 0; 0 0 1"
    model = AttentionOnly(identity, identity, [[head]], vocabulary=names, softmax="exp")
    found = source_effect(model, "a", "b", "a b", before="<s>")
    assert isinstance(found.effects[0][0], ExponentialSum)
    assert found.effects[0][0].to_text() == "2*e/(2 + e)"
    assert found.rank == 1


def test_public_names() -> None:
    assert handcalc.bigram_table is bigram_table
    assert handcalc.source_effect is source_effect
