"""The way down that a wrong model is told: whoever goes it a little loses less."""

from __future__ import annotations

import re

import pytest
import sympy

import exercises
from exercises import Exercise
from exercises.checks import LossAtMost
from exercises.feedback.near_misses import solutions
from exercises.feedback.slopes import HOW_FAR, downhill
from exercises.reporting.prose import said
from handcalc.numbers.exact import sign
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.views.notation import ASCII

LOSSES = [each for each in exercises.load_all() if isinstance(each.key().check, LossAtMost)]
LITTLE = sympy.Rational(1, 10**4)
DOWN = re.compile(r"From here the loss falls (with .*)\.$")


def named(text: str, features: int) -> list[int]:
    """The features that a piece of the sentence names, from 0; all where it names none."""
    found = [int(number) - 1 for number in re.findall(r"(?:b|arrows? |and |, )(\d)\b", text)]
    return found or [*range(features)]


def gone(model: ToyModel, sentence: str) -> ToyModel:
    """The model, a little changed in every way that the sentence tells."""
    found = DOWN.search(sentence)
    assert found is not None, sentence
    W, b = [[*row] for row in model.W], [*model.b]
    for piece in re.split(r"(?:, | and |^)with ", found[1])[1:]:
        up = 1 if re.search("longer|above|larger", piece) else -1
        for i in named(piece.split(" a little ")[0], model.n):
            if "arrow" in piece:
                W[i] = [(1 + up * LITTLE) * w for w in W[i]]
            else:
                b[i] += up * LITTLE
    return ToyModel(W, b, model.activation)


@pytest.mark.parametrize("exercise", LOSSES, ids=lambda exercise: exercise.id)
@pytest.mark.parametrize("size", ["1/2", "9/10", "11/10", "2"])
@pytest.mark.parametrize("step", ["-1/10", "0", "1/5"])
def test_whoever_goes_the_way_down_loses_less(exercise: Exercise, size: str, step: str) -> None:
    check = exercise.key().check
    assert isinstance(check, LossAtMost)
    solution = solutions(exercise)[0]
    W = [[sympy.Rational(size) * w for w in row] for row in solution.W]
    model = ToyModel(W, [b + sympy.Rational(step) for b in solution.b])
    way = downhill(check, model)
    if way is not None:
        losses = [
            expected_loss(each, check.distribution, check.importance).value
            for each in (gone(model, said(way, ASCII)), model)
        ]
        assert sign(losses[1] - losses[0]) > 0


def test_one_arrow_and_one_bias_are_named() -> None:
    check = exercises.load("importance").key().check
    assert isinstance(check, LossAtMost)
    model = ToyModel("1 0; 0 1; 0 -1/2")
    way = downhill(check, model)
    assert way is not None
    assert said(way, ASCII) == (
        "From here the loss falls with a longer arrow 2, with a shorter arrow 3 and with b2 and b3 "
        "a little above 0."
    )


def test_at_the_bottom_there_is_no_way_down() -> None:
    check = exercises.load("importance").key().check
    assert isinstance(check, LossAtMost)
    assert downhill(check, ToyModel("1 0; 0 1; 0 0", "0 0 1/4")) is None


@pytest.mark.parametrize(
    ("which", "W", "b", "way"),
    [
        (16, "1 0; -1/2 sqrt(3)/2; -1/2 -sqrt(3)/2", "1/5", "with a bias a little above 1/5."),
        (16, "0.8 0; -0.4 0.4*sqrt(3); -0.4 -0.4*sqrt(3)", "0.4", "a bias a little below 2/5."),
    ],
)
def test_triangles_are_told_apart(which: int, W: str, b: str, way: str) -> None:
    found = exercises.grade(which, W, b)
    assert said(found.feedback.happened, ASCII).startswith("The directions are right. From here")
    assert said(found.feedback.happened, ASCII).endswith(way)
    assert found.feedback.advice is not None
    assert found.feedback.advice.sentence == HOW_FAR


def test_who_drops_a_feature_is_asked_for_its_arrow_instead() -> None:
    found = exercises.grade("best-at-three-tenths", "1 0; 0 1; 0 0", "0")
    assert found.feedback.diagnosis == "dropped"
    assert "From here" not in said(found.feedback.happened, ASCII)
