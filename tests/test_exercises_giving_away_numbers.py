"""Numbers that commands work out are held against those that exercises ask for, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest
import sympy

import exercises
from exercises import Exercise
from exercises.answers import read
from exercises.authoring.engine_check import Calculation
from exercises.course import engine_table
from exercises.giving_away import COMPARED, Revealed, gives_away
from handcalc import AttentionOnly, CircuitRun, Head, ToyModel, best_bigrams, circuit, run_circuit
from handcalc.circuits.gallery.listing import with_room
from tests.test_exercises_giving_away import given_away


def test_every_calculation_is_compared_that_a_command_works_out() -> None:
    kinds = {each.__struct_config__.tag for each in get_args(Calculation)}
    # no command says where two losses are equal, or which decoder's bias is the best
    assert kinds - COMPARED.keys() == {"equal-loss", "sae-bias"}
    assert COMPARED.keys() <= kinds


def variant(slug: str, number: int = 1) -> Exercise:
    return exercises.load(slug, variant=number)


def stored(exercise: Exercise) -> Mapping[str, Any]:
    table = engine_table(exercise)
    assert table is not None
    return table.values


@pytest.mark.parametrize(("S", "b", "found"), [("1/4", "3/8", True), ("1/4", "1/3", False)])
def test_the_bias_of_a_dropped_feature_in_a_model_that_is_found(
    S: str, b: str, found: bool
) -> None:
    near = sympy.Rational(b) + sympy.Rational(1, 10**12)  # as a search has it
    model = ToyModel("1 0; 0 1; 0 0", ["0", "0", near])
    assert variant("best-bias-sparse").statement.count(S) == 1
    assert gives_away(Revealed(models=(model,)), variant("best-bias-sparse")) is found
    kept = ToyModel("1 0; 0 1; 1/2 0", ["0", "0", b])
    assert not gives_away(Revealed(models=(kept,)), variant("best-bias-sparse"))


def test_softmax_of_the_scores_of_an_exercise() -> None:
    asked = variant("softmax-base-two")
    scores = stored(asked)["scores"]
    speaks = AttentionOnly("1; 0; 0", [scores.split()], softmax="base 2")
    assert gives_away(Revealed(runs=(run_circuit(speaks, "a"),)), asked)
    assert not gives_away(Revealed(runs=(run_circuit(speaks, "b"),)), asked)
    looks = Head.of_circuits([["0"] * 3, ["0"] * 3, scores.split()], [["0"] * 3] * 3)
    one_hot = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    attends = AttentionOnly(one_hot, one_hot, [[looks]])
    assert gives_away(Revealed(runs=(run_circuit(attends, "a b c"),)), asked)
    assert not gives_away(Revealed(runs=(run_circuit(attends, "a c b"),)), asked)
    natural = AttentionOnly("1; 0; 0", [scores.split()], softmax="base e")
    assert not gives_away(Revealed(runs=(run_circuit(natural, "a"),)), asked)
    line = run_circuit(circuit("one-dimension").model, "a b c")
    assert given_away(runs=(line,)) == set()


def test_the_line_of_an_exercise_where_its_token_is_as_likely_as_it_gets() -> None:
    asked = variant("two-tokens-on-a-line")
    model = AttentionOnly("0; 1; 2; 3; 4", stored(asked)["W_U"], softmax="base 2")
    assert gives_away(Revealed(runs=(run_circuit(model, "a"),)), asked)
    assert not gives_away(Revealed(runs=(run_circuit(model, "b"),)), asked)
    hard = AttentionOnly("0; 1; 2; 3; 4", stored(asked)["W_U"], softmax="hard")
    assert not gives_away(Revealed(runs=(run_circuit(hard, "a"),)), asked)


def test_an_induction_head_as_loud_as_is_asked_for() -> None:
    asked = variant("how-much-weight")
    least = read(asked.answer, asked.key().solutions[0].typed).value
    assert least == (2, 4)
    for sentence, strengths in (("a b a", {1, 2}), ("a b a c a d a", {3, 4}), ("a b a c a", set())):
        found = {
            k
            for k in range(1, 7)
            if gives_away(Revealed(runs=(run_of("induction", sentence, strength=k),)), asked)
        }
        assert found == strengths


def run_of(name: str, tokens: str, **sizes: int) -> CircuitRun:
    made = with_room(circuit(name, **sizes), len(tokens.split()), **sizes)
    return run_circuit(made.model, tokens)


def test_the_effects_of_a_head_that_knows_both_facts() -> None:
    """Built from the two weights and the row of keep, as whoever types it has them."""
    asked = variant("skip-trigram-cross-effects")
    assert stored(asked)["wanted"] == "4 3"
    names = ("<s>", "keep", "in", "at", "mind", "bay")
    one_hot = [[int(i == j) for j in range(6)] for i in range(6)]
    reads = [[0] * 6 for _ in range(6)]
    writes = [[0] * 6 for _ in range(6)]
    writes[1][4:] = [8, 12]
    reads[2][1] = 1  # of <s>, keep and in, keep has half of the weight: 2/(1 + 2 + 1)
    model = AttentionOnly(
        one_hot, one_hot, [[Head.of_circuits(reads, writes)]], vocabulary=names, softmax="base 2"
    )
    assert gives_away(Revealed(runs=(run_circuit(model, "<s> keep in"),)), asked)
    assert not gives_away(Revealed(runs=(run_circuit(model, "<s> keep mind"),)), asked)
    assert not gives_away(Revealed(runs=(run_circuit(model, "in"),)), asked)
    named = circuit("skip-trigram")
    assert given_away(runs=(named.run(),), circuits=(named.model,)) == set()


def test_heads_with_the_score_that_is_asked_for() -> None:
    asked = variant("copying-score")
    one_hot = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]

    def head(table: str) -> AttentionOnly:
        return AttentionOnly(one_hot, one_hot, [[Head.of_circuits([[0] * 3] * 3, table)]])

    table = stored(asked)["table"]
    assert gives_away(Revealed(circuits=(head(table),)), asked)
    assert gives_away(Revealed(circuits=(head("4 2 0; 0 4 2; 2 0 4"),)), asked)  # which is twice it
    assert not gives_away(Revealed(circuits=(head("5 1 0; 0 5 1; 1 0 5"),)), asked)
    assert given_away(circuits=(circuit("copying").model,)) == set()


def test_two_heads_with_the_composition_that_is_asked_for() -> None:
    asked = variant("composition-score")
    engine = stored(asked)
    nothing = [[0, 0], [0, 0]]

    def heads(*tables: str) -> AttentionOnly:
        layers = [[Head.of_circuits(nothing, table)] for table in tables]
        return AttentionOnly([[1, 0], [0, 1]], [[1, 0], [0, 1]], layers)

    assert gives_away(Revealed(circuits=(heads(engine["W_OV"], engine["next_W_OV"]),)), asked)
    assert not gives_away(Revealed(circuits=(heads(engine["W_OV"], "1 0; 0 0"),)), asked)
    assert not gives_away(Revealed(circuits=(heads(engine["W_OV"]),)), asked)


def test_paths_through_as_many_heads() -> None:
    asked = variant("how-many-terms")
    nothing = Head.of_circuits("0", "0")

    def model(*heads: int) -> AttentionOnly:
        return AttentionOnly("1", "1", [[nothing] * count for count in heads])

    assert gives_away(Revealed(listed=(model(2, 2, 2),)), asked)
    assert not gives_away(Revealed(listed=(model(2, 2),)), asked)
    assert not gives_away(Revealed(circuits=(model(2, 2, 2),)), asked)


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        ([[1, 2, 4], [2, 2, 2], [4, 2, 1]], {28}),
        ([[2, 2, 2], [2, 1, 4], [2, 4, 1]], {28}),  # the same, with b first
        ([[1, 2, 4], [2, 2, 2], [1, 2, 4]], set()),
        ([[1, 2], [2, 2]], set()),
    ],
)
def test_pairs_that_are_counted_as_often(counts: list[list[int]], found: set[int]) -> None:
    assert given_away(bigrams=(best_bigrams(counts),)) == found
