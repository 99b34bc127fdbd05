"""Answers that are one step from a listed solution: features swapped, b off, lengths off."""

from __future__ import annotations

from itertools import chain, combinations

from exercises.answers import read
from exercises.checking import Decision, Feedback, decide
from exercises.checks import HasGeometry, LossAtMost, ReconstructsSet
from exercises.exercise import Exercise
from exercises.feedback.lengths_and_biases import other_bias, other_lengths
from exercises.feedback.symmetries import alike_copies, moved_features, permuted
from exercises.sentences import features
from handcalc.derivation import Claim
from handcalc.errors import InputError
from handcalc.superposition.model.same_model import Sameness, same_model
from handcalc.superposition.model.toy_model import ToyModel

_CHECKS = (HasGeometry, LossAtMost, ReconstructsSet)


def near_miss(exercise: Exercise, model: ToyModel, found: Decision) -> Feedback | None:
    """What a model that fails has in common with a listed solution; None where that is not much.

    Nothing is said of checks that look at one input, or at one model: these know better. Nor is a
    model compared with a listed solution that fails itself.

    >>> from exercises.course import load
    >>> from handcalc.views.notation import ASCII
    >>> exercise = load("keep-two-drop-one")
    >>> def said(W):
    ...     model = ToyModel(W)
    ...     found = decide(exercise.key().check, model)
    ...     return ASCII.claim(near_miss(exercise, model, found).happened)
    >>> said("1 0; 0 0; 0 -1")
    'This would be right with features 2 and 3 swapped.'
    >>> said("1/2 0; 0 1/2; 0 0")
    'The directions are right, and every arrow is too short, by a factor of 2.'
    """
    check = exercise.key().check
    if not isinstance(check, _CHECKS):
        return None
    try:
        listed = [each for each in solutions(exercise) if decide(check, each).score == 1]
        alike = [copy for each in listed for copy in alike_copies(check, each, model)]
        said = chain(
            (_swapped(check, solution, model) for solution in listed),
            (
                other_bias(check, copy, model, found)
                for copy in alike
                if not isinstance(check, HasGeometry)
            ),
            (other_lengths(check, copy, model, found) for copy in alike),
        )
        return next((each for each in said if each is not None), None)
    except InputError:  # past the budget of a field: then there is nothing to compare
        return None


def solutions(exercise: Exercise) -> tuple[ToyModel, ...]:
    """The listed solutions that are models."""
    found = (read(exercise.answer, solution.typed).model for solution in exercise.key().solutions)
    return tuple(model for model in found if model is not None)


def known_solution(exercise: Exercise, model: ToyModel) -> tuple[int, Sameness] | None:
    """The listed solution, from 0, that is the same model, and how; the nearest if several are.

    >>> from exercises.course import load
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
            found.append((moved_features(same) != [], same.motion != "none", i, same))
    return min(found, key=lambda each: each[:3])[2:] if found else None


def _swapped(
    check: HasGeometry | LossAtMost | ReconstructsSet, solution: ToyModel, model: ToyModel
) -> Feedback | None:
    """The solution with its features in another order: two swapped, where that is enough."""
    belong = "Row i of W and entry i of b belong"
    if isinstance(check, HasGeometry):  # in which b has no part
        solution, model, belong = ToyModel(solution.W), ToyModel(model.W), "Row i of W belongs"
    places = moved_features(same_model(solution, model))
    if not places:
        return None
    if len(places) > 2:
        pairs = combinations(range(model.n), 2)
        enough = (pair for pair in pairs if decide(check, _with_swapped(model, *pair)).score == 1)
        places = next(([i + 1, j + 1] for i, j in enough), places)
    where = features(places).lower()
    happened = f"This would be right with {where} {'swapped' if len(places) == 2 else 'reordered'}."
    ask = f"{belong} to feature i: which of them changed places?"
    return Feedback(Claim(happened), Claim(ask), "swapped")


def _with_swapped(model: ToyModel, i: int, j: int) -> ToyModel:
    order = list(range(model.n))
    order[i], order[j] = j, i
    return permuted(model, tuple(order))
