"""Exercises asked in a notebook: graded and counted as at the terminal, and in a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import filelock
import pytest

import exercises
from exercises import progress
from exercises.asked_exercise import AskedExercise
from exercises.progress import ExerciseRecord, ProgressStore, store
from handcalc.errors import InputError
from handcalc.storage.files import state_folder
from tests.browsing import HARM
from tests.cli_runs import ROOT, Shell, surroundings
from tests.full_disk import filling_up
from tests.leaks import leaks
from tests.own_kernel import executed

_ids = count()


def told(widget: Any, what: str, **typed: str) -> Any:
    """What Python replies to a button of the page."""
    widget.request = {"id": str(next(_ids)), "what": what, "typed": typed}
    assert widget.reply["id"] == widget.request["id"]
    return widget.reply


def kept(slug: str, course: str = "") -> ExerciseRecord:
    return store(course=course).read().of(slug)


# -- counted as the terminal counts ----------------------------------------------------------------


def test_a_wrong_answer_then_the_right_one(shell: Shell) -> None:
    shell("exercise", "7", "--answer=1/2", "--student=ada")
    asked: Any = exercises.ask(7, student="ada")
    wrong = told(asked, "grade", answer="1/5")
    assert (wrong["status"], wrong["warnings"]) == ("wrong", [])
    assert "as if S were the probability to be on" in wrong["page"]
    assert asked.grade.feedback.diagnosis == "on-for-off"
    assert "Your answer as understood: b = 1/5" in wrong["page"]
    assert told(asked, "grade", answer="3/10")["status"] == "solved"
    assert (asked.typed, asked.grade.status) == ({"answer": "3/10"}, "solved")
    assert asked.exercise == exercises.load(7, student="ada")
    assert kept("best-bias-sparse") == ExerciseRecord(solved=True, attempts=3)
    done = shell("progress", "--json").json()["exercises"][6]
    assert (done["attempts"], done["solved"]) == (3, True)


def test_whoever_observes_hears_of_every_grade() -> None:
    asked: Any = exercises.ask(7)
    heard: list[str] = []
    asked.observe(lambda change: heard.append(change["new"].status), "grade")
    for typed in ("1", "half", "3/8"):
        told(asked, "grade", answer=typed)
    assert heard == ["wrong", "unreadable", "solved"]


def test_what_cannot_be_read_uses_no_attempt() -> None:
    asked: Any = exercises.ask(7)
    reply = told(asked, "grade", answer="half")
    assert reply["status"] == "unreadable"
    assert "could not be read" in reply["page"]
    assert kept("best-bias-sparse") == ExerciseRecord()


def test_hints_go_on_from_those_seen_at_the_terminal(shell: Shell) -> None:
    shell("hint", "7")
    asked: Any = exercises.ask(7)
    assert [told(asked, "hint")["number"] for _ in range(2)] == [2, 2]
    assert kept("best-bias-sparse").hints == 2
    alone: Any = exercises.ask(7, no_state=True)
    assert [(told(alone, "hint")["number"], alone.reply["of"]) for _ in range(3)] == [
        (1, 2),
        (2, 2),
        (2, 2),
    ]


def test_a_solution_that_was_seen_is_kept() -> None:
    asked: Any = exercises.ask(7)
    assert "Why it works" in told(asked, "solution")["page"]
    assert kept("best-bias-sparse").state == "solution seen"


def test_it_is_the_exercise_at_hand(shell: Shell) -> None:
    exercises.ask("importance")
    assert "No ID was given: this is exercise 18" in shell("hint").out


@pytest.mark.parametrize("what", ["grade", "hint", "solution"])
def test_of_several_the_one_that_is_worked_at_is_at_hand(what: str) -> None:
    first: Any = exercises.ask("importance")
    exercises.ask("exact-loss")
    told(first, what, answer="1")
    assert store().opened() == "importance"


@pytest.mark.parametrize("no_state", [False, True])
def test_nothing_is_kept_where_nothing_is_to_be(no_state: bool) -> None:
    asked: Any = exercises.ask(1, no_state=no_state)
    told(asked, "grade", W="1 0; 0 1; 0 0", b="0 0 1/4")
    told(asked, "hint")
    exercises.answer(1, "1 0; 0 1; 0 0", no_state=no_state)
    assert asked.grade.status == "solved"
    assert state_folder().exists() is not no_state
    assert kept("perfect-reconstruction").attempts == (0 if no_state else 2)


def test_a_course_of_ones_own_is_counted_apart(tmp_path: Path, shell: Shell) -> None:
    course = tmp_path / "course"
    shutil.copytree(ROOT / "exercises/bank", course)
    asked: Any = exercises.ask(7, folder=str(course))
    told(asked, "grade", answer="3/8")
    exercises.answer(7, "1", folder=course)
    done = shell("progress", "--json", f"--course={course}").json()["exercises"][6]
    assert (done["solved"], done["attempts"]) == (True, 2)
    assert kept("best-bias-sparse") == ExerciseRecord()


def test_an_answer_by_a_call() -> None:
    assert exercises.answer(7, "1/2").feedback.diagnosis == "mean-when-on"
    assert exercises.answer(7, answer="3/8").status == "solved"
    assert exercises.answer(exercises.load(1), "1 0; 0 1; 0 0", b="0 0 1/4").status == "solved"
    assert exercises.answer("write-a-copying-head", W_OV="1 0; 0 1").status == "solved"
    assert kept("best-bias-sparse") == ExerciseRecord(solved=True, attempts=2)


def test_what_would_be_ignored_is_refused() -> None:
    with pytest.raises(InputError, match=r'type its id instead: exercises.answer\("importance"'):
        exercises.answer(exercises.load("importance"), "1", student="ada")
    with pytest.raises(InputError, match=r'type its id instead: exercises.ask\("importance"'):
        exercises.ask(exercises.load("importance"), folder="course")
    with pytest.raises(InputError, match="asks for answer, and W would be ignored"):
        exercises.answer(7, "1", W="1")
    with pytest.raises(InputError, match='There is no exercise "70"'):
        exercises.ask(70)
    assert not kept("importance").attempts


# -- what cannot be kept costs no grade ------------------------------------------------------------


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: Any = exercises.ask(7)
    with filling_up(monkeypatch, state_folder(), 1):
        reply = told(asked, "grade", answer="3/8")
        assert "No space left" in told(asked, "hint")["warnings"][0]
        with pytest.warns(UserWarning, match="No space left on device. Practice goes on"):
            assert exercises.answer(7, "3/8").status == "solved"
    assert reply["status"] == "solved"
    assert "No space left on device" in reply["warnings"][0]
    assert kept("best-bias-sparse") == ExerciseRecord()


def test_a_locked_file_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.1)
    asked: Any = exercises.ask(7)
    with filelock.FileLock(state_folder() / "progress.lock"):
        reply = told(asked, "grade", answer="1/2")
        with pytest.warns(UserWarning, match="another handcalc has held"):
            assert exercises.answer(7, "1/2").status == "wrong"
    assert (reply["status"], len(reply["warnings"])) == ("wrong", 1)


def test_two_kernels_lose_no_attempt_of_each_other(tmp_path: Path) -> None:
    code = (
        "import exercises; asked = exercises.ask(7)\n"
        "for k in range(20):\n"
        "    asked.request = {'id': str(k), 'what': 'grade', 'typed': {'answer': '1/2'}}\n"
        "    assert asked.reply['status'] == 'wrong' and not asked.reply['warnings'], asked.reply\n"
    )
    env = {**surroundings(), "HANDCALC_STATE_DIR": str(tmp_path)}
    running = [subprocess.Popen([sys.executable, "-c", code], env=env, cwd=ROOT) for _ in range(2)]
    assert [each.wait(timeout=120) for each in running] == [0, 0]
    assert ProgressStore(tmp_path).read().of("best-bias-sparse").attempts == 40


# -- what is shown ---------------------------------------------------------------------------------


def test_without_anywidget_the_statement_and_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("exercises.asking.find_spec", lambda _: None)
    asked = exercises.ask(1, student="ada")
    assert isinstance(asked, AskedExercise)
    page = repr(asked)
    assert page.startswith("Exercise 1: Reconstruct one input perfectly")
    call = 'exercises.answer(1, W="1 1; 0 2; 0 0", b="0 1/2 0", student="ada")'
    assert page.splitlines()[-1].strip() == call
    assert call in asked._repr_markdown_()
    assert max(map(len, page.splitlines())) <= 80
    assert eval(call, {"exercises": exercises}).status in ("partial", "wrong")  # noqa: S307 - what we said ourselves


def test_the_call_names_a_variant_and_a_course(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "exercises/bank", tmp_path / "course")
    loaded = exercises.load(7, variant=2)
    said = str(exercises.ask(loaded)).splitlines()[-1]
    assert said.strip() == 'exercises.answer(exercises.load(7, variant=2), "3/7")'
    said = str(exercises.ask(7, folder=tmp_path / "course")).splitlines()[-1].strip()
    assert said == f'exercises.answer(7, "3/7", folder={json.dumps(str(tmp_path / "course"))})'


def test_a_page_without_widgets_shows_the_call() -> None:
    asked: Any = exercises.ask(7)
    shown, _ = asked._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert 'exercises.answer(7, "3/7")' in shown["text/markdown"]
    assert 'exercises.answer(7, "3/7")' in shown["text/plain"]


@pytest.mark.parametrize("slug", [each.id for each in exercises.load_all()])
def test_what_the_page_is_given_gives_nothing_away(slug: str) -> None:
    asked: Any = exercises.ask(slug, no_state=True)
    state = json.dumps(asked.get_state(), ensure_ascii=False)
    assert leaks(state, asked.exercise) == []
    assert leaks(f"{state} {told(asked, 'hint')['page']}", asked.exercise)


def test_what_is_typed_and_what_a_course_says_is_never_markup(tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(ROOT / "exercises/bank", course)
    file = course / "best-bias-sparse.toml"
    text = file.read_text(encoding="utf-8").replace("The same dropped", f"{HARM} The same")
    file.write_text(text.replace("The lowest point", HARM), encoding="utf-8")
    asked: Any = exercises.ask(7, folder=course)
    told(asked, "grade", answer=HARM)
    told(asked, "grade", answer="1/2")
    pages = [asked.found["page"], asked.reply["page"], told(asked, "hint")["page"]]
    assert "window.harmed" in pages[0]
    assert not any("<img" in page or "<script" in page for page in pages)


def test_a_kernel_shows_it_and_grades(tmp_path: Path) -> None:
    cells = [
        "import exercises\nasked = exercises.ask(7, student='ada')\nasked",
        "asked.request = {'id': '1', 'what': 'grade', 'typed': {'answer': '3/10'}}\nasked.grade",
        "exercises.answer(7, '1/2', student='ada')",
    ]
    first, second, third = executed(cells, tmp_path).cells
    assert "application/vnd.jupyter.widget-view+json" in first.outputs[0].data
    assert "Exercise 7: solved" in second.outputs[0].data["text/markdown"]
    assert "What happened" in third.outputs[0].data["text/markdown"]
    records = ProgressStore(tmp_path / "state").read()
    assert records.of("best-bias-sparse") == ExerciseRecord(solved=True, attempts=2)


def test_anywidget_is_imported_by_who_asks_alone() -> None:
    asked = "import sys, exercises; exercises.answer; print('anywidget' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", asked], env=surroundings(), capture_output=True, check=True
    )
    assert done.stdout.strip() == b"False"
