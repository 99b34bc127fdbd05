"""Sentences that readers had to read twice are gone, and what stands there is said once."""

from __future__ import annotations

import pytest

import exercises
from tests.cli_runs import Shell
from tests.practice_runs import flat

LONG_WAY = "0.99999999836129"
ROUND = "0.707 0; 0 0.707; 0 0"
# exercise, its answer, the sentence that was there, and one that stands there now
GRADES = [
    (
        11,
        ("--W=0.9999999967 0; 0 1; 0 0; 0 0",),
        "000 times as large",
        "times as large.",
    ),
    (2, (f"--W={ROUND}",), "by a factor of 500√2/707.", "every arrow is too short, by a factor of"),
    (4, ("--answer=7/8",), "Which of the three terms G₃₁x₁", "what would output 3 be? Take that"),
    (
        2,
        ("--W=0 1; 1 0; 0 0",),
        "This is a listed solution",
        "This is “The orthogonal embedding”, route 1 of the solution",
    ),
    (
        12,
        ("--W=0 1; -1 0; 1/2 1/2", "--b=1/4 0 1/4"),
        "b₁ is 1/4, and was 0",
        "b₁ is 1/4, but was 0",
    ),
    (5, ("--W=1 0; 1 1; 0 -1",), "and should stand at", "Arrows 1 and 2 stand at 45°, but 90° is"),
    (10, ("--answer=c 3",), "and not for this reason", "The claim holds, but not for this reason."),
    (18, ("--W=1 0; 0 1; 0 0", "--b=0 0 1/3"), "right, and b₃ is not", "right, but b₃ is not."),
    (
        12,
        ("--W=0 1; -1 0; 1/2 1/2",),
        "and the bias of feature 3 is gone",
        "but the bias of feature",
    ),
    (2, ("--W=1 0; 0 1; 1/2 1/2",), "of its own; no", "Feature 2 is off and brings nothing to its"),
    (
        15,
        ("--W=1 0; 0 1; 0 -1", "--b=0 1 1"),
        "All of that it loses",
        "From here the loss falls with",
    ),
    (24, ("--answer=b 3",), "docs/best-embedding.md", "handcalc show best works all of it out."),
    (
        4,
        ("--answer=9/7",),
        "It is not 9/7",
        "9/7 is too large, and none of the usual mistakes gives it.",
    ),
    (
        13,
        ("--answer=1/100",),
        "How likely is an input that does not?",
        "is (1 − S)², the probability",
    ),
    (
        16,
        ("--W=1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", "--b=0.2"),
        "the lengths are not, or b is not",
        "The directions are right. From here the loss falls with",
    ),
    (1, ("--W=2 0; 0 1; 0 0",), "keeps 4 of its own", "Feature 1 brings 4 to its own output"),
    (8, ("--answer=0 1",), "Number 2", "The upper end, 1, is too large."),
    (2, ("--W=1 0; 0 1; 0 0",), "has no room left", "Any third arrow would lean on one of the two"),
]


@pytest.mark.parametrize(("which", "answer", "old", "new"), GRADES)
def test_a_grade_says_it_once(
    capsys: pytest.CaptureFixture[str], which: int, answer: tuple[str, ...], old: str, new: str
) -> None:
    text = flat(Shell(capsys)("exercise", str(which), *answer, "--steps", "--no-state").out)
    assert old not in text
    assert new in text


COMMANDS = [
    (
        ("show", "antipodal"),
        "they keep these shares",
        "Each brings itself into its own output, times 1, 1, 1;",
    ),
    (
        ("loss", "--W=1 0; 0 1; 1/2 -1/2", "--b=0 0 1/2", "--sparsity=1/2"),
        "when only j is let in",
        "From j: how much more it loses if feature j comes and goes as well, and only j; below 0",
    ),
    (
        ("loss", "--W=1 0; 0 1; 0 -1", "--b=0 1/2 1/2", "--sparsity=1/2"),
        "2·x₂ + 1 ≥ 2·x₃",
        "if x₂ + 1/2 ≥ x₃, else −x₂)²",
    ),
    (
        ("loss", "--help"),
        "for the last two",
        "Sets of features, for correlated and anticorrelated ones",
    ),
]


@pytest.mark.parametrize(("arguments", "old", "new"), COMMANDS)
def test_a_command_says_it_once(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], old: str, new: str
) -> None:
    text = flat(Shell(capsys)(*arguments).out.replace("│", " "))
    assert old not in text
    assert new in text


def test_opposites_are_joined_with_but() -> None:
    for exercise in exercises.load_all():
        key = exercise.key()
        texts = [*key.hints, *key.tips, key.why, exercise.statement]
        texts += [text for wrong in key.wrong for text in (wrong.happened, wrong.advice) if text]
        for text in map(flat, texts):
            assert " are not, and " not in text
            assert ", and not " not in text
            assert " right, and " not in text
