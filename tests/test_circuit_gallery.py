"""The named circuits: pages, claims, and the numbers of sections 5, 7, 8.4 and 9."""

from __future__ import annotations

import pickle
import re
from fractions import Fraction

import pytest
import sympy

import handcalc
from handcalc import InputError
from handcalc.circuits.composition import deleting_matrix, room_left, virtual_weight
from handcalc.circuits.corpus import best_bigrams
from handcalc.circuits.gallery.circuit import Circuit
from handcalc.circuits.gallery.listing import circuit_sizes
from handcalc.circuits.gallery.listing import circuits as listed
from handcalc.circuits.gallery.positional import leads_back, virtual_pattern
from handcalc.circuits.gallery.zero_layers import CORPUS
from handcalc.circuits.run import run_circuit
from handcalc.circuits.tables import bigram_table, ov_circuit, source_effect
from tests.test_circuit_runs import rows

NAMES = """\
zero-layer one-dimension one-head skip-trigram skip-trigram-mended attention-steals source-xor \
copying previous-token two-back deleting induction induction-pointer induction-compact \
induction-three"""

ALL = handcalc.circuits()
BY_NAME = [pytest.param(each, id=each.name) for each in ALL]


# -- every page ------------------------------------------------------------------------------------


def test_fifteen_circuits_are_named() -> None:
    assert " ".join(each.name for each in ALL) == NAMES


def test_the_package_lists_them_when_it_is_called() -> None:
    """handcalc.circuits is a package, and the list goes by its name."""
    assert handcalc.circuits.head.Head is handcalc.Head
    assert [each.name for each in handcalc.circuits()] == [each.name for each in listed()]


@pytest.mark.parametrize("circuit", BY_NAME)
def test_a_page_can_be_read_alone(circuit: Circuit) -> None:
    words = len(circuit.story.split())
    assert 130 <= words <= 300
    assert circuit.source
    assert circuit.title[0].isupper()
    assert all(line == line.strip() for line in circuit.story.splitlines())
    assert circuit.run().tokens == circuit.run().model.vocabulary[:0] + tuple(
        circuit.example.split()
    )


@pytest.mark.parametrize("circuit", BY_NAME)
def test_findings_are_computed_and_say_both_sides(circuit: Circuit) -> None:
    found = circuit.findings
    assert found.gained
    assert found.lost
    for claim in (*found.gained, *found.lost):
        assert claim.sentence.count("{}") == len(claim.values)
        assert claim.sentence.endswith((".", "?"))


@pytest.mark.parametrize("circuit", BY_NAME)
def test_the_claims_are_proved(circuit: Circuit) -> None:
    size, room = len(circuit.claim.alphabet), circuit.claim.room
    up_to = min(room or 4, 5 if size <= 3 else 4)
    proof = circuit.claim.prove(up_to)
    assert proof.sequences > 0
    assert proof.holds
    assert proof.margin is None or float(proof.margin) > 0


@pytest.mark.parametrize("circuit", BY_NAME)
def test_circuits_are_values(circuit: Circuit) -> None:
    again = pickle.loads(pickle.dumps(circuit))  # noqa: S301 - of its own making
    assert again.model == circuit.model == handcalc.circuit(circuit.name).model
    assert repr(again) == f"<Circuit {circuit.name}: {circuit.title}>"


def test_a_circuit_is_built_in_other_sizes() -> None:
    assert handcalc.circuit("induction", V=3, n=5).model.d_model == 11
    assert handcalc.circuit("induction-pointer", V=3, n=5).model.d_model == 13
    assert handcalc.circuit("two-back", V=2, n=4).claim.prove(4).holds
    assert handcalc.circuit("copying", V=5).model.d_vocab == 5
    assert set(circuit_sizes("previous-token")) == {"V", "n", "positions", "sharpness", "softmax"}


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("copying", {"V": 2}),
        ("previous-token", {"V": 2, "n": 2}),
        ("previous-token", {"V": 2, "n": 3, "positions": "rotation"}),
        ("two-back", {"V": 2, "n": 3}),
        ("deleting", {"n": 1}),
        ("induction", {"V": 2, "n": 2}),
        ("induction", {"V": 26, "n": 5}),
        ("induction-pointer", {"V": 2, "n": 3, "softmax": "base 2"}),
        ("induction-compact", {"V": 3, "n": 2}),
        ("induction-three", {"V": 2, "n": 2}),
        ("induction-three", {"V": 9, "n": 10}),
    ],
    ids=str,
)
def test_a_circuit_of_any_size_has_a_page(name: str, sizes: dict[str, object]) -> None:
    found = handcalc.circuit(name, **sizes)
    assert found.run().tokens == tuple(found.example.split())
    said = [
        claim.sentence for side in (found.findings.gained, found.findings.lost) for claim in side
    ]
    is_soft = "softmax" in sizes  # and too soft for what is claimed
    assert any("break it" in each if is_soft else "Proved on {} such" in each for each in said)
    assert found.claim.prove(2 if sizes.get("n") != 1 else 1).holds


def test_unknown_names_and_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="There is no circuit named 'inductoin'") as caught:
        handcalc.circuit("inductoin")
    assert caught.value.suggestion == "induction"
    with pytest.raises(InputError, match=re.escape("induction-compact takes V and n, and no 'm'")):
        handcalc.circuit("induction-compact", m=3)
    with pytest.raises(InputError, match="source-xor has one size"):
        handcalc.circuit("source-xor", V=3)
    with pytest.raises(InputError, match="Positions are one-hot, quadratic, rotation"):
        handcalc.circuit("previous-token", positions="square")
    with pytest.raises(InputError, match="n is from 2 to 10 here, not 11"):
        handcalc.circuit("previous-token", positions="rotation", n=11)


# -- sections 4 and 5 ------------------------------------------------------------------------------


def test_both_bigram_models_have_the_shares_of_the_corpus() -> None:
    found = best_bigrams(CORPUS)
    assert found.dimensions == 1
    for name, d_model in (("zero-layer", 3), ("one-dimension", 1)):
        model = handcalc.circuit(name).model
        assert model.d_model == d_model
        for token, counts in enumerate(found.counts):
            shares = tuple(sympy.Rational(k, sum(counts)) for k in counts)
            assert run_circuit(model, [token]).probabilities[0] == shares
    centred = bigram_table(handcalc.circuit("one-dimension").model).cells
    assert centred == rows("-1 0 1; 0 0 0; 1 0 -1")


def effects(name: str, before: str = "<s>") -> tuple[tuple[object, ...], ...]:
    model = handcalc.circuit(name).model
    return source_effect(model, "keep", "in at", "mind bay", before=before).effects


def test_skip_trigrams_their_bug_and_two_cures() -> None:
    """Section 5; the rank, the tables and more numbers are in test_circuit_tables.py."""
    assert effects("skip-trigram") == rows("2 2; 2 2")
    run = handcalc.circuit("skip-trigram").run()
    assert run.pattern[0][0][2] == rows("1/4 1/2 1/4")[0]
    assert run.probabilities[2] == rows("1/12 1/12 1/12 1/12 1/3 1/3")[0]
    assert effects("skip-trigram-mended") == rows("16/3 0; 0 16/3")
    mended = handcalc.circuit("skip-trigram-mended")
    assert [head[2][1] for head in mended.run().pattern[0]] == [Fraction(1, 2), Fraction(1, 6)]
    assert mended.claim.prove(6).holds
    assert effects("attention-steals", before="") == rows("12/5 0; 0 12/5")


def test_attention_is_a_competition_and_keep_writes_nothing() -> None:
    circuit = handcalc.circuit("attention-steals")
    assert not any(ov_circuit(circuit.model, 1, 1).cells[1])
    wanted = {"keep in": "16/5 0", "keep at": "0 16/5", "<s> in": "4/5 0", "<s> at": "0 4/5"}
    for sentence, expected in wanted.items():
        assert run_circuit(circuit.model, sentence).logits[1][4:] == rows(expected)[0]
    assert circuit.run().pattern[0][0][1] == rows("4/5 1/5")[0]
    assert circuit.claim.prove(5).failures == 0


def test_xor_of_source_and_destination() -> None:
    circuit = handcalc.circuit("source-xor")
    proof = circuit.claim.prove(30)  # of which only those of two tokens are concerned
    assert (proof.sequences, proof.failures, proof.margin) == (4, 0, sympy.Rational(4, 5))
    for sentence, mind in {"keep in": 3, "leave at": 3, "keep at": Fraction(6, 5)}.items():
        assert run_circuit(circuit.model, f"<s> {sentence}").logits[2][-2:] == (mind, 2)


# -- section 7 -------------------------------------------------------------------------------------


def leads(positions: str, n: int) -> list[float]:
    circuit = handcalc.circuit("previous-token", V=2, n=n, positions=positions)
    return [float(each) for each in leads_back(run_circuit(circuit.model, [0] * n), 1, 1)]


def test_previous_token_heads_lead_by_their_positions() -> None:
    assert leads("one-hot", 12) == [1] * 11
    assert leads("quadratic", 12) == [1] * 11
    found = leads("rotation", 10)
    assert found[:6] == [0.4] * 6
    assert found[6:] == pytest.approx([0.2478, 0.0215, 0.0215], abs=5e-5)


def test_previous_token_heads_by_width() -> None:
    for positions, width in (("one-hot", 7), ("quadratic", 3), ("rotation", 2)):
        circuit = handcalc.circuit("previous-token", V=2, positions=positions)
        assert circuit.model.d_model == 2 + width
        attends, copies = (claim.prove(7) for claim in circuit.claims)
        assert (attends.sequences, attends.failures) == (252, 0)
        assert attends.margin == (sympy.Rational(2, 5) if width == 2 else 1)
        assert copies.holds


def test_positions_by_the_3_4_5_angle() -> None:
    model = handcalc.circuit("previous-token", V=2, n=6, positions="rotation").model
    assert model.W_pos is not None
    assert tuple(row[2:] for row in model.W_pos) == rows(
        "1 0; 3/5 4/5; -7/25 24/25; -117/125 44/125; -527/625 -336/625; -237/3125 -3116/3125"
    )


def test_quadratic_positions_score_a_parabola() -> None:
    model = handcalc.circuit("previous-token", V=2, n=6, positions="quadratic").model
    assert tuple(row[2:] for row in model.head(1, 1).W_QK[2:]) == rows("0 -2 -1; 0 2 0; 0 0 0")
    scores = run_circuit(model, "aaaaaa").scores[0][0]
    for i, row in enumerate(scores):
        assert row == tuple(-j * j + 2 * (i - 1) * j for j in range(6))


def test_soft_attention_to_the_previous_token() -> None:
    """A(i, i−1) = b/(b + i) for one-hot positions and base b."""
    soft = handcalc.circuit("previous-token", V=2, n=6, sharpness=3, softmax="base 2")
    pattern = run_circuit(soft.model, "aaaaaa").pattern[0][0]
    assert [pattern[i][i - 1] for i in range(1, 6)] == list(rows("8/9 4/5 8/11 2/3 8/13")[0])


# -- section 8.4 -----------------------------------------------------------------------------------


def test_two_heads_look_two_back() -> None:
    circuit = handcalc.circuit("two-back")
    pattern = virtual_pattern(run_circuit(circuit.model, "aaaaa"))
    assert pattern == rows("1 0 0 0 0; 1 0 0 0 0; 1 0 0 0 0; 0 1 0 0 0; 0 0 1 0 0")
    soft = handcalc.circuit("two-back", sharpness=3, softmax="base 2")
    row = virtual_pattern(run_circuit(soft.model, "aaaaa"))[4]
    assert row == rows("5543/23760 3409/23760 3961/7920 23/198 1/144")[0]


# -- section 9 -------------------------------------------------------------------------------------


def test_disjoint_is_a_fact_about_the_product() -> None:
    writer = "1 2 0 0"
    apart, crossing, heard = (
        virtual_weight(writer, each) for each in ("0;0;3;4", "2;-1;3;0", "1;1;0;0")
    )
    assert (apart.product, crossing.product, heard.product) == (((0,),), ((0,),), ((3,),))
    assert (apart.disjoint, crossing.disjoint, heard.disjoint) == (True, True, False)
    assert (apart.shared_coordinates, crossing.shared_coordinates) == ((), (1, 2))
    with pytest.raises(InputError, match="W_I must be 4 × 4, not 1 × 4"):
        virtual_weight(writer, "1 2 3 4")


def test_deleting_takes_a_direction_away() -> None:
    removal = deleting_matrix("1 2 0 0")
    assert removal == rows("-1/5 -2/5 0 0; -2/5 -4/5 0 0; 0 0 0 0; 0 0 0 0")
    run = run_circuit(handcalc.circuit("deleting").model, "bare marked")
    assert [row[:4] for row in run.residual[0]] == [(7, -1, 2, 3), (12, 9, 2, 3)]
    assert [row[:4] for row in run.residual[1]] == [(6, -3, 2, 3)] * 2
    assert deleting_matrix("sqrt(2) 0") == ((-1, 0), (0, 0))
    with pytest.raises(InputError, match="not 0"):
        deleting_matrix("0 0")


def test_soft_deleting_leaves_one_less_the_weight() -> None:
    circuit = handcalc.circuit("deleting", n=2, sharpness=3, softmax="base 2")
    run = run_circuit(circuit.model, "other marked")
    weight = run.pattern[0][0][1][1]
    assert weight == Fraction(8, 9)
    assert run.logits[1][1] == 30 * (1 - weight)


def test_the_budget_of_the_stream() -> None:
    assert room_left(4, ["1 2 0 0", "2 4 0 0; 1 0 0 0", "0 0 0 1"]) == 0
    assert room_left(2, ["1 0; 0 1", "1 1"]) == -1
    with pytest.raises(InputError, match="W_O must be"):
        room_left(3, ["1 0"])
