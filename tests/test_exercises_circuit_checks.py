"""What matrices must have in a circuit: what passes each check, what fails, and what is said."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import exercises
from exercises import Exercise, Grade
from exercises.checking import CircuitWitness
from exercises.circuit_checks import allows_multiples
from exercises.reporting.prose import said
from handcalc.errors import InputError
from handcalc.views.notation import ASCII
from tests.cli_runs import Shell
from tests.practice_runs import flat, typing

COURSE = Path(__file__).resolve().parent / "data" / "circuits"
HERE = f"--course={COURSE}"


def load(slug: str) -> Exercise:
    return exercises.load(slug, COURSE)


def grade(slug: str, answer: object) -> Grade:
    return exercises.grade(load(slug), answer=answer)


def happened(found: Grade) -> str:
    return said(found.feedback.happened, ASCII)


def witness(found: Grade) -> CircuitWitness:
    failing = [each.witness for each in found.checks if each.passed is False and each.witness]
    assert isinstance(failing[0], CircuitWitness)
    return failing[0]


BACK = "3/5 -4/5; 4/5 3/5"
ASK = "0 0 1 0; 0 0 0 1; 0 0 0 0; 0 0 0 0"
MENDED = {"K_1": "12 -4", "K_2": "-4 12"}

RIGHT: list[tuple[str, Any]] = [
    ("copying-head", "1 0; 0 1"),
    ("copying-head", "2 1; 1 2"),
    ("copying-head", "7/2 0; 0 1/3"),
    ("copying-head", [["sqrt(2)", 0], [0, "sqrt(2)"]]),
    ("previous-position", BACK),
    ("previous-position", "6 -8; 8 6"),
    ("previous-position", "2/3 -4/5; 4/5 2/3"),
    ("second-layer", ASK),
    ("second-layer", "0 0 5 0; 0 0 0 5; 0 0 0 0; 0 0 0 0"),
    ("second-layer", "0 0 2 0; 0 0 0 1; 0 0 0 0; 0 0 0 0"),
    ("mended-effects", MENDED),
    ("mended-effects", {"K_1": "24 -8", "K_2": "-8 24"}),
    ("mended-effects", {"K_1": "10 -4", "K_2": "-4 12"}),
    ("exclusive-or", "1 -1; -1 1"),
    ("exclusive-or", "3 -2; -1 4"),
    ("score-without-copying", "30 40; -9 -10"),
    ("score-without-copying", "-10 -9; 40 30"),
    ("rank-one-table", {"W_1": "1 0; 2 0", "W_2": "3 0; 4 0"}),
    ("rank-one-table", {"W_1": "1 1; 1 1", "W_2": "1 5; 2 7"}),
    ("delete-a-direction", "-1/5 -2/5; -2/5 -4/5"),
]


@pytest.mark.parametrize(("slug", "answer"), RIGHT)
def test_any_answer_with_the_property_passes(slug: str, answer: Any) -> None:
    assert grade(slug, answer).status == "solved"


FIRST = (
    "72 of 156 sentences of up to 4 tokens are right. The first that fails is <s> a b a: b "
    "followed, and a is predicted, with the logits (<s>: 0, a: 3, b: 0, c: -3, d: 0)."
)
WRONG = [
    (
        "copying-head",
        "0 1; -1 -1",
        "another-token",
        "Row a of W_E W_OV W_U is (a: -1, b: 2, c: -1): b is largest, and a should be, alone.",
    ),
    ("copying-head", "1 0; 0 0", "tie", "Row b of W_E W_OV W_U is (a: 0, b: 0, c: 0): a, b and c"),
    ("copying-head", "-1 0; 0 -1", "wrong-sign", "With all of its signs turned, W_OV would be"),
    ("copying-head", "0 0; 0 0", "zero", "W_OV is all zeros, so that nothing comes of it. Row a"),
    (
        "previous-position",
        "2 0; 0 2",
        "attends-to-itself",
        "At position 2 the scores by position are (1: 6/5, 2: 2): 2 is largest, and 1 should be",
    ),
    ("previous-position", "3 4; -4 3", "looks-ahead", "it looks as far ahead as it is to look"),
    (
        "previous-position",
        "-7/25 -24/25; 24/25 -7/25",
        "two-back",
        "This turns the query back by two steps.",
    ),
    ("previous-position", "-1 0; 0 -1", "attends-elsewhere", "At position 3 the scores"),
    ("previous-position", "0 0; 0 0", "zero", "every score is 0, and attention is uniform."),
    (
        "second-layer",
        "1 0 0 0; 0 1 0 0; 0 0 0 0; 0 0 0 0",
        "predicts-itself",
        FIRST,
    ),
    ("second-layer", "0 0 -2 0; 0 0 0 -2; 0 0 0 0; 0 0 0 0", "wrong-sign", "would be right"),
    ("second-layer", "0 0 0 0; 0 0 0 0; 0 0 0 0; 0 0 0 0", "zero", "attention is uniform. 72 of"),
    (
        "mended-effects",
        {"K_1": "8 0", "K_2": "0 8"},
        "nothing-taken-away",
        "Each head writes its own word alone",
    ),
    ("mended-effects", {"K_1": "-4 12", "K_2": "12 -4"}, "swapped", "in another one's place"),
    (
        "mended-effects",
        {"K_1": "6 0", "K_2": "0 12"},
        "out-of-bounds",
        "The effect on mind after in is 3, and at least 4 is asked for.",
    ),
    ("exclusive-or", "-2 2; 2 -2", "wrong-sign", "With all of its signs turned, S would be right."),
    (
        "exclusive-or",
        "2 0; 0 2",
        "tie",
        "After <s> keep at the logits are (mind: 2, bay: 2, ...): mind and bay are largest",
    ),
    (
        "score-without-copying",
        "1 2; 3 4",
        "score-too-low",
        "The copying score is 5*sqrt(33)/33, and exactly 1 is asked for",
    ),
    (
        "score-without-copying",
        "3 4; -1 -1",
        "still-on-top",
        "Row b is (a: -1, b: -1): b ties with a, and must be behind.",
    ),
    (
        "score-without-copying",
        "1 -5; 9/10 1",
        "score-too-low",
        "the eigenvalues that are not 0 are 1 + 3*sqrt(2)/2*i and 1 - 3*sqrt(2)/2*i.",
    ),
    ("score-without-copying", "0 0; -1 -2", "score-too-low", "one eigenvalue that is not 0 is -2."),
    ("score-without-copying", "30 -9; 40 -10", "transposed", "With rows and columns exchanged"),
    ("score-without-copying", "0 1; 0 0", "score-too-low", "all eigenvalues of W_E W_OV W_U are 0"),
    (
        "rank-one-table",
        {"W_1": "1 0; 2 1", "W_2": "3 0; 4 1"},
        "another-rank",
        "W_1 W_2^T has rank 2, and at most 1 is asked for.",
    ),
    (
        "rank-one-table",
        {"W_1": "0 1; 0 0", "W_2": "1 0; 0 0"},
        "another-rank",
        "W_1 W_2^T has rank 0, and at least 1 is asked for.",
    ),
    (
        "delete-a-direction",
        "-1 0; 0 0",
        "left-over",
        "(1, 2) gets (-1, 0), and (0, 2) is left of it.",
    ),
    ("delete-a-direction", "1/5 2/5; 2/5 4/5", "wrong-sign", "With all of its signs turned"),
    ("delete-a-direction", "-1 -1; 0 -1/2", "rest-disturbed", "(-2, 1) gets"),
]


@pytest.mark.parametrize(("slug", "answer", "diagnosis", "told"), WRONG)
def test_what_fails_is_told_why(slug: str, answer: Any, diagnosis: str, told: str) -> None:
    found = grade(slug, answer)
    assert found.status in ("wrong", "partial")
    assert found.feedback.diagnosis == diagnosis
    everything = happened(found) + " ".join(said(each.message, ASCII) for each in found.checks)
    assert told.lower() in everything.lower()
    assert found.feedback.advice is not None


def test_the_witness_is_the_first_that_fails() -> None:
    found = witness(grade("second-layer", "0 0 0 0; 0 0 0 0; 1 0 0 0; 0 1 0 0"))
    assert (found.of, found.tokens, found.wanted) == ("logits", ("<s>", *"abca"), "b")
    assert "b" not in found.largest
    row = witness(grade("copying-head", "1 1; 0 1"))
    assert (row.of, row.tokens, row.wanted, row.largest) == ("row", ("a",), "a", ("a", "b"))
    assert dict(row.numbers) == {"a": 1, "b": 1, "c": -2}
    scores = witness(grade("previous-position", "1 0; 0 1"))
    assert (scores.of, scores.wanted, scores.largest) == ("scores", "1", ("2",))
    assert dict(scores.numbers) == {"1": Fraction(3, 5), "2": 1}


def test_the_counts_are_those_that_were_worked_out_by_hand() -> None:
    found = grade("second-layer", "0 0 0 0; 0 0 0 0; 1 0 0 0; 0 1 0 0")
    assert [said(each.message, ASCII) for each in found.checks] == [
        "2 tokens: all 4 sentences.",
        "3 tokens: all 28 sentences.",
        "4 tokens: 100 of 124 sentences.",
    ]
    assert found.score == Fraction(2, 3)


# -- multiples -------------------------------------------------------------------------------------


def test_a_multiple_is_said_to_be_one() -> None:
    found = grade("previous-position", "6 -8; 8 6")
    (way,) = (said(each, ASCII) for each in found.remarks)
    assert way.startswith('This is "Turn the query back", route 1 of the solution, 10 times as ')
    assert way.endswith("large: only the order of the numbers counts.")
    same = grade("delete-a-direction", "-0.2 -0.4; -0.4 -0.8")
    assert said(same.remarks[0], ASCII).endswith("route 1 of the solution.")
    assert grade("copying-head", "2 1; 1 2").remarks == ()
    both = grade("mended-effects", {"K_1": "24 -8", "K_2": "-8 24"})
    assert said(both.remarks[0], ASCII).endswith("2 times as large and K_2 2 times as large.")


def test_multiples_of_listed_wrong_answers_are_known() -> None:
    assert grade("copying-head", "0 3; 3 0").feedback.diagnosis == "copies-b-for-a"
    assert grade("delete-a-direction", "-2 -4; -4 -8").feedback.diagnosis != "not-divided"


def test_where_multiples_make_no_difference() -> None:
    free = {slug: allows_multiples(load(slug).key().check) for slug, _ in RIGHT}  # type: ignore[arg-type] # a check of a circuit
    assert free == {
        "copying-head": True,
        "previous-position": True,
        "second-layer": True,
        "mended-effects": False,
        "exclusive-or": False,
        "score-without-copying": True,
        "rank-one-table": True,
        "delete-a-direction": False,
    }


# -- what cannot be decided, and how long it takes -------------------------------------------------


def written(tmp_path: Path, slug: str, *changes: tuple[str, str]) -> Path:
    """A course with one exercise, changed."""
    text = (COURSE / f"{slug}.toml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (tmp_path / f"{slug}.toml").write_text(text, encoding="utf-8")
    (tmp_path / "manifest.toml").write_text(f'exercises = ["{slug}"]', encoding="utf-8")
    return tmp_path


THREE = (
    ("rows = 2, columns = 2", "rows = 3, columns = 3"),
    ('"a b"', '"a b c"'),
    ('W_E = "1 0; 0 1"', 'W_E = "1 0 0; 0 1 0; 0 0 1"'),
    ('W_U = "1 0; 0 1"', 'W_U = "1 0 0; 0 1 0; 0 0 1"'),
    ('"0 0; 0 0"', '"0 0 0; 0 0 0; 0 0 0"'),
    ("never_on_top = true", 'at_least = "1/2"'),
)


def test_a_score_without_square_roots_is_not_graded_wrong(tmp_path: Path) -> None:
    course = written(tmp_path, "score-without-copying", *THREE)
    cubic = "0 0 1; 1 0 1; 0 1 1"  # x³ − x² − x − 1, with one real root
    found = exercises.grade(exercises.load(1, course), answer=cubic)
    assert found.status == "unreadable"
    assert found.error
    assert found.error.code == "undecided"
    with pytest.raises(InputError, match="cannot be written with square roots"):
        raise found.error
    assert exercises.grade(exercises.load(1, course), answer="1 0 0; 0 1 0; 0 0 1").score == 1


def test_soft_attention_is_decided_too(tmp_path: Path) -> None:
    for softmax in ("exp", "base 3"):
        line = f'vocabulary = "in at keep leave mind bay <s>"\nsoftmax = "{softmax}"'
        changes = ('vocabulary = "in at keep leave mind bay <s>"', line)
        course = written(tmp_path, "exclusive-or", changes)
        assert exercises.grade(exercises.load(1, course), answer="1 -1; -1 1").status == "solved"
        assert exercises.grade(exercises.load(1, course), answer="1 1; 1 1").status == "partial"


def test_all_sentences_of_six_tokens_take_seconds(tmp_path: Path) -> None:
    course = written(tmp_path, "second-layer", ("up_to = 4", "up_to = 6"))
    exercise = exercises.load(1, course)
    start = time.process_time()
    found = exercises.grade(exercise, answer=ASK)
    assert found.status == "solved"
    assert "all 2,540 sentences of up to 6 tokens" in happened(found)
    assert time.process_time() - start < 6  # about 1 on a quiet machine


# -- at the terminal -------------------------------------------------------------------------------


def test_what_came_out_is_counted_in_its_own_words(shell: Shell) -> None:
    done = flat(shell("exercise", "3", HERE, "--answer=-1 0; 0 -1").out)
    assert "not yet, 1 of 6 positions right" in done
    done = flat(shell("exercise", "4", HERE, "--answer=0 0 0 0; 0 0 0 0; 1 0 0 0; 0 1 0 0").out)
    assert "not yet, 2 of 3 lengths right" in done
    assert "not yet, 2 of 3 rows right" in flat(
        shell("exercise", "1", HERE, "--answer=1 1; 0 1").out
    )


def test_json_has_the_witness(shell: Shell) -> None:
    done = shell("exercise", "4", HERE, "--answer=1 0 0 0; 0 1 0 0; 0 0 0 0; 0 0 0 0", "--json")
    failing = done.json()["checks"][1]
    assert failing["witness"]["tokens"] == ["<s>", "a", "b", "a"]
    assert failing["witness"]["numbers"]["a"] == "3"
    assert (failing["witness"]["wanted"], failing["witness"]["largest"]) == ("b", ["a"])


def test_the_sentence_that_fails_is_worked_through(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    itself = "1 0 0 0; 0 1 0 0; 0 0 0 0; 0 0 0 0"
    done = shell("exercise", "4", HERE, f"--answer={itself}", "--steps").out
    assert "Tokens: <s> a b a" in done
    assert "Head 2.1 attends" in done
    assert grade("second-layer", ASK).run is None
    assert grade("copying-head", "0 1; 1 0").run is None
    lines = typing(monkeypatch)
    lines += ["w", itself, "w", "d", "q"]
    done = shell("exercise", "4", HERE).out
    assert "There is no answer yet to work through" in done
    assert "Tokens: <s> a b a" in done
    assert "there is nothing to be drawn" in done
