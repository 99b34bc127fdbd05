"""The calculations with attention behind stored answers: each can agree, disagree and refuse."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import pytest

import exercises
from exercises.authoring.engine_check import disagreement
from exercises.course import load_variants
from exercises.tables import FileTable
from handcalc import AttentionOnly, Head, run_circuit, source_effect
from handcalc.circuits.composition import reach
from handcalc.circuits.inability import four_sentences, same_multiset
from handcalc.errors import AuthorError
from handcalc.numbers.exact import to_float
from handcalc.parsing import parse_vector

ONE_HEAD = {
    "W_E": "1 0; 0 1; 1 1",
    "W_U": "1 0 1; 0 1 1",
    "heads": [{"layer": 1, "W_Q": "1; 1", "W_K": "1; 0", "W_V": "1; 2", "W_O": "1 -1"}],
}
KEEP = {
    "vocabulary": "<s> keep in",
    "W_E": "1 0 0; 0 1 0; 0 0 1",
    "W_U": "1 0 0; 0 1 0; 0 0 1",
    "heads": [{"layer": 1, "W_QK": "0 0 0; 0 0 0; 0 1 0", "W_OV": "0 0 0; 0 0 4; 0 0 0"}],
}

# each kind with its keys, what it gives, and a wrong number with what is said of it
KINDS = {
    "weights of scores": (
        {"kind": "softmax", "softmax": "base 2", "scores": "0 1 2"},
        ("1/7 2/7 4/7", "0 0 1", "the engine gives 1/7, 2/7, 4/7"),
    ),
    "weights by hard attention": (
        {"kind": "softmax", "softmax": "hard", "scores": "0 1 1"},
        ("0 1/2 1/2", "0 1 0", "the engine gives 0, 1/2, 1/2"),
    ),
    "probabilities of logarithms": (
        {"kind": "softmax", "logs": "2 3 1/2"},
        (
            "4/11 6/11 1/11",
            "1/11 4/11 6/11",
            "the engine gives logarithms whose differences are the logits'",
        ),
    ),
    "probabilities that add up to 2": (
        {"kind": "softmax", "logs": "2 3 1/2"},
        ("4/11 6/11 1/11", "8/11 12/11 2/11", "the engine gives numbers that add up to 1"),
    ),
    "a row of the residual stream": (
        {"kind": "circuit", "model": ONE_HEAD, "tokens": "a b c", "what": "residual", "place": 2},
        ("4/3 -1/3", "0 1", "the engine gives 4/3, -1/3"),
    ),
    "weights of a named circuit": (
        {"kind": "circuit", "circuit": "one-head", "tokens": "a b", "what": "weights"},
        ("2/3 1/3", "1/2 1/2", "the engine gives 2/3, 1/3"),
    ),
    "one logit of the last place": (
        {
            "kind": "circuit",
            "circuit": "one-head",
            "tokens": "a b c",
            "what": "logits",
            "entries": "3",
        },
        ("2", "1", "the engine gives 2"),
    ),
    "probabilities without a head": (
        {"kind": "circuit", "circuit": "zero-layer", "tokens": "a", "what": "probabilities"},
        ("1/7 2/7 4/7", "1/3 1/3 1/3", "the engine gives 1/7, 2/7, 4/7"),
    ),
    "effects": (
        {
            "kind": "source-effect",
            "model": KEEP,
            "source": "keep",
            "destinations": "in",
            "outputs": "<s> in",
            "before": "<s>",
            "entries": "2",
        },
        ("2", "4", "the engine gives 2"),
    ),
    "a virtual head": (
        {"kind": "virtual-pattern", "circuit": "two-back", "tokens": "a b c a", "place": 4},
        ("0 1 0 0", "0 0 1 0", "the engine gives 0, 1, 0, 0"),
    ),
    "a strength": (
        {"kind": "least-weight", "circuit": "induction-pointer", "sentences": ["a b a"]},
        ("2", "1", "the engine gives 2"),
    ),
    "a width": (
        {"kind": "smallest-dimensions", "counts": "2 2 2; 3 1 1; 1 2 1"},
        ("2", "3", "the engine gives 2"),
    ),
    "tokens on a line": (
        {"kind": "line", "W_U": "-1 0 1", "softmax": "base 2", "token": 2, "x": "0"},
        ("2 1/3", "3 1/3", "the engine gives 2, 1/3"),
    ),
    "a place that is not the best": (
        {"kind": "line", "W_U": "-1 0 2", "softmax": "base 2", "token": 2, "x": "0"},
        (None, "2 1/3", "the engine gives a slope there that is not 0"),
    ),
    "cross effects": (
        {"kind": "cross-effects", "wanted": "4 3", "weights": "1/2 1/4"},
        ("6 2", "0 0", "the engine gives 6, 2"),
    ),
    "a score": (
        {"kind": "copying-score", "table": "2 1 0; 0 2 1; 1 0 2"},
        ("4*sqrt(3)-6", "1", "the engine gives -6 + 4*sqrt(3)"),
    ),
    "paths": (
        {"kind": "path-terms", "heads": "2 1 3", "order": 2},
        ("11 24", "12 24", "the engine gives 11, 24"),
    ),
    "more paths than anybody lists": (
        {"kind": "path-terms", "heads": "999999999 9", "order": 3},
        ("0 10000000000", "1 10000000000", "the engine gives 0, 10000000000"),
    ),
    "composition": (
        {"kind": "composition", "W_OV": "1 0; 0 0", "next_W_OV": "3 0; 4 0", "dimensions": "9"},
        ("3/5 1/3", "1 1/3", "the engine gives 3/5, 1/3"),
    ),
}

REFUSED = {
    "no model": (
        {"kind": "circuit", "tokens": "a", "what": "logits"},
        'engine.model: give either "model" or "circuit".',
    ),
    "half a head": (
        {
            "kind": "circuit",
            "tokens": "a",
            "what": "logits",
            "model": {**ONE_HEAD, "heads": [{"layer": 1, "W_Q": "1; 1"}]},
        },
        "engine.model: Head 1 has W_Q; it needs W_Q, W_K, W_V and W_O, or W_QK and W_OV.",
    ),
    "a place behind the last": (
        {"kind": "circuit", "circuit": "one-head", "tokens": "a", "what": "logits", "place": 2},
        "engine.place: there are 1 places and 1 layers.",
    ),
    "powers of e": (
        {"kind": "softmax", "softmax": "exp", "scores": "0 1"},
        "engine.softmax: powers of e come out; a stored number is compared with algebraic ones.",
    ),
    "scores and logs": (
        {"kind": "softmax", "softmax": "exp", "scores": "0 1", "logs": "1 2"},
        'engine.scores: give "scores" and "softmax", or "logs".',
    ),
    "a logarithm of 0": (
        {"kind": "softmax", "logs": "0 1"},
        "engine.logs: a logarithm is that of a positive number.",
    ),
    "no second layer": (
        {"kind": "virtual-pattern", "circuit": "one-head", "tokens": "a b", "place": 2},
        "engine.place: there is no such place, or no second layer.",
    ),
    "a pair that never comes": (
        {"kind": "smallest-dimensions", "counts": "3 1 0; 1 2 1; 0 1 3"},
        "engine.counts: a pair that never comes has no logarithm.",
    ),
    "a token that is not there": (
        {"kind": "line", "W_U": "-1 1", "softmax": "base 2", "token": 3, "x": "0"},
        "engine.token: there are 2 tokens.",
    ),
    "a score without square roots": (
        {
            "kind": "copying-score",
            "table": "1 1 0 0 0; 0 0 1 0 0; 0 0 0 1 0; 0 0 0 0 1; 1 0 0 0 0",
        },
        "engine.table: the score has no form with square roots.",
    ),
    "more numbers than dimensions": (
        {"kind": "composition", "W_OV": "1 0; 0 0", "next_W_OV": "1 0; 0 0", "dimensions": "1"},
        "engine.dimensions: W_OV has 2 already.",
    ),
    "nothing written": (
        {"kind": "composition", "W_OV": "0", "next_W_OV": "1", "dimensions": "1"},
        "engine.W_OV: a matrix of zeros has no score.",
    ),
    "half a head in a layer": (
        {"kind": "path-terms", "heads": "1/2", "order": 1},
        "The number of heads is a whole number, not 1/2.",
    ),
    "fewer heads than none": (
        {"kind": "path-terms", "heads": "2 -1", "order": 1},
        "engine.heads: heads are counted from 0.",
    ),
    "more dimensions than anybody multiplies": (
        {"kind": "composition", "W_OV": "1", "next_W_OV": "1", "dimensions": "999999999"},
        "engine.dimensions: dimensions are from 1 to 256, not 999999999.",
    ),
    "a sentence that no strength overrules": (
        {"kind": "least-weight", "circuit": "induction", "sentences": ["a b"]},
        "engine.sentences: no strength up to 30 overrules the last token of a b.",
    ),
}


def said(engine: dict[str, object], value: str) -> str | None:
    table = FileTable("one.toml", engine, "engine")
    return disagreement(table, parse_vector(value))


@pytest.mark.parametrize(("engine", "numbers"), KINDS.values(), ids=KINDS)
def test_a_calculation_agrees_with_its_number_and_with_no_other(
    engine: dict[str, object], numbers: tuple[str | None, str, str]
) -> None:
    right, wrong, sentence = numbers
    if right is not None:
        assert said(engine, right) is None
    assert said(engine, wrong) == sentence


@pytest.mark.parametrize(("engine", "message"), REFUSED.values(), ids=REFUSED)
def test_a_calculation_that_cannot_be_made_names_its_key(
    engine: dict[str, object], message: str
) -> None:
    with pytest.raises(AuthorError, match=r"one\.toml, engine") as refused:
        said(engine, "1 2")
    assert str(refused.value).endswith(message)


# -- the same by another route --------------------------------------------------------------------

WORDS = "<s> keep in at mind bay"
# scores of keep and of <s> at its side, with which keep gets this weight in "<s> keep in"
SCORES = {"1/2": (1, 0), "1/3": (0, 0), "1/4": (0, 1), "2/3": (2, 0)}


def test_cross_effects_are_those_of_a_model_with_such_weights() -> None:
    one = [[int(i == j) for j in range(6)] for i in range(6)]
    for exercise in load_variants("skip-trigram-cross-effects"):
        text = " ".join(exercise.statement.split())
        weights = [
            text.split(f"“{b}” ")[1].split("the weight ")[1].split()[0] for b in ("in", "at")
        ]
        A = [weight.rstrip(",") for weight in weights]
        wanted = [text.split(f"After “{b}”, ")[1].split()[4].rstrip(".") for b in ("in", "at")]
        entries = [Fraction(w) / Fraction(a) for w, a in zip(wanted, A, strict=True)]
        qk, ov = ([[0] * 6 for _ in range(6)] for _ in range(2))
        for row, a in zip((2, 3), A, strict=True):
            qk[row][1], qk[row][0] = SCORES[a]
        rows: list[list[object]] = [list(row) for row in ov]
        rows[1][4:] = entries
        model = AttentionOnly(one, one, [[Head.of_circuits(qk, rows)]], vocabulary=WORDS)
        found = source_effect(model, "keep", "in at", "mind bay", before="<s>").effects
        assert [str(found[0][0]), str(found[1][1])] == wanted
        cross = exercise.key().solutions[0].typed["answer"].split()
        assert [str(found[0][1]), str(found[1][0])] == cross


def test_only_the_fourth_token_is_never_predicted() -> None:
    assert exercises.load("never-the-argmax").key().check == exercises.checks.Chosen("d", "3")
    found = reach(AttentionOnly("0 0; 0 0; 0 0; 0 0", "2 0 -2 1/2; 0 2 -2 1/2"))
    assert [each.residual is None for each in found] == [False, False, False, True]
    assert str(found[3].mixture) == "(('a', 5/12), ('b', 5/12), ('c', 1/6))"


IDENTITY = "1 0 0; 0 1 0; 0 0 1"
ONE = AttentionOnly(
    IDENTITY, IDENTITY, [[Head.of_circuits("0 1 0; 0 0 1; 1 0 0", "2 0 0; 0 2 0; 0 0 2")]]
)


def test_only_one_pair_has_the_same_tokens_before_the_same_last_one() -> None:
    pairs = [("abca", "abcb"), ("abca", "abba"), ("abca", "acba"), ("abca", "abcca")]
    same = [sorted(a) == sorted(b) and a[-1] == b[-1] for a, b in pairs]
    assert same == [False, False, True, False]
    assert same_multiset(ONE, "abca", "acba").wrong
    one, other = (run_circuit(ONE, text).last_logits for text in ("abca", "acba"))
    assert one == other


def test_one_head_gets_three_of_the_four_sentences_and_never_all() -> None:
    assert four_sentences(ONE).wrong
    wanted = {"abbca": "b", "bcaba": "b", "acbba": "c", "bbaca": "c"}
    for numbers in permutations((6, 4, 1, 2)):
        right = [wins == wanted[text] for text, wins in _copied(wanted, numbers).items()]
        assert sum(right) < 4
    assert _copied(wanted, (6, 4, 1, 2)) == {**wanted, "bbaca": "b"}


def _copied(texts: dict[str, str], numbers: tuple[int, ...]) -> dict[str, str]:
    """Which of b and c is ahead, if one head copies with weights in this ratio, 1 at the end."""
    ratio = (*numbers, 1)
    copies = Head.of_circuits("0 0 0; 0 0 0; 0 0 0", IDENTITY)
    model = AttentionOnly(IDENTITY, IDENTITY, [[copies]])
    patterns = [[[_row(ratio, i) for i in range(5)]]]
    found = {}
    for text in texts:
        _, b, c = map(to_float, run_circuit(model, text, patterns=patterns).logits[-1])
        found[text] = "b" if b > c else "c"
    return found


def _row(ratio: tuple[int, ...], i: int) -> list[Fraction]:
    """Row i of a causal pattern with weights in this ratio."""
    seen = sum(ratio[: i + 1])
    return [Fraction(n, seen) if j <= i else Fraction(0) for j, n in enumerate(ratio)]
