"""Answers that pass for nothing, and copies of solutions that do not pass: for the check-up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import exercises.authoring.checkup as module
from exercises import load
from exercises.answers import read


def test_a_blank_answer_must_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def lenient(exercise, W=None, b=None, *, answer=None):  # type: ignore[no-untyped-def]  # a stand-in
        right = exercise.key().solutions[0].typed
        blank = not (W or b or answer)
        return module_grade(exercise, *([right["W"], right["b"]] if blank else [W, b]))

    module_grade = module.grade
    monkeypatch.setattr(module, "grade", lenient)
    exercise = load("keep-two-drop-one")
    assert list(module._check_refusals(exercise)) == [
        ("check", "blank_passes", "a blank answer passes")
    ]


@pytest.mark.parametrize(
    ("copies", "code"), [("turned_copies", "turned_fails"), ("permuted", "reordered")]
)
def test_copies_of_a_solution_must_pass(
    monkeypatch: pytest.MonkeyPatch, copies: str, code: str
) -> None:
    """A copy that is no copy stands for a check that does not know what leaves a model the same."""
    wrong = load("importance").key().wrong[0].typed
    model = module.ToyModel(wrong["W"], wrong["b"])
    stand_ins: dict[str, Callable[..., object]] = {
        "turned_copies": lambda _: iter([model]),
        "permuted": lambda *_: model,
    }
    monkeypatch.setattr(module, copies, stand_ins[copies])
    faults = [fault for fault in module._check_solutions(load("importance")) if code in fault[1]]
    assert [key for key, _, _ in faults] == ["solutions[1]"]


def test_the_copies_that_are_tried() -> None:
    for slug, turned, reordered in (
        ("importance", 2, 1),
        ("keep-two-drop-one", 2, 1),
        ("one-feature-at-a-time", 2, 2),
        ("the-same-model-turned", 0, 0),
        ("perfect-reconstruction", 2, 0),
    ):
        exercise = load(slug)
        model = read(exercise.answer, exercise.key().solutions[0].typed).model
        assert model is not None
        assert len(list(module._turned(exercise, model))) == turned
        assert len(list(module._reordered(exercise, model))) == reordered
