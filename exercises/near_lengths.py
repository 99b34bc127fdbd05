"""The directions of a listed solution with other lengths: which arrows are off, and by how much."""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from exercises.check_kinds import HasGeometry, LossAtMost, ReconstructsSet
from exercises.checking import Feedback, decide
from exercises.symmetries import only_turned
from exercises.wording import joined
from handcalc.derivation import Claim, Number
from handcalc.number import equal, exact, sign
from handcalc.superposition.geometry import geometry
from handcalc.superposition.toy_model import ToyModel, Vector

__all__ = ["lengths_off"]


def lengths_off(
    check: HasGeometry | LossAtMost | ReconstructsSet, solution: ToyModel, model: ToyModel
) -> Feedback | None:
    """What is said where every arrow has the direction that it has in a solution that passes.

    An arrow is off by itself if the solution fails with its length. Where none of them is, all that
    differ are too much together.
    """
    factors = _factors(geometry(solution).norms, geometry(model).norms)
    if factors is None or not only_turned(_scaled(solution, factors, solution.b), model):
        return None
    differing = [i for i, factor in enumerate(factors, 1) if factor != 1]
    if not differing:
        return None
    alone = [i for i in differing if not _passes(check, _scaled(solution, factors, solution.b, i))]
    off = alone or differing
    arrows = sum(norm != 0 for norm in geometry(solution).norms)
    names = "every arrow" if len(off) == arrows > 1 else f"arrow{_s(off)} {joined(off)}"
    b_is_right = isinstance(check, HasGeometry) or _passes(
        check, ToyModel(solution.W, model.b, model.activation)
    )
    if isinstance(check, LossAtMost):
        return _of_loss(names, [factors[i - 1] for i in off], b_is_right)
    happened = _happened(names, [factors[i - 1] for i in off], by_how_much=True)
    rest = "" if b_is_right else " b is not right either."
    ask = "A feature meets its arrow twice, going to h and coming back: how much comes back?"
    return Feedback(Claim(f"{happened.sentence}{rest}", happened.values), Claim(ask), "lengths-off")


def _of_loss(names: str, factors: Sequence[sympy.Expr], b_is_right: bool) -> Feedback:
    """What is said where a loss is asked for, which has no one right length."""
    longer = f"{names} get{'' if names.startswith('arrows') else 's'} a little longer"
    ask = f"If {longer}, does the loss rise or fall?"
    happened = _happened(names, factors, by_how_much=False)
    if not b_is_right:
        happened = Claim("The directions are right; the lengths are not, or b is not.")
        ask += " And does it rise or fall if b gets a little larger?"
    return Feedback(happened, Claim(ask), "lengths-off")


def _happened(names: str, factors: Sequence[sympy.Expr], *, by_how_much: bool) -> Claim:
    """Too long or too short, and by one factor where it is one; ``names`` says which arrows."""
    longer = {sign(factor - 1) > 0 for factor in factors}
    if len(longer) > 1:
        of = "the arrows" if names == "every arrow" else names
        return Claim(f"The directions are right, and the lengths of {of} are not.")
    size, are = "long" if longer == {True} else "short", "is"
    if names.startswith("arrows"):
        are = "are"
    happened = f"The directions are right, and {names} {are} too {size}"
    if not by_how_much or not all(equal(factors[0], factor) for factor in factors):
        return Claim(f"{happened}.")
    amount = factors[0] if size == "long" else exact(1 / factors[0])
    return Claim(f"{happened}, by a factor of {{}}.", (Number(amount),))


def _factors(before: Vector, after: Vector) -> Vector | None:
    """The number by which each length is multiplied; None where an arrow comes or goes."""
    pairs = list(zip(before, after, strict=True))
    if any((p == 0) != (q == 0) for p, q in pairs):
        return None
    return tuple(sympy.Integer(1) if p == 0 else exact(q / p) for p, q in pairs)


def _scaled(solution: ToyModel, factors: Vector, b: Vector, only: int | None = None) -> ToyModel:
    """The solution with its arrows, or one of them (from 1), made longer by their factors."""
    rows = [
        [factor * w for w in row] if only in (None, i) else row
        for i, (row, factor) in enumerate(zip(solution.W, factors, strict=True), 1)
    ]
    return ToyModel(rows, b, solution.activation)


def _passes(check: HasGeometry | LossAtMost | ReconstructsSet, model: ToyModel) -> bool:
    return decide(check, model).score == 1


def _s(numbers: Sequence[int]) -> str:
    return "s" if len(numbers) > 1 else ""
