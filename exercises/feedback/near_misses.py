"""Answers that are one step from a listed solution: features swapped, b off, lengths off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from math import log
from typing import cast

import sympy

from exercises.answers import read_listed
from exercises.checking import Decision, Feedback, decide
from exercises.checking.outcome import features, letters, vector
from exercises.checks import Check, HasGeometry, LossAtMost, ReconstructsSet
from exercises.exercise import Exercise
from exercises.feedback.slopes import HOW_FAR, downhill
from exercises.feedback.symmetries import alike_copies, moved_features, only_turned
from handcalc.derivation import Claim, Name, Number
from handcalc.errors import InputError
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, exact, sign, to_float
from handcalc.superposition.loss.expected_loss import expected_loss, loss_value
from handcalc.superposition.loss.gradient import loss_gradient
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.same_model import Sameness, permuted, same_model
from handcalc.superposition.model.toy_model import ToyModel
from handcalc.wording import joined

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
    >>> said("1 0; 0 0; 0 1")
    'This would be right with features 2 and 3 swapped.'
    >>> said("1/2 0; 0 1/2; 0 0")
    'The directions are right, but every arrow is too short, by a factor of 2.'
    """
    check = exercise.key().check
    if not isinstance(check, _CHECKS):
        return None
    try:
        listed = [each for each in solutions(exercise) if passes(check, each)]
        alike = [copy for each in listed for copy in alike_copies(check, each, model)]
        said = chain(
            (_other_order(check, solution, model) for solution in listed),
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
    found = (read_listed(exercise.answer, solution) for solution in exercise.key().solutions)
    return tuple(value for value in found if isinstance(value, ToyModel))


def known_solution(exercise: Exercise, model: ToyModel) -> tuple[int, Sameness] | None:
    """The listed solution, from 0, that is the same model, and how; the nearest if several are.

    >>> from exercises.course import load
    >>> known_solution(load("feature-one-perfect"), ToyModel("0 1; 1 0; 0 -1"))[1].sentence
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


def _other_order(
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
        for i, j in combinations(range(model.n), 2):
            order = list(range(model.n))
            order[i], order[j] = j, i
            if passes(check, permuted(model, tuple(order))):
                places = [i + 1, j + 1]
                break
    where = features(places).lower()
    happened = f"This would be right with {where} {'swapped' if len(places) == 2 else 'reordered'}."
    ask = f"{belong} to feature i: which of them changed places?"
    return Feedback(Claim(happened), Claim(ask), "swapped")


# --------------------------------------------------------------------------------------------------
# The arrows of a listed solution with another b: which entries are off, and what to ask then.


def other_bias(
    check: LossAtMost | ReconstructsSet, solution: ToyModel, model: ToyModel, found: Decision
) -> Feedback | None:
    """What is said where b alone is not that of a solution that passes; else None.

    An entry is off by itself if the solution fails with it. Where none of them is, all that differ
    are too much together.
    """
    if not only_turned(solution, model):
        return None
    pairs = zip(solution.b, model.b, strict=True)
    differing = [i for i, (p, q) in enumerate(pairs, 1) if not equal(p, q)]
    alone = _find_culprits(check, solution, model, differing)
    off, together = (alone, "") if alone else (differing, " together")
    if isinstance(check, LossAtMost):
        ask = which_way(check, solution, model, off)
    else:
        ask = _ask_of_simplest(cast("Forward", found.work), off)
    if ask is None:
        return None
    names = letters("b", off)
    are = "is" if len(off) == 1 else "are"
    happened = f"The arrows are right, but {names.sentence}{together} {are} not."
    return Feedback(Claim(happened, names.values), ask, "bias-off")


def _find_culprits(
    check: LossAtMost | ReconstructsSet, solution: ToyModel, model: ToyModel, entries: Sequence[int]
) -> list[int]:
    """Those entries (from 1) of the model's b with any one of which the solution fails.

    bᵢ touches output i alone: it decides whether feature i comes back, and what that loses.
    """
    if isinstance(check, ReconstructsSet):
        asked = [i for i in entries if i in check.features]
        return [i for i in asked if decide(check.only(i), model).score != 1]
    # one entry spoils the solution by itself if it raises the loss by more than the bound leaves
    lost, least = (
        expected_loss(each, check.distribution, check.importance) for each in (model, solution)
    )
    rises = {i: lost.per_feature[i - 1] - least.per_feature[i - 1] for i in entries}
    spare = {
        i: check.bound - (least.per_feature[i - 1] if check.each else least.value) for i in entries
    }
    return [i for i in entries if sign(rises[i] - spare[i]) > 0]


def which_way(
    check: LossAtMost, solution: ToyModel, model: ToyModel, entries: Sequence[int] | None = None
) -> Claim | None:
    """What to ask of b, so that the answer leads to the solution; None where nothing does.

    The answer is the sign of ∂L/∂bᵢ = 2Iᵢ E[(x̂ᵢ − xᵢ)·1(zᵢ > 0)], and i the entry that is furthest
    off, of those (from 1) where that sign leads there.
    """
    gaps = {i: model.b[i - 1] - solution.b[i - 1] for i in entries or range(1, model.n + 1)}
    slopes = loss_gradient(model, check.distribution, check.importance).b
    for i in sorted(gaps, key=lambda i: -abs(to_float(gaps[i]))):
        b, silent = (Name("b", (i,)),), is_silent(check, model, i)
        if sign(gaps[i]) != (-1 if silent else sign(slopes[i - 1].right)):
            continue
        if silent:
            ask = f"Output {i} is 0 for every input: which way must {{}} move before it says "
            return Claim(f"{ask}anything?", b)
        if model.activation == "linear":
            ask = f"Is output {i} too low on average, or too high? Which way must {{}} move?"
            return Claim(ask, b)
        ask = f"Where output {i} is above 0, is it too low on average, or too high? "
        return Claim(f"{ask}Which way must {{}} move, then?", b)
    return None


def is_silent(check: LossAtMost, model: ToyModel, i: int) -> bool:
    """Whether x̂ᵢ is 0 for every input that can come: bᵢ + Σⱼ max(0, Gᵢⱼ) ≤ 0 where ReLU clips.

    >>> from handcalc.superposition.loss.distribution import SparseUniform
    >>> check = LossAtMost(SparseUniform("1/2"), (1, 1), 0)
    >>> [is_silent(check, ToyModel("1; -1", b=[b, 0]), 1) for b in ("-1", "-1/2")]
    [True, False]
    """
    if model.activation == "linear":
        return False
    row = geometry(model).gram[i - 1]
    for pattern in check.distribution.patterns(model.n):
        most = sum((row[j - 1] for j in pattern.active if sign(row[j - 1]) > 0), model.b[i - 1])
        if pattern.probability != 0 and sign(most) > 0:
            return False
    return True


def _ask_of_simplest(work: Forward, off: list[int]) -> Claim:
    """What to ask of the simplest input that fails: there only entries that are off can miss."""
    here = [i for i in off if i in work.missed]
    if not any(map(sign, work.x)):
        names = letters("b", here)
        each = names.sentence if len(here) == 1 else "each of them"
        ask = f"What does {each} change when nothing is on, and is that for the better?"
        return Claim(ask, names.values if len(here) == 1 else ())
    i, x = here[0], vector(work.x)
    ask = f"Work x = {x.sentence} through: what does {{}} do to output {i}?"
    return Claim(ask, (*x.values, Name("b", (i,))))


def other_lengths(
    check: HasGeometry | LossAtMost | ReconstructsSet,
    solution: ToyModel,
    model: ToyModel,
    found: Decision,
) -> Feedback | None:
    """What is said where every arrow has the direction that it has in a solution that passes.

    An arrow is off by itself if the solution fails with its length. Where none of them is, all that
    differ are too much together; and where these together pass, it is b that is off.
    """
    norms = geometry(solution).norms
    pairs = list(zip(norms, geometry(model).norms, strict=True))
    if any((p == 0) != (q == 0) for p, q in pairs):  # an arrow comes or goes
        return None
    factors = tuple(sympy.Integer(1) if p == 0 else exact(q / p) for p, q in pairs)
    differing = [i for i, factor in enumerate(factors, 1) if factor != 1]
    if not differing:
        return None
    longer = _scale(solution, factors)
    if not only_turned(longer, model):
        return None
    if not isinstance(check, HasGeometry) and passes(check, longer):
        return other_bias(check, longer, model, found)
    alone = [i for i in differing if not passes(check, _scale(solution, factors, i))]
    is_all = len(alone or differing) == sum(norm != 0 for norm in norms)
    off = _Arrows({i: factors[i - 1] for i in alone or differing}, is_all)
    other_b = ToyModel(solution.W, model.b, model.activation)
    is_b_right = isinstance(check, HasGeometry) or passes(check, other_b)
    if isinstance(check, LossAtMost):  # a loss has no one right length; b comes first
        happened = off.happened(by_how_much=False)
        fall = None if is_b_right else downhill(check, model)
        if fall is not None:
            happened = Claim(f"The directions are right. {fall.sentence}", fall.values)
            return Feedback(happened, Claim(HOW_FAR), "lengths-off")
        way = _longer_or_shorter(check, model, off if off.way else off.worst())
        return None if way is None else Feedback(happened, way, "lengths-off")
    happened = off.happened(by_how_much=True)
    rest = "" if is_b_right else " b is not right either."
    ask = "A feature meets its arrow twice, going to h and coming back: how much comes back?"
    return Feedback(Claim(f"{happened.sentence}{rest}", happened.values), Claim(ask), "lengths-off")


@dataclass(frozen=True, slots=True)
class _Arrows:
    """Arrows (from 1) that are off, by their lengths as parts of the right ones.

    ``is_all`` says whether these are all arrows there are.
    """

    factors: Mapping[int, sympy.Expr]
    is_all: bool

    @property
    def is_many(self) -> bool:
        """Whether their name is a plural."""
        return len(self.factors) > 1 and not self.is_all

    @property
    def name(self) -> str:
        """The arrows as they are called: "every arrow", "arrow 1", "arrows 1 and 2"."""
        if self.is_all and len(self.factors) > 1:
            return "every arrow"
        return f"arrow{'s' if self.is_many else ''} {joined([*self.factors])}"

    @property
    def way(self) -> int:
        """1 where all are too long, −1 where all are too short, else 0."""
        ways = {sign(factor - 1) for factor in self.factors.values()}
        return ways.pop() if len(ways) == 1 else 0

    def worst(self) -> _Arrows:
        """The one that is off by the largest factor."""
        i = max(self.factors, key=lambda i: abs(log(to_float(self.factors[i]))))
        return _Arrows({i: self.factors[i]}, is_all=False)

    def happened(self, *, by_how_much: bool) -> Claim:
        """Too long or too short, and by one factor where it is one."""
        if not self.way:
            of = "the arrows" if self.is_all else self.name
            return Claim(f"The directions are right, but the lengths of {of} are not.")
        are, size = ("are" if self.is_many else "is"), ("long" if self.way > 0 else "short")
        said = f"The directions are right, but {self.name} {are} too {size}"
        first, *others = self.factors.values()
        if not by_how_much or not all(equal(first, other) for other in others):
            return Claim(f"{said}.")
        factor = Number(first if self.way > 0 else exact(1 / first))
        return Claim(f"{said}, by a factor of {{}}.", (factor,))


def _longer_or_shorter(check: LossAtMost, model: ToyModel, off: _Arrows) -> Claim | None:
    """What to ask, so that the answer, the sign of ∂L/∂‖Wᵢ‖, leads to the solution; or None."""
    silent = next((i for i in off.factors if is_silent(check, model, i)), None)
    if silent and off.way < 0:
        ask = f"Output {silent} is 0 for every input: how long must arrow {silent} be before it "
        return Claim(f"{ask}says anything?")
    # ‖Wᵢ‖·∂L/∂‖Wᵢ‖ = Σₖ Wᵢₖ·∂L/∂Wᵢₖ: how the loss changes as the arrow grows in its direction
    W = loss_gradient(model, check.distribution, check.importance).W
    slopes = (
        w * slope.right
        for i in off.factors
        for w, slope in zip(model.W[i - 1], W[i - 1], strict=True)
    )
    if sign(exact(sum(slopes, sympy.Integer(0)))) != off.way:
        return None
    longer = f"{off.name} get{'' if off.is_many else 's'} a little longer"
    return Claim(f"If {longer}, does the loss rise or fall?")


def _scale(solution: ToyModel, factors: Vector, only: int | None = None) -> ToyModel:
    """The solution with its arrows, or one of them (from 1), made longer by their factors."""
    rows = [
        [factor * w for w in row] if only in (None, i) else row
        for i, (row, factor) in enumerate(zip(solution.W, factors, strict=True), 1)
    ]
    return ToyModel(rows, solution.b, solution.activation)


def passes(check: Check, model: ToyModel) -> bool:
    """Whether a check finds nothing wrong with a model.

    >>> from exercises.course import load
    >>> pair = ToyModel("1 0; 0 1; 0 -1")
    >>> [passes(load(slug).key().check, pair) for slug in ("feature-one-perfect", "beat-dropping")]
    [True, False]
    """
    if isinstance(check, LossAtMost) and not check.each:  # its parts would take twice as long
        value = loss_value(model, check.distribution, check.importance)
        return sign(check.bound - value) >= 0
    return decide(check, model).score == 1
