"""What is shown of exercises and grades: at a terminal, as JSON, in a notebook."""

from __future__ import annotations

import io
import json
import re
import shlex
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

import exercises
from exercises import Grade, reporting
from exercises.course_list import listed
from exercises.progress import ExerciseRecord
from exercises.reporting.prose import blocks, choices, loading_call
from handcalc.errors import InputError
from handcalc.parsing import parse_matrix, parse_vector
from handcalc.views.notation import ASCII, UNICODE, PlainNotation
from handcalc.wording import option_words
from tests.cli_runs import Shell

EXERCISE = exercises.load(1)
both_notations = pytest.mark.parametrize("notation", [UNICODE, ASCII], ids=["unicode", "ascii"])

ANSWERS = {
    "solved": ("1 0; 0 1; 0 0", "0 0 1/4"),
    "overfit": ("0 0; 0 0; 0 0", "1 1/2 1/4"),
    "turned": ("sqrt(2)/2 sqrt(2)/2; -sqrt(2)/2 sqrt(2)/2; 0 0", "0 0 1/4"),
    "interfering": ("1 0; 0 1; 1/2 1/2", "-1/8 -1/8 -5/8"),
    "lost": ("1 0; 0 1; 0 0", None),
    "bias off": ("1 0; 0 1; 0 -1", "0 1/2 1/2"),
    "triangle": ("1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", None),
    "surds": ("sqrt(2) sqrt(3); sqrt(5) 0; 0 1", "1+sqrt(2) 0 0"),
    "long numbers": ("123456789/1000000007 1e30; 1e-30 7; 0 1", "0 0 1e39"),
    "transposed": ("1 0 0; 0 1 0", None),
    "one missing": ("1 0; 0 1", None),
    "a name": ("1 0; 0 eins; 0 0", "0 0 1/4"),
    "an invisible character": ("1 0; 0 1\u200b; 0 0", None),
    "braces": ("{x}; {0}; {}", None),
    "markup": ("[bold]1 0[/bold]; <b>; $x$", None),
}


def graded(name: str) -> Grade:
    W, b = ANSWERS[name]
    return exercises.grade(EXERCISE, W=W, b=b)


def printed(shown: RenderableType, width: int = 80) -> str:
    stream = io.StringIO()
    Console(
        file=stream, width=width, markup=False, highlight=False, emoji=False, color_system=None
    ).print(shown, crop=False)
    return stream.getvalue()


def everything(notation: PlainNotation) -> dict[str, RenderableType]:
    records = {EXERCISE.id: ExerciseRecord(attempts=2)}
    pages: dict[str, RenderableType] = {
        "exercise": reporting.exercise_text(EXERCISE, notation),
        "hint 1": reporting.hint_text(EXERCISE, 1, notation),
        "hint 2": reporting.hint_text(EXERCISE, 2, notation),
        "solution": reporting.solution_text(EXERCISE, notation),
        "listing": reporting.listing_text(listed([EXERCISE], records), notation),
    }
    return pages | {name: reporting.grade_text(graded(name), notation) for name in ANSWERS}


# -- the terminal -------------------------------------------------------------------------------


@both_notations
def test_everything_fits_80_columns(notation: PlainNotation) -> None:
    for name, page in everything(notation).items():
        text = printed(page)
        assert max(map(cell_len, text.splitlines())) <= 80, name
        assert [line for line in text.splitlines() if line != line.rstrip()] == [], name


@both_notations
def test_a_narrow_terminal_loses_no_word(notation: PlainNotation) -> None:
    for name in ("exercise", "hint 1", "hint 2"):
        page = everything(notation)[name]
        narrow, wide = (re.sub("─+|--+\n", " ", printed(page, width)) for width in (40, 80))
        assert narrow.split() == wide.split()


def test_ascii_is_ascii() -> None:
    for name, page in everything(ASCII).items():
        assert printed(page).isascii(), name


def test_the_exercise_says_what_to_do_and_how() -> None:
    lines = printed(reporting.exercise_text(EXERCISE, UNICODE)).splitlines()
    assert lines[0] == "Exercise 1: Reconstruct one input perfectly"
    assert "   x = (1, 1/2, 1/4)" in lines
    assert '   handcalc exercise 1 --W="1 1; 0 2; 0 0" --b="0 1/2 0"' in lines
    assert "Stuck? Type: handcalc hint 1" in lines


def test_a_wrong_answer_is_told_everything() -> None:
    text = printed(reporting.grade_text(graded("bias off"), ASCII, steps=True))
    for part in (
        "Exercise 1: not yet, 2 of 3 outputs right",
        "Your answer as understood, worked through:",
        "b = (0, 1/2, 1/2)",
        "z2 = (Wh)2 + b2 = 1/4 + 1/2 = 3/4",
        "feature 3 puts -1/4 on top",
        "wrong: Output 2 is 3/4 but should be 1/2: too large by 1/4.",
        "What happened",
        "What to try",
        "b2 is added last and touches no other output",
        "handcalc hint 1",
    ):
        assert part in text
    assert "You gave no b" not in text


def test_a_missing_b_is_said() -> None:
    for answer in (("1 0; 0 1; 0 0", None), ("1 0; 0 1; 0 0", " ")):
        found = exercises.grade(EXERCISE, *answer)
        assert "You gave no b, so b is all zeros." in printed(reporting.grade_text(found, UNICODE))


def test_a_right_answer_is_told_why_and_what_is_special() -> None:
    text = printed(reporting.grade_text(graded("solved"), ASCII))
    for part in (
        "Exercise 1: solved",
        "All 3 outputs are exactly what went in.",
        "Why it works",
        "b = x - WW^T x",
        "About your answer",
        "exactly where x3 = 1/4",
    ):
        assert part in text


def test_an_unreadable_answer_is_told_where_and_how() -> None:
    text = printed(reporting.grade_text(graded("a name"), ASCII))
    for part in (
        "Exercise 1: W could not be read",
        "Line 1, character 8:",
        "   1 0; 0 eins; 0 0\n          ^",
        "No attempt was used.",
    ):
        assert part in text


def test_a_transposed_answer_is_turned() -> None:
    text = printed(reporting.grade_text(graded("transposed"), ASCII))
    assert "Type instead:\n\n   1 0; 0 1; 0 0\n" in text


def test_hints_say_what_comes_next() -> None:
    first, last = (printed(reporting.hint_text(EXERCISE, i, UNICODE)) for i in (1, 2))
    assert first.startswith("Exercise 1, hint 1 of 2\n")
    assert "There is another hint: handcalc hint 1" in first
    assert "handcalc solution 1" in last


def test_a_solution_is_shown_as_it_was_typed() -> None:
    pentagon = printed(reporting.solution_text(exercises.load("five-in-two"), UNICODE))
    assert "1.1*cos(2*pi/5)   1.1*sin(2*pi/5) ⎥   feature 2\n" in pentagon
    assert "b = (−0.21, −0.21, −0.21, −0.21, −0.21)\n" in pentagon
    assert "√" not in pentagon
    triangle = printed(reporting.solution_text(exercises.load("beat-dropping"), UNICODE))
    assert "−1/2    √3/2 ⎥   feature 2\n" in triangle


def test_the_listing_has_the_state() -> None:
    for record, state in (
        (ExerciseRecord(), "new"),
        (ExerciseRecord(attempts=1), "tried"),
        (ExerciseRecord(True), "solved"),
    ):
        text = printed(reporting.listing_text(listed([EXERCISE], {EXERCISE.id: record}), UNICODE))
        assert re.search(rf"1 +{state} +Reconstruct one input perfectly +{EXERCISE.id}", text)
    assert "new" in printed(reporting.listing_text(listed([EXERCISE], {}), UNICODE))


# -- JSON ---------------------------------------------------------------------------------------


def data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(reporting.grade_data(graded(name))))
    return found


@pytest.mark.parametrize("name", ANSWERS)
def test_a_grade_as_data_has_the_keys_of_the_contract(name: str) -> None:
    found = data(name)
    assert found["status"] in ("solved", "partial", "wrong", "unreadable")
    assert isinstance(found["score"], str)
    assert set(found["answer"]) == {"raw", "parsed"}
    assert [check["id"] for check in found["checks"]] == ["output-1", "output-2", "output-3"]
    for check in found["checks"]:
        assert set(check) == {"id", "passed", "message", "witness"}
        assert check["passed"] in (True, False, None)
        assert (check["witness"] is not None) == (check["passed"] is False)
    assert {"happened", "try"} <= set(found["feedback"])
    assert (found["why"] is not None) == (found["status"] == "solved")


def test_a_partial_answer_as_data() -> None:
    found = data("bias off")
    assert (found["status"], found["score"]) == ("partial", "2/3")
    assert found["answer"]["raw"] == {"W": "1 0; 0 1; 0 -1", "b": "0 1/2 1/2"}
    assert found["answer"]["parsed"]["W"] == [["1", "0"], ["0", "1"], ["0", "-1"]]
    assert found["answer"]["parsed"]["b"] == ["0", "1/2", "1/2"]
    assert found["checks"][1]["witness"] == {
        "x": ["1", "1/2", "1/4"],
        "output": ["1", "3/4", "1/4"],
        "difference": ["0", "1/4", "0"],
    }
    assert found["feedback"] == {
        "diagnosis": "bias-off",
        "happened": "Feature 2 misses: z2 comes to 3/4 but should be 1/2: too large by 1/4.",
        "try": "b2 is added last and touches no other output, so it can make up for this in one "
        "step. Must it rise or fall, and how far?",
    }
    assert found["work"]["z"] == ["1", "3/4", "1/4"]


def test_a_solved_answer_as_data() -> None:
    found = data("solved")
    assert (found["status"], found["score"]) == ("solved", "1")
    assert found["feedback"]["try"] is None
    assert found["remarks"]


def test_an_unreadable_answer_as_data() -> None:
    found = data("a name")
    assert (found["status"], found["score"]) == ("unreadable", "0")
    assert found["answer"]["parsed"] is None
    assert found["work"] is None
    assert [check["passed"] for check in found["checks"]] == [None, None, None]


@pytest.mark.parametrize("name", ["turned", "surds", "triangle", "long numbers"])
def test_exact_numbers_as_data_read_back(name: str) -> None:
    model, found = graded(name).answer.model, data(name)["answer"]["parsed"]
    assert model is not None
    assert parse_matrix(json.dumps(found["W"])) == model.W
    assert parse_vector(json.dumps(found["b"])) == model.b


def test_an_exercise_as_data() -> None:
    found = json.loads(json.dumps(reporting.exercise_data(EXERCISE)))
    assert (found["status"], found["position"], found["id"]) == ("shown", 1, EXERCISE.id)
    assert [Fraction(value) for value in found["asked"]["x"]] == [1, Fraction(1, 2), Fraction(1, 4)]
    assert (found["score"], found["answer"], found["checks"]) == (None, None, [])
    assert "solutions" not in found
    assert "There is more than one answer, and any that is exact passes." in found["statement"]
    assert "x = (1, 1/2, 1/4)" in found["statement"].splitlines()


def test_hints_and_solutions_and_the_listing_as_data() -> None:
    assert reporting.hint_data(EXERCISE, 2)["hint"] == " ".join(EXERCISE.key().hints[1].split())
    solutions = reporting.solution_data(EXERCISE)["solutions"]
    assert isinstance(solutions, list)
    assert [each["W"] for each in solutions] == [
        each.typed["W"] for each in EXERCISE.key().solutions
    ]
    assert reporting.listing_data(listed([EXERCISE], {EXERCISE.id: ExerciseRecord(True)})) == {
        "exercises": [
            {
                "position": 1,
                "id": EXERCISE.id,
                "title": EXERCISE.title,
                "state": "solved",
                "part": EXERCISE.part,
            }
        ]
    }


# -- notebooks ----------------------------------------------------------------------------------


def test_an_exercise_shows_itself_in_a_notebook() -> None:
    shown = EXERCISE._repr_markdown_()
    assert shown.startswith("### Exercise 1: Reconstruct one input perfectly\n")
    assert 'exercises.grade(exercise, W="1 1; 0 2; 0 0", b="0 1/2 0")' in shown
    assert "handcalc exercise" not in shown


@pytest.mark.parametrize("name", ANSWERS)
def test_a_grade_shows_itself_in_a_notebook(name: str) -> None:
    shown = graded(name)._repr_markdown_()
    assert shown.startswith("### Exercise 1: ")
    assert shown.count("$$") % 2 == 0


def test_a_wrong_answer_in_a_notebook_says_what_to_try() -> None:
    shown = graded("bias off")._repr_markdown_()
    assert "**What happened.** Feature 2 misses: $z_{2}$ comes to" in shown
    assert "**What to try.** $b_{2}$ is added last" in shown
    assert r"\begin{aligned}" in shown


def outside_fences(lines: list[str]) -> Iterator[str]:
    inside = False
    for line in lines:
        inside ^= line.startswith("```")
        if not inside:
            yield line


def test_what_was_typed_stands_in_code_blocks_only() -> None:
    for name in ("markup", "braces", "a name"):
        lines = graded(name)._repr_markdown_().splitlines()
        for typed in ("bold", "<b>", "{x}", "eins"):
            assert not [line for line in outside_fences(lines) if typed in line]


# -- texts --------------------------------------------------------------------------------------


def test_formulas_stay_in_columns_in_ascii() -> None:
    text = "    h = Wᵀx   two\n    x̂ = z     three"
    (formula,) = blocks(text, ASCII)
    assert formula.text.splitlines() == ["h = W^T x   two", "xhat = z    three"]
    assert formula.is_formula


def test_ascii_has_a_way_to_write_every_character_of_the_bank() -> None:
    course = exercises.load_all()
    texts = [text for e in course for text in (e.statement, e.typing, *e.key().hints, e.key().why)]
    texts += [line for e in course for _, listed in choices(e) for line in listed]
    texts += [
        text for e in course for each in e.key().solutions for text in (each.title, each.reasoning)
    ]
    assert all(ASCII.words(text).isascii() for text in texts)


@pytest.mark.parametrize("student", ["ada", "Ada Lovelace", "O'Neil $x"])
def test_what_print_says_to_type_is_about_the_same_numbers(
    student: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exercise = exercises.load(7, student=student)
    wrong = exercises.grade(exercise, "9")
    for text in (str(exercise), str(wrong)):
        lines = [part for part in text.splitlines() if "handcalc " in part]
        for command in (shlex.split(line[line.index("handcalc ") :]) for line in lines):
            found = Shell(capsys)(*command[1:], "--no-state", "--json").json()
            assert found.get("variant", exercise.variant) == exercise.variant
            assert any(student in word for word in command)
        assert lines
    assert str(exercise) == Shell(capsys)("exercise", "7", f"--student={student}").out.rstrip()


def test_what_is_shown_of_another_course_names_it() -> None:
    folder = Path(__file__).parent / "data" / "course"
    for exercise in (exercises.load(1, folder), exercises.load_all(folder)[0]):
        named = option_words("--course", str(folder))
        assert f"handcalc exercise 1 {named} --W" in str(exercise)
        assert f'exercises.load(1, "{folder}").hint(1)' in exercise._repr_markdown_()
    assert "--course" not in str(exercises.load_all()[0])


def test_markdown_asks_for_a_hint_by_no_variable() -> None:
    for given in ({"student": "Ada Lovelace"}, {"variant": 2}, {}):
        wrong = exercises.grade(exercises.load(7, **given), "9")
        call = re.search(r"`(exercises\.load.*)\.hint\(1\)`", wrong._repr_markdown_())
        assert call
        assert call[1] == loading_call(wrong.exercise)
        arguments = "".join(
            f', {name}="{v}"' if name == "student" else f", {name}={v}" for name, v in given.items()
        )
        assert call[1] == f"exercises.load(7{arguments})"


@pytest.mark.parametrize("number", ["1", 1.0, None, [1]])
def test_a_hint_has_a_whole_number(number: Any) -> None:
    with pytest.raises(InputError, match=r"whole number, as in hint\(1\), not hint\("):
        EXERCISE.hint(number)
