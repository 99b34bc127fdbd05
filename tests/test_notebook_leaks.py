"""A notebook that shows a course, saved as it is: no solution and no hint stands in its file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import nbformat

import exercises
from handcalc.views.notation import UNICODE
from tests.leaks import leaks, public
from tests.own_kernel import executed

CELLS = (
    "import exercises\nfrom pprint import pprint\ncourse = exercises.load_all()\ncourse",
    "for exercise in course:\n    display(exercise)\n    print(exercise)\n    pprint(exercise)",
    "exercise = exercises.load(7)\nexercise",
    "exercises.listing()",
    "print(exercises.listing())",
    "grades = [exercises.grade(each, *each.example.values()) for each in course]\ngrades",
    "for grade in grades:\n    display(grade)\n    print(grade)",
    "%whos",
    "exercise?",
    "exercise.key, exercise.key()",
)
ASKED_FOR = len(CELLS) - 1


def texts(found: object) -> Iterator[str]:
    """Every text in a saved notebook, however deep."""
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from texts(value)
    elif isinstance(found, list):
        yield "\n".join(map(str, found))
        for value in found:
            yield from texts(value)


def said() -> str:
    """What the grades of the examples say of them, which is theirs to say."""
    words = []
    for each in exercises.load_all():
        feedback = exercises.grade(each, *each.example.values()).feedback
        claims = [claim for claim in (feedback.happened, feedback.advice) if claim]
        words += [text for claim in claims for text in (UNICODE.claim(claim), claim.sentence)]
    return "\n".join(words)


def test_a_saved_notebook_gives_nothing_away(tmp_path: Path) -> None:
    saved = json.loads(nbformat.writes(executed(CELLS, tmp_path)))["cells"]
    shown = "\n".join(texts(saved[:ASKED_FOR]))
    assert "Reconstruct one input perfectly" in shown
    assert "not yet" in shown
    course = exercises.load_all()
    known = "\n".join([said(), *map(public, course)])
    assert [leak for exercise in course for leak in leaks(shown, exercise, known)] == []
    # the key, called in the last cell, is found: the search can fail
    opened = "\n".join(texts(saved[ASKED_FOR:]))
    assert "<sealed: call it to open it>" in opened
    assert leaks(opened, exercises.load(7))
