"""The exercises that ask for matrices, judged in plain fractions: their answers, and what is said.

The models are typed here again, and nothing of handcalc decides. Numbers that a text tells stand
beside the answer that it is told of.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from tests.oracles.attention_fractions import (
    Matrix,
    PlainModel,
    dot,
    first_not_induced,
    largest,
    logits,
    matrix,
    places,
    plus,
    predicted,
    product,
    times,
)
from tests.oracles.induction_fractions import compact, pointer, three, zeros

BANK = Path(__file__).resolve().parent.parent / "exercises" / "bank"
Answer = Mapping[str, Matrix]
Numbers = Mapping[str, str]


# -- the files ------------------------------------------------------------------------------------


def table(slug: str) -> dict[str, Any]:
    return tomllib.loads((BANK / f"{slug}.toml").read_text(encoding="utf-8"))


def filled(text: str, numbers: Numbers) -> str:
    for name, value in numbers.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def variants(slug: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = table(slug).get("variants", [{}])
    return found


def listed(slug: str, numbers: Numbers) -> Iterator[tuple[bool, str, Answer]]:
    """Whether it is right, its title or diagnosis, and the matrices of each listed answer."""
    found = table(slug)
    names = [each["name"] for each in found["answer"]["matrices"]]
    for key, said in (("solutions", "title"), ("wrong", "diagnosis")):
        for entry in found[key]:
            typed = {name: matrix(filled(entry[name], numbers)) for name in names}
            yield key == "solutions", entry[said], typed


def wrong(slug: str, diagnosis: str, variant: int = 0) -> Answer:
    numbers = variants(slug)[variant]
    found = {said: typed for right, said, typed in listed(slug, numbers) if not right}
    return found[diagnosis]


# -- the properties, one an exercise --------------------------------------------------------------


def copying_table(answer: Answer, numbers: Numbers) -> Matrix:
    return product(product(matrix("1 0; 0 1; -1 -1"), answer["W_OV"]), matrix(numbers["U"]))


def copies(answer: Answer, numbers: Numbers) -> bool:
    return all(largest(row) == [k] for k, row in enumerate(copying_table(answer, numbers)))


def scores_one_and_never_copies(answer: Answer, _: Numbers) -> bool:
    """Both roots of λ² − trace·λ + determinant are real and ≥ 0, one is more, and no row copies."""
    (p, q), (r, s) = answer["W_OV"]
    trace, determinant = p + s, p * s - q * r
    score_is_one = trace > 0 and determinant >= 0 and trace**2 >= 4 * determinant
    return score_is_one and q > p and r > s


def positions(numbers: Numbers) -> Matrix:
    R = [[Fraction(numbers[f"r{i}{j}"]) for j in (1, 2)] for i in (1, 2)]
    found = [matrix("1 0")[0]]
    while len(found) < 7:
        found.append(times(found[-1], R))
    return found


def places_looked_at(answer: Answer, numbers: Numbers) -> list[list[int]]:
    p = positions(numbers)
    queries = product(p, answer["W_QK"])
    return [largest([dot(queries[i], p[j]) for j in range(i + 1)]) for i in range(1, 7)]


def looks_back(answer: Answer, numbers: Numbers) -> bool:
    return places_looked_at(answer, numbers) == [[i - 1] for i in range(1, 7)]


def effects(answer: Answer, numbers: Numbers) -> list[Fraction]:
    """E(in, mind), E(in, bay), E(at, mind), E(at, bay)."""
    A, B = Fraction(numbers["A"]), Fraction(numbers["B"])
    (one,), (two,) = answer["head_1"], answer["head_2"]
    return [a * one[c] + b * two[c] for a, b in ((A, B), (B, A)) for c in (0, 1)]


def mends(answer: Answer, numbers: Numbers) -> bool:
    in_mind, in_bay, at_mind, at_bay = effects(answer, numbers)
    return in_mind >= 4 and at_bay >= 4 and in_bay <= 0 and at_mind <= 0


XOR = {"keep in": "mind", "leave at": "mind", "keep at": "bay", "leave in": "bay"}


def exclusive_or(answer: Answer, sentence: str) -> tuple[Fraction, Fraction]:
    """The logits of mind and of bay."""
    source, destination = sentence.split()
    row, column = ("keep", "leave").index(source), ("in", "at").index(destination)
    power = Fraction(2) ** int(answer["S"][column][row])
    weight = power / (power + 2)
    mind, bay = (weight * cell for cell in answer["V"][row])
    return mind, bay + 2


def computes_xor(answer: Answer, _: Numbers) -> bool:
    # all other words have 0
    return all(
        largest([*exclusive_or(answer, text), Fraction(0)]) == [("mind", "bay").index(word)]
        for text, word in XOR.items()
    )


def takes_out(answer: Answer, numbers: Numbers) -> bool:
    u, v = (matrix(numbers[name].replace(",", ""))[0] for name in "uv")
    assert dot(u, v) == 0
    after = [plus(row, times(row, answer["W_OV"])) for row in (u, v)]
    return after == [[Fraction(0)] * 2, v]


def induces_in_four(answer: Answer, _: Numbers) -> bool:
    return first_not_induced(compact(answer["W_QK"]), "abcd", 4, "<s>") is None


def induces_in_three(answer: Answer, _: Numbers) -> bool:
    return first_not_induced(three(answer["W_QK"]), "abc", 5) is None


def induces_by_pointer(answer: Answer, _: Numbers) -> bool:
    return first_not_induced(pointer(answer["P"]), "abc", 5) is None


JUDGES: dict[str, Callable[[Answer, Numbers], bool]] = {
    "write-a-copying-head": copies,
    "copying-score-without-copying": scores_one_and_never_copies,
    "the-previous-token": looks_back,
    "mend-the-skip-trigram": mends,
    "source-xor": computes_xor,
    "take-it-out-again": takes_out,
    "compose-an-induction-head": induces_in_four,
    "the-pointer": induces_by_pointer,
    "three-dimensions": induces_in_three,
}
CASES = [(slug, k) for slug in JUDGES for k in range(len(variants(slug)))]


@pytest.mark.parametrize(("slug", "variant"), CASES)
def test_listed_solutions_are_right_and_listed_wrong_answers_are_not(
    slug: str, variant: int
) -> None:
    numbers = variants(slug)[variant]
    for right, said, answer in listed(slug, numbers):
        assert JUDGES[slug](answer, numbers) is right, said


OTHERS: dict[str, list[dict[str, str]]] = json.loads(
    (Path(__file__).parent / "data" / "other_wrong_answers.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("slug", JUDGES)
def test_answers_that_nobody_listed_are_wrong_as_well(slug: str) -> None:
    numbers = variants(slug)[0]
    known = [answer for _, _, answer in listed(slug, numbers)]
    for typed in OTHERS[slug]:
        answer = {name: matrix(text) for name, text in typed.items()}
        assert not JUDGES[slug](answer, numbers), typed
        assert answer not in known


# -- numbers that texts tell ----------------------------------------------------------------------

ROWS = {
    "two-swapped": "-1 2 -1; 2 -1 -1; -1 -1 2",
    "suppresses": "-2 1 1; 1 -2 1; 1 1 -2",
    "one-row-empty": "2 -1 -1; 0 0 0; -2 1 1",
    "tie": "1 1 -2; -1 2 -1; 0 -3 3",
    "next-token": "-1 2 -1; -1 -1 2; 2 -1 -1",
    "previous-token": "-1 -1 2; 2 -1 -1; -1 2 -1",
}


@pytest.mark.parametrize("variant", range(3))
def test_tables_of_heads_that_do_not_copy(variant: int) -> None:
    slug = "write-a-copying-head"
    numbers = variants(slug)[variant]
    for diagnosis, rows in ROWS.items():
        assert copying_table(wrong(slug, diagnosis, variant), numbers) == matrix(rows)
    tables = [copying_table(answer, numbers) for right, _, answer in listed(slug, numbers) if right]
    assert tables == [matrix("2 -1 -1; -1 2 -1; -1 -1 2"), matrix("3 0 -3; 0 3 -3; -3 -3 6")]


@pytest.mark.parametrize("variant", range(4))
def test_where_queries_lead(variant: int) -> None:
    slug = "the-previous-token"
    numbers = variants(slug)[variant]
    p = positions(numbers)
    assert matrix(numbers["positions"]) == p
    said = [[Fraction(cell) for cell in numbers[f"p{k}"].split(",")] for k in (2, 3, 4)]
    assert said == p[1:4]
    looked = {name: places_looked_at(wrong(slug, name, variant), numbers) for name in LOOKED}
    assert {name: where[: len(LOOKED[name])] for name, where in looked.items()} == LOOKED


LOOKED = {
    "itself": [[1], [2], [3], [4], [5], [6]],
    "looks-ahead": [[1], [2], [3], [4]],
    "two-back": [[0], [0], [1], [2], [3], [4]],
    "far-side": [[0], [0]],
    "backwards": [[1]],
}


@pytest.mark.parametrize("variant", range(4))
def test_effects_that_are_told(variant: int) -> None:
    slug = "mend-the-skip-trigram"
    numbers = variants(slug)[variant]
    n = {name: Fraction(value) for name, value in numbers.items()}
    weights = [Fraction(2) ** int(n["look"]), Fraction(1)]
    assert n["A"] == weights[0] / (weights[0] + 2)
    assert n["B"] == 1 / (2 + Fraction(2) ** int(n["away"]))
    leaking = effects(wrong(slug, "nothing-negative", variant), numbers)
    assert leaking == [4, n["leak"], n["leak"], 4]
    swapped = effects(wrong(slug, "heads-swapped", variant), numbers)
    assert swapped == [0, n["wanted"], n["wanted"], 0]
    soft = effects(wrong(slug, "too-soft", variant), numbers)
    assert [soft[0], n["A"] * n["p"] - soft[0]] == [n["rest"], n["loss"]]
    assert effects(wrong(slug, "same-twice", variant), numbers)[3] < 0
    assert min(effects(wrong(slug, "signs-lost", variant), numbers)) > 0
    exact, loud = (effects(answer, numbers) for right, _, answer in listed(slug, numbers) if right)
    assert exact == [n["wanted"], 0, 0, n["wanted"]]
    assert loud == [n["least"], -n["least"], -n["least"], n["least"]]


XOR_SAID = [
    ("a-word-for-each-source", "leave at", "0", "5"),
    ("always-looks", "keep at", "3", "2"),
    ("no-scores", "keep in", "2", "2"),
    ("the-wrong-way-round", "keep in", "6/5", "2"),
    ("tie-where-it-should-not-look", "keep at", "2", "2"),
    ("too-loud", "keep at", "12/5", "2"),
    ("too-soft", "keep in", "3/2", "2"),
]


@pytest.mark.parametrize(("diagnosis", "sentence", "mind", "bay"), XOR_SAID)
def test_logits_of_the_exclusive_or(diagnosis: str, sentence: str, mind: str, bay: str) -> None:
    found = exclusive_or(wrong("source-xor", diagnosis), sentence)
    assert found == (Fraction(mind), Fraction(bay))


@pytest.mark.parametrize("variant", range(4))
def test_what_becomes_of_the_message(variant: int) -> None:
    slug = "take-it-out-again"
    numbers = variants(slug)[variant]
    u, v = (matrix(numbers[name].replace(",", ""))[0] for name in "uv")

    def after(diagnosis: str, row: list[Fraction]) -> list[Fraction]:
        return plus(row, times(row, wrong(slug, diagnosis, variant)["W_OV"]))

    assert after("sign", u) == [2 * cell for cell in u]
    assert after("not-divided", u) == [-int(numbers["over"]) * cell for cell in u]
    assert after("the-rest-instead", u) == u
    assert after("the-rest-instead", v) == [0, 0]


INDUCED = [
    ("compose-an-induction-head", "duplicate-token", "aba", "a", {"a": "3", "b": "0"}),
    ("compose-an-induction-head", "transposed", "abca", "c", {}),
    ("compose-an-induction-head", "negative", "aba", "a", {}),
    ("compose-an-induction-head", "all-alike", "aba", "a", {"a": "2", "b": "1/2"}),
    ("compose-an-induction-head", "before-against-before", "aba", "a", {}),
    ("compose-an-induction-head", "coordinates-crossed", "aba", "a", {}),
    ("three-dimensions", "eightfold", "aba", "a", {}),
    ("three-dimensions", "no-square", "aba", "b", {}),
    ("three-dimensions", "sign", "aba", "a", {}),
    ("the-pointer", "the-copy-itself", "aba", "a", {"a": "3"}),
    ("the-pointer", "transposed", "aba", "a", {"a": "7/3", "b": "2/3"}),
    ("the-pointer", "two-further", "aba", "a", {"a": "3"}),
    ("the-pointer", "all-alike", "aba", "a", {"a": "7/3", "b": "2/3"}),
    ("the-pointer", "everything-after", "aba", "a", {"a": "2", "b": "1"}),
    ("the-pointer", "first-place-alone", "abab", "b", {}),
    ("the-pointer", "negative", "aba", "a", {}),
]
MODELS: dict[str, tuple[Callable[[Matrix], PlainModel], str, str]] = {
    "compose-an-induction-head": (compact, "abcd", "<s>"),
    "three-dimensions": (three, "abc", ""),
    "the-pointer": (pointer, "abc", ""),
}


@pytest.mark.parametrize(("slug", "diagnosis", "first", "said", "numbers"), INDUCED)
def test_the_first_sequence_that_an_induction_head_gets_wrong(
    slug: str, diagnosis: str, first: str, said: str, numbers: dict[str, str]
) -> None:
    make, alphabet, front = MODELS[slug]
    (free,) = wrong(slug, diagnosis).values()
    model = make(free)
    assert first_not_induced(model, alphabet, 4, front) == first
    text = f"{front} {' '.join(first)}"
    assert said in predicted(model, text)
    found = logits(model, text)
    assert {token: found[token] for token in numbers} == {
        token: Fraction(value) for token, value in numbers.items()
    }


def test_what_the_statements_say_of_layer_1() -> None:
    held = [place.residual[1] for place in places(compact(zeros(4, 4)), "<s> a b c a")]
    assert held == matrix("0 0 2/5 -4/5; 1 0 0 0; 0 1 1 0; -1 0 0 1; 1 0 -1 0")
    narrow = three(zeros(3, 3))
    for text in ("a c b a", "b b", "c a"):
        first, *rest = places(narrow, text)
        t = [Fraction("abc".index(token) - 1) for token in text.split()]
        assert first.residual[1] == [-392 - t[0] ** 2, t[0], t[0]]
        for k, place in enumerate(rest, 1):
            assert place.residual[1] == [8 - t[k - 1] ** 2, t[k], t[k - 1]]
    points = pointer(zeros(4, 5))
    assert places(points, "a b c b")[-1].residual[1][8:] == matrix("0 1 0 0 0")[0]
    assert places(points, "a b a b a")[-1].residual[1][8:] == matrix("1/2 0 1/2 0 0")[0]
