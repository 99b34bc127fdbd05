"""Trained attention-only models beside exact losses and named circuits, by two routes each."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from math import log, sqrt

import pytest
import torch

import handcalc
from handcalc.circuits.skip_trigram_bug import bug_price
from tests.attention_by_hand import SHARP, as_trained, counting, named, run_of
from tests.circuit_cases import random_model
from torchsim.attention.data import Contexts, Repeats, TokenChain
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.attention.training import train
from torchsim.comparison import heads
from torchsim.comparison.attention import compare_attention, is_bug, pays_for_bug
from torchsim.comparison.circuit_parts import NEAR, CircuitMatch, Mark, PlayedPart, circuit_matches
from torchsim.comparison.heads import Measure, measure_heads, measure_pairs, random_tokens
from torchsim.views.attention_sentences import compared_sentences

COIN, ODD = {"mind": 1, "bay": 1}, {"in": 1, "bay": 1}
CROSSED = Contexts.of(
    "<s> keep in at mind bay",
    {
        "<s> keep in": {"mind": 2},
        "<s> keep at": {"bay": 2},
        "<s> <s> in": COIN,
        "<s> <s> at": COIN,
    },
)

# -- which named circuit --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("copying", {"V": 4}),
        ("previous-token", {"V": 4, "n": 8, "sharpness": SHARP}),
        ("induction", {"V": 4, "n": 8, "sharpness": SHARP}),
        ("induction-pointer", {"V": 4, "n": 8, "sharpness": SHARP}),
    ],
)
def test_a_circuit_that_is_made_by_hand_is_nearest_to_itself(name: str, sizes: dict) -> None:  # type: ignore[type-arg]  # keyword arguments
    (found,) = compare_attention(run_of(named(name, **sizes))).models
    assert found.nearest is not None
    assert found.nearest.name == name
    assert found.nearest.nearness == pytest.approx(1, abs=1e-6)
    others = [match for match in found.matches if match.name != name]
    assert not any(match.is_near for match in others)


def test_which_head_plays_which_part() -> None:
    (found,) = compare_attention(run_of(named("induction", V=4, n=8, sharpness=SHARP))).models
    assert found.nearest is not None
    first, second = found.nearest.parts
    assert [(part.name, part.head) for part in (first, second)] == [
        ("previous-token head", (1, 1)),
        ("induction head", (2, 1)),
    ]
    said = " ".join(compared_sentences(found))
    assert "Nearest named circuit: induction, at 1.00." in said
    assert (
        "Head 1.1 plays the previous-token head: it attends to the place before with 1.00" in said
    )
    assert "matches: 1.00 of the rows of its K-composition table with head 1.1" in said


def test_a_head_that_counts_places_is_near_no_circuit_whatever_its_score() -> None:
    (found,) = compare_attention(run_of(counting())).models
    assert found.induction[0].value > 0.8
    assert found.heads[0].followers.nearness < NEAR
    assert found.heads[0].copies.value == 1
    assert found.nearest is None
    said = compared_sentences(found)
    assert "No named circuit is near, which is from 0.50 on" in said[1]
    assert said[-1].endswith("on random tokens: it looks at places, not at tokens.")


def test_an_untrained_model_is_near_no_circuit() -> None:
    model = AttentionSpec(TokenChain(8, 12), steps=1)
    (found,) = compare_attention(train(AttentionTraining((model,), restarts=1))).models
    assert found.nearest is None
    assert {match.name for match in found.matches} == {
        "copying", "previous-token", "induction", "induction-pointer",
    }  # fmt: skip
    assert "That is too little." in " ".join(compared_sentences(found))


def test_the_worst_mark_decides() -> None:
    half, whole = Measure(0.6, 0.2), Measure(1.0, 0.2)
    part = PlayedPart("head", (1, 1), (Mark("does {}", half), Mark("does {}", whole)))
    assert part.nearness == pytest.approx(0.5)
    assert CircuitMatch(
        "x", (part, PlayedPart("other", (2, 1), (Mark("{}", whole),)))
    ).nearness == (part.nearness)
    assert Measure(0.5, 1.0).nearness == 0


def test_no_heads_match_nothing() -> None:
    assert circuit_matches((), ()) == ()


# -- measures, by another route -------------------------------------------------------------------


def test_where_heads_look_is_what_plain_loops_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "_SEQUENCES", 12)
    model = random_model(11, (2,), V=4, d_model=5, d_head=3, softmax="exp", positions=6)
    trained = as_trained(model, TokenChain(4, 6))
    tokens = random_tokens(trained.model)[0].tolist()
    for head in measure_heads(trained):
        before, follows, same, apart = [], [], [], []
        for row in tokens:
            pattern = handcalc.run_circuit(model, row).pattern[0][head.head[1] - 1]
            for i in range(6):
                weights = [float(x) for x in pattern[i]]
                if i:
                    before.append(weights[i - 1])
                    gap = sum(abs(w - 1 / (i + 1)) for w in weights[: i + 1])
                    apart.append(1 - gap / 2)
                if any(row[j - 1] == row[i] for j in range(1, i + 1)):
                    follows.append(sum(weights[j] for j in range(1, i + 1) if row[j - 1] == row[i]))
                if row[i] in row[:i]:
                    same.append(sum(weights[j] for j in range(i) if row[j] == row[i]))
        assert sum(before) / len(before) == pytest.approx(head.previous.value, abs=1e-9)
        assert sum(follows) / len(follows) == pytest.approx(head.followers.value, abs=1e-9)
        assert sum(same) / len(same) == pytest.approx(head.same.value, abs=1e-9)
        assert sum(apart) / len(apart) == pytest.approx(head.even.value, abs=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_copying_and_composition_are_those_of_exact_numbers(seed: int) -> None:
    model = random_model(seed, (2, 2), V=4, d_model=5, d_head=3)
    trained = as_trained(model, TokenChain(4, 6))
    for head in measure_heads(trained):
        exact = handcalc.copying(model, *head.head)
        assert head.copies.value == pytest.approx(float(exact.share))
        score = exact.score_float if exact.score is None else float(exact.score)
        assert head.copying_score == pytest.approx(score)
    pairs = handcalc.composition(model)
    for pair in measure_pairs(trained):
        known = pairs.between(pair.earlier, pair.later)
        for kind in "QKV":
            square = getattr(known, kind)
            assert getattr(pair, kind) == pytest.approx(sqrt(square))


def test_the_k_composition_table_is_that_of_exact_numbers() -> None:
    model = random_model(7, (1, 1), V=4, d_model=5, d_head=3)
    (pair,) = measure_pairs(as_trained(model, TokenChain(4, 6)))
    rows = [list(map(Fraction, map(str, row))) for row in model.W_E]

    def times(a: list[list[Fraction]], b: list[list[Fraction]]) -> list[list[Fraction]]:
        return [
            [sum(x * y for x, y in zip(r, c, strict=True)) for c in zip(*b, strict=True)] for r in a
        ]  # type: ignore[misc]  # sums of fractions

    W_QK = [list(map(Fraction, map(str, row))) for row in model.head(2, 1).W_QK]
    W_OV = [list(map(Fraction, map(str, row))) for row in model.head(1, 1).W_OV]
    written = [list(column) for column in zip(*times(rows, W_OV), strict=True)]
    table = times(times(rows, W_QK), written)
    own = [row[k] == max(row) and row.count(max(row)) == 1 for k, row in enumerate(table)]
    assert pair.matches.value == sum(own) / len(own)


def test_uniform_attention_is_at_chance() -> None:
    (head,) = measure_heads(named("copying", V=5))
    for measure in (head.previous, head.followers, head.same):
        assert measure.nearness == pytest.approx(0, abs=1e-12)
    assert head.even.value == pytest.approx(1)


# -- exact losses ---------------------------------------------------------------------------------


def test_the_contexts_of_the_bug_are_known_by_what_they_are() -> None:
    assert is_bug(CROSSED)
    rows = list(zip(CROSSED.contexts, CROSSED.counts, strict=True))
    for order in permutations(rows):
        contexts, counts = zip(*order, strict=True)
        assert is_bug(Contexts(CROSSED.vocabulary, contexts, counts))
    longer = {
        "keep <s> keep in": {"mind": 2}, "keep <s> keep at": {"bay": 2},
        "<s> <s> <s> in": COIN, "<s> <s> <s> at": COIN,
    }  # fmt: skip
    assert is_bug(Contexts.of("<s> keep in at mind bay", longer))


@pytest.mark.parametrize(
    "seen",
    [
        {"keep in": {"mind": 2}, "keep at": {"mind": 2}, "<s> in": COIN, "<s> at": COIN},
        {"keep in": {"mind": 2}, "<s> at": {"bay": 2}, "<s> in": COIN, "keep at": COIN},
        {"keep in": {"mind": 4}, "keep at": {"bay": 2}, "<s> in": COIN, "<s> at": COIN},
        {"keep in": {"mind": 2}, "keep at": {"bay": 2}, "<s> in": COIN, "<s> keep": COIN},
        {"keep in": {"mind": 2}, "keep at": {"bay": 2}, "<s> in": ODD, "<s> at": COIN},
        {"keep in": {"mind": 2}, "<s> in": COIN},
    ],
)  # fmt: skip
def test_other_contexts_are_not_the_bug(seen: dict[str, dict[str, int]]) -> None:
    behind = {f"<s> {text}": row for text, row in seen.items()}
    assert not is_bug(Contexts.of("<s> keep in at mind bay", behind))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("with_source", "without", "loss"),
    [
        ("mind keep", "<s> <s>", log(2) / 2),  # in and at look at different ones of the two
        ("<s> keep", "<s> mind", log(2) / 2),
        # none to rest at: δ grows by the same e at both, and by symmetry e = 0 and σ = 3/4 are best
        ("keep", "<s>", 2 * log(2) - 0.75 * log(3)),
        ("keep keep", "<s> <s>", 2 * log(2) - 0.75 * log(3)),
    ],
)
def test_where_a_head_can_look_at_another_token_or_at_none_the_price_is_not_this(
    with_source: str, without: str, loss: float
) -> None:
    seen = {
        f"{with_source} in": {"mind": 2}, f"{with_source} at": {"bay": 2},
        f"{without} in": COIN, f"{without} at": COIN,
    }  # fmt: skip
    data = Contexts.of("<s> keep in at mind bay", seen)
    model = replace(bugged(self_attention=False), data=data)
    (found,) = compare_attention(train(AttentionTraining((model,), restarts=4))).models
    assert (found.price, found.pays) == (None, False)
    assert found.loss == pytest.approx(loss, abs=1e-3)


def bugged(**options: object) -> AttentionSpec:
    return AttentionSpec(
        CROSSED, layers=1, d_model=16, d_head=4, positions=False, steps=700, rate=1e-2, decay=0.0,
        warm_up=0, clip=None, **options,
    )  # fmt: skip


def test_one_head_pays_the_price_and_a_head_that_sees_itself_does_not() -> None:
    models = bugged(self_attention=False), bugged()
    pays, escapes = compare_attention(train(AttentionTraining(models, restarts=4))).models
    price = 0.25 * (5 * log(2) - 1.5 * log(3))
    assert pays.price == bug_price().price
    assert (pays.pays, escapes.pays) == (True, False)
    assert pays.loss == pytest.approx(price, abs=2e-4)
    assert escapes.loss < price - 0.05
    assert pays.least is not None
    assert pays.least.to_float() == pytest.approx(log(2) / 2)
    assert (
        "pays at least 5/4*log(2) - 3/8*log(3), about 0.4544544: proved"
        in (compared_sentences(pays)[1])
    )
    assert compared_sentences(escapes)[1].startswith("It is below the price")
    assert pays.matches == ()


def test_who_pays_is_what_the_theorem_is_about() -> None:
    assert pays_for_bug(bugged(self_attention=False))
    assert not pays_for_bug(bugged(self_attention=False, heads=2))
    assert not pays_for_bug(bugged())
    with_positions = AttentionSpec(CROSSED, layers=1, self_attention=False)
    assert not pays_for_bug(with_positions)


def test_zero_layers_come_to_the_exact_table() -> None:
    counts = [[3, 5, 9, 17], [4, 10, 28, 82], [5, 17, 65, 55], [6, 26, 25, 20]]
    models = tuple(
        AttentionSpec(
            Contexts.bigrams(counts), layers=0, d_model=width, positions=False, steps=700,
            rate=5e-2, betas=(0.9, 0.999), decay=0.0, warm_up=0, clip=None,
        )
        for width in (1, 3)
    )  # fmt: skip
    narrow, wide = compare_attention(train(AttentionTraining(models, restarts=2))).models
    entropy = handcalc.best_bigrams(counts).entropy
    assert (narrow.least, wide.least) == (entropy, entropy)
    assert wide.gap_percent == pytest.approx(0, abs=1e-3)
    assert wide.table_gap is not None
    assert wide.table_gap < 1e-2
    assert narrow.counts is not None
    assert narrow.counts.found is not None
    assert (narrow.counts.dimensions, narrow.counts.found.dimensions) == (3, 1)
    assert narrow.loss == pytest.approx(narrow.counts.found.loss, rel=1e-3)
    said = compared_sentences(narrow)
    assert "needs d_model 3, which is proved; 1 is too little. The best table found" in said[-1]
    assert (
        compared_sentences(wide)[-1] == "The best table needs d_model 3, and 3 is enough: proved."
    )


def test_the_gap_of_a_table_is_that_of_plain_numbers() -> None:
    identity = [[1, 0], [0, 1]]
    model = handcalc.AttentionOnly([["1", "0"], ["0", "2"]], identity)
    (found,) = compare_attention(
        run_of(as_trained(model, Contexts.bigrams([[2, 1], [1, 4]])))
    ).models
    # rows centred: ½ −½; −1 1; logs: ±½ log 2; ∓½ log 4
    wanted = max(abs(0.5 - log(2) / 2), abs(1 - log(4) / 2))
    assert found.table_gap == pytest.approx(wanted)


@pytest.mark.parametrize(
    ("data", "least"),
    [(TokenChain(12, 8), log(12)), (Repeats(6, 8, 2, 4), log(5))],
)
def test_zero_layers_on_sequences_know_the_last_token_alone(data: object, least: float) -> None:
    model = AttentionSpec(data, layers=0, steps=1)  # type: ignore[arg-type]  # one of the kinds
    (found,) = compare_attention(train(AttentionTraining((model,), restarts=1))).models
    assert found.least is not None
    assert found.least.to_float() == pytest.approx(least)
    assert found.loss > least


def test_a_token_that_may_repeat_alone_is_likelier_to_come_again() -> None:
    model = AttentionSpec(Repeats(6, 8, 1, 4), layers=0, steps=400, warm_up=10, rate=1e-2)
    (found,) = compare_attention(train(AttentionTraining((model,), restarts=1))).models
    # 7 of 7 + 6 + 5 + 4 places that count are in sentences of one token
    q = 7 / 22
    assert found.loss < log(6) - 0.02
    assert found.loss < -q * log(q) - (1 - q) * log((1 - q) / 5) + 0.02
    assert found.least is None


def test_counts_that_are_too_large_for_a_formula_are_still_compared() -> None:
    data = Contexts.bigrams([[10**13, 1], [1, 1]])
    model = AttentionSpec(data, layers=0, d_model=1, steps=1)
    (found,) = compare_attention(train(AttentionTraining((model,), restarts=1))).models
    assert found.least is not None
    assert found.counts is None
    assert compared_sentences(found)


def test_a_table_is_searched_for_only_where_that_is_quick(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """26 tokens in 5 dimensions would take most of a minute, without a word."""
    asked = []

    def noted(counts: object, *, dimensions: int | None = None) -> object:
        asked.append(dimensions)
        return handcalc.best_bigrams(counts, dimensions=dimensions)

    monkeypatch.setattr("torchsim.comparison.attention.best_bigrams", noted)
    counts = [[1 + 4 * (i == j) + (i * j) % 7 for j in range(26)] for i in range(26)]
    models = tuple(
        AttentionSpec(Contexts.bigrams(rows), layers=0, d_model=width, positions=False, steps=2)
        for rows, width in ((counts, 5), (counts, 32), ([[2, 1, 1], [1, 2, 1], [1, 1, 2]], 1))
    )
    wide, enough, small = compare_attention(train(AttentionTraining(models, restarts=1))).models
    assert asked == [None, None, None, 1]
    assert wide.counts is not None
    assert wide.counts.found is None
    needed = wide.counts.dimensions
    assert compared_sentences(wide)[-1] == (
        f"The best table needs d_model {needed}, which is proved; 5 is too little. The best of "
        "that width is not searched for here, as that takes long."
    )
    assert compared_sentences(enough)[-1].endswith("and 32 is enough: proved.")
    assert small.counts is not None
    assert small.counts.found is not None


def test_what_is_judged_is_the_best_restart() -> None:
    model = AttentionSpec(TokenChain(5, 8), layers=1, steps=3)
    run = train(AttentionTraining((model,), restarts=3))
    (found,) = compare_attention(run).models
    assert found.restart == int(torch.argmin(run.trained[0].loss))
    assert [each.value for each in found.induction] == pytest.approx(
        run.trained[0].scores.induction[found.restart].flatten().tolist()  # type: ignore[union-attr]  # there are heads
    )


def test_random_tokens_are_as_likely_at_every_place() -> None:
    tokens = random_tokens(AttentionSpec(TokenChain(4, 16)))
    shares = torch.bincount(tokens.flatten(), minlength=4) / tokens.numel()
    assert (shares - 0.25).abs().max() < 0.03
    draw = random.Random(0)  # noqa: S311 - a choice of places
    i, j = draw.sample(range(16), 2)
    equal = (tokens[0, :, i] == tokens[0, :, j]).double().mean()
    assert abs(float(equal) - 0.25) < 0.1
