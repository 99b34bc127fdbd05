"""Feature distributions: their patterns against a plain enumeration, their laws, their errors."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from fractions import Fraction
from random import Random

import pytest
import sympy
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from handcalc import Anticorrelated, Correlated, OneActive, SparseUniform, sign, strategies
from handcalc.errors import InputError
from handcalc.superposition.loss.distribution import Distribution, S
from tests.loss_cases import distribution, patterns
from tests.oracles.loss_models import Inputs, random_inputs

HALF, THIRD = sympy.Rational(1, 2), sympy.Rational(1, 3)


def table(inputs: Distribution, n: int) -> dict[tuple[int, ...], sympy.Expr]:
    return {pattern.active: pattern.probability for pattern in inputs.patterns(n)}


# -- by hand --------------------------------------------------------------------------------------


def test_one_sparsity_for_all() -> None:
    assert table(SparseUniform("1/3"), 2) == {
        (): Fraction(1, 9),
        (1,): Fraction(2, 9),
        (2,): Fraction(2, 9),
        (1, 2): Fraction(4, 9),
    }


def test_one_sparsity_each() -> None:
    assert table(SparseUniform("1/2 1/4"), 2) == {
        (): Fraction(1, 8),
        (1,): Fraction(1, 8),
        (2,): Fraction(3, 8),
        (1, 2): Fraction(3, 8),
    }


def test_one_active_feature() -> None:
    assert table(OneActive(3), 3) == {(1,): THIRD, (2,): THIRD, (3,): THIRD}


def test_correlated_features_are_on_or_off_together() -> None:
    """Features 1 and 3 are a set; feature 2 is one of its own, with the same S."""
    assert table(Correlated([(1, 3)], "1/4"), 3) == {
        (): Fraction(1, 16),
        (2,): Fraction(3, 16),
        (1, 3): Fraction(3, 16),
        (1, 2, 3): Fraction(9, 16),
    }


def test_of_anticorrelated_features_one_is_on() -> None:
    """The last S is that of feature 2, which is in no set."""
    assert table(Anticorrelated([(3, 1)], "1/4 1/2"), 3) == {
        (): Fraction(1, 8),
        (2,): Fraction(1, 8),
        (1,): Fraction(3, 16),
        (3,): Fraction(3, 16),
        (1, 2): Fraction(3, 16),
        (2, 3): Fraction(3, 16),
    }


def test_a_symbol_stays_a_symbol() -> None:
    found = table(Anticorrelated([(1, 2)]), 2)
    assert found[()] == S
    assert sympy.expand(found[1,] - (1 - S) / 2) == 0
    assert set(found) == {(), (1,), (2,)}


def test_a_sparsity_can_be_a_root() -> None:
    found = table(SparseUniform("sqrt(2)/2"), 2)
    assert found[()] == HALF
    assert found[1,] == found[2,] == sympy.sqrt(2) / 2 - HALF
    assert found[1, 2] == sympy.Rational(3, 2) - sympy.sqrt(2)


@pytest.mark.parametrize(("sparsity", "only"), [(0, (1, 2, 3)), (1, ())])
def test_dense_and_empty_inputs_have_one_pattern(sparsity: int, only: tuple[int, ...]) -> None:
    assert table(SparseUniform(sparsity), 3) == {only: 1}
    assert table(Correlated([(1, 2, 3)], sparsity), 3) == {only: 1}


def test_sets_of_one_are_independent_features() -> None:
    for n in (1, 2, 3):
        alone = [(i,) for i in range(1, n + 1)]
        independent = table(SparseUniform("2/7"), n)
        assert table(Correlated(alone, "2/7"), n) == independent
        assert table(Anticorrelated(alone, "2/7"), n) == independent
        assert table(Correlated(alone[:1], "2/7"), n) == independent


def test_one_set_that_is_always_on_is_one_active_feature() -> None:
    assert table(Anticorrelated([(1, 2, 3, 4)], 0), 4) == table(OneActive(4), 4)


# -- against a plain enumeration ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(100))
def test_patterns_are_those_of_a_plain_enumeration(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw, no secret
    n = random.randint(1, 6)
    inputs = random_inputs(random, n)
    expected = {active: p for active, p in inputs.patterns.items() if p != 0}
    assert patterns(distribution(inputs), n) == expected


@pytest.mark.parametrize("kind", ["independent", "one active", "correlated", "anticorrelated"])
def test_symbolic_probabilities_are_right_for_every_s(kind: str) -> None:
    """Each is a polynomial of degree 3 at most, so four values decide."""
    sets = ((0,), (1,), (2,)) if kind in ("independent", "one active") else ((2, 0), (1,))
    inputs = Inputs(kind, sets, (Fraction(0),))
    found = table(distribution(inputs, symbolic=True), 3)
    for k in range(1, 6):
        numeric = table(distribution(Inputs(kind, sets, (Fraction(k, 6),))), 3)
        at = {on: p.subs(S, sympy.Rational(k, 6)) for on, p in found.items()}
        assert at == numeric


# -- laws -----------------------------------------------------------------------------------------


@st.composite
def drawn(draw: st.DrawFn, symbols: bool = False) -> tuple[int, Distribution]:
    n = draw(st.integers(1, 5))
    return n, draw(strategies.distributions(n, symbols=symbols))


@given(drawn(symbols=True))
def test_probabilities_add_up_to_1(pair: tuple[int, Distribution]) -> None:
    n, inputs = pair
    assert sympy.expand(sum(pattern.probability for pattern in inputs.patterns(n))) == 1


@given(drawn())
def test_patterns_are_possible_sorted_and_different(pair: tuple[int, Distribution]) -> None:
    n, inputs = pair
    found = list(inputs.patterns(n))
    assert len({pattern.active for pattern in found}) == len(found)
    for pattern in found:
        assert sign(pattern.probability) == 1
        assert list(pattern.active) == sorted(set(pattern.active))
        assert set(pattern.active) <= set(range(1, n + 1))


@given(drawn(symbols=True))
def test_patterns_respect_the_sets(pair: tuple[int, Distribution]) -> None:
    n, inputs = pair
    for pattern in inputs.patterns(n):
        on = set(pattern.active)
        if isinstance(inputs, OneActive):
            assert len(on) == 1
        for members in getattr(inputs, "sets", ()):
            together = on & set(members)
            if isinstance(inputs, Correlated):
                assert together in (set(), set(members))
            else:
                assert len(together) <= 1


@given(drawn())
def test_equal_distributions_are_one_key(pair: tuple[int, Distribution]) -> None:
    _, inputs = pair
    for twin in (copy.deepcopy(inputs), pickle.loads(pickle.dumps(inputs))):  # noqa: S301 - our own
        assert twin == inputs
        assert hash(twin) == hash(inputs)
        assert repr(twin) == repr(inputs)


def test_text_lists_and_numbers_say_the_same() -> None:
    assert SparseUniform("1/2") == SparseUniform(Fraction(1, 2)) == SparseUniform([HALF])
    assert SparseUniform("1/2 1") == SparseUniform([".5", 1])
    assert Correlated([[1, 2]], "1/2") == Correlated(((1, 2),), HALF)
    different: set[Distribution] = {
        Correlated([[1, 2]], "1/2"),
        Anticorrelated([[1, 2]], "1/2"),
        Anticorrelated([[1], [2]], "1/2"),
        Anticorrelated([[1, 2]]),
    }
    assert len(different) == 4


def test_distributions_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign"):
        OneActive(3).n = 4  # type: ignore[misc]  # the refusal is what is tested
    with pytest.raises(FrozenInstanceError, match="cannot assign"):
        Correlated([(1, 2)]).sparsity = None  # type: ignore[misc]  # as above


def test_each_says_in_words_what_it_is() -> None:
    assert SparseUniform().sentence() == "Each feature is off with probability S, independently."
    assert "S = 1/2, 1/3" in SparseUniform("1/2 1/3").sentence()
    assert "Exactly one" in OneActive(2).sentence()
    assert "{1, 2} {4, 3}" in Correlated([(1, 2), (4, 3)], "1/2").sentence()
    assert "{1, 2}" in Anticorrelated([(1, 2)]).sentence()


# -- what is drawn for tests ----------------------------------------------------------------------

SHRINK = settings(
    database=None, derandomize=True, max_examples=1000, phases=[Phase.generate, Phase.shrink]
)
KINDS: dict[str, Callable[[Distribution], bool]] = {
    "independent": lambda d: isinstance(d, SparseUniform),
    "one active": lambda d: isinstance(d, OneActive),
    "correlated": lambda d: isinstance(d, Correlated),
    "anticorrelated": lambda d: isinstance(d, Anticorrelated),
    "one S each": lambda d: isinstance(d, SparseUniform) and len(set(d.sparsity or ())) == 3,
    "S = 0": lambda d: 0 in (getattr(d, "sparsity", ()) or ()),
    "S = 1": lambda d: 1 in (getattr(d, "sparsity", ()) or ()),
    "the symbol S": lambda d: not isinstance(d, OneActive) and getattr(d, "sparsity", 0) is None,
    "one S a set": lambda d: isinstance(d, Correlated) and len(set(d.sparsity or ())) == 2,
    "a whole set": lambda d: isinstance(d, Anticorrelated) and len(d.sets[0]) == 3,
    "sets out of order": lambda d: isinstance(d, Correlated) and d.sets[0][:2] == (3, 1),
    "two sets": lambda d: isinstance(d, Anticorrelated) and len(d.sets) == 2,
}


@pytest.mark.parametrize("kind", KINDS)
def test_distributions_of_every_kind_are_drawn(kind: str) -> None:
    found = find(strategies.distributions(3, symbols=True), KINDS[kind], settings=SHRINK)
    assert KINDS[kind](found)


@given(strategies.distributions(4))
def test_without_symbols_every_sparsity_is_a_number(inputs: Distribution) -> None:
    assert all(0 <= value <= 1 for value in getattr(inputs, "sparsity", ()))


def test_distributions_shrink_to_the_simplest() -> None:
    assert find(strategies.distributions(3), bool, settings=SHRINK) == OneActive(3)
    found = find(strategies.distributions(3), KINDS["independent"], settings=SHRINK)
    assert found == SparseUniform("1/2")


# -- errors ---------------------------------------------------------------------------------------

BUILT: dict[str, tuple[Callable[[], object], str, str]] = {
    "too large": (lambda: SparseUniform("3/2"), "sparsity", "from 0 to 1, not 3/2"),
    "negative": (lambda: SparseUniform(-1), "sparsity", "from 0 to 1, not -1"),
    "just above 1": (lambda: SparseUniform("sqrt(2)-1/3"), "sparsity", "from 0 to 1, not"),
    "one of several": (lambda: SparseUniform("1/2 2"), "sparsity", "from 0 to 1, not 2"),
    "in sets": (lambda: Correlated([(1, 2)], "-1/2"), "sparsity", "from 0 to 1, not -1/2"),
    "in others": (lambda: Anticorrelated([(1, 2)], [2]), "sparsity", "from 0 to 1, not 2"),
    "a float": (lambda: SparseUniform(0.5), "float", "only near a number"),
    "floats": (lambda: Correlated([(1, 2)], [0.5]), "float", "only near a number"),
    "a bool": (lambda: SparseUniform(True), "boolean", "type 1 instead"),
    "no sets": (lambda: Correlated([], "1/2"), "sets", "Sets are lists of features"),
    "an empty set": (lambda: Anticorrelated([(1, 2), ()]), "sets", "Sets are lists of features"),
    "features without sets": (lambda: Correlated([1, 2]), "sets", "Sets are lists"),  # type: ignore[list-item]  # the refusal is what is tested
    "sets in text": (lambda: Correlated("1 2; 3"), "sets", "not '1 2; 3'"),  # type: ignore[arg-type]  # as above
    "text in sets": (lambda: Correlated([("1", "2")]), "sets", "Sets are lists"),  # type: ignore[list-item]  # as above
    "a float in sets": (lambda: Correlated([(1.0, 2)]), "sets", "Sets are lists"),  # type: ignore[list-item]  # as above
    "names in Python's sets": (lambda: Correlated([{1, "a"}]), "sets", "Sets are lists"),
    "a bool in sets": (lambda: Correlated([(True, 2)]), "sets", "Sets are lists"),
    "a feature 0": (lambda: Anticorrelated([(0, 1)]), "sets", "from 1"),
    "no features": (lambda: OneActive(0), "wrong_shape", "such as 3, not 0"),
    "a text of features": (lambda: OneActive("3"), "wrong_shape", "such as 3, not '3'"),  # type: ignore[arg-type]  # as above
    "half a feature": (lambda: OneActive(1.5), "wrong_shape", "such as 3, not 1.5"),  # type: ignore[arg-type]  # as above
    "a bool of features": (lambda: OneActive(True), "wrong_shape", "such as 3, not True"),
    "no text": (lambda: SparseUniform(""), "empty", "no number here"),
    "the symbol": (lambda: SparseUniform(S), "not_exact", "S is not"),
    "a name": (lambda: SparseUniform("S"), "unknown_name", "not known"),
}


@pytest.mark.parametrize("case", BUILT)
def test_what_is_no_distribution_is_refused(case: str) -> None:
    build, code, sentence = BUILT[case]
    with pytest.raises(InputError, match=sentence) as caught:
        build()
    assert caught.value.code == code


USED: dict[str, tuple[Callable[[], Distribution], str, str]] = {
    "two for three": (lambda: SparseUniform("1/2 1/3"), "wrong_shape", "of the 3 features, not 2"),
    "none for three": (lambda: SparseUniform([]), "wrong_shape", "of the 3 features, not 0"),
    "sets count": (
        lambda: Correlated([(1, 2)], "1/2 1/3 1/4"),
        "wrong_shape",
        "of the 2 sets, not 3",
    ),
    "other sets count": (
        lambda: Anticorrelated([(1, 2, 3)], "1/2 1/3"),
        "wrong_shape",
        "of the 1 sets, not 2",
    ),
    "another n": (lambda: OneActive(2), "wrong_shape", "has 2 features, not 3"),
    "twice in a set": (lambda: Correlated([(1, 1)]), "sets", "each at most once"),
    "in two sets": (lambda: Anticorrelated([(1, 2), (2, 3)]), "sets", "each at most once"),
    "past the last": (lambda: Anticorrelated([(3, 4)]), "sets", "the features 1 to 3"),
}


@pytest.mark.parametrize("case", USED)
def test_what_does_not_fit_the_features_is_refused(case: str) -> None:
    build, code, sentence = USED[case]
    inputs = build()
    for use in (inputs.blocks, lambda n: list(inputs.patterns(n))):
        with pytest.raises(InputError, match=sentence) as caught:
            use(3)
        assert caught.value.code == code
