"""What there is to say about a right answer: which route it takes, and where else it is right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from exercises.answers import Value
from exercises.check_kinds import HasGeometry, ReconstructsInput
from exercises.near_misses import known_solution
from exercises.scope import elsewhere
from exercises.specification import Exercise
from exercises.wording import letters, plain, vector
from handcalc.derivation import Claim, Number
from handcalc.inputs.arguments import Vector
from handcalc.numbers.exact import sign
from handcalc.superposition.model.toy_model import ToyModel

__all__ = ["remarks"]


def remarks(exercise: Exercise, value: Value) -> tuple[Claim, ...]:
    """Remarks on an answer that passes: on a model, its route and where else it is right.

    >>> from exercises.loading import load
    >>> said = remarks(load(1), ToyModel("0 1; -1 0; 0 0", b="0 0 1/4"))
    >>> said[0].sentence
    'This is a listed solution, “The third feature through the bias”: rotated by 90°.'
    """
    if not isinstance(value, ToyModel):
        return ()
    listed = tuple(_listed_solution(exercise, value))
    check = exercise.key().check
    if isinstance(check, HasGeometry):
        return (*listed, *_bias_apart(value))
    if not isinstance(check, ReconstructsInput):
        return listed
    x = check.x
    return (*listed, *_routes(value, x), *elsewhere(value, x))


def _listed_solution(exercise: Exercise, model: ToyModel) -> Iterator[Claim]:
    """The solution in the file that the model is, up to rotation, reflection and order."""
    found = known_solution(exercise, model)
    if found is not None:
        title = exercise.key().solutions[found[0]].title
        how = found[1].sentence.removeprefix("The same model")
        yield plain(f"This is a listed solution, “{title}”{how}")


def _bias_apart(model: ToyModel) -> Iterator[Claim]:
    """A b that a check of the arrows alone did not look at."""
    if any(map(sign, model.b)):
        b = vector(model.b)
        yield Claim(
            f"Only the arrows were looked at: b = {b.sentence} had no part in it.", b.values
        )


def _routes(model: ToyModel, x: Vector) -> Iterator[Claim]:
    dropped = [i for i, row in enumerate(model.W, 1) if not any(map(sign, row))]
    if len(dropped) == model.n:
        said = vector(x)
        yield Claim(
            f"W is all zeros, so this model says {said.sentence} whatever the input is: the bias "
            "has learned one input by heart. It passes, and it is overfitting at its most extreme.",
            said.values,
        )
        return
    for i in dropped:
        yield Claim(
            f"Feature {i} has no arrow: its output comes from the bias alone, and is {{}} for "
            "every input.",
            (Number(x[i - 1]),),
        )
    for i, j in _antipodal_pairs(model, x):
        both = letters("b", (i, j))
        yield Claim(
            f"Features {i} and {j} are an antipodal pair: h holds only their difference, and "
            f"{both.sentence} give back what each took from the other, for this input.",
            both.values,
        )


def _antipodal_pairs(model: ToyModel, x: Vector) -> Iterator[tuple[int, int]]:
    """Features i < j (from 1) with Wᵢ = −Wⱼ of length 1, bᵢ = xⱼ and bⱼ = xᵢ."""
    _, numbers = model.elements(*x)
    features = list(zip(numbers.W, numbers.b, numbers.others, strict=True))
    for (i, (u, b, y)), (j, (v, c, z)) in combinations(enumerate(features, 1), 2):
        opposite = all(p == -q for p, q in zip(u, v, strict=True))
        if opposite and sum(p * p for p in u) == 1 and (b, c) == (z, y):
            yield i, j
