"""The arrows of a listed solution with another b: which entries are off, and what to ask then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from exercises.check_kinds import LossAtMost, ReconstructsSet
from exercises.checking import Decision, Feedback, decide
from exercises.symmetries import only_turned
from exercises.wording import letters, vector
from handcalc.derivation import Claim, Name
from handcalc.numbers.exact import equal, sign, to_float
from handcalc.superposition.loss.expected_loss import expected_loss
from handcalc.superposition.loss.gradient import loss_gradient
from handcalc.superposition.model.forward_pass import Forward
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.toy_model import ToyModel

__all__ = ["is_silent", "other_bias", "which_way"]


def other_bias(
    check: LossAtMost | ReconstructsSet, solution: ToyModel, model: ToyModel, found: Decision
) -> Feedback | None:
    """What is said where b alone is not that of a solution that passes; else None.

    An entry is off by itself if the solution fails with it. Where none of them is, all that differ
    are too much together.
    """
    if not only_turned(solution, model):
        return None
    differing = _differing(solution, model)
    alone = _alone(check, solution, model, differing)
    off, together = (alone, "") if alone else (differing, " together")
    if isinstance(check, LossAtMost):
        ask = which_way(check, solution, model, off)
    else:
        ask = _at(cast("Forward", found.work), off)
    if ask is None:
        return None
    names = letters("b", off)
    are = "is" if len(off) == 1 else "are"
    happened = f"The arrows are right, and {names.sentence}{together} {are} not."
    return Feedback(Claim(happened, names.values), ask, "bias-off")


def _differing(solution: ToyModel, model: ToyModel) -> list[int]:
    pairs = zip(solution.b, model.b, strict=True)
    return [i for i, (p, q) in enumerate(pairs, 1) if not equal(p, q)]


def _alone(
    check: LossAtMost | ReconstructsSet, solution: ToyModel, model: ToyModel, entries: Sequence[int]
) -> list[int]:
    """Those entries (from 1) of the model's b with any one of which the solution fails.

    bᵢ touches output i alone: it decides whether feature i comes back, and what that loses.
    """
    if isinstance(check, ReconstructsSet):
        asked = [i for i in entries if i in check.features]
        return [i for i in asked if decide(replace(check, features=(i,)), model).score != 1]
    lost, least = (
        expected_loss(each, check.distribution, check.importance) for each in (model, solution)
    )
    spare = check.bound - least.value
    rises = {i: lost.per_feature[i - 1] - least.per_feature[i - 1] for i in entries}
    return [i for i in entries if sign(rises[i] - spare) > 0]


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


def _at(work: Forward, off: list[int]) -> Claim:
    """What to ask of the simplest input that fails: there only entries that are off can miss."""
    here = [i for i in off if sign(work.difference[i - 1])]
    if not any(map(sign, work.x)):
        names = letters("b", here)
        each = names.sentence if len(here) == 1 else "each of them"
        ask = f"What does {each} change when nothing is on, and is that for the better?"
        return Claim(ask, names.values if len(here) == 1 else ())
    i, x = here[0], vector(work.x)
    ask = f"Work x = {x.sentence} through: what does {{}} do to output {i}?"
    return Claim(ask, (*x.values, Name("b", (i,))))
