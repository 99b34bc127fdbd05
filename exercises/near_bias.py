"""The arrows of a listed solution with another b: which entries are off, and what to ask then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from exercises.check_kinds import HasGeometry, LossAtMost, ReconstructsSet
from exercises.checking import Decision, Feedback, decide
from exercises.symmetries import only_turned
from exercises.wording import letters, vector
from handcalc.derivation import Claim, Name
from handcalc.number import equal, sign
from handcalc.superposition.expected_loss import expected_loss
from handcalc.superposition.forward_pass import Forward
from handcalc.superposition.geometry import geometry
from handcalc.superposition.toy_model import ToyModel

__all__ = ["bias_off"]


def bias_off(
    check: HasGeometry | LossAtMost | ReconstructsSet,
    solution: ToyModel,
    model: ToyModel,
    found: Decision,
) -> Feedback | None:
    """What is said where b alone is not that of a solution that passes; else None.

    An entry is off by itself if the solution fails with it. Where none of them is, all that differ
    are too much together.
    """
    if isinstance(check, HasGeometry) or not only_turned(solution, model):
        return None
    pairs = zip(solution.b, model.b, strict=True)
    differing = [i for i, (p, q) in enumerate(pairs, 1) if not equal(p, q)]
    if not differing:
        return None
    alone = _alone(check, solution, model, differing)
    off, together = (alone, "") if alone else (differing, " together")
    names = letters("b", off)
    are = "is" if len(off) == 1 else "are"
    happened = f"The arrows are right, and {names.sentence}{together} {are} not."
    if isinstance(check, LossAtMost):
        ask = _which_way(check, model, off[0])
    elif found.work is None:
        return None
    else:
        ask = _at(found.work, off)
    return Feedback(Claim(happened, names.values), ask, "bias-off")


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


def _which_way(check: LossAtMost, model: ToyModel, i: int) -> Claim:
    """A question whose answer is the sign of ∂L/∂bᵢ = 2Iᵢ E[(x̂ᵢ − xᵢ)·1(zᵢ > 0)]."""
    b = (Name("b", (i,)),)
    if model.activation == "linear":
        return Claim(f"Is output {i} too low on average, or too high? Which way must {{}} move?", b)
    if _is_silent(check, model, i):
        ask = f"Output {i} is 0 for every input: which way must {{}} move before it says anything?"
        return Claim(ask, b)
    ask = f"Where output {i} is above 0, is it too low on average, or too high? "
    return Claim(f"{ask}Which way must {{}} move, then?", b)


def _is_silent(check: LossAtMost, model: ToyModel, i: int) -> bool:
    """Whether zᵢ ≤ 0 for every input that can come: bᵢ and what is positive of Gᵢⱼ, added up.

    >>> from handcalc.superposition.distribution import SparseUniform
    >>> check = LossAtMost(SparseUniform("1/2"), (1, 1), 0)
    >>> [_is_silent(check, ToyModel("1; -1", b=[b, 0]), 1) for b in ("-1", "-1/2")]
    [True, False]
    """
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
