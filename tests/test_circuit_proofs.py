"""Claims proved on every sequence: the counts and margins of section 8."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest
import sympy

from handcalc import AttentionOnly, ExponentialSum, InputError
from handcalc.circuits.gallery.circuit import Circuit
from handcalc.circuits.gallery.induction import (
    induction,
    induction_compact,
    induction_pointer,
    induction_three,
)
from handcalc.circuits.head import Head
from handcalc.circuits.proving import Enumeration
from handcalc.circuits.run import run_circuit
from handcalc.circuits.sequence_claims import MostFrequentFollower, OneFollower, followers

# section 8.1: by number of tokens and length from 2, sequences whose last token was seen before,
# and those of them with one follower
SEEN = {
    2: [2, 6, 14, 30, 62, 126],
    3: [3, 15, 57, 195, 633, 1995],
    4: [4, 28, 148, 700, 3124],
}
ONE = {2: [2, 6, 10, 16, 24, 36], 3: [3, 15, 45, 123, 321, 819], 4: [4, 28, 124, 496, 1888]}


def counts(proof: Enumeration) -> list[int]:
    return [each.sequences for each in proof.lengths[1:]]


def margins(proof: Enumeration) -> list[object]:
    return [each.margin for each in proof.lengths[1:]]


# -- section 8.1: counts, and models A and B -------------------------------------------------------


@pytest.mark.parametrize("V", [2, 3, 4])
def test_counts_of_sequences_by_formula_and_by_enumeration(V: int) -> None:
    assert [V**n - V * (V - 1) ** (n - 1) for n in range(2, 8)][: len(SEEN[V])] == SEEN[V]
    for n, seen, one in zip(range(2, 7), SEEN[V], ONE[V], strict=False):
        found = [len(followers(t)) for t in map("".join, product("abcd"[:V], repeat=n))]
        assert (sum(map(bool, found)), found.count(1)) == (seen, one)
    assert (sum(SEEN[3]), sum(ONE[3]), sum(SEEN[4]), sum(ONE[4])) == (2898, 1326, 4004, 2540)


@pytest.mark.parametrize("build", [induction, induction_pointer])
@pytest.mark.parametrize(("V", "up_to"), [(2, 7), (3, 6), (4, 5)])
def test_one_hot_induction_is_proved(build: Any, V: int, up_to: int) -> None:
    one, distribution = build(V=V, n=up_to).claims
    proof = one.prove(up_to)
    assert (proof.failures, proof.margin, proof.counterexample) == (0, 1, None)
    assert counts(proof) == ONE[V][: up_to - 1]
    proof = distribution.prove(up_to)
    assert (proof.failures, proof.margin) == (0, None)
    assert counts(proof) == SEEN[V][: up_to - 1]


def test_all_4004_sequences_of_four_tokens_are_proved() -> None:
    one, distribution = induction(V=4, n=6).claims
    proof = distribution.prove(6)
    assert (proof.sequences, proof.failures, counts(proof)) == (4004, 0, SEEN[4])
    proof = one.prove(6)
    assert (proof.sequences, proof.failures, proof.margin) == (2540, 0, 1)
    assert proof.worst == ("a", "b", "a")


@pytest.mark.slow  # 10 s: the longest rows of the table; run with python -m pytest -m slow
@pytest.mark.parametrize("build", [induction, induction_pointer])
def test_one_hot_induction_is_proved_on_longer_sequences(build: Any) -> None:
    one, distribution = build(V=3, n=7).claims
    assert (one.prove(7).sequences, one.prove(7).margin) == (1326, 1)
    assert (distribution.prove(7).sequences, distribution.prove(7).failures) == (2898, 0)
    proof = build(V=4, n=7).claim.prove(7)
    assert (proof.lengths[-1].sequences, proof.failures, proof.margin) == (6976, 0, 1)


def test_the_margin_is_the_strength_less_one_and_more_for_the_own_token() -> None:
    proof = induction(V=3, n=4, strength=5).claim.prove(4)
    assert margins(proof) == [6, 4, 4]
    run = run_circuit(induction(V=3, n=4, strength=5).model, "a a")
    assert run.last_logits == (6, 0, 0)


def test_with_strength_one_induction_only_ties() -> None:
    """Section 14: aba gives 1, 1."""
    circuit = induction(V=3, n=4, strength=1)
    assert run_circuit(circuit.model, "a b a").last_logits == (1, 1, 0)
    assert circuit.claim.prove(3).counterexample == ("a", "b", "a")


def test_several_followers_share_and_the_own_token_may_win() -> None:
    """The most frequent beats the own token iff strength × its share is above 1."""
    model = induction(V=4, n=7).model
    assert run_circuit(model, "a b a c a").last_logits == (1, 1, 1, 0)
    assert run_circuit(model, "a b a c a d a").predictions[-1] == ("a",)
    several = MostFrequentFollower(model)
    assert several.holds_at("abaca") is False
    assert several.holds_at(["a", "b", "a", "b", "a", "c", "a"]) is True
    assert several.holds_at("abc") is None


# -- section 8.2: model C, four dimensions ---------------------------------------------------------


def several(circuit: Circuit, up_to: int) -> list[tuple[int, int]]:
    """Right, and all, of each length from 4."""
    lengths = circuit.claims[1].prove(up_to).lengths[3:]
    return [(each.sequences - each.failures, each.sequences) for each in lengths]


def test_the_compact_model_in_numbers() -> None:
    circuit = induction_compact()
    assert circuit.example == "<s> a b c a"
    run = circuit.run()

    def rows(text: str) -> tuple[tuple[sympy.Expr, ...], ...]:
        return tuple(tuple(map(sympy.Rational, row.split())) for row in text.split(";"))

    assert run.residual[0] == rows(
        "0 0 1 0; 1 0 3/5 4/5; 0 1 -7/25 24/25; -1 0 -117/125 44/125; 1 0 -527/625 -336/625"
    )
    assert run.residual[1] == rows("0 0 2/5 -4/5; 1 0 0 0; 0 1 1 0; -1 0 0 1; 1 0 -1 0")
    assert run.scores[1][0][-1] == rows("2/5 0 1 0 -1")[0]
    assert run.last_logits[1:] == (1, 2, -1, -2)
    first, second = (layer[0] for layer in circuit.model.layers)
    assert rows("0 0 0 0; 0 0 0 0; 0 0 3/5 -4/5; 0 0 4/5 3/5") == first.W_QK
    assert rows("0 0 1 0; 0 0 0 1; 0 0 -3/5 -4/5; 0 0 4/5 -3/5") == first.W_OV
    assert rows("0 0 1 0; 0 0 0 1; 0 0 0 0; 0 0 0 0") == second.W_QK


def test_the_compact_model_is_proved() -> None:
    proof = induction_compact(V=4).claim.prove(5)
    assert (counts(proof), proof.failures, margins(proof)) == (ONE[4][:4], 0, [3, 1, 1, 1])
    proof = induction_compact(V=3).claim.prove(6)
    assert (counts(proof), proof.failures, margins(proof)) == (ONE[3][:5], 0, [6, 3, 3, 3, 3])
    # the table has 9 at first, over a, b and c; <s>, whose logit is 0, comes closer
    assert run_circuit(proof.claim.model, "<s> a a").last_logits == (0, 6, -3, -3)
    assert several(induction_compact(V=4), 5) == [(24, 24), (196, 204)]
    assert several(induction_compact(V=3), 6) == [(12, 12), (66, 72), (258, 312)]


@pytest.mark.slow  # 3 s: the longest rows; run with python -m pytest -m slow
def test_the_compact_model_is_proved_on_longer_sequences() -> None:
    proof = induction_compact(V=4).claim.prove(6)
    assert (counts(proof), proof.failures, margins(proof)[-1]) == (ONE[4], 0, 1)
    assert several(induction_compact(V=4), 6)[-1] == (1128, 1236)


# -- section 8.2: model D, three dimensions --------------------------------------------------------


def test_the_model_in_three_dimensions_is_proved() -> None:
    proof = induction_three(V=3).claim.prove(6)
    assert (counts(proof), proof.failures, proof.margin) == (ONE[3][:5], 0, 5)
    proof = induction_three(V=4).claim.prove(5)
    assert (counts(proof), proof.failures, proof.margin) == (ONE[4][:4], 0, sympy.Rational(5, 2))


@pytest.mark.slow  # 3 s: the longest rows; run with python -m pytest -m slow
def test_the_model_in_three_dimensions_is_proved_on_longer_sequences() -> None:
    assert induction_three(V=3).claim.prove(7).margin == 5
    proof = induction_three(V=4).claim.prove(6)
    assert (counts(proof), proof.failures, proof.margin) == (ONE[4], 0, sympy.Rational(5, 2))


@pytest.mark.parametrize("V", [2, 5, 7])
def test_other_numbers_of_tokens_fit_in_three_dimensions(V: int) -> None:
    proof = induction_three(V=V).claim.prove(4 if V > 2 else 7)
    assert not proof.failures
    assert induction_three(V=V).model.d_model == 3


def test_the_stream_in_three_dimensions_holds_the_square_the_token_and_the_one_before() -> None:
    run = run_circuit(induction_three(V=3).model, "c a b")
    assert run.residual[1][1:] == ((7, -1, 1), (7, 0, -1))  # (8 − z², b, z) of −1, 0, 1


# -- section 8.2: soft attention -------------------------------------------------------------------


def soft(V: int, n: int, strength: int, K: int) -> Enumeration:
    return induction(V, n, strength, sharpness=K, softmax="base 2").claim.prove(n)


def at(proof: Enumeration) -> tuple[object, bool]:
    """Margin of the longest sequences, and whether all are right."""
    return proof.lengths[-1].margin, not proof.lengths[-1].failures


SOFT: Sequence[tuple[int, int, int, int, float]] = [
    (3, 5, 2, 4, 0.130217),
    (3, 6, 2, 5, 0.490580291554),
    (3, 5, 4, 4, 1.260435),
    (3, 6, 4, 4, 0.963410370270),
    (4, 5, 2, 4, 0.130217),
    (4, 6, 2, 5, 0.490580291554),
    (3, 7, 2, 5, 0.398117749699),
]
SLOW: Sequence[tuple[int, int, int, int, float]] = [
    (3, 7, 4, 4, 0.694889171063),
    (4, 5, 4, 4, 1.260435),
    (4, 6, 4, 4, 0.963410370270),
    (4, 7, 2, 5, 0.398117749699),
    (4, 7, 4, 4, 0.694889171063),
    (4, 6, 2, 6, 0.764357),
    (4, 6, 2, 8, 0.944049),
    (4, 6, 2, 10, 0.986210),
]


def check_soft(V: int, n: int, strength: int, K: int, margin: float) -> Enumeration:
    """The margin to all digits that are known, and that a smaller K fails."""
    proof = soft(V, n, strength, K)
    assert proof.failures == 0
    found, is_right = at(proof)
    assert is_right
    assert isinstance(found, ExponentialSum)
    tolerance = 1e-12 if len(str(margin)) > 10 else 6e-7
    assert found.to_float() == pytest.approx(margin, abs=tolerance)
    return proof


@pytest.mark.parametrize(("V", "n", "strength", "K", "margin"), SOFT)
def test_soft_induction(V: int, n: int, strength: int, K: int, margin: float) -> None:
    proof = check_soft(V, n, strength, K, margin)
    if n == 6 and strength == 2:
        assert proof.worst == tuple("aaabcb")


@pytest.mark.slow  # 26 s: more tokens, longer sequences; run with python -m pytest -m slow
@pytest.mark.parametrize(("V", "n", "strength", "K", "margin"), SLOW)
def test_soft_induction_on_more(V: int, n: int, strength: int, K: int, margin: float) -> None:
    proof = check_soft(V, n, strength, K, margin)
    if n == 6 and strength == 2:
        assert proof.worst == tuple("aaabcb" if K <= 6 else "abccca")


@pytest.mark.parametrize(("n", "strength", "K"), [(5, 2, 4), (6, 2, 5), (5, 4, 4), (6, 4, 4)])
def test_a_smaller_sharpness_fails(n: int, strength: int, K: int) -> None:
    proof = soft(3, n, strength, K - 1)
    assert proof.failures
    assert proof.counterexample is not None
    assert proof.claim.holds_at(proof.counterexample) is False


# -- what is refused -------------------------------------------------------------------------------


def test_too_many_sequences_are_refused_with_how_many_and_how_long() -> None:
    claim = induction(V=4, n=12).claim
    with pytest.raises(InputError, match=r"22,369,620 sequences .* out of 4, about") as caught:
        claim.prove(12)
    assert (caught.value.code, caught.value.suggestion) == ("too_many", "8")
    with pytest.raises(InputError, match="prove up to 2") as caught:
        claim.prove(5, most=20)
    endless = OneFollower(AttentionOnly("1 0; 0 1", "1 0; 0 1"))
    with pytest.raises(InputError, match=r"more than 1,000,000,000,000,000 sequences .* years"):
        endless.prove(100)
    with pytest.raises(InputError, match="100 tokens at most, not 1000000000"):
        endless.prove(10**9)
    assert OneFollower(AttentionOnly("1", "1")).prove(100).sequences == 99  # of one token
    assert claim.prove(2, most=20).sequences == 4


def test_lengths_without_positions_are_refused() -> None:
    with pytest.raises(InputError, match="positions for sequences of 7 tokens, not 8"):
        induction().claim.prove(8)
    with pytest.raises(InputError, match="positions for sequences of 4 tokens, not 5"):
        induction_compact(n=4).claim.prove(5)
    for wrong in (0, -1, "many", 2.5):
        with pytest.raises(InputError, match=r"token|whole number") as caught:
            induction().claim.prove(wrong)
        assert caught.value.code == "length"


@pytest.mark.parametrize(
    ("build", "sizes"),
    [(induction, {"V": 1}), (induction_compact, {"V": 5}), (induction, {"n": 0.5})],
)
def test_sizes_out_of_reach_are_refused(build: Any, sizes: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"is from|whole number") as caught:
        build(**sizes)
    assert caught.value.code == "size"


# -- section 14, numbers 16 and 17 -----------------------------------------------------------------


def compact_with(W_QK: str, V: int = 4) -> OneFollower:
    """The claim of the compact model with another W_QK in layer 2."""
    model = induction_compact(V=V).model
    first, (last,) = model.layers
    changed = AttentionOnly(
        model.W_E,
        model.W_U,
        [first, [Head.of_circuits(W_QK, last.W_OV)]],
        W_pos=model.W_pos,
        vocabulary=model.vocabulary,
        softmax="hard",
    )
    return OneFollower(changed, before=("<s>",))


def test_other_scores_in_layer_2_do_not_induce() -> None:
    """Of 156 sequences of up to four tokens a token-to-token head has 72 right, and so on."""
    right = "0 0 1 0; 0 0 0 1; 0 0 0 0; 0 0 0 0"
    assert compact_with(right).prove(4).holds
    duplicate = compact_with("1 0 0 0; 0 1 0 0; 0 0 0 0; 0 0 0 0")
    proof = duplicate.prove(4)
    assert (proof.sequences, proof.sequences - proof.failures) == (156, 72)
    assert proof.counterexample == ("a", "b", "a")
    assert run_circuit(duplicate.model, "<s> a b a").predictions[-1] == ("a",)
    turned = compact_with("0 0 0 0; 0 0 0 0; 1 0 0 0; 0 1 0 0").prove(4)
    assert (turned.sequences - turned.failures, turned.counterexample) == (132, tuple("abca"))
    for wrong in ("0 0 -1 0; 0 0 0 -1; 0 0 0 0; 0 0 0 0", "0 0 0 0; 0 0 0 0; 0 0 0 0; 0 0 0 0"):
        assert not compact_with(wrong).prove(4).holds


def test_the_smallest_whole_strength_of_the_one_hot_model_is_two() -> None:
    assert not induction(V=3, n=4, strength=1).claim.prove(4).holds
    assert induction(V=3, n=4, strength=2).claim.prove(4).holds
