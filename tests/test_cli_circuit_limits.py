"""Models, sentences and texts that are too large or too odd: told at once, and what still works."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import exercises
import handcalc
from handcalc import InputError, circuit
from handcalc.circuits.gallery.listing import with_room
from handcalc.circuits.log_sums import LogSum
from handcalc.circuits.proving import read_length
from handcalc.views.json import circuits as data
from tests.cli_runs import Shell

SMALL = ("--W_E=1 0; 0 1", "--W_U=1 0; 0 1")
MODEL = 'W_E = "1 0; 0 1"\nW_U = "1 0; 0 1"\n'
ONE = "1 0; 0 1"
LONG = "b" * 61

# -- what a file may hold --------------------------------------------------------------------------


def test_a_mark_in_front_of_a_file_is_no_part_of_it(shell: Shell, tmp_path: Path) -> None:
    for name, text in {
        "own.toml": MODEL,
        "own.json": '{"W_E": "1 0; 0 1", "W_U": "1 0; 0 1"}',
    }.items():
        file = tmp_path / name
        file.write_text(text, encoding="utf-8-sig")
        assert shell("circuit", f"--file={file}", "--json").json()["vocabulary"] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (f"W_E = [[{'9' * 5000}]]\nW_U = '1'", "not_a_model", "thousands of digits"),
        (f'{{"W_E": [[{"9" * 5000}]]}}', "not_a_model", "thousands of digits"),
        (f"{MODEL}[[heads]]\nlayer = 0x{'F' * 5000}\nW_QK = '{ONE}'\nW_OV = '{ONE}'", "head",
         "Layers count from 1 to 64, not a number of thousands of digits"),
        (f"{MODEL}[[heads]]\nlayer = -1\nW_QK = '{ONE}'\nW_OV = '{ONE}'", "head", "64, not -1"),
        (f"vocabulary = 'a {LONG}'\n{MODEL}", "vocabulary", "60 characters, not 61"),
        (f"vocabulary = ['a', 'a']\n{MODEL}", "vocabulary", "'a' is two"),
        (f"vocabulary = ['a', ' ']\n{MODEL}", "vocabulary", "no blank"),
        (f"vocabulary = ['a', '\\u202eb']\n{MODEL}".replace("'", '"'), "vocabulary", "not show"),
        (f"vocabulary = ['a', '\\u001b[31m']\n{MODEL}".replace("'", '"'), "vocabulary", "not show"),
        (f"vocabulary = [1, 2]\n{MODEL}", "vocabulary", "as a text or a list"),
        (f"softmax = 'base {'9' * 3000}'\n{MODEL}", None, "at most"),
        (f"softmax = 'base 1e400'\n{MODEL}", "too_large", "too large"),
        ("W_E = '9^9^9'\nW_U = '1'", None, "exponent"),
        ("W_E = '1e999999'\nW_U = '1'", None, "exponent"),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_an_odd_file_is_told(
    shell: Shell, tmp_path: Path, text: str, code: str | None, said: str
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    done = shell("circuit", f"--file={file}", "--json")
    error = done.json()["error"]
    assert done.code == 3
    assert said in error["message"]
    assert code is None or error["code"] == code


def test_a_token_of_beginning_by_name_stands_in_front_of_a_proof(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "own.toml"
    file.write_text(f"vocabulary = '<s> b'\n{MODEL}", encoding="utf-8")
    found = shell("circuit", f"--file={file}", "--prove=3", "--json").json()["proved"]
    assert (found["sequences"], found["failures"]) == (2, 0)  # b b, b b b


@pytest.mark.parametrize("name", ["induction", "previous-token", "induction-compact", "one-head"])
def test_a_proof_that_is_suggested_is_taken(name: str) -> None:
    for claim in with_room(circuit(name), 40).claims:
        with pytest.raises(InputError, match="not 99") as refused:
            claim.prove(99_999_999_999)
        assert refused.value.suggestion is not None
        length = int(refused.value.suggestion)
        assert read_length(claim, length) == length
        with pytest.raises(InputError, match=r"prove up to|tokens at most"):
            read_length(claim, length + 1)


def test_a_proof_says_how_far_it_is() -> None:
    heard: list[tuple[int, int]] = []
    proof = circuit("previous-token").claims[0].prove(4, on_progress=lambda *at: heard.append(at))
    assert [done for done, _ in heard] == [*range(1, proof.sequences + 1)]
    (total,) = {total for _, total in heard}
    assert total == sum(4**k for k in range(1, 5))
    assert len(heard) <= total


@pytest.mark.parametrize(
    ("number", "typed"), [("36", "1 2"), ("36", "W_Q = 1"), ("38", "1 2"), ("38", "V = 1; V = 2")]
)
def test_matrices_that_cannot_be_read_use_no_attempt(shell: Shell, number: str, typed: str) -> None:
    done = shell("exercise", number, f"--answer={typed}", "--json")
    title = exercises.load(int(number)).title
    assert f"No attempt at exercise {number}, {title}, was used." in done.json()["error"]["message"]
    assert done.code == 3


@pytest.mark.parametrize("answer", ["1 0; 0 1", "1 2; 3 4"])
def test_steps_are_missed_aloud(shell: Shell, answer: str) -> None:
    asked = ("exercise", "31", f"--answer={answer}")
    assert "There are no steps to show here." not in shell(*asked).out
    assert shell(*asked, "--steps").out.count("There are no steps to show here.") == 1


def test_a_named_circuit_has_the_sizes_and_the_softmax_that_are_asked_for(shell: Shell) -> None:
    sizes = {"V": 3, "n": 5, "sharpness": 5, "strength": 2, "softmax": "exp"}
    options = [f"--{size}={value}" for size, value in sizes.items()]
    proof = shell("circuit", "induction", *options, "--prove=3", "--json").json()["proved"]
    assert proof == json.loads(json.dumps(data.proof(circuit("induction", **sizes).claim.prove(3))))
    longer = ("--tokens=a b c a b c a b c", "--softmax=base 2", "--json")
    assert shell("circuit", "induction", *longer).code == 0


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["source-xor", "--V=3"], "and no 'V'"),
        (["copying", "--softmax=exp"], "takes V and strength, and no 'softmax'"),
        (["induction", "--n=99"], "n is from 2 to 40 here, not 99"),
        (["induction", "--softmax=foo"], "The softmax is"),
        (["--V=3"], "--V is a size of a named circuit: give its name."),
        (["--sharpness=3", "--W_E=1", "--W_U=1"], "--sharpness is a size of a named circuit"),
    ],
)
def test_a_size_that_is_not_there_is_told(shell: Shell, asked: list[str], said: str) -> None:
    done = shell("circuit", *asked, "--json")
    assert said in done.json()["error"]["message"]
    assert done.code == 2


def test_a_head_is_told_in_a_sentence(shell: Shell) -> None:
    done = shell("circuit", "--W_E=1", "--W_U=1", "--head=1: W_QK=1", "--json")
    said = "The head has W_QK; it needs W_Q, W_K, W_V and W_O, or W_QK and W_OV."
    assert done.json()["error"]["message"].endswith(said)


def test_an_empty_name_of_a_file_is_no_file(shell: Shell) -> None:
    done = shell("circuit", "--file=", "--json")
    assert (done.code, done.json()["error"]["code"]) == (2, "missing_file")


@pytest.mark.parametrize("softmax", ["base 0", "base -1", "base 1/0", "base", "base 1e999", ""])
def test_a_softmax_that_is_none_is_told_by_its_option(shell: Shell, softmax: str) -> None:
    done = shell("circuit", *SMALL, f"--softmax={softmax}")
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("--softmax could not be read")


# -- sizes -----------------------------------------------------------------------------------------


def test_a_model_of_many_tokens_has_no_tables_and_works_a_sentence(
    shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "wide.json"
    file.write_text(json.dumps({"W_E": [[1]] * 300, "W_U": [[1] * 300]}), encoding="utf-8")
    page = shell("circuit", f"--file={file}")
    assert page.code == 0
    assert "would have 90,000 numbers, and at most 50,000 are worked out" in " ".join(
        page.out.split()
    )
    assert shell("circuit", f"--file={file}", "--json").json()["tables"] == []
    assert shell("circuit", f"--file={file}", "--tokens=t1 t300").code == 0
    drawing = shell("circuit", f"--file={file}", f"--svg={tmp_path / 'wide.svg'}", "--json").json()
    assert "90,000 numbers" in drawing["error"]["message"]


def test_a_sentence_has_a_length(shell: Shell) -> None:
    error = shell("circuit", *SMALL, "--tokens=" + "ab" * 30_000, "--json").json()["error"]
    assert error["code"] == "too_long"
    assert "at most 200 tokens here, not 60,000" in error["message"]
    assert shell("circuit", *SMALL, "--tokens=" + "ab" * 100).code == 0


@pytest.mark.parametrize("tokens", ["а b", "a\u200bb", "ａ ｂ", "a \x1b[31m", "A b"])
def test_tokens_that_look_alike_are_told_apart(shell: Shell, tokens: str) -> None:
    done = shell("circuit", *SMALL, f"--tokens={tokens}", "--json")
    error = done.json()["error"]
    assert (done.code, error["code"]) == (3, "token")
    assert "not in the vocabulary: a b" in error["message"]
    assert "\x1b" not in shell("circuit", *SMALL, f"--tokens={tokens}").err


# -- texts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["abab", "--add=1e400"], "add", "at most 1,000,000,000"),
        (["abab", "--add=1/" + "7" * 40], "add", "at most 1,000,000,000"),
        ([f"the the {LONG}"], "corpus", "60 characters, not 61"),
        (["   \n\t "], "corpus", "two tokens at least"),
        (["a\x00b"], "corpus", "does not show"),
        (["ab" * 500_001], "corpus", "at most 1,000,000 tokens"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_an_odd_text_is_told(shell: Shell, arguments: list[str], code: str, said: str) -> None:
    done = shell("bigrams", *arguments, "--json")
    assert (done.code, done.json()["error"]["code"]) == (3, code)
    assert said in done.json()["error"]["message"]


def test_a_million_characters_are_counted(shell: Shell) -> None:
    found = shell("bigrams", "ab" * 500_000, "--json").json()
    assert found["counts"] == [[0, 500_000], [499_999, 0]]


def test_numbers_whose_primes_take_long_are_refused() -> None:
    with pytest.raises(InputError, match=r"at most 1,000,000,000,000\."):
        handcalc.best_bigrams([[10**40]])
    with pytest.raises(InputError, match="at most 160 binary digits") as caught:
        LogSum.log(2**161 + 1)
    assert caught.value.code == "too_large"
