"""docs/one-sitting.md is what happens at a terminal: the first part, without ever leaving.

``python -m tests.one_sitting`` writes the page anew, for a person to read over.
"""

from __future__ import annotations

import re

import pytest

from exercises import load
from exercises.course import part_slugs
from tests.one_sitting import LINES, PAGE, Sitting, page, script, sit

pytest.importorskip("pty", reason="Windows has no such terminals")
readline = pytest.importorskip("readline", reason="without it answers from before stand elsewhere")
if "libedit" in (readline.__doc__ or ""):
    pytest.skip("libedit writes lines in a way of its own", allow_module_level=True)

# what nobody needs to see whole at once: the first "Why it works", with what is said of the answer,
# and the last one, with where to go from there
LAST = len(part_slugs(load(1)))
LONGER = {"Exercise 1: solved", f"Exercise {LAST}: solved"}


@pytest.fixture(scope="module")
def sitting() -> Sitting:
    return sit(list(script()), "next")


def test_the_page_is_what_happens(sitting: Sitting) -> None:
    assert page(sitting) == PAGE.read_text(encoding="utf-8")


def test_all_are_solved_after_wrong_answers_and_a_hint(sitting: Sitting) -> None:
    assert sitting.code == 0
    assert [turn.line.typed for turn in sitting.turns] == [line.typed for line in script()]
    for number in range(1, LAST + 1):
        shown = [turn.shown for turn in sitting.turns if turn.line.exercise == number]
        heads = [line for lines in shown for line in lines if line.startswith("Exercise ")]
        verdicts = [head for head in heads if head.startswith(f"Exercise {number}: ")]
        assert sum(head.endswith(": solved") for head in verdicts) == 1
        assert sum(": not yet" in head for head in verdicts) >= 2
        assert any(f"Exercise {number}, hint 1 of" in head for head in heads)


def test_a_verdict_stays_on_the_screen(sitting: Sitting) -> None:
    """With the line in which the next answer is typed."""
    for turn in sitting.turns:
        for number, line in enumerate(turn.shown):
            if re.match(r"Exercise \d+: (not yet|solved)", line) and line not in LONGER:
                assert len(turn.shown) - number < LINES + 1, turn
