"""Answers that are one step from a listed solution: features swapped, b off, lengths off."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from exercises.answers import read
from exercises.check_kinds import HasGeometry, LossAtMost, ReconstructsSet
from exercises.checking import Feedback
from exercises.specification import Exercise
from exercises.wording import features, letters
from handcalc.derivation import Claim, Number
from handcalc.errors import InputError
from handcalc.number import equal, exact, sign
from handcalc.superposition.geometry import geometry
from handcalc.superposition.symmetry import Sameness, same_model
from handcalc.superposition.toy_model import ToyModel

__all__ = ["known_solution", "near_miss", "solutions"]

_CHECKS = (HasGeometry, LossAtMost, ReconstructsSet)


def near_miss(exercise: Exercise, model: ToyModel) -> Feedback | None:
    """What a wrong model has in common with a listed solution; None where that is not much.

    Nothing is said of checks that look at one input, or at one model: these know better.

    >>> from exercises.loading import load
    >>> from handcalc.views.plain import ASCII
    >>> exercise = load("keep-two-drop-one")
    >>> ASCII.claim(near_miss(exercise, ToyModel("1 0; 0 0; 0 -1")).happened)
    'This would be right with features 2 and 3 swapped.'
    >>> ASCII.claim(near_miss(exercise, ToyModel("1/2 0; 0 1/2; 0 0")).happened)
    'The directions are right, and every arrow is too short, by a factor of 2.'
    """
    if not isinstance(exercise.check, _CHECKS):
        return None
    listed = solutions(exercise)
    try:
        for look in (_swapped, _bias_off, _lengths_off):
            for solution in listed:
                found = look(solution, model, exercise)
                if found is not None:
                    return found
    except InputError:  # past the budget of a field: then there is nothing to compare
        return None
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
            found.append((_moved(same) != [], same.motion != "none", i, same))
    return min(found, key=lambda each: each[:3])[2:] if found else None


def _moved(same: Sameness) -> list[int]:
    return [i for i, j in enumerate(same.permutation, 1) if i != j]


def _swapped(solution: ToyModel, model: ToyModel, exercise: Exercise) -> Feedback | None:
    """The solution with its features in another order."""
    if _only_arrows(exercise):
        solution, model = ToyModel(solution.W), ToyModel(model.W)
    moved = _moved(same_model(solution, model))
    if not moved:
        return None
    where = features(moved).lower()
    happened = f"This would be right with {where} {'swapped' if len(moved) == 2 else 'reordered'}."
    ask = "Row i of W and entry i of b belong to feature i: which of them changed places?"
    return Feedback(Claim(happened), Claim(ask), "swapped")


def _bias_off(solution: ToyModel, model: ToyModel, exercise: Exercise) -> Feedback | None:
    """The arrows of the solution, turned or not, with another bias."""
    if _only_arrows(exercise) or not _turned(solution, model):
        return None
    off = [
        i for i, (p, q) in enumerate(zip(solution.b, model.b, strict=True), 1) if not equal(p, q)
    ]
    names = letters("b", off)
    are, each = ("is", "it") if len(off) == 1 else ("are", "each of them")
    happened = f"The arrows are right, and {names.sentence} {are} not."
    ask = f"What does {each} change when nothing is on, and is that for the better?"
    return Feedback(Claim(happened, names.values), Claim(ask), "bias-off")


def _turned(first: ToyModel, second: ToyModel) -> bool:
    """Whether W is the same up to rotation and reflection, each feature with its own row."""
    same = same_model(ToyModel(first.W), ToyModel(second.W))
    return bool(same) and not _moved(same)


def _lengths_off(solution: ToyModel, model: ToyModel, exercise: Exercise) -> Feedback | None:
    """The directions of the solution, and all arrows too long or too short by one factor."""
    factor = _factor(geometry(solution).norms, geometry(model).norms)
    if factor is None or factor == 1:
        return None
    longer = ToyModel([[factor * w for w in row] for row in solution.W])
    if not _turned(longer, model):
        return None
    size, amount = ("long", factor) if sign(factor - 1) > 0 else ("short", exact(1 / factor))
    happened = f"The directions are right, and every arrow is too {size}"
    rest = "" if solution.b == model.b else " b is not right either."
    if isinstance(exercise.check, LossAtMost):  # which has no one right length
        ask = "If every arrow gets a little longer, does the loss rise or fall? And with b?"
        if rest:
            happened, rest = "The directions are right; the lengths are not, or b is not", ""
        return Feedback(Claim(f"{happened}.{rest}"), Claim(ask), "lengths-off")
    ask = "A feature meets its arrow twice, going to h and coming back: how much comes back?"
    said = f"{happened}, by a factor of {{}}.{'' if _only_arrows(exercise) else rest}"
    return Feedback(Claim(said, (Number(amount),)), Claim(ask), "lengths-off")


def _only_arrows(exercise: Exercise) -> bool:
    """Whether b has no part in the check."""
    return isinstance(exercise.check, HasGeometry)


def _factor(before: Sequence[sympy.Expr], after: Sequence[sympy.Expr]) -> sympy.Expr | None:
    """The number by which all lengths are multiplied, if there is one above 0."""
    pairs = [(p, q) for p, q in zip(before, after, strict=True) if p != 0 or q != 0]
    if not pairs or any(p == 0 or q == 0 for p, q in pairs):
        return None
    factor = exact(pairs[0][1] / pairs[0][0])
    return factor if all(equal(factor * p, q) for p, q in pairs) else None
