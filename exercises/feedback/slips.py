"""Slips in the work that a number was asked for: what comes out if one term is left out or turned.

The work is that of the exercise's own calculation, the table ``[engine]`` of the kind output.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import sympy

from exercises.checking import Feedback
from exercises.checking.outcome import features, letters
from exercises.course import engine_table
from exercises.exercise import Exercise
from handcalc.derivation import Claim, Name, Number
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import equal, exact, sign
from handcalc.parsing import parse_vector
from handcalc.superposition.model.geometry import geometry
from handcalc.superposition.model.toy_model import ToyModel


def slip(exercise: Exercise, value: Vector) -> Feedback | None:
    """The one slip that gives these numbers; None where no such slip does.

    >>> from exercises.course import load
    >>> from handcalc.views.notation import ASCII
    >>> def said(which, text):
    ...     return ASCII.claim(slip(load(which), parse_vector(text)).happened)
    >>> said("interference-on-three", "1/2")
    '1/2 is what feature 1 brings to output 3: feature 2 is left out.'
    >>> said("predict-the-output", "3/8 3/4 0")
    'These numbers come out with h2 = 3/4, as if feature 3 pushed the other way there.'
    """
    table = engine_table(exercise, exercise.folder)
    if table is None or table.values.get("kind") != "output":
        return None
    engine = table.values
    model = ToyModel(engine["W"], engine.get("b"), engine.get("activation", "relu"))
    x = parse_vector(engine["x"], model.n)
    if "feature" not in engine:
        return _other_hidden(model, x, value)
    return _other_sources(model, x, value[0], engine)


# --------------------------------------------------------------------------------------------------
# One output: what some of the features bring to it, and others do not.


def _other_sources(
    model: ToyModel, x: Vector, value: sympy.Expr, engine: Mapping[str, Any]
) -> Feedback | None:
    """Which features bring this amount to the output, where it is not those that were asked for."""
    i = int(engine["feature"])
    asked = {int(name) for name in str(engine.get("sources", "")).split()} or {
        *range(1, model.n + 1)
    }
    row = geometry(model).gram[i - 1]
    parts = {j: exact(g * v) for j, (g, v) in enumerate(zip(row, x, strict=True), 1) if g * v != 0}
    sets = [{*some} for k in range(1, len(parts) + 1) for some in combinations(parts, k)]
    for some in sorted(sets, key=lambda some: len(some ^ asked)):  # the nearest to what is asked
        if some != asked and equal(sympy.Add(*(parts[j] for j in some)), value):
            return _those_alone(i, some, asked & parts.keys(), value)
    return None


def _those_alone(i: int, some: set[int], asked: set[int], value: sympy.Expr) -> Feedback:
    missing, extra = sorted(asked - some), sorted(some - asked)
    who = features(sorted(some)).lower()
    said = f"{{}} is what {who} bring{'s' if len(some) == 1 else ''} to output {i}"
    if missing:
        said += f": {features(missing).lower()} {'is' if len(missing) == 1 else 'are'} left out"
    if extra:
        said += f"{', and' if missing else ':'} {features(extra).lower()} "
        said += f"{'is' if len(extra) == 1 else 'are'} not asked for"
    happened = Claim(f"{said}.", (Number(value),))
    if missing:
        ask = f"What is row {i} of W times row {missing[0]}, and how much of {{}} arrives?"
        return Feedback(happened, Claim(ask, (Name("x", (missing[0],)),)), "feature-left-out")
    ask = f"What is left of it with feature {extra[0]} off?"
    return Feedback(happened, Claim(ask), "feature-too-many")


# --------------------------------------------------------------------------------------------------
# All outputs: what comes out with a slip in h.


def _other_hidden(model: ToyModel, x: Vector, value: Vector) -> Feedback | None:
    """Which h gives these outputs, and which slip gives that h."""
    for h, axis, how, feature in _hidden(model, x):
        z = [exact(sympy.Add(*(w * hk for w, hk in zip(row, h, strict=True)))) for row in model.W]
        z = [exact(zi + bi) for zi, bi in zip(z, model.b, strict=True)]
        clipped = [zi if sign(zi) > 0 else sympy.Integer(0) for zi in z]
        without = " and ReLU forgotten" if _are(value, z) and not _are(value, clipped) else ""
        if without or _are(value, clipped):
            name = letters("h", (axis,))
            said = f"These numbers come out with {name.sentence} = {{}}{without}, as if feature "
            happened = Claim(f"{said}{feature} {how} there.", (*name.values, Number(h[axis - 1])))
            ask = (
                f"Column {axis} of W times x has a term for each feature: what is that of feature "
            )
            return Feedback(happened, Claim(f"{ask}{feature}, with its sign?"), "slip-in-h")
    return None


def _hidden(model: ToyModel, x: Vector) -> Iterator[tuple[Vector, int, str, int]]:
    """h with one term turned or left out: the axis and the feature, from 1, and what was done."""
    terms = [[exact(row[k] * v) for row, v in zip(model.W, x, strict=True)] for k in range(model.m)]
    right = [exact(sympy.Add(*column)) for column in terms]
    for times, how in ((2, "pushed the other way"), (1, "did not push")):
        for k, column in enumerate(terms):
            for j, term in enumerate(column):
                if term != 0:
                    h = [*right[:k], exact(right[k] - times * term), *right[k + 1 :]]
                    yield tuple(h), k + 1, how, j + 1


def _are(value: Sequence[sympy.Expr], numbers: Sequence[sympy.Expr]) -> bool:
    return len(value) == len(numbers) and all(map(equal, value, numbers))
