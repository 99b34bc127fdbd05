"""The lectures run as apps and as scripts, offline; controls change numbers; guesses count."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import marimo as mo
import pytest

import exercises
import handcalc
from exercises.progress import ExerciseRecord, store
from handcalc.lectures import showing
from handcalc.lectures.listing import LECTURES, Lecture
from handcalc.lectures.predicting import ChoicePrediction, NumberPrediction, Prediction
from handcalc.numbers.exact import to_text
from tests.lecture_runs import OFFLINE, asks, notebook, opened, played, text_of, untouched
from tests.test_exercises_asking import told

pytestmark = pytest.mark.slow  # with the wider searches: minutes of work for what seldom changes

ALONE = f"{OFFLINE}\nimport runpy, sys\nsys.argv = sys.argv[1:]\n"
BY_NAME = [pytest.param(each, id=each.name) for each in LECTURES]


def questions() -> list[Any]:
    return [
        pytest.param(make(), id=f"{each.name}: {name}")
        for each in LECTURES
        for name, make in asks(each.name).QUESTIONS.items()
    ]


# -- they run --------------------------------------------------------------------------------------


def test_every_notebook_is_on_the_list_and_there() -> None:
    there = {path for path in LECTURES[0].file.parent.glob("*.py") if path.stem != "__init__"}
    assert {each.file for each in LECTURES} == there
    assert len({each.name for each in LECTURES}) == len(LECTURES)


@pytest.mark.parametrize("lecture", BY_NAME)
def test_it_runs_under_marimo(lecture: Lecture) -> None:
    shown, defined = played(lecture.name)
    assert f"{lecture.title}</span></h1>" in shown or f">{lecture.title}</h1>" in shown
    assert "Traceback" not in shown
    assert set(defined["guesses"].elements) == set(asks(lecture.name).QUESTIONS)


@pytest.mark.parametrize("lecture", BY_NAME)
def test_it_runs_as_a_script_offline(lecture: Lecture, tmp_path: Path) -> None:
    code = f"{ALONE}runpy.run_path(sys.argv[0], run_name='__main__')"
    done = python(["-c", code, str(lecture.file)], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("lecture", BY_NAME)
def test_marimo_finds_nothing_to_mend(lecture: Lecture, tmp_path: Path) -> None:
    done = python(["-m", "marimo", "check", "--strict", str(lecture.file)], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("lecture", BY_NAME)
@pytest.mark.parametrize("kind", ["html", "ipynb"])
def test_it_is_exported_offline(lecture: Lecture, kind: str, tmp_path: Path) -> None:
    source = shutil.copy(lecture.file, tmp_path)
    out = tmp_path / f"lecture.{kind}"
    code = f"{ALONE}runpy.run_module('marimo', run_name='__main__', alter_sys=True)"
    more = ["--include-outputs"] if kind == "ipynb" else ["--", "--answers"]
    done = python(["-c", code, "marimo", "export", kind, source, "-o", str(out), *more], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    text = out.read_text(encoding="utf-8")
    assert lecture.title in text
    assert "Traceback" not in text
    assert ("The answer: " in text) == (kind == "html")
    if kind == "ipynb":
        cells = json.loads(text)["cells"]
        assert [cell for cell in cells if errors(cell)] == []
        assert sum(bool(cell.get("outputs")) for cell in cells) > 10


def errors(cell: Mapping[str, Any]) -> list[object]:
    return [each for each in cell.get("outputs", []) if each["output_type"] == "error"]


def python(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    root = Path(handcalc.__file__).parent.parent
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**clean(), "PYTHONPATH": str(root), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


def clean() -> dict[str, str]:
    return {name: text for name, text in os.environ.items() if not name.startswith("PYTHON")}


def test_offline_means_that_a_request_is_refused(tmp_path: Path) -> None:
    """The checks above can fail."""
    file = tmp_path / "asks.py"
    file.write_text("import urllib.request\nurllib.request.urlopen('http://192.0.2.1/')\n")
    code = f"{ALONE}runpy.run_path(sys.argv[0], run_name='__main__')"
    done = python(["-c", code, str(file)], tmp_path)
    assert done.returncode == 1
    assert "asked" in done.stderr


NONSENSE = ["", "x", "1/0", "1 2; 3", "-1", "sqrt(2", "1 2 3 4 5 6 7", "<b>&", "9" * 400]


@pytest.mark.parametrize("typed", NONSENSE, ids=lambda typed: f"{typed[:9]!r}")
@pytest.mark.parametrize("lecture", BY_NAME)
def test_no_field_ends_in_a_traceback(lecture: Lecture, typed: str) -> None:
    """All its fields at once; the other controls stand where they stood, for cells have both."""
    controls = fields_of(lecture.name)
    for name, control in controls.items():
        if isinstance(control, mo.ui.text):
            controls[name] = mo.ui.text(typed)
    outputs, _ = notebook(lecture.name).app.run(defs=controls)
    assert "Traceback" not in text_of(outputs)


@cache
def defined_by(name: str) -> Mapping[str, Any]:
    return notebook(name).app.run()[1]


def fields_of(name: str) -> dict[str, Any]:
    """The controls of a lecture by name, without those of predictions and exercises."""
    return {
        key: value
        for key, value in defined_by(name).items()
        if isinstance(value, mo.Html) and hasattr(value, "value")
        if not isinstance(value, mo.ui.dictionary) and not hasattr(value, "grade")
    }


# -- predictions -----------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", questions())
def test_a_prediction_is_graded(asked: Prediction) -> None:
    right = asked.right if isinstance(asked, ChoicePrediction) else to_text(asked.right)
    assert asked.judge(right).is_right is True
    if isinstance(asked, ChoicePrediction):
        assert [asked.judge(text).is_right for text in asked.options].count(True) == 1
        assert all(asked.judge(text).said == said for text, said in asked.options.items())
        return
    assert len(asked.mistakes) >= 2
    for number, said in asked.mistakes:
        assert (asked.judge(to_text(number)).is_right, asked.judge(to_text(number)).said) == (
            False,
            said,
        )
    assert asked.judge("987654321").is_right is False
    unread = asked.judge("much")
    assert unread.is_right is None
    assert "much" in unread.said


@pytest.mark.parametrize("asked", questions())
def test_nothing_is_shown_before_a_guess(asked: Prediction) -> None:
    def texts(guess: str | None, is_open: bool = False) -> str:
        return showing.answered(asked, guess, is_open).text

    before = texts(None)
    assert "The answer: " not in before
    right = asked.right if isinstance(asked, ChoicePrediction) else to_text(asked.right)
    assert "The answer: " in texts(right)
    assert "Right." in texts(right)
    assert "The answer: " in texts(None, is_open=True)
    if isinstance(asked, NumberPrediction):
        assert "Not quite." in texts("987654321")
        assert "The answer: " not in texts("much")


# what a page works out beside a question, and what it is known by
GIVES_AWAY = [
    ("by-hand", "overlap", r"G = \def"),
    ("interference", "least weighted", "squared errors, weighted"),
    ("interference", "best of four", "you lose "),
    ("sparsity", "linear ratio", "antipodal, without ReLU"),
    ("best-embedding", "of itself", "and together"),
    ("best-embedding", "race", "one dropped, answered by its mean"),
    ("best-embedding", "which way", "The slopes of the "),
    ("best-embedding", "best pair", "shape is the better one here"),
    ("phase-changes", "cheapest", "Feature 2 is dropped."),
    ("phase-changes", "border", "the border is at"),
    ("phase-changes", "triple", "A map over importance and density"),
    ("phase-changes", "true border", "Found: "),
    ("phase-changes", "turns", "Two curves that cross twice"),
    ("trained", "other side", "the best found"),
    ("geometry", "tetrahedron", "a square antiprism</"),
    ("geometry", "wasted", "the arrows span"),
    ("geometry", "stairs", "A staircase"),
    ("geometry", "together", "of each set one at most"),
]


@pytest.mark.parametrize(("lecture", "question", "told"), GIVES_AWAY)
def test_what_gives_an_answer_away_comes_behind_its_question(
    lecture: str, question: str, told: str
) -> None:
    assert question in asks(lecture).QUESTIONS
    assert told not in untouched(lecture)
    assert told in opened(lecture)


@pytest.mark.parametrize("lecture", BY_NAME)
def test_no_answer_stands_on_a_page_before_a_guess(lecture: Lecture) -> None:
    """Numbers that could stand there by chance are left out: whole ones, and short fractions."""
    shown = untouched(lecture.name)
    assert "The answer: " not in shown
    made = [make() for make in asks(lecture.name).QUESTIONS.values()]
    prompts = "".join(showing.page(each.question).text for each in made)
    for asked in made:
        if isinstance(asked, NumberPrediction) and len(to_text(asked.right)) > 3:
            right = showing.number(asked.right).strip("$")
            assert shown.count(right) <= prompts.count(right), asked.question


def test_a_guess_opens_its_answer_in_the_lecture() -> None:
    made = {name: make() for name, make in asks("one-layer").QUESTIONS.items()}
    guesses = {name: mo.ui.text("4" if name == "overlap" else "") for name in made}
    outputs, _ = notebook("one-layer").app.run(defs={"questions": made, "guesses": guesses})
    shown = text_of(outputs)
    assert shown.count("The answer: ") == 1
    assert "The signs are lost" in shown


def test_a_choice_without_its_answer_is_refused() -> None:
    with pytest.raises(ValueError, match="c is no option"):
        ChoicePrediction("?", {"a": "", "b": ""}, "c", "")


def test_a_mistake_that_is_right_is_refused() -> None:
    half = handcalc.parse_scalar("1/2")
    with pytest.raises(ValueError, match="1/2 is among the mistakes"):
        NumberPrediction("?", half, "", ((half, ""),), "")


def test_all_answers_can_be_shown_at_once() -> None:
    for each in LECTURES:
        assert opened(each.name).count("The answer: ") == len(asks(each.name).QUESTIONS)


@pytest.mark.parametrize("lecture", BY_NAME)
def test_every_formula_is_set(lecture: Lecture) -> None:
    """A dollar outside of formulas is one whose formula Markdown has torn apart."""
    for shown in (untouched(lecture.name), opened(lecture.name)):
        assert shown.count("<marimo-tex") > 5
        assert left_outside(shown) == []


def left_outside(shown: str) -> list[str]:
    """Dollars outside of formulas, with what stands around them."""
    texts = re.sub(r"<marimo-tex.*?</marimo-tex>", "", shown, flags=re.DOTALL)
    return re.findall(r".{0,40}\$.{0,40}", texts)


@pytest.mark.parametrize("lecture", BY_NAME)
def test_no_page_asks_its_reader_to_call_python(lecture: Lecture) -> None:
    for shown in (untouched(lecture.name), opened(lecture.name)):
        assert re.findall(r"(?:handcalc|exercises|torchsim)\.\w+\(|Python", shown) == []


def test_a_formula_that_is_torn_apart_is_found() -> None:
    torn = showing.page("the output $\\hat{x} = x\n+ b$, and $x$").text
    assert any("+" in each or "b$" in each for each in left_outside(torn))
    assert left_outside(showing.page("the output $\\hat{x} = x + b$, and $x$").text) == []


# -- exercises, notes -----------------------------------------------------------------------


@pytest.mark.parametrize("lecture", BY_NAME)
def test_exercises_are_asked_and_counted_in_place(lecture: Lecture) -> None:
    _, defined = played(lecture.name)
    assert store().opened() is None  # as the lecture is only looked at
    for slug, shown in defined["asked"].items():
        exercise = exercises.load(slug)
        assert exercise.title in shown.found["title"]
        assert told(shown, "hint")["number"] == 1
        assert told(shown, "grade", **as_typed(exercise.example))["status"] != "unreadable"
        assert not showing.is_solved(shown)
        solution = exercise.key().solutions[0].typed
        assert told(shown, "grade", **as_typed(solution))["status"] == "solved"
        assert showing.is_solved(shown)
        assert store().read().of(slug) == ExerciseRecord(solved=True, attempts=2, hints=1)
        assert store().opened() == slug
    assert set(defined["asked"]) == set(asks(lecture.name).EXERCISES)


def as_typed(parts: Mapping[str, str]) -> Mapping[str, str]:
    """An answer as the page sends it: a model in its parts, else named parts on lines of one."""
    if parts.keys() & {"W", "answer"}:
        return parts
    return {"answer": "\n".join(f"{name} = {text}" for name, text in parts.items())}


@pytest.mark.parametrize("lecture", BY_NAME)
def test_the_minutes_of_the_plan_add_up(lecture: Lecture) -> None:
    plan = asks(lecture.name).PLAN
    assert sum(minutes for _, minutes, _ in plan) == lecture.minutes
    assert "Notes for the lecturer" in untouched(lecture.name)


@pytest.mark.parametrize("lecture", BY_NAME)
def test_the_plan_has_a_row_for_each_section(lecture: Lecture) -> None:
    headings = re.findall(r"^## (.+)$", lecture.file.read_text(encoding="utf-8"), re.MULTILINE)
    rows = [section for section, *_ in asks(lecture.name).PLAN]
    assert rows.pop() == "Exercises"
    assert len(rows) >= 5
    for heading, row in zip(headings, rows, strict=True):
        assert heading.startswith(row)
