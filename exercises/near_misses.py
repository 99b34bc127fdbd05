"""Answers that are one step from a listed solution: features swapped, b off, lengths off."""

from __future__ import annotations

from itertools import chain

from exercises.answers import read
from exercises.check_kinds import HasGeometry, LossAtMost, ReconstructsSet
from exercises.checking import Decision, Feedback, decide
from exercises.near_bias import bias_off
from exercises.near_lengths import lengths_off
from exercises.specification import Exercise
from exercises.symmetries import moved
from exercises.wording import features
from handcalc.derivation import Claim
from handcalc.errors import InputError
from handcalc.superposition.symmetry import Sameness, same_model
from handcalc.superposition.toy_model import ToyModel

__all__ = ["known_solution", "near_miss", "solutions"]

_CHECKS = (HasGeometry, LossAtMost, ReconstructsSet)


def near_miss(exercise: Exercise, model: ToyModel, found: Decision) -> Feedback | None:
    """What a model that fails has in common with a listed solution; None where that is not much.

    Nothing is said of checks that look at one input, or at one model: these know better. Nor is a
    model compared with a listed solution that fails itself.

    >>> from exercises.loading import load
    >>> from handcalc.views.plain import ASCII
    >>> exercise = load("keep-two-drop-one")
    >>> def said(W):
    ...     model = ToyModel(W)
    ...     return ASCII.claim(near_miss(exercise, model, decide(exercise.check, model)).happened)
    >>> said("1 0; 0 0; 0 -1")
    'This would be right with features 2 and 3 swapped.'
    >>> said("1/2 0; 0 1/2; 0 0")
    'The directions are right, and every arrow is too short, by a factor of 2.'
    """
    check = exercise.check
    if not isinstance(check, _CHECKS):
        return None
    try:
        listed = [each for each in solutions(exercise) if decide(check, each).score == 1]
        said = chain(
            (_swapped(check, solution, model) for solution in listed),
            (bias_off(check, solution, model, found) for solution in listed),
            (lengths_off(check, solution, model) for solution in listed),
        )
        return next((each for each in said if each is not None), None)
    except InputError:  # past the budget of a field: then there is nothing to compare
        return None


def solutions(exercise: Exercise) -> tuple[ToyModel, ...]:
    """The listed solutions that are models."""
    found = (read(exercise.answer, solution.typed).model for solution in exercise.solutions)
    return tuple(model for model in found if model is not None)


def known_solution(exercise: Exercise, model: ToyModel) -> tuple[int, Sameness] | None:
    """The listed solution, from 0, that is the same model, and how; the nearest if several are.

    >>> from exercises.loading import load
    >>> known_solution(load("one-feature-at-a-time"), ToyModel("0 1; 1 0; 0 -1"))[1].sentence
    'The same model: features 1 and 2 swapped.'
    """
    found = []
    for i, solution in enumerate(solutions(exercise)):
        try:
            same = same_model(solution, model)
        except InputError:  # past the budget of a field: then it is another model
            continue
        if same:
            found.append((moved(same) != [], same.motion != "none", i, same))
    return min(found, key=lambda each: each[:3])[2:] if found else None


def _swapped(
    check: HasGeometry | LossAtMost | ReconstructsSet, solution: ToyModel, model: ToyModel
) -> Feedback | None:
    """The solution with its features in another order."""
    if isinstance(check, HasGeometry):  # in which b has no part
        solution, model = ToyModel(solution.W), ToyModel(model.W)
    places = moved(same_model(solution, model))
    if not places:
        return None
    where = features(places).lower()
    happened = f"This would be right with {where} {'swapped' if len(places) == 2 else 'reordered'}."
    ask = "Row i of W and entry i of b belong to feature i: which of them changed places?"
    return Feedback(Claim(happened), Claim(ask), "swapped")
