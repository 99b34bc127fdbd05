"""What attention-only models are trained on: the same by its place, on every device and cut."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import log
from typing import Any

import pytest
import torch

from handcalc.circuits.corpus import best_bigrams
from handcalc.errors import InputError
from tests import philox_by_hand
from tests.philox_by_hand import WORD
from tests.sim_devices import CUDA
from torchsim.attention.batches import SequenceSampler
from torchsim.attention.data import Contexts, Repeats, TokenChain
from torchsim.attention.specification import AttentionSpec, AttentionTraining
from torchsim.presets.bigrams import counts

CPU = torch.device("cpu")


def sampler(data: Any, *, seed: int = 3, restarts: int = 2, device: torch.device = CPU) -> Any:
    return SequenceSampler.of(data, seed, range(restarts), device, torch.float64)


# -- what is drawn --------------------------------------------------------------------------------


def by_hand(data: TokenChain | Repeats, k: int, step: int, restart: int, purpose: int) -> list[int]:
    """Sequence k of a step, from Philox in whole numbers."""

    def r(i: int) -> int:
        return philox_by_hand.number(k, i, step=step, purpose=purpose, seed=3, restart=restart)

    V, T = data.d_vocab, data.n_ctx
    order = sorted(range(V), key=r)
    if isinstance(data, Repeats):
        period = data.shortest + r(V) * (data.longest - data.shortest + 1) // WORD
        return [order[i % period] for i in range(T + 1)]
    tokens = [r(V + T) * V // WORD]
    for i in range(T):
        by_chance = r(V + i) < round(data.noise * WORD)
        tokens.append(r(V + T + 1 + i) * V // WORD if by_chance else order[tokens[-1]])
    return tokens


@pytest.mark.parametrize(
    "data", [TokenChain(5, 9, "1/3"), TokenChain(7, 4, 0), Repeats(6, 9, 2, 5)]
)
@pytest.mark.parametrize("unseen", [False, True])
def test_sequences_are_those_of_plain_whole_numbers(data: Any, unseen: bool) -> None:
    batch = sampler(data).batch(4, 6, unseen=unseen)
    step, purpose = 4, 1 if unseen else 0
    for restart, rows in enumerate(batch.tokens.tolist()):
        for k, row in enumerate(rows):
            assert row == by_hand(data, k, step, restart, purpose)[:-1]
    assert len(batch.tokens) == (1 if unseen else 2)


@pytest.mark.parametrize("data", [TokenChain(), Repeats()])
def test_a_sequence_does_not_depend_on_what_is_drawn_beside_it(data: Any) -> None:
    many = sampler(data, restarts=3).batch(1, 9).tokens
    assert torch.equal(many[:2, :4], sampler(data, restarts=2).batch(1, 4).tokens)
    assert not torch.equal(many, sampler(data, restarts=3).batch(2, 9).tokens)
    assert not torch.equal(many, sampler(data, restarts=3, seed=4).batch(1, 9).tokens)
    assert not torch.equal(many[:1], sampler(data).batch(1, 9, unseen=True).tokens)


@CUDA
@pytest.mark.parametrize("data", [TokenChain(), Repeats()])
def test_a_gpu_draws_the_same(data: Any) -> None:
    there = sampler(data, device=torch.device("cuda")).batch(5, 33)
    here = sampler(data).batch(5, 33)
    assert torch.equal(there.tokens.cpu(), here.tokens)
    assert torch.equal(there.targets.cpu(), here.targets)


def test_a_chain_follows_its_permutation_but_for_the_noise() -> None:
    batch = sampler(TokenChain(6, 400, "1/5"), restarts=1).batch(0, 50)
    followed = 0
    for row in batch.tokens[0].tolist():
        pairs = list(pairwise(row))
        after = {
            a: max(set(b), key=b.count) for a in range(6) if (b := [y for x, y in pairs if x == a])
        }
        assert sorted(after.values()) == sorted(after), "a permutation"
        followed += sum(after[a] == b for a, b in pairs)
    # chance hits the permuted token too, one time in six
    assert followed / (50 * 399) == pytest.approx(1 - Fraction(1, 5) * Fraction(5, 6), abs=0.01)


def test_repeats_count_where_the_token_has_occurred() -> None:
    batch = sampler(Repeats(8, 10, 3, 5), restarts=1).batch(0, 200)
    periods = set()
    for row, weights in zip(
        batch.tokens[0].tolist(), batch.targets[0].sum(-1).tolist(), strict=True
    ):
        seen = [row[i] in row[:i] for i in range(10)]
        assert [weight > 0 for weight in weights] == seen
        periods.add(seen.index(True))
    assert periods == {3, 4, 5}
    assert float(batch.targets.sum()) == pytest.approx(1)


def test_contexts_are_all_there_in_every_step() -> None:
    data = Contexts.of("a b c", {"a b": {"c": 3}, "b a": {"a": 1, "b": 2}})
    batch = sampler(data).batch(9, 1)
    assert batch.tokens.tolist() == [[[0, 1], [1, 0]]]
    assert batch.targets[0, :, 0].sum() == 0
    expected = torch.tensor([[0, 0, 3 / 6], [1 / 6, 2 / 6, 0]], dtype=torch.float64)
    assert torch.allclose(batch.targets[0, :, 1], expected)


# -- what is known of it --------------------------------------------------------------------------


def test_the_entropy_is_that_of_the_bigrams() -> None:
    table = counts(4).counts
    found = best_bigrams(table)
    assert Contexts.bigrams(table).entropy == found.entropy
    assert found.dimensions == 3


def test_the_preset_of_bigrams_needs_the_width_that_it_says() -> None:
    assert best_bigrams(counts(10).counts).dimensions == 9


def test_the_entropy_of_contexts() -> None:
    coin = Contexts.of("a b c", {"a a": {"b": 1, "c": 1}, "a b": {"b": 2}})
    assert float(coin.entropy) == pytest.approx(log(2) / 2)
    assert coin.entropy.to_text() == "1/2*log(2)"


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda: TokenChain(1), "size", "d_vocab, the number of tokens, is a whole number from 2"),
        (lambda: TokenChain(10**9), "size", "from 2 to 512, not 1000000000"),
        (lambda: TokenChain(4, True), "size", "n_ctx, the number of places, .* not True"),
        (lambda: TokenChain(4, 8, "3/2"), "noise", "a fraction from 0 to 1, not 3/2"),
        (lambda: TokenChain(4, 8, 0.1), "float", "float"),
        (lambda: TokenChain(4, 8, "sqrt(2)/2"), "noise", "a fraction from 0 to 1, not sqrt"),
        (lambda: Repeats(4, 24, 2, 5), "period", "at most d_vocab = 4, not 5"),
        (lambda: Repeats(16, 12, 6, 12), "period", "shorter than n_ctx = 12, not 12"),
        (lambda: Repeats(16, 24, 6, 5), "period", "1 <= shortest <= longest, not 6 and 5"),
        (lambda: Repeats(16, 24, "a", 5), "period", "not 'a' and 5"),
        (lambda: Contexts((), (), ()), "vocabulary", "a tuple of names, not"),
        (lambda: Contexts(("a", "a"), ((0,),), ((1, 1),)), "vocabulary", "each its own"),
        (lambda: Contexts(("a", "b c"), ((0,),), ((1, 1),)), "vocabulary", "has no blank"),
        (lambda: Contexts(("a", "b"), ((2,),), ((1, 1),)), "contexts", "from 0 to 1, not"),
        (lambda: Contexts(("a", "b"), ((0,), (0,)), ((1, 1),) * 2), "contexts", "there once"),
        (lambda: Contexts(("a", "b"), ((0,), (0, 1)), ((1, 1),) * 2), "contexts", "of one length"),
        (lambda: Contexts(("a", "b"), ((0,),), ((0, 0),)), "counts", "at least one that is not 0"),
        (lambda: Contexts(("a", "b"), ((0,),), ((1, -1),)), "counts", "whole numbers from 0"),
        (lambda: Contexts(("a", "b"), ((0,),), ((1, 2, 3),)), "counts", "rows of 2 numbers"),
        (lambda: Contexts.bigrams([[1, 2]]), "counts", "square, not 1 × 2"),
        (lambda: Contexts.of("a b", {"a c": {"a": 1}}), "vocabulary", "'c' is none of the tokens"),
    ],
)  # fmt: skip
def test_data_that_cannot_be(make: Callable[[], object], code: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        make()
    assert caught.value.code == code


CHAIN = TokenChain()


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda: AttentionSpec("chain"), "data", "TokenChain, Repeats or Contexts, not 'chain'"),  # type: ignore[arg-type]  # refused
        (lambda: AttentionSpec(CHAIN, layers=-1), "size", "number of layers is .* from 0 to 8"),
        (lambda: AttentionSpec(CHAIN, heads=0), "size", "number of heads is .* from 1 to 64"),
        (lambda: AttentionSpec(CHAIN, d_model=10**6), "size", "width d_model is .* to 512"),
        (lambda: AttentionSpec(CHAIN, d_head=-2), "size", "width d_head"),
        (lambda: AttentionSpec(CHAIN, steps=0), "size", "number of steps is .* from 1"),
        (lambda: AttentionSpec(CHAIN, batch=1 << 30), "size", "batch is .* to 16384"),
        (lambda: AttentionSpec(CHAIN, seed=1 << 32), "seed", "seed is a whole number from 0"),
        (lambda: AttentionSpec(CHAIN, rate=0), "rate", "rate is a number above 0, not 0"),
        (lambda: AttentionSpec(CHAIN, rate=float("nan")), "rate", "above 0, not nan"),
        (lambda: AttentionSpec(CHAIN, rate=float("inf")), "rate", "above 0, not inf"),
        (lambda: AttentionSpec(CHAIN, decay=-1), "decay", "decay is a number from 0, not -1"),
        (lambda: AttentionSpec(CHAIN, final=2), "final", "final is a number from 0 to 1, not 2"),
        (lambda: AttentionSpec(CHAIN, clip=0), "clip", "clip is a number above 0, not 0"),
        (lambda: AttentionSpec(CHAIN, betas=(0.9, 1)), "betas", "from 0, below 1"),
        (lambda: AttentionSpec(CHAIN, betas=0.9), "betas", "two numbers from 0, below 1, not 0.9"),  # type: ignore[arg-type]  # refused
        (lambda: AttentionSpec(CHAIN, positions=1), "positions", "True or False, not 1"),  # type: ignore[arg-type]  # refused
        (lambda: AttentionSpec(CHAIN, scale="root"), "scale", "\"sqrt\" or None, not 'root'"),  # type: ignore[arg-type]  # refused
        (lambda: AttentionTraining(()), "models", "1 to 1,024 models, not 0"),
        (lambda: AttentionTraining([AttentionSpec(CHAIN)]), "models", "a tuple of AttentionSpec"),  # type: ignore[arg-type]  # refused
        (lambda: AttentionTraining((AttentionSpec(CHAIN),), 0), "size", "from 1 to 1024, not 0"),
        (lambda: AttentionTraining((AttentionSpec(CHAIN),), device="gpu"), "device", '"cpu" or'),  # type: ignore[arg-type]  # refused
        (lambda: AttentionTraining((AttentionSpec(CHAIN),), sampler="2"), "sampler", "sequences"),
        (
            lambda: AttentionTraining((AttentionSpec(CHAIN, batch=16384),), 64),
            "size",
            "Model 1 is too large: a step .* 268,435,456 numbers, and would hold 3,221,225,472",
        ),
        (
            lambda: AttentionTraining(
                (AttentionSpec(CHAIN, layers=8, heads=64, d_model=512, d_head=512, batch=1),), 1
            ),
            "size",
            "the weights of all restarts may hold .* Give fewer restarts or heads",
        ),
    ],
)  # fmt: skip
def test_a_specification_that_cannot_be(make: Callable[[], object], code: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        make()
    assert caught.value.code == code
