"""What one layer cannot do, section 8.3: each derivation checked on random models, exactly."""

from __future__ import annotations

import random
from itertools import combinations, product

import pytest

from handcalc import AttentionOnly, InputError, circuit
from handcalc.circuits.inability import four_sentences, same_multiset
from handcalc.circuits.rank_bound import one_layer_induction, rank_argument, rank_bound
from handcalc.circuits.run import run_circuit
from handcalc.circuits.sequence_claims import OneFollower, followers
from tests.circuit_cases import random_model

# -- without positions: a multiset -----------------------------------------------------------------


@pytest.mark.parametrize("softmax", ["base 2", "hard", "exp", "base 1"])
@pytest.mark.parametrize("heads", [1, 2, 3])
def test_abca_and_acba_end_in_equal_logits(softmax: str, heads: int) -> None:
    model = random_model(heads, (heads,), softmax=softmax, positions=0)
    found = same_multiset(model)
    assert found.holds
    assert found.answers == ("b", "c")
    assert found.wrong
    first, second = (run_circuit(model, text).last_logits for text in ("abca", "acba"))
    assert first == second or softmax == "exp"  # where equal numbers may be written differently


def test_longer_sentences_with_the_same_tokens() -> None:
    found = same_multiset(random_model(7, (2,), positions=0), "abccba", "accbba")
    assert found.holds
    assert (found.answers, len(found.derivation.steps)) == (("b", "c"), 4)


def test_the_derivation_of_the_multiset_shows_its_numbers() -> None:
    shown = str(same_multiset(random_model(3, (1,), positions=0)).derivation)
    assert "n(a) = 1 + 0 + 0 + 1 = 2" in shown
    assert "o(abca) = A(a)·u(a) + A(b)·u(b) + A(c)·u(c)" in shown
    assert "abca wants b, acba wants c" in shown


def test_with_positions_or_two_layers_the_argument_is_refused() -> None:
    with pytest.raises(InputError, match="without positions"):
        same_multiset(random_model(1, (1,)))
    with pytest.raises(InputError, match=r"the model has \[1, 1\]"):
        same_multiset(random_model(1, (1, 1), positions=0))
    for first, second in (("abca", "abcb"), ("abca", "abca"), ("abc", "bac")):
        with pytest.raises(InputError, match="such as abca and acba"):
            same_multiset(random_model(1, (1,), positions=0), first, second)


# -- one head: four sentences ----------------------------------------------------------------------


def test_the_four_sentences_on_500_random_models() -> None:
    for seed in range(500):
        model = random_model(seed, (1,), d_model=2, d_head=1, positions=5 if seed % 5 else 0)
        found = four_sentences(model)
        assert found.holds
        assert found.wrong
        names = ["".join(each) for each in found.wrong]
        assert set(names) <= {"abbca", "bcaba", "acbba", "bbaca"}


def test_who_is_wrong_is_what_the_model_says() -> None:
    for seed in range(10):
        model = random_model(seed, (1,))
        claim = OneFollower(model)
        for sentence in four_sentences(model).wrong:
            assert claim.holds_at(sentence) is False


def test_the_four_sentences_with_exponentials() -> None:
    for seed in range(5):
        assert four_sentences(random_model(seed, (1,), softmax="exp")).holds


def test_each_place_holds_the_same_letters() -> None:
    pairs = [zip("abbca", "bcaba", strict=True), zip("acbba", "bbaca", strict=True)]
    one, two = ([sorted(each) for each in pair] for pair in pairs)
    assert one == two


def test_the_derivation_of_the_four_sentences_shows_its_numbers() -> None:
    shown = str(four_sentences(random_model(3, (1,))).derivation)
    assert "f(1, a) = w·(d + n) = 1/16·(−2 − 12) = −7/8" in shown
    assert "D(abbca) = f(1, a) + f(2, b) + f(3, b) + f(4, c) + f(5, a)" in shown
    assert "S₁ = D(abbca) + D(bcaba)" in shown
    assert "S₂ = D(acbba) + D(bbaca)" in shown


def test_two_layers_get_all_four_right() -> None:
    claim = circuit("induction", V=3, n=5).claim
    assert all(claim.holds_at(text) for text in ("abbca", "bcaba", "acbba", "bbaca"))


def test_models_that_the_argument_is_not_about_are_refused() -> None:
    with pytest.raises(InputError, match="rank_argument"):
        four_sentences(random_model(1, (2,)))
    with pytest.raises(InputError, match="Hard attention has no weights"):
        four_sentences(random_model(1, (1,), softmax="hard"))
    with pytest.raises(InputError, match="has 4 positions, and 5 are needed"):
        four_sentences(random_model(1, (1,), positions=4))
    with pytest.raises(InputError, match="Three different tokens"):
        four_sentences(random_model(1, (1,)), "a b b")
    with pytest.raises(InputError, match=r"the model has \[\]"):
        four_sentences(AttentionOnly("1 0; 0 1", "1 0; 0 1"))


def separable(V: int, n: int, last: str, pair: tuple[str, str], rounds: int = 3000) -> bool:
    """Whether some sum of functions of (place, token) has the signs that induction wants.

    Found by the perceptron: whole numbers, and what it finds is checked; it ends where there is
    such a sum.
    """
    wanted: list[tuple[str, int]] = []
    for tokens in map("".join, product("abcd"[:V], repeat=n - 1)):
        answer = list(followers(tokens + last))
        if len(answer) == 1 and answer[0] in pair:
            wanted.append((tokens, 1 if answer[0] == pair[0] else -1))
    f: dict[tuple[int, str], int] = {}
    for _ in range(rounds):
        faults = 0
        for tokens, sign in wanted:
            places = [*enumerate(tokens), (n, last)]
            if sign * sum(f.get(key, 0) for key in places) <= 0:
                faults += 1
                for key in places:
                    f[key] = f.get(key, 0) + sign
        if not faults:
            return True
    return False


@pytest.mark.parametrize(("V", "most"), [(2, 6), (3, 4), (4, 4)])
def test_shorter_texts_are_not_excluded_by_the_argument(V: int, most: int) -> None:
    """V = 3, n = 5 is the smallest case: up to here each pair of answers can be told apart."""
    for n in range(2, most + 1):
        for pair in combinations("abcd"[:V], 2):
            assert all(separable(V, n, last, pair) for last in "abcd"[:V])
    assert not separable(3, 5, "a", ("b", "c"), rounds=200)  # by the four sentences


# -- many heads: the rank bound --------------------------------------------------------------------


def many(seed: int, heads: int) -> AttentionOnly:
    return random_model(seed, (heads,), positions=2 * rank_bound(heads) + 3, d_model=4)


def test_the_bound_is_two_to_the_heads_and_one_more_less_two() -> None:
    assert [rank_bound(H) for H in (1, 2, 3, 4)] == [2, 6, 14, 30]
    with pytest.raises(InputError, match="at least one head"):
        rank_bound(0)


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_random_models_reach_the_bound_and_not_more(heads: int) -> None:
    draw = random.Random(heads)  # noqa: S311 - a draw of test cases
    found = rank_argument(many(0, heads))
    texts = [draw.choices("bc", k=found.pairs) for _ in range(found.bound + 4)]
    assert found.rank(texts) == found.bound == [2, 6, 14][heads - 1]


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_every_model_of_one_layer_has_a_text_that_it_gets_wrong(heads: int) -> None:
    for seed in range(5 - heads):
        model = many(seed, heads)
        found = rank_argument(model)
        assert found.holds
        assert len(found.row) == 2 ** (heads + 1) - 1
        claim = OneFollower(model)
        assert claim.holds_at(found.wrong[0]) is False  # by the model itself


def test_the_scaled_difference_is_that_of_the_models_logits() -> None:
    found = rank_argument(many(2, 2))
    sentence = found.sentence("bcbbccb", 3)
    assert "".join(sentence) == "bbbcbbabbcbcbba"
    run = run_circuit(found.model, sentence)
    tokens = found.model.read_tokens(sentence)
    Z, W = (found.place.sums(head, tokens)[0] for head in (0, 1))
    b, c = run.last_logits[1:3]
    assert (Z * W).to_sympy() * (b - c) == found.place.scaled(tokens).to_sympy()


def test_the_rank_argument_with_exponentials() -> None:
    model = random_model(2, (1,), positions=7, softmax="exp", d_model=2, d_head=1)
    found = rank_argument(model)
    assert found.holds
    assert found.wrong


def test_the_derivation_of_the_rank_bound_shows_its_numbers() -> None:
    shown = str(rank_argument(many(5, 1)).derivation)
    assert "M is made of 2 functions of k, and there are 3 pairs." in shown
    assert "S = c₁·M₁ + c₂·M₂ + c₃·M₃" in shown
    assert "This model is wrong at" in shown


def test_too_many_heads_for_the_derivation_are_refused() -> None:
    with pytest.raises(InputError, match="up to 4 heads, not 5"):
        rank_argument(random_model(1, (5,)))
    with pytest.raises(InputError, match="are needed here"):
        rank_argument(random_model(1, (2,)))


# -- and what one layer can do ---------------------------------------------------------------------


def right(m: int) -> int:
    """How many of the texts of m pairs, with a filler that writes nothing, m heads get right."""
    model, count = one_layer_induction(m), 0
    for x in product("bc", repeat=m):
        for k in range(m):
            pairs = (f"a{each}" if j == k else f"f{each}" for j, each in enumerate(x))
            count += run_circuit(model, "".join(pairs) + "a").predictions[-1] == (x[k],)
    return count


@pytest.mark.parametrize("m", [2, 3, 4])
def test_m_heads_solve_m_pairs(m: int) -> None:
    assert right(m) == m * 2**m


@pytest.mark.slow  # 6 s: 160 sentences for five heads; run with python -m pytest -m slow
def test_five_heads_solve_five_pairs() -> None:
    assert right(5) == 5 * 2**5


def test_numbers_of_pairs_out_of_reach_are_refused() -> None:
    with pytest.raises(InputError, match="1 to 20 pairs"):
        one_layer_induction(0)
