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
from handcalc.views.text.questions import LessonQuestion, better_shape, wrong_outputs
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


def question(name: str) -> LessonQuestion:
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
    assert "Which loses less at S = 1/2: 1 a triangle, or 2 an antipodal pair" in flat_said
    assert "Not quite: it is an antipodal pair" in flat_said
    assert said.index("Not quite") < said.index("Best is")
    assert said[said.index("Best is") :] == whole[whole.index("Best is") :]
    typing(monkeypatch).extend(["2"])
    assert "Right: it is an antipodal pair" in shell("show", "best").out


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
