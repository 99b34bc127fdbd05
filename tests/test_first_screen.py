"""The first screen of a grade: what is of use in it stands on 24 lines of 80 columns.

The commonest wrong answers are those that each exercise lists, with each of its sets of numbers.
"""

from __future__ import annotations

import pytest

from exercises import Exercise, load_all, reporting
from exercises.course import load_variants
from exercises.progress import store
from handcalc.cli.terminal import Terminal
from handcalc.cli.typed_text import Given
from handcalc.cli.work.answers import TypedAnswer
from handcalc.cli.work.course import CourseContext
from handcalc.cli.work.practice import grade_answer
from handcalc.views.notation import UNICODE
from handcalc.views.text import printed

LINES = 24
HERE = CourseContext(None, None, "", store(no_state=True))


# statements that need more: a first explanation, choices between claims and reasons, and a circuit
# with all its matrices
LONGER = {
    "perfect-reconstruction",
    "which-inputs-come-back",
    "the-open-question",
    "residual-after-one-layer",
    "never-the-argmax",
    "same-multiset",
    "no-single-head",
    "king-minus-man",
    "write-a-copying-head",
    "the-previous-token",
    "mend-the-skip-trigram",
    "source-xor",
    "take-it-out-again",
    "compose-an-induction-head",
    "the-pointer",
    "three-dimensions",
}


def test_a_statement_fits_a_screen() -> None:
    """With all that stands below it, and at the prompt with its keys and the line to be typed."""
    found = set()
    for exercise in load_all():
        in_a_pipe = printed(reporting.exercise_text(exercise, UNICODE)).splitlines()
        at_the_prompt = printed(reporting.exercise_text(exercise, UNICODE, None)).splitlines()
        if len(in_a_pipe) > LINES or len([*at_the_prompt, "", "keys", "answer: "]) > LINES:
            found.add(exercise.id)
    assert found == LONGER


@pytest.mark.parametrize("exercise", load_all(), ids=lambda exercise: exercise.id)
def test_the_commonest_wrong_answers_fit_a_screen(exercise: Exercise) -> None:
    for variant in load_variants(exercise.id):
        for wrong in variant.key().wrong:
            parts = {name: Given(text, name) for name, text in wrong.typed.items()}
            page = grade_answer(variant, TypedAnswer(parts), HERE).text(Terminal())
            lines = printed(page).splitlines()
            assert len(lines) < LINES, wrong  # the shell's next prompt has the last line
            assert "What happened" in lines


def test_nothing_is_said_twice() -> None:
    for exercise in load_all():
        for wrong in exercise.key().wrong:
            parts = {name: Given(text, name) for name, text in wrong.typed.items()}
            page = grade_answer(exercise, TypedAnswer(parts), HERE).text(Terminal())
            shown = " ".join(printed(page).split())
            happened = shown.split("What happened ")[1].split(" What to try")[0]
            for sentence in happened.split(". "):
                assert shown.count(sentence.strip(". ")) == 1, sentence
