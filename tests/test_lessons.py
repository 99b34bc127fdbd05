"""A lesson at a terminal stops before the work and asks; its answer is worked out, not typed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import handcalc
from handcalc.cli.work.lesson import named_numbers
from handcalc.superposition.closed_forms.three_in_two import three_in_two
from handcalc.superposition.model.embeddings import which_model
from handcalc.views import text
from handcalc.views.notation import ASCII
from handcalc.views.text.questions import (
    LessonPrediction,
    about_circuit,
    better_shape,
    wrong_outputs,
)
from tests.cli_runs import Shell
from tests.practice_runs import flat, typing
from tests.view_cases import NAMES, rendered

WRONG = {  # by hand, for the example of each
    "orthogonal": {3},
    "interfering": {1, 2, 3},
    "antipodal": {2, 3},
    "one-example": set(),
    "bias-corrected": {3},
    "relu": set(),
    "triangle": set(),
}


def question(name: str) -> LessonPrediction:
    found = handcalc.embedding(name)
    return wrong_outputs(handcalc.forward(found.model, found.example), ASCII)


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_is_that_of_the_forward_pass(name: str) -> None:
    asked = question(name)
    assert asked.verdict(WRONG[name]).startswith("Right: ")
    for other in ({1}, {2, 3}, {3}, set(), {1, 2, 3}):
        if other != WRONG[name]:
            assert asked.verdict(other).startswith("Not quite: ")


def test_the_verdict_says_what_comes_out() -> None:
    assert question("antipodal").verdict({2, 3}) == (
        "Right: outputs 2 and 3 are wrong, and no other. xhat2 comes out as -1/4 and should be "
        "1/4. xhat3 comes out as 1/4 and should be 1/2."
    )
    assert question("relu").verdict({2}) == "Not quite: every output is exact."


def test_a_symbol_in_the_input_is_asked_about_too() -> None:
    asked = wrong_outputs(handcalc.forward("1 0; 0 1; 0 -1", "x1 x2 0"), ASCII)
    assert asked.asked == "Which outputs can be wrong for x = (x1, x2, 0)?"
    assert asked.verdict(set()) == "Right: every output is exact."
    asked = wrong_outputs(handcalc.forward("1 0; 0 1; 0 -1", "x1 1 x3"), ASCII)
    assert asked.verdict({2, 3}) == "Right: outputs 2 and 3 can be wrong, and no other."


@pytest.mark.parametrize(("S", "answer"), [("0", 1), ("2/5", 1), ("1/2", 2), ("9/10", 2)])
def test_which_shape_is_better(S: str, answer: int) -> None:
    asked = better_shape(three_in_two(S))
    assert asked.verdict({answer}).startswith("Right: ")
    assert asked.verdict({3 - answer}).startswith("Not quite: ")


@pytest.mark.parametrize(
    ("reply", "named"),
    [
        ("2", {2}),
        ("2 3", {2, 3}),
        ("3, 2", {2, 3}),
        ("outputs 2 and 3.", {2, 3}),
        ("x2 x\u03023 x_1", {1, 2, 3}),
        ("none", set()),
        ("0", set()),
        ("all", {1, 2, 3}),
        ("4", None),
        ("0 2", None),
        ("two", None),
        ("1/2", None),
        ("-1", None),
        ("9" * 5000, None),
        ("?", None),
    ],
)
def test_replies(reply: str, named: set[int] | None) -> None:
    assert named_numbers(reply, question("antipodal")) == named


def test_one_of_two() -> None:
    asked = better_shape(three_in_two("1/2"))
    assert [named_numbers(reply, asked) for reply in ("1", "2", "1 2", "0", "3")] == [
        {1},
        {2},
        None,
        None,
        None,
    ]


# -- at the terminal ------------------------------------------------------------------------------


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(capsys)


@pytest.mark.parametrize("name", NAMES)
def test_a_reply_and_then_the_rest(
    shell: Shell, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shell("show", name).out
    typing(monkeypatch).append("3")
    asked = shell("show", name).out
    assert "Their numbers (0 for none), or Enter to go on: 3" in asked
    verdict = "Right: " if WRONG[name] == {3} else "Not quite: "
    opening, _, rest = asked.partition("Which outputs will be wrong for x = (")
    assert verdict in rest
    assert "For any input" in rest
    assert "For any input" not in opening
    assert whole.startswith(opening.rstrip())
    assert whole.endswith(rest[rest.index("For any input") :])


def test_a_narrow_terminal_breaks_no_word(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    typing(monkeypatch).append("2 3")
    said = shell("show", "antipodal").out
    assert "Their numbers (0 for none), or Enter to\ngo on:\n> 2 3\n" in said
    assert "Right: " in said


def test_enter_goes_on_without_a_verdict(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch).extend([""])
    said = shell("show", "antipodal").out
    assert "Right" not in said
    assert "Not quite" not in said
    assert "What is lost" in said


def test_what_cannot_be_read_is_asked_again(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    typing(monkeypatch).extend(["two", "7", "2 3"])
    said = shell("show", "antipodal").out
    assert flat(said).count("Type numbers from 1 to 3, such as 1 2, or 0 for none") == 2
    assert "Right: outputs 2 and 3 are wrong" in said


@pytest.mark.parametrize("replies", [["q"], []], ids=["q", "Ctrl-D"])
def test_who_leaves_is_told_how_to_come_back(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, replies: list[str]
) -> None:
    typing(monkeypatch).extend(replies)
    file = tmp_path / "arrows.svg"
    done = shell("show", "antipodal", "--x=1 0 0", f"--svg={file}")
    assert done.code == 0
    assert 'handcalc show antipodal --x="1 0 0" --all' in done.out
    assert "For any input" not in done.out
    assert not file.exists()


def test_nobody_is_asked_with_all_or_in_json(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shell("show", "relu").out
    typing(monkeypatch)
    assert shell("show", "relu", "--all").out == whole
    assert shell("show", "relu", "--json").json()["name"] == "relu"


def test_the_best_is_asked_for_too(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = shell("show", "best", "--sparsity=1/2").out
    typing(monkeypatch).extend(["1"])
    said = shell("show", "best", "--sparsity=1/2").out
    flat_said = flat(said)
    assert "Which loses less at S = 1/2? (1) a triangle, (2) an antipodal pair" in flat_said
    assert "Not quite: it is an antipodal pair" in flat_said
    assert said.index("Not quite") < said.index("Best is")
    assert said[said.index("Best is") :] == whole[whole.index("Best is") :]
    typing(monkeypatch).extend(["2"])
    assert "Right: it is an antipodal pair" in shell("show", "best").out


# -- the named circuits ----------------------------------------------------------------------------

CIRCUIT_ANSWERS = {  # by hand, with the words that a person may use
    "zero-layer": "c",
    "one-dimension": "b",
    "one-head": "1 and 3",
    "skip-trigram": "mind, bay",
    "skip-trigram-mended": "head 1.1",
    "attention-steals": "It rises.",
    "source-xor": "bay",
    "copying": "b a a",
    "previous-token": "3",
    "two-back": "b",
    "deleting": "1",
    "induction": "b",
    "induction-pointer": "1",
    "induction-compact": "3",
    "induction-three": "B",
}


@pytest.mark.parametrize("name", CIRCUIT_ANSWERS)
def test_a_circuit_asks_before_it_is_worked(
    shell: Shell, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shell("circuit", name).out
    typing(monkeypatch).append(CIRCUIT_ANSWERS[name])
    asked = shell("circuit", name).out
    assert "Right: " in asked
    opening, _, rest = asked.partition("or Enter to go on: ")
    assert (
        rest[rest.index("Logits, and the next token") :].partition("Decimals")[0].strip() in whole
    )
    assert "Logits, and the next token" not in opening
    assert whole.startswith(opening[: opening.index("A sentence")])
    assert max(map(len, asked.splitlines())) <= 80


@pytest.mark.parametrize("name", CIRCUIT_ANSWERS)
def test_every_other_reply_is_not_quite_right(name: str) -> None:
    question = handcalc.circuit(name).question()
    asked = about_circuit(question, ASCII)
    right = named_numbers(CIRCUIT_ANSWERS[name], asked)
    assert right == {place + 1 for place in question.right}
    assert asked.verdict(right).startswith("Right: ")
    for number in range(1, asked.choices + 1):
        if {number} != right:
            assert asked.verdict({number}).startswith("Not quite: ")


def test_a_question_is_about_the_sentence_that_was_given(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    typing(monkeypatch).append("c d")
    said = flat(shell("circuit", "induction", "--tokens=a c b a d a").out)
    assert "have the largest logit after a c b a d a?" in said
    assert "Not quite: a, c and d have the largest logit, 1 each. Head 1.1 told" in said
    assert "Head 2.1 looks at 2 c and 5 d, and copies what it reads there." in said


def test_who_leaves_a_circuit_is_told_how_to_come_back(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    typing(monkeypatch).extend(["where?", "q"])
    file = tmp_path / "run.svg"
    done = shell("circuit", "copying", "--tokens=a b", "--steps", f"--svg={file}")
    assert "Type 1 or 2 or 3; Enter alone goes on, q leaves." in done.out
    assert 'handcalc circuit copying --tokens="a b" --steps --svg' in done.out
    assert done.out.rstrip().endswith("--all")
    assert not file.exists()


@pytest.mark.parametrize(
    "more", [["--all"], ["--json"], ["--terms"], ["--prove=2"]], ids=lambda more: more[0]
)
def test_no_circuit_asks_who_wants_all_or_a_part(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    quiet = shell("circuit", "two-back", *(each for each in more if each != "--all")).out
    typing(monkeypatch)
    assert shell("circuit", "two-back", *more).out == quiet


# -- which model it is ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_page_begins_with_which_model_it_works(name: str) -> None:
    found = handcalc.embedding(name)
    begin = rendered(text.embedding_opening(found, ASCII), 80).split("\n\n")[1]
    kind = "linear model" if found.model.activation == "linear" else "ReLU model"
    assert begin.startswith(f"Worked here is the {kind}, xhat = ")


def test_other_embeddings_with_the_same_arrows_are_named() -> None:
    named = {
        found.name: set(re.findall(r": ([\w-]+)", which_model(found)))
        for found in handcalc.embeddings()
    }
    assert named == {
        "orthogonal": {"one-example"},
        "one-example": {"orthogonal"},
        "antipodal": {"bias-corrected", "relu"},
        "bias-corrected": {"antipodal", "relu"},
        "relu": {"antipodal", "bias-corrected"},
        "interfering": set(),
        "triangle": set(),
    }
